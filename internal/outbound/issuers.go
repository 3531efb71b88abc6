package outbound

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"bellman/internal/access"
	"bellman/internal/fault"
)

// Issuers asks OpenID Connect providers: it implements [access.Issuers].
//
// Their addresses are chosen by who installs Bellman, inside their network or outside; what
// clouds keep for their own machines is never called. Redirects are not followed, and no
// proxy is used. It is safe for concurrent use.
type Issuers struct {
	http *http.Client
	now  func() time.Time
	mu   sync.Mutex
	// known are issuers that have answered, or have not.
	known map[string]*issuer
}

// issuer is one that was asked.
type issuer struct {
	mu    sync.Mutex
	until time.Time
	found
	err error
}

// found is what is known of an issuer.
type found struct {
	*oidc.Provider
	metadata metadata
}

const (
	// issuerLimit is how long a call may take, issuerMost how large an answer may be.
	issuerLimit = 10 * time.Second
	issuerMost  = 1 << 20
	// knownFor is for how long it is good what an issuer has said of itself; its keys are
	// read anew when one is missing. failedFor is for how long it is not asked again when it
	// has not answered, so that those who want to sign in do not call it all the time.
	knownFor  = time.Hour
	failedFor = 5 * time.Second
	// late is by how much the clock of a provider may be behind ours.
	late = time.Minute
)

// NewIssuers returns issuers; now is the clock.
func NewIssuers(now func() time.Time) *Issuers {
	return &Issuers{
		http: &http.Client{
			Timeout: issuerLimit,
			Transport: bounded{&http.Transport{
				DialContext: dialer(PublicOrPrivate).DialContext, TLSHandshakeTimeout: issuerLimit, DisableKeepAlives: true,
				MaxResponseHeaderBytes: maxIgnored, ForceAttemptHTTP2: true,
			}},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		now: now, known: map[string]*issuer{},
	}
}

// bounded lets answers be of issuerMost bytes.
type bounded struct{ http.RoundTripper }

var errHuge = fmt.Errorf("the answer is larger than %d MiB", issuerMost>>20)

// RoundTrip implements [http.RoundTripper].
func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := b.RoundTripper.RoundTrip(r)
	if err == nil {
		answer.Body = &boundedBody{answer.Body, issuerMost}
	}
	return answer, err
}

type boundedBody struct {
	io.ReadCloser
	left int
}

// Read implements [io.Reader].
func (b *boundedBody) Read(p []byte) (int, error) {
	if len(p) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.ReadCloser.Read(p)
	if n > b.left {
		return 0, errHuge
	}
	b.left -= n
	return n, err
}

// metadata is what matters of a discovery document, beside what the library reads
// (OpenID Connect Discovery 1.0, section 3; RFC 9207).
type metadata struct {
	Authorization string   `json:"authorization_endpoint"`
	Token         string   `json:"token_endpoint"`
	Keys          string   `json:"jwks_uri"`
	UserInfo      string   `json:"userinfo_endpoint"`
	AuthMethods   []string `json:"token_endpoint_auth_methods_supported"`
	NamesIssuer   bool     `json:"authorization_response_iss_parameter_supported"`
}

// Check implements [access.Issuers].
func (i *Issuers) Check(ctx context.Context, address string) error {
	got, err := i.discover(ctx, address)
	if err != nil {
		return fault.New(fault.Invalid, "issuer_unusable", "%s", sentence(err)).In("issuer").Because(err)
	}
	i.keep(address, got)
	return nil
}

func (i *Issuers) keep(address string, got found) {
	one := i.entry(address)
	one.mu.Lock()
	defer one.mu.Unlock()
	one.found, one.err, one.until = got, nil, i.now().Add(knownFor)
}

func (i *Issuers) entry(address string) *issuer {
	i.mu.Lock()
	defer i.mu.Unlock()
	one := i.known[address]
	if one == nil {
		one = &issuer{}
		i.known[address] = one
	}
	return one
}

// issuer returns what is known of an issuer, or asks it. Those who ask the same one wait
// for each other.
func (i *Issuers) issuer(ctx context.Context, address string) (found, error) {
	one := i.entry(address)
	one.mu.Lock()
	defer one.mu.Unlock()
	if now := i.now(); now.Before(one.until) && one.until.Sub(now) <= knownFor {
		return one.found, one.err
	}
	got, err := i.discover(ctx, address)
	if ctx.Err() != nil {
		return got, ctx.Err()
	}
	lasts := knownFor
	if err != nil {
		err, lasts = away(sentence(err)), failedFor
	}
	one.found, one.err, one.until = got, err, i.now().Add(lasts)
	return got, err
}

