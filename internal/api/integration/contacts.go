package integration

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"bellman/internal/access"
	"bellman/internal/api/body"
	"bellman/internal/contact"
)

func (a *API) contactsCalls() []call {
	return []call{
		{method: http.MethodGet, path: "/contacts", area: access.AreaContactsRead, handle: a.listContacts, pace: paceContacts},
		{method: http.MethodGet, path: "/contacts/email", area: access.AreaContactsRead, handle: a.listEmails},
		{method: http.MethodPost, path: "/emails/unsubscribed/add", area: access.AreaContactsWrite, handle: a.unsubscribe},
		{method: http.MethodPost, path: "/emails/unsubscribed/delete", area: access.AreaContactsWrite, handle: a.resubscribe},
	}
}

// listContacts serves GET /contacts.
func (a *API) listContacts(_ http.ResponseWriter, r *http.Request, workspaceID int64) (any, error) {
	query := r.URL.Query()
	offset, limit, err := rowsOf(query)
	if err != nil {
		return nil, err
	}
	workspace, err := a.Access.Workspace(r.Context(), workspaceID)
	if err != nil {
		return nil, err
	}
	page, err := a.Contacts.List(r.Context(), workspace, contact.Filter{
		ExternalCustomerID: query.Get("externalCustomerId"), Email: query.Get("email"), Phone: query.Get("sms"),
		FirstName: query.Get("firstname"), LastName: query.Get("lastname"),
	}, offset, limit)
	if err != nil {
		return nil, err
	}
	contacts, err := a.showPage(r.Context(), workspaceID, page)
	return listOf(contacts, page.Total), err
}

// showPage shows contacts with their chats and groups.
func (a *API) showPage(ctx context.Context, workspaceID int64, page contact.Page) ([]contactObject, error) {
	all := make([]int64, len(page.Contacts))
	for i, c := range page.Contacts {
		all[i] = c.ID
	}
	groups, err := a.Groups.GroupsOf(ctx, workspaceID, all)
	if err != nil {
		return nil, err
	}
	out := make([]contactObject, len(page.Contacts))
	for i, c := range page.Contacts {
		out[i] = showContact(c, page.Chats[c.ID], groups[c.ID])
	}
	return out, nil
}

type emailObject struct {
	ContactID int64  `json:"contactId"`
	Email     string `json:"email"`
}

// listEmails serves GET /contacts/email?ids=1,2.
func (a *API) listEmails(_ http.ResponseWriter, r *http.Request, workspaceID int64) (any, error) {
	var wanted []int64
	for _, part := range strings.FieldsFunc(r.URL.Query().Get("ids"), func(c rune) bool { return c == ',' || c == ' ' }) {
		if !isWhole(part) {
			part = "0"
		}
		id, err := positive([]byte(part))
		if err != nil {
			return nil, shaped(inside("ids", err))
		}
		wanted = append(wanted, id)
	}
	if len(wanted) == 0 {
		return nil, sentence(http.StatusBadRequest, "ids_missing", "ids must be specified")
	}
	emails, err := a.Contacts.Emails(r.Context(), workspaceID, wanted)
	if err != nil {
		return nil, err
	}
	out := make([]emailObject, len(emails))
	for i, e := range emails {
		out[i] = emailObject{e.ContactID, e.Email}
	}
	return map[string]any{"results": collapsed(out)}, nil
}

// collapsed shows a list of one as what is in it, as this API does with results.
func collapsed[T any](list []T) any {
	if len(list) == 1 {
		return list[0]
	}
	return list
}

// unsubscribe serves POST /emails/unsubscribed/add.
func (a *API) unsubscribe(w http.ResponseWriter, r *http.Request, workspaceID int64) (any, error) {
	return changeUnsubscribed(w, r, workspaceID, a.Contacts.Unsubscribe)
}

// resubscribe serves POST /emails/unsubscribed/delete.
func (a *API) resubscribe(w http.ResponseWriter, r *http.Request, workspaceID int64) (any, error) {
	return changeUnsubscribed(w, r, workspaceID, a.Contacts.Resubscribe)
}

func changeUnsubscribed(w http.ResponseWriter, r *http.Request, workspaceID int64,
	change func(ctx context.Context, workspaceID int64, emails []string) (int, error),
) (any, error) {
	raw, err := body.Read(w, r)
	if err != nil {
		return nil, err
	}
	emails, err := decodeEmails(raw)
	if err != nil {
		return nil, err
	}
	if _, err := change(r.Context(), workspaceID, emails); err != nil {
		return nil, err
	}
	return nothing, nil
}

var errEmailsMissing = sentence(http.StatusBadRequest, "emails_missing", "Emails must be specified")

func decodeEmails(raw []byte) (emails []string, err error) {
	if len(raw) == 0 {
		return nil, errEmailsMissing
	}
	err = members(raw, func(name string, value []byte) (err error) {
		if name == "emails" {
			emails, err = texts(value)
		}
		return err
	})
	if err == nil && len(emails) == 0 {
		err = errEmailsMissing
	}
	return emails, shaped(err)
}

var errTooManyContacts = sentence(http.StatusBadRequest, "too_many_contacts",
	fmt.Sprintf("At most %d contacts per request", contact.MaxImport))
