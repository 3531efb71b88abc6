package track

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"bellman/internal/loop"
)

// The limits of the recorder.
const (
	// beat is the least time between the beginnings of two batches, unless the next one has
	// enough clicks before: a single click is written at once, and many clicks make few, large
	// transactions.
	beat   = 3 * time.Millisecond
	enough = 64
	// patience is how long the database may take over a batch.
	patience = time.Second
	// maxWaiting is how many clicks may wait for a batch to be written.
	maxWaiting = 20_000
	// replayBatch is how many clicks of the spool are stored at once, within
	// replayLimit. After a failure the next attempt comes replayPause later.
	replayBatch = 1000
	replayLimit = 10 * time.Second
	replayPause = time.Second
)

var (
	errStopped  = errors.New("track: clicks are not recorded any more")
	errOverload = errors.New("track: too many clicks wait to be recorded")
)

// recordStore is what the recorder needs of the database.
type recordStore interface {
	// RecordClicks stores clicks, marks their recipients as having clicked, and
	// counts those who had not before, all or nothing. A click that is stored
	// already is skipped.
	RecordClicks(ctx context.Context, clicks []Click) error
}

// recorder makes clicks durable. Clicks that arrive while a batch is being written
// share the next one (group commit), and each waits for its batch.
//
// A batch that the database does not take goes to the spool, and so do the batches
// after it, without another try, until the spool has been replayed: while the
// database is away, only the first click waits a second for it.
type recorder struct {
	store   recordStore
	spool   *spool
	observe Observer
	log     *slog.Logger

	mu      sync.Mutex
	open    *batch
	stopped bool
	arrived loop.Signal // is sent when open has clicks
	full    loop.Signal // is sent when open has enough of them
	spooled loop.Signal // is sent when the spool may have some
	// away is true when the database did not take the last batch.
	away atomic.Bool
	// losing is true when the last batch was lost, which has been logged.
	losing bool
}

// batch holds clicks that are written together; err is set before done is closed.
type batch struct {
	clicks []Click
	done   chan struct{}
	err    error
}

func newRecorder(store recordStore, spool *spool, observe Observer, log *slog.Logger) *recorder {
	return &recorder{
		store: store, spool: spool, observe: observe, log: log,
		arrived: loop.NewSignal(), full: loop.NewSignal(), spooled: loop.NewSignal(),
	}
}

// record returns once the click is durable, in the database or in the spool, or
// with the reason why it is not. It waits for a running [recorder.run].
func (r *recorder) record(c Click) error {
	r.mu.Lock()
	b := r.open
	switch {
	case r.stopped:
		r.mu.Unlock()
		r.observe.Uncounted(1)
		return errStopped
	case b == nil:
		b = &batch{clicks: make([]Click, 0, 64), done: make(chan struct{})}
		r.open = b
	case len(b.clicks) >= maxWaiting:
		r.mu.Unlock()
		r.observe.Uncounted(1)
		return errOverload
	}
	b.clicks = append(b.clicks, c)
	many := len(b.clicks) == enough
	r.mu.Unlock()
	r.arrived.Send()
	if many {
		r.full.Send()
	}
	<-b.done
	return b.err
}

// run writes until the context ends, and then writes the clicks that have arrived
// by then.
func (r *recorder) run(ctx context.Context) {
	var replaying sync.WaitGroup
	replaying.Go(func() { r.replayLoop(ctx) })
	defer replaying.Wait()
	working := context.WithoutCancel(ctx)
	for {
		select {
		case <-r.arrived:
			began := time.Now()
			r.write(working, r.take(false))
			r.pause(ctx, beat-time.Since(began))
		case <-ctx.Done():
			r.write(working, r.take(true))
			return
		}
	}
}

// pause returns after the time, or when enough clicks wait, or the context ends.
func (r *recorder) pause(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.full:
	case <-ctx.Done():
	}
}

// take returns the clicks that have arrived; nil for none. After a call with last
// none are accepted.
func (r *recorder) take(last bool) *batch {
	r.mu.Lock()
	defer r.mu.Unlock()
	b := r.open
	r.open, r.stopped = nil, last
	select {
	case <-r.full: // it was this batch that had enough
	default:
	}
	return b
}

func (r *recorder) write(ctx context.Context, b *batch) {
	if b == nil {
		return
	}
	b.err = r.keep(ctx, b.clicks)
	close(b.done)
}

// keep makes clicks durable, in the database or in the spool.
func (r *recorder) keep(ctx context.Context, clicks []Click) error {
	var refused error
	tried := !r.away.Load()
	if tried {
		refused = r.put(ctx, clicks, patience)
	}
	if tried && refused == nil {
		r.losing = false
		return nil
	}
	full := r.spool.append(clicks)
	if full == nil {
		r.toSpool(ctx, len(clicks), refused)
		return nil
	}
	if !tried {
		if refused = r.put(ctx, clicks, patience); refused == nil {
			return nil
		}
	}
	err := errors.Join(refused, full)
	if !r.losing {
		r.log.ErrorContext(ctx, "clicks are lost: neither database nor disk takes them; people are still redirected", "error", err)
	}
	r.losing = true
	r.observe.Uncounted(len(clicks))
	return err
}

// put stores clicks in the database.
func (r *recorder) put(ctx context.Context, clicks []Click, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	began := time.Now()
	err := r.store.RecordClicks(ctx, clicks)
	if err == nil {
		r.observe.Recorded(len(clicks), time.Since(began))
	}
	return err
}

// toSpool records that clicks went to the spool, and makes the following ones go
// there at once.
func (r *recorder) toSpool(ctx context.Context, clicks int, refused error) {
	r.losing = false
	r.observe.Spooled(clicks)
	if !r.away.Swap(true) {
		r.log.WarnContext(ctx, "the database does not take clicks: they are kept in files and stored later", "error", refused)
	}
	r.spooled.Send()
}

// replayLoop stores the clicks of the spool, now and whenever there are more.
func (r *recorder) replayLoop(ctx context.Context) {
	failing := false
	for ctx.Err() == nil {
		err := r.replay(ctx)
		if err != nil && !failing && ctx.Err() == nil {
			r.log.WarnContext(ctx, "clicks in files cannot be stored yet", "error", err)
		}
		if failing = err != nil; failing {
			loop.Pause(ctx, replayPause)
			continue
		}
		select {
		case <-ctx.Done():
		case <-r.spooled:
		}
	}
}

// replay stores the clicks of the spool, oldest first. A segment is removed when
// all of it is stored. Clicks that are stored again after a crash count once.
func (r *recorder) replay(ctx context.Context) error {
	for {
		segment, err := r.spool.next()
		if err != nil || segment == "" {
			return err
		}
		clicks, damaged, err := readSegment(segment)
		if err != nil {
			return err
		}
		if damaged > 0 {
			r.log.WarnContext(ctx, "lines of a file with clicks are damaged; the last one is when the process was killed",
				"lines", damaged, "file", segment)
		}
		for part := range slices.Chunk(clicks, replayBatch) {
			if err := r.put(ctx, part, replayLimit); err != nil {
				return err
			}
			r.back(ctx)
		}
		if err := r.spool.remove(segment); err != nil {
			return err
		}
	}
}

// back makes clicks go to the database again.
func (r *recorder) back(ctx context.Context) {
	if r.away.Swap(false) {
		r.log.InfoContext(ctx, "the database takes clicks again")
	}
}
