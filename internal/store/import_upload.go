package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"bellman/internal/imports"
)

// BeginUpload implements [imports.UploadStore]. The session, which nobody else has,
// stands for the process that receives the file.
func (s Imports) BeginUpload(ctx context.Context, i imports.Import, ttl time.Duration) (l imports.Lease, err error) {
	l = imports.Lease{Owner: i.Session, Epoch: 1, Attempt: 1, File: true}
	err = s.tx(ctx, func(tx *sql.Tx) error {
		if l.ImportID, err = s.insertImport(ctx, tx, i); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx,
			`UPDATE imports SET owner = $2, epoch = $3, attempts = $4, expires_at = `+s.d.nowMillis+` + $5 WHERE id = $1`,
			l.ImportID, l.Owner, l.Epoch, l.Attempt, ttl.Milliseconds())
		return err
	})
	return l, err
}

// FinishUpload implements [imports.UploadStore].
func (s Imports) FinishUpload(ctx context.Context, l imports.Lease, t imports.Task, due time.Time) error {
	task, err := json.Marshal(t)
	if err != nil {
		return err
	}
	return s.leased(ctx, l, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `
			UPDATE imports SET link = '', task = $2, owner = '', expires_at = 0, attempts = 0, due_at = $3 WHERE id = $1`,
			l.ImportID, string(task), due.UnixMilli())
		return err
	})
}
