package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"time"

	"bellman/internal/imports"
)

// importWaits selects the imports of a kind, $2, that have not ended.
const importWaits = `state IN ('started', 'importing') AND from_file = $2 AND NOT held`

// importDue renders the imports of a kind that are due and that nobody leases. $1
// is the caller's time, for retries; leases go by the database's clock. One that would
// be due later than after the longest delay waits since before the clock was set back.
func (s Imports) importDue() string {
	return importWaits + ` AND (due_at <= $1 OR due_at > $1 + ` +
		strconv.FormatInt(imports.MostDelay.Milliseconds(), 10) + `) AND expires_at <= ` + s.d.nowMillis
}

// TakeImports implements [imports.RunnerStore]. As long as nothing is due, it
// writes nothing.
func (s Imports) TakeImports(
	ctx context.Context, owner string, file bool, now time.Time, ttl time.Duration, limit int,
) (taken []imports.Lease, err error) {
	var due, ahead bool
	err = s.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM imports WHERE `+s.importDue()+`),
		EXISTS (SELECT 1 FROM imports WHERE `+importWaits+` AND due_at <= $1 AND expires_at > `+s.d.nowMillis+` + $3)`,
		now.UnixMilli(), file, ttl.Milliseconds()).Scan(&due, &ahead)
	if err == nil && ahead {
		err = s.exec(ctx, s.shorten("imports"), ttl.Milliseconds())
	}
	if err != nil || !due {
		return nil, s.d.classify(err)
	}
	err = s.tx(ctx, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx,
			`SELECT id FROM imports WHERE `+s.importDue()+` ORDER BY due_at, id LIMIT $3`+s.d.forUpdate, now.UnixMilli(), file, limit)
		if err != nil {
			return err
		}
		ids, err := scanAll(rows, func(r *sql.Rows) (id int64, err error) { return id, r.Scan(&id) })
		if err != nil || len(ids) == 0 {
			return err
		}
		taken, err = s.lease(ctx, tx, owner, ttl, ids)
		return err
	})
	return taken, err
}

// lease leases imports.
func (s Imports) lease(ctx context.Context, tx *sql.Tx, owner string, ttl time.Duration, ids []int64) ([]imports.Lease, error) {
	rows, err := tx.QueryContext(ctx, `
		UPDATE imports SET owner = $1, epoch = epoch + 1, attempts = attempts + 1, expires_at = `+s.d.nowMillis+` + $2
		WHERE id IN `+s.intsIn("$3")+` RETURNING id, owner, epoch, attempts, from_file`, owner, ttl.Milliseconds(), ints(ids))
	if err != nil {
		return nil, err
	}
	return scanAll(rows, func(r *sql.Rows) (l imports.Lease, err error) {
		return l, r.Scan(&l.ImportID, &l.Owner, &l.Epoch, &l.Attempt, &l.File)
	})
}

// RenewImport implements [imports.RunnerStore].
func (s Imports) RenewImport(ctx context.Context, l imports.Lease, ttl time.Duration) (held bool, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx,
			`UPDATE imports SET expires_at = `+s.d.nowMillis+` + $4 WHERE id = $1 AND owner = $2 AND epoch = $3`,
			l.ImportID, l.Owner, l.Epoch, ttl.Milliseconds())
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		held = n == 1
		return err
	})
	return held, err
}

// ReturnImport implements [imports.RunnerStore].
func (s Imports) ReturnImport(ctx context.Context, l imports.Lease, attempts int, due time.Time) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `
			UPDATE imports SET owner = '', expires_at = 0, attempts = $4, due_at = $5 WHERE id = $1 AND owner = $2 AND epoch = $3`,
			l.ImportID, l.Owner, l.Epoch, attempts, due.UnixMilli())
		return err
	})
}

// leased runs fn in a transaction in which nobody else can take the import. It
// returns [imports.ErrLeaseLost] when somebody else has taken it.
func (s Imports) leased(ctx context.Context, l imports.Lease, fn func(*sql.Tx) error) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		if err := s.hold(ctx, tx, l); err != nil {
			return err
		}
		return fn(tx)
	})
}

func (s Imports) hold(ctx context.Context, tx *sql.Tx, l imports.Lease) error {
	var one int
	err := tx.QueryRowContext(ctx, `SELECT 1 FROM imports WHERE id = $1 AND owner = $2 AND epoch = $3`+s.d.forUpdate,
		l.ImportID, l.Owner, l.Epoch).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("%w: import %d", imports.ErrLeaseLost, l.ImportID)
	}
	return err
}

// pauseImports holds the imports of a workspace that have not ended, for an erasure: nobody
// works on them before the people are out of them. They are taken from their processes, but
// for those whose files are being uploaded.
func (s Imports) pauseImports(ctx context.Context, tx *sql.Tx, workspaceID int64) error {
	if err := s.d.lock(ctx, tx, lockErasures, workspaceID); err != nil {
		return err
	}
	for _, statement := range []string{
		`UPDATE imports SET held = TRUE WHERE workspace_id = $1 AND state IN ('started', 'importing')`,
		`UPDATE imports SET owner = '', epoch = epoch + 1, expires_at = 0, attempts = attempts - 1
		WHERE workspace_id = $1 AND state IN ('started', 'importing') AND owner <> '' AND link <> '` + imports.Arriving + `'`,
	} {
		if _, err := tx.ExecContext(ctx, statement, workspaceID); err != nil {
			return err
		}
	}
	return nil
}

// resumeImports lets the imports of a workspace go on.
func (s Imports) resumeImports(ctx context.Context, tx *sql.Tx, workspaceID int64) error {
	_, err := tx.ExecContext(ctx, `UPDATE imports SET held = FALSE WHERE workspace_id = $1 AND state IN ('started', 'importing')`, workspaceID)
	return err
}

// ForgetRunners ends every lease of an import. It is for a process that knows that
// it is the only one, and so need not wait for the leases of a dead process.
func (s Imports) ForgetRunners(ctx context.Context) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx,
			`UPDATE imports SET owner = '', expires_at = 0 WHERE (state IN ('started', 'importing') OR undoing) AND expires_at <> 0`)
		return err
	})
}
