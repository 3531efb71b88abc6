package access

import (
	"context"
	"strconv"
	"time"
	"unicode/utf8"
)

// PeopleStore is what people need of the database.
type PeopleStore interface {
	ProviderStore

	// AnyUser reports whether there is a user.
	AnyUser(ctx context.Context) (bool, error)
	// UserByEmail and User return a user, or NotFound.
	UserByEmail(ctx context.Context, email string) (User, error)
	User(ctx context.Context, id int64) (User, error)
	// Users returns all users, by email.
	Users(ctx context.Context) ([]User, error)
	// CreateUser writes a user with a role, and returns it with its id. A link that is gone
	// is [ErrLink], an email that another user has a Conflict, an account that another one
	// has [ErrAccountTaken].
	CreateUser(ctx context.Context, u User, g Grant, by By) (User, error)
	// Join gives a user who has none in the workspace a role, and uses the link up. One that
	// is gone is [ErrLink].
	Join(ctx context.Context, userID int64, g Grant, link string) error
	// RenameUser writes the name of a user, and returns the user.
	RenameUser(ctx context.Context, id int64, name string) (User, error)
	// SetPassword writes the hash of a user's password and returns the user. The sessions of
	// the user end but the one with the id except, and so do the user's links for a new
	// password. link is the hash of the one that is used for it, empty for none; when it is
	// gone, that is [ErrLink].
	SetPassword(ctx context.Context, id int64, hashed string, except int64, link string) (User, error)

	// DraftFactor writes a sealed secret that is not the user's second factor yet.
	DraftFactor(ctx context.Context, userID int64, sealed []byte) error
	// ChangeFactor writes what change makes of a user's second factor. Changes of one user
	// wait for each other.
	ChangeFactor(ctx context.Context, userID int64, change func(Factor) (Factor, error)) error

	// AddPasskey writes a passkey and returns its id; the challenge that it has answered is
	// good no more, which is [ErrCeremony] when it was so already. A user with [MaxPasskeys]
	// is [ErrPasskeys], a credential that is known a Conflict.
	AddPasskey(ctx context.Context, k Passkey, a Answered) (int64, error)
	// PasskeyByCredential returns the passkey with the id of a credential, or NotFound.
	PasskeyByCredential(ctx context.Context, credential string) (Passkey, error)
	// Passkeys returns those of a user, by id.
	Passkeys(ctx context.Context, userID int64) ([]Passkey, error)
	// UsePasskey writes what changed with the use of a passkey, as in AddPasskey.
	UsePasskey(ctx context.Context, k Passkey, a Answered) error
	// RemovePasskey removes one of a user, or is NotFound. The last way to sign in stays:
	// that is [ErrLastWay].
	RemovePasskey(ctx context.Context, userID, id int64) error

	// CreateSession writes a session and returns its id.
	CreateSession(ctx context.Context, s Session) (int64, error)
	// SessionByHash returns the session with the hash, its user and the user's role in a
	// workspace, which is the chosen one when the id is zero; NotFound when it has ended.
	SessionByHash(ctx context.Context, hash string, workspaceID int64) (Signed, error)
	// RenewSession writes the hash and the confirmation of a session. One that has ended is
	// NotFound.
	RenewSession(ctx context.Context, s Session) error
	// ChooseWorkspace writes which workspace a session is in.
	ChooseWorkspace(ctx context.Context, id, workspaceID int64) error
	// Sessions returns the sessions of a user, with the newest first.
	Sessions(ctx context.Context, userID int64) ([]Session, error)
	// EndSessions removes those sessions of a user for which of is true, and returns how
	// many.
	EndSessions(ctx context.Context, userID int64, of func(Session) bool) (int, error)
	// SessionsSeen writes when sessions were used last, by their ids.
	SessionsSeen(ctx context.Context, seen map[int64]time.Time) error

	// CreateLink writes a link in place of others of its kind for the same user, or the
	// same email in the same workspace, and returns its id.
	CreateLink(ctx context.Context, l Link) (int64, error)
	// LinkByHash returns the link with the hash, or [ErrLink].
	LinkByHash(ctx context.Context, hash string) (Link, error)
	// Invitations returns the links by which people may join a workspace, by id.
	Invitations(ctx context.Context, workspaceID int64) ([]Link, error)
	// RemoveInvitation removes one of them, or is NotFound.
	RemoveInvitation(ctx context.Context, workspaceID, id int64) error

	// Members returns who has a role in a workspace, by email.
	Members(ctx context.Context, workspaceID int64) ([]Member, error)
	// ChangeRole writes what change makes of a member's role, removes the member when that
	// is none, and ends the member's sessions and the links that the member has made. owners is how many the workspace has. A user
	// who is no member is NotFound.
	ChangeRole(ctx context.Context, workspaceID, userID int64, at time.Time, change func(m Member, owners int) (Role, error)) (Member, error)
	// Places returns the workspaces in which a user has a role, by name; with all, all of
	// them.
	Places(ctx context.Context, userID int64, all bool) ([]Place, error)

	// Attempt counts one more attempt under each name when allow, which gets those that
	// were before, returns true. They count anew when the last one was before since. Attempts
	// under the same names wait for each other.
	Attempt(ctx context.Context, names []string, now, since time.Time, allow func(before []Attempts) bool) error
	// Forgive forgets the attempts under the names of whole, and one of each under those of
	// once.
	Forgive(ctx context.Context, whole, once []string) error
	// Sweep removes sessions, links, attempts and answered challenges that are over.
	Sweep(ctx context.Context, now time.Time, over Over) error
}

