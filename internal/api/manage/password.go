package manage

import (
	"cmp"
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"bellman/internal/access"
	"bellman/internal/fault"
)

type judgeInput struct {
	Body struct {
		Link     string `json:"link,omitempty" maxLength:"200" doc:"What stands behind the # of a link that lets choose a password; not needed by who has signed in."`
		Name     string `json:"name,omitempty" maxLength:"1000" doc:"What is about to be given with it, and would be easy to guess." example:"Olena Kovalenko"`
		Email    string `json:"email,omitempty" maxLength:"1000" example:"olena@example.com"`
		Password string `json:"password" maxLength:"1000"`
	}
}

type judgementView struct {
	Strength string `json:"strength" enum:"weak,fair,good,strong" doc:"How hard it is to guess; a weak one is refused."`
	Code     string `json:"code,omitempty" doc:"The code of the fault with which it would be refused." example:"password_common"`
	Detail   string `json:"detail,omitempty" doc:"The same in words."`
}

func (a *API) password() {
	register(a, huma.Operation{
		OperationID: "judge-password", Method: http.MethodPost, Path: "/password/strength", Tags: []string{"session"},
		Summary: "See how hard a new password is to guess", Description: "For who has signed in, or has a link that lets choose one. " +
			"It takes some hundredths of a second: ask when somebody stops typing.",
	}, a.judgePassword)
}

func (a *API) judgePassword(ctx context.Context, _ int64, in *judgeInput) (*answer[judgementView], error) {
	owner := access.User{Name: in.Body.Name, Email: in.Body.Email}
	if c, err := access.From(ctx); err == nil && c.User != nil {
		owner = *c.User
	} else {
		l, err := a.People.Look(ctx, in.Body.Link)
		if err != nil {
			return nil, err
		}
		owner.Email = cmp.Or(l.Email, owner.Email)
	}
	strength, refused, err := a.People.Judge(ctx, in.Body.Password, owner)
	view := judgementView{Strength: string(strength)}
	if f, ok := errors.AsType[*fault.Error](refused); ok {
		view.Code, view.Detail = f.Code, f.Message
	}
	return &answer[judgementView]{view}, err
}
