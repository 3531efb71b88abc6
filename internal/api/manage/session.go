package manage

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"bellman/internal/access"
	"bellman/internal/api/auth"
	"bellman/internal/fault"
)

// signedIn is the answer of whatever gives a browser a session: what it keeps, and who
// has signed in.
type signedIn struct {
	SetCookie []http.Cookie `header:"Set-Cookie" doc:"The session and the mark of the browser, which scripts cannot read."`
	Body      sessionView
}

type sessionView struct {
	User           userView    `json:"user"`
	Workspace      *placeView  `json:"workspace,omitempty" doc:"The workspace that calls of the session are about; absent when the person has no role in it any more."`
	Rights         []string    `json:"rights" nullable:"false" doc:"What the person may do in the workspace; operations say in x-right which one they need." example:"[\"see\",\"send\"]"`
	ConfirmedUntil instant     `json:"confirmedUntil" doc:"Until when operations with x-confirmed do not ask for the password again."`
	EndsAt         instant     `json:"endsAt" doc:"When the session ends if it is not used any more."`
	Workspaces     []placeView `json:"workspaces" nullable:"false" doc:"The workspaces that the person may choose, by name; the archived ones, which only those see who make workspaces, come last."`
}

type userView struct {
	ID        int64   `json:"id" example:"1"`
	Email     string  `json:"email" example:"olena@example.com"`
	Name      string  `json:"name" example:"Olena Kovalenko"`
	Installer bool    `json:"installer" doc:"Has every right in every workspace, and makes workspaces."`
	HasFactor bool    `json:"secondFactor" doc:"Codes of an authenticator are asked for at sign-in."`
	CreatedAt instant `json:"createdAt"`
}

func viewUser(u access.User) userView {
	return userView{u.ID, u.Email, u.Name, u.Installer, u.HasFactor, utc(u.CreatedAt)}
}

type placeView struct {
	ID         int64    `json:"id" example:"1"`
	Name       string   `json:"name" example:"default"`
	TimeZone   string   `json:"timeZone,omitempty" doc:"The zone by which its people plan and count days; absent when each has their own." example:"Europe/Kyiv"`
	Role       string   `json:"role,omitempty" enum:"owner,admin,marketer,writer,agent,analyst" doc:"The person's; absent when the rights are those of an installer."`
	ArchivedAt *instant `json:"archivedAt,omitempty"`
}

func viewPlace(p access.Place) placeView {
	return placeView{p.WorkspaceID, p.Name, p.TimeZone, string(p.Role), moment(p.ArchivedAt)}
}

type signInInput struct {
	Body struct {
		Email string `json:"email" maxLength:"1000" example:"olena@example.com"`
		ProofBody
	}
}

// ProofBody is what somebody shows to be who they are. It is exported for the reason given at
// [ByID].
type ProofBody struct {
	Password string `json:"password" maxLength:"1000"`
	Code     string `json:"code,omitempty" maxLength:"100" doc:"Of the authenticator, or a recovery code; needed when it is asked for by the fault code_needed." example:"492039"`
}

func (b ProofBody) proof() access.Proof { return access.Proof(b) }

type passwordInput struct{ Body ProofBody }

type chooseInput struct {
	Body struct {
		WorkspaceID int64 `json:"workspaceId" minimum:"1" maximum:"9007199254740991" example:"1"`
	}
}

const sessionPath = "/session"

func (a *API) session() {
	tags := []string{"session"}
	register(a, huma.Operation{
		OperationID: "sign-in", Method: http.MethodPost, Path: sessionPath, Tags: tags, DefaultStatus: http.StatusCreated,
		Summary: "Sign in", Description: "Sets the cookie of a session. Over HTTP this works on localhost alone. After some wrong passwords " +
			"each further attempt has to wait, at most for 15 minutes: 429, and `Retry-After` says for how long.",
	}, a.signIn)
	register(a, huma.Operation{
		OperationID: "get-session", Method: http.MethodGet, Path: sessionPath, Tags: tags,
		Summary: "See who has signed in, and what they may do",
	}, a.getSession)
	register(a, huma.Operation{
		OperationID: "choose-workspace", Method: http.MethodPatch, Path: sessionPath, Tags: tags,
		Summary:     "Choose a workspace",
		Description: "Calls of the session are about it from now on, unless they name one in the header " + auth.WorkspaceHeader + ".",
	}, a.chooseWorkspace)
	register(a, huma.Operation{
		OperationID: "confirm-session", Method: http.MethodPost, Path: sessionPath + "/confirm", Tags: tags,
		Summary:     "Give the password again",
		Description: "Operations with x-confirmed answer `confirm_first` (403) when this was not done for 15 minutes.",
	}, a.confirmSession)
	register(a, huma.Operation{
		OperationID: "sign-out", Method: http.MethodDelete, Path: sessionPath, Tags: tags, DefaultStatus: http.StatusNoContent,
		Summary: "Sign out",
	}, a.signOut)
	register(a, huma.Operation{
		OperationID: "list-sessions", Method: http.MethodGet, Path: "/sessions", Tags: tags,
		Summary: "List the browsers in which you have signed in",
	}, a.listSessions)
	register(a, huma.Operation{
		OperationID: "end-session", Method: http.MethodDelete, Path: "/sessions/{id}", Tags: tags, DefaultStatus: http.StatusNoContent,
		Summary: "Sign out of one of them",
	}, a.endSession)
	register(a, huma.Operation{
		OperationID: "end-other-sessions", Method: http.MethodDelete, Path: "/sessions", Tags: tags, DefaultStatus: http.StatusNoContent,
		Summary: "Sign out of all but this one",
	}, a.endOtherSessions)
}

// person returns the caller, who is a person: the right Self is of nobody else.
func person(ctx context.Context) (access.Caller, error) { return access.From(ctx) }

