package manage

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"bellman/internal/live"
)

type presenceInput struct {
	Body struct {
		Type string `json:"type" enum:"campaign,message,contact,group" doc:"What kind of thing you have open."`
		ID   string `json:"id" pattern:"^[0-9]{1,16}$" doc:"Its id." example:"7"`
	}
}

type presenceView struct {
	People []visitorView `json:"people" nullable:"false" doc:"Who else has it open, by name."`
}

type visitorView struct {
	UserID int64  `json:"userId" example:"2"`
	Name   string `json:"name" example:"Bohdan Shevchuk"`
}

func (a *API) presence() {
	register(a, huma.Operation{
		OperationID: "be-present", Method: http.MethodPost, Path: "/presence", Tags: []string{"live"},
		Summary: "Say what you have open, and see who else has it",
		Description: "For people who write at one thing. It holds for 45 seconds: say it again every 15 or so. It is written nowhere. " +
			"In another process it is known half a second later. Keys are nobody here.",
	}, a.bePresent)
}

func (a *API) bePresent(ctx context.Context, workspaceID int64, in *presenceInput) (*answer[presenceView], error) {
	c, err := person(ctx)
	if err != nil {
		return nil, err
	}
	out := presenceView{People: []visitorView{}}
	if c.User == nil {
		return &answer[presenceView]{out}, nil
	}
	of := live.Change{Kind: live.Kind(in.Body.Type), ID: in.Body.ID}
	for _, v := range a.Live.Visit(workspaceID, of, live.Visitor{UserID: c.User.ID, Name: c.User.Name}) {
		out.People = append(out.People, visitorView(v))
	}
	return &answer[presenceView]{out}, nil
}
