package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"bellman/internal/audience"
	"bellman/internal/audit"
	"bellman/internal/fault"
)

// Groups keeps groups of contacts and their members.
type Groups struct{ *pools }

var _ audience.Store = Groups{}

// Create implements [audience.Store].
func (s Groups) Create(ctx context.Context, workspaceID int64, names []string, now time.Time) (ids []int64, created int, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
		ids, created, err = s.ensure(ctx, tx, workspaceID, names, now)
		switch {
		case created == 0:
			audit.Idle(ctx)
		case len(ids) == 1:
			audit.About(ctx, "groups", ids[0])
		}
		return err
	})
	return ids, created, err
}

// ensure returns the ids of the groups with these names, and makes those that are
// missing.
func (s Groups) ensure(
	ctx context.Context, tx *sql.Tx, workspaceID int64, names []string, now time.Time,
) (ids []int64, created int, err error) {
	keys := groupKeys(names)
	known, err := s.groupIDs(ctx, tx, workspaceID, keys)
	if err != nil {
		return nil, 0, err
	}
	var missing []newGroup
	for i, key := range keys {
		if _, ok := known[key]; !ok {
			known[key] = 0
			missing = append(missing, newGroup{names[i], key})
		}
	}
	if len(missing) > 0 {
		if created, err = s.insertGroups(ctx, tx, workspaceID, missing, now); err != nil {
			return nil, 0, err
		}
		if known, err = s.groupIDs(ctx, tx, workspaceID, keys); err != nil {
			return nil, 0, err
		}
	}
	for _, key := range keys {
		ids = append(ids, known[key])
	}
	return ids, created, nil
}

// groupKeys returns the keys of names.
func groupKeys(names []string) []string {
	keys := make([]string, len(names))
	for i, name := range names {
		keys[i] = audience.NameKey(name)
	}
	return keys
}

// newGroup is a group that is to be made.
type newGroup struct{ name, key string }

// groupIDs returns the ids of groups by the keys of their names.
func (s Groups) groupIDs(ctx context.Context, tx *sql.Tx, workspaceID int64, keys []string) (map[string]int64, error) {
	if len(keys) == 0 {
		return map[string]int64{}, nil
	}
	rows, err := tx.QueryContext(ctx,
		`SELECT name_key, id FROM groups WHERE workspace_id = $1 AND name_key IN `+s.textsIn("$2")+` AND NOT deleted`, workspaceID, texts(keys))
	if err != nil {
		return nil, err
	}
	return scanIDs(rows)
}

// scanIDs reads rows of a text and an id.
func scanIDs(rows *sql.Rows) (map[string]int64, error) {
	ids := map[string]int64{}
	return ids, each(rows, func(r *sql.Rows) error {
		var (
			text string
			id   int64
		)
		err := r.Scan(&text, &id)
		ids[text] = id
		return err
	})
}

var newGroupColumns = []column{{"id", "bigint"}, {"name", "text"}, {"name_key", "text"}}

// insertGroups writes groups, numbered in the given order and written in the order
// of their keys, so that two writers of the same groups wait for each other instead
// of deadlocking. It returns how many were not written by others meanwhile.
func (s Groups) insertGroups(ctx context.Context, tx *sql.Tx, workspaceID int64, groups []newGroup, now time.Time) (int, error) {
	if len(groups) == 0 {
		return 0, nil
	}
	ids, err := s.d.takeIDs(ctx, tx, "group_id", len(groups))
	if err != nil {
		return 0, err
	}
	var w rowWriter
	for i, g := range groups {
		w.row().int(ids[i]).verbatim(g.name).verbatim(g.key)
	}
	result, err := tx.ExecContext(ctx, `
		INSERT INTO groups (id, workspace_id, name, name_key, created_at)
		SELECT id, CAST($1 AS BIGINT), name, name_key, CAST($2 AS BIGINT) FROM `+s.d.rows("$3", newGroupColumns)+` AS fresh
		WHERE TRUE ORDER BY name_key ON CONFLICT (workspace_id, name_key) WHERE NOT deleted DO NOTHING`,
		workspaceID, now.UnixMilli(), w.String())
	if err != nil {
		return 0, err
	}
	n, err := result.RowsAffected()
	return int(n), err
}

