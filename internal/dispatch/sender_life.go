package dispatch

import (
	"bytes"
	"context"

	"bellman/internal/fault"
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
	// retiring: nothing new leaves; the sender waits for answers and for the step.
	retiring
	// leaving is retiring, after which the lease is given back.
	leaving
	// gone: results of calls that are still on the wire are discarded.
	gone
)

func (s *sender) state() life {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.life
}

// retire lets nothing new leave. It returns the sender's life before the call; a
// sender that is already that far stays as it is.
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

// end stops the sender. Results of calls that are still on the wire are discarded.
func (s *sender) end() {
	s.stop()
	<-s.done
	s.mu.Lock()
	defer s.mu.Unlock()
	s.life = gone
	s.changed.Broadcast()
}

// waitAnswered waits until nothing is on the wire, and reports whether that
// happened before the context ended and the sender was gone.
func (s *sender) waitAnswered(ctx context.Context) bool {
	return s.await(ctx, func() bool { return s.wire == 0 })
}

// waitWritten waits until all results are in the database, and reports whether that
// happened before the context ended and the sender was gone.
func (s *sender) waitWritten(ctx context.Context) bool {
	return s.await(ctx, s.written)
}

// await waits until the condition holds, which is evaluated under the lock.
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

// written reports whether all results are in the database. The lock is held.
func (s *sender) written() bool {
	for _, r := range s.runs {
		if !r.written() {
			return false
		}
	}
	return s.report == (BotStep{}) && !s.reporting
}

// settled reports whether, besides, nothing is on the wire.
func (s *sender) settled() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.wire == 0 && s.written()
}

// unanswered reports whether messages are on the wire, and all results are in the
// database.
func (s *sender) unanswered() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.wire > 0 && s.written()
}

// outdated reports whether the bot was connected anew, with another token or server. One
// that was sealed anew, under another key of the installation, is the same token; one that
// does not open at the moment is no reason to stop. Only the keeper of the leases asks.
func (s *sender) outdated(l Lease, unseal func([]byte, int64) (string, error)) bool {
	if s.apiURL != l.APIURL || bytes.Equal(s.sealed, l.SealedToken) {
		return s.apiURL != l.APIURL
	}
	token, err := unseal(l.SealedToken, l.TelegramID)
	if err != nil {
		return fault.KindOf(err) != fault.Unavailable
	}
	s.sealed = l.SealedToken
	return token != s.token
}

// giveBack postpones every recipient that was claimed and whose message has not
// left.
func (s *sender) giveBack(reason outcome.Reason) {
	at := later(s.now(), s.frozen.until)
	for _, r := range s.runs {
		r.giveBack(at, reason)
	}
	s.wantStep()
}
