// Package oidctest is for tests: an OpenID Connect provider as others write one, with
// people who sign in there; one that forges what it likes; and a browser that walks from
// this installation to a provider and back.
package oidctest

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"fmt"
	"html"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/require"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// What this installation is at every provider of tests.
const (
	ClientID = "bellman"
	Secret   = "a secret, with % and +"
	Redirect = "http://localhost/start/provider"
)

// Person is somebody whom a provider knows.
type Person struct {
	Subject, Email, Name string
	Verified             bool
}

// Provider is a real one, on this machine.
type Provider struct {
	// Issuer is its address.
	Issuer string
	server *httptest.Server
	store  *memory
}

// New returns a provider that knows the people, until the test ends. With thin, what it
// knows of them is not in its tokens, but has to be asked for.
func New(tb testing.TB, thin bool, people ...Person) *Provider {
	tb.Helper()
	store := &memory{thin: thin, people: map[string]Person{}, requests: map[string]*request{}, seats: map[string]seat{}}
	for _, p := range people {
		store.people[p.Subject] = p
	}
	p := &Provider{store: store}
	p.Rotate(tb)
	mux := http.NewServeMux()
	p.server = httptest.NewServer(mux)
	tb.Cleanup(p.server.Close)
	p.Issuer = p.server.URL
	provider, err := op.NewProvider(&op.Config{CryptoKey: [32]byte{1}, CodeMethodS256: true}, store, op.StaticIssuer(p.Issuer),
		op.WithAllowInsecure(), op.WithLogger(slog.New(slog.DiscardHandler)))
	require.NoError(tb, err)
	back := op.AuthCallbackURL(provider)
	mux.Handle("/", provider)
	mux.HandleFunc("GET /login", func(w http.ResponseWriter, r *http.Request) { store.ask(w, r) })
	mux.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) { store.signIn(w, r) })
	mux.HandleFunc("GET /done", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, back(op.ContextWithIssuer(r.Context(), p.Issuer), r.FormValue("id")), http.StatusFound)
	})
	return p
}

// Close makes the provider answer nobody.
func (p *Provider) Close() { p.server.Close() }

// Change changes what the provider knows of somebody.
func (p *Provider) Change(who Person) {
	p.store.mu.Lock()
	defer p.store.mu.Unlock()
	p.store.people[who.Subject] = who
}

// Rotate gives the provider another key to sign with, and forgets the one before it.
func (p *Provider) Rotate(tb testing.TB) {
	tb.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(tb, err)
	p.store.mu.Lock()
	defer p.store.mu.Unlock()
	p.store.key = key{rand.Text(), private}
}

// key signs tokens.
type key struct {
	id      string
	private *ecdsa.PrivateKey
}

// ID implements [op.SigningKey].
func (k key) ID() string { return k.id }

// Key implements [op.SigningKey].
func (k key) Key() any { return k.private }

// SignatureAlgorithm implements [op.SigningKey].
func (k key) SignatureAlgorithm() jose.SignatureAlgorithm { return jose.ES256 }

// public is what others see of a key.
type public struct{ key }

// Key implements [op.Key].
func (k public) Key() any { return &k.private.PublicKey }

// Algorithm implements [op.Key].
func (k public) Algorithm() jose.SignatureAlgorithm { return jose.ES256 }

// Use implements [op.Key].
func (k public) Use() string { return "sig" }

// seat is a browser in which somebody has signed in at the provider.
type seat struct {
	subject string
	since   time.Time
}

// memory keeps what the provider has to know. What is not asked of it in these tests is
// left to the interface, which is nil.
type memory struct {
	op.Storage
	thin     bool
	mu       sync.Mutex
	key      key
	people   map[string]Person
	requests map[string]*request
	seats    map[string]seat
}

var errUnknown = errors.New("oidctest: unknown")

const seatCookie = "seat"

