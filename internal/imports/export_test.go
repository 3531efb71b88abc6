package imports

import (
	"context"
	"strings"
	"time"

	"bellman/internal/contact"
)

// ReadFile returns the profiles of a file, at most as many as a part has.
func ReadFile(text string) ([]contact.Profile, error) {
	f, err := newFile(strings.NewReader(text), []contact.Field{{ID: 1, Name: "Card"}})
	if err != nil {
		return nil, err
	}
	return f.read(contact.MaxImport)
}

// Once makes an attempt at each due import for which there is room.
func (r *Runner) Once(ctx context.Context) error {
	err := r.look(ctx, context.WithoutCancel(ctx))
	r.turns.Wait()
	return err
}

// LeaseFor sets how long leases last, StopWithin how long a stop waits, and
// AttemptFor how long an attempt may take.
func (r *Runner) LeaseFor(d time.Duration)   { r.lease = d }
func (r *Runner) StopWithin(d time.Duration) { r.stop = d }
func (r *Runner) AttemptFor(d time.Duration) {
	for i := range r.lanes {
		r.lanes[i].timeout = d
	}
}

// Sweep removes old imports.
func (s *Service) Sweep(ctx context.Context) error { return s.sweep(ctx) }
