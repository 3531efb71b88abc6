package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// chores is what goes on beside the broadcasts while things break.
type chores struct {
	imports []bulk
	sends   []send
	mood    mood
}

// drawChores spreads the work over the time of sending. Messages go to people who stay.
func (p plan) drawChores(random *rand.Rand, s size) (c chores) {
	gap := func(n int) time.Duration {
		return time.Duration(2 * random.Float64() * float64(s.sending) / float64(n))
	}
	for range between(random, 2, s.imports) {
		c.imports = append(c.imports, bulk{
			after: gap(s.imports), people: between(random, s.people/2, s.people),
			server: random.IntN(p.servers), again: random.IntN(3) == 0,
		})
	}
	for range between(random, s.sends/2, s.sends) {
		bot := random.IntN(p.bots)
		c.sends = append(c.sends, send{
			after: gap(s.sends), bot: bot, chat: p.stayer(random, bot),
			smart: random.IntN(3) == 0, server: random.IntN(p.servers), again: random.IntN(3) == 0,
		})
	}
	c.mood = mood{
		seed: random.Uint64(), refuses: 0.3 * random.Float64(), breaks: 0.3 * random.Float64(), dawdles: 0.3 * random.Float64(),
		dawdle: time.Duration(between(random, 50, 1500)) * time.Millisecond,
	}
	return c
}

// stayer draws somebody whom no fault has leave the bot.
func (p plan) stayer(random *rand.Rand, bot int) int64 {
	var gone []int64
	for _, f := range p.faults {
		if f.kind == leave && f.bot == bot {
			gone = append(gone, p.leavers(f)...)
		}
	}
	chat := random.Int64N(p.chats)
	for slices.Contains(gone, firstChat+chat) {
		chat = (chat + 1) % p.chats
	}
	return firstChat + chat
}

// work does the chores. Whatever servers are down, each call is made until one of them answers.
func (j *injury) work(ctx context.Context) error {
	var (
		both sync.WaitGroup
		errs [2]error
	)
	both.Go(func() { errs[0] = j.makeImports(ctx) })
	both.Go(func() { errs[1] = j.makeSends(ctx) })
	both.Wait()
	return errors.Join(errs[:]...)
}

// settle waits until what the chores have begun has ended, once nothing breaks any more.
func (j *injury) settle(ctx context.Context) error {
	j.receiver.calm()
	for _, of := range []struct {
		what string
		look func(context.Context) (good bool, err error)
	}{
		{"the mass", j.lookAtMass}, {"the imports", j.lookAtImports}, {"the sends", j.lookAtSends}, {"what the webhook is told", j.lookAtWebhook},
	} {
		if err := await(ctx, of.look); err != nil {
			return fmt.Errorf("%s: %w", of.what, err)
		}
		j.note("%s are waited for", of.what)
	}
	return nil
}

// await looks until what was looked at is as it should be. When patience ends first, it is for the judge to tell.
func await(ctx context.Context, look func(context.Context) (good bool, err error)) error {
	for begun := time.Now(); ; {
		good, err := look(ctx)
		if err != nil || good || time.Since(begun) > patience {
			return err
		}
		if err := wait(ctx, askEvery); err != nil {
			return err
		}
	}
}

// timetable begins one task after another, each so long after the one before, whether that has ended or not. It returns
// when all have ended.
func timetable[T any](ctx context.Context, tasks []T, after func(T) time.Duration, do func(context.Context, int) error) error {
	var (
		running sync.WaitGroup
		errs    = make([]error, len(tasks))
	)
	for i, task := range tasks {
		if errs[i] = wait(ctx, after(task)); errs[i] != nil {
			break
		}
		running.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, patience)
			defer cancel()
			errs[i] = do(ctx, i)
		})
	}
	running.Wait()
	return errors.Join(errs...)
}
