package manage

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"bellman/internal/api/auth"
	"bellman/internal/fault"
)

type renameMeInput struct {
	Body struct {
		Name string `json:"name" doc:"1 to 100 characters." example:"Olena Kovalenko"`
	}
}

type changePasswordInput struct {
	Body struct {
		ProofBody
		NewPassword string `json:"newPassword" maxLength:"1000" doc:"12 to 256 characters, not easy to guess."`
	}
}

func (a *API) me() {
	register(a, huma.Operation{
		OperationID: "get-me", Method: http.MethodGet, Path: "/me", Tags: []string{"session"}, Summary: "See your account",
	}, a.getMe)
	register(a, huma.Operation{
		OperationID: "update-me", Method: http.MethodPatch, Path: "/me", Tags: []string{"session"}, Summary: "Change your name",
	}, a.updateMe)
	register(a, huma.Operation{
		OperationID: "change-password", Method: http.MethodPost, Path: "/me/password", Tags: []string{"session"},
		Summary: "Change your password", Description: "Your other sessions end.",
	}, a.changePassword)
}

func (a *API) getMe(ctx context.Context, _ int64, _ *struct{}) (*answer[userView], error) {
	c, err := person(ctx)
	if err != nil {
		return nil, err
	}
	return &answer[userView]{viewUser(*c.User)}, nil
}

func (a *API) updateMe(ctx context.Context, _ int64, in *renameMeInput) (*answer[userView], error) {
	c, err := person(ctx)
	if err != nil {
		return nil, err
	}
	u, err := a.People.Rename(ctx, c.User.ID, in.Body.Name)
	return &answer[userView]{viewUser(u)}, err
}

func (a *API) changePassword(ctx context.Context, _ int64, in *changePasswordInput) (*signedIn, error) {
	c, err := person(ctx)
	if err != nil {
		return nil, err
	}
	e, err := a.People.ChangePassword(ctx, c, in.Body.proof(), in.Body.NewPassword, auth.VisitOf(ctx).Visit)
	if f, ok := errors.AsType[*fault.Error](err); ok && f.Kind == fault.Invalid {
		err = f.In("newPassword")
	}
	return a.entered(ctx, e, staySignedIn(err))
}
