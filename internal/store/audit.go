package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"bellman/internal/audit"
)

// Audit keeps the audit log. Its lines are appended by [pools.tx].
type Audit struct{ *pools }

var _ audit.Store = Audit{}

const auditColumns = `id, workspace_id, at, actor_kind, actor_id, actor, address, act, subject, outcome, before_it, after_it,
	previous, hash`

// appendLine appends the line that is due, if there is one. The lock on the chain's head,
// for which every other act waits, is taken here and held until the commit, which comes
// next: whoever has it waits for nobody.
func appendLine(ctx context.Context, tx *sql.Tx, d *audit.Draft) error {
	e, due := d.Due()
	if !due {
		return nil
	}
	err := tx.QueryRowContext(ctx, `UPDATE audit_head SET last_id = last_id + 1 WHERE id = 1 RETURNING last_id, last_hash`).
		Scan(&e.ID, &e.Previous)
	if err != nil {
		return fmt.Errorf("store: append to the audit log: %w", err)
	}
	e.Hash = e.Sum()
	_, err = tx.ExecContext(ctx, `
		INSERT INTO audit (`+auditColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
		e.ID, e.WorkspaceID, e.At.UnixMilli(), string(e.Actor.Kind), e.Actor.ID, e.Actor.Name, e.Address, e.Act, e.Subject, e.Outcome,
		e.Before, e.After, e.Previous, e.Hash)
	if err != nil {
		return fmt.Errorf("store: append to the audit log: %w", err)
	}
	_, err = tx.ExecContext(ctx, `UPDATE audit_head SET last_hash = $1 WHERE id = 1`, e.Hash)
	return err
}

func scanLine(r *sql.Rows) (e audit.Entry, err error) {
	var at int64
	err = r.Scan(&e.ID, &e.WorkspaceID, &at, &e.Actor.Kind, &e.Actor.ID, &e.Actor.Name, &e.Address, &e.Act, &e.Subject, &e.Outcome,
		&e.Before, &e.After, &e.Previous, &e.Hash)
	e.At = fromMillis(at)
	return e, err
}

// Tell implements [audit.Store].
func (s Audit) Tell(ctx context.Context) error {
	return s.tx(ctx, func(*sql.Tx) error { return nil })
}

// Lines implements [audit.Store].
func (s Audit) Lines(ctx context.Context, f audit.Filter) ([]audit.Entry, error) {
	where, args := []string{"workspace_id = $1", "id < $2"}, []any{f.WorkspaceID, f.Before}
	and := func(condition string, value any) {
		args = append(args, value)
		where = append(where, fmt.Sprintf(condition, len(args)))
	}
	if f.Actor.Kind != "" {
		and("actor_kind = $%d", string(f.Actor.Kind))
		and("actor_id = $%d", f.Actor.ID)
	}
	for _, by := range []struct{ column, text string }{{"act", f.Act}, {"subject", f.Subject}, {"outcome", f.Outcome}} {
		if by.text != "" {
			and(by.column+" = $%d", by.text)
		}
	}
	if !f.Since.IsZero() {
		and("at >= $%d", f.Since.UnixMilli())
	}
	if !f.Until.IsZero() {
		and("at < $%d", f.Until.UnixMilli())
	}
	args = append(args, f.Limit)
	return s.lines(ctx, `SELECT `+auditColumns+` FROM audit WHERE `+strings.Join(where, " AND ")+
		fmt.Sprintf(` ORDER BY id DESC LIMIT $%d`, len(args)), args...)
}

func (s Audit) lines(ctx context.Context, query string, args ...any) ([]audit.Entry, error) {
	rows, err := s.read.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, s.d.classify(err)
	}
	return scanAll(rows, scanLine)
}

// Head implements [audit.Store].
func (s Audit) Head(ctx context.Context) (audit.Head, error) {
	h, err := auditHead(ctx, s.read, "")
	return h, s.d.classify(err)
}

func auditHead(ctx context.Context, q queryer, lock string) (h audit.Head, err error) {
	err = q.QueryRowContext(ctx, `SELECT first_id, first_previous, last_id, last_hash FROM audit_head WHERE id = 1`+lock).
		Scan(&h.FirstID, &h.Before, &h.LastID, &h.LastHash)
	return h, err
}

// Chain implements [audit.Store].
func (s Audit) Chain(ctx context.Context, from int64, limit int) ([]audit.Entry, error) {
	return s.lines(ctx, chainQuery, from, limit)
}

const chainQuery = `SELECT ` + auditColumns + ` FROM audit WHERE id >= $1 ORDER BY id LIMIT $2`
