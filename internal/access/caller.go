package access

import (
	"context"
	"errors"
	"slices"
	"time"

	"bellman/internal/fault"
)

// Caller is who makes a call: a system with an API key, or a person who has signed in.
type Caller struct {
	// WorkspaceID is the workspace that the call is about.
	WorkspaceID int64
	// Key is the key of a system; nil for a person.
	Key *Key
	// User, Session and Role are those of a person: nil, zero and empty for a system. The
	// role is empty, too, when the person has none in the workspace.
	User    *User
	Session Session
	Role    Role
}

// Name names the caller for people who read what it did.
func (c Caller) Name() string {
	switch {
	case c.User != nil:
		return c.User.Email
	case c.Key != nil:
		return c.Key.Name
	}
	return ""
}

// Rights returns what the caller may do in the workspace.
func (c Caller) Rights() []Right {
	switch {
	case c.Key != nil:
		return ofScopes[c.Key.Scope]
	case c.User != nil && c.User.Installer:
		return append(slices.Clip(granted[Owner]), Watch, Install)
	case c.User != nil && c.Role == "":
		return []Right{Self}
	}
	return granted[c.Role]
}

// Can reports whether the caller has the right.
func (c Caller) Can(r Right) bool { return r == Nobody || slices.Contains(c.Rights(), r) }

// Allow returns a Forbidden fault unless the caller has the right.
func (c Caller) Allow(r Right) error {
	switch {
	case c.Can(r):
		return nil
	case c.Key != nil && r == Self:
		return fault.New(fault.Forbidden, "key_is_nobody", "an API key is no person: sign in to make this call")
	case c.Key != nil:
		return fault.New(fault.Forbidden, "scope_too_narrow",
			"this API key opens %s, and not this call: use one that was made for it", c.Key.Scope)
	case c.Role == "":
		return fault.New(fault.Forbidden, "no_role_here", "you have no role in this workspace: choose another one, or ask for an invitation")
	}
	return fault.New(fault.Forbidden, "role_too_narrow", "your role in this workspace is %s, which does not %s: ask an owner or admin of it",
		c.Role, deeds[r])
}

// deeds say what a right is for, after "does not".
var deeds = map[Right]string{
	See: "see this", SeeSent: "see messages and campaigns", SeeContacts: "see people", Write: "write messages and campaigns",
	Send: "send", EditContacts: "change people and groups", Configure: "change bots, webhooks and settings",
	Erase: "export or erase people", Govern: "manage people, keys and the audit log", Own: "decide over the workspace and its owners",
	Install: "make workspaces", Watch: "read the metrics of the installation",
}

// confirmed is for how long a person who gave the password may do what is dangerous.
const confirmed = 15 * time.Minute

// Confirmed returns a Forbidden fault for a person who has not given the password for
// some minutes, which whoever sits down at an open browser could not do. Keys are made to
// be used unattended.
func (c Caller) Confirmed(now time.Time) error {
	if c.User == nil || now.Before(c.ConfirmedUntil()) {
		return nil
	}
	return fault.New(fault.Forbidden, "confirm_first",
		"give your password again, which is good for %d minutes, and then repeat this: POST /manage/v1/session/confirm", int(confirmed.Minutes()))
}

// ConfirmedUntil is until when [Caller.Confirmed] of a person is nil.
func (c Caller) ConfirmedUntil() time.Time { return c.Session.ConfirmedAt.Add(confirmed) }

// UserID returns the id of a person, zero for a system.
func (c Caller) UserID() int64 {
	if c.User == nil {
		return 0
	}
	return c.User.ID
}

type contextKey struct{}

// With returns a context that carries the caller.
func With(ctx context.Context, c Caller) context.Context {
	return context.WithValue(ctx, contextKey{}, c)
}

// From returns the caller. It fails when the call was not authenticated, which is a bug
// in the surface that let it through.
func From(ctx context.Context) (Caller, error) {
	c, ok := ctx.Value(contextKey{}).(Caller)
	if !ok {
		return Caller{}, errors.New("access: the call was not authenticated")
	}
	return c, nil
}
