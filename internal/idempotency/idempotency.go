// Package idempotency makes a repeated request harmless. The first request under a
// key is carried out; a repetition gets its answer and does nothing.
//
// The key is taken in the transaction in which the request first writes (see
// [Claim]): whatever dies and whenever, what was written under a key is never written
// again, and a key under which nothing was written is free.
package idempotency

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"bellman/internal/fault"
	"bellman/internal/loop"
)

// MaxKey is how long a key may be, in characters.
const MaxKey = 255

// KeepFor is how long the answer to a request with a key is kept.
const KeepFor = 24 * time.Hour

// Faults of requests with a key. A Conflict passes by itself, an Invalid does not.
var (
	ErrInUse = fault.New(fault.Conflict, "idempotency_key_in_use",
		"the first request with this idempotency key is not answered yet: repeat this one in a few seconds. "+
			"Should it go on, the server stopped before it could answer: look at what was made before you take a new key").In(Header)
	ErrReused = fault.New(fault.Invalid, "idempotency_key_reused",
		"this idempotency key was used for another request; take a new key for a new request").In(Header)
	ErrErased = fault.New(fault.Conflict, "idempotency_answer_erased",
		"the first request with this idempotency key was carried out, and its answer told of a contact who was erased since: "+
			"it is not carried out again").In(Header)
	ErrKey = fault.New(fault.Invalid, "idempotency_key_invalid",
		"an idempotency key has 1 to %d printable ASCII characters", MaxKey).In(Header)
)

// Header is the name under which callers know the key.
const Header = "Idempotency-Key"

// Request is a request with a key.
type Request struct {
	WorkspaceID int64
	Key         string
	// Fingerprint stands for what it asks for, as [Fingerprint] returns it.
	Fingerprint string
}

// Erased is kept in place of an answer that told of somebody who was erased since.
const Erased = "erased"

// Ending is how a request ended.
type Ending int

// The endings.
const (
	// Failed requests may be repeated as if they had never been made, unless they
	// have written something.
	Failed Ending = iota
	// Refused requests are at fault themselves. Their answer is kept only when they
	// have written something: a request that is mended may have the same key.
	Refused
	// Done requests have done what they asked for. Their answer is kept.
	Done
)

// Kept is what is kept under a key.
type Kept struct {
	// Fingerprint is that of the request; empty when nothing is kept.
	Fingerprint string
	// Result is what the request made, as it told [Record]; empty for nothing.
	Result string
	// Answer is what the request was answered; empty when it was not answered yet.
	Answer []byte
}

// Store is what keys need of the database. The key itself is taken by whatever
// transaction the request writes first, with the claim of its context.
type Store interface {
	// Kept returns what has been kept under the key since the given time.
	Kept(ctx context.Context, workspaceID int64, key string, since time.Time) (Kept, error)
	// Keep keeps the answer under the key of the claim, unless another request holds
	// the key or an answer is kept already.
	Keep(ctx context.Context, c *Claim, answer []byte) error
	// Forget removes up to limit answers that were kept before the given time, and
	// reports whether there may be more.
	Forget(ctx context.Context, before time.Time, limit int) (more bool, err error)
}

// Service carries out requests once.
type Service struct {
	store Store
	now   func() time.Time
	log   *slog.Logger
}

// New returns a service over the store, with the given clock.
func New(store Store, now func() time.Time, log *slog.Logger) *Service {
	return &Service{store: store, now: now, log: log}
}

// looks is how often a request looks for the answer of another one with the same key
// before it gives up.
const looks = 3

// Once returns the answer that is kept under the key of the request, or else that
// of do, which gets a context with the claim of the request. A malformed key is
// Invalid, as is one that another request has used within [KeepFor]; a Conflict
// means that the first request is not answered yet, or that its answer is [Erased].
//
// do may be called several times, but at most one call gets past its first
// transaction.
func (s *Service) Once(ctx context.Context, r Request, do func(context.Context) (answer []byte, how Ending)) ([]byte, error) {
	if !valid(r.Key) {
		return nil, ErrKey
	}
	for range looks {
		now := s.now()
		c := &Claim{WorkspaceID: r.WorkspaceID, Key: r.Key, Fingerprint: r.Fingerprint, At: now, Since: now.Add(-KeepFor)}
		kept, err := s.store.Kept(ctx, r.WorkspaceID, r.Key, c.Since)
		switch {
		case err != nil:
			return nil, err
		case kept.Fingerprint == "":
		case kept.Fingerprint != r.Fingerprint:
			return nil, ErrReused
		case string(kept.Answer) == Erased:
			return nil, ErrErased
		case len(kept.Answer) > 0:
			return kept.Answer, nil
		case kept.Result == "":
			return nil, ErrInUse
		default:
			c.earlier, c.held = kept.Result, true // the earlier request holds the key for this one
		}
		answer, how := do(With(ctx, c))
		if !c.lost {
			s.keep(ctx, c, answer, how)
			return answer, nil
		}
	}
	return nil, ErrInUse
}

// keep keeps the answer when it is final. The caller may have left meanwhile, and
// will repeat the request for just that reason. When the database does not take the
// answer, a repetition finds the key taken, or does again what wrote nothing. That a
// repetition is refused is not the answer to what was made.
func (s *Service) keep(ctx context.Context, c *Claim, answer []byte, how Ending) {
	if how == Failed || how == Refused && (!c.held || c.earlier != "") {
		return
	}
	if err := s.store.Keep(context.WithoutCancel(ctx), c, answer); err != nil {
		s.log.WarnContext(ctx, "an answer could not be kept under its idempotency key", "error", err)
	}
}

func valid(key string) bool {
	unprintable := func(r rune) bool { return r < ' ' || r > '~' }
	return key != "" && len(key) <= MaxKey && !strings.ContainsFunc(key, unprintable)
}

const (
	// forgetEvery is how often [Service.Run] removes old answers, forgetChunk at once.
	forgetEvery = 10 * time.Second
	forgetChunk = 1000
)

// Run removes answers older than [KeepFor] until the context ends. Any number of
// processes may run it. Errors of the database are logged and retried.
func (s *Service) Run(ctx context.Context) {
	loop.Every(ctx, forgetEvery, nil, func(ctx context.Context) error {
		before := s.now().Add(-KeepFor)
		return loop.All(ctx, func(ctx context.Context) (more bool, err error) { return s.store.Forget(ctx, before, forgetChunk) })
	}, func(err error) {
		s.log.ErrorContext(ctx, "answers under idempotency keys are removed later", "error", err)
	})
}
