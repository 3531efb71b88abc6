package main

import (
	"context"
	"time"

	"bellman/internal/sandbox"
	"bellman/test/harness"
)

// evidence is what a run is judged by: what Bellman says at the end, and what really came.
type evidence struct {
	broadcasts, triggered []final
	mass                  final
	bots                  []following
	// memory is the most that a server had that ran to the end, in bytes; 0 where nobody tells.
	memory  int64
	imports []imported
	sends   []sent
	mail    mail
	posts   []post
	// reports are what went wrong at Telegram, outage the longest time for which PostgreSQL did not serve.
	reports []sandbox.FaultReport
	outage  time.Duration
	// sentences tell of what nobody has to compare: secrets in logs, and what the webhook posted that is no array.
	sentences []string
	// stops are those about errors in orderly stops.
	stops []string
}

// gather asks for all that Bellman says, stops everything and reads what came.
func (j *injury) gather(ctx context.Context, secrets map[string]string) (e evidence, err error) {
	e.outage = j.outage
	if e.broadcasts, err = j.finals(ctx); err != nil {
		return e, err
	}
	if e.triggered, err = j.triggered(ctx); err != nil {
		return e, err
	}
	if e.mass, err = j.final(ctx, j.mass); err != nil {
		return e, err
	}
	if e.bots, err = j.followings(ctx); err != nil {
		return e, err
	}
	if e.memory, err = j.mostMemory(); err != nil {
		return e, err
	}
	// Nothing may come of an import after its end.
	if _, err := j.lookAtImports(ctx); err != nil {
		return e, err
	}
	e.imports, e.sends = j.imports, j.sends
	if e.reports, err = j.sandbox.Faults(ctx); err != nil {
		return e, err
	}
	if err := j.stop(); err != nil {
		return e, err
	}
	arrivals, err := j.sandbox.Arrivals()
	if err != nil {
		return e, err
	}
	e.mail = mailOf(arrivals)
	e.posts, e.sentences = j.receiver.received()
	e.stops = j.stops
	leaks, err := j.program.Leaks(secrets)
	e.sentences = append(e.sentences, leaks...)
	return e, err
}

// final is a campaign at its end.
type final struct {
	broadcast

	campaign harness.Campaign
	rows     []harness.Delivery
}

func (j *injury) finals(ctx context.Context) (all []final, err error) {
	for _, list := range j.broadcasts {
		for _, b := range list {
			f, err := j.final(ctx, b)
			if err != nil {
				return nil, err
			}
			all = append(all, f)
		}
	}
	return all, nil
}

func (j *injury) final(ctx context.Context, b broadcast) (f final, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	f.broadcast = b
	err = j.ask(ctx, func(ctx context.Context, c harness.Client) (err error) {
		if f.campaign, err = c.Campaign(ctx, b.id); err == nil {
			f.rows, err = c.Deliveries(ctx, b.id)
		}
		return err
	})
	return f, err
}

// followings returns how many chats the bots have left.
func (j *injury) followings(ctx context.Context) (all []following, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	bots := []following{{bot: j.mass.bot, chats: massChats}}
	for _, list := range j.broadcasts {
		bots = append(bots, following{bot: list[0].bot, chats: j.plan.chats})
	}
	for _, b := range bots {
		err := j.ask(ctx, func(ctx context.Context, c harness.Client) error {
			now, err := c.Bot(ctx, b.bot.ID)
			b.subscribers = now.Subscribers
			return err
		})
		if err != nil {
			return nil, err
		}
		all = append(all, b)
	}
	return all, nil
}

// triggered returns the campaigns that keyed sends have made.
func (j *injury) triggered(ctx context.Context) (all []final, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	bots := map[int64]harness.Bot{}
	for _, list := range j.broadcasts {
		bots[list[0].bot.ID] = list[0].bot
	}
	err = j.ask(ctx, func(ctx context.Context, c harness.Client) error {
		campaigns, err := harness.List[harness.Campaign](ctx, c, "/manage/v1/campaigns", nil)
		all = nil
		for _, made := range campaigns {
			if err == nil && made.Kind == "triggered" {
				f := final{broadcast: broadcast{id: made.ID, bot: bots[made.BotID]}, campaign: made}
				f.rows, err = c.Deliveries(ctx, made.ID)
				all = append(all, f)
			}
		}
		return err
	})
	return all, err
}
