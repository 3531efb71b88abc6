package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"bellman/internal/idempotency"
	"bellman/internal/imports"
)

// Imports keeps imports of contacts with their parts.
type Imports struct{ *pools }

var _ imports.Store = Imports{}

// CreateImport implements [imports.Store].
func (s Imports) CreateImport(ctx context.Context, i imports.Import, parts [][]byte) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		id, err := s.insertImport(ctx, tx, i)
		if err != nil {
			return err
		}
		for n, contacts := range parts {
			if err := addImportPart(ctx, tx, id, imports.Piece{Number: n + 1, Contacts: contacts}); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s Imports) insertImport(ctx context.Context, tx *sql.Tx, i imports.Import) (id int64, err error) {
	task, err := json.Marshal(i.Task)
	if err != nil {
		return 0, err
	}
	author, err := encodeAuthor(i.Author)
	if err != nil {
		return 0, err
	}
	if id, err = s.takeID(ctx, tx, "import_id"); err != nil {
		return 0, err
	}
	idempotency.Record(ctx, i.Session)
	_, err = tx.ExecContext(ctx, `
		INSERT INTO imports (id, workspace_id, session, state, task, link, from_file, due_at, created_at, changed_at,
			author, file_name, size, rows_read)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9, $10, $11, $12, $13)`,
		id, i.WorkspaceID, i.Session, i.State, string(task), i.Link, i.Link != "", i.CreatedAt.UnixMilli(), i.ChangedAt.UnixMilli(),
		author, i.FileName, i.Size, i.RowsRead)
	return id, err
}

const importColumns = `id, workspace_id, session, state, task, link, created, updated, skipped, failed, why, created_at, changed_at,
	author, file_name, size, bytes_read, rows_read, undo`

func scanImport(row scanner) (i imports.Import, err error) {
	var (
		task, author, undo string
		created, changed   int64
	)
	err = row.Scan(&i.ID, &i.WorkspaceID, &i.Session, &i.State, &task, &i.Link,
		&i.Count.Created, &i.Count.Updated, &i.Count.Skipped, &i.Count.Failed, &i.Why, &created, &changed,
		&author, &i.FileName, &i.Size, &i.BytesRead, &i.RowsRead, &undo)
	if err != nil {
		return i, err
	}
	if i.Author, err = decodeAuthor(author); err != nil {
		return i, err
	}
	if i.Undo, err = decodeUndo(undo); err != nil {
		return i, err
	}
	i.CreatedAt, i.ChangedAt = fromMillis(created), fromMillis(changed)
	if err := json.Unmarshal([]byte(task), &i.Task); err != nil {
		return i, fmt.Errorf("store: task of import %d: %w", i.ID, err)
	}
	return i, nil
}

// Import implements [imports.Store].
func (s Imports) Import(ctx context.Context, workspaceID int64, session string) (imports.Import, error) {
	i, err := scanImport(s.read.QueryRowContext(ctx,
		`SELECT `+importColumns+` FROM imports WHERE workspace_id = $1 AND session = $2`, workspaceID, session))
	return i, s.found(err, imports.ErrNotFound)
}

// BeginImport implements [imports.Store].
func (s Imports) BeginImport(ctx context.Context, id int64, now time.Time) (i imports.Import, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx,
			`UPDATE imports SET state = 'importing', changed_at = $2 WHERE id = $1 AND state = 'started'`, id, now.UnixMilli())
		if err != nil {
			return err
		}
		i, err = scanImport(tx.QueryRowContext(ctx, `SELECT `+importColumns+` FROM imports WHERE id = $1`, id))
		return err
	})
	return i, s.found(err, imports.ErrNotFound)
}

