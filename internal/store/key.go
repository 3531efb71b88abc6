package store

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"slices"
	"time"

	"bellman/internal/access"
	"bellman/internal/audit"
	"bellman/internal/fault"
)

// Keys keeps API keys.
type Keys struct{ *pools }

var _ access.KeyStore = Keys{}

// CreateKey implements [access.KeyStore].
func (s Keys) CreateKey(ctx context.Context, k access.Key) (id int64, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
		if err := workspaceExists(ctx, tx, k.WorkspaceID); err != nil {
			return err
		}
		if id, err = s.takeID(ctx, tx, "api_key_id"); err != nil {
			return err
		}
		audit.About(ctx, "keys", id)
		_, err = tx.ExecContext(ctx, `
			INSERT INTO api_keys (id, workspace_id, name, note, scope, hash, made_by, created_at, expires_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			id, k.WorkspaceID, k.Name, k.Note, k.Scope, k.Hash, nullID(k.MadeBy), k.CreatedAt.UnixMilli(), nullMillis(k.ExpiresAt))
		return err
	})
	return id, err
}

const keyColumns = `id, workspace_id, name, note, scope, hash, COALESCE(retiring_hash, ''), COALESCE(retires_at, 0), COALESCE(made_by, 0),
	created_at, COALESCE(expires_at, 0), COALESCE(used_at, 0)`

func scanKey(row scanner, more ...any) (k access.Key, err error) {
	var retires, created, expires, used int64
	into := []any{
		&k.ID, &k.WorkspaceID, &k.Name, &k.Note, &k.Scope, &k.Hash, &k.RetiringHash, &retires, &k.MadeBy, &created, &expires, &used,
	}
	err = row.Scan(append(into, more...)...)
	k.RetiresAt, k.CreatedAt, k.ExpiresAt, k.UsedAt = fromMillis(retires), fromMillis(created), fromMillis(expires), fromMillis(used)
	return k, err
}

var errNoKey = fault.New(fault.NotFound, "key_not_found", "there is no such key")

// KeyByHash implements [access.KeyStore].
func (s Keys) KeyByHash(ctx context.Context, hash string) (access.Key, error) {
	archived := `(SELECT archived_at IS NOT NULL FROM workspaces w WHERE w.id = workspace_id)`
	var is bool
	k, err := scanKey(s.read.QueryRowContext(ctx, `
		SELECT `+keyColumns+`, `+archived+` FROM api_keys WHERE hash = $1
		UNION ALL SELECT `+keyColumns+`, `+archived+` FROM api_keys WHERE retiring_hash = $1`, hash), &is)
	k.Archived = is
	return k, s.found(err, errNoKey)
}

// Keys implements [access.KeyStore].
func (s Keys) Keys(ctx context.Context, workspaceID int64) ([]access.Key, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+keyColumns+` FROM api_keys WHERE workspace_id = $1 ORDER BY id`, workspaceID)
	if err != nil {
		return nil, s.d.classify(err)
	}
	return scanAll(rows, func(r *sql.Rows) (access.Key, error) { return scanKey(r) })
}

// ChangeKey implements [access.KeyStore].
func (s Keys) ChangeKey(
	ctx context.Context, workspaceID, id int64, change func(access.Key) (access.Key, error),
) (k access.Key, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
		k, err = scanKey(tx.QueryRowContext(ctx,
			`SELECT `+keyColumns+` FROM api_keys WHERE workspace_id = $1 AND id = $2`+s.d.forUpdate, workspaceID, id))
		if err != nil {
			return s.found(err, errNoKey)
		}
		if k, err = change(k); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `
			UPDATE api_keys SET name = $2, note = $3, hash = $4, retiring_hash = $5, retires_at = $6, expires_at = $7 WHERE id = $1`,
			id, k.Name, k.Note, k.Hash, orNull(k.RetiringHash), nullMillis(k.RetiresAt), nullMillis(k.ExpiresAt))
		return err
	})
	return k, err
}

// RemoveKey implements [access.KeyStore].
func (s Keys) RemoveKey(ctx context.Context, workspaceID, id int64) (k access.Key, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
		k, err = scanKey(tx.QueryRowContext(ctx,
			`DELETE FROM api_keys WHERE workspace_id = $1 AND id = $2 RETURNING `+keyColumns, workspaceID, id))
		audit.Was(ctx, k.Facts())
		return s.found(err, errNoKey)
	})
	return k, err
}

// KeysUsed implements [access.KeyStore].
func (s Keys) KeysUsed(ctx context.Context, used map[int64]time.Time) error {
	return s.writeTimes(ctx, `UPDATE api_keys SET used_at = $2 WHERE id = $1 AND COALESCE(used_at, 0) < $2`, used)
}

// writeTimes runs a statement for each id and time, in one transaction and the order of
// the ids: others that do so at once do not wait for each other in a circle.
func (s *pools) writeTimes(ctx context.Context, text string, times map[int64]time.Time) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		for _, id := range slices.Sorted(maps.Keys(times)) {
			if _, err := tx.ExecContext(ctx, text, id, times[id].UnixMilli()); err != nil {
				return err
			}
		}
		return nil
	})
}

// Archived implements [access.KeyStore].
func (s Keys) Archived(ctx context.Context, workspaceID int64) (archived bool, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT archived_at IS NOT NULL FROM workspaces WHERE id = $1`, workspaceID).Scan(&archived)
	return archived, s.found(err, workspaceMissing(workspaceID))
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

// nullID stores zero as NULL.
func nullID(id int64) sql.NullInt64 { return sql.NullInt64{Int64: id, Valid: id != 0} }
