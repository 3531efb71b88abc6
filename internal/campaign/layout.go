package campaign

import (
	"context"
	"log/slog"
	"time"

	"bellman/internal/loop"
)

// The layout's chunk sizes, in recipients. The first chunk is small, so that
// sending starts at once; a chunk holds SQLite's only writer for a few tens of
// milliseconds.
const (
	firstChunk = 500
	nextChunk  = 5000
)

// LayoutStore is what the layout needs of the database.
type LayoutStore interface {
	// StartScheduled launches the scheduled campaigns that are due.
	StartScheduled(ctx context.Context, now time.Time) error
	// Unlaid returns the campaigns that go out and are not wholly laid out.
	Unlaid(ctx context.Context) ([]int64, error)
	// LayOut appends up to limit recipients to the campaign, in one transaction
	// under its row lock, and reports whether there may be more. A campaign that
	// does not go out any more has no more.
	LayOut(ctx context.Context, id int64, limit int, now time.Time) (more bool, err error)
}

// Layout turns the audiences of launched campaigns into recipients. Any number
// of processes may run one.
type Layout struct {
	store LayoutStore
	now   func() time.Time
	log   *slog.Logger
	// laid is called after each chunk, so that dispatch need not wait for its next
	// look.
	laid func()
	wake loop.Signal
	// begun holds the campaigns whose first chunk this process has seen.
	begun map[int64]bool
}

// NewLayout returns a layout over the store. laid is called after each chunk
// and must not block.
func NewLayout(store LayoutStore, now func() time.Time, log *slog.Logger, laid func()) *Layout {
	return &Layout{store: store, now: now, log: log, laid: laid, wake: loop.NewSignal(), begun: map[int64]bool{}}
}

// Wake makes the layout look for work now. It does not block.
func (l *Layout) Wake() { l.wake.Send() }

// lookEvery is how often the layout looks for work of which no wake-up came: a
// scheduled start, another process's launch.
const lookEvery = time.Second

// Run lays out until the context ends. Errors of the database are logged and
// retried.
func (l *Layout) Run(ctx context.Context) {
	loop.Every(ctx, lookEvery, l.wake, l.layAll, func(err error) {
		l.log.ErrorContext(ctx, "layout has to wait", "error", err)
	})
}

// layAll lays out all campaigns, a chunk of each in turn, so that a large audience
// does not delay a small one.
func (l *Layout) layAll(ctx context.Context) error {
	if err := l.store.StartScheduled(ctx, l.now()); err != nil {
		return err
	}
	for {
		ids, err := l.store.Unlaid(ctx)
		if err != nil || len(ids) == 0 {
			return err
		}
		for _, id := range ids {
			if err := l.layChunk(ctx, id); err != nil {
				return err
			}
		}
	}
}

func (l *Layout) layChunk(ctx context.Context, id int64) error {
	limit := nextChunk
	if !l.begun[id] {
		limit = firstChunk
	}
	more, err := l.store.LayOut(ctx, id, limit, l.now())
	if err != nil {
		return err
	}
	l.begun[id] = true
	if !more {
		delete(l.begun, id)
	}
	l.laid()
	return nil
}
