package store

import (
	"context"
	"slices"
	"strings"

	"bellman/internal/contact"
)

// This file asks which of some contacts are selected, and how many of all. What is known
// of contacts is asked by one statement, and what of their chats by another: a cluster
// does not join them.

// passing returns those of the contacts that are selected, in their order. living says
// that none of them is deleted.
func (s Contacts) passing(
	ctx context.Context, workspaceID int64, sel *contact.Selection, of []contact.Position, living bool,
) ([]contact.Position, error) {
	if len(of) == 0 || living && sel.Everybody() {
		return of, nil
	}
	ids := make([]int64, len(of))
	for i, p := range of {
		ids[i] = p.ID
	}
	var err error
	if !living || sel.OfContacts() {
		if ids, err = s.meeting(ctx, workspaceID, sel, ids); err != nil {
			return nil, err
		}
	}
	if sel.OfChats() && len(ids) > 0 {
		if ids, err = s.chatting(ctx, sel, ids); err != nil {
			return nil, err
		}
	}
	is := make(map[int64]bool, len(ids))
	for _, id := range ids {
		is[id] = true
	}
	return slices.DeleteFunc(slices.Clone(of), func(p contact.Position) bool { return !is[p.ID] }), nil
}

// meeting returns the living ones of the contacts of whom everything is known that is
// asked.
func (s Contacts) meeting(ctx context.Context, workspaceID int64, sel *contact.Selection, ids []int64) ([]int64, error) {
	w := where{args: []any{workspaceID, ints(ids)}}
	if !sel.Terms.Empty() {
		w.text += ` AND ((` + strings.Join(w.arms(sel.Terms), `) OR (`) + `))`
	}
	if len(sel.Languages) > 0 {
		w.text += ` AND language_code IN ` + s.textsIn(w.arg(texts(sel.Languages)))
	}
	for _, a := range sel.Lacks {
		w.text += ` AND COALESCE(` + contactFields[string(a)] + `, '') = ''`
	}
	if !sel.CreatedFrom.IsZero() {
		w.text += ` AND created_at >= ` + w.arg(sel.CreatedFrom.UnixMilli())
	}
	if !sel.CreatedTo.IsZero() {
		w.text += ` AND created_at < ` + w.arg(sel.CreatedTo.UnixMilli())
	}
	if len(sel.GroupIDs) > 0 {
		w.text += ` AND EXISTS (SELECT 1 FROM members m WHERE m.contact_id = contacts.id AND m.group_id IN ` +
			s.intsIn(w.arg(ints(sel.GroupIDs))) + `)`
	}
	if sel.Field.ID != 0 {
		is := ` AND EXISTS (`
		if sel.Field.Op == contact.FieldUnset {
			is = ` AND NOT EXISTS (`
		}
		w.text += is + `SELECT 1 FROM contact_fields f WHERE f.contact_id = contacts.id AND f.field_id = ` + w.arg(sel.Field.ID)
		w.field(sel)
		w.text += `)`
	}
	return selectIDs(ctx, s.read,
		`SELECT id FROM contacts WHERE workspace_id = $1 AND deleted_at + 0 = 0 AND id`+s.d.among(s.intsIn("$2"))+w.text, w.args...)
}

// chatting returns those of the contacts who have such chats as are asked for, or none.
func (s Contacts) chatting(ctx context.Context, sel *contact.Selection, ids []int64) ([]int64, error) {
	w := where{args: []any{ints(ids)}}
	if sel.BotID != 0 {
		w.text += ` AND bot_id + 0 = ` + w.arg(sel.BotID)
	}
	switch sel.Chat {
	case contact.ChatActive:
		w.text += ` AND NOT inactive AND muted_until <= ` + w.arg(sel.Now.UnixMilli())
	case contact.ChatMuted:
		w.text += ` AND NOT inactive AND muted_until > ` + w.arg(sel.Now.UnixMilli())
	case contact.ChatInactive:
		w.text += ` AND inactive`
	case contact.NoChat:
	}
	have, err := selectIDs(ctx, s.read, `SELECT contact_id FROM chats WHERE contact_id`+s.d.among(s.intsIn("$1"))+w.text, w.args...)
	if err != nil || sel.Chat != contact.NoChat {
		return have, err
	}
	has := make(map[int64]bool, len(have))
	for _, id := range have {
		has[id] = true
	}
	return slices.DeleteFunc(ids, func(id int64) bool { return has[id] }), nil
}

// Count implements [contact.FindStore].
func (s Contacts) Count(ctx context.Context, workspaceID int64, sel contact.Selection) (contact.Count, error) {
	return usualReach.count(ctx, s, workspaceID, &sel)
}

func (r reach) count(ctx context.Context, s Contacts, workspaceID int64, sel *contact.Selection) (n contact.Count, err error) {
	all, err := s.blocksOf(ctx, workspaceID, sel)
	if err != nil {
		return n, err
	}
	if _, _, total := all.place(0); sel.Everybody() || sel.OfGroup() != 0 {
		return contact.Count{N: total}, nil
	}
	ids, few, err := s.few(ctx, workspaceID, sel, r.counted, min(r.counted, r.named))
	if err != nil {
		return n, s.d.classify(err)
	}
	if few {
		n.N, err = s.countAmong(ctx, workspaceID, sel, ids)
		return n, s.d.classify(err)
	}
	some, part := all.sample(r.blocks)
	found, err := s.countAmong(ctx, workspaceID, sel, some)
	return contact.Count{N: int64(float64(found)/part + 0.5), About: part < 1}, s.d.classify(err)
}

// blocksOf returns the blocks of those among whom the selected ones are: the members of
// one group of the workspace, or all.
func (s Contacts) blocksOf(ctx context.Context, workspaceID int64, sel *contact.Selection) (blocks, error) {
	if len(sel.GroupIDs) != 1 {
		return s.livingBlocks(ctx, workspaceID)
	}
	missing, err := Groups(s).missingGroups(ctx, s.read, workspaceID, sel.GroupIDs, "")
	if err != nil || len(missing) > 0 {
		return nil, s.d.classify(err)
	}
	return Groups(s).memberBlocks(ctx, sel.GroupIDs[0])
}

// countAmong returns how many of the contacts are selected.
func (s Contacts) countAmong(ctx context.Context, workspaceID int64, sel *contact.Selection, ids []int64) (int64, error) {
	of := make([]contact.Position, len(ids))
	for i, id := range ids {
		of[i].ID = id
	}
	passed, err := s.passing(ctx, workspaceID, sel, of, false)
	return int64(len(passed)), err
}
