package store

import (
	"context"
	"database/sql"
	"time"

	"bellman/internal/audit"
	"bellman/internal/contact"
)

const chatColumns = `chats.bot_id, bots.app_uuid, chats.chat_id, chats.contact_id, chats.muted_until, chats.inactive, chats.created_at`

// scanChat reads [chatColumns], and what stands behind them.
func scanChat(row scanner, more ...any) (c contact.Chat, err error) {
	var muted, created int64
	err = row.Scan(append([]any{&c.BotID, &c.AppUUID, &c.ChatID, &c.ContactID, &muted, &c.Inactive, &created}, more...)...)
	c.MutedUntil, c.CreatedAt = fromMillis(muted), fromMillis(created)
	return c, err
}

// Chats implements [contact.ChatStore].
func (s Contacts) Chats(ctx context.Context, contactIDs []int64) ([]contact.Chat, error) {
	if len(contactIDs) == 0 {
		return nil, nil
	}
	// Those of bots that are disconnected are left out here: a condition on bots has
	// PostgreSQL begin with them, and go through all of their chats.
	rows, err := s.read.QueryContext(ctx, `
		SELECT `+chatColumns+`, bots.disconnected_at FROM chats JOIN bots ON bots.id = chats.bot_id
		WHERE chats.contact_id IN `+s.intsIn("$1")+` ORDER BY chats.bot_id, chats.chat_id`, ints(contactIDs))
	if err != nil {
		return nil, s.d.classify(err)
	}
	var all []contact.Chat
	err = each(rows, func(r *sql.Rows) error {
		var disconnected int64
		c, err := scanChat(r, &disconnected)
		if disconnected == 0 {
			all = append(all, c)
		}
		return err
	})
	return all, err
}

const chatOfBot = `SELECT ` + chatColumns + ` FROM chats JOIN bots ON bots.id = chats.bot_id
	WHERE chats.bot_id = $1 AND chats.chat_id = $2 AND bots.disconnected_at = 0`

// Chat implements [contact.ChatStore].
func (s Contacts) Chat(ctx context.Context, botID, chatID int64) (contact.Chat, error) {
	c, err := scanChat(s.read.QueryRowContext(ctx, chatOfBot, botID, chatID))
	return c, s.found(err, contact.ErrChatNotFound)
}

// ChangeChat implements [contact.ChatStore].
func (s Contacts) ChangeChat(ctx context.Context, botID, chatID int64, change contact.ChatChange) (c contact.Chat, err error) {
	var (
		muted    sql.NullInt64
		inactive sql.NullBool
	)
	if change.MutedUntil != nil {
		muted = sql.NullInt64{Int64: millis(*change.MutedUntil), Valid: true}
	}
	if change.Inactive != nil {
		inactive = sql.NullBool{Bool: *change.Inactive, Valid: true}
	}
	err = s.tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `
			UPDATE chats SET muted_until = COALESCE($3, muted_until), inactive = COALESCE($4, inactive)
			WHERE bot_id = $1 AND chat_id = $2`, botID, chatID, muted, inactive)
		if err != nil {
			return err
		}
		c, err = scanChat(tx.QueryRowContext(ctx, chatOfBot, botID, chatID))
		return s.found(err, contact.ErrChatNotFound)
	})
	return c, err
}

// MuteChats implements [contact.ChatStore].
func (s Contacts) MuteChats(ctx context.Context, workspaceID, botID int64, contactIDs []int64, until time.Time) (n int, err error) {
	w := where{args: []any{workspaceID, ints(contactIDs), millis(until)}}
	if botID != 0 {
		w.text = ` AND bot_id + 0 = ` + w.arg(botID)
	}
	err = s.tx(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `
			UPDATE chats SET muted_until = $3 WHERE contact_id`+s.d.among(s.intsIn("$2"))+`
				AND bot_id + 0 IN (SELECT id FROM bots WHERE workspace_id = $1)`+w.text, w.args...)
		if err != nil {
			return err
		}
		changed, err := result.RowsAffected()
		if n = int(changed); n == 0 {
			audit.Idle(ctx)
		}
		return err
	})
	return n, err
}
