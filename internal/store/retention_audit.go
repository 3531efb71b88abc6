package store

import (
	"context"
	"database/sql"
	"time"

	"bellman/internal/audit"
	"bellman/internal/retention"
)

// This file is how lines of the audit log are removed: only from its begin, so that what
// is left is a chain as before.

// SweepAudit implements [retention.Store].
func (s Retention) SweepAudit(ctx context.Context, cutoffs []retention.Cutoff, limit int) (more bool, err error) {
	over := olderThan(cutoffs)
	first, err := s.firstLines(ctx, s.read, "", 1)
	if err != nil || len(first) == 0 || !over(first[0]) {
		return false, s.d.classify(err)
	}
	err = s.tx(ctx, func(tx *sql.Tx) error {
		more = false
		lines, err := s.firstLines(ctx, tx, s.d.forUpdate, limit)
		if err != nil {
			return err
		}
		n := 0
		for n < len(lines) && over(lines[n]) {
			n++
		}
		if more = n == limit; n == 0 {
			return nil
		}
		last := lines[n-1]
		if _, err := tx.ExecContext(ctx, `DELETE FROM audit WHERE id <= $1`, last.ID); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE audit_head SET first_id = $1, first_previous = $2 WHERE id = 1`, last.ID+1, last.Hash)
		return err
	})
	return more, err
}

// firstLines returns the first lines of the chain, whose head it locks with lock.
func (s Retention) firstLines(ctx context.Context, q queryer, lock string, limit int) ([]audit.Entry, error) {
	head, err := auditHead(ctx, q, lock)
	if err != nil {
		return nil, err
	}
	rows, err := q.QueryContext(ctx, chainQuery, head.FirstID, limit)
	if err != nil {
		return nil, err
	}
	return scanAll(rows, scanLine)
}

// olderThan returns whether a line is not kept any more.
func olderThan(cutoffs []retention.Cutoff) func(audit.Entry) bool {
	before, earliest := map[int64]time.Time{}, time.Time{}
	for i, c := range cutoffs {
		before[c.WorkspaceID] = c.Before
		if i == 0 || c.Before.Before(earliest) {
			earliest = c.Before
		}
	}
	return func(e audit.Entry) bool {
		cutoff, known := before[e.WorkspaceID]
		if !known {
			cutoff = earliest
		}
		return e.At.Before(cutoff)
	}
}
