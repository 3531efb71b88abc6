package store

import (
	"context"
	"database/sql"

	"bellman/internal/contact"
)

// This file keeps what a deletion takes from contacts, and gives it back.

// A keeping says whether what contacts lose is kept for them.
type keeping bool

const (
	kept keeping = true
	lost keeping = false
)

// The copies of what the contacts of the list $1 are about to lose.
const (
	keepChats = `
		INSERT INTO kept_chats (contact_id, bot_id, chat_id, muted_until, inactive, created_at)
		SELECT contact_id, bot_id, chat_id, muted_until, inactive, created_at FROM chats WHERE contact_id IN `
	keepMembers = `
		INSERT INTO kept_members (contact_id, group_id, added_at)
		SELECT contact_id, group_id, added_at FROM members WHERE contact_id IN `
)

// keptChats returns the chats with the bot that are kept for those of the contacts that
// are deleted.
func (s Contacts) keptChats(ctx context.Context, tx *sql.Tx, botID int64, of []contact.Contact) ([]contact.Chat, error) {
	var deleted []int64
	for _, c := range of {
		if !c.DeletedAt.IsZero() {
			deleted = append(deleted, c.ID)
		}
	}
	if len(deleted) == 0 {
		return nil, nil
	}
	rows, err := tx.QueryContext(ctx,
		`SELECT chat_id, contact_id FROM kept_chats WHERE bot_id = $1 AND contact_id IN `+s.intsIn("$2"), botID, ints(deleted))
	if err != nil {
		return nil, err
	}
	return scanAll(rows, func(r *sql.Rows) (c contact.Chat, err error) {
		c.BotID = botID
		return c, r.Scan(&c.ChatID, &c.ContactID)
	})
}

// restored returns the ids of those of the updated contacts that are no longer
// deleted.
func (w *contactWriter) restored(updated []*contact.Contact) (ids []int64) {
	for _, c := range updated {
		if c.DeletedAt.IsZero() && !w.was[c.ID].DeletedAt.IsZero() {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

// giveBack returns to contacts that are restored the groups that still exist, and the
// chats that nobody else has got meanwhile or gets by the same plan.
func (w *contactWriter) giveBack(ctx context.Context, tx *sql.Tx, ids []int64, plan []contact.PlannedChat) error {
	if len(ids) == 0 {
		return nil
	}
	if err := Groups(w.s).rejoinGroups(ctx, tx, ids); err != nil {
		return err
	}
	var taken rowWriter
	for _, c := range plan {
		taken.row().int(c.ChatID).int(c.Contact.ID)
	}
	planned := w.s.d.rows("$3", chatOwnerColumns)
	rows, err := tx.QueryContext(ctx, `
		INSERT INTO chats (bot_id, chat_id, contact_id, created_at, muted_until, inactive)
		SELECT k.bot_id, k.chat_id, k.contact_id, k.created_at, k.muted_until, k.inactive FROM kept_chats k
		WHERE k.contact_id IN `+w.s.intsIn("$1")+` AND k.bot_id IN (SELECT id FROM bots) AND NOT (k.bot_id = $2
			AND k.chat_id IN (SELECT chat_id FROM `+planned+` AS p)
			AND (k.chat_id, k.contact_id) NOT IN (SELECT chat_id, contact_id FROM `+planned+` AS p))
		ORDER BY k.bot_id, k.chat_id ON CONFLICT (bot_id, chat_id) DO NOTHING RETURNING bot_id`, ints(ids), w.look.BotID, taken.String())
	if err != nil {
		return err
	}
	err = each(rows, func(r *sql.Rows) error {
		var botID int64
		err := r.Scan(&botID)
		w.subscribers[botID]++
		return err
	})
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `DELETE FROM kept_chats WHERE contact_id IN `+w.s.intsIn("$1"), ints(ids))
	return err
}

var chatOwnerColumns = []column{{"chat_id", "bigint"}, {"contact_id", "bigint"}}

func idsOf(contacts []*contact.Contact) []int64 {
	ids := make([]int64, len(contacts))
	for i, c := range contacts {
		ids[i] = c.ID
	}
	return ids
}
