package main

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"bellman/internal/bot"
	"bellman/internal/sandbox"
	"bellman/internal/seal"
	"bellman/internal/store"
	"bellman/test/harness"
)

const (
	// hostileClients is how many clients send a body at once, and hostileRounds how often.
	hostileClients = 24
	hostileRounds  = 3
	// hostileBots is how many bots have a server whose answers are huge, and hostileSpan for how long they ask it.
	hostileBots = 12
	hostileSpan = 20 * time.Second
)

// benchBodies sends the built program bodies that take the most memory when they are decoded, with a valid key: the
// highest memory of the process.
func benchBodies(ctx context.Context, b *bench) (err error) {
	o, err := b.open(ctx, 1)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, o.close()) }()
	for range hostileRounds {
		for _, body := range []struct{ path, text string }{
			{"/manage/v1/messages", `{"name":"n","text":"x","buttons":[{}` + strings.Repeat(`,{}`, 59_000) + `]}`},
			{"/manage/v1/messages/1/send", `[[]` + strings.Repeat(`,[]`, 1_300_000) + `]`},
			{"/v1/contacts", `{"contacts":[],"groupNames":["a"` + strings.Repeat(`,"a"`, 499_000) + `]}`},
		} {
			if err := attack(ctx, o.client, body.path, body.text); err != nil {
				return err
			}
		}
	}
	_, most, err := o.server.Memory()
	b.row("memory: hostile bodies", "%8.0f MB (goal 150)", float64(most)/(1<<20))
	return err
}

// attack posts the same body from all clients at once. Whatever they are answered is well.
func attack(ctx context.Context, c harness.Client, path, text string) error {
	var running sync.WaitGroup
	errs := make([]error, hostileClients)
	for i := range errs {
		running.Go(func() {
			r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+c.Address+path, strings.NewReader(text))
			if err != nil {
				errs[i] = err
				return
			}
			r.Header.Set("Authorization", "Bearer "+c.Key)
			r.Header.Set("Content-Type", "application/json")
			answer, err := http.DefaultClient.Do(r)
			if err == nil {
				_, err = io.Copy(io.Discard, answer.Body)
				err = errors.Join(err, answer.Body.Close())
			}
			errs[i] = err
		})
	}
	running.Wait()
	return errors.Join(errs...)
}

// benchAnswers lets bots send to a Bot API whose answers have ten megabytes: the highest memory of the built program.
func benchAnswers(ctx context.Context, b *bench) (err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	telegram := sandbox.New(sandbox.Options{Keep: sandbox.KeepTotals})
	go func() { _ = telegram.Serve(listener) }()
	defer func() { err = errors.Join(err, telegram.Close()) }()
	if err := telegram.AddFault(sandbox.Fault{Kind: sandbox.FaultHuge, Method: "sendMessage"}); err != nil {
		return err
	}
	secret := seal.NewKey()
	bots, err := b.crowd(ctx, secret, "http://"+listener.Addr().String())
	if err != nil {
		return err
	}
	server, client, err := b.serve(ctx, secret)
	if server != nil {
		defer func() { err = errors.Join(err, server.Stop()) }()
	}
	if err != nil {
		return err
	}
	for _, one := range bots {
		if _, err := client.Broadcast(ctx, one.ID, dispatchText); err != nil {
			return err
		}
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(hostileSpan):
	}
	asked := int64(0)
	for _, f := range telegram.Faults() {
		asked += f.Fired
	}
	_, most, err := server.Memory()
	b.row("memory: 12 bots, answers of 10 MB", "%8.0f MB (goal 150), %d answers in %s", float64(most)/(1<<20), asked, hostileSpan)
	return err
}

// crowd stores bots with a hundred chats each.
func (b *bench) crowd(ctx context.Context, secret []byte, apiURL string) (bots []bot.Bot, err error) {
	s, err := store.Open(ctx, b.address)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	ring, err := openRing(ctx, s, secret)
	if err != nil {
		return nil, err
	}
	for i := range hostileBots {
		one, err := addBot(ctx, s, ring, int64(i+1), apiURL)
		if err != nil {
			return nil, err
		}
		if err := b.fillChats(ctx, one.ID, 100); err != nil {
			return nil, err
		}
		bots = append(bots, one)
	}
	return bots, nil
}
