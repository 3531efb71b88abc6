package manage

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"bellman/internal/access"
	"bellman/internal/mail"
)

type staffView struct {
	ID     int64    `json:"id" example:"1"`
	Email  string   `json:"email" example:"olena@example.com"`
	Name   string   `json:"name" example:"Olena Kovalenko"`
	Role   string   `json:"role" enum:"owner,admin,marketer,writer,agent,analyst"`
	Since  instant  `json:"since" doc:"When they got the role."`
	SeenAt *instant `json:"seenAt,omitempty" doc:"When they were last here, to the minute; absent when they are signed in nowhere."`
}

func viewMember(m access.Member) staffView {
	return staffView{m.ID, m.Email, m.Name, string(m.Role), utc(m.Since), moment(m.SeenAt)}
}

type staffListView struct {
	Items []staffView `json:"items" nullable:"false" doc:"All who have a role in the workspace, by email."`
}

type changeRoleInput struct {
	ByID
	Body struct {
		Role string `json:"role" enum:"owner,admin,marketer,writer,agent,analyst"`
	}
}

type inviteInput struct {
	Spoken
	Body struct {
		Email string `json:"email" maxLength:"1000" example:"olena@example.com"`
		Role  string `json:"role" enum:"owner,admin,marketer,writer,agent,analyst"`
		Send  bool   `json:"send,omitempty" doc:"Have it sent to them by mail, instead of being shown; without a mail server that is a 409, no_mail_server."`
	}
}

type invitationView struct {
	ID        int64   `json:"id" example:"1"`
	Email     string  `json:"email" example:"olena@example.com"`
	Role      string  `json:"role" enum:"owner,admin,marketer,writer,agent,analyst"`
	CreatedAt instant `json:"createdAt"`
	ExpiresAt instant `json:"expiresAt"`
	Link      string  `json:"link,omitempty" doc:"To be given to them, by whatever way; shown once, and not when it was sent." example:"https://bellman.example.com/start#Vb2…"`
}

type invitationsView struct {
	Items []invitationView `json:"items" nullable:"false" doc:"Those that are still good, oldest first."`
}

type resetLinkInput struct {
	ByID
	Spoken
	Body *struct {
		Send bool `json:"send,omitempty" doc:"Have it sent to them by mail, instead of being shown; without a mail server that is a 409, no_mail_server."`
	}
}

type resetLinkView struct {
	Link      string  `json:"link,omitempty" doc:"To be given to them, by whatever way; shown once, and not when it was sent." example:"https://bellman.example.com/start#Vb2…"`
	ExpiresAt instant `json:"expiresAt"`
}

func (a *API) users() {
	tags := []string{"users"}
	register(a, huma.Operation{
		OperationID: "list-users", Method: http.MethodGet, Path: "/users", Tags: tags, Summary: "List who has a role in the workspace",
	}, a.listUsers)
	register(a, huma.Operation{
		OperationID: "change-role", Method: http.MethodPatch, Path: "/users/{id}", Tags: tags,
		Summary: "Give somebody another role", Description: "They sign in again. Only owners make owners, and change them; the last one stays.",
	}, a.changeRole)
	register(a, huma.Operation{
		OperationID: "remove-user", Method: http.MethodDelete, Path: "/users/{id}", Tags: tags, DefaultStatus: http.StatusNoContent,
		Summary: "Take somebody out of the workspace", Description: "Their sessions end. What they made stays.",
	}, a.removeUser)
	register(a, huma.Operation{
		OperationID: "end-users-sessions", Method: http.MethodDelete, Path: "/users/{id}/sessions", Tags: tags,
		DefaultStatus: http.StatusNoContent, Summary: "Sign somebody out everywhere", Description: "As when a telephone was lost. Who does it " +
			"has to be able to give every role that they have, here and elsewhere.",
	}, a.endUsersSessions)
	register(a, huma.Operation{
		OperationID: "make-reset-link", Method: http.MethodPost, Path: "/users/{id}/reset", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary: "Let somebody choose a new password", Description: "By a link that is good once, for a day. Who makes it has to be able to " +
			"give every role that they have, here and elsewhere.",
	}, a.makeResetLink)
	register(a, huma.Operation{
		OperationID: "list-invitations", Method: http.MethodGet, Path: "/invitations", Tags: tags, Summary: "List the open invitations",
	}, a.listInvitations)
	register(a, huma.Operation{
		OperationID: "invite", Method: http.MethodPost, Path: "/invitations", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary: "Invite somebody", Description: "By a link that is good once, for a week. It takes the place of another one for the same email.",
	}, a.invite)
	register(a, huma.Operation{
		OperationID: "withdraw-invitation", Method: http.MethodDelete, Path: "/invitations/{id}", Tags: tags, DefaultStatus: http.StatusNoContent,
		Summary: "Withdraw an invitation",
	}, a.withdrawInvitation)
}