// discover asks an issuer.
func (i *Issuers) discover(ctx context.Context, address string) (found, error) {
	ctx, cancel := context.WithTimeout(i.context(ctx), issuerLimit)
	defer cancel()
	provider, err := oidc.NewProvider(ctx, address)
	if err != nil {
		return found{}, err
	}
	got := found{Provider: provider}
	if err := provider.Claims(&got.metadata); err != nil {
		return got, err
	}
	m := got.metadata
	for name, endpoint := range map[string]string{
		"authorization_endpoint": m.Authorization, "token_endpoint": m.Token, "jwks_uri": m.Keys, "userinfo_endpoint": m.UserInfo,
	} {
		u, err := url.Parse(endpoint)
		if endpoint == "" && name == "userinfo_endpoint" {
			continue
		}
		if err != nil || !access.IsSafe(u) {
			return got, errEndpoint(name)
		}
	}
	return got, nil
}

// errEndpoint is the address in a discovery document that is none, or that could be read
// on the way.
type errEndpoint string

// Error implements error.
func (e errEndpoint) Error() string { return "its " + string(e) + " is no address of HTTPS" }

func (i *Issuers) context(ctx context.Context) context.Context {
	return oidc.ClientContext(ctx, i.http)
}

// sentence says in words why an issuer is none. Answers are not repeated.
func sentence(err error) string {
	if mismatch, ok := errors.AsType[*oidc.IssuerMismatchError](err); ok {
		if strings.Contains(mismatch.Discovered, "{tenantid}") {
			return "this is the address for the tenants of all companies: write the issuer of your own, " +
				"https://login.microsoftonline.com/TENANT-ID/v2.0"
		}
		return fmt.Sprintf("what answers there names itself %q: write its issuer to the letter", cut(mismatch.Discovered, maxLink))
	}
	if endpoint, ok := errors.AsType[errEndpoint](err); ok {
		return "what answers there is no provider: " + endpoint.Error()
	}
	wrapped, ok := errors.AsType[*url.Error](err)
	switch {
	case errors.Is(err, errPrivate):
		return "this is an address that is kept for clouds or for other machines: providers have others"
	case strings.Contains(err.Error(), errHuge.Error()):
		return "it answers, but no provider: " + errHuge.Error()
	case errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded):
		return fmt.Sprintf("it did not answer within %s", issuerLimit)
	case ok:
		return "it does not answer: " + wrapped.Err.Error()
	}
	return "it answers, but not as an OpenID Connect provider: is /.well-known/openid-configuration there?"
}

func cut(text string, most int) string { return strings.ToValidUTF8(text[:min(len(text), most)], "") }

// away is the fault of a provider that cannot be asked. The reason is for the program's log.
func away(reason string) error {
	return fault.New(fault.Unavailable, "provider_unavailable",
		"the provider does not answer as it should: try again in a moment, or sign in another way").Because(errors.New(reason))
}

func (f found) config(c access.Client) oauth2.Config {
	endpoint := f.Endpoint()
	endpoint.AuthStyle = oauth2.AuthStyleInHeader
	if methods := f.metadata.AuthMethods; len(methods) > 0 && !slices.Contains(methods, "client_secret_basic") {
		endpoint.AuthStyle = oauth2.AuthStyleInParams
	}
	return oauth2.Config{
		ClientID: c.ID, ClientSecret: c.Secret, Endpoint: endpoint, RedirectURL: c.Redirect,
		Scopes: []string{oidc.ScopeOpenID, "email", "profile"},
	}
}

// Address implements [access.Issuers].
func (i *Issuers) Address(ctx context.Context, c access.Client, q access.Question) (string, error) {
	got, err := i.issuer(ctx, c.Issuer)
	if err != nil {
		return "", err
	}
	options := []oauth2.AuthCodeOption{oidc.Nonce(q.Nonce), oauth2.S256ChallengeOption(q.Verifier)}
	if q.Anew {
		// Some say when somebody has signed in only when it is asked for as a claim (OpenID
		// Connect Core 1.0, section 5.5); others do not look at that.
		options = append(options, oauth2.SetAuthURLParam("prompt", "login"), oauth2.SetAuthURLParam("max_age", "0"),
			oauth2.SetAuthURLParam("claims", `{"id_token":{"auth_time":{"essential":true}}}`))
	}
	config := got.config(c)
	return config.AuthCodeURL(q.State, options...), nil
}

