package access

import (
	"context"
	"strings"
	"time"

	"bellman/internal/audit"
	"bellman/internal/fault"
)

// Account is what a provider has of a user, by which the user signs in.
type Account struct {
	ProviderID int64
	// Subject is by what the provider knows the user.
	Subject string
	UserID  int64
	// Email is what the provider said of it last; it may be empty.
	Email string
	// CreatedAt is when it was connected, UsedAt when it was used last; zero for never.
	CreatedAt, UsedAt time.Time
}

var (
	// ErrAccountTaken is the fault of an account that is a user's already.
	ErrAccountTaken = fault.New(fault.Conflict, "account_taken",
		"this account at the provider is connected already: with you, or with another user")
	// ErrAccountSecond is the fault of a second account at one provider.
	ErrAccountSecond = fault.New(fault.Conflict, "account_second",
		"you are connected with another account at this provider: disconnect that one first")
	// ErrLastWay is the fault of who would have no way to sign in any more.
	ErrLastWay = fault.New(fault.Conflict, "last_way_in",
		"you would have no way to sign in any more: choose a password first, by a link that an admin makes for you, or add a passkey")

	errUnverified = fault.New(fault.Forbidden, "email_unverified",
		"the provider does not vouch for an email of yours: ask who runs it, or come in by an invitation and a password")
	errForeign = fault.New(fault.Forbidden, "domain_unknown",
		"nobody comes in here with an email of this domain: ask for an invitation")
	errKnown = fault.New(fault.Conflict, "connect_first",
		"there is a user with this email: sign in as before, and connect the provider then")
	errInvited = fault.New(fault.Forbidden, "invited_another",
		"the invitation is for another email than the one that the provider vouches for")
	errOther = fault.New(fault.Forbidden, "account_of_another", "this is not the account with which you are connected")
	errOld   = fault.New(fault.Forbidden, "provider_not_anew",
		"the provider does not say that you have signed in there anew: use your password or a passkey")
)

// LeaveToEnter sends a browser to a provider, to sign in; with the secret of an invitation,
// which may be empty, to come in by that.
func (p *People) LeaveToEnter(ctx context.Context, origin string, providerID int64, link string) (Departure, error) {
	e := errand{Kind: EnterErrand, ProviderID: providerID}
	if link != "" {
		l, err := p.Look(ctx, link)
		if err != nil {
			return Departure{}, err
		}
		if l.Kind != InvitationLink {
			return Departure{}, ErrLink
		}
		e.Link = l.Hash
	}
	return p.depart(ctx, origin, e)
}

// LeaveToConnect sends a person to a provider, to make an account there a way to sign in.
func (p *People) LeaveToConnect(ctx context.Context, c Caller, origin string, providerID int64) (Departure, error) {
	return p.depart(ctx, origin, errand{Kind: ConnectErrand, ProviderID: providerID, SessionID: c.Session.ID})
}

// LeaveToConfirm sends a person to a provider, to sign in there anew.
func (p *People) LeaveToConfirm(ctx context.Context, c Caller, origin string, providerID int64) (Departure, error) {
	return p.depart(ctx, origin, errand{Kind: ConfirmErrand, ProviderID: providerID, SessionID: c.Session.ID})
}

// EnterByProvider makes a session for who comes back from a provider. Whom the provider
// knows by a subject that was connected is that user. Others are made users when they come
// by an invitation for the email that the provider vouches for, or when the provider gives
// a role to its domain; never who has the email of a user, which is a Conflict: nobody may
// get at an account by an email alone. Attempts are counted by address, as passwords are.
func (p *People) EnterByProvider(ctx context.Context, r Return, v Visit) (Entry, error) {
	names := []name{{text: "address " + v.Address, free: freeOfAddress, ofAddress: true}}
	if err := p.attempt(ctx, names); err != nil {
		return Entry{}, err
	}
	e, one, who, err := p.come(ctx, EnterErrand, 0, r)
	// A provider that does not answer is nobody's attempt.
	if err == nil || fault.KindOf(err) == fault.Unavailable {
		if forgiven := p.forgive(ctx, names); forgiven != nil {
			return Entry{}, forgiven
		}
	}
	if err != nil {
		return Entry{}, err
	}
	audit.Became(ctx, audit.Facts{"provider": one.Name})
	audit.Claims(ctx, who.Email)
	u, workspaceID, err := p.admit(ctx, e, one, who)
	if err != nil {
		return Entry{}, err
	}
	return p.enterConfirmed(ctx, u, workspaceID, v, confirmedBy(who, p.now()))
}

// confirmedBy returns when somebody has shown who they are: a provider that lets people in
// without asking them anything has seen that before.
func confirmedBy(who Identity, now time.Time) time.Time {
	if who.AuthAt.IsZero() {
		return now.Add(-confirmed)
	}
	if who.AuthAt.After(now) {
		return now
	}
	return who.AuthAt
}