func (a *API) listUsers(ctx context.Context, workspaceID int64, _ *struct{}) (*answer[staffListView], error) {
	all, err := a.People.Members(ctx, workspaceID)
	out := staffListView{Items: []staffView{}}
	for _, m := range all {
		out.Items = append(out.Items, viewMember(m))
	}
	return &answer[staffListView]{out}, err
}

func (a *API) changeRole(ctx context.Context, _ int64, in *changeRoleInput) (*answer[staffView], error) {
	c, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	m, err := a.People.GiveRole(ctx, c, in.ID, access.Role(in.Body.Role))
	return &answer[staffView]{viewMember(m)}, err
}

func (a *API) removeUser(ctx context.Context, _ int64, in *ByID) (*struct{}, error) {
	c, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	_, err = a.People.GiveRole(ctx, c, in.ID, "")
	return nil, err
}

func (a *API) endUsersSessions(ctx context.Context, _ int64, in *ByID) (*struct{}, error) {
	c, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	return nil, a.People.EndSessionsOf(ctx, c, in.ID)
}

func (a *API) makeResetLink(ctx context.Context, _ int64, in *resetLinkInput) (*answer[resetLinkView], error) {
	c, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	send := in.Body != nil && in.Body.Send
	if send && a.Mail == nil {
		return nil, errNoMail
	}
	u, l, secret, err := a.People.ResetLink(ctx, c, in.ID)
	if err != nil {
		return nil, err
	}
	view := resetLinkView{ExpiresAt: utc(l.ExpiresAt)}
	if send {
		return &answer[resetLinkView]{view}, a.Mail.Send(ctx, u.Email, mail.Reset(in.Languages, false, a.Mail.Link(secret)))
	}
	view.Link = linkTo(ctx, secret)
	return &answer[resetLinkView]{view}, nil
}

func viewInvitation(l access.Link) invitationView {
	return invitationView{ID: l.ID, Email: l.Email, Role: string(l.Role), CreatedAt: utc(l.CreatedAt), ExpiresAt: utc(l.ExpiresAt)}
}

func (a *API) listInvitations(ctx context.Context, workspaceID int64, _ *struct{}) (*answer[invitationsView], error) {
	all, err := a.People.Invitations(ctx, workspaceID)
	out := invitationsView{Items: []invitationView{}}
	for _, l := range all {
		out.Items = append(out.Items, viewInvitation(l))
	}
	return &answer[invitationsView]{out}, err
}

func (a *API) invite(ctx context.Context, _ int64, in *inviteInput) (*answer[invitationView], error) {
	c, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	if in.Body.Send && a.Mail == nil {
		return nil, errNoMail
	}
	l, secret, err := a.People.Invite(ctx, c, in.Body.Email, access.Role(in.Body.Role))
	if err != nil {
		return nil, err
	}
	view := viewInvitation(l)
	if in.Body.Send {
		return &answer[invitationView]{view}, a.sendInvitation(ctx, l, in.Languages, secret)
	}
	view.Link = linkTo(ctx, secret)
	return &answer[invitationView]{view}, nil
}

// sendInvitation sends an invitation, and withdraws one that cannot be sent: nobody has its
// link.
func (a *API) sendInvitation(ctx context.Context, l access.Link, languages, secret string) error {
	w, err := a.Workspaces.Find(ctx, l.WorkspaceID)
	if err == nil {
		err = a.Mail.Send(ctx, l.Email, mail.Invitation(languages, w.Name, a.Mail.Link(secret)))
	}
	if err != nil {
		return errors.Join(err, a.People.Withdraw(ctx, l.WorkspaceID, l.ID))
	}
	return nil
}

func (a *API) withdrawInvitation(ctx context.Context, workspaceID int64, in *ByID) (*struct{}, error) {
	return nil, a.People.Withdraw(ctx, workspaceID, in.ID)
}
