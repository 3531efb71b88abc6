package dispatch

import (
	"context"
	"errors"
	"time"

	"bellman/internal/loop"
)

// This file is how the engine runs the step.

const (
	// stepEvery is the shortest time between two steps. Everything that happens in
	// between shares one transaction.
	stepEvery = 10 * time.Millisecond
	// stepRetry is the wait before a failed step is tried again.
	stepRetry = 200 * time.Millisecond
)

// stepLoop runs a step whenever there is something to write or claim.
func (e *Engine) stepLoop(ctx context.Context) {
	due := time.NewTimer(time.Hour)
	defer due.Stop()
	for {
		due.Reset(e.untilDue())
		select {
		case <-ctx.Done():
			return
		case <-e.wakeStep:
		case <-due.C:
		}
		e.stepOnce(ctx)
		loop.Pause(ctx, stepEvery)
	}
}

// untilDue returns how long it is until the next deferral is due.
func (e *Engine) untilDue() time.Duration {
	now := e.Now()
	wait := time.Hour
	for _, s := range e.all() {
		if at := s.nextDue(now); !at.IsZero() {
			wait = min(wait, at.Sub(now))
		}
	}
	return max(wait, time.Millisecond)
}

// stepOnce writes and claims for all bots in one transaction. What it collected
// from the senders is never dropped: the step is retried until the database takes
// it, or the process ends.
func (e *Engine) stepOnce(ctx context.Context) {
	now := e.Now()
	step := Step{Owner: e.Owner, Number: e.step + 1, Now: now}
	var parts []stepPart
	span := e.reach.span()
	for _, s := range e.all() {
		s.cover(span)
		part := s.collect(now)
		step.Campaigns = append(step.Campaigns, part.campaigns...)
		if part.report != nil {
			step.Bots = append(step.Bots, *part.report)
		}
		if !part.empty() {
			parts = append(parts, part)
		}
	}
	if len(parts) == 0 {
		return
	}
	e.step++
	e.health.stepping(now)
	claimed, err := e.write(ctx, step)
	if errors.Is(err, ErrUnwritable) {
		claimed, err = e.writeApart(ctx, step)
	}
	e.health.stepping(time.Time{})
	if err != nil {
		e.Log.ErrorContext(ctx, "results could not be written; their recipients will be unknown", "error", err)
		return
	}
	e.observeStep(step, claimed, e.Now().Sub(now))
	for i, c := range claimed {
		if c.Fenced {
			e.Log.WarnContext(ctx, "another process has taken the bot over", "bot", step.Campaigns[i].BotID, "campaign", c.CampaignID)
		}
	}
	for _, part := range parts {
		n := len(part.campaigns)
		part.sender.deliver(part, claimed[:n], e.Now())
		claimed = claimed[n:]
	}
}

func (e *Engine) observeStep(s Step, claimed []Claimed, took time.Duration) {
	var settled, deferred, taken int
	for i, c := range s.Campaigns {
		settled += len(c.Outcomes)
		deferred += len(c.Deferrals)
		taken += len(claimed[i].Recipients)
	}
	e.Observe.Stepped(settled, deferred, taken, took)
}

// write retries the step until it is in the database, or until the database refuses
// it for what it says. When the context ends, it gives up shortly after.
func (e *Engine) write(ctx context.Context, s Step) ([]Claimed, error) {
	call, cancel := loop.Outliving(ctx, leaseRoom)
	defer cancel()
	for {
		began := e.Now()
		claimed, err := e.Store.Step(call, s)
		if err == nil {
			e.reach.stepped(e.Now().Sub(began))
		}
		if err == nil || ctx.Err() != nil || errors.Is(err, ErrUnwritable) {
			return claimed, err
		}
		e.Log.ErrorContext(ctx, "the database did not take a step; trying again", "error", err)
		loop.Pause(ctx, stepRetry)
	}
}
