package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"math"
	"slices"
	"time"

	"bellman/internal/audience"
	"bellman/internal/audit"
	"bellman/internal/contact"
)

// blockSize is how many contact ids make a block of member_blocks.
const blockSize = 1024

// Attach implements [audience.Store]. It shares the identity lock because contacts may
// be deleted at the same time: a deletion holds it alone.
func (s Groups) Attach(
	ctx context.Context, workspaceID int64, groupIDs, contactIDs []int64, now time.Time,
) (out audience.Change, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
		if err := s.shareIdentities(ctx, tx, workspaceID); err != nil {
			return err
		}
		known, err := s.changing(ctx, tx, workspaceID, groupIDs, contactIDs, &out)
		if err != nil {
			return err
		}
		out.Changed, err = s.attach(ctx, tx, groupIDs, known, now)
		if out.Changed == 0 {
			audit.Idle(ctx)
		}
		return err
	})
	return out, err
}

// attach adds contacts that exist to groups, which are locked, and returns how many
// memberships are new.
func (s Groups) attach(ctx context.Context, tx *sql.Tx, groupIDs, contactIDs []int64, now time.Time) (int, error) {
	return s.attachTold(ctx, tx, groupIDs, contactIDs, now, func(int64, int64) {})
}

// attachTold is attach that tells each membership that is new.
func (s Groups) attachTold(
	ctx context.Context, tx *sql.Tx, groupIDs, contactIDs []int64, now time.Time, tell func(groupID, contactID int64),
) (int, error) {
	if len(groupIDs) == 0 {
		return 0, nil
	}
	return s.tellMembers(ctx, tx, 1, tell, `
		INSERT INTO members (group_id, contact_id, added_at)
		SELECT g.v, c.v, CAST($3 AS BIGINT) FROM `+s.intsIn("$1")+` AS g CROSS JOIN `+s.intsIn("$2")+` AS c
		WHERE TRUE ORDER BY g.v, c.v ON CONFLICT (group_id, contact_id) DO NOTHING RETURNING group_id, contact_id`,
		ints(groupIDs), ints(contactIDs), now.UnixMilli())
}

// attachNew is attach for contacts that the transaction has made: nobody can have added
// them before, so that the engine need not tell whom it has added.
func (s Groups) attachNew(ctx context.Context, tx *sql.Tx, groupIDs, contactIDs []int64, now time.Time) error {
	if len(groupIDs) == 0 {
		return nil
	}
	_, err := tx.ExecContext(ctx, `
		INSERT INTO members (group_id, contact_id, added_at)
		SELECT g.v, c.v, CAST($3 AS BIGINT) FROM `+s.intsIn("$1")+` AS g CROSS JOIN `+s.intsIn("$2")+` AS c WHERE TRUE ORDER BY g.v, c.v`,
		ints(groupIDs), ints(contactIDs), now.UnixMilli())
	if err != nil {
		return err
	}
	blocks := map[memberBlock]int64{}
	for _, groupID := range groupIDs {
		for _, contactID := range contactIDs {
			blocks[memberBlock{groupID, contactID / blockSize}]++
		}
	}
	return s.countMembers(ctx, tx, blocks)
}

// Detach implements [audience.Store].
func (s Groups) Detach(ctx context.Context, workspaceID int64, groupIDs, contactIDs []int64) (out audience.Change, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
		known, err := s.changing(ctx, tx, workspaceID, groupIDs, contactIDs, &out)
		if err != nil {
			return err
		}
		out.Changed, err = s.detach(ctx, tx, groupIDs, known)
		if out.Changed == 0 {
			audit.Idle(ctx)
		}
		return err
	})
	return out, err
}

// detach removes contacts from groups, which are locked, and returns how many
// memberships are gone.
func (s Groups) detach(ctx context.Context, tx *sql.Tx, groupIDs, contactIDs []int64) (int, error) {
	if len(groupIDs) == 0 {
		return 0, nil
	}
	return s.changeMembers(ctx, tx, -1, `
		DELETE FROM members WHERE (group_id, contact_id) IN
			(SELECT g.v, c.v FROM `+s.intsIn("$1")+` AS g CROSS JOIN `+s.intsIn("$2")+` AS c)
		RETURNING group_id, contact_id`,
		ints(groupIDs), ints(contactIDs))
}

