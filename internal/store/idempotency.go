package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"bellman/internal/idempotency"
)

// Idempotency keeps the answers to requests with a key. The keys are taken by
// [pools.tx].
type Idempotency struct{ *pools }

var _ idempotency.Store = Idempotency{}

// takeKey takes the key of the claim, unless the request has it already or has none.
// While another transaction that takes it is under way, it waits for its outcome.
func takeKey(ctx context.Context, tx *sql.Tx, c *idempotency.Claim) error {
	if !c.Begin() {
		return nil
	}
	_, err := tx.ExecContext(ctx, `DELETE FROM idempotency WHERE workspace_id = $1 AND key = $2 AND created_at <= $3`,
		c.WorkspaceID, c.Key, c.Since.UnixMilli())
	if err != nil {
		return err
	}
	result, err := tx.ExecContext(ctx, `
		INSERT INTO idempotency (workspace_id, key, fingerprint, answer, created_at) VALUES ($1, $2, $3, '', $4)
		ON CONFLICT (workspace_id, key) DO NOTHING`, c.WorkspaceID, c.Key, c.Fingerprint, c.At.UnixMilli())
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 1 {
		return err
	}
	return c.Lose()
}

// saveResult writes what the transaction has made beside the key of its claim.
func saveResult(ctx context.Context, tx *sql.Tx, c *idempotency.Claim) error {
	made, ok := c.Fresh()
	if !ok {
		return nil
	}
	_, err := tx.ExecContext(ctx, `UPDATE idempotency SET result = $3 WHERE workspace_id = $1 AND key = $2`, c.WorkspaceID, c.Key, made)
	return err
}

// Kept implements [idempotency.Store].
func (s Idempotency) Kept(ctx context.Context, workspaceID int64, key string, since time.Time) (k idempotency.Kept, err error) {
	err = s.read.QueryRowContext(ctx, `
		SELECT fingerprint, result, answer FROM idempotency WHERE workspace_id = $1 AND key = $2 AND created_at > $3`,
		workspaceID, key, since.UnixMilli()).Scan(&k.Fingerprint, &k.Result, &k.Answer)
	if errors.Is(err, sql.ErrNoRows) {
		return k, nil
	}
	return k, s.d.classify(err)
}

// Keep implements [idempotency.Store]. A request that has written nothing takes its
// key here.
func (s Idempotency) Keep(ctx context.Context, c *idempotency.Claim, answer []byte) error {
	err := s.exec(ctx, `
		INSERT INTO idempotency (workspace_id, key, fingerprint, answer, created_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (workspace_id, key) DO UPDATE SET answer = excluded.answer
		WHERE idempotency.fingerprint = excluded.fingerprint AND idempotency.answer = ''`,
		c.WorkspaceID, c.Key, c.Fingerprint, string(answer), c.At.UnixMilli())
	return s.d.classify(err)
}

// Forget implements [idempotency.Store].
func (s Idempotency) Forget(ctx context.Context, before time.Time, limit int) (more bool, err error) {
	return s.forgetKeys(ctx, "idempotency", before, limit)
}

// forgetKeys removes the oldest rows of a table of keys. They are found by an index,
// however many old ones the planner expects.
func (s *pools) forgetKeys(ctx context.Context, table string, before time.Time, limit int) (more bool, err error) {
	var some bool
	err = s.read.QueryRowContext(ctx,
		`SELECT COALESCE((SELECT MIN(created_at) FROM `+table+`) <= $1, FALSE)`, before.UnixMilli()).Scan(&some)
	if err != nil || !some {
		return false, s.d.classify(err)
	}
	err = s.tx(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `
			DELETE FROM `+table+` WHERE (workspace_id, key) IN (
				SELECT workspace_id, key FROM `+table+` WHERE created_at <= $1 ORDER BY created_at LIMIT $2)`,
			before.UnixMilli(), limit)
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		more = n == int64(limit)
		return err
	})
	return more, err
}
