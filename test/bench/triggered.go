package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"bellman/internal/bot"
	"bellman/internal/sandbox"
	"bellman/internal/store"
	"bellman/test/harness"
)

const (
	triggeredPeople    = 1500
	triggeredMessages  = 150
	triggeredEvery     = 200 * time.Millisecond
	triggeredFirstChat = 1001
)

// benchTriggered asks for single messages while the same bot's broadcast runs
// at 30/s: how long from the answer of the API to the message at Telegram.
func benchTriggered(ctx context.Context, b *bench) (err error) {
	seen := &arrivals{at: map[int64]time.Time{}}
	address, closeSandbox, err := seen.sandbox()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeSandbox()) }()
	secret := bot.NewKey()
	mine, err := b.prepare(ctx, secret, address, triggeredPeople)
	if err != nil {
		return err
	}
	env := []string{"BELLMAN_SECRET_KEY=" + base64.StdEncoding.EncodeToString(secret)}
	server, err := b.start(ctx, env, "serve", "--db", b.address)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Stop()) }()
	c, err := b.client(ctx, server, env)
	if err != nil {
		return err
	}
	took, err := seen.measure(ctx, c, mine.ID)
	if err != nil {
		return err
	}
	b.row("triggered beside a broadcast at 30/s", "p50 %3.0f ms, p99 %3.0f ms, highest %3.0f ms (goal p99 150)",
		percentile(took, 50), percentile(took, 99), percentile(took, 100))
	return nil
}

// prepare stores a bot with so many chats.
func (b *bench) prepare(ctx context.Context, secret []byte, apiURL string, people int64) (mine bot.Bot, err error) {
	s, err := store.Open(ctx, b.address)
	if err != nil {
		return mine, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	seal, err := bot.NewSealer(secret)
	if err != nil {
		return mine, err
	}
	if mine, err = addBot(ctx, s, seal, 1, apiURL); err != nil {
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

// measure launches the broadcast, then sends one message after another, to chats
// whose turn in the broadcast is long over.
func (a *arrivals) measure(ctx context.Context, c harness.Client, botID int64) ([]float64, error) {
	if _, err := c.Broadcast(ctx, botID, dispatchText); err != nil {
		return nil, err
	}
	var message struct{ ID int64 }
	if err := c.Call(ctx, http.MethodPost, "/manage/v1/messages",
		map[string]any{"name": "bench", "text": "one by one"}, &message); err != nil {
		return nil, err
	}
	// The first chats are written to at once, and asked for from here on.
	time.Sleep(triggeredMessages/30*time.Second + 3*time.Second)
	var took []float64
	for i := range int64(triggeredMessages) {
		chat := triggeredFirstChat + i
		send := map[string]any{"botId": botID, "recipients": []any{map[string]any{"token": chat}}}
		asked := time.Now()
		if err := c.Call(ctx, http.MethodPost, fmt.Sprintf("/manage/v1/messages/%d/send", message.ID), send, &struct{}{}); err != nil {
			return nil, err
		}
		accepted := time.Now()
		arrived, ok := a.of(chat, asked)
		for !ok {
			if time.Since(accepted) > 10*time.Second {
				return nil, fmt.Errorf("the message to chat %d did not arrive", chat)
			}
			time.Sleep(time.Millisecond)
			arrived, ok = a.of(chat, asked)
		}
		took = append(took, max(0, arrived.Sub(accepted).Seconds()*1000))
		time.Sleep(triggeredEvery - time.Since(asked))
	}
	return took, nil
}

// percentile returns the p-th percentile of the values.
func percentile(values []float64, p int) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[min(len(sorted)*p/100, len(sorted)-1)]
}
