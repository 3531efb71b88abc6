package dispatch

import (
	"time"

	"bellman/internal/telegram"
)

// Observer is told what happens, so that it can be measured. Its methods are
// called on the sending path: they must be quick, and safe for concurrent use.
type Observer interface {
	// Called tells what became of one call and how long it took.
	Called(v telegram.Verdict, triggered bool, took time.Duration)
	// Stepped tells what one step wrote and claimed, and how long its
	// transaction took.
	Stepped(settled, deferred, claimed int, took time.Duration)
}

// BotStatus is what a sender is doing at a moment.
type BotStatus struct {
	BotID int64
	// Rate is the present pace in messages a second; zero when the limit is
	// lifted.
	Rate float64
	// Wire is the number of messages on the wire, Ready that of claimed ones
	// that have not left.
	Wire  int
	Ready int
	// FrozenUntil is when the bot may send again; zero when it may.
	FrozenUntil time.Time
}

// Status returns what each bot of this process is doing.
func (e *Engine) Status() []BotStatus {
	handles := e.handles()
	all := make([]BotStatus, len(handles))
	for i, h := range handles {
		all[i] = h.status()
	}
	return all
}

func (s *sender) status() BotStatus {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := BotStatus{BotID: s.botID, Rate: max(s.fullRate(), 0) * s.adapt.share(), Wire: s.wire}
	for _, r := range s.runs {
		st.Ready += len(r.ready)
	}
	if s.frozen.until.After(s.now()) {
		st.FrozenUntil = s.frozen.until
	}
	return st
}

// unobserved is the observer of an engine that has none.
type unobserved struct{}

func (unobserved) Called(telegram.Verdict, bool, time.Duration) {}
func (unobserved) Stepped(int, int, int, time.Duration)         {}
