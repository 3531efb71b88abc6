package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"bellman/internal/contact"
)

// This file selects contacts by any of what is known of them. Candidates come in the
// order of the list: those of a condition that few meet, found by its index, or all.
// They are looked through in growing spans until a page is full, or until a call has
// looked through enough.

// A reach is how far one call goes.
type reach struct {
	// few is how many candidates an index is asked for: named by a search, which asks several
	// indexes, and sorted when they are put into another order than that of their ids.
	few, named, sorted int
	// looked is through how many candidates a call looks, lookedNamed in a search.
	looked, lookedNamed int
	// counted is how many candidates are counted one by one. Of more, those in some blocks
	// of ids are: they lie at even distances, because those who came together are alike.
	counted, blocks int
}

var usualReach = reach{few: 50_000, named: 5_000, sorted: 15_000, looked: 30_000, lookedNamed: 15_000, counted: 15_000, blocks: 32}

// Find implements [contact.FindStore].
func (s Contacts) Find(
	ctx context.Context, workspaceID int64, sel contact.Selection, o contact.Order, after *contact.Position, limit int,
) ([]contact.Position, *contact.Position, error) {
	if sel.OfTerms() && o == contact.NewestFirst {
		return s.findNamed(ctx, workspaceID, sel.Terms, after, limit)
	}
	return usualReach.find(ctx, s, workspaceID, &sel, o, after, limit)
}

// find looks for what is selected by any conditions, in any order.
func (r reach) find(
	ctx context.Context, s Contacts, workspaceID int64, sel *contact.Selection, o contact.Order, after *contact.Position, limit int,
) ([]contact.Position, *contact.Position, error) {
	from, err := r.candidates(ctx, s, workspaceID, sel, o)
	if err != nil {
		return nil, nil, s.d.classify(err)
	}
	found, next, err := r.lookThrough(ctx, s, workspaceID, sel, from, after, limit)
	return found, next, s.d.classify(err)
}

// cut returns up to limit of the positions, and the last of these when there are more.
func cut(found []contact.Position, limit int) ([]contact.Position, *contact.Position) {
	if len(found) <= limit {
		return found, nil
	}
	return found[:limit], &found[limit-1]
}

// candidates are contacts among whom those that are selected are, in the order of a list.
type candidates struct {
	// span returns up to n of them behind a position, which is nil for the beginning.
	span func(ctx context.Context, after *contact.Position, n int) ([]contact.Position, error)
	// living is true when all of them are contacts that are not deleted.
	living bool
}

// lookThrough returns the first of the candidates that are selected, and where to go on.
func (r reach) lookThrough(
	ctx context.Context, s Contacts, workspaceID int64, sel *contact.Selection, from candidates, after *contact.Position, limit int,
) (found []contact.Position, next *contact.Position, err error) {
	left := r.looked
	if !sel.Terms.Empty() {
		left = r.lookedNamed
	}
	for n := min(limit+1, left); n > 0; n = min(4*n, left) {
		span, err := from.span(ctx, after, n)
		if err != nil {
			return nil, nil, err
		}
		passed, err := s.passing(ctx, workspaceID, sel, span, from.living)
		if err != nil {
			return nil, nil, err
		}
		if found = append(found, passed...); len(found) > limit || len(span) < n {
			found, next = cut(found, limit)
			return found, next, nil
		}
		after, left = &span[len(span)-1], left-n
	}
	return found, after, nil
}

