package oidctest

import (
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
)

// request is a browser that has come to sign in.
type request struct {
	*oidc.AuthRequest
	id, code string
	seat     seat
	done     bool
}

// GetID implements [op.AuthRequest].
func (r *request) GetID() string { return r.id }

// GetACR implements [op.AuthRequest].
func (r *request) GetACR() string { return "" }

// GetAMR implements [op.AuthRequest].
func (r *request) GetAMR() []string { return nil }

// GetAudience implements [op.AuthRequest].
func (r *request) GetAudience() []string { return []string{r.ClientID} }

// GetAuthTime implements [op.AuthRequest].
func (r *request) GetAuthTime() time.Time { return r.seat.since }

// GetClientID implements [op.AuthRequest].
func (r *request) GetClientID() string { return r.ClientID }

// GetCodeChallenge implements [op.AuthRequest].
func (r *request) GetCodeChallenge() *oidc.CodeChallenge {
	return &oidc.CodeChallenge{Challenge: r.CodeChallenge, Method: r.CodeChallengeMethod}
}

// GetNonce implements [op.AuthRequest].
func (r *request) GetNonce() string { return r.Nonce }

// GetRedirectURI implements [op.AuthRequest].
func (r *request) GetRedirectURI() string { return r.RedirectURI }

// GetResponseType implements [op.AuthRequest].
func (r *request) GetResponseType() oidc.ResponseType { return r.ResponseType }

// GetResponseMode implements [op.AuthRequest].
func (r *request) GetResponseMode() oidc.ResponseMode { return r.ResponseMode }

// GetScopes implements [op.AuthRequest].
func (r *request) GetScopes() []string { return r.Scopes }

// GetState implements [op.AuthRequest].
func (r *request) GetState() string { return r.State }

// GetSubject implements [op.AuthRequest].
func (r *request) GetSubject() string { return r.seat.subject }

// Done implements [op.AuthRequest].
func (r *request) Done() bool { return r.done }
