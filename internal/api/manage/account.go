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

type openProviderView struct {
	ID   int64  `json:"id" example:"1"`
	Name string `json:"name" example:"Google"`
}

type openProvidersView struct {
	Items []openProviderView `json:"items" nullable:"false" doc:"The providers by which people sign in."`
	Mail  bool               `json:"mail" doc:"There is a mail server: who has forgotten the password can have a link sent."`
}

type goInput struct {
	Body struct {
		ProviderID int64 `json:"providerId" minimum:"1" maximum:"9007199254740991" example:"1"`
	}
}

type goInInput struct {
	Body struct {
		ProviderID int64  `json:"providerId" minimum:"1" maximum:"9007199254740991" example:"1"`
		Link       string `json:"link,omitempty" maxLength:"200" doc:"What stands behind the # of an invitation, to come in by it."`
	}
}

// departed is the answer of whatever sends a browser to a provider.
type departed struct {
	SetCookie []http.Cookie `header:"Set-Cookie" doc:"What the browser keeps until it comes back, for ten minutes; scripts cannot read it."`
	Body      struct {
		Address string `json:"address" doc:"Where the browser goes. The provider sends it back to /start/provider." example:"https://accounts.google.com/o/oauth2/v2/auth?client_id=bellman&state=enter.x"`
	}
}

func (a *API) departed(ctx context.Context, d access.Departure, err error) (*departed, error) {
	if err != nil {
		return nil, err
	}
	out := &departed{SetCookie: []http.Cookie{auth.VisitOf(ctx).Depart(d.Errand)}}
	out.Body.Address = d.Address
	return out, nil
}

type returnInput struct {
	Body struct {
		Code   string `json:"code" maxLength:"4000" doc:"As the provider has given it."`
		State  string `json:"state" maxLength:"1000" doc:"As the provider has given it."`
		Issuer string `json:"iss,omitempty" maxLength:"1000" doc:"As the provider has given it, if it has."`
	}
}

func (in *returnInput) read(ctx context.Context) access.Return {
	v := auth.VisitOf(ctx)
	return access.Return{Code: in.Body.Code, State: in.Body.State, Issuer: in.Body.Issuer, Errand: v.Errand, Origin: v.Base}
}

type accountView struct {
	ProviderID int64    `json:"providerId" example:"1"`
	Name       string   `json:"name" doc:"Of the provider." example:"Google"`
	Email      string   `json:"email" doc:"What the provider says; empty when it says none." example:"olena@example.com"`
	CreatedAt  instant  `json:"createdAt"`
	UsedAt     *instant `json:"usedAt,omitempty" doc:"When it was used last; absent for never."`
}

type accountsView struct {
	Items []accountView `json:"items" nullable:"false" doc:"The providers with which you are connected."`
}

// connected is the answer to who has connected a provider.
type connected struct {
	SetCookie []http.Cookie `header:"Set-Cookie"`
	Body      accountView
}

func (a *API) accounts() {
	tags := []string{"session"}
	register(a, huma.Operation{
		OperationID: "list-ways-in", Method: http.MethodGet, Path: sessionPath + "/providers", Tags: tags,
		Summary: "List the ways to sign in beside a password and a passkey",
	}, a.listWaysIn)
	register(a, huma.Operation{
		OperationID: "leave-to-enter", Method: http.MethodPost, Path: sessionPath + "/provider/begin", Tags: tags,
		Summary: "Begin to sign in by a provider",
	}, a.leaveToEnter)
	register(a, huma.Operation{
		OperationID: "enter-by-provider", Method: http.MethodPost, Path: sessionPath + "/provider", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary: "Sign in by a provider", Description: "Sets the cookie of a session. No code of an authenticator is asked for: the provider " +
			"vouches. Who is no user yet becomes one by an invitation for the email that the provider vouches for, or by its domain; who has the " +
			"email of a user and is not connected gets `connect_first` (409).",
	}, a.enterByProvider)
	register(a, huma.Operation{
		OperationID: "leave-to-confirm", Method: http.MethodPost, Path: sessionPath + "/confirm/provider/begin", Tags: tags,
		Summary: "Begin to sign in at a provider again",
	}, a.leaveToConfirm)
	register(a, huma.Operation{
		OperationID: "confirm-by-provider", Method: http.MethodPost, Path: sessionPath + "/confirm/provider", Tags: tags,
		Summary: "Have signed in at a provider again", Description: "In place of the password; the provider has to say that it was just now.",
	}, a.confirmByProvider)
	register(a, huma.Operation{
		OperationID: "list-accounts", Method: http.MethodGet, Path: "/me/providers", Tags: tags,
		Summary: "List the providers with which you are connected",
	}, a.listAccounts)
	register(a, huma.Operation{
		OperationID: "leave-to-connect", Method: http.MethodPost, Path: "/me/providers/begin", Tags: tags, Summary: "Begin to connect a provider",
	}, a.leaveToConnect)
	register(a, huma.Operation{
		OperationID: "connect-provider", Method: http.MethodPost, Path: "/me/providers", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary: "Connect a provider", Description: "You sign in by it from now on, too. Its email may be another one than yours.",
	}, a.connectProvider)
	register(a, huma.Operation{
		OperationID: "disconnect-provider", Method: http.MethodDelete, Path: "/me/providers/{id}", Tags: tags,
		DefaultStatus: http.StatusNoContent, Summary: "Disconnect a provider", Description: "The last way to sign in stays: `last_way_in` (409).",
	}, a.disconnectProvider)
}

