package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"bellman/internal/access"
	"bellman/internal/fault"
)

// Workspaces keeps workspaces and their API keys.
type Workspaces struct{ *pools }

var _ access.Store = Workspaces{}

// Find implements [access.Store].
func (s Workspaces) Find(ctx context.Context, id int64) (w access.Workspace, err error) {
	var utm string
	err = s.read.QueryRowContext(ctx,
		`SELECT id, name, phone_region, identity_match, utm FROM workspaces WHERE id = $1`, id).
		Scan(&w.ID, &w.Name, &w.PhoneRegion, &w.IdentityMatch, &utm)
	if err != nil {
		return w, s.found(err, fault.New(fault.NotFound, "workspace_not_found", "there is no workspace %d", id))
	}
	if err := json.Unmarshal([]byte(utm), &w.UTM); err != nil {
		return w, fmt.Errorf("store: utm of workspace %d: %w", id, err)
	}
	return w, nil
}

// Update implements [access.Store].
func (s Workspaces) Update(ctx context.Context, w access.Workspace) error {
	utm, err := json.Marshal(w.UTM)
	if err != nil {
		return err
	}
	return s.tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx,
			`UPDATE workspaces SET phone_region = $2, identity_match = $3, utm = $4 WHERE id = $1`,
			w.ID, w.PhoneRegion, w.IdentityMatch, string(utm))
		return err
	})
}

// CreateKey implements [access.Store].
func (s Workspaces) CreateKey(ctx context.Context, k access.Key) (id int64, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
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

// KeyByHash implements [access.Store].
func (s Workspaces) KeyByHash(ctx context.Context, hash string) (k access.Key, err error) {
	var created int64
	err = s.read.QueryRowContext(ctx,
		`SELECT id, workspace_id, name, scope, hash, created_at FROM api_keys WHERE hash = $1`, hash).
		Scan(&k.ID, &k.WorkspaceID, &k.Name, &k.Scope, &k.Hash, &created)
	k.CreatedAt = fromMillis(created)
	return k, s.found(err, fault.New(fault.NotFound, "key_not_found", "there is no such key"))
}

// takeID returns one fresh identifier of a sequence.
func (s *pools) takeID(ctx context.Context, tx *sql.Tx, sequence string) (int64, error) {
	ids, err := s.d.takeIDs(ctx, tx, sequence, 1)
	if err != nil {
		return 0, err
	}
	return ids[0], nil
}

// found turns the absence of a row into the given fault.
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
