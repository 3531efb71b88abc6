package manage

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"bellman/internal/access"
	"bellman/internal/api/auth"
)

type lookInput struct {
	Body struct {
		Link string `json:"link" maxLength:"200" doc:"What stands behind the # of the link."`
	}
}

type openLinkView struct {
	Kind      string  `json:"kind" enum:"owner,invitation,reset" doc:"What it is for: to become the first user, to join a workspace, to choose a new password."`
	Email     string  `json:"email,omitempty" doc:"Whose it is; the first user chooses." example:"olena@example.com"`
	Known     bool    `json:"known" doc:"Who was invited is a user already, and gives the password that they have."`
	Workspace string  `json:"workspace,omitempty" doc:"The name of the workspace of an invitation." example:"default"`
	Role      string  `json:"role,omitempty" enum:"owner,admin,marketer,writer,agent,analyst" doc:"The role that an invitation gives."`
	ExpiresAt instant `json:"expiresAt"`
}

type acceptInput struct {
	Body struct {
		Link  string `json:"link" maxLength:"200" doc:"What stands behind the # of the link."`
		Name  string `json:"name,omitempty" maxLength:"1000" doc:"Of a new user: 1 to 100 characters." example:"Olena Kovalenko"`
		Email string `json:"email,omitempty" maxLength:"1000" doc:"Of the first user; others have that of their invitation." example:"olena@example.com"`
		ProofBody
	}
}

func (a *API) links() {
	register(a, huma.Operation{
		OperationID: "look-at-link", Method: http.MethodPost, Path: "/links/look", Tags: []string{"session"},
		Summary: "See what a link is for", Description: "It stays good.",
	}, a.lookAtLink)
	register(a, huma.Operation{
		OperationID: "accept-link", Method: http.MethodPost, Path: "/links/accept", Tags: []string{"session"}, DefaultStatus: http.StatusCreated,
		Summary: "Do what a link is for, and sign in", Description: "The link is used up. The password is a new one, of 12 to 256 characters, " +
			"not easy to guess; of who is a user already and joins a workspace, the one that they have.",
	}, a.acceptLink)
}

func (a *API) lookAtLink(ctx context.Context, _ int64, in *lookInput) (*answer[openLinkView], error) {
	l, err := a.People.Look(ctx, in.Body.Link)
	if err != nil {
		return nil, err
	}
	view := openLinkView{Kind: string(l.Kind), Email: l.Email, ExpiresAt: utc(l.ExpiresAt)}
	if l.Kind != access.InvitationLink {
		return &answer[openLinkView]{view}, nil
	}
	w, err := a.Workspaces.Find(ctx, l.WorkspaceID)
	if err != nil {
		return nil, err
	}
	view.Workspace, view.Role = w.Name, string(l.Role)
	view.Known, err = a.People.Known(ctx, l)
	return &answer[openLinkView]{view}, err
}

func (a *API) acceptLink(ctx context.Context, _ int64, in *acceptInput) (*signedIn, error) {
	visit := auth.VisitOf(ctx)
	if err := visit.Check(); err != nil {
		return nil, err
	}
	given := access.Answer{Name: in.Body.Name, Email: in.Body.Email, Proof: in.Body.proof()}
	e, err := a.People.Accept(ctx, in.Body.Link, given, visit.Visit)
	return a.entered(ctx, e, err)
}

// linkTo returns the address of the page that a link leads to, on the host that the caller
// uses. What stands behind the # is sent to no server, and so in no log.
func linkTo(ctx context.Context, secret string) string {
	return auth.VisitOf(ctx).Base + "/start#" + secret
}
