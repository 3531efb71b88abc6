package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"bellman/internal/contact"
)

// A decision is one about contacts, which may be run several times. Those that name the
// same person act one after another, and the others beside each other: each keeps to
// itself the contacts that it finds and the identities that nobody has. One that does
// what reaches beyond those whom it names acts alone in its workspace.
type decision struct {
	s      Contacts
	look   contact.Lookup
	now    time.Time
	decide func(contact.Snapshot) (contact.Plan, error)
	// with writes what belongs to the contacts of the plan, after these and before what
	// every plan counts in; nil for nothing.
	with func(context.Context, *sql.Tx, contact.Plan) error
	// alone is true when no other decision of the workspace acts beside this one.
	alone bool
}

// errContended ends a transaction because another one has written meanwhile what it
// decides by. It can be tried again.
var errContended = errors.New("store: another transaction has decided about the same contacts")

// stripes is into how many parts the contacts of a workspace are divided for locks.
// PostgreSQL has room for 64 locks of each connection, unless it is told otherwise:
// max_locks_per_transaction.
const stripes = 60

func (s Contacts) decision(
	look contact.Lookup, now time.Time, decide func(contact.Snapshot) (contact.Plan, error),
) *decision {
	alone := s.d.share == nil || look.Sharers || look.Removes || len(look.DeviceKeys)+len(look.FieldKeys) > 0
	return &decision{s: s, look: look, now: now, decide: decide, alone: alone}
}

// run carries the decision out in a transaction, and returns the plan after it was
// written. It fails with errContended when it has to be run again, in another one.
func (d *decision) run(ctx context.Context, tx *sql.Tx) (plan contact.Plan, err error) {
	plan, err = d.once(ctx, tx)
	if errors.Is(err, errContended) {
		d.alone = true
	}
	return plan, err
}

func (d *decision) once(ctx context.Context, tx *sql.Tx) (plan contact.Plan, err error) {
	if d.look.Erases {
		// Before the identities, which an import locks when it has its own row.
		if err := Imports(d.s).pauseImports(ctx, tx, d.look.WorkspaceID); err != nil {
			return plan, err
		}
	}
	if d.alone {
		err = d.s.d.lock(ctx, tx, lockIdentity, d.look.WorkspaceID)
	} else {
		err = d.s.shareIdentities(ctx, tx, d.look.WorkspaceID)
	}
	if err != nil {
		return plan, err
	}
	found, err := d.snapshot(ctx, tx)
	if err != nil {
		return plan, err
	}
	w := newContactWriter(d, found)
	if plan, err = d.decide(found.Snapshot); err != nil {
		return plan, err
	}
	return plan, w.write(ctx, tx, plan)
}

// shareIdentities keeps the contacts of a workspace from being deleted until the
// transaction ends.
func (s *pools) shareIdentities(ctx context.Context, tx *sql.Tx, workspaceID int64) error {
	if s.d.share == nil {
		return nil
	}
	return s.d.share(ctx, tx, lockIdentity, workspaceID)
}

// A snapshot is what a decision is about, with who has the identities that it names.
type snapshot struct {
	contact.Snapshot
	held holders
}

// snapshot loads the contacts and chats that the lookup names.
func (d *decision) snapshot(ctx context.Context, tx *sql.Tx) (found snapshot, err error) {
	if found.held, err = d.hold(ctx, tx); err != nil {
		return found, err
	}
	seen := map[int64]bool{}
	if found.Contacts, err = d.s.named(ctx, tx, d.look, found.held, seen); err != nil {
		return found, err
	}
	if !d.alone && anyDeleted(found.Contacts) {
		return found, errContended
	}
	if err := d.addSharers(ctx, tx, &found, seen); err != nil {
		return found, err
	}
	if d.look.Details {
		if err := d.s.addDetails(ctx, tx, found.Contacts); err != nil {
			return found, err
		}
	}
	return found, d.s.addChatsOf(ctx, tx, d.look, &found.Snapshot)
}

// hold returns who has the identities of the lookup, and keeps the contacts that the
// lookup leads to for the transaction.
func (d *decision) hold(ctx context.Context, tx *sql.Tx) (holders, error) {
	held, err := d.s.holders(ctx, tx, d.look)
	if err != nil || d.alone {
		return held, err
	}
	ids := leadsTo(d.look, held)
	if len(ids) == 0 {
		return held, nil
	}
	if err := d.s.d.lockEach(ctx, tx, stripesOf(d.look.WorkspaceID, ids)); err != nil {
		return held, err
	}
	// Who held one of them until now may have changed whom the identities lead to.
	again, err := d.s.holders(ctx, tx, d.look)
	if err == nil && !again.same(held) {
		err = errContended
	}
	return held, err
}

// stripesOf returns the keys of the stripes in which the contacts are, in their order.
func stripesOf(workspaceID int64, contactIDs []int64) []int64 {
	keys := make([]int64, len(contactIDs))
	for i, id := range contactIDs {
		keys[i] = workspaceID*stripes + id%stripes
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}
