package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"bellman/internal/access"
	"bellman/internal/audit"
	"bellman/internal/fault"
	"bellman/internal/workspace"
)

// Workspaces keeps workspaces and their settings.
type Workspaces struct{ *pools }

var _ workspace.Store = Workspaces{}

// Find implements [workspace.Store].
func (s Workspaces) Find(ctx context.Context, id int64) (w workspace.Workspace, err error) {
	var (
		utm               string
		created, archived int64
	)
	err = s.read.QueryRowContext(ctx, `
		SELECT id, name, phone_region, time_zone, identity_match, utm, keep_recipients, keep_events, keep_audit, COALESCE(approval_above, 0),
			created_at, COALESCE(archived_at, 0)
		FROM workspaces WHERE id = $1`, id).
		Scan(&w.ID, &w.Name, &w.PhoneRegion, &w.TimeZone, &w.IdentityMatch, &utm, &w.Keeping.RecipientsMonths, &w.Keeping.EventsMonths,
			&w.Keeping.AuditMonths, &w.ApprovalAbove, &created, &archived)
	if err != nil {
		return w, s.found(err, workspaceMissing(id))
	}
	w.CreatedAt, w.ArchivedAt = fromMillis(created), fromMillis(archived)
	if err := json.Unmarshal([]byte(utm), &w.UTM); err != nil {
		return w, fmt.Errorf("store: utm of workspace %d: %w", id, err)
	}
	return w, nil
}

// Create implements [workspace.Store]. What is not written has the values that the
// migrations give a new workspace.
func (s Workspaces) Create(ctx context.Context, name string, owner int64, now time.Time) (workspace.Workspace, error) {
	var id int64
	err := s.tx(ctx, func(tx *sql.Tx) (err error) {
		if id, err = s.takeID(ctx, tx, "workspace_id"); err != nil {
			return err
		}
		audit.About(ctx, "workspaces", id)
		result, err := tx.ExecContext(ctx, `
			INSERT INTO workspaces (id, name, phone_region, identity_match, created_at) VALUES ($1, $2, '', $3, $4)
			ON CONFLICT (name) DO NOTHING`, id, name, workspace.MatchFirst, now.UnixMilli())
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, errNameTaken)
		}
		if owner == 0 {
			return nil
		}
		return giveRole(ctx, tx, owner, access.Grant{WorkspaceID: id, Role: access.Owner, At: now})
	})
	if err != nil {
		return workspace.Workspace{}, err
	}
	return s.Find(ctx, id)
}

var (
	errNameTaken = fault.New(fault.Conflict, "workspace_name_taken", "there is a workspace with this name").In("name")
	errSending   = fault.New(fault.Conflict, "workspace_sends",
		"campaigns of this workspace go out, or wait for their time: cancel them first, or wait until they have ended").In("archived")
)

// Rename implements [workspace.Store].
func (s Workspaces) Rename(ctx context.Context, id int64, name string) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		var taken bool
		err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM workspaces WHERE name = $2 AND id <> $1)`, id, name).Scan(&taken)
		if err != nil {
			return err
		}
		if taken {
			return errNameTaken
		}
		return s.changed(tx.ExecContext(ctx, `UPDATE workspaces SET name = $2 WHERE id = $1`, id, name))(id)
	})
}

// changed returns a function that checks that a statement has changed a workspace.
func (s Workspaces) changed(result sql.Result, err error) func(id int64) error {
	return func(id int64) error {
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 1 {
			return err
		}
		return workspaceMissing(id)
	}
}

// Archive implements [workspace.Store].
func (s Workspaces) Archive(ctx context.Context, id int64, at time.Time) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		if err := s.changed(tx.ExecContext(ctx, `UPDATE workspaces SET archived_at = $2 WHERE id = $1`, id, nullMillis(at)))(id); err != nil {
			return err
		}
		var sends bool
		err := tx.QueryRowContext(ctx, `
			SELECT EXISTS (SELECT 1 FROM campaigns WHERE workspace_id = $1 AND kind = 'broadcast'
				AND state NOT IN ('draft', 'finished', 'cancelled'))
			OR EXISTS (SELECT 1 FROM campaigns c JOIN ledgers l ON l.campaign_id = c.id
				WHERE c.workspace_id = $1 AND c.kind = 'triggered' AND c.laid_seq - l.claimed_seq + l.waiting > 0)`, id).Scan(&sends)
		if err == nil && sends && !at.IsZero() {
			return errSending
		}
		return err
	})
}

// Approve implements [workspace.Store].
func (s Workspaces) Approve(ctx context.Context, id, above int64) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		return s.changed(tx.ExecContext(ctx, `UPDATE workspaces SET approval_above = $2 WHERE id = $1`,
			id, sql.NullInt64{Int64: above, Valid: above != 0}))(id)
	})
}

// Update implements [workspace.Store].
func (s Workspaces) Update(ctx context.Context, w workspace.Workspace) error {
	utm, err := json.Marshal(w.UTM)
	if err != nil {
		return err
	}
	return s.tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx,
			`UPDATE workspaces SET phone_region = $2, identity_match = $3, utm = $4, keep_recipients = $5, keep_events = $6, keep_audit = $7,
				time_zone = $8
			WHERE id = $1`,
			w.ID, w.PhoneRegion, w.IdentityMatch, string(utm), w.Keeping.RecipientsMonths, w.Keeping.EventsMonths, w.Keeping.AuditMonths,
			w.TimeZone)
		return err
	})
}

func workspaceMissing(id int64) *fault.Error {
	return fault.New(fault.NotFound, "workspace_not_found", "there is no workspace %d", id)
}

// workspaceExists returns a fault when there is no such workspace.
func workspaceExists(ctx context.Context, tx *sql.Tx, id int64) error {
	var found bool
	err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM workspaces WHERE id = $1)`, id).Scan(&found)
	if err == nil && !found {
		return workspaceMissing(id)
	}
	return err
}
