package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"bellman/internal/contact"
	"bellman/internal/imports"
)

// importStates renders a condition on states: $2 is a list of them, and empty for all.
func (s Imports) importStates(n int) string {
	if n == 0 {
		return `$2 = '[]'`
	}
	return `state IN ` + s.textsIn("$2")
}

func stateTexts(states []imports.State) string {
	all := make([]string, len(states))
	for i, state := range states {
		all[i] = string(state)
	}
	return texts(all)
}

// Imports implements [imports.ListStore].
func (s Imports) Imports(ctx context.Context, workspaceID int64, f imports.ListFilter) ([]imports.Import, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT `+importColumns+` FROM imports WHERE workspace_id = $1 AND id < $3 AND `+s.importStates(len(f.States))+`
		ORDER BY id DESC LIMIT $4`, workspaceID, stateTexts(f.States), f.Before, f.Limit)
	if err != nil {
		return nil, s.d.classify(err)
	}
	all, err := scanAll(rows, func(r *sql.Rows) (imports.Import, error) { return scanImport(r) })
	return all, s.d.classify(err)
}

// CountImports implements [imports.ListStore].
func (s Imports) CountImports(ctx context.Context, workspaceID int64, states []imports.State, most int) (n int64, err error) {
	err = s.read.QueryRowContext(ctx, `
		SELECT COUNT(*) FROM (SELECT 1 FROM imports WHERE workspace_id = $1 AND `+s.importStates(len(states))+` LIMIT $3) AS counted`,
		workspaceID, stateTexts(states), most).Scan(&n)
	return n, s.d.classify(err)
}

// ImportByID implements [imports.UndoStore].
func (s Imports) ImportByID(ctx context.Context, id int64) (imports.Import, error) {
	i, err := scanImport(s.read.QueryRowContext(ctx, `SELECT `+importColumns+` FROM imports WHERE id = $1`, id))
	return i, s.found(err, imports.ErrNotFound)
}

// UnwrittenContacts implements [imports.DryStore].
func (s Imports) UnwrittenContacts() contact.Store { return unwritten{Contacts(s), Contacts(s)} }

// unwritten are contacts on which decisions are taken that are not written.
type unwritten struct {
	contact.Store
	contacts Contacts
}

// Decide implements [contact.Store].
func (u unwritten) Decide(
	ctx context.Context, look contact.Lookup, now time.Time, decide func(contact.Snapshot) (contact.Plan, error),
) (err error) {
	s := u.contacts
	ctx, end := s.limit.begin(ctx)
	defer func() { end(err) }()
	tx, err := s.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return s.d.classify(err)
	}
	// Nothing was written.
	defer func() { err = s.d.classify(errors.Join(err, tx.Rollback())) }()
	d := s.decision(look, now, decide)
	// It needs nobody to wait.
	d.alone = true
	found, err := d.snapshot(ctx, tx)
	if err != nil {
		return err
	}
	_, err = decide(found.Snapshot)
	return err
}

// PartAfter implements [imports.DryStore].
func (s Imports) PartAfter(ctx context.Context, id int64, after int) (p imports.Part, more bool, err error) {
	err = s.read.QueryRowContext(ctx, `
		SELECT part, contacts, results, lines FROM import_parts
		WHERE import_id = $1 AND part > $2 AND contacts IS NOT NULL ORDER BY part LIMIT 1`, id, after).
		Scan(&p.Number, &p.Contacts, &p.Report, &p.Lines)
	if errors.Is(err, sql.ErrNoRows) {
		return p, false, nil
	}
	return p, true, s.d.classify(err)
}

// ReportDryPart implements [imports.DryStore].
func (s Imports) ReportDryPart(ctx context.Context, l imports.Lease, part int, r imports.Result) error {
	return s.leased(ctx, l, func(tx *sql.Tx) error {
		written, err := tx.ExecContext(ctx, `
			UPDATE import_parts SET results = $3, lines = $4 WHERE import_id = $1 AND part = $2 AND results = '' AND contacts IS NOT NULL`,
			l.ImportID, part, string(r.Report), orNothing(r.Lines))
		if err != nil {
			return err
		}
		if err := onePart(written, l.ImportID, part); err != nil {
			return err
		}
		return countImport(ctx, tx, l.ImportID, r.Count)
	})
}

// FinishDry implements [imports.DryStore].
func (s Imports) FinishDry(ctx context.Context, l imports.Lease, t imports.Task, now time.Time) error {
	task, err := json.Marshal(t)
	if err != nil {
		return err
	}
	return s.leased(ctx, l, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `UPDATE import_parts SET contacts = NULL WHERE import_id = $1`, l.ImportID); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `
			UPDATE imports SET state = 'finished', task = $2, changed_at = $3, owner = '', expires_at = 0 WHERE id = $1`,
			l.ImportID, string(task), now.UnixMilli())
		return err
	})
}
