package manage

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"bellman/internal/access"
)

type authenticatorView struct {
	Secret  string `json:"secret" doc:"To be typed into an authenticator; shown once." example:"JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"`
	Address string `json:"address" doc:"The same as an address, to be shown as a QR code." example:"otpauth://totp/Bellman:olena@example.com?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Bellman"`
}

type codeInput struct {
	Body struct {
		Code string `json:"code" maxLength:"100" doc:"The six digits that the authenticator shows." example:"492039"`
	}
}

type recoveryView struct {
	RecoveryCodes []string `json:"recoveryCodes" nullable:"false" doc:"Each takes the place of the authenticator once. Keep them; they are not shown again." example:"[\"k3fq-2m7a-x5wd-qy4u\"]"`
}

func (a *API) authenticator() {
	const path = "/me/authenticator"
	tags := []string{"session"}
	register(a, huma.Operation{
		OperationID: "draft-authenticator", Method: http.MethodPost, Path: path, Tags: tags, DefaultStatus: http.StatusCreated,
		Summary: "Begin with an authenticator", Description: "Codes of it are asked for when one was confirmed.",
	}, a.draftAuthenticator)
	register(a, huma.Operation{
		OperationID: "confirm-authenticator", Method: http.MethodPost, Path: path + "/confirm", Tags: tags,
		Summary: "Have codes asked for at sign-in", Description: "From now on, beside the password. Your other sessions end.",
	}, a.confirmAuthenticator)
	register(a, huma.Operation{
		OperationID: "remove-authenticator", Method: http.MethodDelete, Path: path, Tags: tags, DefaultStatus: http.StatusNoContent,
		Summary: "Have no codes asked for any more",
	}, a.removeAuthenticator)
	register(a, huma.Operation{
		OperationID: "renew-recovery-codes", Method: http.MethodPost, Path: "/me/recovery-codes", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary: "Make new recovery codes", Description: "Those that are left are good no more.",
	}, a.renewRecoveryCodes)
	register(a, huma.Operation{
		OperationID: "remove-users-authenticator", Method: http.MethodDelete, Path: "/users/{id}/authenticator", Tags: []string{"users"},
		DefaultStatus: http.StatusNoContent, Summary: "Have no codes asked for of somebody who has lost theirs",
		Description: "Who does it has to be able to give every role that they have, here and elsewhere.",
	}, a.removeUsersAuthenticator)
}

func (a *API) draftAuthenticator(ctx context.Context, _ int64, _ *struct{}) (*answer[authenticatorView], error) {
	c, err := person(ctx)
	if err != nil {
		return nil, err
	}
	made, err := a.People.DraftAuthenticator(ctx, c)
	return &answer[authenticatorView]{authenticatorView(made)}, err
}

func (a *API) confirmAuthenticator(ctx context.Context, _ int64, in *codeInput) (*answer[recoveryView], error) {
	c, err := person(ctx)
	if err != nil {
		return nil, err
	}
	codes, err := a.People.ConfirmAuthenticator(ctx, c, in.Body.Code)
	return &answer[recoveryView]{recoveryView{codes}}, staySignedIn(err)
}

func (a *API) removeAuthenticator(ctx context.Context, _ int64, _ *struct{}) (*struct{}, error) {
	c, err := person(ctx)
	if err != nil {
		return nil, err
	}
	return nil, a.People.RemoveAuthenticator(ctx, c, c.User.ID)
}

func (a *API) renewRecoveryCodes(ctx context.Context, _ int64, _ *struct{}) (*answer[recoveryView], error) {
	c, err := person(ctx)
	if err != nil {
		return nil, err
	}
	codes, err := a.People.RenewRecoveryCodes(ctx, c)
	return &answer[recoveryView]{recoveryView{codes}}, err
}

func (a *API) removeUsersAuthenticator(ctx context.Context, _ int64, in *ByID) (*struct{}, error) {
	c, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	return nil, a.People.RemoveAuthenticator(ctx, c, in.ID)
}
