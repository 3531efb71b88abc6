package dispatch

import (
	"time"

	"bellman/internal/telegram"
)

// Observer is notified of what happens, so that it can be measured. Its methods are
// called on the sending path: they must be quick, and safe for concurrent use.
type Observer interface {
	// Called reports the result of one call and how long it took.
	Called(v telegram.Verdict, triggered bool, took time.Duration)
	// Stepped reports what one step wrote and claimed, and how long its transaction
	// took.
	Stepped(settled, deferred, claimed int, took time.Duration)
}

// unobserved is the observer of an engine that is not observed.
type unobserved struct{}

func (unobserved) Called(telegram.Verdict, bool, time.Duration) {}
func (unobserved) Stepped(int, int, int, time.Duration)         {}
