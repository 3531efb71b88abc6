package media

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"bellman/internal/loop"
)

const (
	// orphanAge is the age of bytes from which no file will be written for them any
	// more: an upload takes minutes between the two.
	orphanAge = 24 * time.Hour
	// sweepEvery is how often [Service.Run] sweeps.
	sweepEvery = 24 * time.Hour
	// sweepBatch is how many keys are looked up at once.
	sweepBatch = 500
)

// Run sweeps at once and every day until the context ends. Several processes
// may do so at the same time.
func (s *Service) Run(ctx context.Context, log *slog.Logger) {
	loop.Every(ctx, sweepEvery, nil, func(ctx context.Context) error {
		removed, err := s.Sweep(ctx)
		if err == nil && removed > 0 {
			log.InfoContext(ctx, "removed the bytes of uploads that were interrupted, or whose file was deleted", "count", removed)
		}
		return err
	}, func(err error) {
		log.ErrorContext(ctx, "files that nobody knows could not be removed; the next attempt is in a day", "error", err)
	})
}

// Sweep removes bytes without a file that are older than a day, and returns their
// number.
func (s *Service) Sweep(ctx context.Context) (removed int, err error) {
	var batch []string
	flush := func() error {
		n, err := s.removeOrphans(ctx, batch)
		removed += n
		batch = batch[:0]
		return err
	}
	err = s.blobs.Walk(ctx, s.now().Add(-orphanAge), func(key string) error {
		if batch = append(batch, key); len(batch) < sweepBatch {
			return nil
		}
		return flush()
	})
	if err == nil {
		err = flush()
	}
	if err != nil {
		return removed, fmt.Errorf("media: sweep: %w", err)
	}
	return removed, nil
}

func (s *Service) removeOrphans(ctx context.Context, keys []string) (removed int, err error) {
	if len(keys) == 0 {
		return 0, nil
	}
	known, err := s.store.Keys(ctx, keys)
	if err != nil {
		return 0, err
	}
	for _, key := range keys {
		if slices.Contains(known, key) {
			continue
		}
		if err := s.blobs.Delete(ctx, key); err != nil {
			return removed, err
		}
		removed++
	}
	return removed, nil
}
