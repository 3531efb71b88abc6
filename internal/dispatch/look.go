package dispatch

import (
	"context"
)

// This file is how the engine finds campaigns.

// lookForWork tells each sender what its campaigns look like.
func (e *Engine) lookForWork(ctx context.Context) error {
	work, err := e.Store.Work(ctx, e.Owner)
	if err != nil {
		return err
	}
	perBot := map[int64][]Work{}
	for _, w := range work {
		perBot[w.BotID] = append(perBot[w.BotID], w)
	}
	for _, h := range e.handles() {
		if err := e.observe(ctx, h, perBot[h.botID], len(perBot)); err != nil {
			return err
		}
	}
	return nil
}

func (e *Engine) observe(ctx context.Context, h *senderHandle, work []Work, crowd int) error {
	runs := map[int64]*run{}
	var current []Work
	leaving := false
	for _, w := range work {
		r, stopped := h.find(w.CampaignID)
		switch {
		case stopped:
			// It leaves first: what it still has to write belongs before what comes.
			leaving = true
			continue
		case r == nil && w.Epoch < h.lease.Epoch:
			if _, err := e.Store.Adopt(ctx, h.botID, h.lease.Epoch, e.Now()); err != nil {
				return err
			}
			signal(e.look)
			continue
		case r == nil && w.Epoch > h.lease.Epoch:
			continue
		case r == nil:
			compose, err := newComposer(ctx, w, e.Links, e.Files, e.Log)
			if err != nil {
				e.Log.ErrorContext(ctx, "a campaign's content cannot be read", "campaign", w.CampaignID, "error", err)
				continue
			}
			r = newRun(w, compose)
			h.add(r)
		}
		runs[w.CampaignID] = r
		current = append(current, w)
	}
	if left := h.sender.observe(current, runs, crowd); left && leaving {
		e.Wake()
	}
	return nil
}
