package manage

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"bellman/internal/audience"
	"bellman/internal/audit"
	"bellman/internal/contact"
	"bellman/internal/fault"
)

const (
	// bulkAtOnce is how many contacts one transaction changes, so that nobody waits long
	// for it.
	bulkAtOnce = contact.MaxPage
	// bulkMost and bulkTime are how many contacts one call changes, and for how long.
	bulkMost = 100_000
	bulkTime = time.Minute
)

// matchingBody selects contacts as the list of contacts does.
type matchingBody struct {
	Search        string     `json:"search,omitempty" maxLength:"300" doc:"The beginning of an externalCustomerId, phone, email, first or last name; or of both names, in two words." example:"koval"`
	GroupIDs      []int64    `json:"groupIds,omitempty" maxItems:"100" doc:"Members of one of these groups." example:"[1]"`
	BotID         int64      `json:"botId,omitempty" minimum:"1" maximum:"9007199254740991" doc:"Those who have a chat with this bot; with the chat none, those who have none with it." example:"1"`
	Chat          string     `json:"chat,omitempty" enum:"active,muted,inactive,none" doc:"Those whose chat stands here."`
	LanguageCodes []string   `json:"languageCodes,omitempty" maxItems:"50" doc:"Those who have one of these languages." example:"[\"uk\"]"`
	Field         *fieldTest `json:"field,omitempty"`
	Lacks         []string   `json:"lacks,omitempty" maxItems:"7" enum:"externalCustomerId,phone,email,firstName,lastName,languageCode,timeZone" doc:"Those who have none of these values." example:"[\"firstName\"]"`
	CreatedFrom   time.Time  `json:"createdFrom,omitzero" doc:"Those who were made then or later."`
	CreatedTo     time.Time  `json:"createdTo,omitzero" doc:"Those who were made before."`
}

type fieldTest struct {
	ID    int64  `json:"id" minimum:"1" maximum:"9007199254740991" doc:"The custom field." example:"1"`
	Op    string `json:"op" enum:"equals,atLeast,atMost,set,unset" doc:"set and unset need no value; atLeast and atMost are for numbers and dates."`
	Value string `json:"value,omitempty" maxLength:"1000" example:"500"`
}

func (b *matchingBody) query() contact.Query {
	q := contact.Query{
		Search: b.Search, GroupIDs: b.GroupIDs, BotID: b.BotID, Chat: contact.ChatState(b.Chat), Languages: b.LanguageCodes,
		CreatedFrom: b.CreatedFrom, CreatedTo: b.CreatedTo,
	}
	q.Lacks = lacks(b.Lacks)
	if b.Field != nil {
		q.Field = contact.FieldTest{ID: b.Field.ID, Op: contact.FieldOp(b.Field.Op), Value: b.Field.Value}
	}
	return q
}

type bulkInput struct {
	Body struct {
		ContactIDs []int64       `json:"contactIds,omitempty" maxItems:"500" doc:"Which contacts: these. Those that are not there are left out." example:"[1,2]"`
		Matching   *matchingBody `json:"matching,omitempty" doc:"Or all that the list of contacts finds with the same filters; without any, everybody."`
		Cursor     string        `json:"cursor,omitempty" doc:"With matching, where to go on: nextCursor of the answer before."`
		Action     bulkAction    `json:"action" doc:"What is done with each of them: one of its members."`
	}
}

type bulkAction struct {
	AddToGroup      int64      `json:"addToGroup,omitempty" minimum:"1" maximum:"9007199254740991" doc:"The group that they come to." example:"1"`
	RemoveFromGroup int64      `json:"removeFromGroup,omitempty" minimum:"1" maximum:"9007199254740991" doc:"The group that they leave."`
	SetField        *valueView `json:"setField,omitempty" doc:"The custom field that gets this value; an empty one clears it."`
	Mute            *bulkMute  `json:"mute,omitempty" doc:"No broadcast goes to their chats for a time."`
	Delete          bool       `json:"delete,omitempty" doc:"They are deleted, as DELETE does it: not erased."`
}

