package oidctest

import (
	"net/url"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// client is this installation, as the provider knows it.
type client struct {
	op.Client
	thin bool
}

// GetID implements [op.Client].
func (client) GetID() string { return ClientID }

// RedirectURIs implements [op.Client].
func (client) RedirectURIs() []string { return []string{Redirect} }

// ApplicationType implements [op.Client].
func (client) ApplicationType() op.ApplicationType { return op.ApplicationTypeWeb }

// AuthMethod implements [op.Client].
func (client) AuthMethod() oidc.AuthMethod { return oidc.AuthMethodBasic }

// ResponseTypes implements [op.Client].
func (client) ResponseTypes() []oidc.ResponseType { return []oidc.ResponseType{oidc.ResponseTypeCode} }

// GrantTypes implements [op.Client].
func (client) GrantTypes() []oidc.GrantType { return []oidc.GrantType{oidc.GrantTypeCode} }

// LoginURL implements [op.Client].
func (client) LoginURL(id string) string { return "/login?id=" + url.QueryEscape(id) }

// AccessTokenType implements [op.Client].
func (client) AccessTokenType() op.AccessTokenType { return op.AccessTokenTypeBearer }

// IDTokenLifetime implements [op.Client].
func (client) IDTokenLifetime() time.Duration { return time.Minute }

// DevMode implements [op.Client]; without it, nothing is sent to HTTP.
func (client) DevMode() bool { return true }

// RestrictAdditionalIdTokenScopes implements [op.Client].
func (client) RestrictAdditionalIdTokenScopes() func([]string) []string { return all }

// RestrictAdditionalAccessTokenScopes implements [op.Client].
func (client) RestrictAdditionalAccessTokenScopes() func([]string) []string { return all }

func all(scopes []string) []string { return scopes }

// IsScopeAllowed implements [op.Client].
func (client) IsScopeAllowed(string) bool { return false }

// IDTokenUserinfoClaimsAssertion implements [op.Client].
func (c client) IDTokenUserinfoClaimsAssertion() bool { return !c.thin }

// ClockSkew implements [op.Client].
func (client) ClockSkew() time.Duration { return 0 }
