package manage

import (
	"cmp"
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"bellman/internal/audience"
	"bellman/internal/contact"
	"bellman/internal/fault"
)

type groupView struct {
	ID        int64   `json:"id" example:"1"`
	Name      string  `json:"name" example:"Regulars"`
	Members   int64   `json:"members" doc:"How many contacts are in it." example:"1204"`
	CreatedAt instant `json:"createdAt"`
}

func viewGroup(g audience.Group) groupView {
	return groupView{ID: g.ID, Name: g.Name, Members: g.Members, CreatedAt: utc(g.CreatedAt)}
}

func etagOfGroup(g audience.Group) string { return etag(groupBody{g.Name}) }

type memberView struct {
	ContactID int64       `json:"contactId" example:"1"`
	Contact   contactView `json:"contact"`
}

type useView struct {
	CampaignID int64  `json:"campaignId" example:"7"`
	Name       string `json:"name" doc:"The campaign's." example:"Spring sale"`
	State      string `json:"state" enum:"draft,scheduled,launching,sending,paused,finished,cancelled"`
	Excluded   bool   `json:"excluded,omitempty" doc:"Its members are left out: it does not go to them."`
}

// changeView is the result of attaching or detaching contacts.
type changeView struct {
	Changed                    int      `json:"changed" doc:"How many were not in the group before, or were until now." example:"2"`
	UnknownContactIDs          []int64  `json:"unknownContactIds" nullable:"false" doc:"Those that are not there; the others were changed."`
	UnknownExternalCustomerIDs []string `json:"unknownExternalCustomerIds" nullable:"false"`
}

type groupBody struct {
	Name string `json:"name" doc:"1 to 200 characters, unique whatever their case." example:"Regulars"`
}

type createGroupInput struct{ Body groupBody }

type renameGroupInput struct {
	ByID
	IfMatch
	Body groupBody
}

type deleteGroupInput struct {
	ByID
	IfMatch
}

type listGroupsInput struct {
	Paging
	Counting
	Name   string `query:"name" doc:"The same as search." deprecated:"true"`
	Search string `query:"search" maxLength:"200" doc:"Only groups whose name has this in it, in any case." example:"regular"`
	Sort   string `query:"sort" enum:"createdAt,-createdAt,name,-name,members,-members" default:"createdAt" doc:"By the order in which they were made, by name (without case) or by how many contacts are in them; a minus turns it round."`
}

// groupKey is the key of a list that is sorted by more than the ids.
type groupKey struct {
	Sort    string `json:"sort"`
	Name    string `json:"name,omitempty"`
	Members int64  `json:"members,omitempty"`
	ID      int64  `json:"id"`
}

func (in *listGroupsInput) key(g audience.Group) any {
	switch strings.TrimPrefix(in.Sort, "-") {
	case "name":
		return groupKey{Sort: in.Sort, Name: g.Name, ID: g.ID}
	case "members":
		return groupKey{Sort: in.Sort, Members: g.Members, ID: g.ID}
	}
	return g.ID
}

// filter returns the page of groups that is asked for.
func (in *listGroupsInput) filter() (audience.Filter, error) {
	by := map[string]audience.Sort{"name": audience.ByName, "members": audience.ByMembers}[strings.TrimPrefix(in.Sort, "-")]
	f := audience.Filter{Name: cmp.Or(in.Search, in.Name), Sort: by, Descending: in.Sort[0] == '-', Limit: in.more()}
	if in.Cursor == "" {
		return f, nil
	}
	if by == audience.ByID {
		id, err := in.after()
		f.After.ID = id
		return f, err
	}
	key, err := cursorOf[groupKey](in.Paging)
	if err != nil || key.Sort != in.Sort {
		return f, errCursor
	}
	f.After = audience.Group{ID: key.ID, Name: key.Name, Members: key.Members}
	return f, nil
}

type listMembersInput struct {
	ByID
	Paging
	Counting
	Search string `query:"search" maxLength:"300" doc:"Only those of whom the list of contacts finds this." example:"koval"`
}

type listUsesInput struct {
	ByID
	Paging
}