type bulkMute struct {
	BotID int64     `json:"botId,omitempty" minimum:"1" maximum:"9007199254740991" doc:"Only their chats with this bot."`
	Until time.Time `json:"until" doc:"Until when, at the latest the end of the year 9999; a time gone by ends a mute." example:"2026-12-01T09:00:00Z"`
}

type bulkView struct {
	Matched    int    `json:"matched" doc:"How many contacts this call went through." example:"40000"`
	Changed    int    `json:"changed" doc:"How many of them were not so before; of a mute, how many chats it is about." example:"39210"`
	NextCursor string `json:"nextCursor,omitempty" doc:"There are more: make the same call with this cursor. Absent when all are done."`
}

func (a *API) bulk() {
	register(a, huma.Operation{
		OperationID: "change-contacts", Method: http.MethodPost, Path: contactsPath + "/bulk", Tags: []string{"contacts"},
		Summary: "Change many contacts",
		Description: "One action for up to 500 contacts by their ids, or for all that match filters. They are changed 500 at a time, " +
			"each time whole; " +
			"a call goes through up to 100,000 contacts, for a minute, and then answers with a nextCursor. Whoever repeats a call, because its " +
			"answer was lost or a part of it failed, does no harm: what is so already stays so.",
	}, a.changeContacts)
}

func (a *API) changeContacts(ctx context.Context, workspaceID int64, in *bulkInput) (*answer[bulkView], error) {
	act, err := a.bulkAct(ctx, workspaceID, in.Body.Action)
	if err != nil {
		return nil, err
	}
	if (in.Body.Matching != nil) == (len(in.Body.ContactIDs) > 0) {
		return nil, fault.New(fault.Invalid, "contacts_ambiguous", "say which contacts: contactIds or matching").In("contactIds")
	}
	audit.Became(ctx, in.facts())
	if in.Body.Matching == nil {
		known, err := a.Contacts.ByID(ctx, workspaceID, in.Body.ContactIDs)
		if err != nil {
			return nil, err
		}
		ids := make([]int64, len(known.Contacts))
		for i, c := range known.Contacts {
			ids[i] = c.ID
		}
		changed, err := act(ctx, ids)
		return &answer[bulkView]{bulkView{Matched: len(ids), Changed: changed}}, err
	}
	return a.changeMatching(ctx, workspaceID, in, act)
}

// facts are what the audit log tells of the change: not what was searched for, nor values,
// which may be about a person.
func (in *bulkInput) facts() audit.Facts {
	facts, do := audit.Facts{}, in.Body.Action
	if m := in.Body.Matching; m == nil {
		facts["contactIds"] = len(in.Body.ContactIDs)
	} else {
		facts["matching"] = audit.Facts{
			"search": m.Search != "", "groupIds": m.GroupIDs, "botId": m.BotID, "chat": m.Chat, "languageCodes": m.LanguageCodes,
			"field": m.Field != nil, "created": !m.CreatedFrom.IsZero() || !m.CreatedTo.IsZero(),
		}
	}
	switch {
	case do.AddToGroup != 0:
		facts["addToGroup"] = do.AddToGroup
	case do.RemoveFromGroup != 0:
		facts["removeFromGroup"] = do.RemoveFromGroup
	case do.SetField != nil:
		facts["setField"] = do.SetField.ID
	case do.Mute != nil:
		facts["muteUntil"] = do.Mute.Until
	default:
		facts["delete"] = true
	}
	return facts
}

