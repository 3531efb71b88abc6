package store

import (
	"context"
	"database/sql"
	"errors"

	"bellman/internal/access"
	"bellman/internal/audit"
	"bellman/internal/fault"
)

// CreateLink implements [access.PeopleStore].
func (s People) CreateLink(ctx context.Context, l access.Link) (id int64, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `
			DELETE FROM links WHERE kind = $1 AND COALESCE(workspace_id, 0) = $2 AND COALESCE(user_id, 0) = $3 AND email = $4`,
			l.Kind, l.WorkspaceID, l.UserID, l.Email)
		if err != nil {
			return err
		}
		if id, err = s.takeID(ctx, tx, "link_id"); err != nil {
			return err
		}
		if l.Kind == access.InvitationLink {
			audit.About(ctx, "invitations", id)
		}
		_, err = tx.ExecContext(ctx, `
			INSERT INTO links (id, hash, kind, workspace_id, user_id, email, role, made_by, created_at, expires_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
			id, l.Hash, l.Kind, nullID(l.WorkspaceID), nullID(l.UserID), l.Email, l.Role, nullID(l.MadeBy), l.CreatedAt.UnixMilli(),
			l.ExpiresAt.UnixMilli())
		return err
	})
	return id, err
}

const linkColumns = `id, hash, kind, COALESCE(workspace_id, 0), COALESCE(user_id, 0), email, role, COALESCE(made_by, 0),
	created_at, expires_at`

func scanLink(row scanner) (l access.Link, err error) {
	var created, expires int64
	err = row.Scan(&l.ID, &l.Hash, &l.Kind, &l.WorkspaceID, &l.UserID, &l.Email, &l.Role, &l.MadeBy, &created, &expires)
	l.CreatedAt, l.ExpiresAt = fromMillis(created), fromMillis(expires)
	return l, err
}

// LinkByHash implements [access.PeopleStore].
func (s People) LinkByHash(ctx context.Context, hash string) (access.Link, error) {
	l, err := scanLink(s.read.QueryRowContext(ctx, `SELECT `+linkColumns+` FROM links WHERE hash = $1`, hash))
	return l, s.found(err, access.ErrLink)
}

// Invitations implements [access.PeopleStore].
func (s People) Invitations(ctx context.Context, workspaceID int64) ([]access.Link, error) {
	rows, err := s.read.QueryContext(ctx,
		`SELECT `+linkColumns+` FROM links WHERE workspace_id = $1 AND kind = 'invitation' ORDER BY id`, workspaceID)
	if err != nil {
		return nil, s.d.classify(err)
	}
	return scanAll(rows, func(r *sql.Rows) (access.Link, error) { return scanLink(r) })
}

// RemoveInvitation implements [access.PeopleStore].
func (s People) RemoveInvitation(ctx context.Context, workspaceID, id int64) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `DELETE FROM links WHERE workspace_id = $1 AND kind = 'invitation' AND id = $2`, workspaceID, id)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, fault.New(fault.NotFound, "invitation_not_found", "there is no such invitation"))
		}
		return nil
	})
}
