package manage

import (
	"context"
	"time"

	"bellman/internal/contact"
	"bellman/internal/workspace"
)

// SelectContacts selects contacts; it is exported for the reason given at [ByID].
type SelectContacts struct {
	Search      string    `query:"search" maxLength:"300" doc:"The beginning of an externalCustomerId, phone, email, first or last name; or of both names, in two words. Only the case of an externalCustomerId counts." example:"koval"`
	GroupID     []int64   `query:"groupId,explode" maxItems:"100" doc:"Members of one of these groups." example:"[1]"`
	BotID       int64     `query:"botId" minimum:"1" maximum:"9007199254740991" doc:"Those who have a chat with this bot; with chat=none, those who have none with it." example:"1"`
	Chat        string    `query:"chat" enum:"active,muted,inactive,none" doc:"Those who have a chat, with the bot or with any, that stands here: everything is sent to it, no broadcast is for now, nothing is. Or those who have none: who has left has none." example:"active"`
	Language    []string  `query:"languageCode,explode" maxItems:"50" doc:"Those who have one of these languages." example:"[\"uk\"]"`
	FieldID     int64     `query:"fieldId" minimum:"1" maximum:"9007199254740991" doc:"A custom field to compare, by fieldOp with fieldValue." example:"1"`
	FieldOp     string    `query:"fieldOp" enum:"equals,atLeast,atMost,set,unset" default:"equals" doc:"How: set and unset want any value and none, and need no fieldValue; atLeast and atMost are for numbers and dates." example:"atLeast"`
	FieldValue  string    `query:"fieldValue" maxLength:"1000" doc:"A text (its case counts), a number such as 12.5, a date such as 2026-03-01 or 2026-03-01T15:04:05, true or false." example:"500"`
	Lacks       []string  `query:"lacks,explode" maxItems:"7" enum:"externalCustomerId,phone,email,firstName,lastName,languageCode,timeZone" doc:"Those who have none of these values." example:"[\"firstName\"]"`
	CreatedFrom time.Time `query:"createdFrom" doc:"Those who were made then or later." example:"2026-01-01T00:00:00Z"`
	CreatedTo   time.Time `query:"createdTo" doc:"Those who were made before." example:"2026-02-01T00:00:00Z"`
}

func (in *SelectContacts) query() contact.Query {
	q := contact.Query{
		Search: in.Search, GroupIDs: in.GroupID, BotID: in.BotID, Chat: contact.ChatState(in.Chat), Languages: in.Language,
		CreatedFrom: in.CreatedFrom, CreatedTo: in.CreatedTo,
	}
	q.Lacks = lacks(in.Lacks)
	if in.FieldID != 0 {
		q.Field = contact.FieldTest{ID: in.FieldID, Op: contact.FieldOp(in.FieldOp), Value: in.FieldValue}
	}
	return q
}

func lacks(names []string) []contact.Lack {
	all := make([]contact.Lack, len(names))
	for i, name := range names {
		all[i] = contact.Lack(name)
	}
	return all
}

type listContactsInput struct {
	Paging
	Counting
	SelectContacts
	Sort string `query:"sort" enum:"-createdAt,createdAt,-updatedAt,updatedAt" default:"-createdAt" doc:"By the order in which they were made, or by their last change; a minus means the last ones first."`
}

// order returns that of the list.
func (in *listContactsInput) order() contact.Order {
	return contact.Order{ByUpdate: in.Sort == "updatedAt" || in.Sort == "-updatedAt", Descending: in.Sort[0] == '-'}
}

// changedKey is the key of a list by the time of updates.
type changedKey struct {
	Sort string `json:"sort"`
	At   int64  `json:"at"`
	ID   int64  `json:"id"`
}

// behind returns where a list of contacts goes on, nil for its beginning.
func (in *listContactsInput) behind() (*contact.Position, error) {
	if !in.order().ByUpdate {
		return in.Paging.behindID()
	}
	key, err := cursorOf[changedKey](in.Paging)
	switch {
	case err != nil || key == nil:
		return nil, err
	case key.Sort != in.Sort:
		return nil, errCursor
	}
	return &contact.Position{UpdatedAt: time.UnixMilli(key.At), ID: key.ID}, nil
}

// behindID returns where a list of contacts by their ids goes on, nil for its beginning.
func (p Paging) behindID() (*contact.Position, error) {
	if p.Cursor == "" {
		return nil, nil
	}
	id, err := p.after()
	return &contact.Position{ID: id}, err
}

// cursor returns the key of the last contact of a page.
func (in *listContactsInput) cursor(next *contact.Position) any {
	if next != nil && in.order().ByUpdate {
		return changedKey{in.Sort, next.UpdatedAt.UnixMilli(), next.ID}
	}
	return idOf(next)
}

// idOf returns the key of a list of contacts by their ids.
func idOf(next *contact.Position) any {
	if next == nil {
		return nil
	}
	return next.ID
}

func (a *API) listContacts(ctx context.Context, workspaceID int64, in *listContactsInput) (*answer[page[contactView]], error) {
	after, err := in.behind()
	if err != nil {
		return nil, err
	}
	w, views, next, err := a.findContacts(ctx, workspaceID, in.query(), in.order(), after, in.Limit)
	if err != nil {
		return nil, err
	}
	out := spanned(views, in.cursor(next))
	return out, a.countContacts(ctx, w, in.Counting, in.query(), &out.Body.Total)
}

// findContacts returns a page of contacts with their groups, where the list goes on, and
// the workspace.
func (a *API) findContacts(
	ctx context.Context, workspaceID int64, q contact.Query, o contact.Order, after *contact.Position, limit int,
) (w workspace.Workspace, views []contactView, next *contact.Position, err error) {
	if w, err = a.Workspaces.Find(ctx, workspaceID); err != nil {
		return w, nil, nil, err
	}
	found, next, err := a.Contacts.Find(ctx, w, q, o, after, limit)
	if err != nil {
		return w, nil, nil, err
	}
	views, err = a.viewContacts(ctx, workspaceID, found)
	return w, views, next, err
}

// countContacts tells how many contacts a query selects, when that is asked for.
func (a *API) countContacts(ctx context.Context, w workspace.Workspace, in Counting, q contact.Query, total **totalView) error {
	if !in.Total {
		return nil
	}
	n, err := a.Contacts.Count(ctx, w, q)
	*total = &totalView{n.N, n.About}
	return err
}

// viewContacts returns the contacts of a page with their groups.
func (a *API) viewContacts(ctx context.Context, workspaceID int64, found contact.Page) ([]contactView, error) {
	ids := make([]int64, len(found.Contacts))
	for i, c := range found.Contacts {
		ids[i] = c.ID
	}
	groups, err := a.Groups.GroupsOf(ctx, workspaceID, ids)
	if err != nil {
		return nil, err
	}
	views := make([]contactView, len(ids))
	for i, c := range found.Contacts {
		views[i] = viewContact(c, found.Chats[c.ID], groups[c.ID])
	}
	return views, nil
}
