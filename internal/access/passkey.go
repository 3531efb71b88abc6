package access

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"bellman/internal/audit"
	"bellman/internal/fault"
)

// This file is signing in with passkeys (WebAuthn level 3): a device proves that it has a
// key, after it has seen who holds it. That is two factors in one, and works on the host
// for which the key was made alone.

const (
	// ceremonyLasts is how long a person may take to answer what a device asks.
	ceremonyLasts = 5 * time.Minute
	// MaxPasskeys is how many a user may have.
	MaxPasskeys = 20
	// maxPasskeyName is the longest name of one, in characters.
	maxPasskeyName = 100
)

// Passkey is a key that a device of a user keeps.
type Passkey struct {
	ID, UserID int64
	Name       string
	// Credential is its public part.
	Credential webauthn.Credential
	// CreatedAt is when it was made, UsedAt when it was used last; zero for never.
	CreatedAt, UsedAt time.Time
}

var (
	errPasskey = fault.New(fault.Unauthorized, "passkey_refused",
		"this passkey opens nothing here: use another one, or your password")
	// ErrCeremony is the fault of a ceremony that is over.
	ErrCeremony = fault.New(fault.Invalid, "ceremony_over",
		"this took too long, or was answered already: begin again").In("ceremony")
	errResponse = fault.New(fault.Invalid, "credential_invalid",
		"send what the browser answered, as it was: the JSON form of PublicKeyCredential").In("credential")
	// ErrPasskeys is the fault of who has [MaxPasskeys] already.
	ErrPasskeys = fault.New(fault.Conflict, "passkeys_too_many", "a person may have %d passkeys: remove one first", MaxPasskeys)
)

// Ceremony is what a browser is asked, and what brings the answer back to it.
type Ceremony struct {
	// Options are for navigator.credentials, as JSON.
	Options json.RawMessage
	// Text is to be sent back with the answer.
	Text string
}

// asked is a ceremony under way. It travels through the browser, signed, so that whoever
// asks for one leaves nothing in the database.
type asked struct {
	Session webauthn.SessionData `json:"session"`
	Until   int64                `json:"until"`
}

// relying returns who asks devices: this installation, at the address that the browser
// has, and there alone.
func relying(base string) (*webauthn.WebAuthn, error) {
	u, err := url.Parse(base)
	if err != nil {
		return nil, err
	}
	return webauthn.New(&webauthn.Config{RPID: u.Hostname(), RPDisplayName: "Bellman", RPOrigins: []string{base}})
}

// holder is a user as the library wants to see one.
type holder struct {
	User
	passkeys []Passkey
}

// WebAuthnID implements [webauthn.User].
func (h holder) WebAuthnID() []byte { return binary.BigEndian.AppendUint64(nil, uint64(h.ID)) }

// WebAuthnName implements [webauthn.User].
func (h holder) WebAuthnName() string { return h.Email }

// WebAuthnDisplayName implements [webauthn.User].
func (h holder) WebAuthnDisplayName() string { return h.Name }

// WebAuthnCredentials implements [webauthn.User].
func (h holder) WebAuthnCredentials() []webauthn.Credential {
	all := make([]webauthn.Credential, len(h.passkeys))
	for i, k := range h.passkeys {
		all[i] = k.Credential
	}
	return all
}

// BeginPasskey asks for a new passkey of a person, at the address base.
func (p *People) BeginPasskey(ctx context.Context, c Caller, base string) (Ceremony, error) {
	h, err := p.holder(ctx, *c.User)
	if err != nil {
		return Ceremony{}, err
	}
	if len(h.passkeys) >= MaxPasskeys {
		return Ceremony{}, ErrPasskeys
	}
	r, err := relying(base)
	if err != nil {
		return Ceremony{}, err
	}
	options, session, err := r.BeginRegistration(h,
		webauthn.WithExclusions(webauthn.Credentials(h.WebAuthnCredentials()).CredentialDescriptors()),
		webauthn.WithAuthenticatorSelection(protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationRequired,
		}))
	if err != nil {
		return Ceremony{}, err
	}
	return p.ceremony(options, session)
}

// AddPasskey keeps the passkey with which a device has answered.
func (p *People) AddPasskey(ctx context.Context, c Caller, base, ceremony, name string, response []byte) (Passkey, error) {
	k := Passkey{UserID: c.User.ID, Name: strings.TrimSpace(name), CreatedAt: p.now()}
	if err := checkName(k.Name, maxPasskeyName, "passkey_name_invalid", "the passkey"); err != nil {
		return k, err
	}
	a, err := p.read(ceremony)
	if err != nil {
		return k, err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(response)
	if err != nil {
		return k, errResponse.Because(err)
	}
	r, err := relying(base)
	if err != nil {
		return k, err
	}
	made, err := r.CreateCredential(holder{User: *c.User}, a.Session, parsed)
	if err != nil {
		return k, errResponse.Because(err)
	}
	k.Credential = *made
	audit.Became(ctx, audit.Facts{"name": k.Name})
	k.ID, err = p.store.AddPasskey(ctx, k, a.answered())
	return k, err
}

// BeginEntry asks for any passkey that was made for the address base.
func (p *People) BeginEntry(base string) (Ceremony, error) {
	r, err := relying(base)
	if err != nil {
		return Ceremony{}, err
	}
	options, session, err := r.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return Ceremony{}, err
	}
	return p.ceremony(options, session)
}

