package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"bellman/internal/contact"
	"bellman/internal/imports"
)

// This file takes imports back, part by part.

func encodeUndo(u imports.Undo) (string, error) {
	text, err := json.Marshal(u)
	return string(text), err
}

func decodeUndo(text string) (*imports.Undo, error) {
	if text == "" {
		return nil, nil
	}
	var u imports.Undo
	if err := json.Unmarshal([]byte(text), &u); err != nil {
		return nil, fmt.Errorf("store: undo %q: %w", text, err)
	}
	return &u, nil
}

// AskUndo implements [imports.UndoStore].
func (s Imports) AskUndo(
	ctx context.Context, workspaceID int64, session string, now time.Time, ask func(imports.Import) (imports.Undo, error),
) (i imports.Import, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
		i, err = scanImport(tx.QueryRowContext(ctx,
			`SELECT `+importColumns+` FROM imports WHERE workspace_id = $1 AND session = $2`+s.d.forUpdate, workspaceID, session))
		if err != nil {
			return err
		}
		if i.Undo != nil && !i.Undo.Done {
			return nil
		}
		u, err := ask(i)
		if err != nil {
			return err
		}
		text, err := encodeUndo(u)
		if err != nil {
			return err
		}
		i.Undo = &u
		_, err = tx.ExecContext(ctx, `
			UPDATE imports SET undo = $2, undoing = TRUE, attempts = 0, due_at = $3, owner = '', expires_at = 0 WHERE id = $1`,
			i.ID, text, now.UnixMilli())
		return err
	})
	return i, s.found(err, imports.ErrNotFound)
}

// undoDue renders the imports that are to be taken back and that nobody leases; see
// importDue.
func (s Imports) undoDue() string {
	return `undoing AND (due_at <= $1 OR due_at > $1 + ` + strconv.FormatInt(imports.MostDelay.Milliseconds(), 10) +
		`) AND expires_at <= ` + s.d.nowMillis
}