// entered shows a browser its new session, and ends the one that it had before.
func (a *API) entered(ctx context.Context, e access.Entry, err error) (*signedIn, error) {
	if err != nil {
		return nil, err
	}
	if before, err := access.From(ctx); err == nil && before.User != nil && before.Session.ID != e.Session.ID {
		if err := a.People.EndSession(ctx, before.User.ID, before.Session.ID); err != nil && fault.KindOf(err) != fault.NotFound {
			return nil, err
		}
	}
	c, err := a.People.Resume(ctx, e.Token, 0)
	if err != nil {
		return nil, err
	}
	view, err := a.viewSession(ctx, c)
	return &signedIn{auth.VisitOf(ctx).Cookies(e), view}, err
}

func (a *API) viewSession(ctx context.Context, c access.Caller) (sessionView, error) {
	places, err := a.People.Places(ctx, *c.User)
	if err != nil {
		return sessionView{}, err
	}
	view := sessionView{
		User: viewUser(*c.User), ConfirmedUntil: utc(c.ConfirmedUntil()), EndsAt: utc(c.Session.EndsAt()),
		Workspaces: []placeView{}, Rights: []string{},
	}
	for _, r := range c.Rights() {
		view.Rights = append(view.Rights, string(r))
	}
	for _, p := range places {
		view.Workspaces = append(view.Workspaces, viewPlace(p))
		if p.WorkspaceID == c.WorkspaceID {
			here := viewPlace(p)
			view.Workspace = &here
		}
	}
	return view, nil
}

func (a *API) signIn(ctx context.Context, _ int64, in *signInInput) (*signedIn, error) {
	visit := auth.VisitOf(ctx)
	if err := visit.Check(); err != nil {
		return nil, err
	}
	e, err := a.People.SignIn(ctx, in.Body.Email, in.Body.proof(), visit.Visit)
	return a.entered(ctx, e, err)
}

func (a *API) getSession(ctx context.Context, _ int64, _ *struct{}) (*answer[sessionView], error) {
	c, err := person(ctx)
	if err != nil {
		return nil, err
	}
	view, err := a.viewSession(ctx, c)
	return &answer[sessionView]{view}, err
}

func (a *API) chooseWorkspace(ctx context.Context, _ int64, in *chooseInput) (*answer[sessionView], error) {
	c, err := person(ctx)
	if err != nil {
		return nil, err
	}
	if c, err = a.People.Choose(ctx, c, in.Body.WorkspaceID); err != nil {
		return nil, err
	}
	view, err := a.viewSession(ctx, c)
	return &answer[sessionView]{view}, err
}

// staySignedIn is for who is signed in, and stays it although the proof was wrong: 401
// would have a browser sign in.
func staySignedIn(err error) error {
	f, ok := errors.AsType[*fault.Error](err)
	if !ok || f.Kind != fault.Unauthorized {
		return err
	}
	if f.Code == "sign_in_refused" {
		f = fault.New(fault.Forbidden, "password_wrong", "the password is wrong").In("password")
	}
	stays := *f
	stays.Kind = fault.Forbidden
	return &stays
}

func (a *API) confirmSession(ctx context.Context, _ int64, in *passwordInput) (*signedIn, error) {
	c, err := person(ctx)
	if err != nil {
		return nil, err
	}
	e, err := a.People.Confirm(ctx, c, in.Body.proof(), auth.VisitOf(ctx).Visit)
	return a.entered(ctx, e, staySignedIn(err))
}

type signedOut struct {
	SetCookie []http.Cookie `header:"Set-Cookie"`
}

func (a *API) signOut(ctx context.Context, _ int64, _ *struct{}) (*signedOut, error) {
	c, err := person(ctx)
	if err != nil {
		return nil, err
	}
	return &signedOut{auth.VisitOf(ctx).Leave()}, a.People.EndSession(ctx, c.User.ID, c.Session.ID)
}

type browserView struct {
	ID        int64   `json:"id" example:"1"`
	Current   bool    `json:"current" doc:"It is the one that asks."`
	Address   string  `json:"address" doc:"From where it signed in: an address, or the network of one (IPv6)." example:"203.0.113.9"`
	Agent     string  `json:"agent" doc:"What the browser called itself." example:"Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0"`
	CreatedAt instant `json:"createdAt"`
	SeenAt    instant `json:"seenAt" doc:"When it was used last, to the minute."`
	EndsAt    instant `json:"endsAt" doc:"When it ends if it is not used any more."`
}

type browsersView struct {
	Items []browserView `json:"items" nullable:"false" doc:"All of them, newest first."`
}

func (a *API) listSessions(ctx context.Context, _ int64, _ *struct{}) (*answer[browsersView], error) {
	c, err := person(ctx)
	if err != nil {
		return nil, err
	}
	all, err := a.People.Sessions(ctx, c.User.ID)
	out := browsersView{Items: []browserView{}}
	for _, s := range all {
		out.Items = append(out.Items, browserView{
			s.ID, s.ID == c.Session.ID, s.Address, s.Agent, utc(s.CreatedAt), utc(s.SeenAt), utc(s.EndsAt()),
		})
	}
	return &answer[browsersView]{out}, err
}

func (a *API) endSession(ctx context.Context, _ int64, in *ByID) (*struct{}, error) {
	c, err := person(ctx)
	if err != nil {
		return nil, err
	}
	return nil, a.People.EndSession(ctx, c.User.ID, in.ID)
}

func (a *API) endOtherSessions(ctx context.Context, _ int64, _ *struct{}) (*struct{}, error) {
	c, err := person(ctx)
	if err != nil {
		return nil, err
	}
	return nil, a.People.EndOtherSessions(ctx, c.User.ID, c.Session.ID)
}