// By is how a user comes to be.
type By struct {
	// Link is the hash of the link that is used up; empty for none.
	Link string
	// First says that there may be no other user: any is [ErrInstalled].
	First bool
	// Account is that at a provider, for the new user; nil for none.
	Account *Account
}

// Over is from when on something counts no more.
type Over struct {
	// Seen and Created are of sessions, Attempted of attempts.
	Seen, Created, Attempted time.Time
}

// People keeps users, what they are where, and where they are signed in.
type People struct {
	store  PeopleStore
	now    func() time.Time
	seal   Sealer
	hasher *hasher
	// issuers asks providers; nil where nobody signs in by one.
	issuers Issuers
	known   memo[Signed]
	seen    uses
}

// Sealer keeps secrets unreadable in the database, each bound to a number, and marks what
// comes back through browsers; seal.Ring implements it.
type Sealer interface {
	Seal(secret string, number int64) []byte
	Unseal(sealed []byte, number int64) (string, error)
	// Mark returns a mark of a text; Marked knows it again.
	Mark(text string) []byte
	Marked(text string, mark []byte) bool
}

// NewPeople returns a service over the store; now is the clock, seal keeps second factors
// and marks browsers.
func NewPeople(store PeopleStore, now func() time.Time, seal Sealer) *People {
	return &People{store: store, now: now, seal: seal, hasher: newHasher(argonMemory)}
}

// WithHashMemory has a hash of a password take so many KiB in place of 64 MiB. It is for
// tests that sign many people in; less than 8 is as good as 8.
func (p *People) WithHashMemory(kib uint32) *People {
	p.hasher = newHasher(kib)
	return p
}

// Places returns the workspaces that a person may choose, by name: an installer may
// choose each one, others those that are not archived and in which they have a role.
func (p *People) Places(ctx context.Context, u User) ([]Place, error) {
	all, err := p.store.Places(ctx, u.ID, u.Installer)
	if u.Installer {
		return all, err
	}
	open := all[:0]
	for _, place := range all {
		if place.ArchivedAt.IsZero() {
			open = append(open, place)
		}
	}
	return open, err
}

// Forget makes the next call of each session be looked at anew, when something about its
// workspace has changed.
func (p *People) Forget() { p.known.forget() }

// Flush writes when sessions were used.
func (p *People) Flush(ctx context.Context) error { return p.seen.flush(ctx, p.store.SessionsSeen) }

// Sweep removes what is over: sessions, links, challenges, and attempts that count no more.
func (p *People) Sweep(ctx context.Context) error {
	now := p.now()
	return p.store.Sweep(ctx, now, Over{Seen: now.Add(-idle), Created: now.Add(-Lasting), Attempted: now.Add(-forgetAttempts)})
}

// cutText returns the beginning of a text, in at most so many bytes.
func cutText(text string, most int) string {
	if len(text) <= most {
		return text
	}
	for most > 0 && !utf8.RuneStart(text[most]) {
		most--
	}
	return text[:most]
}

func formatID(id int64) string { return strconv.FormatInt(id, 10) }
