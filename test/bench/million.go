package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"bellman/internal/seal"
	"bellman/internal/store"
	"bellman/test/harness"
)

const (
	millionChats = 1_000_000
	fewChats     = 10_000
)

// benchMillion sends one broadcast to a million chats with the built program: how
// soon the first message arrives, how fast it goes, and how much memory it takes.
func benchMillion(ctx context.Context, b *bench) (err error) {
	sandbox, err := b.startSandbox(ctx, "--unlimited")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, sandbox.Stop()) }()
	secret := seal.NewKey()
	s, err := store.Open(ctx, b.address)
	if err != nil {
		return err
	}
	ring, err := openRing(ctx, s, secret)
	if err != nil {
		return err
	}
	few, err := addBot(ctx, s, ring, 1, sandbox.url())
	if err != nil {
		return errors.Join(err, s.Close())
	}
	many, err := addBot(ctx, s, ring, 2, sandbox.url())
	if err := errors.Join(err, s.Close()); err != nil {
		return err
	}
	if err := errors.Join(b.fillChats(ctx, few.ID, fewChats), b.fillChats(ctx, many.ID, millionChats)); err != nil {
		return err
	}
	env := []string{"BELLMAN_SECRET_KEY=" + base64.StdEncoding.EncodeToString(secret)}
	server, err := b.start(ctx, env, "serve", "--db", b.address, "--rate", "0")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Stop()) }()
	c, err := b.client(ctx, server, env)
	if err != nil {
		return err
	}
	first, rate, err := broadcast(ctx, c, few.ID, fewChats)
	if err != nil {
		return err
	}
	b.row("million: 10,000 chats to compare", "%8.0f messages/s, first after %.3f s", rate, first.Seconds())
	if first, rate, err = broadcast(ctx, c, many.ID, millionChats); err != nil {
		return err
	}
	_, peak, err := server.Memory()
	if err != nil {
		return err
	}
	b.row("million: first message after launch", "%8.3f s (goal 2)", first.Seconds())
	b.row("million: from launch to finished", "%8.0f messages/s", rate)
	b.row("million: highest memory", "%8.0f MB (goal 150)", float64(peak)/(1<<20))
	return nil
}

// broadcast launches a broadcast of the bot to all its chats and returns how
// soon the first message was sent, and the messages a second from the launch to
// the finish.
func broadcast(ctx context.Context, c harness.Client, botID, chats int64) (first time.Duration, rate float64, err error) {
	started := time.Now()
	made, err := c.Broadcast(ctx, botID, dispatchText)
	for err == nil && made.State != "finished" {
		if made, err = c.Campaign(ctx, made.ID); err != nil {
			break
		}
		if first == 0 && made.Counts.Sent > 0 {
			first = time.Since(started)
		}
		select {
		case <-ctx.Done():
			return 0, 0, ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
	if err != nil {
		return 0, 0, err
	}
	if made.Counts.Sent != chats {
		return 0, 0, fmt.Errorf("%d of %d sent", made.Counts.Sent, chats)
	}
	return first, float64(chats) / time.Since(started).Seconds(), nil
}
