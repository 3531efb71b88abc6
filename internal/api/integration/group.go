package integration

import (
	"context"
	"fmt"
	"net/http"

	"bellman/internal/access"
	"bellman/internal/api/body"
	"bellman/internal/api/loose"
	"bellman/internal/audience"
)

func (a *API) groupCalls() []call {
	return []call{
		{method: http.MethodGet, path: "/groups", area: access.AreaContactsRead, handle: a.listGroups},
		{method: http.MethodGet, path: "/group/{id}/contacts", area: access.AreaContactsRead, handle: a.listMembers},
		{method: http.MethodPost, path: "/group/{id}/contacts/attach", area: access.AreaContactsWrite, handle: a.attach},
		{method: http.MethodPost, path: "/group/{id}/contacts/detach", area: access.AreaContactsWrite, handle: a.detach},
	}
}

type groupObject struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
	// Type is Static: a list that is kept by hand.
	Type string `json:"type"`
}

func showGroups(groups []audience.Group) []groupObject {
	out := make([]groupObject, len(groups))
	for i, g := range groups {
		out[i] = groupObject{g.ID, g.Name, "Static"}
	}
	return out
}

// listGroups serves GET /groups.
func (a *API) listGroups(_ http.ResponseWriter, r *http.Request, workspaceID int64) (any, error) {
	query := r.URL.Query()
	offset, limit, err := rowsOf(query)
	if err != nil {
		return nil, err
	}
	groups, err := a.Groups.List(r.Context(), workspaceID, audience.Filter{Name: query.Get("name"), Offset: int(offset), Limit: limit})
	return showGroups(groups), err
}

var errGroupID = sentence(http.StatusBadRequest, "group_id_invalid", "A group id is a whole number from 1")

// listMembers serves GET /group/{id}/contacts.
func (a *API) listMembers(_ http.ResponseWriter, r *http.Request, workspaceID int64) (any, error) {
	id, err := pathID(r, errGroupID)
	if err != nil {
		return nil, err
	}
	offset, limit, err := rowsOf(r.URL.Query())
	if err != nil {
		return nil, err
	}
	members, total, err := a.Groups.Members(r.Context(), workspaceID, id, audience.Page{Offset: offset, Limit: limit})
	if err != nil {
		return nil, err
	}
	page, err := a.Contacts.ByID(r.Context(), workspaceID, members)
	if err != nil {
		return nil, err
	}
	contacts, err := a.showPage(r.Context(), workspaceID, page)
	return listOf(contacts, total), err
}

// attach serves POST /group/{id}/contacts/attach.
func (a *API) attach(w http.ResponseWriter, r *http.Request, workspaceID int64) (any, error) {
	return changeMembers(w, r, workspaceID, "attached", a.Groups.Attach)
}

// detach serves POST /group/{id}/contacts/detach. Without ids, it removes all
// members.
func (a *API) detach(w http.ResponseWriter, r *http.Request, workspaceID int64) (any, error) {
	return changeMembers(w, r, workspaceID, "detached", a.Groups.Detach)
}

func changeMembers(w http.ResponseWriter, r *http.Request, workspaceID int64, done string,
	change func(ctx context.Context, workspaceID, groupID int64, who audience.Who) (audience.Change, error),
) (any, error) {
	id, err := pathID(r, errGroupID)
	if err != nil {
		return nil, err
	}
	who, err := body.Decode(w, r, decodeWho)
	if err != nil {
		return nil, err
	}
	c, err := change(r.Context(), workspaceID, id, who)
	if err != nil {
		return nil, err
	}
	unknown := len(c.UnknownContactIDs) + len(c.UnknownExternalCustomerIDs)
	return sentenceOf(fmt.Sprintf("Contacts %s: %d, not known: %d", done, c.Changed, unknown)), nil
}

// decodeWho reads contacts by one kind of identifier.
func decodeWho(v loose.Value) (who audience.Who, err error) {
	err = v.Members(func(name string, v loose.Value) (err error) {
		switch name {
		case "contactIds":
			who.ContactIDs, err = v.IDs()
		case "externalCustomerIds":
			who.ExternalCustomerIDs, err = v.Texts()
		}
		return err
	})
	return who, err
}