// candidates returns where to look for what is selected: among those who meet one of the
// conditions, where few do, else among all. The members of one group are in the order of
// their ids, however many they are.
func (r reach) candidates(
	ctx context.Context, s Contacts, workspaceID int64, sel *contact.Selection, o contact.Order,
) (from candidates, err error) {
	most := r.few
	if o.ByUpdate {
		most = r.sorted
	}
	ids, few, err := s.few(ctx, workspaceID, sel, most, min(most, r.named))
	switch {
	case err != nil:
		return from, err
	case few && o.ByUpdate:
		sorted, err := s.byPosition(ctx, ids, o)
		return listed(sorted, o), err
	case few:
		sorted := make([]contact.Position, len(ids))
		for i, id := range ids {
			sorted[i].ID = id
		}
		if o.Descending {
			slices.Reverse(sorted)
		}
		return listed(sorted, o), nil
	case len(sel.GroupIDs) == 1 && !o.ByUpdate:
		return s.inTable(`contact_id, 0 FROM members WHERE group_id = $1`, sel.GroupIDs[0], "contact_id", o), nil
	case o.ByUpdate:
		return s.inTable(`id, updated_at FROM contacts WHERE workspace_id = $1 AND deleted_at = 0`, workspaceID, "id", o), nil
	}
	return s.inTable(`id, 0 FROM contacts WHERE workspace_id = $1 AND deleted_at = 0`, workspaceID, "id", o), nil
}

// listed returns candidates that are in memory, in their order.
func listed(all []contact.Position, o contact.Order) candidates {
	return candidates{span: func(_ context.Context, after *contact.Position, n int) ([]contact.Position, error) {
		first := 0
		if after != nil {
			first, _ = slices.BinarySearchFunc(all, *after, func(p, after contact.Position) int {
				if o.Behind(p, after) {
					return 1
				}
				return -1
			})
		}
		return all[first:min(first+n, len(all))], nil
	}}
}

// inTable returns candidates that a query finds in their order: it selects ids and the
// times of updates of what belongs to an owner.
func (s Contacts) inTable(query string, owner int64, id string, o contact.Order) candidates {
	direction, behind := ``, ` > `
	if o.Descending {
		direction, behind = ` DESC`, ` < `
	}
	return candidates{living: true, span: func(ctx context.Context, after *contact.Position, n int) ([]contact.Position, error) {
		w := where{args: []any{owner}}
		switch {
		case after == nil:
		case o.ByUpdate:
			w.text = ` AND (updated_at, id)` + behind + `(` + w.arg(millis(after.UpdatedAt)) + `, ` + w.arg(after.ID) + `)`
		default:
			w.text = ` AND ` + id + behind + w.arg(after.ID)
		}
		order := id + direction
		if o.ByUpdate {
			order = `updated_at` + direction + `, ` + order
		}
		return s.positions(ctx, `SELECT `+query+w.text+` ORDER BY `+order+` LIMIT `+w.arg(n), w.args...)
	}}
}

func (s Contacts) positions(ctx context.Context, query string, args ...any) ([]contact.Position, error) {
	rows, err := s.read.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	return scanAll(rows, func(r *sql.Rows) (p contact.Position, err error) {
		var updated int64
		err = r.Scan(&p.ID, &updated)
		p.UpdatedAt = fromMillis(updated)
		return p, err
	})
}

// byPosition returns the contacts in the order of their update.
func (s Contacts) byPosition(ctx context.Context, ids []int64, o contact.Order) ([]contact.Position, error) {
	all, err := s.positions(ctx, `SELECT id, updated_at FROM contacts WHERE id`+s.d.among(s.intsIn("$1")), ints(ids))
	slices.SortFunc(all, func(a, b contact.Position) int {
		if o.Behind(a, b) {
			return 1
		}
		return -1
	})
	return all, err
}

// few returns those who meet one of the conditions, in the order of their ids, when there
// are up to most of them, or named by a search; deleted contacts may be among them.
func (s Contacts) few(
	ctx context.Context, workspaceID int64, sel *contact.Selection, most, named int,
) (ids []int64, few bool, err error) {
	for _, by := range []struct {
		asked bool
		find  func() ([]int64, bool, error)
	}{
		{len(sel.GroupIDs) > 0, func() ([]int64, bool, error) { return s.fewMembers(ctx, sel.GroupIDs, most) }},
		{sel.Field.ID != 0 && sel.Field.Op != contact.FieldUnset, func() ([]int64, bool, error) { return s.fewOfField(ctx, sel, most) }},
		{!sel.Terms.Empty(), func() ([]int64, bool, error) { return s.fewNamed(ctx, workspaceID, sel.Terms, named) }},
		{sel.BotID != 0 && sel.Chat != contact.NoChat, func() ([]int64, bool, error) { return s.fewOfBot(ctx, sel.BotID, most) }},
	} {
		if !by.asked {
			continue
		}
		if ids, few, err = by.find(); few || err != nil {
			slices.Sort(ids)
			return slices.Compact(ids), few, err
		}
	}
	return nil, false, nil
}

