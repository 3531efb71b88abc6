package dispatch

import (
	"context"
	"errors"
	"time"
)

// This file is how the engine finds campaigns.

// lookForWork passes the campaigns that go out to their senders.
func (e *Engine) lookForWork(ctx context.Context) error {
	work, err := e.Store.Work(ctx, e.Owner)
	if err != nil {
		return err
	}
	perBot := map[int64][]Work{}
	for _, w := range work {
		perBot[w.BotID] = append(perBot[w.BotID], w)
	}
	for _, s := range e.all() {
		if s.state() != sending {
			continue
		}
		// What goes wrong for one bot keeps no other from its campaigns.
		err = errors.Join(err, e.observe(ctx, s, perBot[s.botID], len(perBot)))
	}
	return err
}

func (e *Engine) observe(ctx context.Context, s *sender, work []Work, crowd int) error {
	runs := map[int64]*run{}
	var current []Work
	leaving := false
	for _, w := range work {
		r, stopped := s.find(w.CampaignID)
		switch {
		case stopped:
			// It leaves first: what it still has to write must come before what
			// follows.
			leaving = true
			continue
		case r == nil && w.Epoch < s.lease.Epoch:
			if _, err := e.Store.Adopt(ctx, s.botID, s.lease.Epoch, e.Now()); err != nil {
				return err
			}
			e.Wake()
			continue
		case r == nil && w.Epoch > s.lease.Epoch:
			continue
		case r == nil:
			compose, err := newComposer(ctx, w, e.Links, e.Files, e.Log)
			if err != nil {
				e.Log.ErrorContext(ctx, "a campaign's content cannot be read", "campaign", w.CampaignID, "error", err)
				continue
			}
			due, err := e.nextDue(ctx, w)
			if err != nil {
				return err
			}
			r = newRun(w, due, compose, e.Now())
			s.add(r)
		}
		runs[w.CampaignID] = r
		current = append(current, w)
	}
	if left := s.observe(current, runs, crowd); left && leaving {
		e.Wake()
	}
	return nil
}

// nextDue returns when the next deferred recipient of a campaign is due; zero when
// there is none.
func (e *Engine) nextDue(ctx context.Context, w Work) (time.Time, error) {
	if w.Waiting == 0 {
		return time.Time{}, nil
	}
	return e.Store.NextDue(ctx, w.CampaignID)
}
