// Package retention removes what workspaces do not keep any more: the recipients of
// campaigns that have ended, with what happened to them, events, and the begin of the audit
// log.
//
// First a campaign is forgotten: from then on nobody is shown its recipients, and nothing
// is added to them. Then their rows go, with whole partitions of tables where the database
// has any, else a few thousand at a time. The campaign itself and its sums stay.
package retention

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"bellman/internal/loop"
)

// Keeping is for how many months a workspace keeps what it has.
type Keeping struct {
	WorkspaceID int64
	// Recipients counts from the end of a campaign, Events from when they were recorded,
	// Audit from the time of a line of the audit log.
	Recipients, Events, Audit int
}

// A Cutoff is the time before which a workspace keeps nothing.
type Cutoff struct {
	WorkspaceID int64
	Before      time.Time
}

// A Range is the campaigns whose ids are in [Low, High).
type Range struct{ Low, High int64 }

// Store is what retention needs of the database. Any number of processes may call it at
// once.
type Store interface {
	// MakePartitions makes the partitions that are written to now and next.
	MakePartitions(ctx context.Context) error
	// BeginMonth makes ids of campaigns and events go on in the next partition, once for
	// each month, which is written as 2026-11. A month before the present one is passed
	// over.
	BeginMonth(ctx context.Context, month string) error
	// Keepings returns what each workspace keeps. It fails when now is more than a day
	// ahead of the database's clock: what is removed by a clock that is wrong cannot be had
	// back.
	Keepings(ctx context.Context, now time.Time) ([]Keeping, error)
	// Forget forgets up to limit campaigns that ended before the cutoff, and reports
	// whether there may be more. One whose recipients another campaign still sends to again
	// is not forgotten.
	Forget(ctx context.Context, c Cutoff, now time.Time, limit int) (more bool, err error)
	// DropRecipients drops partitions all of whose campaigns are forgotten. It returns the
	// campaigns of those that will be dropped by the time at which the cutoffs are soon,
	// unless one that was forgotten before waited has rows there: it does not wait again.
	DropRecipients(ctx context.Context, soon []Cutoff, waited time.Time) (spared []Range, err error)
	// SweepRecipients removes rows of one forgotten campaign that is not spared, those of
	// up to limit recipients, and reports whether there may be more.
	SweepRecipients(ctx context.Context, spared []Range, limit int) (more bool, err error)
	// DropEvents drops partitions all of whose events are before the cutoffs past, of which
	// every workspace has one. It returns the id after which those events begin that do not
	// wait for that: they will not be dropped by the time at which the cutoffs are soon, or
	// have waited for as long as one may, since one of them is before the cutoffs waited.
	DropEvents(ctx context.Context, past, soon, waited []Cutoff) (after int64, err error)
	// SweepEvents removes up to limit of the events before the cutoff whose ids are above
	// after, and reports whether there may be more.
	SweepEvents(ctx context.Context, c Cutoff, after int64, limit int) (more bool, err error)
	// SweepAudit removes up to limit lines from the begin of the audit log: as many as are
	// before the cutoffs of their workspaces one behind the other, and no line behind one
	// that is kept. Lines of a workspace without a cutoff, as those of the installation,
	// are kept for as long as any other. It reports whether there may be more.
	SweepAudit(ctx context.Context, cutoffs []Cutoff, limit int) (more bool, err error)
}

const (
	// every is how often [Service.Run] looks. ahead is by how much a month begins early: a
	// look should be over before it does.
	every = 10 * time.Minute
	ahead = time.Hour
	// dropped is for how long rows wait for their partition to be dropped, in place of
	// being removed one by one: a partition is of a month.
	dropped = 31 * 24 * time.Hour
	// forgetChunk campaigns are forgotten in one transaction; the rows of sweepChunk
	// recipients, and sweepChunk events, are removed in one.
	forgetChunk = 100
	sweepChunk  = 300
	// auditChunk lines are: while they are, who adds one waits.
	auditChunk = 1000
	// rest is how often as long as a transaction took the next one is waited for, and
	// leastRest the shortest wait: what is removed is in nobody's way.
	rest      = 4
	leastRest = 20 * time.Millisecond
)

