package dispatch

import (
	"context"
	"sync"
)

// This file is how senders are emptied, at a stop or when their bot moves.

// settleAll drains the senders and waits until the step has written what they
// had to tell, or the context ends.
func (e *Engine) settleAll(ctx context.Context, handles []*senderHandle) {
	var wait sync.WaitGroup
	for _, h := range handles {
		wait.Go(func() { h.drain(ctx) })
	}
	wait.Wait()
	for _, h := range handles {
		for !h.settled() && ctx.Err() == nil {
			signal(e.kick)
			pause(ctx, stepEvery)
		}
	}
}

// settled tells that nothing of the sender is left to be written.
func (s *sender) settled() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.runs {
		if !r.idle() {
			return false
		}
	}
	return s.report == (BotStep{})
}

// drain finishes what is on the wire, of all bots at once.
func (e *Engine) drain(ctx context.Context) {
	limit, cancel := context.WithTimeout(ctx, stopWithin)
	defer cancel()
	go e.renewUntil(limit)
	e.settleAll(limit, e.handles())
}