// changing locks the groups, returns the contacts that exist, and records those
// that do not.
func (s Groups) changing(
	ctx context.Context, tx *sql.Tx, workspaceID int64, groupIDs, contactIDs []int64, out *audience.Change,
) ([]int64, error) {
	if err := s.lockGroups(ctx, tx, workspaceID, groupIDs, s.d.forUpdate); err != nil {
		return nil, err
	}
	rows, err := tx.QueryContext(ctx,
		`SELECT id FROM contacts WHERE workspace_id = $1 AND deleted_at + 0 = 0 AND id`+s.d.among(s.intsIn("$2")), workspaceID, ints(contactIDs))
	if err != nil {
		return nil, err
	}
	known, err := scanAll(rows, func(r *sql.Rows) (id int64, err error) { return id, r.Scan(&id) })
	if err != nil {
		return nil, err
	}
	is := make(map[int64]bool, len(known))
	for _, id := range known {
		is[id] = true
	}
	out.UnknownContactIDs = nil
	for _, id := range contactIDs {
		if !is[id] {
			out.UnknownContactIDs = append(out.UnknownContactIDs, id)
		}
	}
	return known, nil
}

// memberBlock names a block of a group's members.
type memberBlock struct{ groupID, block int64 }

var memberBlockColumns = []column{{"group_id", "bigint"}, {"block", "bigint"}, {"members", "bigint"}}

// changeMembers runs a statement that adds members (sign 1) or removes them (-1),
// returns those members, and keeps the blocks in step.
func (s Groups) changeMembers(ctx context.Context, tx *sql.Tx, sign int64, statement string, args ...any) (changed int, err error) {
	return s.tellMembers(ctx, tx, sign, func(int64, int64) {}, statement, args...)
}

// tellMembers is changeMembers that tells each of those members.
func (s Groups) tellMembers(
	ctx context.Context, tx *sql.Tx, sign int64, tell func(groupID, contactID int64), statement string, args ...any,
) (changed int, err error) {
	rows, err := tx.QueryContext(ctx, statement, args...)
	if err != nil {
		return 0, err
	}
	blocks := map[memberBlock]int64{}
	err = each(rows, func(r *sql.Rows) error {
		var groupID, contactID int64
		err := r.Scan(&groupID, &contactID)
		blocks[memberBlock{groupID, contactID / blockSize}] += sign
		changed++
		tell(groupID, contactID)
		return err
	})
	if err != nil || changed == 0 {
		return 0, err
	}
	return changed, s.countMembers(ctx, tx, blocks)
}

// countMembers writes by how many members blocks have grown or shrunk.
func (s Groups) countMembers(ctx context.Context, tx *sql.Tx, blocks map[memberBlock]int64) error {
	var w rowWriter
	for b, n := range blocks {
		w.row().int(b.groupID).int(b.block).int(n)
	}
	_, err := tx.ExecContext(ctx, `
		INSERT INTO member_blocks (group_id, block, members)
		SELECT group_id, block, members FROM `+s.d.rows("$1", memberBlockColumns)+` AS fresh
		WHERE TRUE ORDER BY group_id, block
		ON CONFLICT (group_id, block) DO UPDATE SET members = member_blocks.members + excluded.members`, w.String())
	return err
}

// Empty implements [audience.Store].
func (s Groups) Empty(ctx context.Context, workspaceID, id int64, limit int) (removed int, more bool, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
		if err := s.lockGroups(ctx, tx, workspaceID, []int64{id}, s.d.forUpdate); err != nil {
			return err
		}
		removed, more, err = s.emptyGroup(ctx, tx, id, limit)
		switch {
		case more:
			audit.More(ctx)
		case removed == 0:
			audit.Idle(ctx)
		}
		return err
	})
	return removed, more, err
}

// emptyGroup removes members in the order of their ids, up to the limit.
func (s Groups) emptyGroup(ctx context.Context, tx *sql.Tx, id int64, limit int) (removed int, more bool, err error) {
	last := int64(math.MaxInt64)
	err = tx.QueryRowContext(ctx,
		`SELECT contact_id FROM members WHERE group_id = $1 ORDER BY contact_id LIMIT 1 OFFSET $2`, id, limit-1).Scan(&last)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, false, err
	}
	removed, err = s.changeMembers(ctx, tx, -1,
		`DELETE FROM members WHERE group_id = $1 AND contact_id <= $2 RETURNING group_id, contact_id`, id, last)
	if err != nil || removed == limit {
		return removed, true, err
	}
	_, err = tx.ExecContext(ctx, `DELETE FROM member_blocks WHERE group_id = $1`, id)
	return removed, false, err
}