// changeMatching goes through all contacts that match, in the order of their ids: whoever
// does not match any more after the change is behind, and nobody is passed over.
func (a *API) changeMatching(ctx context.Context, workspaceID int64, in *bulkInput, act bulkAct) (*answer[bulkView], error) {
	after, err := Paging{Cursor: in.Body.Cursor}.behindID()
	if err != nil {
		return nil, err
	}
	w, err := a.Workspaces.Find(ctx, workspaceID)
	if err != nil {
		return nil, err
	}
	var out bulkView
	for end := a.Now().Add(bulkTime); ; {
		found, next, err := a.Contacts.Select(ctx, w, in.Body.Matching.query(), contact.Order{}, after, bulkAtOnce)
		if err != nil {
			return nil, err
		}
		ids := make([]int64, len(found))
		for i, p := range found {
			ids[i] = p.ID
		}
		changed, err := act(ctx, ids)
		if err != nil {
			return nil, err
		}
		out.Matched, out.Changed = out.Matched+len(ids), out.Changed+changed
		if after = next; next == nil {
			return &answer[bulkView]{out}, nil
		}
		if out.Matched >= bulkMost || !a.Now().Before(end) {
			out.NextCursor = cursor(next.ID)
			return &answer[bulkView]{out}, nil
		}
	}
}

// A bulkAct changes up to bulkAtOnce contacts in one transaction, and returns how many of
// them were not so before.
type bulkAct func(ctx context.Context, ids []int64) (changed int, err error)

// bulkAct returns what an action does. What it names has to be there.
func (a *API) bulkAct(ctx context.Context, workspaceID int64, do bulkAction) (bulkAct, error) {
	var acts []func() (bulkAct, error)
	if do.AddToGroup != 0 {
		acts = append(acts, func() (bulkAct, error) { return a.moveMembers(ctx, workspaceID, do.AddToGroup, a.Groups.Attach) })
	}
	if do.RemoveFromGroup != 0 {
		acts = append(acts, func() (bulkAct, error) { return a.moveMembers(ctx, workspaceID, do.RemoveFromGroup, a.Groups.Detach) })
	}
	if do.SetField != nil {
		acts = append(acts, func() (bulkAct, error) {
			return a.Contacts.FieldSetter(ctx, workspaceID, do.SetField.ID, do.SetField.Value)
		})
	}
	if do.Mute != nil {
		acts = append(acts, func() (bulkAct, error) { return a.muteAll(ctx, workspaceID, do.Mute) })
	}
	if do.Delete {
		acts = append(acts, func() (bulkAct, error) {
			return func(ctx context.Context, ids []int64) (int, error) {
				return a.Contacts.DeleteAll(ctx, workspaceID, ids)
			}, nil
		})
	}
	if len(acts) != 1 {
		return nil, fault.New(fault.Invalid, "action_ambiguous",
			"say what is done, by one of addToGroup, removeFromGroup, setField, mute and delete").In("action")
	}
	act, err := acts[0]()
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, ids []int64) (int, error) {
		if len(ids) == 0 {
			return 0, nil
		}
		return act(ctx, ids)
	}, nil
}

// moveMembers attaches contacts to a group, or detaches them.
func (a *API) moveMembers(ctx context.Context, workspaceID, groupID int64,
	move func(ctx context.Context, workspaceID, groupID int64, who audience.Who) (audience.Change, error),
) (bulkAct, error) {
	if _, err := a.Groups.Get(ctx, workspaceID, groupID); err != nil {
		return nil, err
	}
	return func(ctx context.Context, ids []int64) (int, error) {
		change, err := move(ctx, workspaceID, groupID, audience.Who{ContactIDs: ids})
		return change.Changed, err
	}, nil
}

// muteAll mutes the chats of contacts.
func (a *API) muteAll(ctx context.Context, workspaceID int64, mute *bulkMute) (bulkAct, error) {
	if mute.BotID != 0 {
		if _, err := a.Bots.Get(ctx, workspaceID, mute.BotID); err != nil {
			return nil, err
		}
	}
	return func(ctx context.Context, ids []int64) (int, error) {
		return a.Contacts.MuteAll(ctx, workspaceID, mute.BotID, ids, mute.Until)
	}, nil
}
