package manage

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"bellman/internal/audience"
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

type memberView struct {
	ContactID int64 `json:"contactId" example:"1"`
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
	Body groupBody
}

type listGroupsInput struct {
	Paging
	Name string `query:"name" doc:"Only groups whose name has this in it, in any case." example:"regular"`
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
	}, func(ctx context.Context, workspaceID int64, in *createGroupInput) (*answer[groupView], error) {
		return grouped(a.Groups.Create(ctx, workspaceID, in.Body.Name))
	})
	register(a, huma.Operation{
		OperationID: "list-groups", Method: http.MethodGet, Path: "/groups", Tags: []string{"groups"},
		Summary: "List groups", Description: "Oldest first.",
	}, a.listGroups)
	register(a, huma.Operation{
		OperationID: "get-group", Method: http.MethodGet, Path: "/groups/{id}", Tags: []string{"groups"},
		Summary: "Get a group",
	}, func(ctx context.Context, workspaceID int64, in *ByID) (*answer[groupView], error) {
		return grouped(a.Groups.Get(ctx, workspaceID, in.ID))
	})
	register(a, huma.Operation{
		OperationID: "rename-group", Method: http.MethodPatch, Path: "/groups/{id}", Tags: []string{"groups"},
		Summary: "Rename a group",
	}, func(ctx context.Context, workspaceID int64, in *renameGroupInput) (*answer[groupView], error) {
		return grouped(a.Groups.Rename(ctx, workspaceID, in.ID, in.Body.Name))
	})
	register(a, huma.Operation{
		OperationID: "delete-group", Method: http.MethodDelete, Path: "/groups/{id}", Tags: []string{"groups"},
		Summary:       "Delete a group",
		Description:   "Its contacts stay. While a campaign is still to go to it, it cannot be deleted.",
		DefaultStatus: http.StatusNoContent,
	}, func(ctx context.Context, workspaceID int64, in *ByID) (*struct{}, error) {
		return nil, a.Groups.Delete(ctx, workspaceID, in.ID)
	})
	register(a, huma.Operation{
		OperationID: "list-members", Method: http.MethodGet, Path: "/groups/{id}/contacts", Tags: []string{"groups"},
		Summary: "List the contacts of a group", Description: "In the order of their ids.",
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

func grouped(g audience.Group, err error) (*answer[groupView], error) {
	if err != nil {
		return nil, err
	}
	return &answer[groupView]{viewGroup(g)}, nil
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
	after, err := in.after()
	if err != nil {
		return nil, err
	}
	groups, err := a.Groups.List(ctx, workspaceID, audience.Filter{Name: in.Name, After: after, Limit: in.more()})
	if err != nil {
		return nil, err
	}
	return paged(in.Paging, groups, func(g audience.Group) int64 { return g.ID }, viewGroup), nil
}

func (a *API) listMembers(ctx context.Context, workspaceID int64, in *struct {
	ByID
	Paging
},
) (*answer[page[memberView]], error) {
	after, err := in.after()
	if err != nil {
		return nil, err
	}
	members, _, err := a.Groups.Members(ctx, workspaceID, in.ID,
		audience.Page{After: audience.Member{ContactID: after}, Limit: in.more()})
	if err != nil {
		return nil, err
	}
	return paged(in.Paging, members,
		func(m audience.Member) int64 { return m.ContactID }, func(m audience.Member) memberView { return memberView{m.ContactID} }), nil
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
