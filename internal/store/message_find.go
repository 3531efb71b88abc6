package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"bellman/internal/contact"
	"bellman/internal/message"
)

// FindMessages implements [message.Store]. A workspace has few messages, so their
// names, tags and texts are folded while they are compared, and put in order here. The
// newest ones, without anything else, are as many as are wanted.
//
// spec: messages-tag-search
func (s Messages) FindMessages(ctx context.Context, workspaceID int64, f message.Filter) ([]message.Message, int64, error) {
	if f.Newest() {
		before := int64(1) << 62
		if f.After != nil {
			before = f.After.ID
		}
		messages, err := s.messages(ctx, `workspace_id = $1 AND id < $2 AND NOT deleted ORDER BY id DESC LIMIT $3`, workspaceID, before, f.Limit)
		return messages, 0, err
	}
	places, err := s.fitting(ctx, workspaceID, f)
	if err != nil {
		return nil, 0, s.d.classify(err)
	}
	total := int64(len(places))
	slices.SortFunc(places, f.Order.Compare)
	if f.After != nil {
		after, found := slices.BinarySearchFunc(places, *f.After, f.Order.Compare)
		if found {
			after++
		}
		places = places[after:]
	}
	places = places[min(f.Offset, int64(len(places))):]
	places = places[:min(f.Limit, len(places))]
	ids := make([]int64, len(places))
	for i, p := range places {
		ids[i] = p.ID
	}
	messages, err := s.messages(ctx, `id IN `+s.intsIn("$1"), ints(ids))
	slices.SortFunc(messages, func(a, b message.Message) int {
		return cmp.Compare(slices.Index(ids, a.ID), slices.Index(ids, b.ID))
	})
	return messages, total, err
}

func (s Messages) messages(ctx context.Context, condition string, args ...any) ([]message.Message, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+messageColumns+` FROM messages WHERE `+condition, args...)
	if err != nil {
		return nil, s.d.classify(err)
	}
	messages, err := scanAll(rows, func(r *sql.Rows) (message.Message, error) { return scanMessage(r) })
	return messages, s.d.classify(err)
}

// fitting returns the places of all messages that a filter names.
func (s Messages) fitting(ctx context.Context, workspaceID int64, f message.Filter) (places []message.Place, err error) {
	search, tags := contact.Fold(f.Search), make([]string, len(f.Tags))
	for i, tag := range f.Tags {
		tags[i] = contact.Fold(tag)
	}
	content := `''`
	if search != "" || len(tags) > 0 {
		content = `content`
	}
	rows, err := s.read.QueryContext(ctx,
		`SELECT id, name, created_at, updated_at, `+content+` FROM messages WHERE workspace_id = $1 AND NOT deleted`, workspaceID)
	if err != nil {
		return nil, err
	}
	err = each(rows, func(r *sql.Rows) error {
		var (
			m                message.Message
			created, updated int64
			content          string
		)
		if err := r.Scan(&m.ID, &m.Name, &created, &updated, &content); err != nil {
			return err
		}
		m.CreatedAt, m.UpdatedAt = fromMillis(created), fromMillis(updated)
		if content != "" {
			if m.Content, err = message.Decode(content); err != nil {
				return fmt.Errorf("store: message %d: %w", m.ID, err)
			}
		}
		if fits(m, search, tags, f.InText) {
			places = append(places, f.Order.Place(m, contact.Fold))
		}
		return nil
	})
	return places, err
}

// fits reports whether a message has what is sought in its name, or elsewhere, and one of
// the tags. What is sought is folded.
func fits(m message.Message, search string, tags []string, inText bool) bool {
	tagged := func(wanted ...string) bool {
		return slices.ContainsFunc(m.Content.Tags, func(tag string) bool { return slices.Contains(wanted, contact.Fold(tag)) })
	}
	if len(tags) > 0 && !tagged(tags...) {
		return false
	}
	switch {
	case strings.Contains(contact.Fold(m.Name), search):
		return true
	case !inText:
		return tagged(search)
	}
	return slices.ContainsFunc(m.Content.Texts(), func(text string) bool { return strings.Contains(contact.Fold(text), search) })
}
