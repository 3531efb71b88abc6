package manage

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"bellman/internal/access"
)

type workspaceView struct {
	PhoneRegion   string `json:"phoneRegion" doc:"The country, in two letters, in which phones without a country code are read; empty when there is none." example:"UA"`
	IdentityMatch string `json:"identityMatch" enum:"first,any" doc:"What the tokens call does when the best identifier sent matches nobody: create a contact (first), or try the next identifier and create only when none matches (any)."`
}

type updateWorkspaceInput struct {
	Body struct {
		PhoneRegion   *string `json:"phoneRegion,omitempty" doc:"Two letters, such as UA; empty for none." example:"UA"`
		IdentityMatch *string `json:"identityMatch,omitempty" enum:"first,any"`
	}
}

func (a *API) workspace() {
	register(a, huma.Operation{
		OperationID: "get-workspace", Method: http.MethodGet, Path: "/workspace", Tags: []string{"workspace"},
		Summary: "Get the settings",
	}, a.getWorkspace)
	register(a, huma.Operation{
		OperationID: "update-workspace", Method: http.MethodPatch, Path: "/workspace", Tags: []string{"workspace"},
		Summary: "Change settings", Description: "Settings that are not sent stay as they are.",
	}, a.updateWorkspace)
}

func viewWorkspace(w access.Workspace, err error) (*answer[workspaceView], error) {
	if err != nil {
		return nil, err
	}
	return &answer[workspaceView]{workspaceView{w.PhoneRegion, string(w.IdentityMatch)}}, nil
}

func (a *API) getWorkspace(ctx context.Context, workspaceID int64, _ *struct{}) (*answer[workspaceView], error) {
	return viewWorkspace(a.Access.Workspace(ctx, workspaceID))
}

func (a *API) updateWorkspace(ctx context.Context, workspaceID int64, in *updateWorkspaceInput) (*answer[workspaceView], error) {
	return viewWorkspace(a.Access.UpdateWorkspace(ctx, workspaceID, access.Settings{
		PhoneRegion:   in.Body.PhoneRegion,
		IdentityMatch: (*access.IdentityMatch)(in.Body.IdentityMatch),
	}))
}
