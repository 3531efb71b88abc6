package store

import (
	"context"
	"database/sql"
	"strconv"

	"bellman/internal/contact"
)

// This file finds pages of contacts.

// Contacts implements [contact.Store].
func (s Contacts) Contacts(ctx context.Context, workspaceID int64, f contact.Filter, span contact.Span) ([]contact.Contact, int64, error) {
	if f != (contact.Filter{}) {
		return s.filtered(ctx, workspaceID, f, span)
	}
	blocks, err := s.livingBlocks(ctx, workspaceID)
	if err != nil {
		return nil, 0, err
	}
	first, skip, total := blocks.place(span.Offset)
	switch {
	case total <= span.Offset:
		return nil, total, nil
	case span.ByID:
		found, err := s.contacts(ctx, `
			SELECT `+contactColumns+` FROM contacts WHERE id IN (
				SELECT id FROM contacts WHERE workspace_id = $1 AND deleted_at = 0 AND id >= $2 ORDER BY id LIMIT $3 OFFSET $4) ORDER BY id`,
			workspaceID, first, span.Limit, skip)
		return found, total, err
	}
	w := where{text: `workspace_id = $1 AND deleted_at = 0`, args: []any{workspaceID}}
	found, err := s.byUpdate(ctx, &w, `updated_at`, span)
	return found, total, err
}

// filtered returns a span of the contacts that pass a filter.
func (s Contacts) filtered(ctx context.Context, workspaceID int64, f contact.Filter, span contact.Span) ([]contact.Contact, int64, error) {
	w := where{text: `workspace_id = $1`, args: []any{workspaceID}}
	if err := s.identified(ctx, workspaceID, f, &w); err != nil {
		return nil, 0, s.d.classify(err)
	}
	// Few contacts share an identity, so that sorting them costs nothing. The sums
	// keep a planner from reading the index for the order, or that of the living
	// contacts, instead. Of a name there may be many, whom its index has in order.
	updated, living := `updated_at + 0`, ` AND deleted_at + 0 = 0`
	if len(w.args) == 1 {
		updated, living = `updated_at`, ` AND deleted_at = 0`
	}
	w.text += living
	w.name("first_key", f.FirstName)
	w.name("last_key", f.LastName)
	var total int64
	err := s.read.QueryRowContext(ctx, `SELECT COUNT(*) FROM contacts WHERE `+w.text, w.args...).Scan(&total)
	if err != nil || total <= span.Offset {
		return nil, total, s.d.classify(err)
	}
	found, err := s.byUpdate(ctx, &w, updated, span)
	return found, total, err
}

// identified requires the identities that the filter names. The contacts that have the
// first of them are found by it.
func (s Contacts) identified(ctx context.Context, workspaceID int64, f contact.Filter, w *where) error {
	wanted := identitiesOf(&contact.Contact{Identity: contact.Identity{
		ExternalCustomerID: f.ExternalCustomerID, Phone: f.Phone, Email: f.Email,
	}})
	for _, i := range wanted {
		ids, err := selectIDs(ctx, s.read,
			`SELECT contact_id FROM identities WHERE workspace_id = $1 AND kind = $2 AND value = $3`, workspaceID, i.kind, i.value)
		if err != nil {
			return err
		}
		w.text += ` AND id` + s.d.among(s.intsIn(w.arg(ints(ids))))
	}
	return nil
}

// byUpdate returns a span of the contacts that meet the condition, in the order of
// the column with the time of their update.
func (s Contacts) byUpdate(ctx context.Context, w *where, updated string, span contact.Span) ([]contact.Contact, error) {
	if span.After != (contact.Position{}) {
		w.text += ` AND (` + updated + `, id) > (` + w.arg(millis(span.After.UpdatedAt)) + `, ` + w.arg(span.After.ID) + `)`
	}
	page := `SELECT id FROM contacts WHERE ` + w.text + `
		ORDER BY ` + updated + `, id LIMIT ` + w.arg(span.Limit) + ` OFFSET ` + w.arg(span.Offset)
	return s.contacts(ctx, `SELECT `+contactColumns+` FROM contacts WHERE id IN (`+page+`) ORDER BY updated_at + 0, id`, w.args...)
}

// where is a condition that is built step by step, with its arguments.
type where struct {
	text string
	args []any
}

// arg adds an argument and returns its placeholder.
func (w *where) arg(value any) string {
	w.args = append(w.args, value)
	return "$" + strconv.Itoa(len(w.args))
}

// equal requires a value unless it is empty.
func (w *where) equal(column, value string) {
	if value != "" {
		w.text += ` AND ` + column + ` = ` + w.arg(value)
	}
}

// name requires a name, ignoring case, unless it is empty. The condition repeats
// that of the index: a planner uses a partial index only for a query that does.
func (w *where) name(column, value string) {
	if key := contact.Fold(value); key != "" {
		w.text += ` AND ` + column + ` <> '' AND ` + column + ` = ` + w.arg(key)
	}
}

// livingBlocks returns the blocks of the workspace's contacts, in the order of ids.
func (s Contacts) livingBlocks(ctx context.Context, workspaceID int64) (blocks, error) {
	rows, err := s.read.QueryContext(ctx,
		`SELECT block, living FROM contact_blocks WHERE workspace_id = $1 ORDER BY block`, workspaceID)
	if err != nil {
		return nil, s.d.classify(err)
	}
	all, err := scanAll(rows, func(r *sql.Rows) (b block, err error) {
		err = r.Scan(&b.first, &b.held)
		b.first <<= contactBlockBits
		return b, err
	})
	return all, s.d.classify(err)
}

// Subscribed implements [contact.Store].
func (s Contacts) Subscribed(ctx context.Context, workspaceID int64) (map[string]int64, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT subscriptions, COUNT(*) FROM contacts
		WHERE workspace_id = $1 AND subscriptions <> '' AND deleted_at = 0 GROUP BY subscriptions`, workspaceID)
	if err != nil {
		return nil, s.d.classify(err)
	}
	sets, err := scanIDs(rows)
	return sets, s.d.classify(err)
}
