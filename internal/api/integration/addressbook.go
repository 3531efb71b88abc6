package integration

import (
	"net/http"
	"strings"

	"bellman/internal/access"
	"bellman/internal/contact"
)

func (a *API) addressBookCalls() []call {
	return []call{
		{method: http.MethodGet, path: "/addressbooks", area: access.AreaAny, handle: a.addressBooks},
		{method: http.MethodGet, path: "/additionalfields", area: access.AreaAny, handle: a.additionalFields},
	}
}

// addressBooksAnswer is the answer of a call for which the vendor's clients expect
// an object when there is one catalog, but always a list of groups of fields.
type addressBooksAnswer struct {
	AddressBook addressBookObject `json:"addressBook"`
}

type addressBookObject struct {
	AddressBookID int64              `json:"addressBookId"`
	Name          string             `json:"name"`
	FieldGroups   []fieldGroupObject `json:"fieldGroups"`
}

type fieldGroupObject struct {
	Name       string            `json:"name"`
	ProfileKey string            `json:"profileKey"`
	Fields     []fieldInfoObject `json:"fields"`
}

type fieldInfoObject struct {
	ID          int64                  `json:"id"`
	Name        string                 `json:"name"`
	FieldKey    string                 `json:"fieldKey"`
	Description fieldDescriptionObject `json:"description"`
}

type fieldDescriptionObject struct {
	Type     string `json:"type"`
	Required bool   `json:"required"`
	Readonly bool   `json:"readonly"`
}

// fieldKinds are the vendor's words for types of custom fields.
var fieldKinds = map[contact.Type]string{
	contact.Text: "TEXTFIELD", contact.Number: "DECIMAL", contact.Date: "DATETIME", contact.Boolean: "CHECKBOX",
}

// addressBooks serves GET /addressbooks: one catalog with one group of fields.
func (a *API) addressBooks(_ http.ResponseWriter, r *http.Request, workspaceID int64) (any, error) {
	fields, err := a.Contacts.Fields(r.Context(), workspaceID)
	return addressBooksAnswer{addressBookObject{addressBookID, "Contacts", []fieldGroupObject{
		{"Additional fields", "FIELDS", showFields(fields)},
	}}}, err
}

// additionalFields serves GET /additionalfields.
func (a *API) additionalFields(_ http.ResponseWriter, r *http.Request, workspaceID int64) (any, error) {
	fields, err := a.Contacts.Fields(r.Context(), workspaceID)
	return showFields(fields), err
}

func showFields(fields []contact.Field) []fieldInfoObject {
	out := make([]fieldInfoObject, len(fields))
	for i, f := range fields {
		out[i] = fieldInfoObject{f.ID, f.Name, strings.ToUpper(f.Name), fieldDescriptionObject{Type: fieldKinds[f.Type]}}
	}
	return out
}