// Service removes what is not kept.
type Service struct {
	store Store
	now   func() time.Time
	log   *slog.Logger
}

// New returns a service over the store, with the given clock.
func New(store Store, now func() time.Time, log *slog.Logger) *Service {
	return &Service{store: store, now: now, log: log}
}

// Run removes what is not kept until the context ends. Any number of processes may run it.
// Errors of the database are logged, and it goes on at the next turn.
func (s *Service) Run(ctx context.Context) {
	loop.Every(ctx, every, nil, s.Turn, func(err error) {
		s.log.ErrorContext(ctx, "what is not kept any more is removed later", "error", err)
	})
}

// Turn does what there is to do now. That partitions cannot be made keeps nothing else
// from being done; a clock that is wrong does, and is seen first.
func (s *Service) Turn(ctx context.Context) error {
	now := s.now()
	keepings, err := s.store.Keepings(ctx, now)
	if err != nil {
		return errors.Join(err, s.store.MakePartitions(ctx))
	}
	return errors.Join(
		s.store.BeginMonth(ctx, now.Add(ahead).UTC().Format("2006-01")), s.store.MakePartitions(ctx),
		s.recipients(ctx, keepings, now), s.events(ctx, keepings, now), s.audit(ctx, keepings, now))
}

func (s *Service) recipients(ctx context.Context, keepings []Keeping, now time.Time) error {
	for _, c := range cutoffs(keepings, now, Keeping.recipients) {
		if err := s.pieces(ctx, func(ctx context.Context) (bool, error) { return s.store.Forget(ctx, c, now, forgetChunk) }); err != nil {
			return err
		}
	}
	spared, err := s.store.DropRecipients(ctx, cutoffs(keepings, now.Add(dropped), Keeping.recipients), now.Add(-dropped))
	if err != nil {
		return err
	}
	return s.pieces(ctx, func(ctx context.Context) (bool, error) { return s.store.SweepRecipients(ctx, spared, sweepChunk) })
}

func (s *Service) events(ctx context.Context, keepings []Keeping, now time.Time) error {
	past := cutoffs(keepings, now, Keeping.events)
	soon, waited := cutoffs(keepings, now.Add(dropped), Keeping.events), cutoffs(keepings, now.Add(-dropped), Keeping.events)
	after, err := s.store.DropEvents(ctx, past, soon, waited)
	if err != nil {
		return err
	}
	for _, c := range past {
		err := s.pieces(ctx, func(ctx context.Context) (bool, error) { return s.store.SweepEvents(ctx, c, after, sweepChunk) })
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) audit(ctx context.Context, keepings []Keeping, now time.Time) error {
	past := cutoffs(keepings, now, Keeping.audit)
	return s.pieces(ctx, func(ctx context.Context) (bool, error) { return s.store.SweepAudit(ctx, past, auditChunk) })
}

// pieces repeats a piece of work, with pauses that leave the database to others.
func (s *Service) pieces(ctx context.Context, piece func(context.Context) (more bool, err error)) error {
	return loop.All(ctx, func(ctx context.Context) (bool, error) {
		began := s.now()
		more, err := piece(ctx)
		if more && err == nil {
			loop.Pause(ctx, max(leastRest, rest*s.now().Sub(began)))
		}
		return more, err
	})
}

func (k Keeping) recipients() int { return k.Recipients }
func (k Keeping) events() int     { return k.Events }
func (k Keeping) audit() int      { return k.Audit }

func cutoffs(keepings []Keeping, now time.Time, months func(Keeping) int) []Cutoff {
	all := make([]Cutoff, len(keepings))
	for i, k := range keepings {
		all[i] = Cutoff{k.WorkspaceID, Before(now, months(k))}
	}
	return all
}

// Before returns the time so many months before now. Where that month is too short for
// the day, it is the month's last one, so that nothing is kept for less.
func Before(now time.Time, months int) time.Time {
	now = now.UTC()
	t := now.AddDate(0, -months, 0)
	if t.Day() != now.Day() {
		t = t.AddDate(0, 0, -t.Day())
	}
	return t
}
