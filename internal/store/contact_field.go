package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"bellman/internal/audit"
	"bellman/internal/contact"
	"bellman/internal/fault"
)

const fieldColumns = `id, workspace_id, key, name, type, created_at`

func scanField(row scanner) (f contact.Field, err error) {
	var created int64
	err = row.Scan(&f.ID, &f.WorkspaceID, &f.Key, &f.Name, &f.Type, &created)
	f.CreatedAt = fromMillis(created)
	return f, err
}

// Fields implements [contact.FieldStore].
func (s Contacts) Fields(ctx context.Context, workspaceID int64) ([]contact.Field, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+fieldColumns+` FROM fields WHERE workspace_id = $1 ORDER BY id`, workspaceID)
	if err != nil {
		return nil, s.d.classify(err)
	}
	return scanAll(rows, func(r *sql.Rows) (contact.Field, error) { return scanField(r) })
}

// CreateField implements [contact.FieldStore].
func (s Contacts) CreateField(ctx context.Context, f contact.Field, limit int) (made contact.Field, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
		if err := s.d.lock(ctx, tx, lockIdentity, f.WorkspaceID); err != nil {
			return err
		}
		keys, err := s.fieldKeys(ctx, tx, f.WorkspaceID)
		if err != nil {
			return err
		}
		made = f
		switch {
		case len(keys) >= limit:
			return contact.ErrTooManyFields
		case f.Key != "" && slices.Contains(keys, f.Key):
			return contact.ErrFieldKeyTaken
		}
		if made.ID, err = s.fieldID(ctx, tx, f.ID); err != nil {
			return err
		}
		audit.About(ctx, "fields", made.ID)
		if made.Key == "" {
			made.Key = made.FreeKey(func(key string) bool { return slices.Contains(keys, key) })
		}
		_, err = tx.ExecContext(ctx,
			`INSERT INTO fields (id, workspace_id, key, name, name_key, type, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			made.ID, f.WorkspaceID, made.Key, f.Name, contact.Fold(f.Name), f.Type, f.CreatedAt.UnixMilli())
		return s.fieldTaken(err)
	})
	return made, err
}

// fieldKeys returns the key of each field of the workspace.
func (s Contacts) fieldKeys(ctx context.Context, tx *sql.Tx, workspaceID int64) ([]string, error) {
	rows, err := tx.QueryContext(ctx, `SELECT key FROM fields WHERE workspace_id = $1`, workspaceID)
	if err != nil {
		return nil, err
	}
	return scanAll(rows, func(r *sql.Rows) (key string, err error) { return key, r.Scan(&key) })
}

// fieldID returns the id for a new field: the wanted one, or a fresh one when that
// is zero. Fresh ids skip those that are in use.
func (s Contacts) fieldID(ctx context.Context, tx *sql.Tx, wanted int64) (id int64, err error) {
	for taken := true; taken; {
		if id = wanted; wanted == 0 {
			if id, err = s.takeID(ctx, tx, "field_id"); err != nil {
				return 0, err
			}
		}
		err = tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM fields WHERE id = $1)`, id).Scan(&taken)
		if err != nil {
			return 0, err
		}
		if taken && wanted != 0 {
			return 0, contact.ErrFieldIDTaken
		}
	}
	return id, nil
}

// RenameField implements [contact.FieldStore].
func (s Contacts) RenameField(ctx context.Context, workspaceID, id int64, name string) (f contact.Field, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE fields SET name = $3, name_key = $4 WHERE workspace_id = $1 AND id = $2`,
			workspaceID, id, name, contact.Fold(name))
		if err != nil {
			return s.fieldTaken(err)
		}
		f, err = scanField(tx.QueryRowContext(ctx, `SELECT `+fieldColumns+` FROM fields WHERE workspace_id = $1 AND id = $2`, workspaceID, id))
		return s.found(err, contact.ErrFieldNotFound)
	})
	return f, err
}

// fieldTaken turns a violated unique index into its fault.
func (s Contacts) fieldTaken(err error) error {
	if fault.KindOf(s.d.classify(err)) == fault.Conflict {
		return contact.ErrFieldTaken
	}
	return err
}

// DeleteField implements [contact.FieldStore]. The identity lock keeps imports from
// writing values of the field while it is deleted.
func (s Contacts) DeleteField(ctx context.Context, workspaceID, id int64) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		if err := s.d.lock(ctx, tx, lockIdentity, workspaceID); err != nil {
			return err
		}
		err := tx.QueryRowContext(ctx, `DELETE FROM fields WHERE workspace_id = $1 AND id = $2 RETURNING id`, workspaceID, id).Scan(&id)
		if errors.Is(err, sql.ErrNoRows) {
			return contact.ErrFieldNotFound
		}
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM contact_fields WHERE field_id = $1`, id)
		return err
	})
}