// fewMembers returns the members of groups.
func (s Contacts) fewMembers(ctx context.Context, groupIDs []int64, most int) (ids []int64, few bool, err error) {
	var members int64
	err = s.read.QueryRowContext(ctx, `
		SELECT CAST(COALESCE(SUM(members), 0) AS BIGINT) FROM member_blocks
		WHERE group_id`+s.d.among(s.intsIn("$1")), ints(groupIDs)).Scan(&members)
	if err != nil || members > int64(most) {
		return nil, false, err
	}
	ids, err = selectIDs(ctx, s.read, `SELECT contact_id FROM members WHERE group_id`+s.d.among(s.intsIn("$1")), ints(groupIDs))
	return ids, err == nil, err
}

// fewOfField returns the contacts whose value passes the test.
func (s Contacts) fewOfField(ctx context.Context, sel *contact.Selection, most int) (ids []int64, few bool, err error) {
	w := where{args: []any{sel.Field.ID}}
	w.field(sel)
	w.text += ` LIMIT ` + w.arg(most+1)
	ids, err = selectIDs(ctx, s.read, `SELECT contact_id FROM contact_fields f WHERE f.field_id = $1`+w.text, w.args...)
	return ids, err == nil && len(ids) <= most, err
}

// field requires a value f that passes the test.
func (w *where) field(sel *contact.Selection) {
	switch sel.Field.Op {
	case contact.FieldEquals:
		w.text += ` AND f.value_key = ` + w.arg(contact.MatchKey(sel.Field.Value))
	case contact.FieldAtLeast:
		w.text += ` AND f.num IS NOT NULL AND f.num >= ` + w.arg(sel.Num)
	case contact.FieldAtMost:
		w.text += ` AND f.num IS NOT NULL AND f.num <= ` + w.arg(sel.Num)
	case contact.FieldSet, contact.FieldUnset:
	}
}

// fewNamed returns the contacts that a search finds, by one index for each of its arms.
func (s Contacts) fewNamed(ctx context.Context, workspaceID int64, t contact.Terms, most int) (ids []int64, few bool, err error) {
	w := where{args: []any{workspaceID, most + 1}}
	ids, err = s.armed(ctx, `contact_id FROM identities WHERE workspace_id = $1`, w.identities(t), w.args)
	if err != nil || len(ids) > most || len(t.Names) == 0 {
		return ids, err == nil && len(ids) <= most, err
	}
	w = where{args: []any{workspaceID, most + 1}}
	named, err := s.armed(ctx, `id FROM contacts WHERE workspace_id = $1 AND deleted_at = 0`, w.names(t), w.args)
	return append(ids, named...), err == nil && len(named) <= most, err
}

// armed returns what a query finds by each of the arms, up to $2 by each.
func (s Contacts) armed(ctx context.Context, query string, arms []string, args []any) ([]int64, error) {
	for i, arm := range arms {
		arms[i] = fmt.Sprintf(`SELECT * FROM (SELECT %s AND %s LIMIT $2) AS arm%d`, query, arm, i)
	}
	return selectIDs(ctx, s.read, strings.Join(arms, ` UNION ALL `), args...)
}

// fewOfBot returns the contacts who have chats with a bot.
func (s Contacts) fewOfBot(ctx context.Context, botID int64, most int) (ids []int64, few bool, err error) {
	var chats int64
	err = s.read.QueryRowContext(ctx, `SELECT CAST(COALESCE(SUM(subscribers), 0) AS BIGINT) FROM bots WHERE id = $1`, botID).Scan(&chats)
	if err != nil || chats > int64(most) {
		return nil, false, err
	}
	ids, err = selectIDs(ctx, s.read, `SELECT contact_id FROM chats WHERE bot_id = $1 LIMIT $2`, botID, most+1)
	return ids, err == nil && len(ids) <= most, err
}
