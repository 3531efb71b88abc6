package store

import (
	"context"
	"database/sql"
	"errors"
	"math"

	"bellman/internal/retention"
)

// This file is how events are removed. Their ids grow with the time at which they were
// recorded: the oldest ones of a workspace have the lowest.

// DropEvents implements [retention.Store].
func (s Retention) DropEvents(ctx context.Context, past, soon []retention.Cutoff) (after int64, err error) {
	after = math.MinInt64
	if s.d.partitions == nil {
		return after, nil
	}
	closed, err := s.closed(ctx, eventTable)
	if err != nil {
		return after, err
	}
	for _, p := range closed {
		kept, err := s.keepsEvents(ctx, p, soon)
		if err != nil || kept {
			return after, err
		}
		after = p.high - 1
		if kept, err = s.keepsEvents(ctx, p, past); err != nil {
			return after, err
		}
		if kept {
			continue
		}
		if _, err := s.dropPartition(ctx, p, func(*sql.Tx) (bool, error) { return false, nil }); err != nil {
			return after, s.d.classify(err)
		}
	}
	return after, nil
}

// keepsEvents reports whether the newest event of any workspace in a partition is not
// before the workspace's cutoff. Without cutoffs everything is kept.
func (s Retention) keepsEvents(ctx context.Context, p partition, cutoffs []retention.Cutoff) (bool, error) {
	for _, c := range cutoffs {
		var recorded int64
		err := s.read.QueryRowContext(ctx, `
			SELECT created_at FROM events WHERE workspace_id = $1 AND id >= $2 AND id < $3 ORDER BY id DESC LIMIT 1`, c.WorkspaceID, p.low, p.high).
			Scan(&recorded)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err != nil || recorded >= c.Before.UnixMilli() {
			return true, s.d.classify(err)
		}
	}
	return len(cutoffs) == 0, nil
}

// SweepEvents implements [retention.Store]. Only the first events are looked at, so that
// it costs the same however many there are.
func (s Retention) SweepEvents(ctx context.Context, c retention.Cutoff, after int64, limit int) (more bool, err error) {
	var some bool
	err = s.read.QueryRowContext(ctx, `
		SELECT COALESCE((SELECT created_at FROM events WHERE workspace_id = $1 AND id > $2 ORDER BY id LIMIT 1) < $3, FALSE)`,
		c.WorkspaceID, after, c.Before.UnixMilli()).Scan(&some)
	if err != nil || !some {
		return false, s.d.classify(err)
	}
	err = s.tx(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `
			DELETE FROM events WHERE workspace_id = $1 AND id IN (
				SELECT id FROM (SELECT id, created_at FROM events WHERE workspace_id = $1 AND id > $2 ORDER BY id LIMIT $3) AS first
				WHERE created_at < $4)`, c.WorkspaceID, after, limit, c.Before.UnixMilli())
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		more = n == int64(limit)
		return err
	})
	return more, err
}
