package manage

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"bellman/internal/message"
)

// MessageVersionView is a version of a message without what it says.
type MessageVersionView struct {
	Number   int64       `json:"number" doc:"Counts from 1 in each message." example:"3"`
	Name     string      `json:"name" example:"Spring sale"`
	Sendable bool        `json:"sendable" doc:"False for a draft."`
	SavedBy  *authorView `json:"savedBy,omitempty" doc:"Who saved it; absent for what was saved before that was noted."`
	BegunAt  instant     `json:"begunAt" doc:"When it was first saved."`
	SavedAt  instant     `json:"savedAt" doc:"When it was saved last: within ten minutes of that, by the same person."`
}

// wholeVersionView is a version with what it says.
type wholeVersionView struct {
	MessageVersionView
	Content message.Content `json:"content" doc:"What the message said: with the name, the body of a PUT that restores it."`
}

func viewVersion(r message.Revision) MessageVersionView {
	return MessageVersionView{r.Number, r.Name, !r.Draft, viewAuthor(r.Author), utc(r.BegunAt), utc(r.SavedAt)}
}

type messageVersionInput struct {
	ByID
	Number int64 `path:"number" minimum:"1" maximum:"9007199254740991" doc:"The number of the version." example:"3"`
}

func (a *API) messageVersions() {
	register(a, huma.Operation{
		OperationID: "list-message-versions", Method: http.MethodGet, Path: "/messages/{id}/versions", Tags: []string{"messages"},
		Summary: "List the versions of a message",
		Description: "Newest first, without what they say. The newest is the message as it is; the newest 100 are kept. " +
			"One is restored by a PUT of the message with its name and content, and newVersion=true.",
	}, a.listMessageVersions)
	register(a, huma.Operation{
		OperationID: "get-message-version", Method: http.MethodGet, Path: "/messages/{id}/versions/{number}", Tags: []string{"messages"},
		Summary: "Get a version of a message",
	}, a.getMessageVersion)
}

func (a *API) listMessageVersions(ctx context.Context, workspaceID int64, in *ofMessage) (*answer[page[MessageVersionView]], error) {
	before, err := in.before()
	if err != nil {
		return nil, err
	}
	revisions, err := a.Messages.Revisions(ctx, workspaceID, in.ID, before, in.more())
	if err != nil {
		return nil, err
	}
	return paged(in.Paging, revisions, func(r message.Revision) int64 { return r.Number }, viewVersion), nil
}

func (a *API) getMessageVersion(ctx context.Context, workspaceID int64, in *messageVersionInput) (*answer[wholeVersionView], error) {
	r, err := a.Messages.Revision(ctx, workspaceID, in.ID, in.Number)
	if err != nil {
		return nil, err
	}
	return &answer[wholeVersionView]{wholeVersionView{viewVersion(r), r.Content}}, nil
}
