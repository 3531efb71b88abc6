package imports

import (
	"context"
	"strings"
	"time"

	"bellman/internal/contact"
)

// A Line is what became of a row of a file.
type Line struct {
	contact.Profile
	Row, Index int
	// Wrong is the code of its fault.
	Wrong string
}

// ReadFile returns the rows of a file whose contacts are recognised by their emails.
func ReadFile(text string) (all []Line, err error) {
	f, err := newFile(strings.NewReader(text), Task{}, []contact.Field{{ID: 1, Name: "Card"}}, contact.Reader{})
	if err != nil {
		return nil, err
	}
	for {
		items, err := f.read(contact.MaxImport)
		if err != nil || len(items) == 0 {
			return all, err
		}
		for _, it := range items {
			l := Line{Profile: it.Profile, Row: it.Row, Index: it.Index}
			if it.Wrong != nil {
				l.Wrong = it.Wrong.Code
			}
			all = append(all, l)
		}
	}
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
