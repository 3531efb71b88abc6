package idempotency

import (
	"context"
	"strconv"
	"time"
)

// Claim is a request's right to its key. It travels in the context of the request:
// the store takes the key in the first transaction that the request writes, so that
// the key is taken if and only if something was written. A claim belongs to one
// goroutine at a time.
type Claim struct {
	WorkspaceID int64
	Key         string
	// Fingerprint stands for what the request asks for.
	Fingerprint string
	// At is when the request came. What was kept under the key until Since is
	// forgotten.
	At, Since time.Time

	// result is what the transaction under way has made, saved what committed ones
	// have; earlier is what a request before this one had made.
	result, saved, earlier string
	held, lost             bool
}

type claimKey struct{}

// With returns a context that carries the claim.
func With(ctx context.Context, c *Claim) context.Context {
	return context.WithValue(ctx, claimKey{}, c)
}

// From returns the claim of the context; nil when its request has no key.
func From(ctx context.Context) *Claim {
	c, _ := ctx.Value(claimKey{}).(*Claim)
	return c
}

// Begin is called at the begin of each transaction of the request, and reports
// whether it has to take the key.
func (c *Claim) Begin() (take bool) {
	if c == nil {
		return false
	}
	c.result = c.saved
	return !c.held
}

// Fresh returns what the transaction under way has made, as it told [Record]; ok is
// false when it has told nothing.
func (c *Claim) Fresh() (result string, ok bool) {
	if c == nil || c.result == c.saved {
		return "", false
	}
	return c.result, true
}

// Commit notes that the transaction was committed: the request holds the key.
func (c *Claim) Commit() {
	if c != nil {
		c.held, c.saved = true, c.result
	}
}

// Lose notes that another request holds the key, and returns [ErrInUse], with which
// the transaction ends.
func (c *Claim) Lose() error {
	c.lost = true
	return ErrInUse
}

// Record tells, inside a transaction of the request, what it makes: enough for
// the feature to find it again with [Earlier]. Without a claim it does nothing.
func Record(ctx context.Context, result string) {
	if c := From(ctx); c != nil {
		c.result = result
	}
}

// RecordID is [Record] for the id of what is made.
func RecordID(ctx context.Context, id int64) { Record(ctx, strconv.FormatInt(id, 10)) }

// Earlier returns what an earlier request with the same key and meaning made and
// recorded, when its answer was not kept: the process died before, or the request
// is still under way. Whoever gets it makes nothing and answers as that request
// would have.
func Earlier(ctx context.Context) (result string, ok bool) {
	if c := From(ctx); c != nil && c.earlier != "" {
		return c.earlier, true
	}
	return "", false
}

// EarlierID is [Earlier] for what [RecordID] recorded.
func EarlierID(ctx context.Context) (id int64, ok bool) {
	made, ok := Earlier(ctx)
	if !ok {
		return 0, false
	}
	id, err := strconv.ParseInt(made, 10, 64)
	return id, err == nil
}
