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
	// A run that is repeated begins with what is there then.
	var before map[int64]time.Time
	d := Contacts{i.imports.pools}.decision(look, now, func(snap contact.Snapshot) (contact.Plan, error) {
		before = make(map[int64]time.Time, len(snap.Contacts))
		for _, c := range snap.Contacts {
			before[c.ID] = c.UpdatedAt
		}
		return decide(snap)
	})
	d.with = func(ctx context.Context, tx *sql.Tx, plan contact.Plan) error {
		result, err := i.result(plan)
		if err != nil {
			return err
		}
		made := madeBy(plan, before, result.Since, now)
		if err := i.moveBetweenGroups(ctx, tx, look.WorkspaceID, result, &made, now); err != nil {
			return err
		}
		return i.write(ctx, tx, result, made, now)
	}
	return i.imports.leased(ctx, i.lease, func(tx *sql.Tx) error {
		_, err := d.run(ctx, tx)
		return err
	})
}

// madeBy returns what an undo has to know of a plan. before is when its contacts were
// changed last.
func madeBy(plan contact.Plan, before map[int64]time.Time, since, now time.Time) imports.Made {
	m := imports.Made{At: now.UnixMilli()}
	for _, c := range plan.Create {
		m.Created.Add(c.ID)
	}
	for _, c := range plan.Update {
		if !c.CreatedAt.Before(since) {
			m.Again = append(m.Again, imports.Again{ContactID: c.ID, Before: before[c.ID].UnixMilli()})
		}
	}
	return m
}

// moveBetweenGroups needs no look at the contacts: they are those of the transaction,
// which shares the identity lock at least. So many of them are new.
func (i importContacts) moveBetweenGroups(
	ctx context.Context, tx *sql.Tx, workspaceID int64, r imports.Result, made *imports.Made, now time.Time,
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
	if err := i.join(ctx, tx, join, r, made, now); err != nil {
		return err
	}
	_, err = groups.detach(ctx, tx, left, r.ContactIDs)
	return err
}

// join adds contacts to groups, and notes who was in none of them before.
func (i importContacts) join(
	ctx context.Context, tx *sql.Tx, groupIDs []int64, r imports.Result, made *imports.Made, now time.Time,
) error {
	groups := Groups{i.imports.pools}
	if made.Created.Len() == len(r.ContactIDs) {
		for _, id := range groupIDs {
			made.Joined = append(made.Joined, imports.Joined{GroupID: id, ContactIDs: made.Created})
		}
		return groups.attachNew(ctx, tx, groupIDs, r.ContactIDs, now)
	}
	joined := map[int64][]int64{}
	_, err := groups.attachTold(ctx, tx, groupIDs, r.ContactIDs, now, func(groupID, contactID int64) {
		joined[groupID] = append(joined[groupID], contactID)
	})
	for _, id := range slices.Sorted(maps.Keys(joined)) {
		made.Joined = append(made.Joined, imports.Joined{GroupID: id, ContactIDs: imports.RunsOf(joined[id])})
	}
	return err
}

func (i importContacts) write(ctx context.Context, tx *sql.Tx, r imports.Result, m imports.Made, now time.Time) error {
	people, err := json.Marshal(r.People)
	if err != nil {
		return err
	}
	made, err := json.Marshal(m)
	if err != nil {
		return err
	}
	contacts := ""
	if r.Done {
		contacts = ", contacts = NULL"
	}
	written, err := tx.ExecContext(ctx, `
		UPDATE import_parts SET people = $3, results = $4, lines = $5, made = $6`+contacts+`
		WHERE import_id = $1 AND part = $2 AND results = '' AND contacts IS NOT NULL`,
		i.lease.ImportID, i.part, string(people), string(r.Report), orNothing(r.Lines), string(made))
	if err != nil {
		return err
	}
	if err := onePart(written, i.lease.ImportID, i.part); err != nil {
		return err
	}
	if err := countImport(ctx, tx, i.lease.ImportID, r.Count); err != nil || !r.Done {
		return err
	}
	return endImport(ctx, tx, i.lease.ImportID, now)
}

// countImport adds to the counts of an import.
func countImport(ctx context.Context, tx *sql.Tx, id int64, c imports.Count) error {
	_, err := tx.ExecContext(ctx, `
		UPDATE imports SET created = created + $2, updated = updated + $3, skipped = skipped + $4, failed = failed + $5 WHERE id = $1`,
		id, c.Created, c.Updated, c.Skipped, c.Failed)
	return err
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