type changeMembersInput struct {
	ByID
	Body struct {
		ContactIDs          []int64  `json:"contactIds,omitempty" nullable:"false" maxItems:"500" doc:"Contacts by their ids." example:"[1,2]"`
		ExternalCustomerIDs []string `json:"externalCustomerIds,omitempty" nullable:"false" maxItems:"500" doc:"Contacts by your own ids, in place of contactIds." example:"[\"C-1001\"]"`
	}
}

func (a *API) groups() {
	register(a, huma.Operation{
		OperationID: "create-group", Method: http.MethodPost, Path: "/groups", Tags: []string{"groups"},
		Summary: "Make a group", Description: "A list of contacts that is kept by hand. Broadcasts go to groups.",
		DefaultStatus: http.StatusCreated,
	}, func(ctx context.Context, workspaceID int64, in *createGroupInput) (*tagged[groupView], error) {
		return grouped(a.Groups.Create(ctx, workspaceID, in.Body.Name))
	})
	register(a, huma.Operation{
		OperationID: "list-groups", Method: http.MethodGet, Path: "/groups", Tags: []string{"groups"},
		Summary:     "List groups",
		Description: "Oldest first, if not asked otherwise. By members, those of every group that matches are counted for each page.",
	}, a.listGroups)
	register(a, huma.Operation{
		OperationID: "list-group-uses", Method: http.MethodGet, Path: "/groups/{id}/uses", Tags: []string{"groups"},
		Summary: "List the campaigns that go to a group",
		Description: "Broadcasts in any state whose audience names the group, newest first. Each page looks through 3000 broadcasts at most: " +
			"it may have fewer items than the limit and a nextCursor all the same.",
	}, a.listUses)
	register(a, huma.Operation{
		OperationID: "get-group", Method: http.MethodGet, Path: "/groups/{id}", Tags: []string{"groups"},
		Summary: "Get a group",
	}, func(ctx context.Context, workspaceID int64, in *ByID) (*tagged[groupView], error) {
		return grouped(a.Groups.Get(ctx, workspaceID, in.ID))
	})
	register(a, huma.Operation{
		OperationID: "rename-group", Method: http.MethodPatch, Path: "/groups/{id}", Tags: []string{"groups"},
		Summary: "Rename a group",
	}, func(ctx context.Context, workspaceID int64, in *renameGroupInput) (*tagged[groupView], error) {
		return grouped(a.Groups.Rename(ctx, workspaceID, in.ID, in.Body.Name, in.ofGroup))
	})
	register(a, huma.Operation{
		OperationID: "delete-group", Method: http.MethodDelete, Path: "/groups/{id}", Tags: []string{"groups"},
		Summary:       "Delete a group",
		Description:   "Its contacts stay. While a campaign is still to go to it, it cannot be deleted.",
		DefaultStatus: http.StatusNoContent,
	}, func(ctx context.Context, workspaceID int64, in *deleteGroupInput) (*struct{}, error) {
		return nil, a.Groups.Delete(ctx, workspaceID, in.ID, in.ofGroup)
	})
	register(a, huma.Operation{
		OperationID: "list-members", Method: http.MethodGet, Path: "/groups/{id}/contacts", Tags: []string{"groups"},
		Summary:     "List the contacts of a group",
		Description: "In the order of their ids. A page of a search may have fewer items than the limit and a nextCursor all the same.",
	}, a.listMembers)
	register(a, huma.Operation{
		OperationID: "attach-contacts", Method: http.MethodPost, Path: "/groups/{id}/attach", Tags: []string{"groups"},
		Summary: "Put contacts into a group", Description: "Who is in it already stays; who is not known is reported.",
	}, func(ctx context.Context, workspaceID int64, in *changeMembersInput) (*answer[changeView], error) {
		return changed(a.Groups.Attach(ctx, workspaceID, in.ID, in.who()))
	})
	register(a, huma.Operation{
		OperationID: "detach-contacts", Method: http.MethodPost, Path: "/groups/{id}/detach", Tags: []string{"groups"},
		Summary: "Take contacts out of a group",
	}, a.detachContacts)
	register(a, huma.Operation{
		OperationID: "empty-group", Method: http.MethodPost, Path: "/groups/{id}/empty", Tags: []string{"groups"},
		Summary: "Take all contacts out of a group",
	}, func(ctx context.Context, workspaceID int64, in *ByID) (*answer[changeView], error) {
		return changed(a.Groups.Detach(ctx, workspaceID, in.ID, audience.Who{}))
	})
}

