package store

import (
	"context"
	"database/sql"
	"maps"
	"slices"

	"bellman/internal/contact"
)

// addSharers loads those who may hold a phone or email of the contacts found, as far as
// the lookup that found them wants that.
func (d *decision) addSharers(ctx context.Context, tx *sql.Tx, found *snapshot, seen map[int64]bool) error {
	more := sharersOf(found.Contacts, d.look)
	held, err := d.s.holders(ctx, tx, more)
	if err != nil {
		return err
	}
	sharers, err := d.s.named(ctx, tx, more, held, seen)
	found.Contacts = append(found.Contacts, sharers...)
	maps.Copy(found.held, held)
	return err
}

// sharersOf returns a lookup of those who may hold a phone or email of the contacts,
// as far as the lookup that found them wants that.
func sharersOf(found []contact.Contact, look contact.Lookup) contact.Lookup {
	more := contact.Lookup{WorkspaceID: look.WorkspaceID}
	for _, c := range found {
		if !look.Sharers && c.DeletedAt.IsZero() {
			continue
		}
		if c.Phone != "" {
			more.Phones = append(more.Phones, c.Phone)
		}
		if c.Email != "" {
			more.EmailKeys = append(more.EmailKeys, contact.EmailKey(c.Email))
		}
	}
	return more
}

func anyDeleted(contacts []contact.Contact) bool {
	return slices.ContainsFunc(contacts, func(c contact.Contact) bool { return !c.DeletedAt.IsZero() })
}

// addChatsOf loads the chats that the lookup names, and those that are kept for the
// contacts.
func (s Contacts) addChatsOf(ctx context.Context, tx *sql.Tx, look contact.Lookup, snap *contact.Snapshot) error {
	if len(look.ChatIDs) == 0 {
		return nil
	}
	rows, err := tx.QueryContext(ctx,
		`SELECT chat_id, contact_id FROM chats WHERE bot_id = $1 AND chat_id`+s.d.among(s.intsIn("$2")), look.BotID, ints(look.ChatIDs))
	if err != nil {
		return err
	}
	snap.Chats, err = scanAll(rows, func(r *sql.Rows) (c contact.Chat, err error) {
		c.BotID = look.BotID
		return c, r.Scan(&c.ChatID, &c.ContactID)
	})
	if err != nil {
		return err
	}
	snap.Kept, err = s.keptChats(ctx, tx, look.BotID, snap.Contacts)
	return err
}

// Named implements [contact.Store].
func (s Contacts) Named(ctx context.Context, look contact.Lookup) ([]contact.Contact, error) {
	held, err := s.holders(ctx, s.read, look)
	if err != nil {
		return nil, s.d.classify(err)
	}
	found, err := s.named(ctx, s.read, look, held, map[int64]bool{})
	return found, s.d.classify(err)
}

// leadsTo returns the contacts that the lookup names by their ids, and by identities
// that they have, in the order of their ids.
func leadsTo(look contact.Lookup, held holders) []int64 {
	ids := append(held.contactIDs(), look.ContactIDs...)
	slices.Sort(ids)
	return slices.Compact(ids)
}

// named loads those of the contacts that the lookup names that were not seen yet; held
// are the identities that it names.
func (s Contacts) named(
	ctx context.Context, q queryer, look contact.Lookup, held holders, seen map[int64]bool,
) (found []contact.Contact, err error) {
	ids := leadsTo(look, held)
	for _, by := range []struct {
		wanted    int
		condition string
		args      []any
	}{
		{len(ids), s.intsIn("$2"), []any{ints(ids)}},
		{len(look.DeviceKeys), `(
			SELECT contact_id FROM contact_devices WHERE workspace_id = $1 AND device_key` + s.d.among(s.textsIn("$2")) + `)`,
			[]any{texts(look.DeviceKeys)}},
		{len(look.FieldKeys), `(
			SELECT contact_id FROM contact_fields WHERE field_id = $3 AND value_key` + s.d.among(s.textsIn("$2")) + `)`,
			[]any{texts(look.FieldKeys), look.FieldID}},
	} {
		if by.wanted == 0 {
			continue
		}
		rows, err := q.QueryContext(ctx, `
			SELECT `+contactColumns+` FROM contacts WHERE workspace_id = $1 AND id`+s.d.among(by.condition),
			append([]any{look.WorkspaceID}, by.args...)...)
		if err != nil {
			return nil, err
		}
		err = each(rows, func(r *sql.Rows) error {
			c, err := scanContact(r)
			if err == nil && !seen[c.ID] {
				seen[c.ID] = true
				found = append(found, c)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}
