package body

import (
	"context"
	"net/http"
	"runtime"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"bellman/internal/api/problem"
)

// Budget bounds the memory that the bodies of all requests take together. A body for
// which there is no room is answered 503 with Retry-After.
type Budget struct {
	// arriving is for the bytes that have come, which may take a client a minute;
	// decoding is for what becomes of whole bodies, one after another if it must be.
	arriving, decoding *semaphore.Weighted
	// most is the size of decoding.
	most int64
	// litter is how many bytes of large bodies are garbage since it was last collected.
	litter atomic.Int64
	// patience is how long a whole body waits for its turn.
	patience time.Duration
}

// NewBudget returns a budget of that many bytes for bodies that arrive, and for what
// becomes of them. A whole body waits for the second for as long as patience says.
func NewBudget(arriving, decoding int64, patience time.Duration) *Budget {
	return &Budget{
		arriving: semaphore.NewWeighted(arriving), decoding: semaphore.NewWeighted(decoding), most: decoding, patience: patience,
	}
}

// Guard has the bodies that next reads count, each until its request is answered. Only
// what is read by this package counts: not a file, which passes through.
func (b *Budget) Guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Body == nil || r.Body == http.NoBody {
			next.ServeHTTP(w, r)
			return
		}
		a := &account{budget: b}
		defer a.close()
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), accountKey{}, a)))
	})
}

// account is what one request holds of a budget. A nil account is that of a request
// that no budget guards.
type account struct {
	budget            *Budget
	arrived, decoding int64
}

type accountKey struct{}

func accountOf(ctx context.Context) *account {
	a, _ := ctx.Value(accountKey{}).(*account)
	return a
}

func (a *account) close() {
	a.budget.discard(a.arrived + a.decoding)
	a.budget.arriving.Release(a.arrived)
	a.budget.decoding.Release(a.decoding)
}

const (
	// piece is the least that counts as litter, in bytes: ordinary calls are below it.
	piece = 512 << 10
	// maxLitter is how much litter may lie about before it is collected.
	maxLitter = 8 << 20
)

// discard notes that n bytes of a body are garbage now. A budget bounds what is in use;
// at its own pace, the collector would let garbage double the memory of the process
// before others get the room.
func (b *Budget) discard(n int64) {
	if n < piece || b.litter.Add(n) < maxLitter {
		return
	}
	if b.litter.Swap(0) >= maxLitter { // else somebody else was first
		runtime.GC()
	}
}

// errBusy goes with retryAfter, in seconds.
var errBusy = problem.New(http.StatusServiceUnavailable, "bodies_too_many",
	"too many large requests arrive at this moment: repeat this one after the seconds in Retry-After")

const retryAfter = "2"

// take counts n more bytes that have arrived, or returns errBusy.
func (a *account) take(n int64) error {
	if a == nil {
		return nil
	}
	if !a.budget.arriving.TryAcquire(n) {
		return errBusy
	}
	a.arrived += n
	return nil
}

// give counts n bytes less, which are garbage.
func (a *account) give(n int64) {
	if a != nil {
		a.budget.discard(n)
		a.arrived -= n
		a.budget.arriving.Release(n)
	}
}

// decode waits until n bytes may be taken for what becomes of the body, or returns
// errBusy. Once it has waited, it need not again: a request has one body.
func (a *account) decode(ctx context.Context, n int64) error {
	if a == nil || a.decoding > 0 {
		return nil
	}
	n = min(n, a.budget.most)
	ctx, cancel := context.WithTimeout(ctx, a.budget.patience)
	defer cancel()
	if a.budget.decoding.Acquire(ctx, n) != nil {
		return errBusy
	}
	a.decoding = n
	return nil
}
