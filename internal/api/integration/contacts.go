package integration

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"bellman/internal/access"
	"bellman/internal/contact"
	"bellman/internal/workspace"
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
	filter := contact.Filter{
		ExternalCustomerID: query.Get("externalCustomerId"), Email: query.Get("email"), Phone: query.Get("sms"),
		FirstName: query.Get("firstname"), LastName: query.Get("lastname"),
	}
	byID, err := sortedByID(query)
	if err != nil {
		return nil, err
	}
	workspace, err := a.Workspaces.Find(r.Context(), workspaceID)
	if err != nil {
		return nil, err
	}
	page, err := a.contactsFrom(r.Context(), workspace, filter, contact.Span{
		ByID: byID && filter == contact.Filter{}, Offset: offset, Limit: limit,
	})
	if err != nil {
		return nil, err
	}
	contacts, err := a.showPage(r.Context(), workspaceID, page, channelsAsked(query))
	return listOf(contacts, page.Total), err
}

// contactsFrom returns a page of contacts. In the order by update it begins behind the
// page that the key has read before, when there is one that ended there.
func (a *API) contactsFrom(ctx context.Context, w workspace.Workspace, f contact.Filter, span contact.Span) (contact.Page, error) {
	if span.ByID {
		return a.Contacts.List(ctx, w, f, span)
	}
	here, err := placeIn(ctx, fmt.Sprintf("contacts %q", f), span.Offset)
	if err != nil {
		return contact.Page{}, err
	}
	if last, ok := a.bookmarks.find(here, a.Now()); ok {
		span.After, span.Offset = contact.Position{UpdatedAt: last.at, ID: last.id}, 0
	}
	page, err := a.Contacts.List(ctx, w, f, span)
	if n := len(page.Contacts); n > 0 {
		last := page.Contacts[n-1]
		a.bookmarks.put(here.behind(n), row{last.UpdatedAt, last.ID}, a.Now())
	}
	return page, err
}

// sortedByID reads sortBy.
//
// spec: contact-sort
func sortedByID(query url.Values) (bool, error) {
	switch by := strings.TrimSpace(query.Get("sortBy")); {
	case by == "":
		return false, nil
	case strings.EqualFold(by, "contactId"):
		return true, nil
	}
	return false, sentence(http.StatusBadRequest, "sort_unknown", "sortBy is contactId; without it contacts are sorted by their update")
}

// showPage shows contacts with their chats and groups.
func (a *API) showPage(ctx context.Context, workspaceID int64, page contact.Page, shown channelTypes) ([]contactObject, error) {
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
		out[i] = showContact(c, page.Chats[c.ID], groups[c.ID], shown)
	}
	return out, nil
}
