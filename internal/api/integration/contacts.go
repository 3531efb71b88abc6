package integration

import (
	"context"
	"net/http"

	"bellman/internal/access"
	"bellman/internal/contact"
)

func (a *API) contactsCalls() []call {
	return []call{
		{method: http.MethodGet, path: "/contacts", area: access.AreaContactsRead, handle: a.listContacts, pace: paceContacts},
	}
}

// listContacts serves GET /contacts.
func (a *API) listContacts(_ http.ResponseWriter, r *http.Request, workspaceID int64) (any, error) {
	query := r.URL.Query()
	offset, limit, err := rowsOf(query)
	if err != nil {
		return nil, err
	}
	workspace, err := a.Workspaces.Find(r.Context(), workspaceID)
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
