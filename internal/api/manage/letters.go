package manage

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"bellman/internal/api/auth"
	"bellman/internal/fault"
	"bellman/internal/mail"
)

// This file is links that are sent by mail, where there is a mail server.

// Spoken is the languages of who asks. It is exported for the reason given at [ByID].
type Spoken struct {
	Languages string `header:"Accept-Language" doc:"In which of en, uk and ru a letter is written." example:"uk"`
}

type forgottenInput struct {
	Spoken
	Body struct {
		Email string `json:"email" maxLength:"1000" example:"olena@example.com"`
	}
}

var errNoMail = fault.New(fault.Conflict, "no_mail_server",
	"this installation sends no mail: ask an admin for a link to choose a new password, and whoever runs it to set --smtp")

func (a *API) letters() {
	register(a, huma.Operation{
		OperationID: "forgot-password", Method: http.MethodPost, Path: "/session/forgotten", Tags: []string{"session"},
		DefaultStatus: http.StatusAccepted,
		Summary:       "Have a link for a new password sent", Description: "To the address itself, when somebody has it here: " +
			"the answer does not tell. Without a mail server it is a 409, `no_mail_server`.",
	}, a.forgotPassword)
}

func (a *API) forgotPassword(ctx context.Context, _ int64, in *forgottenInput) (*struct{}, error) {
	if a.Mail == nil {
		return nil, errNoMail
	}
	email, err := a.People.AskReset(ctx, in.Body.Email, auth.VisitOf(ctx).Visit)
	if err != nil {
		return nil, err
	}
	a.Mail.Post.Later(func(ctx context.Context) error {
		secret, err := a.People.ResetFor(ctx, email)
		switch fault.KindOf(err) {
		case fault.NotFound, fault.Forbidden:
			return nil
		}
		if err != nil {
			return err
		}
		return a.Mail.Send(ctx, email, mail.Reset(in.Languages, true, a.Mail.Link(secret)))
	})
	return nil, nil
}
