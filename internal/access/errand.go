package access

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"

	"bellman/internal/audit"
	"bellman/internal/fault"
)

// This file is the way of a browser to a provider and back (the authorization code flow of
// OpenID Connect, with PKCE). The browser keeps the errand in a cookie, signed; what it
// shows to the provider is derived from a random part of it. So nothing is stored when
// somebody goes, and nobody comes back with what another browser began.

const (
	// ErrandLasts is how long somebody may take at the provider.
	ErrandLasts = 10 * time.Minute
	// clockSkew is by how much the provider's clock may differ from ours.
	clockSkew = time.Minute
)

// ErrandKind is what somebody goes to a provider for.
type ErrandKind string

// The kinds of errands.
const (
	// EnterErrand is to sign in, or to come in by an invitation.
	EnterErrand ErrandKind = "enter"
	// ConnectErrand is to make an account there a way to sign in.
	ConnectErrand ErrandKind = "connect"
	// ConfirmErrand is to show once more who one is.
	ConfirmErrand ErrandKind = "confirm"
)

// ErrErrand is the fault of an errand that is over, or that this browser has not begun.
var ErrErrand = fault.New(fault.Invalid, "errand_over",
	"this took too long, was answered already, or was begun in another browser: begin again").In("state")

// errand is what the browser keeps.
type errand struct {
	Kind       ErrandKind `json:"kind"`
	ProviderID int64      `json:"provider"`
	// Link is the hash of the invitation that is to be accepted; empty for none.
	Link string `json:"link,omitempty"`
	// SessionID is the session of who is signed in; zero for who wants to be.
	SessionID int64 `json:"session,omitempty"`
	// Random is what only this browser knows, At is when it was begun.
	Random string `json:"random"`
	At     int64  `json:"at"`
}

// Departure is what a browser gets that goes to a provider.
type Departure struct {
	// Address is where it goes.
	Address string
	// Errand is what it keeps until it comes back, and shows to nobody else.
	Errand string
}

// Return is what a browser brings back.
type Return struct {
	// Code and State are from the provider; Issuer is, too, and may be empty (RFC 9207).
	Code, State, Issuer string
	// Errand is what the browser has kept.
	Errand string
	// Origin is the address under which the browser reaches this installation.
	Origin string
}

// Issuers asks providers. An issuer that does not answer as one is Unavailable, or, in
// Check, Invalid.
type Issuers interface {
	// Check returns an Invalid fault, about the field issuer, unless a provider answers there
	// that names itself so.
	Check(ctx context.Context, issuer string) error
	// Address returns where a browser goes with a question.
	Address(ctx context.Context, c Client, q Question) (string, error)
	// Redeem returns what the provider says, in exchange for a code, of who has answered the
	// question. An answer that does not fit is Unauthorized.
	Redeem(ctx context.Context, c Client, q Question, code string) (Identity, error)
}

// Client is what an installation is at a provider.
type Client struct {
	Issuer, ID, Secret string
	// Redirect is the address to which the provider sends browsers back.
	Redirect string
}

// Question is what a provider is asked.
type Question struct {
	// State, Nonce and Verifier tie the answer to the question (OpenID Connect Core 1.0,
	// section 3.1.2.1, RFC 7636).
	State, Nonce, Verifier string
	// Anew asks that the person signs in there once more.
	Anew bool
	// Issuer is what the answer names as its issuer; empty for nothing.
	Issuer string
}

// Identity is what a provider says of somebody.
type Identity struct {
	// Subject is by what the provider knows the person, for good.
	Subject string
	// Email may be empty; Verified says that it is the person's.
	Email    string
	Verified bool
	Name     string
	// AuthAt is when the person has signed in there; zero when that is not said.
	AuthAt time.Time
}

// ReturnPath is the path to which providers send browsers back.
const ReturnPath = "/start/provider"

// depart sends a browser to a provider.
func (p *People) depart(ctx context.Context, origin string, e errand) (Departure, error) {
	one, err := p.openProvider(ctx, e.ProviderID)
	if err != nil {
		return Departure{}, err
	}
	client, err := p.client(one, origin)
	if err != nil {
		return Departure{}, err
	}
	e.Random, e.At = newToken(), p.now().UnixMilli()
	raw, err := json.Marshal(e)
	if err != nil {
		return Departure{}, err
	}
	content := base64.RawURLEncoding.EncodeToString(raw)
	address, err := p.issuers.Address(ctx, client, e.question())
	return Departure{address, content + "." + p.sign(errandText(content))}, err
}

// client returns what this installation is at a provider.
func (p *People) client(one Provider, origin string) (Client, error) {
	secret, err := p.seal.Unseal(one.Sealed, ProviderNumber(one.ID))
	return Client{one.Issuer, one.ClientID, secret, origin + ReturnPath}, err
}

func (p *People) openProvider(ctx context.Context, id int64) (Provider, error) {
	one, err := p.store.Provider(ctx, id)
	if err == nil && !one.Enabled {
		err = ErrNoProvider
	}
	return one, err
}

// question returns what is asked for an errand. The state begins with its kind, for the
// page that gets the answer.
func (e errand) question() Question {
	return Question{
		State: string(e.Kind) + "." + e.derive("state"), Nonce: e.derive("nonce"), Verifier: e.derive("verifier"), Anew: e.Kind == ConfirmErrand,
	}
}

// derive returns a text that only who knows the errand can make, another one for each
// purpose, of which none tells the others.
func (e errand) derive(purpose string) string {
	mac := hmac.New(sha256.New, []byte(e.Random))
	mac.Write([]byte("bellman provider " + purpose))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func errandText(content string) string { return "bellman errand\x00" + content }

// come returns who has come back from a provider by an errand of the kind and the session.
// An errand is good for one of them.
func (p *People) come(ctx context.Context, kind ErrandKind, sessionID int64, r Return) (errand, Provider, Identity, error) {
	var one Provider
	var who Identity
	e, err := p.readErrand(r.Errand)
	if err != nil {
		return e, one, who, err
	}
	q := e.question()
	if e.Kind != kind || e.SessionID != sessionID || !hmac.Equal([]byte(q.State), []byte(r.State)) {
		return e, one, who, ErrErrand
	}
	if one, err = p.openProvider(ctx, e.ProviderID); err != nil {
		return e, one, who, err
	}
	client, err := p.client(one, r.Origin)
	if err != nil {
		return e, one, who, err
	}
	q.Issuer = r.Issuer
	if who, err = p.issuers.Redeem(ctx, client, q, r.Code); err != nil {
		return e, one, who, err
	}
	return e, one, who, p.answered(ctx, e)
}

// answered notes that an errand was answered, once.
func (p *People) answered(ctx context.Context, e errand) error {
	err := p.store.Answer(audit.Apart(ctx), Answered{hash(e.Random), e.begun().Add(ErrandLasts)})
	if fault.Is(err, ErrCeremony.Code) {
		return ErrErrand
	}
	return err
}

func (e errand) begun() time.Time { return time.UnixMilli(e.At) }

// readErrand returns an errand that this installation has sent a browser on a moment ago.
func (p *People) readErrand(text string) (e errand, err error) {
	content, signature, found := strings.Cut(text, ".")
	if !found || !p.signed(errandText(content), signature) {
		return e, ErrErrand
	}
	raw, err := base64.RawURLEncoding.DecodeString(content)
	if err == nil {
		err = json.Unmarshal(raw, &e)
	}
	if err != nil {
		return e, err
	}
	if !p.now().Before(e.begun().Add(ErrandLasts)) {
		return e, ErrErrand
	}
	return e, nil
}
