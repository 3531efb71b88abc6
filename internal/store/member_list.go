package store

import (
	"context"
	"database/sql"
	"slices"

	"bellman/internal/audience"
)

// This file finds pages of members.

// Members implements [audience.Store].
func (s Groups) Members(ctx context.Context, workspaceID, groupID int64, p audience.Page) (page []audience.Member, total int64, err error) {
	missing, err := s.missingGroups(ctx, s.read, workspaceID, []int64{groupID}, "")
	if err != nil {
		return nil, 0, s.d.classify(err)
	}
	if len(missing) > 0 {
		return nil, 0, audience.ErrNotFound
	}
	all, err := s.memberBlocks(ctx, groupID)
	if err != nil {
		return nil, 0, err
	}
	_, _, total = all.place(0)
	if total <= p.Offset {
		return nil, total, nil
	}
	if p.ByTime {
		page, err = s.membersByTime(ctx, groupID, p)
		return page, total, err
	}
	// In the list that is turned round the page ends where it would begin.
	offset, limit := p.Offset, int64(p.Limit)
	if p.Descending {
		offset = max(total-p.Offset-limit, 0)
		limit = total - p.Offset - offset
	}
	first, skip, _ := all.place(offset)
	page, err = s.members(ctx, `
		SELECT contact_id, added_at FROM members WHERE group_id = $1 AND contact_id >= $2 ORDER BY contact_id LIMIT $3 OFFSET $4`,
		groupID, max(first, p.After.ContactID+1), limit, skip)
	if p.Descending {
		slices.Reverse(page)
	}
	return page, total, err
}

// membersByTime walks over the index of times up to the offset.
func (s Groups) membersByTime(ctx context.Context, groupID int64, p audience.Page) ([]audience.Member, error) {
	direction, behind := ``, `>`
	if p.Descending {
		direction, behind = ` DESC`, `<`
	}
	w := where{text: `group_id = $1`, args: []any{groupID}}
	if p.After != (audience.Member{}) {
		w.text += ` AND (added_at, contact_id) ` + behind + ` (` + w.arg(millis(p.After.AddedAt)) + `, ` + w.arg(p.After.ContactID) + `)`
	}
	return s.members(ctx, `
		SELECT contact_id, added_at FROM members WHERE `+w.text+`
		ORDER BY added_at`+direction+`, contact_id`+direction+` LIMIT `+w.arg(p.Limit)+` OFFSET `+w.arg(p.Offset), w.args...)
}

func (s Groups) members(ctx context.Context, query string, args ...any) ([]audience.Member, error) {
	rows, err := s.read.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, s.d.classify(err)
	}
	return scanAll(rows, func(r *sql.Rows) (m audience.Member, err error) {
		var added int64
		err = r.Scan(&m.ContactID, &added)
		m.AddedAt = fromMillis(added)
		return m, err
	})
}

// memberBlocks returns the blocks of a group's members, in the order of contact ids.
func (s Groups) memberBlocks(ctx context.Context, groupID int64) (blocks, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT block, members FROM member_blocks WHERE group_id = $1 ORDER BY block`, groupID)
	if err != nil {
		return nil, s.d.classify(err)
	}
	all, err := scanAll(rows, func(r *sql.Rows) (b block, err error) {
		err = r.Scan(&b.first, &b.held)
		b.first *= blockSize
		return b, err
	})
	return all, s.d.classify(err)
}
