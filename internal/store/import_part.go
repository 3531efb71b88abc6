package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"bellman/internal/contact"
	"bellman/internal/event"
	"bellman/internal/imports"
)

// ImportContacts implements [imports.Store].
func (s Imports) ImportContacts(id int64, part int) contact.Store {
	contacts := Contacts{s.pools}
	return importContacts{contacts, contacts, id, part}
}

// importContacts notes whom a part of an import creates.
type importContacts struct {
	contact.Store
	contacts Contacts
	id       int64
	part     int
}

// Decide implements [contact.Store].
func (i importContacts) Decide(
	ctx context.Context, look contact.Lookup, now time.Time, decide func(contact.Snapshot) (contact.Plan, error),
) error {
	return i.contacts.tx(ctx, func(tx *sql.Tx) error {
		if err := i.contacts.d.lock(ctx, tx, lockIdentity, look.WorkspaceID); err != nil {
			return err
		}
		snap, err := i.contacts.snapshot(ctx, tx, look)
		if err != nil {
			return err
		}
		w := newContactWriter(i.contacts, look, snap)
		plan, err := decide(snap)
		if err != nil {
			return err
		}
		if err := w.write(ctx, tx, plan, now); err != nil {
			return err
		}
		return i.note(ctx, tx, plan.Create)
	})
}

// note adds to the people of the part. Some may be there from an earlier attempt;
// ids grow, so the order stays theirs.
func (i importContacts) note(ctx context.Context, tx *sql.Tx, created []*contact.Contact) error {
	if len(created) == 0 {
		return nil
	}
	people, err := importedPeople(ctx, tx, i.id, i.part)
	if err != nil {
		return err
	}
	for _, c := range created {
		people = append(people, imports.Person{ContactID: c.ID, Email: c.Email, Phone: c.Phone})
	}
	text, err := json.Marshal(people)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE import_parts SET people = $3 WHERE import_id = $1 AND part = $2`, i.id, i.part, string(text))
	return err
}

// ImportEvents implements [imports.Store].
func (s Imports) ImportEvents(id int64, part, before int) event.Store {
	events := Events{s.pools}
	return importEvents{events, events, id, part, before}
}

// importEvents counts the events of a part of an import.
type importEvents struct {
	event.Store
	events       Events
	id           int64
	part, before int
}

var errImportElsewhere = errors.New("store: another process works on this part of the import")

// AppendEvents implements [event.Store].
func (i importEvents) AppendEvents(ctx context.Context, workspaceID int64, events []event.Event, now time.Time) (ids []int64, err error) {
	err = i.events.tx(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx,
			`UPDATE import_parts SET events = $4 WHERE import_id = $1 AND part = $2 AND events = $3 AND contacts IS NOT NULL`,
			i.id, i.part, i.before, i.before+len(events))
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		if err != nil {
			return err
		}
		if n == 0 {
			return fmt.Errorf("%w: import %d, part %d", errImportElsewhere, i.id, i.part)
		}
		ids, err = i.events.appendEvents(ctx, tx, workspaceID, events, now)
		return err
	})
	return ids, err
}
