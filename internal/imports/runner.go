package imports

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"bellman/internal/loop"
)

const (
	// lookEvery is how often a process looks for due imports that it did not accept
	// itself.
	lookEvery = time.Second
	// leaseTime is how long a lease lasts. It is renewed three times within that
	// time, as long as the work goes on.
	leaseTime = 30 * time.Second
	// stopLimit is how long a stop waits for the imports under way, and then once
	// more for the database to take their leases back.
	stopLimit = 10 * time.Second
	// MostDelay is the longest time between two attempts.
	MostDelay = time.Minute
	// sweepEvery is how often old imports are looked for, sweepChunk how many are
	// removed at once.
	sweepEvery = time.Hour
	sweepChunk = 500
)

// A kind is how imports of one kind are run.
type kind struct {
	file, undo bool
	// workers is how many one process runs at once.
	workers int
	// timeout is how long one attempt may take, attempts how many there are.
	timeout  time.Duration
	attempts int
	// delay is the time from the first attempt to the second; it doubles.
	delay time.Duration
}

// The kinds. Files are separate, so that a slow host delays no other imports. Two
// imports run at a time, one of which is read while the other is written: their
// order is not defined, as in the vendor's documentation.
var (
	ofContacts = kind{workers: 2, timeout: 2 * time.Minute, attempts: 10, delay: time.Second}
	ofUndo     = kind{undo: true, workers: 1, timeout: 15 * time.Minute, attempts: 10, delay: time.Second}
	ofFile     = kind{file: true, workers: 1, timeout: 15 * time.Minute, attempts: 5, delay: 5 * time.Second}
)

// Lease is the right to work on an import, for one attempt.
type Lease struct {
	ImportID int64
	Owner    string
	// Epoch grows with each lease of the import.
	Epoch int64
	// Attempt counts from 1. An attempt whose process died counts, too.
	Attempt int
	// File is true when the contacts come from a file.
	File bool
	// Undo is true when the import is to be taken back.
	Undo bool
}

// kind is how the import is run.
func (l Lease) kind() kind {
	switch {
	case l.Undo:
		return ofUndo
	case l.File:
		return ofFile
	}
	return ofContacts
}

// ErrLeaseLost is returned for a write under a lease that another process has by
// now. Nothing is written then.
var ErrLeaseLost = errors.New("imports: another process works on this import")

// RunnerStore is what a runner needs of the database.
type RunnerStore interface {
	// TakeImports leases up to limit imports that have not ended, are due and are
	// leased by nobody, for ttl by the database's clock, either those from files or
	// the others. Those that have been due for the longest come first.
	TakeImports(ctx context.Context, owner string, file bool, now time.Time, ttl time.Duration, limit int) ([]Lease, error)
	// RenewImport renews the lease to ttl from now; held is false when another
	// process has it by now, or the import has ended.
	RenewImport(ctx context.Context, l Lease, ttl time.Duration) (held bool, err error)
	// ReturnImport ends the lease: attempts is the number that counts, and due the
	// time of the next attempt. A lease that another process has by now is left
	// alone.
	ReturnImport(ctx context.Context, l Lease, attempts int, due time.Time) error
	// SweepImports removes up to limit imports that were accepted before the
	// time, and reports whether there may be more.
	SweepImports(ctx context.Context, before time.Time, limit int) (more bool, err error)
}

// Runner runs imports. Any number of processes may run one over the same database;
// they share the imports.
type Runner struct {
	service *Service
	owner   string
	log     *slog.Logger
	lanes   []lane
	turns   sync.WaitGroup
	// lease and stop are leaseTime and stopLimit.
	lease, stop time.Duration
}

// A lane holds a token for each running import of a kind.
type lane struct {
	kind
	running chan struct{}
}

// NewRunner returns a runner of the service's imports. owner names this process
// among all that work on the database, and is new at each start.
func NewRunner(s *Service, owner string, log *slog.Logger) *Runner {
	r := &Runner{service: s, owner: owner, log: log, lease: leaseTime, stop: stopLimit}
	for _, k := range []kind{ofContacts, ofFile, ofUndo} {
		r.lanes = append(r.lanes, lane{k, make(chan struct{}, k.workers)})
	}
	return r
}

