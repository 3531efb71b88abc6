package access

import (
	"context"
	"errors"
	"time"

	"bellman/internal/audit"
	"bellman/internal/fault"
)

// LinkKind is what a link is for.
type LinkKind string

// The kinds of links.
const (
	// OwnerLink makes the first user.
	OwnerLink LinkKind = "owner"
	// InvitationLink gives a role in a workspace.
	InvitationLink LinkKind = "invitation"
	// ResetLink lets a user choose a new password.
	ResetLink LinkKind = "reset"
)

// good is for how long links of a kind are good.
var good = map[LinkKind]time.Duration{OwnerLink: time.Hour, InvitationLink: 7 * 24 * time.Hour, ResetLink: 24 * time.Hour}

// Link opens a door once for whoever has it.
type Link struct {
	ID   int64
	Kind LinkKind
	// Hash is the SHA-256 of its secret, in hex.
	Hash string
	// WorkspaceID, Email and Role are those of an invitation; UserID is the user of a new
	// password.
	WorkspaceID int64
	Email       string
	Role        Role
	UserID      int64
	// MadeBy is the user who made it; zero for a command or a key.
	MadeBy               int64
	CreatedAt, ExpiresAt time.Time
}

// ErrLink is the fault of a link that is good no more, or that there never was.
var ErrLink = fault.New(fault.NotFound, "link_invalid", "this link was used already, or is too old: ask for a new one")

// makeLink writes a link and returns it with its secret.
func (p *People) makeLink(ctx context.Context, l Link) (Link, string, error) {
	secret := newToken()
	l.Hash, l.CreatedAt = hash(secret), p.now()
	l.ExpiresAt = l.CreatedAt.Add(good[l.Kind])
	var err error
	l.ID, err = p.store.CreateLink(ctx, l)
	return l, secret, err
}

// ErrInstalled is the fault that there is a first user already.
var ErrInstalled = fault.New(fault.Conflict, "owner_exists",
	"this installation has an owner already: sign in, ask for an invitation, or for a new password with bellman user reset-password")

// MakeOwnerLink returns the secret of a link that makes the first user, good for an hour.
// When there is a user it is [ErrInstalled].
func (p *People) MakeOwnerLink(ctx context.Context) (string, error) {
	some, err := p.store.AnyUser(ctx)
	if err != nil {
		return "", err
	}
	if some {
		return "", ErrInstalled
	}
	_, secret, err := p.makeLink(ctx, Link{Kind: OwnerLink, Role: Owner})
	return secret, err
}

// Look returns what a link is for, without using it up. One that is used or too old is
// NotFound.
func (p *People) Look(ctx context.Context, secret string) (Link, error) {
	l, err := p.store.LinkByHash(ctx, hash(secret))
	if err == nil && !p.now().Before(l.ExpiresAt) {
		err = ErrLink
	}
	if err == nil && l.UserID != 0 {
		u, err := p.store.User(ctx, l.UserID)
		l.Email = u.Email
		return l, err
	}
	return l, err
}

// Known reports whether who was invited is a user already, and so gives the password
// that is known instead of a new one.
func (p *People) Known(ctx context.Context, l Link) (bool, error) {
	_, err := p.store.UserByEmail(ctx, l.Email)
	if fault.KindOf(err) == fault.NotFound {
		return false, nil
	}
	return err == nil, err
}

// Answer is what somebody gives who follows a link.
type Answer struct {
	// Name is that of a new user, Email that of the first one; others are invited by it.
	Name, Email string
	// Proof is a new password, or that of a user who joins another workspace; and the code
	// of who has a second factor.
	Proof
}

// Accept does what a link is for, which uses it up, and signs in.
func (p *People) Accept(ctx context.Context, secret string, a Answer, v Visit) (Entry, error) {
	l, err := p.Look(ctx, secret)
	if err != nil {
		return Entry{}, err
	}
	switch l.Kind {
	case ResetLink:
		return p.reset(ctx, l, a.Proof, v)
	case OwnerLink:
		u, err := p.founder(ctx, a, l.Hash)
		if err != nil {
			return Entry{}, err
		}
		return p.enter(ctx, u, 0, v)
	case InvitationLink:
		return p.join(ctx, l, a, v)
	}
	return Entry{}, ErrLink
}