// EnterByPasskey makes a session for who has answered with a passkey. One that nobody
// knows, or that does not prove what it should, is Unauthorized.
func (p *People) EnterByPasskey(ctx context.Context, base, ceremony string, response []byte, v Visit) (Entry, error) {
	u, err := p.proven(ctx, base, ceremony, response)
	if err != nil {
		return Entry{}, err
	}
	return p.enter(ctx, u, 0, v)
}

// ConfirmByPasskey is [People.Confirm] with a passkey of the same person.
func (p *People) ConfirmByPasskey(ctx context.Context, c Caller, base, ceremony string, response []byte) (Entry, error) {
	u, err := p.proven(ctx, base, ceremony, response)
	if err != nil {
		return Entry{}, err
	}
	if u.ID != c.User.ID {
		return Entry{}, errPasskey
	}
	return p.renew(ctx, c, u)
}

// proven returns the user whose passkey has answered a ceremony.
func (p *People) proven(ctx context.Context, base, ceremony string, response []byte) (User, error) {
	a, err := p.read(ceremony)
	if err != nil {
		return User{}, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(response)
	if err != nil {
		return User{}, errResponse.Because(err)
	}
	r, err := relying(base)
	if err != nil {
		return User{}, err
	}
	k, err := p.store.PasskeyByCredential(ctx, credentialText(parsed.RawID))
	if fault.KindOf(err) == fault.NotFound {
		return User{}, errPasskey
	}
	if err != nil {
		return User{}, err
	}
	u, err := p.store.User(ctx, k.UserID)
	if err != nil {
		return u, err
	}
	// A key may come to be kept in a cloud after it was made; the library would refuse it
	// from then on.
	k.Credential.Flags.BackupEligible = parsed.Response.AuthenticatorData.Flags.HasBackupEligible()
	find := func([]byte, []byte) (webauthn.User, error) { return holder{u, []Passkey{k}}, nil }
	_, used, err := r.ValidatePasskeyLogin(find, a.Session, parsed)
	if err != nil {
		return u, errPasskey.Because(err)
	}
	if used.Authenticator.CloneWarning {
		return u, errPasskey.Because(errors.New("access: the passkey counts backwards: it was copied"))
	}
	k.Credential, k.UsedAt = *used, p.now()
	return u, p.store.UsePasskey(audit.Apart(ctx), k, a.answered())
}

// Passkeys returns those of a user, by id.
func (p *People) Passkeys(ctx context.Context, userID int64) ([]Passkey, error) {
	return p.store.Passkeys(ctx, userID)
}

// RemovePasskey makes a passkey of a user open nothing any more. One that is not there is
// NotFound.
func (p *People) RemovePasskey(ctx context.Context, userID, id int64) error {
	return p.store.RemovePasskey(ctx, userID, id)
}

func (p *People) holder(ctx context.Context, u User) (holder, error) {
	all, err := p.store.Passkeys(ctx, u.ID)
	return holder{u, all}, err
}

// ceremony signs a session of the library, which expires by this clock.
func (p *People) ceremony(options any, session *webauthn.SessionData) (Ceremony, error) {
	session.Expires = time.Time{}
	shown, err := json.Marshal(options)
	if err != nil {
		return Ceremony{}, err
	}
	text, err := json.Marshal(asked{*session, p.now().Add(ceremonyLasts).UnixMilli()})
	if err != nil {
		return Ceremony{}, err
	}
	content := base64.RawURLEncoding.EncodeToString(text)
	return Ceremony{shown, content + "." + p.sign(ceremonyText(content))}, nil
}

func ceremonyText(content string) string { return "bellman ceremony\x00" + content }

// read returns a ceremony that this installation has begun a moment ago.
func (p *People) read(text string) (a asked, err error) {
	content, signature, found := strings.Cut(text, ".")
	if !found || !p.signed(ceremonyText(content), signature) {
		return a, ErrCeremony
	}
	raw, err := base64.RawURLEncoding.DecodeString(content)
	if err == nil {
		err = json.Unmarshal(raw, &a)
	}
	if err != nil {
		return a, err
	}
	if p.now().UnixMilli() >= a.Until {
		return a, ErrCeremony
	}
	return a, nil
}

// Answered is a challenge that a device has answered.
type Answered struct {
	// Hash is its SHA-256, in hex.
	Hash string
	// Until is when it expires in any case.
	Until time.Time
}

func (a asked) answered() Answered {
	return Answered{hash(a.Session.Challenge), time.UnixMilli(a.Until)}
}

func credentialText(id []byte) string { return base64.RawURLEncoding.EncodeToString(id) }

// CredentialText returns the id of the passkey's credential, in base64url.
func (k Passkey) CredentialText() string { return credentialText(k.Credential.ID) }
