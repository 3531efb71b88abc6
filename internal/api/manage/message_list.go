package manage

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"bellman/internal/contact"
	"bellman/internal/message"
)

type listMessagesInput struct {
	Paging
	Counting
	Search string   `query:"search" maxLength:"200" doc:"Only messages with this in their name or a text, in any case." example:"sale"`
	Tag    []string `query:"tag,explode" maxItems:"20" doc:"Only messages with this tag, in any case; repeated, with one of these."`
	Sort   string   `query:"sort" enum:"name,-name,createdAt,-createdAt,updatedAt,-updatedAt" doc:"The order, a minus for backwards; without it, newest first."`
}

// ofMessage is the input of lists of what one message has.
type ofMessage struct {
	ByID
	Paging
}

type messageUseView struct {
	CampaignID int64  `json:"campaignId" example:"1"`
	Name       string `json:"name" example:"Spring sale, all"`
	Kind       string `json:"kind" enum:"broadcast,triggered"`
	State      string `json:"state" enum:"draft,scheduled,launching,sending,paused,finished,cancelled"`
}

type duplicateInput struct {
	ByID
	Body *struct {
		Name string `json:"name,omitempty" maxLength:"200" doc:"The name of the copy. Without it, the name of the original with (copy), (copy 2) and so on behind it." example:"Summer sale"`
	}
}

// name is the name that the caller has chosen; empty for none.
func (in *duplicateInput) name() string {
	if in.Body == nil {
		return ""
	}
	return in.Body.Name
}

func (a *API) messageLists() {
	register(a, huma.Operation{
		OperationID: "list-messages", Method: http.MethodGet, Path: "/messages", Tags: []string{"messages"},
		Summary: "List messages", Description: "Newest first, if no other order is asked for.",
	}, a.listMessages)
	register(a, huma.Operation{
		OperationID: "list-message-uses", Method: http.MethodGet, Path: "/messages/{id}/uses", Tags: []string{"messages"},
		Summary:     "List what uses a message",
		Description: "The campaigns that send it, are to send it or have sent it, test sends included, newest first.",
	}, a.listMessageUses)
	register(a, huma.Operation{
		OperationID: "duplicate-message", Method: http.MethodPost, Path: "/messages/{id}/duplicate", Tags: []string{"messages"},
		Summary: "Copy a message", Description: "A draft is copied as a draft. The copy begins with a version 1 of its own.",
		DefaultStatus: http.StatusCreated,
	}, func(ctx context.Context, workspaceID int64, in *duplicateInput) (*tagged[messageView], error) {
		return taggedMessage(a.Messages.Duplicate(ctx, workspaceID, in.ID, in.name()))
	})
	a.messageVersions()
}

func (a *API) listMessages(ctx context.Context, workspaceID int64, in *listMessagesInput) (*answer[page[messageView]], error) {
	at, err := in.placeIn(in.Sort)
	if err != nil {
		return nil, err
	}
	f := message.Filter{
		Search: in.Search, InText: true, Tags: in.Tag, Order: message.Order(in.Sort), Limit: in.more(), Total: in.Total,
	}
	if at != nil {
		f.After = &message.Place{Text: at.Text, At: at.At, ID: at.ID}
	}
	messages, total, err := a.Messages.Find(ctx, workspaceID, f)
	if err != nil {
		return nil, err
	}
	out := paged(in.Paging, messages, func(m message.Message) place {
		p := f.Order.Place(m, contact.Fold)
		return place{in.Sort, p.Text, p.At, p.ID}
	}, viewMessage)
	if in.Total {
		out.Body.Total = &totalView{Count: total}
	}
	return out, nil
}

func (a *API) listMessageUses(ctx context.Context, workspaceID int64, in *ofMessage) (*answer[page[messageUseView]], error) {
	before, err := in.before()
	if err != nil {
		return nil, err
	}
	uses, err := a.Messages.Uses(ctx, workspaceID, in.ID, before, in.more())
	if err != nil {
		return nil, err
	}
	return paged(in.Paging, uses, func(u message.Use) int64 { return u.CampaignID },
		func(u message.Use) messageUseView { return messageUseView(u) }), nil
}
