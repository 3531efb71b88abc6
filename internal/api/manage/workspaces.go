package manage

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"bellman/internal/access"
	"bellman/internal/fault"
	"bellman/internal/workspace"
)

type placesView struct {
	Items []placeView `json:"items" nullable:"false" doc:"The workspaces that you may choose, by name, archived ones last."`
}

type officeView struct {
	ID         int64    `json:"id" example:"1"`
	Name       string   `json:"name" example:"default"`
	CreatedAt  instant  `json:"createdAt"`
	ArchivedAt *instant `json:"archivedAt,omitempty"`
}

type nameInput struct {
	Body struct {
		Name string `json:"name" doc:"1 to 100 characters, unique in the installation." example:"Shop"`
	}
}

type archiveInput struct {
	Body struct {
		Archived bool `json:"archived"`
	}
}

func (a *API) workspaces() {
	tags := []string{"workspace"}
	register(a, huma.Operation{
		OperationID: "list-workspaces", Method: http.MethodGet, Path: "/workspaces", Tags: tags, Summary: "List your workspaces",
	}, a.listWorkspaces)
	register(a, huma.Operation{
		OperationID: "create-workspace", Method: http.MethodPost, Path: "/workspaces", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary: "Make a workspace", Description: "Nothing of one workspace is seen in another: contacts, bots, messages, people and keys are " +
			"its own. You are its owner.",
	}, a.createWorkspace)
	register(a, huma.Operation{
		OperationID: "rename-workspace", Method: http.MethodPut, Path: "/workspace/name", Tags: tags, Summary: "Rename the workspace",
	}, a.renameWorkspace)
	register(a, huma.Operation{
		OperationID: "archive-workspace", Method: http.MethodPut, Path: "/workspace/archived", Tags: tags,
		Summary: "Archive the workspace, or take it out again", Description: "Nothing is removed. Keys of an archived workspace open nothing, " +
			"and its people see it no more; installers do. Nothing may go out at that moment.",
	}, a.archiveWorkspace)
}

func viewOffice(w workspace.Workspace, err error) (*answer[officeView], error) {
	return &answer[officeView]{officeView{w.ID, w.Name, utc(w.CreatedAt), moment(w.ArchivedAt)}}, err
}

func (a *API) listWorkspaces(ctx context.Context, _ int64, _ *struct{}) (*answer[placesView], error) {
	c, err := person(ctx)
	if err != nil {
		return nil, err
	}
	all, err := a.People.Places(ctx, *c.User)
	out := placesView{Items: []placeView{}}
	for _, p := range all {
		out.Items = append(out.Items, viewPlace(p))
	}
	return &answer[placesView]{out}, err
}

func (a *API) createWorkspace(ctx context.Context, _ int64, in *nameInput) (*answer[officeView], error) {
	c, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	var owner int64
	if c.User != nil {
		owner = c.User.ID
	}
	return viewOffice(a.Workspaces.Create(ctx, in.Body.Name, owner))
}

func (a *API) renameWorkspace(ctx context.Context, workspaceID int64, in *nameInput) (*answer[officeView], error) {
	return viewOffice(a.Workspaces.Rename(ctx, workspaceID, in.Body.Name))
}

func (a *API) archiveWorkspace(ctx context.Context, workspaceID int64, in *archiveInput) (*answer[officeView], error) {
	c, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	if c.User != nil && !c.Can(access.Install) {
		places, err := a.People.Places(ctx, *c.User)
		if err != nil {
			return nil, err
		}
		if in.Body.Archived && len(places) == 1 {
			return nil, fault.New(fault.Conflict, "last_workspace", "this is the only workspace in which you have a role: you would be in none")
		}
	}
	w, err := a.Workspaces.Archive(ctx, workspaceID, in.Body.Archived)
	a.People.Forget()
	a.Keys.Forget()
	return viewOffice(w, err)
}
