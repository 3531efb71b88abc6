package dispatch

import (
	"sync"
	"time"

	"bellman/internal/fault"
)

// This file is how the engine tells whether it can send, as far as that is up to the
// database.

// health is when the engine's goroutines have last got on.
type health struct {
	mu sync.Mutex
	// leased is when the leases were last held; zero when the engine does not run.
	leased time.Time
	// step is when the step that is being written began; zero between steps.
	step time.Time
}

// begin is called when the engine begins to run.
func (h *health) begin(now time.Time) { h.held(now) }

// end is called when it does not run any more.
func (h *health) end() { h.held(time.Time{}) }

func (h *health) held(at time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.leased = at
}

func (h *health) stepping(since time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.step = since
}

// Ready returns an Unavailable when nothing is sent because the database has taken no
// renewal of the leases, or not the step, for as long as a lease lasts.
func (e *Engine) Ready() error {
	h := &e.health
	h.mu.Lock()
	defer h.mu.Unlock()
	now := e.Now()
	for _, waits := range []struct {
		since time.Time
		what  string
	}{{h.leased, "the leases of the bots could not be renewed"}, {h.step, "what was sent could not be written down"}} {
		if age := now.Sub(waits.since); !waits.since.IsZero() && age > leaseTTL {
			return fault.New(fault.Unavailable, "dispatch_stalled",
				"nothing is sent: %s for %d s; the log says why", waits.what, int(age.Seconds()))
		}
	}
	return nil
}