// reset gives a user a new password. A second factor is asked for as ever: it is what
// keeps a link that went astray from being enough.
func (p *People) reset(ctx context.Context, l Link, proof Proof, v Visit) (Entry, error) {
	defer p.known.forget()
	u, err := p.store.User(ctx, l.UserID)
	if err != nil {
		return Entry{}, err
	}
	if err := checkPassword(proof.Password, u); err != nil {
		return Entry{}, err
	}
	if err := p.attempt(ctx, p.attempted(u.Email, v)); err != nil {
		return Entry{}, err
	}
	if err := p.checkFactor(ctx, u, proof.Code); err != nil {
		return Entry{}, err
	}
	workspaceID, err := p.first(ctx, u)
	if err != nil {
		return Entry{}, err
	}
	audit.Enters(ctx, workspaceID, u.ID, u.Email)
	audit.About(ctx, "users", u.ID)
	hashed, err := p.hasher.hash(ctx, proof.Password)
	if err != nil {
		return Entry{}, err
	}
	if u, err = p.store.SetPassword(ctx, u.ID, hashed, 0, l.Hash); err != nil {
		return Entry{}, err
	}
	// Whoever chose a new password need not wait because of the old one.
	if err := p.forgive(ctx, p.attempted(u.Email, v)); err != nil {
		return Entry{}, err
	}
	return p.enter(ctx, u, workspaceID, v)
}

func (p *People) join(ctx context.Context, l Link, a Answer, v Visit) (Entry, error) {
	g := Grant{l.WorkspaceID, l.Role, p.now()}
	audit.Became(ctx, audit.Facts{"email": l.Email, "role": string(l.Role)})
	audit.Claims(ctx, l.Email)
	known, err := p.Known(ctx, l)
	if err != nil {
		return Entry{}, err
	}
	if !known {
		u, err := p.newUser(ctx, User{Email: l.Email, Name: a.Name}, a.Password)
		if err != nil {
			return Entry{}, err
		}
		if u, err = p.store.CreateUser(ctx, u, g, l.Hash, false); err != nil {
			return Entry{}, err
		}
		return p.enter(ctx, u, l.WorkspaceID, v)
	}
	u, err := p.verify(ctx, l.Email, a.Proof, v)
	if err != nil {
		return Entry{}, err
	}
	audit.Enters(ctx, l.WorkspaceID, u.ID, u.Email)
	audit.About(ctx, "users", u.ID)
	if err := p.store.Join(ctx, u.ID, g, l.Hash); err != nil {
		return Entry{}, err
	}
	return p.enter(ctx, u, l.WorkspaceID, v)
}

// newUser checks a user's name and password, and hashes it.
func (p *People) newUser(ctx context.Context, u User, password string) (User, error) {
	var err error
	u.CreatedAt = p.now()
	if u, err = u.named(u.Name); err != nil {
		return u, err
	}
	if err := checkPassword(password, u); err != nil {
		return u, err
	}
	u.Password, err = p.hasher.hash(ctx, password)
	return u, err
}

// founder makes the first user, who may do everything.
func (p *People) founder(ctx context.Context, a Answer, link string) (User, error) {
	email, err := readEmail(a.Email)
	if err != nil {
		return User{}, err
	}
	u, err := p.newUser(ctx, User{Email: email, Name: a.Name, Installer: true}, a.Password)
	if err != nil {
		return u, err
	}
	return p.store.CreateUser(ctx, u, Grant{defaultWorkspace, Owner, u.CreatedAt}, link, true)
}

// MakeOwner makes the first user without a link, for installations that nobody looks at.
// When there is a user already it does nothing, and reports that.
func (p *People) MakeOwner(ctx context.Context, a Answer) (made bool, err error) {
	some, err := p.store.AnyUser(ctx)
	if err != nil || some {
		return false, err
	}
	_, err = p.founder(ctx, a, "")
	if errors.Is(err, ErrInstalled) {
		return false, nil
	}
	return err == nil, err
}

// askedFree is how often in a row a link for one account may be asked for without a wait.
const askedFree = 2

// AskReset counts that somebody who is nobody yet asks for a link to choose a new password.
// Too many from an address, or for an account, are [Limited]. It does not say whether there
// is such an account, and takes as long.
func (p *People) AskReset(ctx context.Context, email string, v Visit) (string, error) {
	email, err := readEmail(email)
	if err != nil {
		return "", err
	}
	wait, err := p.count(ctx, []name{
		{text: "asked account " + hash(email), free: askedFree},
		{text: "asked address " + v.Address, free: freeOfAddress, ofAddress: true},
	})
	if err == nil && wait > 0 {
		err = limited(wait, "reset_too_often", "a link was asked for too often: look for the mail, or wait %d seconds and try again")
	}
	return email, err
}

// ResetFor returns the secret of a link by which a user chooses a new password, to be sent to
// the user's own address. When nobody has the email, or the user has no role anywhere, it is
// NotFound or Forbidden.
func (p *People) ResetFor(ctx context.Context, email string) (string, error) {
	u, err := p.store.UserByEmail(ctx, email)
	if err != nil {
		return "", err
	}
	if _, err := p.first(ctx, u); err != nil {
		return "", err
	}
	_, secret, err := p.makeLink(ctx, Link{Kind: ResetLink, UserID: u.ID})
	return secret, err
}
