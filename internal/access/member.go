package access

import (
	"cmp"
	"context"
	"strings"

	"bellman/internal/audit"
	"bellman/internal/fault"
)

// defaultWorkspace is the workspace that a fresh installation has, of which the first
// user is the owner.
const defaultWorkspace = 1

// maxUserName is the longest name of a person, in characters.
const maxUserName = 100

// named returns the user with another name.
func (u User) named(name string) (User, error) {
	u.Name = strings.TrimSpace(name)
	return u, checkName(u.Name, maxUserName, "name_invalid", "yourself")
}

// Rename changes what a person is called.
func (p *People) Rename(ctx context.Context, userID int64, name string) (User, error) {
	defer p.known.forget()
	u, err := User{}.named(name)
	if err != nil {
		return u, err
	}
	return p.store.RenameUser(ctx, userID, u.Name)
}

// ChangePassword changes the password of a person who knows the present one, and ends the
// person's other sessions.
func (p *People) ChangePassword(ctx context.Context, c Caller, present Proof, next string, v Visit) (Entry, error) {
	u, err := p.verify(ctx, c.User.Email, present, v)
	if err != nil {
		return Entry{}, err
	}
	if err := checkPassword(next, u); err != nil {
		return Entry{}, err
	}
	hashed, err := p.hasher.hash(ctx, next)
	if err != nil {
		return Entry{}, err
	}
	defer p.known.forget()
	if u, err = p.store.SetPassword(ctx, u.ID, hashed, c.Session.ID, ""); err != nil {
		return Entry{}, err
	}
	return p.renew(ctx, c, u)
}

// Members returns who has a role in a workspace, by email.
func (p *People) Members(ctx context.Context, workspaceID int64) ([]Member, error) {
	return p.store.Members(ctx, workspaceID)
}

var (
	errLastOwner = fault.New(fault.Conflict, "last_owner", "a workspace needs an owner: make somebody else one first").In("role")
	errOwners    = fault.New(fault.Forbidden, "owners_only", "only an owner of the workspace may make owners, change them or dismiss them")
)

// ceiling is the role up to which a caller may give roles.
func (c Caller) ceiling() Role {
	switch {
	case c.Can(Own):
		return Owner
	case c.Can(Govern):
		return Admin
	}
	return ""
}

// GiveRole changes the role of a member, whose sessions end; an empty role removes the
// member from the workspace. The last owner cannot be removed: that is a Conflict.
func (p *People) GiveRole(ctx context.Context, c Caller, userID int64, role Role) (Member, error) {
	if role != "" {
		if err := role.Check(); err != nil {
			return Member{}, err
		}
	}
	defer p.known.forget()
	return p.store.ChangeRole(ctx, c.WorkspaceID, userID, p.now(), func(m Member, owners int) (Role, error) {
		switch {
		case !c.ceiling().mayGive(m.Role) || role != "" && !c.ceiling().mayGive(role):
			return "", errOwners
		case m.Role == Owner && role != Owner && owners == 1:
			return "", errLastOwner
		}
		audit.Was(ctx, audit.Facts{"email": m.Email, "role": string(m.Role)})
		if role == m.Role {
			audit.Idle(ctx)
		} else if role != "" {
			audit.Became(ctx, audit.Facts{"email": m.Email, "role": string(role)})
		}
		return role, nil
	})
}

// Invite returns the secret of a link by which somebody gets a role in a workspace, good
// for a week. It takes the place of one for the same email. Who is a member already is a
// Conflict.
func (p *People) Invite(ctx context.Context, c Caller, email string, role Role) (Link, string, error) {
	email, err := readEmail(email)
	if err != nil {
		return Link{}, "", err
	}
	if err := role.Check(); err != nil {
		return Link{}, "", err
	}
	if !c.ceiling().mayGive(role) {
		return Link{}, "", errOwners
	}
	members, err := p.store.Members(ctx, c.WorkspaceID)
	if err != nil {
		return Link{}, "", err
	}
	for _, m := range members {
		if m.Email == email {
			return Link{}, "", fault.New(fault.Conflict, "member_already", "%s has a role in this workspace: change it instead", email).In("email")
		}
	}
	audit.Became(ctx, audit.Facts{"email": email, "role": string(role)})
	return p.makeLink(ctx, Link{Kind: InvitationLink, WorkspaceID: c.WorkspaceID, Email: email, Role: role, MadeBy: c.UserID()})
}

// Invitations returns the links that are still good, by id.
func (p *People) Invitations(ctx context.Context, workspaceID int64) ([]Link, error) {
	all, err := p.store.Invitations(ctx, workspaceID)
	open := all[:0]
	for _, l := range all {
		if p.now().Before(l.ExpiresAt) {
			open = append(open, l)
		}
	}
	return open, err
}

