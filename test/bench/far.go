package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"bellman/internal/linetest"
	"bellman/internal/seal"
	"bellman/internal/store"
	"bellman/internal/telegram"
)

// farChats is how many chats a bot sends to at 30/s while its database is far away.
const farChats = 1500

// benchFar returns a benchmark of a bot at 30/s whose every byte to or from the database takes the latency: how many
// messages a second it sends. A database in this process cannot be far away, and is left out.
func benchFar(latency time.Duration) func(ctx context.Context, b *bench) error {
	return func(ctx context.Context, b *bench) (err error) {
		if b.engine == "sqlite" {
			return nil
		}
		sandbox, err := b.startSandbox(ctx)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, sandbox.Stop()) }()
		near, err := store.Open(ctx, b.address)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, near.Close()) }()
		ring := seal.Of(seal.NewKey())
		campaigns, err := b.layOut(ctx, near, ring, job{apiURL: sandbox.url(), bots: 1, chats: farChats})
		if err != nil {
			return err
		}
		line, address, err := linetest.OpenURL(b.address)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, line.Close()) }()
		line.Delay(latency)
		far, err := store.Open(ctx, address)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, far.Close()) }()
		var seen calls
		if _, err := runEngine(ctx, far, ring, 30, campaigns, &seen); err != nil {
			return err
		}
		b.row(fmt.Sprintf("pace: 30/s, database %v away", latency), "%8.1f messages/s (goal 29), steps of %.0f ms",
			seen.perSecond(), seen.step().Seconds()*1000)
		return nil
	}
}

// calls observes an engine: when its calls were answered, and how long its steps took.
type calls struct {
	mu          sync.Mutex
	n, steps    int
	first, last time.Time
	took        time.Duration
}

// Called implements dispatch.Observer.
func (c *calls) Called(telegram.Verdict, bool, time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last = time.Now()
	if c.n++; c.n == 1 {
		c.first = c.last
	}
}

// Stepped implements dispatch.Observer.
func (c *calls) Stepped(_, _, _ int, took time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.steps, c.took = c.steps+1, c.took+took
}

// perSecond is how many calls a second were answered, from the first to the last.
func (c *calls) perSecond() float64 { return float64(c.n-1) / c.last.Sub(c.first).Seconds() }

// step is how long a step took on average.
func (c *calls) step() time.Duration { return c.took / time.Duration(max(c.steps, 1)) }