// Redeem implements [access.Issuers].
func (i *Issuers) Redeem(ctx context.Context, c access.Client, q access.Question, code string) (access.Identity, error) {
	got, err := i.issuer(ctx, c.Issuer)
	if err != nil {
		return access.Identity{}, err
	}
	if q.Issuer != c.Issuer && (q.Issuer != "" || got.metadata.NamesIssuer) {
		return access.Identity{}, refused(errors.New("the answer names another issuer, or none"))
	}
	ctx, cancel := context.WithTimeout(i.context(ctx), 2*issuerLimit)
	defer cancel()
	config := got.config(c)
	token, err := config.Exchange(ctx, code, oauth2.VerifierOption(q.Verifier))
	if err != nil {
		return access.Identity{}, unexchanged(err)
	}
	raw, _ := token.Extra("id_token").(string)
	said, err := i.verify(ctx, got, c, q, raw)
	if err != nil {
		return access.Identity{}, err
	}
	if said.Email == "" && got.metadata.UserInfo != "" {
		if err := got.complete(ctx, &said, token); err != nil {
			return access.Identity{}, err
		}
	}
	return said.identity(c.Issuer), nil
}

// verify returns what an ID token says (OpenID Connect Core 1.0, section 3.1.3.7).
func (i *Issuers) verify(ctx context.Context, got found, c access.Client, q access.Question, raw string) (claims, error) {
	now := func() time.Time { return i.now().Add(-late) }
	token, err := got.Verifier(&oidc.Config{ClientID: c.ID, Now: now}).Verify(ctx, raw)
	if err != nil {
		if strings.Contains(err.Error(), "fetching keys") {
			return claims{}, away("its keys cannot be read")
		}
		return claims{}, refused(err)
	}
	said, err := readClaims(token)
	switch {
	case err != nil:
		return said, refused(err)
	case subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(q.Nonce)) != 1:
		return said, refused(errors.New("the token answers another question"))
	case said.Party != "" && said.Party != c.ID, said.Party == "" && len(token.Audience) > 1:
		return said, refused(errors.New("the token was made for another client"))
	}
	return said, nil
}

// complete asks for what the token does not say, as of those who keep it short.
func (f found) complete(ctx context.Context, said *claims, token *oauth2.Token) error {
	info, err := f.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		return away("it does not say more of the person")
	}
	if info.Subject != said.Subject {
		return refused(errors.New("what is said of the person is of another one"))
	}
	more, err := readClaims(info)
	if err != nil {
		return refused(err)
	}
	said.Email, said.Verified, said.Hosted, said.Owned = more.Email, more.Verified, more.Hosted, more.Owned
	if said.Name == "" {
		said.Name = more.Name
	}
	return nil
}

// refused is the fault of an answer that opens nothing. Whatever is wrong with it, the
// person cannot do much about it; the reason is for who reads the program's log. No token
// and no code is in it.
func refused(err error) error {
	return fault.New(fault.Unauthorized, "provider_refused",
		"what the provider has answered opens nothing here: begin again, and ask who runs Bellman when this goes on").Because(err)
}

// unexchanged is the fault of a code for which there is no token. A provider's own error
// is a word (RFC 6749, section 5.2); no answer is repeated, as it may have secrets in it.
func unexchanged(err error) error {
	answered, ok := errors.AsType[*oauth2.RetrieveError](err)
	_, silent := errors.AsType[*url.Error](err)
	switch {
	case silent:
		return away(sentence(err))
	case !ok:
		return away("what it answers to a code is no token")
	case answered.ErrorCode == "invalid_client" || answered.ErrorCode == "unauthorized_client":
		return fault.New(fault.Unavailable, "provider_refuses_us",
			"the provider does not take this installation's client id and secret: ask who runs Bellman").Because(errors.New(answered.ErrorCode))
	case answered.Response != nil && answered.Response.StatusCode >= http.StatusInternalServerError:
		return away(fmt.Sprintf("it answered a code with %d", answered.Response.StatusCode))
	}
	return refused(errors.New("the provider does not take the code"))
}