// Withdraw makes an invitation useless. One that is gone is NotFound.
func (p *People) Withdraw(ctx context.Context, workspaceID, id int64) error {
	return p.store.RemoveInvitation(ctx, workspaceID, id)
}

var errAbove = fault.New(fault.Forbidden, "above_you",
	"this person has a role that you may not give, here or in another workspace: ask an owner of that one, or use bellman user reset-password")

// ResetLink returns the secret of a link by which a member of the caller's workspace
// chooses a new password, good for a day, and the member. The caller has to be able to give
// each role that the person has, in whatever workspace: with the link, one could become the
// person.
func (p *People) ResetLink(ctx context.Context, c Caller, userID int64) (User, Link, string, error) {
	u, err := p.mayRescue(ctx, c, userID)
	if err != nil {
		return u, Link{}, "", err
	}
	l, secret, err := p.makeLink(ctx, Link{Kind: ResetLink, UserID: userID, MadeBy: c.UserID()})
	return u, l, secret, err
}

// EndSessionsOf signs a member of the caller's workspace out of every browser. The caller
// has to be able to give each role that the member has, as in [People.ResetLink].
func (p *People) EndSessionsOf(ctx context.Context, c Caller, userID int64) error {
	if _, err := p.mayRescue(ctx, c, userID); err != nil {
		return err
	}
	return p.EndOtherSessions(ctx, userID, 0)
}

// mayRescue returns a member of the caller's workspace. It refuses callers who could become,
// with what they do for the member, somebody with more power than they have.
func (p *People) mayRescue(ctx context.Context, c Caller, userID int64) (User, error) {
	members, err := p.store.Members(ctx, c.WorkspaceID)
	if err != nil {
		return User{}, err
	}
	for _, m := range members {
		if m.ID == userID {
			return m.User, p.outranks(ctx, c, m.User)
		}
	}
	return User{}, errNoMember
}

var errNoMember = fault.New(fault.NotFound, "user_not_found", "there is no such user in this workspace")

func (p *People) outranks(ctx context.Context, c Caller, u User) error {
	if c.Can(Install) {
		return nil
	}
	theirs, err := p.store.Places(ctx, u.ID, false)
	if err != nil {
		return err
	}
	mine, err := p.store.Places(ctx, c.UserID(), false)
	if err != nil {
		return err
	}
	roles := map[int64]Role{}
	for _, place := range mine {
		roles[place.WorkspaceID] = place.Role
	}
	for _, place := range theirs {
		if u.Installer || !roles[place.WorkspaceID].mayGive(place.Role) {
			return errAbove
		}
	}
	return nil
}

// ResetByCommand is [People.ResetLink] for who runs the program, for any user. With
// dropFactor, the user's authenticator is asked for no more.
func (p *People) ResetByCommand(ctx context.Context, email string, dropFactor bool) (string, error) {
	email, err := readEmail(email)
	if err != nil {
		return "", err
	}
	u, err := p.store.UserByEmail(ctx, email)
	if err != nil {
		return "", err
	}
	audit.About(ctx, "users", u.ID)
	if dropFactor {
		audit.Became(ctx, audit.Facts{"authenticator": false})
		if err := p.removeFactor(ctx, u.ID); err != nil {
			return "", err
		}
	}
	_, secret, err := p.makeLink(ctx, Link{Kind: ResetLink, UserID: u.ID})
	return secret, err
}

// CreateByCommand makes a user with a role, for who runs the program, and returns the
// secret of a link by which the user chooses a password. An empty name is the email.
func (p *People) CreateByCommand(ctx context.Context, email, name string, g Grant) (string, error) {
	email, err := readEmail(email)
	if err != nil {
		return "", err
	}
	if err := g.Role.Check(); err != nil {
		return "", err
	}
	g.At = p.now()
	u, err := User{Email: email, CreatedAt: g.At}.named(cmp.Or(name, email))
	if err != nil {
		return "", err
	}
	audit.Became(ctx, audit.Facts{"email": u.Email, "role": string(g.Role)})
	if u, err = p.store.CreateUser(ctx, u, g, "", false); err != nil {
		return "", err
	}
	_, secret, err := p.makeLink(ctx, Link{Kind: ResetLink, UserID: u.ID})
	return secret, err
}

// Roles returns what a user is, and where.
func (p *People) Roles(ctx context.Context, userID int64) ([]Place, error) {
	return p.store.Places(ctx, userID, false)
}

// Users returns all users, by email.
func (p *People) Users(ctx context.Context) ([]User, error) { return p.store.Users(ctx) }
