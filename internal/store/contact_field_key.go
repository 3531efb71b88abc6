package store

import (
	"context"
	"database/sql"
	"slices"

	"bellman/internal/contact"
)

// keyFields gives a key to the fields of earlier programs, which had none. It is no
// migration, because no engine makes keys as [message.FieldKey] does.
func (s Contacts) keyFields(ctx context.Context) error {
	rows, err := s.read.QueryContext(ctx, `SELECT `+fieldColumns+` FROM fields WHERE key = '' ORDER BY id`)
	if err != nil {
		return s.d.classify(err)
	}
	bare, err := scanAll(rows, func(r *sql.Rows) (contact.Field, error) { return scanField(r) })
	if err != nil || len(bare) == 0 {
		return s.d.classify(err)
	}
	return s.tx(ctx, func(tx *sql.Tx) error {
		for _, f := range bare {
			if err := s.d.lock(ctx, tx, lockIdentity, f.WorkspaceID); err != nil {
				return err
			}
			keys, err := s.fieldKeys(ctx, tx, f.WorkspaceID)
			if err != nil {
				return err
			}
			key := f.FreeKey(func(key string) bool { return slices.Contains(keys, key) })
			if _, err := tx.ExecContext(ctx, `UPDATE fields SET key = $2 WHERE id = $1 AND key = ''`, f.ID, key); err != nil {
				return err
			}
		}
		return nil
	})
}
