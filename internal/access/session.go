package access

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"time"

	"bellman/internal/audit"
	"bellman/internal/fault"
)

// Lasting is after how long a session ends in any case; it ends earlier when it is not
// used for idle.
const (
	Lasting = 14 * 24 * time.Hour
	idle    = 24 * time.Hour
)

// Session is a browser in which a person has signed in.
type Session struct {
	ID     int64
	UserID int64
	// Hash is the SHA-256 of the token that the browser has, in hex.
	Hash string
	// WorkspaceID is the workspace that the person has chosen.
	WorkspaceID int64
	CreatedAt   time.Time
	// SeenAt is when it was used last, to the minute; ConfirmedAt when the password was
	// given.
	SeenAt, ConfirmedAt time.Time
	// Address and Agent are those of the browser at sign-in.
	Address, Agent string
}

// EndsAt is when the session ends if it is not used any more.
func (s Session) EndsAt() time.Time {
	if end := s.CreatedAt.Add(Lasting); end.Before(s.SeenAt.Add(idle)) {
		return end
	}
	return s.SeenAt.Add(idle)
}

// Visit is from where somebody signs in.
type Visit struct {
	// Address is the network that one host can have (see package auth), Agent the browser
	// as it names itself.
	Address, Agent string
	// Device is the mark of a browser in which somebody has signed in before; it may be
	// anything else, or empty.
	Device string
}

// maxAgent is how much is kept of a browser's name for itself, in bytes.
const maxAgent = 300

// Entry is what somebody gets who signs in: who it is, and what the browser keeps.
type Entry struct {
	User    User
	Session Session
	// Token is the secret of the session, Device the mark of the browser.
	Token, Device string
}

var (
	errSignIn = fault.New(fault.Unauthorized, "sign_in_refused", "the email or the password is wrong")
	// errSession is the same for every token that is none.
	errSession = fault.New(fault.Unauthorized, "session_ended", "sign in: the session has ended")
	errNobody  = fault.New(fault.Forbidden, "no_workspace", "you have no role in any workspace any more: ask for an invitation")
)

// Proof is what somebody shows to be who they are.
type Proof struct {
	Password string
	// Code is of the authenticator, or a recovery code; empty for who has none.
	Code string
}

// SignIn makes a session for who knows a password. A wrong one is Unauthorized, whether
// there is such a user or not; when too many were wrong, it is [Limited] and not looked at.
// Who has a second factor needs a code of it; that it is missing or wrong is told to those
// alone who know the password.
func (p *People) SignIn(ctx context.Context, email string, proof Proof, v Visit) (Entry, error) {
	email, err := readEmail(email)
	if err != nil {
		return Entry{}, err
	}
	audit.Claims(ctx, email)
	u, err := p.verify(ctx, email, proof, v)
	if err != nil {
		return Entry{}, err
	}
	return p.enter(ctx, u, 0, v)
}

// verify returns the user with the email, who has to prove it.
func (p *People) verify(ctx context.Context, email string, proof Proof, v Visit) (User, error) {
	names := p.attempted(email, v)
	if err := p.attempt(ctx, names); err != nil {
		return User{}, err
	}
	u, err := p.store.UserByEmail(ctx, email)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return u, err
	}
	right, err := p.hasher.matches(ctx, proof.Password, u.Password)
	if err != nil {
		return u, err
	}
	if !right {
		return u, errSignIn
	}
	if err := p.checkFactor(ctx, u, proof.Code); err != nil {
		return u, err
	}
	return u, p.forgive(ctx, names)
}

// enter makes a session for a user, in the given workspace or, if that is zero, in the
// first one.
func (p *People) enter(ctx context.Context, u User, workspaceID int64, v Visit) (Entry, error) {
	if workspaceID == 0 {
		var err error
		if workspaceID, err = p.first(ctx, u); err != nil {
			return Entry{}, err
		}
	}
	audit.Enters(ctx, workspaceID, u.ID, u.Email)
	now := p.now()
	e := Entry{User: u, Token: newToken(), Device: p.device(u.Email)}
	e.Session = Session{
		UserID: u.ID, Hash: hash(e.Token), WorkspaceID: workspaceID, CreatedAt: now, SeenAt: now, ConfirmedAt: now,
		Address: v.Address, Agent: cutText(v.Agent, maxAgent),
	}
	var err error
	e.Session.ID, err = p.store.CreateSession(ctx, e.Session)
	return e, err
}

// first returns the first of the workspaces that a user may choose.
func (p *People) first(ctx context.Context, u User) (int64, error) {
	places, err := p.Places(ctx, u)
	if err != nil {
		return 0, err
	}
	if len(places) == 0 {
		return 0, errNobody
	}
	return places[0].WorkspaceID, nil
}

