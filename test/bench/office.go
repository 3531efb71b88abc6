package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"net"
	"slices"
	"sync"
	"time"

	"bellman/internal/bot"
	"bellman/internal/sandbox"
	"bellman/internal/seal"
	"bellman/internal/store"
	"bellman/test/harness"
)

// office is the built program with one bot, before a Telegram that notes when messages arrive.
type office struct {
	bot    bot.Bot
	client harness.Client
	seen   *arrivals

	// server is nil before it has started; leave closes Telegram.
	server *process
	leave  func() error
}

// open starts an office whose bot has so many chats. It has to be closed.
func (b *bench) open(ctx context.Context, chats int64) (*office, error) {
	o := &office{seen: &arrivals{at: map[int64]time.Time{}}}
	address, leave, err := o.seen.sandbox()
	if err != nil {
		return nil, err
	}
	o.leave = leave
	if err := o.furnish(ctx, b, address, chats); err != nil {
		return nil, errors.Join(err, o.close())
	}
	return o, nil
}

// furnish brings the bot in and starts the program, with a Telegram at an address.
func (o *office) furnish(ctx context.Context, b *bench, telegram string, chats int64) (err error) {
	secret := seal.NewKey()
	if o.bot, err = b.prepare(ctx, secret, telegram, chats); err != nil {
		return err
	}
	o.server, o.client, err = b.serve(ctx, secret)
	return err
}

// serve starts the built program, and returns a client with a key for it. The server has to be stopped, also after an
// error, unless it is nil.
func (b *bench) serve(ctx context.Context, secret []byte) (server *process, client harness.Client, err error) {
	env := []string{"BELLMAN_SECRET_KEY=" + base64.StdEncoding.EncodeToString(secret)}
	if server, err = b.start(ctx, env, "serve", "--db", b.address); err != nil {
		return nil, client, err
	}
	client, err = b.client(ctx, server, env)
	return server, client, err
}

func (o *office) close() error {
	var err error
	if o.server != nil {
		err = o.server.Stop()
	}
	return errors.Join(err, o.leave())
}

// prepare stores a bot with so many chats.
func (b *bench) prepare(ctx context.Context, secret []byte, apiURL string, people int64) (mine bot.Bot, err error) {
	s, err := store.Open(ctx, b.address)
	if err != nil {
		return mine, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	ring, err := openRing(ctx, s, secret)
	if err != nil {
		return mine, err
	}
	if mine, err = addBot(ctx, s, ring, 1, apiURL); err != nil {
		return mine, err
	}
	return mine, b.fillChats(ctx, mine.ID, people)
}

// arrivals records when Telegram got the latest message for a chat.
type arrivals struct {
	mu sync.Mutex
	at map[int64]time.Time
}

// sandbox serves a strict stand-in in this process, so that arrivals are timed
// by the clock that times the calls.
func (a *arrivals) sandbox() (address string, stop func() error, err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	sandbox := sandbox.New(sandbox.Options{Log: a, Keep: sandbox.KeepTotals})
	go func() { _ = sandbox.Serve(listener) }()
	return "http://" + listener.Addr().String(), sandbox.Close, nil
}

// Write reads the sandbox's log: a line of JSON for each message.
func (a *arrivals) Write(p []byte) (int, error) {
	now := time.Now()
	a.mu.Lock()
	defer a.mu.Unlock()
	for line := range bytes.Lines(p) {
		var m struct {
			Chat int64 `json:"chat"`
		}
		if err := json.Unmarshal(line, &m); err != nil {
			return 0, err
		}
		a.at[m.Chat] = now
	}
	return len(p), nil
}

// perSecond is how many messages a second arrived, from the first to the last.
func (a *arrivals) perSecond() float64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	all := slices.SortedFunc(maps.Values(a.at), time.Time.Compare)
	return float64(len(all)-1) / all[len(all)-1].Sub(all[0]).Seconds()
}

func (a *arrivals) of(chat int64, after time.Time) (time.Time, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	at := a.at[chat]
	return at, at.After(after)
}
