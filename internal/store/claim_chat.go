package store

import (
	"context"
	"database/sql"

	"bellman/internal/dispatch"
	"bellman/internal/outcome"
)

// This file is how a step finds whether the chats of the claimed recipients get
// messages now. Nearly all do: those of the cursor are counted, and only those that do
// not are named. When some are missing altogether, which is rare, all are asked for.

var chatKeyColumns = []column{{"bot_id", "bigint"}, {"chat_id", "bigint"}}

// barred renders why a chat c gets no message at the moment $2; empty when it gets one.
const barred = `CASE WHEN c.inactive THEN '` + string(dispatch.ChatInactive) +
	`' WHEN c.muted_until > $2 THEN '` + string(dispatch.ChatMuted) + `' ELSE '' END`

// countChats counts the chats of claims, and finds those that are barred. The limit,
// which is the number of recipients, makes an engine read these first.
func (w *stepWriter) countChats(claims rowWriter) {
	low, high := w.reach()
	w.query(func(r scanner) error {
		var (
			chat chatKey
			why  outcome.Reason
			n    int64
		)
		err := r.Scan(&chat.botID, &chat.chatID, &why, &n)
		w.there += n
		if why != "" {
			w.chats[chat] = why
		}
		return err
	}, `
		SELECT CASE WHEN why = '' THEN 0 ELSE bot_id END, CASE WHEN why = '' THEN 0 ELSE chat_id END, why, COUNT(*) FROM (
			SELECT c.bot_id, c.chat_id, `+barred+` AS why
			FROM (SELECT v.bot_id, r.chat_id`+w.fromClaims("$4", "$5")+` LIMIT $3) AS claimed
			CROSS JOIN chats c WHERE c.bot_id = claimed.bot_id AND c.chat_id = claimed.chat_id
		) AS found GROUP BY 1, 2, 3`, claims.String(), w.step.Now.UnixMilli(), w.claimed, low, high)
}

// listedChats renders a statement for the chats of a parameter $1 of chatKeyColumns,
// each with why it gets no message.
func (w *stepWriter) listedChats() string {
	return `
		SELECT c.bot_id, c.chat_id, ` + barred + ` FROM ` + w.s.d.rows("$1", chatKeyColumns) + ` AS v
		CROSS JOIN chats c WHERE c.bot_id = v.bot_id AND c.chat_id = v.chat_id`
}

func (w *stepWriter) noteChat(r scanner) error {
	var (
		chat chatKey
		why  outcome.Reason
	)
	err := r.Scan(&chat.botID, &chat.chatID, &why)
	w.chats[chat] = why
	return err
}

// readChats reads chats after the transaction.
func (w *stepWriter) readChats(ctx context.Context, chats rowWriter) error {
	rows, err := w.session.QueryContext(ctx, w.listedChats(), chats.String(), w.step.Now.UnixMilli())
	if err != nil {
		return err
	}
	return each(rows, func(r *sql.Rows) error { return w.noteChat(r) })
}

// missing is true when a claimed recipient of the cursor has no chat any more.
func (w *stepWriter) missing() bool { return w.there < w.claimed }

// findMissing finds the chats that there are, when some are missing.
func (w *stepWriter) findMissing(ctx context.Context) error {
	if !w.missing() {
		return nil
	}
	var chats rowWriter
	for i, c := range w.step.Campaigns {
		for _, rec := range w.out[i].Recipients {
			chats.row().int(c.BotID).int(rec.ChatID)
		}
	}
	if chats.n == 0 {
		return nil
	}
	return w.readChats(ctx, chats)
}

// bar says why a recipient of the step's i-th campaign gets no message now, by what
// was found of its chat. Unless some are missing, those of the cursor that were not
// named get one.
func (w *stepWriter) bar(i int, rec *dispatch.Recipient) {
	why, named := w.chats[chatKey{w.step.Campaigns[i].BotID, rec.ChatID}]
	if rec.Barred = why; !named && (rec.Deferred || w.missing()) {
		rec.Barred = dispatch.ChatRemoved
	}
}
