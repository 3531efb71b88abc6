package manage

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"bellman/internal/access"
	"bellman/internal/campaign"
	"bellman/internal/fault"
)

// authorView is who changed something last.
type authorView struct {
	Kind string  `json:"kind" enum:"user,key"`
	ID   int64   `json:"id" example:"1"`
	Name string  `json:"name" doc:"As they were named then." example:"Olena"`
	At   instant `json:"at"`
}

// viewAuthor returns nil for nobody.
func viewAuthor(a access.Author) *authorView {
	switch {
	case a.UserID != 0:
		return &authorView{"user", a.UserID, a.Name, utc(a.At)}
	case a.KeyID != 0:
		return &authorView{"key", a.KeyID, a.Name, utc(a.At)}
	}
	return nil
}

// approvalView is what a workspace asks for before a launch.
type approvalView struct {
	Above   int64  `json:"above" doc:"Above how many recipients somebody else than its author launches a campaign." example:"1000"`
	Needed  bool   `json:"needed" doc:"It goes to more than that now."`
	MayGive bool   `json:"mayGive" doc:"You may launch it to more: you may send, and have changed neither the campaign nor its message last."`
	Why     string `json:"why,omitempty" doc:"Why you may not, in a sentence for people."`
}

// viewApproval returns nil where nothing is asked for.
func viewApproval(ctx context.Context, a campaign.Approval, now time.Time) (*approvalView, error) {
	if a.Above == 0 {
		return nil, nil
	}
	c, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	v := approvalView{Above: a.Above, Needed: a.Needed(), MayGive: true}
	refusal := c.Allow(access.Send)
	if refusal == nil {
		refusal = a.Refusal(access.AuthorOf(ctx, now), "launch")
	}
	if f, ok := errors.AsType[*fault.Error](refusal); ok {
		v.MayGive, v.Why = false, f.Message
	}
	return &v, nil
}

type approvalInput struct {
	Body struct {
		Above *int64 `json:"above" nullable:"true" minimum:"1" maximum:"1000000000" doc:"Above how many recipients; null for never." example:"1000"`
	}
}

func (a *API) approval() {
	register(a, huma.Operation{
		OperationID: "set-approval", Method: http.MethodPut, Path: "/workspace/approval", Tags: []string{"workspace"},
		Summary: "Have somebody else launch what goes to many",
		Description: "A campaign to more recipients than that is launched, resent and resumed by a person who has changed neither it nor its " +
			"message last; by no key. It holds at once, also for what waits for its time or is being laid out: what has more recipients " +
			"than its author may reach pauses, approval_needed, until somebody else resumes it.",
	}, func(ctx context.Context, workspaceID int64, in *approvalInput) (*answer[workspaceView], error) {
		above := int64(0)
		if in.Body.Above != nil {
			above = *in.Body.Above
		}
		return viewWorkspace(a.Workspaces.Approve(ctx, workspaceID, above))
	})
}