func (in *changeMembersInput) who() audience.Who {
	return audience.Who{ContactIDs: in.Body.ContactIDs, ExternalCustomerIDs: in.Body.ExternalCustomerIDs}
}

func grouped(g audience.Group, err error) (*tagged[groupView], error) {
	if err != nil {
		return nil, err
	}
	return &tagged[groupView]{etagOfGroup(g), viewGroup(g)}, nil
}

// ofGroup checks the header against a group.
func (in IfMatch) ofGroup(g audience.Group) error {
	return in.check(etagOfGroup(g), func() any { return viewGroup(g) })
}

func changed(c audience.Change, err error) (*answer[changeView], error) {
	if err != nil {
		return nil, err
	}
	return &answer[changeView]{changeView{
		Changed: c.Changed, UnknownContactIDs: append([]int64{}, c.UnknownContactIDs...),
		UnknownExternalCustomerIDs: append([]string{}, c.UnknownExternalCustomerIDs...),
	}}, nil
}

func (a *API) listGroups(ctx context.Context, workspaceID int64, in *listGroupsInput) (*answer[page[groupView]], error) {
	f, err := in.filter()
	if err != nil {
		return nil, err
	}
	groups, err := a.Groups.List(ctx, workspaceID, f)
	if err != nil {
		return nil, err
	}
	out := paged(in.Paging, groups, in.key, viewGroup)
	if in.Total {
		n, err := a.Groups.Count(ctx, workspaceID, f)
		if err != nil {
			return nil, err
		}
		out.Body.Total = &totalView{Count: n}
	}
	return out, nil
}

func (a *API) listMembers(ctx context.Context, workspaceID int64, in *listMembersInput) (*answer[page[memberView]], error) {
	after, err := in.behindID()
	if err != nil {
		return nil, err
	}
	if _, err := a.Groups.Get(ctx, workspaceID, in.ID); err != nil {
		return nil, err
	}
	q := contact.Query{GroupIDs: []int64{in.ID}, Search: in.Search}
	w, views, next, err := a.findContacts(ctx, workspaceID, q, contact.Order{}, after, in.Limit)
	if err != nil {
		return nil, err
	}
	members := make([]memberView, len(views))
	for i, v := range views {
		members[i] = memberView{v.ID, v}
	}
	out := spanned(members, idOf(next))
	return out, a.countContacts(ctx, w, in.Counting, q, &out.Body.Total)
}

func (a *API) listUses(ctx context.Context, workspaceID int64, in *listUsesInput) (*answer[page[useView]], error) {
	before, err := in.before()
	if err != nil {
		return nil, err
	}
	uses, next, err := a.Groups.Uses(ctx, workspaceID, in.ID, before, in.Limit)
	if err != nil {
		return nil, err
	}
	views := make([]useView, len(uses))
	for i, u := range uses {
		views[i] = useView(u)
	}
	if next == 0 {
		return spanned(views, nil), nil
	}
	return spanned(views, next), nil
}

// detachContacts requires contacts: there is a separate method for all members, so
// that a forgotten list empties no group.
func (a *API) detachContacts(ctx context.Context, workspaceID int64, in *changeMembersInput) (*answer[changeView], error) {
	if len(in.Body.ContactIDs)+len(in.Body.ExternalCustomerIDs) == 0 {
		return nil, fault.New(fault.Invalid, "contacts_missing",
			"name contacts: contactIds or externalCustomerIds; to take out all of them, empty the group").In("contactIds")
	}
	return changed(a.Groups.Detach(ctx, workspaceID, in.ID, in.who()))
}
