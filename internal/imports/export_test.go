package imports

import (
	"context"
	"strings"
	"time"

	"bellman/internal/contact"
)

// ReadFile returns the profiles of a file, as many as make a part.
func ReadFile(text string) ([]contact.Profile, error) {
	f, err := newFile(strings.NewReader(text), []contact.Field{{ID: 1, Name: "Card"}})
	if err != nil {
		return nil, err
	}
	return f.read(contact.MaxImport)
}

// Once makes an attempt at each import that is due, as far as there is room.
func (r *Runner) Once(ctx context.Context) error {
	err := r.look(ctx, context.WithoutCancel(ctx))
	r.turns.Wait()
	return err
}

// LeaseFor is for how long the runner leases, StopWithin how long its stop waits,
// and AttemptFor how long an attempt may take.
func (r *Runner) LeaseFor(d time.Duration)   { r.lease = d }
func (r *Runner) StopWithin(d time.Duration) { r.stop = d }
func (r *Runner) AttemptFor(d time.Duration) {
	for i := range r.lanes {
		r.lanes[i].timeout = d
	}
}

// Sweep forgets old imports.
func (s *Service) Sweep(ctx context.Context) error { return s.sweep(ctx) }
