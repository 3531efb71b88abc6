package store

import (
	"context"
	"database/sql"
	"errors"
	"math"
	"time"

	"bellman/internal/retention"
)

// This file is how events are removed. Their ids grow with the time at which they were
// recorded: the oldest ones of a workspace have the lowest.

// DropEvents implements [retention.Store].
func (s Retention) DropEvents(ctx context.Context, past, soon, waited []retention.Cutoff) (after int64, err error) {
	after = math.MinInt64
	if s.d.partitions == nil {
		return after, nil
	}
	closed, err := s.closed(ctx, eventTable)
	if err != nil {
		return after, err
	}
	for _, p := range closed {
		waits, err := s.dropOrWait(ctx, p, past, soon, waited)
		if err != nil || !waits {
			return after, s.d.classify(err)
		}
		after = p.high - 1
	}
	return after, nil
}

// dropOrWait drops a partition of events that nobody needs. It reports whether it is gone,
// or its events should wait for that.
func (s Retention) dropOrWait(ctx context.Context, p partition, past, soon, waited []retention.Cutoff) (waits bool, err error) {
	if kept, err := s.keepsEvents(ctx, p, soon); err != nil || kept {
		return false, err
	}
	kept, err := s.keepsEvents(ctx, p, past)
	if err != nil {
		return false, err
	}
	if !kept {
		gone, err := s.dropPartition(ctx, p, func(*sql.Tx) (bool, error) { return false, nil })
		if err != nil || gone {
			return gone, err
		}
	}
	overdue, err := s.anyEvent(ctx, p, waited, "id", time.Time.Before)
	return !overdue, err
}

// keepsEvents reports whether the newest event of any workspace in a partition is not
// before the workspace's cutoff. Without cutoffs everything is kept.
func (s Retention) keepsEvents(ctx context.Context, p partition, cutoffs []retention.Cutoff) (bool, error) {
	kept, err := s.anyEvent(ctx, p, cutoffs, "id DESC", func(recorded, cutoff time.Time) bool { return !recorded.Before(cutoff) })
	return kept || len(cutoffs) == 0, err
}

// anyEvent reports whether is is true of any workspace's first event in a partition, by
// the given order, and its cutoff.
func (s Retention) anyEvent(ctx context.Context, p partition, cutoffs []retention.Cutoff, order string,
	is func(recorded, cutoff time.Time) bool,
) (bool, error) {
	for _, c := range cutoffs {
		var recorded int64
		err := s.read.QueryRowContext(ctx, `
			SELECT created_at FROM events WHERE workspace_id = $1 AND id >= $2 AND id < $3 ORDER BY `+order+` LIMIT 1`,
			c.WorkspaceID, p.low, p.high).Scan(&recorded)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err != nil || is(fromMillis(recorded), c.Before) {
			return err == nil, err
		}
	}
	return false, nil
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
