package manage

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"bellman/internal/message"
)

type messageView struct {
	ID        int64     `json:"id" example:"1"`
	Name      string    `json:"name" example:"Spring sale"`
	Text      string    `json:"text" example:"<b>Spring sale</b>: 20% off until Sunday"`
	CreatedAt time.Time `json:"createdAt"`
	UpdatedAt time.Time `json:"updatedAt"`
}

func viewMessage(m message.Message) messageView {
	return messageView{ID: m.ID, Name: m.Name, Text: m.Content.Text, CreatedAt: utc(m.CreatedAt), UpdatedAt: utc(m.UpdatedAt)}
}

// messageBody is what people write.
type messageBody struct {
	Name string `json:"name" doc:"For the people who work with it; recipients never see it. 1 to 200 characters." example:"Spring sale"`
	Text string `json:"text" doc:"In Telegram's HTML." example:"<b>Spring sale</b>: 20% off until Sunday"`
}

type createMessageInput struct{ Body messageBody }

type updateMessageInput struct {
	ByID
	Body messageBody
}

func (a *API) messages() {
	register(a, huma.Operation{
		OperationID: "create-message", Method: http.MethodPost, Path: "/messages", Tags: []string{"messages"},
		Summary: "Write a message", DefaultStatus: http.StatusCreated,
	}, a.createMessage)
	register(a, huma.Operation{
		OperationID: "list-messages", Method: http.MethodGet, Path: "/messages", Tags: []string{"messages"},
		Summary: "List messages", Description: "Newest first.",
	}, a.listMessages)
	register(a, huma.Operation{
		OperationID: "get-message", Method: http.MethodGet, Path: "/messages/{id}", Tags: []string{"messages"},
		Summary: "Get a message",
	}, a.getMessage)
	register(a, huma.Operation{
		OperationID: "update-message", Method: http.MethodPut, Path: "/messages/{id}", Tags: []string{"messages"},
		Summary:     "Replace a message",
		Description: "Campaigns that were launched keep the content they were launched with.",
	}, a.updateMessage)
}

func (a *API) createMessage(ctx context.Context, workspaceID int64, in *createMessageInput) (*answer[messageView], error) {
	m, err := a.Messages.Create(ctx, workspaceID, in.Body.Name, message.Content{Text: in.Body.Text})
	if err != nil {
		return nil, err
	}
	return &answer[messageView]{viewMessage(m)}, nil
}

func (a *API) listMessages(ctx context.Context, workspaceID int64, in *Paging) (*answer[page[messageView]], error) {
	before, err := in.before()
	if err != nil {
		return nil, err
	}
	messages, err := a.Messages.List(ctx, workspaceID, before, in.more())
	if err != nil {
		return nil, err
	}
	return paged(*in, messages, func(m message.Message) int64 { return m.ID }, viewMessage), nil
}

func (a *API) getMessage(ctx context.Context, workspaceID int64, in *ByID) (*answer[messageView], error) {
	m, err := a.Messages.Get(ctx, workspaceID, in.ID)
	if err != nil {
		return nil, err
	}
	return &answer[messageView]{viewMessage(m)}, nil
}

func (a *API) updateMessage(ctx context.Context, workspaceID int64, in *updateMessageInput) (*answer[messageView], error) {
	m, err := a.Messages.Update(ctx, workspaceID, in.ID, in.Body.Name, message.Content{Text: in.Body.Text})
	if err != nil {
		return nil, err
	}
	return &answer[messageView]{viewMessage(m)}, nil
}