// FailImport implements [imports.Store].
func (s Imports) FailImport(ctx context.Context, l imports.Lease, why string, now time.Time) error {
	return s.leased(ctx, l, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `
			UPDATE imports SET state = 'failed', why = $2, link = '', changed_at = $3, owner = '', expires_at = 0 WHERE id = $1`,
			l.ImportID, why, now.UnixMilli())
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE import_parts SET contacts = NULL, people = '',
				lines = CASE WHEN results = '' THEN NULL ELSE lines END
			WHERE import_id = $1`, l.ImportID)
		return err
	})
}

// SweepImports implements [imports.Store].
func (s Imports) SweepImports(ctx context.Context, before time.Time, limit int) (more bool, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, `SELECT id FROM imports WHERE created_at < $1 ORDER BY created_at LIMIT $2`, before.UnixMilli(), limit)
		if err != nil {
			return err
		}
		ids, err := scanAll(rows, func(r *sql.Rows) (id int64, err error) { return id, r.Scan(&id) })
		if err != nil {
			return err
		}
		more = len(ids) == limit
		for _, statement := range []string{`DELETE FROM import_parts WHERE import_id IN `, `DELETE FROM imports WHERE id IN `} {
			if _, err := tx.ExecContext(ctx, statement+s.intsIn("$1"), ints(ids)); err != nil {
				return err
			}
		}
		return nil
	})
	return more, err
}

// EmptyImport implements [imports.Store].
func (s Imports) EmptyImport(ctx context.Context, l imports.Lease) error {
	return s.leased(ctx, l, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx,
			`DELETE FROM import_parts WHERE import_id IN (SELECT id FROM imports WHERE id = $1 AND link <> '')`, l.ImportID)
		return err
	})
}

// AddImportPart implements [imports.Store].
func (s Imports) AddImportPart(ctx context.Context, l imports.Lease, p imports.Piece) error {
	return s.leased(ctx, l, func(tx *sql.Tx) error {
		if err := addImportPart(ctx, tx, l.ImportID, p); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `UPDATE imports SET rows_read = $2, bytes_read = $3 WHERE id = $1`, l.ImportID, p.Rows, p.Bytes)
		return err
	})
}

func addImportPart(ctx context.Context, tx *sql.Tx, id int64, p imports.Piece) error {
	_, err := tx.ExecContext(ctx,
		`INSERT INTO import_parts (import_id, part, contacts, lines) VALUES ($1, $2, $3, $4)`, id, p.Number, p.Contacts, orNothing(p.Lines))
	return err
}

// orNothing stores nil bytes as NULL.
func orNothing(b []byte) any {
	if b == nil {
		return nil
	}
	return b
}

// FinishImportFile implements [imports.Store].
func (s Imports) FinishImportFile(ctx context.Context, l imports.Lease, t imports.Task) error {
	task, err := json.Marshal(t)
	if err != nil {
		return err
	}
	return s.leased(ctx, l, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE imports SET link = '', task = $2 WHERE id = $1`, l.ImportID, string(task))
		return err
	})
}

// NextImportPart implements [imports.Store].
func (s Imports) NextImportPart(ctx context.Context, id int64) (p imports.Part, more bool, err error) {
	err = s.read.QueryRowContext(ctx, `
		SELECT part, contacts, results, events, lines FROM import_parts
		WHERE import_id = $1 AND contacts IS NOT NULL ORDER BY part LIMIT 1`, id).
		Scan(&p.Number, &p.Contacts, &p.Report, &p.Events, &p.Lines)
	if errors.Is(err, sql.ErrNoRows) {
		return p, false, nil
	}
	return p, true, s.d.classify(err)
}

// FinishImportPart implements [imports.Store].
func (s Imports) FinishImportPart(ctx context.Context, l imports.Lease, part int, now time.Time) error {
	return s.leased(ctx, l, func(tx *sql.Tx) error { return finishPart(ctx, tx, l.ImportID, part, now) })
}

func finishPart(ctx context.Context, tx *sql.Tx, id int64, part int, now time.Time) error {
	_, err := tx.ExecContext(ctx, `
		UPDATE import_parts SET contacts = NULL, people = '' WHERE import_id = $1 AND part = $2 AND contacts IS NOT NULL`, id, part)
	if err != nil {
		return err
	}
	return endImport(ctx, tx, id, now)
}

// endImport finishes an import of which no part is left.
func endImport(ctx context.Context, tx *sql.Tx, id int64, now time.Time) error {
	_, err := tx.ExecContext(ctx, `
		UPDATE imports SET state = 'finished', changed_at = $2, owner = '', expires_at = 0
		WHERE id = $1 AND state = 'importing' AND link = ''
		AND NOT EXISTS (SELECT 1 FROM import_parts WHERE import_id = $1 AND contacts IS NOT NULL)`, id, now.UnixMilli())
	return err
}

// ImportReports implements [imports.Store].
func (s Imports) ImportReports(ctx context.Context, id int64) ([][]byte, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT results FROM import_parts WHERE import_id = $1 AND results <> '' ORDER BY part`, id)
	if err != nil {
		return nil, s.d.classify(err)
	}
	all, err := scanAll(rows, func(r *sql.Rows) (text []byte, err error) { return text, r.Scan(&text) })
	return all, s.d.classify(err)
}

// NextImportReport implements [imports.Store].
func (s Imports) NextImportReport(ctx context.Context, id int64, from int) (r imports.Reported, err error) {
	err = s.read.QueryRowContext(ctx, `
		SELECT part, results, lines FROM import_parts
		WHERE import_id = $1 AND part >= $2 AND results <> '' ORDER BY part LIMIT 1`, id, from).
		Scan(&r.Number, &r.Report, &r.Lines)
	if errors.Is(err, sql.ErrNoRows) {
		return imports.Reported{}, nil
	}
	return r, s.d.classify(err)
}

// ImportedPeople implements [imports.Store].
func (s Imports) ImportedPeople(ctx context.Context, id int64, part int) (people []imports.Person, err error) {
	var text string
	err = s.read.QueryRowContext(ctx, `SELECT people FROM import_parts WHERE import_id = $1 AND part = $2`, id, part).Scan(&text)
	if err != nil || text == "" {
		return nil, s.d.classify(err)
	}
	return people, json.Unmarshal([]byte(text), &people)
}
