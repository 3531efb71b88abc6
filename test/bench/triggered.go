package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

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
	at, err := b.open(ctx, triggeredPeople)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, at.close()) }()
	took, err := at.seen.measure(ctx, at.client, at.bot.ID)
	if err != nil {
		return err
	}
	b.row("triggered beside a broadcast at 30/s", "p50 %3.0f ms, p99 %3.0f ms, highest %3.0f ms (goal p99 150)",
		percentile(took, 50), percentile(took, 99), percentile(took, 100))
	return nil
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