// leaveGroups removes contacts from all their groups. A deletion of contacts calls
// it in its transaction, under the identity lock of the workspace. The groups are
// locked first, in the order of their ids, as everywhere that members change.
func (s Groups) leaveGroups(ctx context.Context, tx *sql.Tx, contactIDs []int64, keep keeping) error {
	list := ints(contactIDs)
	locked, err := tx.QueryContext(ctx, `
		SELECT id FROM groups WHERE id IN (SELECT group_id FROM members WHERE contact_id IN `+s.intsIn("$1")+`) ORDER BY id`+s.d.forUpdate, list)
	if err != nil {
		return err
	}
	if err := each(locked, func(*sql.Rows) error { return nil }); err != nil {
		return err
	}
	if keep {
		if _, err := tx.ExecContext(ctx, keepMembers+s.intsIn("$1"), list); err != nil {
			return err
		}
	}
	_, err = s.changeMembers(ctx, tx, -1, `DELETE FROM members WHERE contact_id IN `+s.intsIn("$1")+` RETURNING group_id, contact_id`, list)
	return err
}

// ContactIDs implements [audience.Store].
func (s Groups) ContactIDs(ctx context.Context, workspaceID int64, externalIDs []string) (map[string]int64, error) {
	held, err := s.holders(ctx, s.read, contact.Lookup{WorkspaceID: workspaceID, ExternalIDs: externalIDs})
	if err != nil {
		return nil, s.d.classify(err)
	}
	rows, err := s.read.QueryContext(ctx, `
		SELECT external_customer_id, id FROM contacts
		WHERE workspace_id = $1 AND id`+s.d.among(s.intsIn("$2"))+` AND deleted_at + 0 = 0`, workspaceID, ints(held.contactIDs()))
	if err != nil {
		return nil, s.d.classify(err)
	}
	return scanIDs(rows)
}

// rejoinGroups makes restored contacts members of the groups again that they had when
// they were deleted, in the way and for the callers of leaveGroups. Groups that are
// gone are left out.
func (s Groups) rejoinGroups(ctx context.Context, tx *sql.Tx, contactIDs []int64) error {
	list := ints(contactIDs)
	locked, err := tx.QueryContext(ctx, `
		SELECT id FROM groups WHERE NOT deleted AND id IN (SELECT group_id FROM kept_members WHERE contact_id IN `+s.intsIn("$1")+`)
		ORDER BY id`+s.d.forUpdate, list)
	if err != nil {
		return err
	}
	left, err := scanAll(locked, func(r *sql.Rows) (id int64, err error) { return id, r.Scan(&id) })
	if err != nil {
		return err
	}
	_, err = s.changeMembers(ctx, tx, 1, `
		INSERT INTO members (group_id, contact_id, added_at)
		SELECT group_id, contact_id, added_at FROM kept_members
		WHERE contact_id IN `+s.intsIn("$1")+` AND group_id IN `+s.intsIn("$2")+`
		ORDER BY group_id, contact_id ON CONFLICT (group_id, contact_id) DO NOTHING RETURNING group_id, contact_id`, list, ints(left))
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `DELETE FROM kept_members WHERE contact_id IN `+s.intsIn("$1"), list)
	return err
}

// GroupsOf implements [audience.Store].
func (s Groups) GroupsOf(ctx context.Context, workspaceID int64, contactIDs []int64) (map[int64][]audience.Group, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT m.contact_id, g.id, g.name, g.created_at FROM members m JOIN groups g ON g.id = m.group_id
		WHERE m.contact_id IN `+s.intsIn("$2")+` AND g.workspace_id = $1 AND NOT g.deleted`, workspaceID, ints(contactIDs))
	if err != nil {
		return nil, s.d.classify(err)
	}
	groups := map[int64][]audience.Group{}
	err = each(rows, func(r *sql.Rows) error {
		var contactID, created int64
		g := audience.Group{WorkspaceID: workspaceID}
		err := r.Scan(&contactID, &g.ID, &g.Name, &created)
		g.CreatedAt = fromMillis(created)
		groups[contactID] = append(groups[contactID], g)
		return err
	})
	for _, of := range groups {
		slices.SortFunc(of, func(a, b audience.Group) int { return cmp.Compare(a.ID, b.ID) })
	}
	return groups, s.d.classify(err)
}
