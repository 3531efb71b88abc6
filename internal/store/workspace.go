package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"bellman/internal/fault"
	"bellman/internal/workspace"
)

// Workspaces keeps workspaces and their settings.
type Workspaces struct{ *pools }

var _ workspace.Store = Workspaces{}

// Find implements [workspace.Store].
func (s Workspaces) Find(ctx context.Context, id int64) (w workspace.Workspace, err error) {
	var utm string
	err = s.read.QueryRowContext(ctx,
		`SELECT id, name, phone_region, identity_match, utm, keep_recipients, keep_events FROM workspaces WHERE id = $1`, id).
		Scan(&w.ID, &w.Name, &w.PhoneRegion, &w.IdentityMatch, &utm, &w.Keeping.RecipientsMonths, &w.Keeping.EventsMonths)
	if err != nil {
		return w, s.found(err, workspaceMissing(id))
	}
	if err := json.Unmarshal([]byte(utm), &w.UTM); err != nil {
		return w, fmt.Errorf("store: utm of workspace %d: %w", id, err)
	}
	return w, nil
}

// Update implements [workspace.Store].
func (s Workspaces) Update(ctx context.Context, w workspace.Workspace) error {
	utm, err := json.Marshal(w.UTM)
	if err != nil {
		return err
	}
	return s.tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx,
			`UPDATE workspaces SET phone_region = $2, identity_match = $3, utm = $4, keep_recipients = $5, keep_events = $6 WHERE id = $1`,
			w.ID, w.PhoneRegion, w.IdentityMatch, string(utm), w.Keeping.RecipientsMonths, w.Keeping.EventsMonths)
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
