package manage

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"bellman/internal/access"
	"bellman/internal/fault"
)

type keyView struct {
	ID        int64    `json:"id" example:"1"`
	Name      string   `json:"name" example:"shop"`
	Note      string   `json:"note" example:"The shop's server; ask Petro before you revoke it."`
	Scope     string   `json:"scope" enum:"installation,full,events+contacts,events+contacts-write,events,messages,metrics" doc:"What it opens. metrics opens GET /metrics alone; all others but full and installation open parts of the integration API alone."`
	CreatedAt instant  `json:"createdAt"`
	ExpiresAt *instant `json:"expiresAt,omitempty" doc:"When it opens nothing any more; absent for never."`
	UsedAt    *instant `json:"usedAt,omitempty" doc:"When it was used last, to the minute; absent for never."`
	RetiresAt *instant `json:"retiresAt,omitempty" doc:"Until when the secret that it had before opens the same."`
	Secret    string   `json:"secret,omitempty" doc:"Shown once, to who has made or rotated the key." example:"bellman_3f…"`
}

func (a *API) viewKey(k access.Key) keyView {
	v := keyView{
		ID: k.ID, Name: k.Name, Note: k.Note, Scope: string(k.Scope), CreatedAt: utc(k.CreatedAt), ExpiresAt: moment(k.ExpiresAt),
		UsedAt: moment(k.UsedAt),
	}
	if a.Now().Before(k.RetiresAt) {
		v.RetiresAt = moment(k.RetiresAt)
	}
	return v
}

type keysView struct {
	Items []keyView `json:"items" nullable:"false" doc:"All keys of the workspace, oldest first."`
}

type createKeyInput struct {
	Body struct {
		Name      string     `json:"name" doc:"What it is for: 1 to 200 characters." example:"shop"`
		Note      string     `json:"note,omitempty" doc:"What people should know of it: up to 1000 characters."`
		Scope     string     `json:"scope" enum:"installation,full,events+contacts,events+contacts-write,events,messages,metrics"`
		ExpiresAt *time.Time `json:"expiresAt,omitempty" doc:"When it opens nothing any more; without it, never."`
	}
}

type updateKeyInput struct {
	ByID
	Body struct {
		Name      *string    `json:"name,omitempty" example:"shop"`
		Note      *string    `json:"note,omitempty"`
		ExpiresAt *time.Time `json:"expiresAt,omitempty" doc:"A time to come. What never expires is made anew."`
	}
}

type rotateKeyInput struct {
	ByID
	Body struct {
		OverlapHours int `json:"overlapHours" minimum:"0" maximum:"720" doc:"For how many hours the present secret opens the same beside the new one." example:"24"`
	}
}

func (a *API) keys() {
	tags := []string{"keys"}
	register(a, huma.Operation{
		OperationID: "list-keys", Method: http.MethodGet, Path: "/keys", Tags: tags, Summary: "List the API keys",
	}, a.listKeys)
	register(a, huma.Operation{
		OperationID: "create-key", Method: http.MethodPost, Path: "/keys", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary: "Make an API key", Description: "Its secret is shown once. Keys of the installation, which open every workspace and choose " +
			"it by the header X-Workspace, are made by installers.",
	}, a.createKey)
	register(a, huma.Operation{
		OperationID: "update-key", Method: http.MethodPatch, Path: "/keys/{id}", Tags: tags,
		Summary: "Change a key's name, note or end", Description: "What is not sent stays as it is.",
	}, a.updateKey)
	register(a, huma.Operation{
		OperationID: "rotate-key", Method: http.MethodPost, Path: "/keys/{id}/rotate", Tags: tags,
		Summary: "Give a key another secret", Description: "It is shown once. The one before it opens the same for as long as you say.",
	}, a.rotateKey)
	register(a, huma.Operation{
		OperationID: "revoke-key", Method: http.MethodDelete, Path: "/keys/{id}", Tags: tags, DefaultStatus: http.StatusNoContent,
		Summary: "Revoke a key", Description: "It opens nothing any more, from the next call on; where several processes serve, a second later.",
	}, a.revokeKey)
}

func (a *API) listKeys(ctx context.Context, workspaceID int64, _ *struct{}) (*answer[keysView], error) {
	all, err := a.Keys.Keys(ctx, workspaceID)
	out := keysView{Items: []keyView{}}
	for _, k := range all {
		out.Items = append(out.Items, a.viewKey(k))
	}
	return &answer[keysView]{out}, err
}

// mayTouch refuses those who would get at a key that may do more than they.
func mayTouch(c access.Caller, scope access.Scope) error {
	if (scope == access.ScopeInstallation || scope == access.ScopeMetrics) && !c.Can(access.Install) {
		return fault.New(fault.Forbidden, "installers_only",
			"keys of the installation, and for its metrics, are made and changed by installers").In("scope")
	}
	return nil
}

func (a *API) createKey(ctx context.Context, workspaceID int64, in *createKeyInput) (*answer[keyView], error) {
	c, err := access.From(ctx)
	if err == nil {
		err = mayTouch(c, access.Scope(in.Body.Scope))
	}
	if err != nil {
		return nil, err
	}
	n := access.NewKey{
		WorkspaceID: workspaceID, Name: in.Body.Name, Note: in.Body.Note, Scope: access.Scope(in.Body.Scope), MadeBy: c.UserID(),
	}
	if in.Body.ExpiresAt != nil {
		n.ExpiresAt = *in.Body.ExpiresAt
	}
	k, secret, err := a.Keys.Make(ctx, n)
	view := a.viewKey(k)
	view.Secret = secret
	return &answer[keyView]{view}, err
}

func (a *API) updateKey(ctx context.Context, workspaceID int64, in *updateKeyInput) (*answer[keyView], error) {
	c, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	change := access.KeyChange{Name: in.Body.Name, Note: in.Body.Note, ExpiresAt: in.Body.ExpiresAt}
	k, err := a.Keys.ChangeKey(ctx, workspaceID, in.ID, change, func(k access.Key) error { return mayTouch(c, k.Scope) })
	return &answer[keyView]{a.viewKey(k)}, err
}

func (a *API) rotateKey(ctx context.Context, workspaceID int64, in *rotateKeyInput) (*answer[keyView], error) {
	c, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	overlap := time.Duration(in.Body.OverlapHours) * time.Hour
	k, secret, err := a.Keys.RotateKey(ctx, workspaceID, in.ID, overlap, func(k access.Key) error { return mayTouch(c, k.Scope) })
	view := a.viewKey(k)
	view.Secret = secret
	return &answer[keyView]{view}, err
}

func (a *API) revokeKey(ctx context.Context, workspaceID int64, in *ByID) (*struct{}, error) {
	_, err := a.Keys.RevokeKey(ctx, workspaceID, in.ID)
	return nil, err
}
