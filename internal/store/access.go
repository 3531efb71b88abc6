package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"bellman/internal/access"
	"bellman/internal/fault"
)

// Keys keeps API keys.
type Keys struct{ *pools }

var _ access.Store = Keys{}

// CreateKey implements [access.Store].
func (s Keys) CreateKey(ctx context.Context, k access.Key) (id int64, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
		if err := workspaceExists(ctx, tx, k.WorkspaceID); err != nil {
			return err
		}
		if id, err = s.takeID(ctx, tx, "api_key_id"); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx,
			`INSERT INTO api_keys (id, workspace_id, name, scope, hash, created_at) VALUES ($1, $2, $3, $4, $5, $6)`,
			id, k.WorkspaceID, k.Name, k.Scope, k.Hash, k.CreatedAt.UnixMilli())
		return err
	})
	return id, err
}

const keyColumns = `id, workspace_id, name, scope, hash, created_at`

func scanKey(row scanner) (k access.Key, err error) {
	var created int64
	err = row.Scan(&k.ID, &k.WorkspaceID, &k.Name, &k.Scope, &k.Hash, &created)
	k.CreatedAt = fromMillis(created)
	return k, err
}

var errNoKey = fault.New(fault.NotFound, "key_not_found", "there is no such key")

// KeyByHash implements [access.Store].
func (s Keys) KeyByHash(ctx context.Context, hash string) (access.Key, error) {
	k, err := scanKey(s.read.QueryRowContext(ctx, `SELECT `+keyColumns+` FROM api_keys WHERE hash = $1`, hash))
	return k, s.found(err, errNoKey)
}

// Keys implements [access.Store].
func (s Keys) Keys(ctx context.Context, workspaceID int64) ([]access.Key, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+keyColumns+` FROM api_keys WHERE workspace_id = $1 ORDER BY id`, workspaceID)
	if err != nil {
		return nil, s.d.classify(err)
	}
	return scanAll(rows, func(r *sql.Rows) (access.Key, error) { return scanKey(r) })
}

// RemoveKey implements [access.Store].
func (s Keys) RemoveKey(ctx context.Context, workspaceID, id int64) (k access.Key, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
		k, err = scanKey(tx.QueryRowContext(ctx,
			`DELETE FROM api_keys WHERE workspace_id = $1 AND id = $2 RETURNING `+keyColumns, workspaceID, id))
		return s.found(err, errNoKey)
	})
	return k, err
}

// takeID returns one fresh number of a sequence.
func (s *pools) takeID(ctx context.Context, tx *sql.Tx, sequence string) (int64, error) {
	ids, err := s.d.takeIDs(ctx, tx, sequence, 1)
	if err != nil {
		return 0, err
	}
	return ids[0], nil
}

// found returns the given fault in place of the error that there is no row.
func (s *pools) found(err error, missing *fault.Error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return missing
	}
	return s.d.classify(err)
}

// fromMillis returns the time of a unix millisecond count; zero is the zero
// time.
func fromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// nullMillis stores the zero time as NULL.
func nullMillis(t time.Time) sql.NullInt64 {
	return sql.NullInt64{Int64: t.UnixMilli(), Valid: !t.IsZero()}
}
