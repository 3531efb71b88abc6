package dispatch

import (
	"context"
	"errors"

	"bellman/internal/loop"
	"bellman/internal/outcome"
)

// This file is what the engine does about a step that the database refuses for what
// it says: one campaign must not stop all others.

// writeApart writes a refused step as one step for each campaign and bot. A campaign
// that is refused alone is abandoned, a report on a bot dropped.
func (e *Engine) writeApart(ctx context.Context, s Step) ([]Claimed, error) {
	// A refused step has used up no number.
	next := Step{Owner: s.Owner, Number: s.Number, Now: s.Now}
	defer func() { e.step = next.Number - 1 }()
	all := make([]Claimed, len(s.Campaigns))
	for i, c := range s.Campaigns {
		next.Campaigns = []CampaignStep{c}
		claimed, err := e.write(ctx, next)
		switch {
		case err == nil:
			all[i] = claimed[0]
			next.Number++
		case errors.Is(err, ErrUnwritable):
			e.abandon(ctx, c, err)
			all[i] = Claimed{CampaignID: c.CampaignID, Abandoned: true}
		default:
			return nil, err
		}
	}
	next.Campaigns = nil
	for _, b := range s.Bots {
		next.Bots = []BotStep{b}
		_, err := e.write(ctx, next)
		switch {
		case err == nil:
			next.Number++
		case errors.Is(err, ErrUnwritable):
			e.Log.ErrorContext(ctx, "the database refuses what is to be written of a bot", "bot", b.BotID, "error", err)
		default:
			return nil, err
		}
	}
	return all, nil
}

// abandon pauses a campaign of which the database refuses what is to be written.
func (e *Engine) abandon(ctx context.Context, c CampaignStep, cause error) {
	e.Log.ErrorContext(ctx, "the database refuses what is to be written of a campaign: it is paused",
		"bot", c.BotID, "campaign", c.CampaignID, "error", cause)
	a := Abandonment{BotID: c.BotID, Epoch: c.Epoch, CampaignID: c.CampaignID, Reason: outcome.NotWritten,
		Detail: cause.Error(), Now: e.Now()}
	for ctx.Err() == nil {
		_, err := e.Store.Abandon(ctx, a)
		if err == nil || errors.Is(err, ErrUnwritable) {
			// Refused again, its recipients are accounted for by the next holder.
			return
		}
		e.complain(ctx, "abandon a campaign", err)
		loop.Pause(ctx, stepRetry)
	}
}
