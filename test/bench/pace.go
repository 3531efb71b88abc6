package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"bellman/internal/bot"
	"bellman/internal/store"
)

// benchPace sends at Telegram's limits to a strict sandbox: how close it comes
// to the shortest time there is, and how often it is told to wait.
func benchPace(ctx context.Context, b *bench) error {
	for i, m := range []struct {
		name string
		job  job
		rate float64
		goal float64
	}{
		{"pace: 1 bot x 3000 at 30/s", job{bots: 1, chats: 3000}, 30, 1.02},
		{"pace: 1 bot x 30000 at 1000/s", job{bots: 1, chats: 30_000, paid: true}, 1000, 1.05},
		{"pace: 300 bots x 600 at 30/s", job{bots: 300, chats: 600}, 30, 1.05},
	} {
		one := *b
		one.folder = filepath.Join(b.folder, strconv.Itoa(i))
		if err := os.Mkdir(one.folder, 0o700); err != nil {
			return err
		}
		drop, err := one.database(ctx)
		if err != nil {
			return err
		}
		took, floods, err := one.paced(ctx, m.job)
		if err := errors.Join(err, drop()); err != nil {
			return err
		}
		ideal := float64(m.job.chats) / m.rate
		b.row(m.name, "%8.2f s   %.3f of the ideal %.0f s (goal %.2f), %d answers 429 (goal 0)",
			took.Seconds(), took.Seconds()/ideal, ideal, m.goal, floods)
	}
	return nil
}

// paced sends a job at the usual rate and counts the 429s it earned.
func (b *bench) paced(ctx context.Context, j job) (took time.Duration, floods int64, err error) {
	sandbox, err := b.startSandbox(ctx)
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, sandbox.Stop()) }()
	s, err := store.Open(ctx, b.address)
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	seal, err := bot.NewSealer(bot.NewKey())
	if err != nil {
		return 0, 0, err
	}
	j.apiURL = sandbox.url()
	campaigns, err := b.layOut(ctx, s, seal, j)
	if err != nil {
		return 0, 0, err
	}
	if took, err = runEngine(ctx, s, seal, 30, campaigns); err != nil {
		return 0, 0, err
	}
	floods, err = floodsOf(ctx, sandbox.url())
	return took, floods, err
}

func floodsOf(ctx context.Context, sandbox string) (int64, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, sandbox+"/sandbox/stats", nil)
	if err != nil {
		return 0, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	var stats struct {
		Limited int64 `json:"limited"`
	}
	err = json.NewDecoder(resp.Body).Decode(&stats)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		return 0, fmt.Errorf("sandbox stats: %w", err)
	}
	return stats.Limited, nil
}