func (a *API) listWaysIn(ctx context.Context, _ int64, _ *struct{}) (*answer[openProvidersView], error) {
	all, err := a.People.OpenProviders(ctx)
	out := openProvidersView{Items: []openProviderView{}, Mail: a.Mail != nil}
	for _, p := range all {
		out.Items = append(out.Items, openProviderView{p.ID, p.Name})
	}
	return &answer[openProvidersView]{out}, err
}

func (a *API) leaveToEnter(ctx context.Context, _ int64, in *goInInput) (*departed, error) {
	visit := auth.VisitOf(ctx)
	if err := visit.Check(); err != nil {
		return nil, err
	}
	d, err := a.People.LeaveToEnter(ctx, visit.Base, in.Body.ProviderID, in.Body.Link)
	return a.departed(ctx, d, err)
}

// because writes to the log why what a provider has answered opens nothing: the person is
// not told, and cannot mend it.
func (a *API) because(ctx context.Context, err error) error {
	if f, ok := errors.AsType[*fault.Error](err); ok && f.Code == "provider_refused" {
		a.Log.InfoContext(ctx, "what a provider answered was refused", "cause", f.Err)
	}
	return err
}

func (a *API) enterByProvider(ctx context.Context, _ int64, in *returnInput) (*signedIn, error) {
	visit := auth.VisitOf(ctx)
	if err := visit.Check(); err != nil {
		return nil, err
	}
	e, err := a.People.EnterByProvider(ctx, in.read(ctx), visit.Visit)
	return a.returned(ctx, e, a.because(ctx, err))
}

// returned is [API.entered] for who has come back from a provider.
func (a *API) returned(ctx context.Context, e access.Entry, err error) (*signedIn, error) {
	out, err := a.entered(ctx, e, err)
	if err != nil {
		return nil, err
	}
	out.SetCookie = append(out.SetCookie, auth.VisitOf(ctx).Return())
	return out, nil
}

func (a *API) leaveToConfirm(ctx context.Context, _ int64, in *goInput) (*departed, error) {
	c, err := person(ctx)
	if err != nil {
		return nil, err
	}
	d, err := a.People.LeaveToConfirm(ctx, c, auth.VisitOf(ctx).Base, in.Body.ProviderID)
	return a.departed(ctx, d, err)
}

func (a *API) confirmByProvider(ctx context.Context, _ int64, in *returnInput) (*signedIn, error) {
	c, err := person(ctx)
	if err != nil {
		return nil, err
	}
	e, err := a.People.ConfirmByProvider(ctx, c, in.read(ctx))
	return a.returned(ctx, e, staySignedIn(a.because(ctx, err)))
}

func (a *API) listAccounts(ctx context.Context, _ int64, _ *struct{}) (*answer[accountsView], error) {
	c, err := person(ctx)
	if err != nil {
		return nil, err
	}
	all, err := a.People.Accounts(ctx, c.User.ID)
	if err != nil {
		return nil, err
	}
	names, err := a.providerNames(ctx)
	out := accountsView{Items: []accountView{}}
	for _, one := range all {
		out.Items = append(out.Items, viewAccount(one, names))
	}
	return &answer[accountsView]{out}, err
}

func viewAccount(a access.Account, names map[int64]string) accountView {
	return accountView{a.ProviderID, names[a.ProviderID], a.Email, utc(a.CreatedAt), moment(a.UsedAt)}
}

func (a *API) providerNames(ctx context.Context) (map[int64]string, error) {
	all, err := a.People.Providers(ctx)
	names := map[int64]string{}
	for _, p := range all {
		names[p.ID] = p.Name
	}
	return names, err
}

func (a *API) leaveToConnect(ctx context.Context, _ int64, in *goInput) (*departed, error) {
	c, err := person(ctx)
	if err != nil {
		return nil, err
	}
	d, err := a.People.LeaveToConnect(ctx, c, auth.VisitOf(ctx).Base, in.Body.ProviderID)
	return a.departed(ctx, d, err)
}

func (a *API) connectProvider(ctx context.Context, _ int64, in *returnInput) (*connected, error) {
	c, err := person(ctx)
	if err != nil {
		return nil, err
	}
	one, err := a.People.ConnectByProvider(ctx, c, in.read(ctx))
	if err != nil {
		return nil, staySignedIn(a.because(ctx, err))
	}
	names, err := a.providerNames(ctx)
	return &connected{[]http.Cookie{auth.VisitOf(ctx).Return()}, viewAccount(one, names)}, err
}

func (a *API) disconnectProvider(ctx context.Context, _ int64, in *ByID) (*struct{}, error) {
	c, err := person(ctx)
	if err != nil {
		return nil, err
	}
	return nil, a.People.Disconnect(ctx, c.User.ID, in.ID)
}
