package main

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"bellman/internal/bot"
	"bellman/test/harness"
)

// besideChats is how many chats get the broadcast beside which others write.
const besideChats = 900

// benchBeside returns a benchmark of a broadcast at 30/s by the built program while clients write through its API for
// as long as it lasts: how many messages a second arrive, and how many items the clients store meanwhile.
func benchBeside(name string, clients int, write writer) func(ctx context.Context, b *bench) error {
	return func(ctx context.Context, b *bench) (err error) {
		at, err := b.open(ctx, besideChats)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, at.close()) }()
		writing, stop := context.WithCancel(ctx)
		defer stop()
		var (
			running sync.WaitGroup
			items   atomic.Int64
			errs    = make([]error, clients)
		)
		for i := range clients {
			running.Go(func() {
				for batch := i; writing.Err() == nil && errs[i] == nil; batch += clients {
					n, err := write(writing, at.client, at.bot, batch)
					items.Add(int64(n))
					if writing.Err() == nil {
						errs[i] = err
					}
				}
			})
		}
		started := time.Now()
		launched, err := at.client.Broadcast(ctx, at.bot.ID, dispatchText)
		if err != nil {
			return err
		}
		if err := besideFinished(ctx, at.client, launched.ID); err != nil {
			return err
		}
		took := time.Since(started)
		stop()
		running.Wait()
		b.row("pace: 30/s beside "+name, "%8.1f messages/s (goal 29), %.0f items/s stored",
			at.seen.perSecond(), float64(items.Load())/took.Seconds())
		return errors.Join(errs...)
	}
}

// A writer writes the items of a batch that nobody has written yet, and returns how many were stored.
type writer func(ctx context.Context, c harness.Client, mine bot.Bot, batch int) (int, error)

func feedTokens(ctx context.Context, c harness.Client, mine bot.Bot, batch int) (int, error) {
	return tokensBatch, postTokens(ctx, "http://"+c.Address+"/api/v1/apps/"+mine.AppUUID+"/tokens", c.Key, batch*tokensBatch, tokensBatch)
}

func importPeople(ctx context.Context, c harness.Client, _ bot.Bot, batch int) (int, error) {
	_, err := importRange(ctx, "http://"+c.Address, c.Key, batch*besideImport, besideImport, `"groupNames":["all"]`)
	return besideImport, err
}

// besideImport is how many contacts a client posts before it waits until they are stored.
const besideImport = 10 * importBatch

func besideFinished(ctx context.Context, c harness.Client, id int64) error {
	for {
		got, err := c.Campaign(ctx, id)
		switch {
		case err != nil:
			return err
		case got.State == "finished":
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}
