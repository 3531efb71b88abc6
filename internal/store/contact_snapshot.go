package store

import (
	"context"
	"database/sql"

	"bellman/internal/contact"
)

// snapshot loads the contacts and chats that the lookup names.
func (s Contacts) snapshot(ctx context.Context, tx *sql.Tx, look contact.Lookup) (snap contact.Snapshot, err error) {
	seen := map[int64]bool{}
	if snap.Contacts, err = s.named(ctx, tx, look, seen); err != nil {
		return snap, err
	}
	if more := sharersOf(snap.Contacts, look); len(more.Phones)+len(more.EmailKeys) > 0 {
		sharers, err := s.named(ctx, tx, more, seen)
		if err != nil {
			return snap, err
		}
		snap.Contacts = append(snap.Contacts, sharers...)
	}
	if look.Details {
		if err := s.addDetails(ctx, tx, snap.Contacts); err != nil {
			return snap, err
		}
	}
	if len(look.ChatIDs) == 0 {
		return snap, nil
	}
	rows, err := tx.QueryContext(ctx,
		`SELECT chat_id, contact_id FROM chats WHERE bot_id = $1 AND chat_id`+s.d.among(s.intsIn("$2")), look.BotID, ints(look.ChatIDs))
	if err != nil {
		return snap, err
	}
	snap.Chats, err = scanAll(rows, func(r *sql.Rows) (c contact.Chat, err error) {
		c.BotID = look.BotID
		return c, r.Scan(&c.ChatID, &c.ContactID)
	})
	return snap, err
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

// Named implements [contact.Store].
func (s Contacts) Named(ctx context.Context, look contact.Lookup) ([]contact.Contact, error) {
	found, err := s.named(ctx, s.read, look, map[int64]bool{})
	return found, s.d.classify(err)
}

// named loads those of the contacts that the lookup names that were not seen yet.
func (s Contacts) named(ctx context.Context, q queryer, look contact.Lookup, seen map[int64]bool) (found []contact.Contact, err error) {
	for _, by := range []struct {
		wanted    int
		condition string
		args      []any
	}{
		{len(look.ContactIDs), `id` + s.d.among(s.intsIn("$2")), []any{ints(look.ContactIDs)}},
		{len(look.ExternalIDs), `external_customer_id` + s.d.among(s.textsIn("$2")), []any{texts(look.ExternalIDs)}},
		{len(look.Phones), `phone` + s.d.among(s.textsIn("$2")), []any{texts(look.Phones)}},
		{len(look.EmailKeys), `email_key` + s.d.among(s.textsIn("$2")), []any{texts(look.EmailKeys)}},
		{len(look.DeviceKeys), `id` + s.d.among(`(
			SELECT contact_id FROM contact_devices WHERE workspace_id = $1 AND device_key`+s.d.among(s.textsIn("$2"))+`)`),
			[]any{texts(look.DeviceKeys)}},
		{len(look.FieldKeys), `id` + s.d.among(`(
			SELECT contact_id FROM contact_fields WHERE field_id = $3 AND value_key`+s.d.among(s.textsIn("$2"))+`)`),
			[]any{texts(look.FieldKeys), look.FieldID}},
	} {
		if by.wanted == 0 {
			continue
		}
		rows, err := q.QueryContext(ctx,
			`SELECT `+contactColumns+` FROM contacts WHERE workspace_id = $1 AND `+by.condition, append([]any{look.WorkspaceID}, by.args...)...)
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