const groupColumns = `g.id, g.workspace_id, g.name, g.created_at,
	(SELECT CAST(COALESCE(SUM(b.members), 0) AS BIGINT) FROM member_blocks b WHERE b.group_id = g.id)`

func scanGroup(row scanner) (g audience.Group, err error) {
	var created int64
	err = row.Scan(&g.ID, &g.WorkspaceID, &g.Name, &created, &g.Members)
	g.CreatedAt = fromMillis(created)
	return g, err
}

const selectGroup = `SELECT ` + groupColumns + ` FROM groups g WHERE g.workspace_id = $1 AND g.id = $2 AND NOT g.deleted`

// Find implements [audience.Store].
func (s Groups) Find(ctx context.Context, workspaceID, id int64) (audience.Group, error) {
	g, err := scanGroup(s.read.QueryRowContext(ctx, selectGroup, workspaceID, id))
	return g, s.found(err, audience.ErrNotFound)
}

// Rename implements [audience.Store].
func (s Groups) Rename(ctx context.Context, workspaceID, id int64, name string, allow func(audience.Group) error) error {
	err := s.tx(ctx, func(tx *sql.Tx) error {
		g, err := s.locked(ctx, tx, workspaceID, id)
		if err != nil {
			return err
		}
		if err := allow(g); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE groups SET name = $2, name_key = $3 WHERE id = $1`, id, name, audience.NameKey(name))
		return err
	})
	if fault.Is(err, errDuplicate.Code) {
		return audience.ErrNameTaken.Because(err)
	}
	return err
}

// locked returns a group after it has locked its row.
func (s Groups) locked(ctx context.Context, tx *sql.Tx, workspaceID, id int64) (g audience.Group, err error) {
	if err := s.lockGroups(ctx, tx, workspaceID, []int64{id}, s.d.forUpdate); err != nil {
		return g, err
	}
	return scanGroup(tx.QueryRowContext(ctx, selectGroup, workspaceID, id))
}

// Delete implements [audience.Store]. The row lock makes it act before or after a
// launch of a campaign to the group, which takes the same lock.
func (s Groups) Delete(ctx context.Context, workspaceID, id int64, allow func(g audience.Group, uses []audience.Use) error) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		g, err := s.locked(ctx, tx, workspaceID, id)
		if err != nil {
			return err
		}
		uses, err := pendingUses(ctx, tx, workspaceID, id)
		if err != nil {
			return err
		}
		if err := allow(g, uses); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE groups SET deleted = TRUE WHERE id = $1`, id)
		return err
	})
}

// lockGroups locks the groups' rows, in the order of their ids, by dialect.forUpdate or
// dialect.forShare, or returns NotFound when the workspace does not have one of them.
func (s Groups) lockGroups(ctx context.Context, tx *sql.Tx, workspaceID int64, ids []int64, lock string) error {
	missing, err := s.missingGroups(ctx, tx, workspaceID, ids, lock)
	if err == nil && len(missing) > 0 {
		return audience.ErrNotFound
	}
	return err
}

// missingGroups returns those of the ids that are no groups of the workspace.
// With dialect.forUpdate as the lock, the rows of the others are locked.
func (s Groups) missingGroups(ctx context.Context, q querier, workspaceID int64, ids []int64, lock string) ([]int64, error) {
	rows, err := q.QueryContext(ctx, `
		SELECT id FROM groups WHERE workspace_id = $1 AND id IN (`+numbers(ids)+`) AND NOT deleted ORDER BY id`+lock, workspaceID)
	if err != nil {
		return nil, err
	}
	known, err := scanAll(rows, func(r *sql.Rows) (id int64, err error) { return id, r.Scan(&id) })
	return slices.DeleteFunc(slices.Clone(ids), func(id int64) bool { return slices.Contains(known, id) }), err
}

// Sweep implements [audience.Store].
func (s Groups) Sweep(ctx context.Context, limit int) (more bool, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
		more = false
		var id int64
		err := tx.QueryRowContext(ctx, `SELECT id FROM groups WHERE deleted ORDER BY id LIMIT 1`+s.d.forUpdate).Scan(&id)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		// There may be another group to sweep after this one.
		more = true
		if _, left, err := s.emptyGroup(ctx, tx, id, limit); err != nil || left {
			return err
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM groups WHERE id = $1`, id)
		return err
	})
	return more, err
}
