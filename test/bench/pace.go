package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"bellman/internal/seal"
	"bellman/internal/store"
)

// benchPace returns a benchmark that sends at Telegram's limits to a strict
// sandbox: how close it comes to the shortest possible time, and how often it is
// asked to wait.
func benchPace(name string, j job, rate, goal float64) func(ctx context.Context, b *bench) error {
	return func(ctx context.Context, b *bench) error {
		took, floods, err := b.paced(ctx, j)
		if err != nil {
			return err
		}
		ideal := float64(j.chats) / rate
		b.row(name, "%8.2f s   %.3f of the ideal %.0f s (goal %.2f), %d answers 429 (goal 0)",
			took.Seconds(), took.Seconds()/ideal, ideal, goal, floods)
		return nil
	}
}

// paced sends a job at the usual rate and counts the 429s.
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
	ring := seal.Of(seal.NewKey())
	j.apiURL = sandbox.url()
	campaigns, err := b.layOut(ctx, s, ring, j)
	if err != nil {
		return 0, 0, err
	}
	if took, err = runEngine(ctx, s, ring, 30, campaigns, nil); err != nil {
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
