package store

import (
	"context"
	"database/sql"
	"time"

	"bellman/internal/contact"
)

var _ contact.Store = (*Store)(nil)

const contactColumns = `id, workspace_id, COALESCE(external_customer_id, ''), COALESCE(phone, ''), COALESCE(email, ''),
	first_name, last_name, language_code, time_zone, created_at, updated_at`

func scanContact(row scanner) (c contact.Contact, err error) {
	var created, updated int64
	err = row.Scan(&c.ID, &c.WorkspaceID, &c.ExternalCustomerID, &c.Phone, &c.Email,
		&c.FirstName, &c.LastName, &c.LanguageCode, &c.TimeZone, &created, &updated)
	c.CreatedAt, c.UpdatedAt = fromMillis(created), fromMillis(updated)
	return c, err
}

// Contact implements [contact.Store].
func (s *Store) Contact(ctx context.Context, workspaceID, id int64) (contact.Contact, error) {
	c, err := scanContact(s.read.QueryRowContext(ctx,
		`SELECT `+contactColumns+` FROM contacts WHERE workspace_id = $1 AND id = $2`, workspaceID, id))
	return c, s.found(err, contact.ErrNotFound)
}

// Chats implements [contact.Store].
func (s *Store) Chats(ctx context.Context, contactID int64) ([]contact.Chat, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT chats.bot_id, bots.app_uuid, chats.chat_id, chats.contact_id, chats.created_at
		FROM chats JOIN bots ON bots.id = chats.bot_id WHERE chats.contact_id = $1 ORDER BY chats.bot_id, chats.chat_id`, contactID)
	if err != nil {
		return nil, s.d.classify(err)
	}
	return scanAll(rows, func(r *sql.Rows) (c contact.Chat, err error) {
		var created int64
		err = r.Scan(&c.BotID, &c.AppUUID, &c.ChatID, &c.ContactID, &created)
		c.CreatedAt = fromMillis(created)
		return c, err
	})
}

// Decide implements [contact.Store]. Identities are decided on one after
// another within a workspace: a lock on each identifier would allow more, but
// a request of thousands would need thousands of locks.
func (s *Store) Decide(ctx context.Context, look contact.Lookup, now time.Time, decide func(contact.Snapshot) (contact.Plan, error)) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		if err := s.d.lock(ctx, tx, lockIdentity, look.WorkspaceID); err != nil {
			return err
		}
		snap, err := s.snapshot(ctx, tx, look)
		if err != nil {
			return err
		}
		plan, err := decide(snap)
		if err != nil {
			return err
		}
		if err := s.createContacts(ctx, tx, plan.Create); err != nil {
			return err
		}
		for _, c := range plan.Update {
			if err := updateContact(ctx, tx, c); err != nil {
				return err
			}
		}
		return s.addChats(ctx, tx, look.BotID, now, plan.Chats)
	})
}

func (s *Store) snapshot(ctx context.Context, tx *sql.Tx, look contact.Lookup) (snap contact.Snapshot, err error) {
	seen := map[int64]bool{}
	find := func(wanted int, condition, list string) error {
		if wanted == 0 {
			return nil
		}
		rows, err := tx.QueryContext(ctx,
			`SELECT `+contactColumns+` FROM contacts WHERE workspace_id = $1 AND `+condition, look.WorkspaceID, list)
		if err != nil {
			return err
		}
		return each(rows, func(r *sql.Rows) error {
			c, err := scanContact(r)
			if err == nil && !seen[c.ID] {
				seen[c.ID] = true
				snap.Contacts = append(snap.Contacts, c)
			}
			return err
		})
	}
	if err := find(len(look.ContactIDs), `id IN `+s.intsIn("$2"), ints(look.ContactIDs)); err != nil {
		return snap, err
	}
	if err := find(len(look.ExternalIDs), `external_customer_id IN `+s.textsIn("$2"), texts(look.ExternalIDs)); err != nil {
		return snap, err
	}
	if err := find(len(look.Phones), `phone IN `+s.textsIn("$2"), texts(look.Phones)); err != nil {
		return snap, err
	}
	if err := find(len(look.EmailKeys), `email_key IN `+s.textsIn("$2"), texts(look.EmailKeys)); err != nil {
		return snap, err
	}
	if len(look.ChatIDs) == 0 {
		return snap, nil
	}
	rows, err := tx.QueryContext(ctx,
		`SELECT chat_id, contact_id FROM chats WHERE bot_id = $1 AND chat_id IN `+s.intsIn("$2"), look.BotID, ints(look.ChatIDs))
	if err != nil {
		return snap, err
	}
	snap.Chats, err = scanAll(rows, func(r *sql.Rows) (c contact.Chat, err error) {
		c.BotID = look.BotID
		return c, r.Scan(&c.ChatID, &c.ContactID)
	})
	return snap, err
}

var newContactColumns = []column{
	{"id", "bigint"}, {"workspace_id", "bigint"}, {"external_customer_id", "text"}, {"phone", "text"}, {"email", "text"}, {"email_key", "text"},
	{"first_name", "text"}, {"last_name", "text"}, {"language_code", "text"}, {"time_zone", "text"}, {"created_at", "bigint"}, {"updated_at", "bigint"},
}

// createContacts writes new contacts and gives them their ids.
func (s *Store) createContacts(ctx context.Context, tx *sql.Tx, create []*contact.Contact) error {
	if len(create) == 0 {
		return nil
	}
	ids, err := s.d.takeIDs(ctx, tx, "contact_id", len(create))
	if err != nil {
		return err
	}
	var w rowWriter
	for i, c := range create {
		c.ID = ids[i]
		w.row().int(c.ID).int(c.WorkspaceID).text(c.ExternalCustomerID).text(c.Phone).text(c.Email).text(contact.EmailKey(c.Email)).
			verbatim(c.FirstName).verbatim(c.LastName).verbatim(c.LanguageCode).verbatim(c.TimeZone).
			int(c.CreatedAt.UnixMilli()).int(c.UpdatedAt.UnixMilli())
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO contacts (id, workspace_id, external_customer_id, phone, email, email_key,
			first_name, last_name, language_code, time_zone, created_at, updated_at)
		SELECT * FROM `+s.d.rows("$1", newContactColumns)+` AS fresh`, w.String())
	return err
}

