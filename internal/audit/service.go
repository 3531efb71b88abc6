package audit

import (
	"context"
	"log/slog"
	"time"

	"bellman/internal/loop"
)

// Filter names lines. A zero field does not count.
type Filter struct {
	// WorkspaceID counts always: zero is the installation.
	WorkspaceID           int64
	Actor                 Actor // by Kind and ID
	Act, Subject, Outcome string
	// Since and Until are times of lines: from Since on, and before Until.
	Since, Until time.Time
	// Before is an id: lines with lower ones.
	Before int64
	Limit  int
}

// Store is what the audit log needs of the database. It appends the line of the draft that
// a context carries with whatever that context's first writing transaction is.
type Store interface {
	// Tell appends the line of the context's draft in a transaction of its own.
	Tell(ctx context.Context) error
	// Lines returns lines, with the newest first.
	Lines(ctx context.Context, f Filter) ([]Entry, error)
	// Head returns where the chain begins and ends.
	Head(ctx context.Context) (Head, error)
	// Chain returns up to limit lines of all workspaces with ids from the given one on, in
	// their order.
	Chain(ctx context.Context, from int64, limit int) ([]Entry, error)
}

// Service writes, finds and checks lines.
type Service struct {
	store Store
	now   func() time.Time
	log   *slog.Logger
	flood flood
}

// New returns a service over the store, with the given clock.
func New(store Store, now func() time.Time, log *slog.Logger) *Service {
	return &Service{store: store, now: now, log: log}
}

// Draft returns a draft of a line, as of now, for [With].
func (s *Service) Draft(e Entry) *Draft {
	e.At = s.now()
	return NewDraft(e)
}

// Tell writes the line of the context's draft at once, for what changes nothing in the
// database and is told all the same.
func (s *Service) Tell(ctx context.Context) error { return s.store.Tell(ctx) }

// Ended is called when the act of the context's draft has ended: with a code, in a
// failure. A failure is told when there is a line already, which would else say that all
// was done; and so is the end of what was told to have begun.
func (s *Service) Ended(ctx context.Context, code string) {
	if e, ok := From(ctx).end(code); ok {
		s.write(ctx, e)
	}
}

// EndedRefused is [Service.Ended] for an act whose caller may not do it, or has to wait:
// that is told also when there is no line yet, as by [Service.Refused].
func (s *Service) EndedRefused(ctx context.Context, code string) {
	d := From(ctx)
	if d == nil {
		return
	}
	e, ok := d.end(code)
	if ok {
		s.write(ctx, e)
		return
	}
	s.Refused(ctx, e)
}

// Refused tells of a call that was refused. It is written on its own; of very many from
// one address, only their number.
func (s *Service) Refused(ctx context.Context, e Entry) {
	e.At = s.now()
	s.settle(ctx, e.At.Add(-window))
	if s.flood.tell(e.Address, e.At) {
		s.write(ctx, e)
	}
}

// settle tells of the refusals of windows that began before a time and were not told one
// by one.
func (s *Service) settle(ctx context.Context, before time.Time) {
	for _, over := range s.flood.over(before) {
		s.write(ctx, Entry{
			At: s.now(), Actor: Actor{Kind: Nobody}, Address: over.address, Act: "refusals", Outcome: "refused_too_often",
			After: Facts{"refusals": over.times, "since": over.since.UTC().Format(time.RFC3339)}.text(),
		})
	}
}

// writeWithin is how long an answer may wait for a line that is written on its own.
const writeWithin = 5 * time.Second

// write writes a line on its own, though its client has left. What cannot be written has
// happened all the same: the log of the program says so.
func (s *Service) write(ctx context.Context, e Entry) {
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeWithin)
	defer cancel()
	if err := s.store.Tell(With(limited, &Draft{entry: e, fixed: true})); err != nil {
		s.log.ErrorContext(ctx, "a line of the audit log could not be written", "act", e.Act, "outcome", e.Outcome, "error", err)
	}
}

// settleEvery is how often [Service.Run] looks for windows that are over, and lastSettle
// how long what was counted may take to be written at a stop.
const (
	settleEvery = 10 * time.Second
	lastSettle  = 2 * time.Second
)

// Run tells, while nothing else is refused, how many refusals were not told one by one,
// until the context ends; and then of the rest.
func (s *Service) Run(ctx context.Context) {
	loop.Every(ctx, settleEvery, nil, func(ctx context.Context) error {
		s.settle(ctx, s.now().Add(-window))
		return nil
	}, nil)
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastSettle)
	defer cancel()
	s.settle(last, s.now())
}

// Lines returns lines, with the newest first.
func (s *Service) Lines(ctx context.Context, f Filter) ([]Entry, error) { return s.store.Lines(ctx, f) }

// page is how many lines are in memory at a time.
const page = 500

// Each calls do for every line that the filter names, with the newest first, a page at a
// time; its limit does not count. An error of do ends it.
func (s *Service) Each(ctx context.Context, f Filter, do func(Entry) error) error {
	f.Limit = page
	for {
		lines, err := s.store.Lines(ctx, f)
		if err != nil {
			return err
		}
		for _, e := range lines {
			if err := do(e); err != nil {
				return err
			}
			f.Before = e.ID
		}
		if len(lines) < page {
			return nil
		}
	}
}

// Check walks the whole chain, as it is now, and returns what it has found.
func (s *Service) Check(ctx context.Context) (Report, error) {
	head, err := s.store.Head(ctx)
	if err != nil {
		return Report{}, err
	}
	w := newWalk(head)
	for w.nextID <= head.LastID {
		lines, err := s.store.Chain(ctx, w.nextID, int(min(page, head.LastID-w.nextID+1)))
		if err != nil {
			return w.Report, err
		}
		if w.all(lines) {
			continue
		}
		removed, err := s.overtaken(ctx, w)
		if err != nil || !removed {
			return w.Report, err
		}
		if w.nextID > head.LastID {
			return w.Report, nil
		}
	}
	if !w.end() {
		return w.Report, nil
	}
	return w.Report, s.behind(ctx, w)
}

// behind looks whether there are lines behind the end of the chain. Those that came since
// the check began have moved it.
func (s *Service) behind(ctx context.Context, w *walk) error {
	lines, err := s.store.Chain(ctx, w.Head.LastID+1, 1)
	if err != nil || len(lines) == 0 {
		return err
	}
	head, err := s.store.Head(ctx)
	if err == nil && lines[0].ID > head.LastID {
		w.nextID = lines[0].ID
		w.broken("it stands behind the end of the chain")
	}
	return err
}

// overtaken looks whether a line is missing because it is not kept any more since the
// check began, and goes on behind what was removed.
func (s *Service) overtaken(ctx context.Context, w *walk) (removed bool, err error) {
	head, err := s.store.Head(ctx)
	if err != nil || head.FirstID <= w.nextID {
		return false, err
	}
	w.BrokenID, w.Why, w.nextID, w.previous = 0, "", head.FirstID, head.Before
	return true, nil
}
