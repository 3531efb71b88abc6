package store

import (
	"context"
	"database/sql"

	"bellman/internal/erasure"
	"bellman/internal/imports"
)

// This file takes people out of imports.

// eraseParts is how many parts of imports are read at once; each has half a megabyte.
const eraseParts = 8

const remainsColumns = `p.contacts, p.people, p.results, p.events, p.lines, p.made`

func scanRemains(r scanner, before ...any) (of imports.Remains, err error) {
	return of, r.Scan(append(before, &of.Contacts, &of.People, &of.Report, &of.Events, &of.Lines, &of.Made)...)
}

// imports takes the people out of what waits to be imported, where they count as skipped,
// and out of the reports.
func (e *eraser) imports(ctx context.Context) error {
	type part struct{ importID, part int64 }
	var changes []part
	at, err := e.look(ctx, eraseParts, func(r *sql.Rows, at *erasure.Place) error {
		was, err := scanRemains(r, &at.Low, &at.High)
		if err != nil {
			return err
		}
		is, _, err := was.Erase(e.Batch)
		if err == nil && !is.Equal(was) {
			changes = append(changes, part{at.Low, at.High})
		}
		return err
	}, `
		SELECT p.import_id, p.part, `+remainsColumns+` FROM import_parts p
		WHERE (p.import_id, p.part) > ($1, $2) AND p.import_id IN (SELECT id FROM imports WHERE workspace_id = $3)
		ORDER BY p.import_id, p.part LIMIT $4`, e.Low, e.High, e.WorkspaceID, eraseParts)
	if err != nil {
		return err
	}
	return e.write(ctx, func(tx *sql.Tx) (erasure.Place, error) {
		if err := e.s.d.lock(ctx, tx, lockErasures, e.WorkspaceID); err != nil {
			return at, err
		}
		for _, p := range changes {
			if err := e.rewritePart(ctx, tx, p.importID, p.part); err != nil {
				return at, err
			}
		}
		if at.Stage == e.Stage {
			return at, nil
		}
		return at, e.goOn(ctx, tx)
	})
}

// goOn lets the imports of the workspace go on, unless there is somebody else who has to
// be taken out of them. Under the lock nobody comes to it meanwhile.
func (e *eraser) goOn(ctx context.Context, tx *sql.Tx) error {
	rows, err := tx.QueryContext(ctx, `
		SELECT progress FROM erasures WHERE workspace_id = $1 AND done_at = 0 AND contact_id NOT IN `+e.s.intsIn("$2"),
		e.WorkspaceID, ints(e.ids))
	if err != nil {
		return err
	}
	others := false
	err = each(rows, func(r *sql.Rows) error {
		var (
			progress string
			at       erasure.Place
		)
		err := r.Scan(&progress)
		if err == nil {
			err = readPlace(progress, &at)
		}
		others = others || at.Stage == e.Stage
		return err
	})
	if err != nil || others {
		return err
	}
	return Imports(e.s).resumeImports(ctx, tx, e.WorkspaceID)
}

// rewritePart takes the people out of a part. No process works on it, unless its file is
// being fetched.
func (e *eraser) rewritePart(ctx context.Context, tx *sql.Tx, importID, part int64) error {
	if _, err := selectIDs(ctx, tx, `SELECT id FROM imports WHERE id = $1`+e.s.d.forUpdate, importID); err != nil {
		return err
	}
	was, err := scanRemains(tx.QueryRowContext(ctx,
		`SELECT `+remainsColumns+` FROM import_parts p WHERE p.import_id = $1 AND p.part = $2`, importID, part))
	if err != nil {
		return err
	}
	is, waiting, err := was.Erase(e.Batch)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `
		UPDATE import_parts SET contacts = $3, people = $4, results = $5, events = $6, lines = $7, made = $8
		WHERE import_id = $1 AND part = $2`,
		importID, part, orNothing(is.Contacts), is.People, is.Report, is.Events, orNothing(is.Lines), is.Made)
	if err != nil || len(was.Report) > 0 {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE imports SET skipped = skipped + $2 WHERE id = $1`, importID, waiting)
	return err
}