func updateContact(ctx context.Context, tx *sql.Tx, c *contact.Contact) error {
	_, err := tx.ExecContext(ctx, `
		UPDATE contacts SET external_customer_id = $3, phone = $4, email = $5, email_key = $6,
			first_name = $7, last_name = $8, language_code = $9, time_zone = $10, updated_at = $11
		WHERE workspace_id = $1 AND id = $2`,
		c.WorkspaceID, c.ID, orNull(c.ExternalCustomerID), orNull(c.Phone), orNull(c.Email), orNull(contact.EmailKey(c.Email)),
		c.FirstName, c.LastName, c.LanguageCode, c.TimeZone, c.UpdatedAt.UnixMilli())
	return err
}

// addChats records chats and counts the bot's subscribers. The bot's row comes
// last: it is the one that dispatch waits for.
func (s *Store) addChats(ctx context.Context, tx *sql.Tx, botID int64, now time.Time, chats []contact.PlannedChat) error {
	if len(chats) == 0 {
		return nil
	}
	var w rowWriter
	for _, c := range chats {
		w.row().int(c.ChatID).int(c.Contact.ID)
	}
	result, err := tx.ExecContext(ctx, `
		INSERT INTO chats (bot_id, chat_id, contact_id, created_at)
		SELECT CAST($1 AS BIGINT), chat_id, contact_id, CAST($2 AS BIGINT)
		FROM `+s.d.rows("$3", []column{{"chat_id", "bigint"}, {"contact_id", "bigint"}})+` AS fresh
		WHERE TRUE ON CONFLICT (bot_id, chat_id) DO NOTHING`, botID, now.UnixMilli(), w.String())
	if err != nil {
		return err
	}
	added, err := result.RowsAffected()
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE bots SET subscribers = subscribers + $2 WHERE id = $1`, botID, added)
	return err
}
