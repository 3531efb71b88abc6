// Package loop has the parts of background work: loops that work at intervals and
// when woken, waits that end with their context, and delays that double.
package loop

import (
	"context"
	"time"
)

// Every works now, then after each interval and whenever it is woken, until the
// context ends. wake may be nil. An error, unless the context has ended, is passed
// to failed, and work is tried again at the next turn.
func Every(ctx context.Context, interval time.Duration, wake Signal, work func(context.Context) error, failed func(error)) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		if err := work(ctx); err != nil && ctx.Err() == nil {
			failed(err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-wake:
		}
	}
}

// All repeats piece until there is no more work, an error comes, or the context
// ends, whose error it returns then.
func All(ctx context.Context, piece func(context.Context) (more bool, err error)) error {
	for {
		more, err := piece(ctx)
		if err != nil || !more {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

// Pause waits for d, or until the context ends; it reports whether the context goes
// on. A d of zero or less is no wait.
func Pause(ctx context.Context, d time.Duration) bool {
	if d > 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
	}
	return ctx.Err() == nil
}

// Outliving returns a context that ends so long after another one, so that what is
// under way when a stop comes may finish. The caller calls the function when it needs
// the context no more.
func Outliving(ctx context.Context, span time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	unlink := context.AfterFunc(ctx, func() { time.AfterFunc(span, cancel) })
	return longer, func() { unlink(); cancel() }
}