// admit returns the user who comes in, and the workspace; zero for the first of them.
func (p *People) admit(ctx context.Context, e errand, one Provider, who Identity) (User, int64, error) {
	a, err := p.store.AccountBySubject(ctx, one.ID, who.Subject)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return User{}, 0, err
	}
	known := err == nil
	var invitation *Link
	if e.Link != "" {
		l, err := p.store.LinkByHash(ctx, e.Link)
		if err == nil && !p.now().Before(l.ExpiresAt) {
			err = ErrLink
		}
		if err != nil {
			return User{}, 0, err
		}
		invitation = &l
	}
	if !known {
		return p.newcomer(ctx, one, who, invitation)
	}
	u, err := p.store.User(ctx, a.UserID)
	if err != nil {
		return u, 0, err
	}
	a.UsedAt = p.now()
	if who.Email != "" {
		a.Email = who.Email
	}
	if err := p.store.UseAccount(audit.Apart(ctx), a); err != nil || invitation == nil {
		return u, 0, err
	}
	if u.Email != invitation.Email {
		return u, 0, errInvited
	}
	audit.Enters(ctx, invitation.WorkspaceID, u.ID, u.Email)
	audit.About(ctx, "users", u.ID)
	return u, invitation.WorkspaceID, p.store.Join(ctx, u.ID, Grant{invitation.WorkspaceID, invitation.Role, p.now()}, invitation.Hash)
}

// newcomer makes a user, without a password, of who comes by an invitation, which may be
// nil, or by the domain of an email.
func (p *People) newcomer(ctx context.Context, one Provider, who Identity, invitation *Link) (User, int64, error) {
	now := p.now()
	email, err := readEmail(who.Email)
	if err != nil || !who.Verified {
		return User{}, 0, errUnverified
	}
	by := By{Account: &Account{ProviderID: one.ID, Subject: who.Subject, Email: email, CreatedAt: now, UsedAt: now}}
	g := Grant{one.WorkspaceID, one.roleOf(email), now}
	switch {
	case invitation != nil && invitation.Email != email:
		return User{}, 0, errInvited
	case invitation != nil:
		g.WorkspaceID, g.Role, by.Link = invitation.WorkspaceID, invitation.Role, invitation.Hash
	case g.Role == "":
		return User{}, 0, errForeign
	}
	u, err := User{Email: email, CreatedAt: now}.named(nameOf(who, email))
	if err != nil {
		return u, 0, err
	}
	audit.Became(ctx, audit.Facts{"provider": one.Name, "email": email, "role": string(g.Role)})
	u, err = p.store.CreateUser(ctx, u, g, by)
	if fault.Is(err, "email_taken") {
		err = errKnown
	}
	return u, g.WorkspaceID, err
}

// nameOf returns what somebody is called, as far as a provider knows that.
func nameOf(who Identity, email string) string {
	words := strings.Join(strings.Fields(who.Name), " ")
	if checkName(words, maxUserName, "", "") != nil {
		return cutText(email, maxUserName)
	}
	return words
}

// ConnectByProvider makes the account with which a person comes back from a provider a way
// to sign in.
func (p *People) ConnectByProvider(ctx context.Context, c Caller, r Return) (Account, error) {
	_, one, who, err := p.come(ctx, ConnectErrand, c.Session.ID, r)
	if err != nil {
		return Account{}, err
	}
	a := Account{ProviderID: one.ID, Subject: who.Subject, UserID: c.User.ID, Email: who.Email, CreatedAt: p.now()}
	audit.Became(ctx, audit.Facts{"provider": one.Name, "email": a.Email})
	audit.About(ctx, "providers", one.ID)
	return a, p.store.AddAccount(ctx, a)
}

// ConfirmByProvider is [People.Confirm] with an account of the same person, who has just
// signed in at the provider.
func (p *People) ConfirmByProvider(ctx context.Context, c Caller, r Return) (Entry, error) {
	e, one, who, err := p.come(ctx, ConfirmErrand, c.Session.ID, r)
	if err != nil {
		return Entry{}, err
	}
	a, err := p.store.AccountBySubject(ctx, one.ID, who.Subject)
	switch {
	case fault.KindOf(err) == fault.NotFound || err == nil && a.UserID != c.User.ID:
		return Entry{}, errOther
	case err != nil:
		return Entry{}, err
	case who.AuthAt.Before(e.begun().Add(-clockSkew)):
		return Entry{}, errOld
	}
	return p.renew(ctx, c, *c.User)
}

// Accounts returns those of a user, by the ids of their providers.
func (p *People) Accounts(ctx context.Context, userID int64) ([]Account, error) {
	return p.store.Accounts(ctx, userID)
}

// Disconnect makes a user's account at a provider no way to sign in any more. One that is
// not there is NotFound; the last way is [ErrLastWay].
func (p *People) Disconnect(ctx context.Context, userID, providerID int64) error {
	return p.store.RemoveAccount(ctx, userID, providerID)
}
