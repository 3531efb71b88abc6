package manage

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"bellman/internal/contact"
)

type fieldView struct {
	ID        int64   `json:"id" example:"1"`
	Name      string  `json:"name" example:"Loyalty card"`
	Type      string  `json:"type" enum:"text,number,date,boolean"`
	Key       string  `json:"key" doc:"By what messages speak of it: contact.fields.KEY. It stays when the field is renamed." example:"loyalty_card"`
	CreatedAt instant `json:"createdAt"`
}

func viewField(f contact.Field) fieldView {
	return fieldView{ID: f.ID, Key: f.Key, Name: f.Name, Type: string(f.Type), CreatedAt: utc(f.CreatedAt)}
}

type fieldsView struct {
	Items []fieldView `json:"items" nullable:"false" doc:"All custom fields, oldest first."`
}

type createFieldInput struct {
	Body struct {
		ID   int64  `json:"id,omitempty" minimum:"1" maximum:"9007199254740991" doc:"The number that your systems know it by; without it, it gets one." example:"161733"`
		Key  string `json:"key,omitempty" doc:"By what messages speak of it, contact.fields.KEY: letters in lower case, digits and _, unique in the workspace. Without it, one is made of the name. It cannot be changed later." example:"loyalty_card"`
		Name string `json:"name" doc:"1 to 100 characters, unique in the workspace without regard to case." example:"Loyalty card"`
		Type string `json:"type" enum:"text,number,date,boolean" doc:"What its values are. Numbers and dates can be compared. It cannot be changed later."`
	}
}

type renameFieldInput struct {
	ByID
	Body struct {
		Name string `json:"name" doc:"1 to 100 characters, unique in the workspace without regard to case." example:"Club card"`
	}
}

func (a *API) fields() {
	register(a, huma.Operation{
		OperationID: "create-field", Method: http.MethodPost, Path: "/fields", Tags: []string{"contacts"},
		Summary: "Add a custom field", Description: "A workspace has 500 at most.", DefaultStatus: http.StatusCreated,
	}, a.createField)
	register(a, huma.Operation{
		OperationID: "list-fields", Method: http.MethodGet, Path: "/fields", Tags: []string{"contacts"},
		Summary: "List the custom fields",
	}, a.listFields)
	register(a, huma.Operation{
		OperationID: "rename-field", Method: http.MethodPatch, Path: "/fields/{id}", Tags: []string{"contacts"},
		Summary: "Rename a custom field", Description: "Its key stays, and so do the messages that speak of it.",
	}, a.renameField)
	register(a, huma.Operation{
		OperationID: "delete-field", Method: http.MethodDelete, Path: "/fields/{id}", Tags: []string{"contacts"},
		Summary: "Delete a custom field", Description: "With its values, of all contacts.", DefaultStatus: http.StatusNoContent,
	}, a.deleteField)
}

func (a *API) createField(ctx context.Context, workspaceID int64, in *createFieldInput) (*answer[fieldView], error) {
	f, err := a.Contacts.CreateField(ctx, workspaceID, contact.Field{
		ID: in.Body.ID, Key: in.Body.Key, Name: in.Body.Name, Type: contact.Type(in.Body.Type),
	})
	if err != nil {
		return nil, err
	}
	return &answer[fieldView]{viewField(f)}, nil
}

func (a *API) listFields(ctx context.Context, workspaceID int64, _ *struct{}) (*answer[fieldsView], error) {
	fields, err := a.Contacts.Fields(ctx, workspaceID)
	if err != nil {
		return nil, err
	}
	out := fieldsView{Items: make([]fieldView, len(fields))}
	for i, f := range fields {
		out.Items[i] = viewField(f)
	}
	return &answer[fieldsView]{out}, nil
}

func (a *API) renameField(ctx context.Context, workspaceID int64, in *renameFieldInput) (*answer[fieldView], error) {
	f, err := a.Contacts.RenameField(ctx, workspaceID, in.ID, in.Body.Name)
	if err != nil {
		return nil, err
	}
	return &answer[fieldView]{viewField(f)}, nil
}

func (a *API) deleteField(ctx context.Context, workspaceID int64, in *ByID) (*struct{}, error) {
	return nil, a.Contacts.DeleteField(ctx, workspaceID, in.ID)
}