// newToken returns a secret that nobody can guess.
func newToken() string {
	raw := make([]byte, 32)
	// Read never fails: since Go 1.24 the program ends instead.
	_, _ = rand.Read(raw)
	return base64.RawURLEncoding.EncodeToString(raw)
}

// Signed is a session as it was read, with whom it is of and what that person is in the
// workspace that was asked for.
type Signed struct {
	Session Session
	User    User
	Role    Role
	// Archived says that the workspace is, Nowhere that there is none with that number.
	Archived, Nowhere bool
}

// Resume returns the caller whose session has the token, in the given workspace or, if
// that is zero, in the one that was chosen. What is no session any more is Unauthorized, a
// workspace that there is not NotFound.
func (p *People) Resume(ctx context.Context, token string, workspaceID int64) (Caller, error) {
	c, err := p.Again(ctx, token, workspaceID)
	if err == nil {
		p.seen.note(c.Session.ID, c.Session.SeenAt, p.now())
	}
	return c, err
}

// Again is [People.Resume] for a call that lasts: that its answer goes on is no use of the
// session, which would otherwise live for as long as a page is left open.
func (p *People) Again(ctx context.Context, token string, workspaceID int64) (Caller, error) {
	now, sent := p.now(), hash(token)
	s, err := p.known.get(sent+"/"+formatID(workspaceID), now, func() (Signed, error) { return p.store.SessionByHash(ctx, sent, workspaceID) })
	switch {
	case fault.KindOf(err) == fault.NotFound:
		return Caller{}, errSession
	case err != nil:
		return Caller{}, err
	case !now.Before(s.Session.EndsAt()):
		return Caller{}, errSession
	}
	if s.Nowhere {
		return Caller{}, noWorkspace(workspaceID)
	}
	c := Caller{WorkspaceID: s.Session.WorkspaceID, User: &s.User, Session: s.Session, Role: s.Role}
	if workspaceID != 0 {
		c.WorkspaceID = workspaceID
	}
	if s.Archived && !s.User.Installer {
		c.Role = ""
	}
	return c, nil
}

// Confirm takes the proof of a person who is signed in once more, and gives the session
// another token.
func (p *People) Confirm(ctx context.Context, c Caller, proof Proof, v Visit) (Entry, error) {
	u, err := p.verify(ctx, c.User.Email, proof, v)
	if err != nil {
		return Entry{}, err
	}
	return p.renew(ctx, c, u)
}

// renew gives the session of a person, who has just proven to be that, another token.
func (p *People) renew(ctx context.Context, c Caller, u User) (Entry, error) {
	defer p.known.forget()
	e := Entry{User: u, Session: c.Session, Token: newToken(), Device: p.device(u.Email)}
	e.Session.Hash, e.Session.ConfirmedAt = hash(e.Token), p.now()
	return e, p.store.RenewSession(ctx, e.Session)
}

// Choose makes a workspace the one that the session is in, and returns the caller in it.
// One in which the person has no role is NotFound.
func (p *People) Choose(ctx context.Context, c Caller, workspaceID int64) (Caller, error) {
	places, err := p.Places(ctx, *c.User)
	if err != nil {
		return c, err
	}
	for _, place := range places {
		if place.WorkspaceID == workspaceID {
			audit.Was(ctx, audit.Facts{"workspaceId": c.WorkspaceID})
			audit.Became(ctx, audit.Facts{"workspaceId": workspaceID})
			defer p.known.forget()
			c.WorkspaceID, c.Role = workspaceID, place.Role
			return c, p.store.ChooseWorkspace(ctx, c.Session.ID, workspaceID)
		}
	}
	return c, noWorkspace(workspaceID)
}

func noWorkspace(id int64) *fault.Error {
	return fault.New(fault.NotFound, "workspace_not_found", "there is no workspace %d in which you have a role", id)
}

// Sessions returns where a person is signed in, with the newest first.
func (p *People) Sessions(ctx context.Context, userID int64) ([]Session, error) {
	all, err := p.store.Sessions(ctx, userID)
	alive := all[:0]
	for _, s := range all {
		if p.now().Before(s.EndsAt()) {
			alive = append(alive, s)
		}
	}
	return alive, err
}

// EndSession signs a person out of one browser. A session that is not there is NotFound.
func (p *People) EndSession(ctx context.Context, userID, id int64) error {
	defer p.known.forget()
	n, err := p.store.EndSessions(ctx, userID, func(s Session) bool { return s.ID == id })
	if err == nil && n == 0 {
		return fault.New(fault.NotFound, "session_not_found", "there is no such session")
	}
	return err
}

// EndOtherSessions signs a person out of every browser but the one with this session.
func (p *People) EndOtherSessions(ctx context.Context, userID, id int64) error {
	defer p.known.forget()
	_, err := p.store.EndSessions(ctx, userID, func(s Session) bool { return s.ID != id })
	return err
}
