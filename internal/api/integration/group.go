package integration

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"bellman/internal/access"
	"bellman/internal/api/body"
	"bellman/internal/api/loose"
	"bellman/internal/audience"
	"bellman/internal/contact"
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
	query := r.URL.Query()
	p, err := membersAsked(query)
	if err != nil {
		return nil, err
	}
	members, total, err := a.membersFrom(r.Context(), workspaceID, id, p)
	if err != nil {
		return nil, err
	}
	turns := make(map[int64]int, len(members))
	ids := make([]int64, len(members))
	for i, m := range members {
		ids[i], turns[m.ContactID] = m.ContactID, i
	}
	page, err := a.Contacts.ByID(r.Context(), workspaceID, ids)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(page.Contacts, func(a, b contact.Contact) int { return cmp.Compare(turns[a.ID], turns[b.ID]) })
	contacts, err := a.showPage(r.Context(), workspaceID, page, channelsAsked(query))
	return listOf(contacts, total), err
}

// membersAsked reads which members are wanted: by the time of their addition with
// orderByTs, and the last ones first without asc.
//
// spec: group-order
func membersAsked(query url.Values) (p audience.Page, err error) {
	if p.Offset, p.Limit, err = rowsOf(query); err != nil {
		return p, err
	}
	if p.ByTime, err = boolIn(query, "orderByTs", false); err != nil {
		return p, err
	}
	ascending, err := boolIn(query, "asc", true)
	p.Descending = !ascending
	return p, err
}

// membersFrom returns a page of members. In the order of time it begins behind the page
// that the key has read before, when there is one that ended there.
func (a *API) membersFrom(ctx context.Context, workspaceID, groupID int64, p audience.Page) ([]audience.Member, int64, error) {
	if !p.ByTime {
		return a.Groups.Members(ctx, workspaceID, groupID, p)
	}
	here, err := placeIn(ctx, fmt.Sprint("members ", groupID, p.Descending), p.Offset)
	if err != nil {
		return nil, 0, err
	}
	if last, ok := a.bookmarks.find(here, a.Now()); ok {
		p.After, p.Offset = audience.Member{ContactID: last.id, AddedAt: last.at}, 0
	}
	members, total, err := a.Groups.Members(ctx, workspaceID, groupID, p)
	if n := len(members); n > 0 {
		last := members[n-1]
		a.bookmarks.put(here.behind(n), row{last.AddedAt, last.ContactID}, a.Now())
	}
	return members, total, err
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
