package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"bellman/internal/contact"
	"bellman/internal/event"
	"bellman/internal/imports"
)

// ImportContacts implements [imports.Store].
func (s Imports) ImportContacts(l imports.Lease, part int, result func(contact.Plan) (imports.Result, error)) contact.Store {
	return importContacts{Contacts(s), s, l, part, result}
}

// importContacts writes the results of a part of an import together with its
// contacts.
type importContacts struct {
	contact.Store
	imports Imports
	lease   imports.Lease
	part    int
	result  func(contact.Plan) (imports.Result, error)
}

// Decide implements [contact.Store].
func (i importContacts) Decide(
	ctx context.Context, look contact.Lookup, now time.Time, decide func(contact.Snapshot) (contact.Plan, error),
) error {
	d := Contacts{i.imports.pools}.decision(look, now, decide)
	d.with = func(ctx context.Context, tx *sql.Tx, plan contact.Plan) error {
		result, err := i.result(plan)
		if err != nil {
			return err
		}
		if err := i.write(ctx, tx, result, now); err != nil {
			return err
		}
		return i.moveBetweenGroups(ctx, tx, look.WorkspaceID, result, len(plan.Create), now)
	}
	return i.imports.leased(ctx, i.lease, func(tx *sql.Tx) error {
		_, err := d.run(ctx, tx)
		return err
	})
}

// moveBetweenGroups needs no look at the contacts: they are those of the transaction,
// which shares the identity lock at least. So many of them are new.
func (i importContacts) moveBetweenGroups(
	ctx context.Context, tx *sql.Tx, workspaceID int64, r imports.Result, created int, now time.Time,
) error {
	if len(r.ContactIDs) == 0 || len(r.Join)+len(r.Leave) == 0 {
		return nil
	}
	groups := Groups{i.imports.pools}
	join, _, err := groups.ensure(ctx, tx, workspaceID, r.Join, now)
	if err != nil {
		return err
	}
	leave, err := groups.groupIDs(ctx, tx, workspaceID, groupKeys(r.Leave))
	if err != nil {
		return err
	}
	// Several names may be those of one group.
	slices.Sort(join)
	join = slices.Compact(join)
	left := slices.Collect(maps.Values(leave))
	// Those who only join need not wait for each other.
	lock := i.imports.d.forShare
	if len(left) > 0 {
		lock = i.imports.d.forUpdate
	}
	if err := groups.lockGroups(ctx, tx, workspaceID, slices.Concat(join, left), lock); err != nil {
		return err
	}
	if created == len(r.ContactIDs) {
		err = groups.attachNew(ctx, tx, join, r.ContactIDs, now)
	} else {
		_, err = groups.attach(ctx, tx, join, r.ContactIDs, now)
	}
	if err != nil {
		return err
	}
	_, err = groups.detach(ctx, tx, left, r.ContactIDs)
	return err
}

func (i importContacts) write(ctx context.Context, tx *sql.Tx, r imports.Result, now time.Time) error {
	people, err := json.Marshal(r.People)
	if err != nil {
		return err
	}
	contacts := ""
	if r.Done {
		contacts = ", contacts = NULL"
	}
	written, err := tx.ExecContext(ctx, `
		UPDATE import_parts SET people = $3, results = $4`+contacts+`
		WHERE import_id = $1 AND part = $2 AND results = '' AND contacts IS NOT NULL`,
		i.lease.ImportID, i.part, string(people), string(r.Report))
	if err != nil {
		return err
	}
	if err := onePart(written, i.lease.ImportID, i.part); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `
		UPDATE imports SET created = created + $2, updated = updated + $3, skipped = skipped + $4, failed = failed + $5 WHERE id = $1`,
		i.lease.ImportID, r.Count.Created, r.Count.Updated, r.Count.Skipped, r.Count.Failed)
	if err != nil || !r.Done {
		return err
	}
	return endImport(ctx, tx, i.lease.ImportID, now)
}

// ImportEvents implements [imports.Store].
func (s Imports) ImportEvents(l imports.Lease, part, before, all int) event.Store {
	return importEvents{Events(s), s, l, part, before, all}
}

// importEvents counts the events of a part of an import.
type importEvents struct {
	event.Store
	imports           Imports
	lease             imports.Lease
	part, before, all int
}

var errPartWritten = errors.New("store: this part of the import was written already")

// onePart returns an error unless the part was still in the state that the update
// required.
func onePart(updated sql.Result, id int64, part int) error {
	n, err := updated.RowsAffected()
	if err == nil && n == 0 {
		err = fmt.Errorf("%w: import %d, part %d", errPartWritten, id, part)
	}
	return err
}

// AppendEvents implements [event.Store].
func (i importEvents) AppendEvents(ctx context.Context, workspaceID int64, events []event.Event, now time.Time) (ids []int64, err error) {
	err = i.imports.leased(ctx, i.lease, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx,
			`UPDATE import_parts SET events = $4 WHERE import_id = $1 AND part = $2 AND events = $3 AND contacts IS NOT NULL`,
			i.lease.ImportID, i.part, i.before, i.before+len(events))
		if err != nil {
			return err
		}
		if err := onePart(result, i.lease.ImportID, i.part); err != nil {
			return err
		}
		ids, err = Events{i.imports.pools}.appendEvents(ctx, tx, workspaceID, events, now)
		if err != nil || i.before+len(events) < i.all {
			return err
		}
		return finishPart(ctx, tx, i.lease.ImportID, i.part, now)
	})
	return ids, err
}
