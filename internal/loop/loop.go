// Package loop is what runs beside requests is made of: work that is done at
// intervals and when somebody wakes it, waits that end with their context, and
// delays that double.
package loop

import (
	"context"
	"time"
)

// Every works now, then after each interval and whenever it is woken, until the
// context ends. wake may be nil. What goes wrong while the context lasts is
// told to failed, and tried again at the next turn.
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

// All repeats work that does a piece at a time until there is no more of it, an
// error comes, or the context ends, whose error it returns then.
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

// Pause waits for as long as it says, or until the context ends; it reports
// whether the context goes on. No time at all is no wait.
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
