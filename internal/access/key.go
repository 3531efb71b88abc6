package access

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"bellman/internal/audit"
	"bellman/internal/fault"
)

// Key is an API key as it is stored: only its holder knows its secret.
type Key struct {
	ID          int64
	WorkspaceID int64
	Name        string
	// Note says what people should know of it.
	Note  string
	Scope Scope
	// Hash is the SHA-256 of the secret, in hex. Secrets are random and long,
	// so a slow password hash would add cost and no safety.
	Hash string
	// RetiringHash is that of the secret before it, which opens the same until RetiresAt;
	// empty when there is none.
	RetiringHash string
	RetiresAt    time.Time
	// MadeBy is the user who made it; zero for a command or another key.
	MadeBy    int64
	CreatedAt time.Time
	// ExpiresAt is when it opens nothing any more; zero for never.
	ExpiresAt time.Time
	// UsedAt is when it was used last, to the minute; zero for never.
	UsedAt time.Time
	// Archived says that its workspace is.
	Archived bool
}

// Facts are what the audit log tells of a key.
func (k Key) Facts() audit.Facts {
	f := audit.Facts{"name": k.Name, "scope": string(k.Scope)}
	if k.Note != "" {
		f["note"] = k.Note
	}
	if !k.ExpiresAt.IsZero() {
		f["expiresAt"] = k.ExpiresAt.UTC().Format(time.RFC3339)
	}
	return f
}

// KeyStore is what keys need of the database.
type KeyStore interface {
	// CreateKey writes a key and returns its id. A missing workspace is NotFound.
	CreateKey(ctx context.Context, k Key) (int64, error)
	// KeyByHash returns the key with the given hash, be it the present or the retiring
	// one, or NotFound.
	KeyByHash(ctx context.Context, hash string) (Key, error)
	// Keys returns all keys of a workspace, by id.
	Keys(ctx context.Context, workspaceID int64) ([]Key, error)
	// ChangeKey writes what change makes of a key, and returns it. A missing one is
	// NotFound.
	ChangeKey(ctx context.Context, workspaceID, id int64, change func(Key) (Key, error)) (Key, error)
	// RemoveKey removes a key and returns it. A missing one is NotFound.
	RemoveKey(ctx context.Context, workspaceID, id int64) (Key, error)
	// KeysUsed writes when keys were used last, by their ids.
	KeysUsed(ctx context.Context, used map[int64]time.Time) error
	// Archived reports whether a workspace is archived. A missing one is NotFound.
	Archived(ctx context.Context, workspaceID int64) (bool, error)
}

// Keys makes and checks API keys.
type Keys struct {
	store  KeyStore
	now    func() time.Time
	random io.Reader
	known  memo[Key]
	used   uses
}

// NewKeys returns a service over the store; now is the clock, and a nil random
// means the system's source of randomness.
func NewKeys(store KeyStore, now func() time.Time, random io.Reader) *Keys {
	if random == nil {
		random = rand.Reader
	}
	return &Keys{store: store, now: now, random: random}
}

// keyPrefix makes a leaked key easy to recognise.
const keyPrefix = "bellman_"

// errKey is the same for every bad key, so that nothing can be learned from it.
var errKey = fault.New(fault.Unauthorized, "unauthorized",
	"send a valid API key: as the password of Basic auth (any user), or as a Bearer token")

var (
	errKeyExpired = fault.New(fault.Unauthorized, "key_expired", "this API key has expired: make a new one")
	errArchived   = fault.New(fault.Forbidden, "workspace_archived",
		"this workspace is archived: nothing in it changes until it is taken out again")
	errElsewhere = fault.New(fault.Forbidden, "key_of_another_workspace",
		"this API key is of another workspace than the header X-Workspace names: only keys of the installation may choose")
)

// The longest names and notes, in characters, and the longest overlap of two secrets.
const (
	maxName    = 200
	maxNote    = 1000
	maxOverlap = 30 * 24 * time.Hour
)

// NewKey is a key to be made. A zero ExpiresAt means never.
type NewKey struct {
	WorkspaceID int64
	Name, Note  string
	Scope       Scope
	ExpiresAt   time.Time
	MadeBy      int64
}

// CreateKey is [Keys.Make] for a key that never expires, of which no person is told to be
// the maker.
func (s *Keys) CreateKey(ctx context.Context, workspaceID int64, name string, scope Scope) (secret string, err error) {
	_, secret, err = s.Make(ctx, NewKey{WorkspaceID: workspaceID, Name: name, Scope: scope})
	return secret, err
}

// Make makes a key and returns it with its secret, which cannot be read again.
func (s *Keys) Make(ctx context.Context, n NewKey) (k Key, secret string, err error) {
	k = Key{
		WorkspaceID: n.WorkspaceID, Name: n.Name, Note: n.Note, Scope: n.Scope, MadeBy: n.MadeBy, CreatedAt: s.now(), ExpiresAt: n.ExpiresAt,
	}
	if err := k.Scope.Check(); err != nil {
		return k, "", err
	}
	if err := k.check(s.now()); err != nil {
		return k, "", err
	}
	if secret, err = s.secret(); err != nil {
		return k, "", err
	}
	k.Hash = hash(secret)
	audit.Became(ctx, k.Facts())
	k.ID, err = s.store.CreateKey(ctx, k)
	return k, secret, err
}

// check returns an Invalid fault for a name, a note or a time that a key cannot have, and
// tidies the texts.
func (k *Key) check(now time.Time) error {
	k.Name, k.Note = strings.TrimSpace(k.Name), strings.TrimSpace(k.Note)
	if err := checkName(k.Name, maxName, "key_name_invalid", "the key"); err != nil {
		return err
	}
	if utf8.RuneCountInString(k.Note) > maxNote {
		return fault.New(fault.Invalid, "key_note_invalid", "write a note of at most %d characters", maxNote).In("note")
	}
	if !k.ExpiresAt.IsZero() && !k.ExpiresAt.After(now) {
		return fault.New(fault.Invalid, "key_expiry_invalid", "choose a time that is still to come").In("expiresAt")
	}
	return nil
}

