package manage

import (
	"context"
	"encoding/base64"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"bellman/internal/track"
)

type clickView struct {
	ID        string  `json:"id" doc:"A UUID that grows with time." example:"0198f2a4-5e1c-7c3f-9f63-0d2b1f3f9a10"`
	At        instant `json:"at"`
	ContactID int64   `json:"contactId" example:"1"`
	Seq       int64   `json:"seq" doc:"The recipient's number in the campaign." example:"17"`
	Link      *int    `json:"link,omitempty" doc:"The place of the link in the campaign's links, from 0; absent for a button that sends data." example:"0"`
	Target    string  `json:"target,omitempty" doc:"Where the link led, without UTM parameters." example:"https://shop.example/spring"`
	Agent     string  `json:"agent,omitempty" doc:"The family of the browser; absent when it is not known." example:"Chrome"`
	Data      string  `json:"data,omitempty" doc:"What the button sent." example:"rate:5"`
}

func viewClick(c track.Click) clickView {
	v := clickView{ID: c.ID, At: utc(c.At), ContactID: c.ContactID, Seq: c.Seq, Target: c.Target, Agent: c.Agent, Data: c.Data}
	if c.Press == "" {
		v.Link = &c.Link
	}
	return v
}

type linkView struct {
	Link     int    `json:"link" doc:"Its place, from 0." example:"0"`
	Target   string `json:"target" doc:"Where it leads, as it is written in the message." example:"https://shop.example/spring"`
	Button   string `json:"button,omitempty" doc:"The text of its button; absent for a link in the text." example:"Have a look"`
	Language string `json:"language,omitempty" doc:"The language of the version that it is in." example:"en"`
	Clicks   int64  `json:"clicks" doc:"How often it was followed." example:"42"`
	People   int64  `json:"people" doc:"By how many recipients." example:"37"`
}

func viewLink(l track.LinkReport) linkView {
	return linkView{
		Link: l.LinkCount.Link, Target: l.Target, Button: l.Button, Language: l.Language, Clicks: l.Clicks, People: l.People,
	}
}

type linksView struct {
	Items []linkView `json:"items" nullable:"false" doc:"In the order of the message."`
}

type listClicksInput struct {
	ByID
	Paging
}

// before returns the id below which the list continues; empty for the first page.
func (in *listClicksInput) before() (string, error) {
	if in.Cursor == "" {
		return "", nil
	}
	id, err := base64.RawURLEncoding.DecodeString(in.Cursor)
	if err == nil {
		err = uuid.Validate(string(id))
	}
	if err != nil {
		return "", errCursor
	}
	return string(id), nil
}

// updateInput is an update as Telegram's Bot API sends it, with only the members
// that are read.
type updateInput struct {
	ByID
	Body struct {
		_             struct{}       `additionalProperties:"true"`
		CallbackQuery *callbackQuery `json:"callback_query,omitempty" doc:"A button that was pressed."`
	}
}

type callbackQuery struct {
	_       struct{} `additionalProperties:"true"`
	ID      string   `json:"id" maxLength:"200" example:"4382bfdwdsb323b2d9"`
	Data    string   `json:"data,omitempty" maxLength:"256" doc:"What the button sends." example:"rate:5"`
	Message *struct {
		_         struct{} `additionalProperties:"true"`
		MessageID int64    `json:"message_id" example:"4711"`
		Chat      struct {
			_  struct{} `additionalProperties:"true"`
			ID int64    `json:"id" example:"501234567"`
		} `json:"chat"`
	} `json:"message,omitempty"`
}

type handledView struct {
	Handled bool `json:"handled" doc:"Whether the update was the press of a button under a message of a campaign, and was counted." example:"true"`
}

func (a *API) clicks() {
	register(a, huma.Operation{
		OperationID: "list-clicks", Method: http.MethodGet, Path: "/campaigns/{id}/clicks", Tags: []string{"campaigns"},
		Summary: "List a campaign's clicks",
		Description: "Every time that a person followed a link or pressed a button that sends data, newest first. " +
			"Crawlers, previews and HTTP clients such as curl are not counted.",
	}, a.listClicks)
	register(a, huma.Operation{
		OperationID: "list-links", Method: http.MethodGet, Path: "/campaigns/{id}/links", Tags: []string{"campaigns"},
		Summary: "List a campaign's links", Description: "With how often each was followed. There are none before the launch.",
	}, a.listLinks)
	register(a, huma.Operation{
		OperationID: "pass-update", Method: http.MethodPost, Path: "/bots/{id}/updates", Tags: []string{"bots"},
		Summary: "Pass on an update of Telegram",
		Description: "For services of your own that receive the bot's updates: pass on what Telegram sent, as it is. " +
			"When it is the press of a button under a message of a campaign (callback_query), the recipient has clicked. " +
			"The same press counts once, however often it is passed on. Answering the callback query stays with your service.",
	}, a.passUpdate)
}

func (a *API) listClicks(ctx context.Context, workspaceID int64, in *listClicksInput) (*answer[page[clickView]], error) {
	before, err := in.before()
	if err != nil {
		return nil, err
	}
	if err := a.Campaigns.CheckKept(ctx, workspaceID, in.ID); err != nil {
		return nil, err
	}
	clicks, err := a.Clicks.Clicks(ctx, workspaceID, in.ID, before, in.more())
	if err != nil {
		return nil, err
	}
	out := page[clickView]{Items: make([]clickView, 0, min(len(clicks), in.Limit))}
	if len(clicks) > in.Limit {
		clicks = clicks[:in.Limit]
		out.NextCursor = base64.RawURLEncoding.EncodeToString([]byte(clicks[in.Limit-1].ID))
	}
	for _, c := range clicks {
		out.Items = append(out.Items, viewClick(c))
	}
	return &answer[page[clickView]]{out}, nil
}

func (a *API) listLinks(ctx context.Context, workspaceID int64, in *ByID) (*answer[linksView], error) {
	if err := a.Campaigns.CheckKept(ctx, workspaceID, in.ID); err != nil {
		return nil, err
	}
	links, err := a.Clicks.Links(ctx, workspaceID, in.ID)
	if err != nil {
		return nil, err
	}
	out := linksView{Items: make([]linkView, len(links))}
	for i, l := range links {
		out.Items[i] = viewLink(l)
	}
	return &answer[linksView]{out}, nil
}

func (a *API) passUpdate(ctx context.Context, workspaceID int64, in *updateInput) (*answer[handledView], error) {
	b, err := a.Bots.Get(ctx, workspaceID, in.ID)
	if err != nil {
		return nil, err
	}
	pressed := in.Body.CallbackQuery
	if pressed == nil || pressed.Message == nil {
		return &answer[handledView]{}, nil
	}
	handled, err := a.Clicks.Press(ctx, track.Press{
		BotID: b.ID, ChatID: pressed.Message.Chat.ID, MessageID: pressed.Message.MessageID, QueryID: pressed.ID, Data: pressed.Data,
	})
	if err != nil {
		return nil, err
	}
	return &answer[handledView]{handledView{handled}}, nil
}
