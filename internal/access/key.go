package access

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"time"

	"bellman/internal/fault"
)

// Key is an API key as it is stored: only its holder knows its secret.
type Key struct {
	ID          int64
	WorkspaceID int64
	Name        string
	Scope       Scope
	// Hash is the SHA-256 of the secret, in hex. Secrets are random and long,
	// so a slow password hash would add cost and no safety.
	Hash      string
	CreatedAt time.Time
}

// Store is what access needs of the database.
type Store interface {
	// CreateKey writes a key and returns its id. A missing workspace is NotFound.
	CreateKey(ctx context.Context, k Key) (int64, error)
	// KeyByHash returns the key with the given hash, or NotFound.
	KeyByHash(ctx context.Context, hash string) (Key, error)
	// Keys returns all keys of a workspace, by id.
	Keys(ctx context.Context, workspaceID int64) ([]Key, error)
	// RemoveKey removes a key and returns it. A missing one is NotFound.
	RemoveKey(ctx context.Context, workspaceID, id int64) (Key, error)
}

// Service makes and checks API keys.
type Service struct {
	store  Store
	now    func() time.Time
	random io.Reader
}

// New returns a service over the store; now is the clock, and a nil random
// means the system's source of randomness.
func New(store Store, now func() time.Time, random io.Reader) *Service {
	if random == nil {
		random = rand.Reader
	}
	return &Service{store: store, now: now, random: random}
}

// keyPrefix makes a leaked key easy to recognise.
const keyPrefix = "bellman_"

// errKey is the same for every bad key, so that nothing can be learned from it.
var errKey = fault.New(fault.Unauthorized, "unauthorized",
	"send a valid API key: as the password of Basic auth (any user), or as a Bearer token")

// CreateKey makes a key for the workspace and returns its secret, which cannot
// be read again.
func (s *Service) CreateKey(ctx context.Context, workspaceID int64, name string, scope Scope) (secret string, err error) {
	name = strings.TrimSpace(name)
	if err := scope.Check(); err != nil {
		return "", err
	}
	if name == "" || len(name) > 200 {
		return "", fault.New(fault.Invalid, "key_name_invalid", "name the key in 1 to 200 characters").In("name")
	}
	raw := make([]byte, 24)
	if _, err := io.ReadFull(s.random, raw); err != nil {
		return "", err
	}
	secret = keyPrefix + hex.EncodeToString(raw)
	_, err = s.store.CreateKey(ctx, Key{WorkspaceID: workspaceID, Name: name, Scope: scope, Hash: hash(secret), CreatedAt: s.now()})
	return secret, err
}

// Keys returns all keys of a workspace, by id.
func (s *Service) Keys(ctx context.Context, workspaceID int64) ([]Key, error) {
	return s.store.Keys(ctx, workspaceID)
}

// RevokeKey makes a key open nothing any more, from the next call on, and returns
// it. A missing one is NotFound.
func (s *Service) RevokeKey(ctx context.Context, workspaceID, id int64) (Key, error) {
	return s.store.RemoveKey(ctx, workspaceID, id)
}

// Authenticate returns the key whose secret was sent; any other secret is
// Unauthorized.
func (s *Service) Authenticate(ctx context.Context, secret string) (Key, error) {
	if !strings.HasPrefix(secret, keyPrefix) {
		return Key{}, errKey
	}
	k, err := s.store.KeyByHash(ctx, hash(secret))
	if fault.KindOf(err) == fault.NotFound {
		return Key{}, errKey
	}
	return k, err
}

func hash(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

type contextKey struct{}

// With returns a context that carries the key of the call.
func With(ctx context.Context, k Key) context.Context { return context.WithValue(ctx, contextKey{}, k) }

// From returns the key of the call. It fails when the call was not
// authenticated, which is a bug in the surface that let it through.
func From(ctx context.Context) (Key, error) {
	k, ok := ctx.Value(contextKey{}).(Key)
	if !ok {
		return Key{}, errors.New("access: the call was not authenticated")
	}
	return k, nil
}
