package dispatch

import (
	"context"

	"bellman/internal/outcome"
)

// life is how far a sender has come:
//
//	sending → retiring → gone    its bot has changed; the next sender goes on under the same lease
//	sending → leaving → gone     the lease is given back
//	retiring → leaving           answers are missing that only the next epoch can account for
//	any → gone                   the lease is lost
type life int8

const (
	// sending: messages leave.
	sending life = iota
	// retiring: nothing new leaves; answers and the step are waited for.
	retiring
	// leaving is retiring with the lease given back at the end.
	leaving
	// gone: nobody takes in what is still on the wire.
	gone
)

func (s *sender) state() life {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.life
}

// retire lets nothing new leave. It returns how far the sender had come before;
// a sender that had come as far stays as it is.
func (s *sender) retire(to life) (was life) {
	s.mu.Lock()
	defer s.mu.Unlock()
	was = s.life
	if was < to {
		s.life = to
		s.giveBack(outcome.SenderStopped)
	}
	return was
}

// end stops the sender. Nobody takes in what is still on the wire.
func (s *sender) end() {
	s.stop()
	<-s.done
	s.mu.Lock()
	defer s.mu.Unlock()
	s.life = gone
	s.changed.Broadcast()
}

// waitAnswered waits until nothing is on the wire, and tells whether that came
// before the context ended and the sender was gone.
func (s *sender) waitAnswered(ctx context.Context) bool {
	return s.await(ctx, func() bool { return s.wire == 0 })
}

// waitWritten waits until all that was learned is in the database, and tells
// whether that came before the context ended and the sender was gone.
func (s *sender) waitWritten(ctx context.Context) bool {
	return s.await(ctx, s.written)
}

// await waits until the condition holds, which is asked under the lock.
func (s *sender) await(ctx context.Context, holds func() bool) bool {
	stop := context.AfterFunc(ctx, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.changed.Broadcast()
	})
	defer stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	for !holds() && s.life != gone && ctx.Err() == nil {
		s.changed.Wait()
	}
	return holds() && s.life != gone
}

// written tells that all that was learned is in the database. The lock is held.
func (s *sender) written() bool {
	for _, r := range s.runs {
		if !r.written() {
			return false
		}
	}
	return s.report == (BotStep{}) && !s.reporting
}

// settled tells that nothing is on the wire either.
func (s *sender) settled() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.wire == 0 && s.written()
}

// outdated tells that the bot was connected anew, with another token or server.
func (s *sender) outdated(l Lease) bool {
	return s.apiURL != l.APIURL || string(s.lease.SealedToken) != string(l.SealedToken)
}

// giveBack postpones all that is claimed and has not left.
func (s *sender) giveBack(reason outcome.Reason) {
	at := later(s.now(), s.frozen.until)
	for _, r := range s.runs {
		r.giveBack(at, reason)
	}
	s.wantStep()
}
