package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"

	"bellman/internal/audience"
	"bellman/internal/campaign"
)

// This file finds pages of groups, and the broadcasts that name a group.

// named requires that a group g is one of the workspace and has the filter's name.
func (w *where) named(workspaceID int64, f audience.Filter) {
	part := w.arg(containing(audience.NameKey(f.Name)))
	w.text = `g.workspace_id = ` + w.arg(workspaceID) + ` AND NOT g.deleted AND g.name_key LIKE ` + part + ` ESCAPE '\'`
}

// List implements [audience.Store]. By members, those of all groups are counted.
func (s Groups) List(ctx context.Context, workspaceID int64, f audience.Filter) ([]audience.Group, error) {
	var w where
	w.named(workspaceID, f)
	direction, behind := ``, ` > `
	if f.Descending {
		direction, behind = ` DESC`, ` < `
	}
	key, last := ``, any(nil)
	switch f.Sort {
	case audience.ByName:
		key, last = `name_key`, audience.NameKey(f.After.Name)
	case audience.ByMembers:
		key, last = `members`, f.After.Members
	case audience.ByID:
	}
	order, page := `id`+direction, ``
	switch {
	case f.After.ID != 0 && key == ``:
		page = ` WHERE id` + behind + w.arg(f.After.ID)
	case f.After.ID != 0:
		page = ` WHERE (` + key + `, id)` + behind + `(` + w.arg(last) + `, ` + w.arg(f.After.ID) + `)`
	}
	if key != `` {
		order = key + direction + `, ` + order
	}
	rows, err := s.read.QueryContext(ctx, `
		SELECT id, workspace_id, name, created_at, members FROM (
			SELECT `+groupColumns+` AS members, g.name_key FROM groups g WHERE `+w.text+`) AS named`+page+`
		ORDER BY `+order+` LIMIT `+w.arg(f.Limit)+` OFFSET `+w.arg(f.Offset), w.args...)
	if err != nil {
		return nil, s.d.classify(err)
	}
	return scanAll(rows, func(r *sql.Rows) (audience.Group, error) { return scanGroup(r) })
}

// Count implements [audience.Store].
func (s Groups) Count(ctx context.Context, workspaceID int64, f audience.Filter) (n int64, err error) {
	var w where
	w.named(workspaceID, f)
	err = s.read.QueryRowContext(ctx, `SELECT COUNT(*) FROM groups g WHERE `+w.text, w.args...).Scan(&n)
	return n, s.d.classify(err)
}

// usesLooked is through how many broadcasts one call looks for those that name a group.
const usesLooked = 3000

const selectUses = `SELECT id, name, state, audience FROM campaigns WHERE workspace_id = $1 AND kind = 'broadcast' `

// pendingUses returns the pending broadcasts whose layout still needs the group.
func pendingUses(ctx context.Context, tx *sql.Tx, workspaceID, id int64) ([]audience.Use, error) {
	rows, err := tx.QueryContext(ctx, selectUses+`AND NOT laid AND state IN `+pending+` ORDER BY id`, workspaceID)
	if err != nil {
		return nil, err
	}
	uses, _, _, err := usesOf(rows, id)
	return uses, err
}

// usesOf returns those of the broadcasts that name the group, how many there are in all,
// and the id of the last one.
func usesOf(rows *sql.Rows, id int64) (uses []audience.Use, n int, last int64, err error) {
	err = each(rows, func(r *sql.Rows) error {
		var (
			u    audience.Use
			text string
			goes campaign.Audience
		)
		if err := r.Scan(&u.CampaignID, &u.Name, &u.State, &text); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(text), &goes); err != nil {
			return fmt.Errorf("store: audience of campaign %d: %w", u.CampaignID, err)
		}
		n, last = n+1, u.CampaignID
		u.Excluded = slices.Contains(goes.ExcludedGroups, id)
		if u.Excluded || slices.Contains(goes.Groups, id) {
			uses = append(uses, u)
		}
		return nil
	})
	return uses, n, last, err
}

// Uses implements [audience.Store].
func (s Groups) Uses(ctx context.Context, workspaceID, id, before int64, limit int) ([]audience.Use, int64, error) {
	rows, err := s.read.QueryContext(ctx, selectUses+`AND NOT test AND id < $2 ORDER BY id DESC LIMIT $3`, workspaceID, before, usesLooked)
	if err != nil {
		return nil, 0, s.d.classify(err)
	}
	uses, n, last, err := usesOf(rows, id)
	switch {
	case err != nil:
		return nil, 0, s.d.classify(err)
	case len(uses) > limit:
		return uses[:limit], uses[limit-1].CampaignID, nil
	case n == usesLooked:
		return uses, last, nil
	}
	return uses, 0, nil
}
