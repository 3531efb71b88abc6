package dispatch

import (
	"context"
	"sync"

	"bellman/internal/loop"
)

// This file is how senders wind up: when their bot has changed, when it moves
// to another process, and when this process stops.

// retireWithin is how long a sender that winds up waits for its answers.
const retireWithin = leaseTTL - leaseRoom

// retire winds a sender up, beside everything that the engine does for other bots,
// and reports whether that was not under way already. With release the lease is
// given back. Without it the next round of leases starts another sender under the
// same lease, unless answers are still missing: then the lease is given back too,
// because only a holder of the next epoch accounts for them.
func (e *Engine) retire(ctx context.Context, s *sender, release bool) bool {
	to := retiring
	if release {
		to = leaving
	}
	was := s.retire(to)
	if was == sending {
		e.retiring.Go(func() {
			if e.windUp(ctx, s) {
				e.drop(s)
				e.wakeLeases.Send()
			}
		})
	}
	return was < to
}

// windUp waits for the answers that come in time, and until all results are
// written. It reports whether the sender may be dropped: it may not when the
// context ended first.
func (e *Engine) windUp(ctx context.Context, s *sender) bool {
	limit, cancel := context.WithTimeout(ctx, retireWithin)
	defer cancel()
	answered := s.waitAnswered(limit)
	if !s.waitWritten(ctx) {
		return false
	}
	if answered && s.state() == retiring {
		return true
	}
	s.retire(leaving)
	return e.release(ctx, s)
}

// release gives a sender's lease back, however long the database takes. Until then
// the sender stays: another sender under the same lease would not know what this
// one has on the wire.
func (e *Engine) release(ctx context.Context, s *sender) bool {
	for ctx.Err() == nil && s.state() != gone {
		err := e.Store.ReleaseLeases(ctx, e.Owner, []Lease{s.lease})
		if err == nil {
			return true
		}
		e.complain(ctx, "give a lease back", err)
		loop.Pause(ctx, stepRetry)
	}
	return false
}

// settle winds up all senders at once, when the engine stops.
func (e *Engine) settle(ctx context.Context) {
	var settled, renewing sync.WaitGroup
	limit, cancel := context.WithTimeout(ctx, stopWithin)
	// A renewal that ends later would announce the process once more after it has left.
	defer renewing.Wait()
	defer cancel()
	renewing.Go(func() { e.renewUntil(limit) })
	for _, s := range e.all() {
		s.retire(leaving)
		settled.Go(func() {
			s.waitAnswered(limit)
			s.waitWritten(limit)
		})
	}
	settled.Wait()
}
