package store

import (
	"context"
	"database/sql"

	"bellman/internal/dispatch"
	"bellman/internal/outcome"
)

// This file is what a step does about groups that became supergroups, which get new
// ids.

var moveColumns = []column{{"bot_id", "bigint"}, {"old_id", "bigint"}, {"new_id", "bigint"}}

// groupMoves returns the groups of the step that have new ids, under their old
// ones, and one of them for each new id. A server may give two groups the same id, or
// one group two of them, of which the latest counts.
func (w *stepWriter) groupMoves() (all, heirs rowWriter) {
	var order []chatKey
	last := map[chatKey]int64{}
	w.each(func(_ int, c *dispatch.CampaignStep) {
		for _, d := range c.Deferrals {
			old := chatKey{c.BotID, d.ChatID}
			if d.MigrateTo == 0 {
				continue
			}
			if last[old] == 0 {
				order = append(order, old)
			}
			last[old] = d.MigrateTo
		}
	})
	taken := map[chatKey]bool{}
	for _, old := range order {
		fresh := last[old]
		all.row().int(old.botID).int(old.chatID).int(fresh)
		if to := (chatKey{old.botID, fresh}); !taken[to] {
			taken[to] = true
			heirs.row().int(old.botID).int(old.chatID).int(fresh)
		}
	}
	return all, heirs
}

// moveGroups gives groups that became supergroups their new ids, and remembers the
// old ones for the campaigns that were laid out under them. When the new id is on
// record already, the chat with the old one leaves: nobody unsubscribed, so that no
// activity tells of it.
func (w *stepWriter) moveGroups(ctx context.Context) error {
	all, heirs := w.groupMoves()
	if all.n == 0 {
		return nil
	}
	moves := w.s.d.rows("$1", moveColumns) + ` AS m`
	w.bulk(all, `
		INSERT INTO group_moves (bot_id, old_id, new_id) SELECT bot_id, old_id, new_id FROM `+moves+` WHERE TRUE
		ON CONFLICT (bot_id, old_id) DO UPDATE SET new_id = excluded.new_id`)
	w.bulk(heirs, `
		UPDATE chats SET chat_id = m.new_id FROM `+moves+`
		WHERE chats.bot_id = m.bot_id AND chats.chat_id = m.old_id
			AND NOT EXISTS (SELECT 1 FROM chats x WHERE x.bot_id = m.bot_id AND x.chat_id = m.new_id)`)
	left := map[int64]int64{}
	w.query(func(r scanner) error {
		var botID int64
		err := r.Scan(&botID)
		left[botID]--
		return err
	}, `
		DELETE FROM chats WHERE (bot_id, chat_id) IN (SELECT bot_id, old_id FROM `+moves+`) RETURNING bot_id`, all.String())
	if err := w.flush(ctx); err != nil {
		return err
	}
	w.queued = append(w.queued, w.s.subscribers(left, w.step.Now)...)
	return nil
}

var followColumns = []column{
	{"place", "bigint"}, {"nth", "bigint"}, {"bot_id", "bigint"}, {"chat_id", "bigint"}, {"campaign_id", "bigint"}, {"seq", "bigint"},
}

// groupTwice is the condition that a recipient v, whose group has moved to m, gets
// the message under the new id too: by the same broadcast, or by the same request.
// It reads recipients_groups.
const groupTwice = `EXISTS (
			SELECT 1 FROM recipients o WHERE o.campaign_id = v.campaign_id AND o.chat_id = m.new_id AND o.chat_id < 0 AND o.seq <> v.seq
			AND ((SELECT kind FROM campaigns WHERE campaigns.id = v.campaign_id) = 'broadcast' OR EXISTS (
				SELECT 1 FROM requests q JOIN requests same ON same.request_id = q.request_id AND same.campaign_id = q.campaign_id
				WHERE q.contact_id = o.contact_id AND q.campaign_id = o.campaign_id AND q.seq = o.seq AND same.seq = v.seq)))`

// followGroups finds the groups among the claimed recipients whose chats have left
// because the groups have new ids, and claims them under those.
func (w *stepWriter) followGroups(ctx context.Context) error {
	var p rowWriter
	w.each(func(i int, c *dispatch.CampaignStep) {
		for n, rec := range w.out[i].Recipients {
			if rec.Barred == dispatch.ChatRemoved {
				p.row().int(int64(i)).int(int64(n)).int(c.BotID).int(rec.ChatID).int(c.CampaignID).int(rec.Seq)
			}
		}
	})
	if p.n == 0 {
		return nil
	}
	rows, err := w.session.QueryContext(ctx, `
		SELECT v.place, v.nth, m.new_id, CASE WHEN `+groupTwice+` THEN '`+string(dispatch.GroupTwice)+`' ELSE `+barred("$2")+` END
		FROM `+w.s.d.rows("$1", followColumns)+` AS v
		CROSS JOIN group_moves m LEFT JOIN chats c ON c.bot_id = m.bot_id AND c.chat_id = m.new_id
		WHERE m.bot_id = v.bot_id AND m.old_id = v.chat_id`, p.String(), w.step.Now.UnixMilli())
	if err != nil {
		return err
	}
	return each(rows, func(r *sql.Rows) error {
		var (
			place, nth int
			chatID     int64
			barred     string
		)
		if err := r.Scan(&place, &nth, &chatID, &barred); err != nil {
			return err
		}
		rec := &w.out[place].Recipients[nth]
		rec.ChatID, rec.Moved, rec.Barred = chatID, true, outcome.Reason(barred)
		return nil
	})
}