// TakeUndos implements [imports.UndoStore]. As long as nothing is due, it writes nothing.
func (s Imports) TakeUndos(
	ctx context.Context, owner string, now time.Time, ttl time.Duration, limit int,
) (taken []imports.Lease, err error) {
	var due bool
	err = s.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM imports WHERE `+s.undoDue()+`)`, now.UnixMilli()).Scan(&due)
	if err != nil || !due {
		return nil, s.d.classify(err)
	}
	err = s.tx(ctx, func(tx *sql.Tx) error {
		ids, err := selectIDs(ctx, tx,
			`SELECT id FROM imports WHERE `+s.undoDue()+` ORDER BY due_at, id LIMIT $2`+s.d.forUpdate, now.UnixMilli(), limit)
		if err != nil || len(ids) == 0 {
			return err
		}
		taken, err = s.lease(ctx, tx, owner, ttl, ids)
		for n := range taken {
			taken[n].Undo = true
		}
		return err
	})
	return taken, err
}

// NextMade implements [imports.UndoStore].
func (s Imports) NextMade(ctx context.Context, id int64, after int) (part int, m imports.Made, err error) {
	var text string
	err = s.read.QueryRowContext(ctx, `
		SELECT part, made FROM import_parts WHERE import_id = $1 AND part > $2 AND made <> '' ORDER BY part LIMIT 1`, id, after).
		Scan(&part, &text)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, m, nil
	}
	if err != nil {
		return 0, m, s.d.classify(err)
	}
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		return 0, m, fmt.Errorf("store: what part %d of import %d has made: %w", part, id, err)
	}
	return part, m, nil
}

// UndoPart implements [imports.UndoStore].
func (s Imports) UndoPart(
	ctx context.Context, l imports.Lease, i imports.Import, m imports.Made, now time.Time,
	remove func([]imports.Standing) []*contact.Contact, undone func(left int) imports.Undo,
) error {
	return s.leased(ctx, l, func(tx *sql.Tx) error {
		look := contact.Lookup{WorkspaceID: i.WorkspaceID, ContactIDs: m.Created.IDs(), Removes: true}
		d := Contacts(s).decision(look, now, func(snap contact.Snapshot) (plan contact.Plan, err error) {
			all, err := s.standings(ctx, tx, i, m, snap.Contacts)
			plan.Remove = remove(all)
			return plan, err
		})
		d.with = func(ctx context.Context, tx *sql.Tx, plan contact.Plan) error {
			left, err := s.leaveJoined(ctx, tx, i.WorkspaceID, m, idsOf(plan.Remove))
			if err != nil {
				return err
			}
			// Those who are gone have no other events than the import's own.
			if err := s.forgetEvents(ctx, tx, i.WorkspaceID, idsOf(plan.Remove)); err != nil {
				return err
			}
			text, err := encodeUndo(undone(left))
			if err != nil {
				return err
			}
			_, err = tx.ExecContext(ctx, `UPDATE imports SET undo = $2 WHERE id = $1`, l.ImportID, text)
			return err
		}
		_, err := d.run(ctx, tx)
		return err
	})
}

// standings returns what there is of contacts that an import has made.
func (s Imports) standings(
	ctx context.Context, tx *sql.Tx, i imports.Import, m imports.Made, contacts []contact.Contact,
) ([]imports.Standing, error) {
	all := make([]imports.Standing, len(contacts))
	ids := make([]int64, len(contacts))
	place := make(map[int64]*imports.Standing, len(contacts))
	for n, c := range contacts {
		all[n].Contact, ids[n], place[c.ID] = c, c.ID, &all[n]
	}
	var joined []int64
	for _, j := range m.Joined {
		joined = append(joined, j.GroupID)
	}
	for _, of := range []struct {
		found func(*imports.Standing)
		query string
		args  []any
	}{
		{func(st *imports.Standing) { st.Chat = true }, `
			SELECT contact_id FROM chats WHERE contact_id` + s.d.among(s.intsIn("$1")) + `
			UNION SELECT contact_id FROM kept_chats WHERE contact_id` + s.d.among(s.intsIn("$1")), []any{ints(ids)}},
		{func(st *imports.Standing) { st.Group = true }, `
			SELECT contact_id FROM members WHERE contact_id` + s.d.among(s.intsIn("$1")) + ` AND group_id NOT IN ` + s.intsIn("$2"),
			[]any{ints(ids), ints(joined)}},
		{func(st *imports.Standing) { st.Event = true }, `
			SELECT e.contact_id FROM events e JOIN event_types t ON t.id = e.type_id
			WHERE e.workspace_id = $1 AND e.contact_id IS NOT NULL AND e.contact_id` + s.d.among(s.intsIn("$2")) + `
			GROUP BY e.contact_id HAVING COUNT(*) > 1 OR MIN(t.key) <> $3`, []any{i.WorkspaceID, ints(ids), i.Task.EventType}},
	} {
		found, err := selectIDs(ctx, tx, of.query, of.args...)
		if err != nil {
			return nil, err
		}
		for _, id := range found {
			of.found(place[id])
		}
	}
	return all, nil
}

// leaveJoined takes contacts out of the groups that a part has put them into, but for those
// who are gone, and returns how many memberships are gone with that. Groups that were deleted
// meanwhile have no members.
func (s Imports) leaveJoined(ctx context.Context, tx *sql.Tx, workspaceID int64, m imports.Made, gone []int64) (left int, err error) {
	groups := Groups(s)
	slices.Sort(gone)
	var groupIDs []int64
	for _, j := range m.Joined {
		groupIDs = append(groupIDs, j.GroupID)
	}
	if len(groupIDs) == 0 {
		return 0, nil
	}
	missing, err := groups.missingGroups(ctx, tx, workspaceID, groupIDs, s.d.forUpdate)
	if err != nil {
		return 0, err
	}
	for _, j := range m.Joined {
		if slices.Contains(missing, j.GroupID) {
			continue
		}
		stayed := slices.DeleteFunc(j.ContactIDs.IDs(), func(id int64) bool {
			_, is := slices.BinarySearch(gone, id)
			return is
		})
		if len(stayed) == 0 {
			continue
		}
		n, err := groups.detach(ctx, tx, []int64{j.GroupID}, stayed)
		if err != nil {
			return 0, err
		}
		left += n
	}
	return left, nil
}

// forgetEvents removes the events of contacts that are gone.
func (s Imports) forgetEvents(ctx context.Context, tx *sql.Tx, workspaceID int64, gone []int64) error {
	if len(gone) == 0 {
		return nil
	}
	_, err := tx.ExecContext(ctx, `
		DELETE FROM events WHERE workspace_id = $1 AND contact_id IS NOT NULL AND contact_id`+s.d.among(s.intsIn("$2")),
		workspaceID, ints(gone))
	return err
}

// EndUndo implements [imports.UndoStore].
func (s Imports) EndUndo(ctx context.Context, l imports.Lease, u imports.Undo) error {
	text, err := encodeUndo(u)
	if err != nil {
		return err
	}
	return s.leased(ctx, l, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx,
			`UPDATE imports SET undo = $2, undoing = FALSE, owner = '', expires_at = 0 WHERE id = $1`, l.ImportID, text)
		return err
	})
}