// Run works until the context ends and the imports under way have ended. After ten
// seconds they are cut off and given back, which does not count as an attempt.
// Errors of the database are logged and retried. Run removes old imports, too.
func (r *Runner) Run(ctx context.Context) {
	// The end of the context must not cut off the imports under way.
	working, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	r.turns.Go(func() {
		loop.Every(ctx, sweepEvery, nil, r.service.sweep, func(err error) {
			r.log.ErrorContext(ctx, "old imports are forgotten later", "error", err)
		})
	})
	loop.Every(ctx, lookEvery, r.service.wake, func(ctx context.Context) error { return r.look(ctx, working) }, func(err error) {
		r.log.ErrorContext(ctx, "imports have to wait", "error", err)
	})
	late := time.AfterFunc(r.stop, func() {
		r.log.WarnContext(ctx, "imports are cut off and given back")
		cut()
	})
	defer late.Stop()
	r.turns.Wait()
}

// look begins a turn for each due import for which there is room.
func (r *Runner) look(ctx, working context.Context) error {
	for _, lane := range r.lanes {
		free := cap(lane.running) - len(lane.running)
		if free == 0 {
			continue
		}
		leases, err := r.take(ctx, lane, free)
		if err != nil {
			return err
		}
		for _, l := range leases {
			lane.running <- struct{}{}
			r.turns.Go(func() {
				// Another import may wait for the room.
				defer r.service.wake.Send()
				defer func() { <-lane.running }()
				if err := r.turn(working, lane.kind, l); err != nil {
					r.log.ErrorContext(ctx, "an import has to wait, or failed", "import", l.ImportID, "attempt", l.Attempt, "error", err)
				}
			})
		}
	}
	return nil
}

// take leases imports for a lane.
func (r *Runner) take(ctx context.Context, l lane, free int) ([]Lease, error) {
	if l.undo {
		return r.service.Store.TakeUndos(ctx, r.owner, r.service.Now(), r.lease, free)
	}
	return r.service.Store.TakeImports(ctx, r.owner, l.file, r.service.Now(), r.lease, free)
}

// turn makes an attempt. When the database fails while the lease is being returned,
// the lease expires.
func (r *Runner) turn(working context.Context, k kind, l Lease) error {
	ctx, cancel := context.WithTimeout(working, k.timeout)
	defer cancel()
	r.turns.Go(func() { r.renew(ctx, cancel, l) })
	err := r.attempt(ctx, l)
	// This ends a transaction that a panic has left open, too.
	cancel()
	if err == nil {
		return nil
	}
	now := r.service.Now()
	attempts, due := l.Attempt, now.Add(loop.Doubling(k.delay, l.Attempt, MostDelay))
	if working.Err() != nil {
		// An attempt that a stop cut off does not count.
		attempts, due, err = l.Attempt-1, now, nil
	}
	ending, end := context.WithTimeout(context.WithoutCancel(ctx), stopLimit)
	defer end()
	return errors.Join(err, r.service.Store.ReturnImport(ending, l, attempts, due))
}

// attempt works on the import. A panic fails this attempt only.
func (r *Runner) attempt(ctx context.Context, l Lease) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("imports: panic: %v\n%s", p, debug.Stack())
		}
	}()
	return r.service.Run(ctx, l)
}

// renew renews the lease until the context ends, and cancels the attempt when the
// lease is lost. A failed renewal is tried again at the next turn.
func (r *Runner) renew(ctx context.Context, cancel context.CancelFunc, l Lease) {
	for loop.Pause(ctx, r.lease/3) {
		held, err := r.service.Store.RenewImport(ctx, l, r.lease)
		if err != nil && ctx.Err() == nil {
			r.log.WarnContext(ctx, "the lease of an import is renewed later", "import", l.ImportID, "error", err)
		}
		if err == nil && !held {
			cancel()
		}
	}
}

// sweep removes imports that are older than [Kept].
func (s *Service) sweep(ctx context.Context) error {
	return loop.All(ctx, func(ctx context.Context) (more bool, err error) {
		return s.Store.SweepImports(ctx, s.Now().Add(-Kept), sweepChunk)
	})
}