// checkName returns an Invalid fault for a name that is empty, too long or not of one line.
func checkName(name string, most int, code, what string) error {
	if name == "" || utf8.RuneCountInString(name) > most || strings.ContainsFunc(name, unicode.IsControl) {
		return fault.New(fault.Invalid, code, "name %s in 1 to %d characters, without line ends", what, most).In("name")
	}
	return nil
}

func (s *Keys) secret() (string, error) {
	raw := make([]byte, 24)
	if _, err := io.ReadFull(s.random, raw); err != nil {
		return "", err
	}
	return keyPrefix + hex.EncodeToString(raw), nil
}

// Keys returns all keys of a workspace, by id.
func (s *Keys) Keys(ctx context.Context, workspaceID int64) ([]Key, error) {
	return s.store.Keys(ctx, workspaceID)
}

// KeyChange is a change of a key; nil leaves something as it is. A zero ExpiresAt means
// never.
type KeyChange struct {
	Name, Note *string
	ExpiresAt  *time.Time
}

// ChangeKey changes what a key is called and how long it is good, unless allow refuses
// that, and returns it.
func (s *Keys) ChangeKey(ctx context.Context, workspaceID, id int64, change KeyChange, allow func(Key) error) (Key, error) {
	defer s.known.forget()
	return s.store.ChangeKey(ctx, workspaceID, id, func(k Key) (Key, error) {
		if err := allow(k); err != nil {
			return k, err
		}
		audit.Was(ctx, k.Facts())
		expired := k.ExpiresAt
		if change.Name != nil {
			k.Name = *change.Name
		}
		if change.Note != nil {
			k.Note = *change.Note
		}
		k.ExpiresAt = time.Time{} // what has expired may be renamed
		if change.ExpiresAt != nil {
			k.ExpiresAt = *change.ExpiresAt
		}
		if err := k.check(s.now()); err != nil {
			return k, err
		}
		if change.ExpiresAt == nil {
			k.ExpiresAt = expired
		}
		audit.Became(ctx, k.Facts())
		return k, nil
	})
}

// RotateKey gives a key another secret and returns it. The one before it opens the same
// for as long as overlap, 30 days at most; a secret that is retiring already retires now.
// allow may refuse it.
func (s *Keys) RotateKey(
	ctx context.Context, workspaceID, id int64, overlap time.Duration, allow func(Key) error,
) (k Key, secret string, err error) {
	if overlap < 0 || overlap > maxOverlap {
		return k, "", fault.New(fault.Invalid, "key_overlap_invalid",
			"let the old secret open for 0 to %d hours more", int(maxOverlap.Hours())).In("overlapHours")
	}
	if secret, err = s.secret(); err != nil {
		return k, "", err
	}
	defer s.known.forget()
	k, err = s.store.ChangeKey(ctx, workspaceID, id, func(k Key) (Key, error) {
		if err := allow(k); err != nil {
			return k, err
		}
		audit.Became(ctx, audit.Facts{"name": k.Name, "scope": string(k.Scope), "overlapHours": overlap.Hours()})
		k.RetiringHash, k.RetiresAt = "", time.Time{}
		if overlap > 0 {
			k.RetiringHash, k.RetiresAt = k.Hash, s.now().Add(overlap)
		}
		k.Hash = hash(secret)
		return k, nil
	})
	return k, secret, err
}

// RevokeKey makes a key open nothing any more, from the next call on (in other processes,
// a second later), and returns it. A missing one is NotFound.
func (s *Keys) RevokeKey(ctx context.Context, workspaceID, id int64) (Key, error) {
	defer s.known.forget()
	return s.store.RemoveKey(ctx, workspaceID, id)
}

// Authenticate returns the caller whose secret was sent; any other secret is
// Unauthorized. Keys of the installation choose the workspace; of others, it has to be
// theirs. Zero means the key's own.
func (s *Keys) Authenticate(ctx context.Context, secret string, workspaceID int64) (Caller, error) {
	if !strings.HasPrefix(secret, keyPrefix) {
		return Caller{}, errKey
	}
	now, sent := s.now(), hash(secret)
	k, err := s.known.get(sent, now, func() (Key, error) { return s.store.KeyByHash(ctx, sent) })
	switch {
	case fault.KindOf(err) == fault.NotFound || err == nil && k.Hash != sent && !now.Before(k.RetiresAt):
		return Caller{}, errKey
	case err != nil:
		return Caller{}, err
	case !k.ExpiresAt.IsZero() && !now.Before(k.ExpiresAt):
		return Caller{}, errKeyExpired
	}
	s.used.note(k.ID, k.UsedAt, now)
	if workspaceID != 0 && workspaceID != k.WorkspaceID {
		if k.Scope != ScopeInstallation {
			return Caller{}, errElsewhere
		}
		if k.Archived, err = s.store.Archived(ctx, workspaceID); err != nil {
			return Caller{}, err
		}
		k.WorkspaceID = workspaceID
	}
	if k.Archived && k.Scope != ScopeInstallation {
		return Caller{}, errArchived
	}
	return Caller{WorkspaceID: k.WorkspaceID, Key: &k}, nil
}

// Forget makes the next call with each key be looked at anew, when something about its
// workspace has changed.
func (s *Keys) Forget() { s.known.forget() }

// Flush writes when keys were used.
func (s *Keys) Flush(ctx context.Context) error { return s.used.flush(ctx, s.store.KeysUsed) }

func hash(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}
