package manage

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"bellman/internal/access"
	"bellman/internal/api/auth"
)

type ceremonyView struct {
	Options  json.RawMessage `json:"options" doc:"For navigator.credentials: create, or get; the member publicKey is what PublicKeyCredential.parse…OptionsFromJSON reads."`
	Ceremony string          `json:"ceremony" doc:"To be sent back with the answer, within five minutes."`
}

func begun(c access.Ceremony, err error) (*answer[ceremonyView], error) {
	return &answer[ceremonyView]{ceremonyView{c.Options, c.Text}}, err
}

// Response is what a browser answers. It is exported for the reason given at [ByID].
type Response struct {
	Ceremony   string          `json:"ceremony" maxLength:"10000" doc:"As it was sent."`
	Credential json.RawMessage `json:"credential" doc:"What the browser answered: PublicKeyCredential.toJSON()."`
}

type responseInput struct{ Body Response }

type addPasskeyInput struct {
	Body struct {
		Response
		Name string `json:"name" doc:"1 to 100 characters." example:"Olena's telephone"`
	}
}

type passkeyView struct {
	ID        int64    `json:"id" example:"1"`
	Name      string   `json:"name" example:"Olena's telephone"`
	CreatedAt instant  `json:"createdAt"`
	UsedAt    *instant `json:"usedAt,omitempty" doc:"When it was used last; absent for never."`
}

func viewPasskey(k access.Passkey) passkeyView {
	return passkeyView{k.ID, k.Name, utc(k.CreatedAt), moment(k.UsedAt)}
}

type passkeysView struct {
	Items []passkeyView `json:"items" nullable:"false" doc:"Your passkeys, oldest first."`
}

func (a *API) passkeys() {
	tags := []string{"session"}
	register(a, huma.Operation{
		OperationID: "list-passkeys", Method: http.MethodGet, Path: "/me/passkeys", Tags: tags, Summary: "List your passkeys",
	}, a.listPasskeys)
	register(a, huma.Operation{
		OperationID: "begin-passkey", Method: http.MethodPost, Path: "/me/passkeys/begin", Tags: tags,
		Summary: "Begin to make a passkey", Description: "On the host under which it will be used. A person may have 20.",
	}, a.beginPasskey)
	register(a, huma.Operation{
		OperationID: "add-passkey", Method: http.MethodPost, Path: "/me/passkeys", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary: "Keep a passkey that was made",
	}, a.addPasskey)
	register(a, huma.Operation{
		OperationID: "remove-passkey", Method: http.MethodDelete, Path: "/me/passkeys/{id}", Tags: tags, DefaultStatus: http.StatusNoContent,
		Summary: "Remove a passkey", Description: "It opens nothing any more.",
	}, a.removePasskey)
	register(a, huma.Operation{
		OperationID: "begin-entry", Method: http.MethodPost, Path: sessionPath + "/passkey/begin", Tags: tags,
		Summary: "Begin to sign in with a passkey", Description: "Or to confirm a session with one.",
	}, a.beginEntry)
	register(a, huma.Operation{
		OperationID: "enter-by-passkey", Method: http.MethodPost, Path: sessionPath + "/passkey", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary:     "Sign in with a passkey",
		Description: "Sets the cookie of a session. No code of an authenticator is asked for: the device has seen who holds it.",
	}, a.enterByPasskey)
	register(a, huma.Operation{
		OperationID: "confirm-by-passkey", Method: http.MethodPost, Path: sessionPath + "/confirm/passkey", Tags: tags,
		Summary: "Show a passkey again", Description: "In place of the password.",
	}, a.confirmByPasskey)
}

func (a *API) listPasskeys(ctx context.Context, _ int64, _ *struct{}) (*answer[passkeysView], error) {
	c, err := person(ctx)
	if err != nil {
		return nil, err
	}
	all, err := a.People.Passkeys(ctx, c.User.ID)
	out := passkeysView{Items: []passkeyView{}}
	for _, k := range all {
		out.Items = append(out.Items, viewPasskey(k))
	}
	return &answer[passkeysView]{out}, err
}

func (a *API) beginPasskey(ctx context.Context, _ int64, _ *struct{}) (*answer[ceremonyView], error) {
	c, err := person(ctx)
	if err != nil {
		return nil, err
	}
	return begun(a.People.BeginPasskey(ctx, c, auth.VisitOf(ctx).Base))
}

func (a *API) addPasskey(ctx context.Context, _ int64, in *addPasskeyInput) (*answer[passkeyView], error) {
	c, err := person(ctx)
	if err != nil {
		return nil, err
	}
	k, err := a.People.AddPasskey(ctx, c, auth.VisitOf(ctx).Base, in.Body.Ceremony, in.Body.Name, in.Body.Credential)
	return &answer[passkeyView]{viewPasskey(k)}, err
}

func (a *API) removePasskey(ctx context.Context, _ int64, in *ByID) (*struct{}, error) {
	c, err := person(ctx)
	if err != nil {
		return nil, err
	}
	return nil, a.People.RemovePasskey(ctx, c.User.ID, in.ID)
}

func (a *API) beginEntry(ctx context.Context, _ int64, _ *struct{}) (*answer[ceremonyView], error) {
	visit := auth.VisitOf(ctx)
	if err := visit.Check(); err != nil {
		return nil, err
	}
	return begun(a.People.BeginEntry(visit.Base))
}

func (a *API) enterByPasskey(ctx context.Context, _ int64, in *responseInput) (*signedIn, error) {
	visit := auth.VisitOf(ctx)
	if err := visit.Check(); err != nil {
		return nil, err
	}
	e, err := a.People.EnterByPasskey(ctx, visit.Base, in.Body.Ceremony, in.Body.Credential, visit.Visit)
	return a.entered(ctx, e, err)
}

func (a *API) confirmByPasskey(ctx context.Context, _ int64, in *responseInput) (*signedIn, error) {
	c, err := person(ctx)
	if err != nil {
		return nil, err
	}
	e, err := a.People.ConfirmByPasskey(ctx, c, auth.VisitOf(ctx).Base, in.Body.Ceremony, in.Body.Credential)
	return a.entered(ctx, e, staySignedIn(err))
}
