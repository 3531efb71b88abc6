package manage

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"bellman/internal/activity"
)

// entryView is one thing that happened to a contact.
type entryView struct {
	Kind    string            `json:"kind" enum:"message,click,event,group,chat" doc:"What happened, and which of the members below is there: a message had its outcome or is under way, a link was followed or a button pressed, an event was told, the contact came to a group in which it still is, a chat with a bot began."`
	At      *instant          `json:"at,omitempty" doc:"When; absent for a message that is under way."`
	Message *messageSentView  `json:"message,omitempty"`
	Click   *clickedView      `json:"click,omitempty"`
	Event   *eventView        `json:"event,omitempty"`
	Group   *contactGroupView `json:"group,omitempty"`
	Chat    *ChatView         `json:"chat,omitempty"`
}

// messageSentView is a message to a contact.
type messageSentView struct {
	CampaignID   int64  `json:"campaignId" example:"7"`
	CampaignName string `json:"campaignName" example:"Spring sale"`
	CampaignKind string `json:"campaignKind" enum:"broadcast,triggered"`
	Action       string `json:"action" enum:"send,edit,delete" doc:"What the campaign did: send the message, put it in the place of an earlier one, or delete it."`
	BotID        int64  `json:"botId" example:"1"`
	MessageID    int64  `json:"messageId" example:"3"`
	MessageName  string `json:"messageName" example:"Sale"`
	LanguageCode string `json:"languageCode,omitempty" doc:"The language of the version that the contact gets." example:"uk"`
	Seq          int64  `json:"seq" doc:"The recipient's number in the campaign." example:"17"`
	DeliveryView
}

// clickedView is a link that a contact followed, or a button that it pressed.
type clickedView struct {
	ID          string `json:"id" doc:"A UUID that grows with time." example:"0198f2a4-5e1c-7c3f-9f63-0d2b1f3f9a10"`
	CampaignID  int64  `json:"campaignId" example:"7"`
	MessageID   int64  `json:"messageId" example:"3"`
	MessageName string `json:"messageName" example:"Sale"`
	Seq         int64  `json:"seq" doc:"The recipient's number in the campaign." example:"17"`
	Target      string `json:"target,omitempty" doc:"Where the link led, without UTM parameters; absent for a button that sends data." example:"https://shop.example/spring"`
	Data        string `json:"data,omitempty" doc:"What the button sent." example:"rate:5"`
}

type listHistoryInput struct {
	ByID
	Limit  int      `query:"limit" minimum:"1" maximum:"100" default:"50" doc:"How many items to return at most."`
	Cursor string   `query:"cursor" doc:"Where to go on: nextCursor of the page before."`
	Kind   []string `query:"kind,explode" enum:"message,click,event,group,chat" doc:"Only these kinds." example:"[\"message\"]"`
}

// momentKey is the key of a history.
type momentKey struct {
	At    int64         `json:"at"`
	Kind  activity.Kind `json:"kind"`
	Major int64         `json:"major"`
	Minor int64         `json:"minor"`
	Key   string        `json:"key,omitempty"`
}

func (a *API) history() {
	register(a, huma.Operation{
		OperationID: "list-history", Method: http.MethodGet, Path: contactsPath + "/{id}/history", Tags: []string{"contacts"},
		Summary: "See what happened to a contact",
		Description: "Latest first: messages under way, then all else by time. Messages of broadcasts to chats that it does not have any more " +
			"are left out, as are those of campaigns whose recipients are not kept any more, and groups that it has left.",
	}, a.listHistory)
}

func (a *API) listHistory(ctx context.Context, workspaceID int64, in *listHistoryInput) (*answer[page[entryView]], error) {
	p := Paging{Limit: in.Limit, Cursor: in.Cursor}
	key, err := cursorOf[momentKey](p)
	if err == nil && key != nil && !slices.Contains(activity.Kinds, key.Kind) {
		err = errCursor
	}
	if err != nil {
		return nil, err
	}
	if _, _, err := a.Contacts.Get(ctx, workspaceID, in.ID); err != nil {
		return nil, err
	}
	var after *activity.Moment
	if key != nil {
		after = &activity.Moment{At: time.UnixMilli(key.At), Kind: key.Kind, Major: key.Major, Minor: key.Minor, Key: key.Key}
	}
	kinds := make([]activity.Kind, len(in.Kind))
	for i, k := range in.Kind {
		kinds[i] = activity.Kind(k)
	}
	entries, err := a.Activity.Timeline(ctx, workspaceID, in.ID, kinds, after, p.more())
	if err != nil {
		return nil, err
	}
	return paged(p, entries, func(e activity.Entry) momentKey {
		return momentKey{e.At.UnixMilli(), e.Kind, e.Major, e.Minor, e.Key}
	}, viewEntry), nil
}

func viewEntry(e activity.Entry) entryView {
	v := entryView{Kind: string(e.Kind)}
	if !e.At.Equal(activity.Underway) {
		v.At = moment(e.At)
	}
	switch e.Kind {
	case activity.Messaged:
		m := e.Message
		v.Message = &messageSentView{
			CampaignID: m.CampaignID, CampaignName: m.CampaignName, CampaignKind: string(m.Campaign.Kind), Action: string(m.Action), BotID: m.BotID,
			MessageID: m.Campaign.MessageID, MessageName: m.Campaign.MessageName, LanguageCode: m.Language, Seq: m.Seq,
			DeliveryView: viewDelivery(m.Delivery),
		}
	case activity.Clicked:
		c := e.Click
		v.Click = &clickedView{
			ID: c.ID, CampaignID: c.Campaign.ID, MessageID: c.Campaign.MessageID, MessageName: c.Campaign.MessageName, Seq: c.Seq,
			Target: c.Link, Data: c.Click.Data,
		}
	case activity.Happened:
		event := viewEvent(*e.Event)
		v.Event = &event
	case activity.JoinedGroup:
		v.Group = &contactGroupView{e.Group.ID, e.Group.Name}
	case activity.ChatBegan:
		chat := viewChat(*e.Chat)
		v.Chat = &chat
	}
	return v
}