// ask shows the form to sign in with, unless the browser is a seat and need not be asked.
func (m *memory) ask(w http.ResponseWriter, r *http.Request) {
	id := r.FormValue("id")
	m.mu.Lock()
	defer m.mu.Unlock()
	asked := m.requests[id]
	if asked == nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if c, err := r.Cookie(seatCookie); err == nil && asked.MaxAge == nil {
		if s, ok := m.seats[c.Value]; ok {
			asked.seat, asked.done = s, true
			http.Redirect(w, r, "/done?id="+url.QueryEscape(id), http.StatusFound)
			return
		}
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	// A client that has left needs no answer.
	_, _ = fmt.Fprintf(w, `<form method="post"><input name="id" value="%s"><input name="subject"><button>Go</button></form>`,
		html.EscapeString(id))
}

func (m *memory) signIn(w http.ResponseWriter, r *http.Request) {
	id, subject := r.FormValue("id"), r.FormValue("subject")
	m.mu.Lock()
	defer m.mu.Unlock()
	asked, known := m.requests[id]
	if _, ok := m.people[subject]; !ok || !known {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	name := rand.Text()
	m.seats[name] = seat{subject, time.Now()}
	asked.seat, asked.done = m.seats[name], true
	http.SetCookie(w, &http.Cookie{Name: seatCookie, Value: name, Path: "/", HttpOnly: true})
	http.Redirect(w, r, "/done?id="+url.QueryEscape(id), http.StatusFound)
}

// Health implements [op.Storage].
func (m *memory) Health(context.Context) error { return nil }

// CreateAuthRequest implements [op.Storage].
func (m *memory) CreateAuthRequest(_ context.Context, asked *oidc.AuthRequest, _ string) (op.AuthRequest, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := &request{AuthRequest: asked, id: rand.Text()}
	m.requests[r.id] = r
	return r, nil
}

// AuthRequestByID implements [op.Storage].
func (m *memory) AuthRequestByID(_ context.Context, id string) (op.AuthRequest, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r, ok := m.requests[id]
	if !ok {
		return nil, errUnknown
	}
	return r, nil
}

// AuthRequestByCode implements [op.Storage].
func (m *memory) AuthRequestByCode(_ context.Context, code string) (op.AuthRequest, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range m.requests {
		if r.code == code {
			return r, nil
		}
	}
	return nil, errUnknown
}

// SaveAuthCode implements [op.Storage].
func (m *memory) SaveAuthCode(_ context.Context, id, code string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.requests[id].code = code
	return nil
}

// DeleteAuthRequest implements [op.Storage].
func (m *memory) DeleteAuthRequest(_ context.Context, id string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.requests, id)
	return nil
}

// CreateAccessToken implements [op.Storage].
func (m *memory) CreateAccessToken(context.Context, op.TokenRequest) (string, time.Time, error) {
	return rand.Text(), time.Now().Add(time.Minute), nil
}

// SigningKey implements [op.Storage].
func (m *memory) SigningKey(context.Context) (op.SigningKey, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.key, nil
}

// SignatureAlgorithms implements [op.Storage].
func (m *memory) SignatureAlgorithms(context.Context) ([]jose.SignatureAlgorithm, error) {
	return []jose.SignatureAlgorithm{jose.ES256}, nil
}

// KeySet implements [op.Storage].
func (m *memory) KeySet(context.Context) ([]op.Key, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return []op.Key{public{m.key}}, nil
}

// GetClientByClientID implements [op.Storage].
func (m *memory) GetClientByClientID(_ context.Context, id string) (op.Client, error) {
	if id != ClientID {
		return nil, errUnknown
	}
	return client{thin: m.thin}, nil
}

// AuthorizeClientIDSecret implements [op.Storage].
func (m *memory) AuthorizeClientIDSecret(_ context.Context, id, secret string) error {
	if id != ClientID || secret != Secret {
		return errUnknown
	}
	return nil
}

// SetUserinfoFromScopes implements [op.Storage].
func (m *memory) SetUserinfoFromScopes(_ context.Context, info *oidc.UserInfo, subject, _ string, scopes []string) error {
	m.tell(info, subject, scopes)
	return nil
}

// SetUserinfoFromToken implements [op.Storage].
func (m *memory) SetUserinfoFromToken(_ context.Context, info *oidc.UserInfo, _, subject, _ string) error {
	m.tell(info, subject, []string{oidc.ScopeEmail, oidc.ScopeProfile})
	return nil
}

// GetPrivateClaimsFromScopes implements [op.Storage].
func (m *memory) GetPrivateClaimsFromScopes(context.Context, string, string, []string) (map[string]any, error) {
	return map[string]any{}, nil
}

func (m *memory) tell(info *oidc.UserInfo, subject string, scopes []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	p := m.people[subject]
	info.Subject = subject
	for _, scope := range scopes {
		switch scope {
		case oidc.ScopeEmail:
			info.Email, info.EmailVerified = p.Email, oidc.Bool(p.Verified)
		case oidc.ScopeProfile:
			info.Name = p.Name
		}
	}
}
