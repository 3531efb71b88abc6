package store

import (
	"context"
	"database/sql"

	"bellman/internal/dispatch"
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
	// A chat's id says on which machine of a sharded cluster its row is, so that a row
	// cannot change it: the new one is written, then the old one leaves.
	more := map[int64]int64{}
	count := func(by int64) func(scanner) error {
		return func(r scanner) error {
			var botID int64
			err := r.Scan(&botID)
			more[botID] += by
			return err
		}
	}
	w.query(count(1), `
		INSERT INTO chats (bot_id, chat_id, contact_id, created_at, muted_until, inactive)
		SELECT c.bot_id, m.new_id, c.contact_id, c.created_at, c.muted_until, c.inactive FROM `+moves+`
		CROSS JOIN chats c WHERE c.bot_id = m.bot_id AND c.chat_id = m.old_id
		ON CONFLICT (bot_id, chat_id) DO NOTHING RETURNING bot_id`, heirs.String())
	w.query(count(-1), `
		DELETE FROM chats WHERE (bot_id, chat_id) IN (SELECT bot_id, old_id FROM `+moves+`) RETURNING bot_id`, all.String())
	if err := w.flush(ctx); err != nil {
		return err
	}
	w.queued = append(w.queued, w.s.subscribers(more, w.step.Now)...)
	return nil
}

// A movedGroup is a claimed recipient, the nth of a place in the step, whose group has
// a new id.
type movedGroup struct {
	place, nth int
	newID      int64
}

var (
	soughtColumns = []column{{"place", "bigint"}, {"nth", "bigint"}, {"bot_id", "bigint"}, {"old_id", "bigint"}}
	twiceColumns  = []column{{"nth", "bigint"}, {"campaign_id", "bigint"}, {"seq", "bigint"}, {"chat_id", "bigint"}}
)

// followGroups finds the groups among the claimed recipients whose chats have left
// because the groups have new ids, and claims them under those.
func (w *stepWriter) followGroups(ctx context.Context) error {
	moved, err := w.movedGroups(ctx)
	if err != nil || len(moved) == 0 {
		return err
	}
	twice, err := w.groupsTwice(ctx, moved)
	if err != nil {
		return err
	}
	if err := w.readMoved(ctx, moved); err != nil {
		return err
	}
	for i, m := range moved {
		rec := &w.out[m.place].Recipients[m.nth]
		rec.ChatID, rec.Moved = m.newID, true
		w.bar(m.place, rec)
		if twice[i] {
			rec.Barred = dispatch.GroupTwice
		}
	}
	return nil
}

// movedGroups finds the new ids of those recipients whose chats are gone.
func (w *stepWriter) movedGroups(ctx context.Context) ([]movedGroup, error) {
	var sought rowWriter
	w.each(func(i int, c *dispatch.CampaignStep) {
		for n, rec := range w.out[i].Recipients {
			if rec.Barred == dispatch.ChatRemoved {
				sought.row().int(int64(i)).int(int64(n)).int(c.BotID).int(rec.ChatID)
			}
		}
	})
	if sought.n == 0 {
		return nil, nil
	}
	rows, err := w.session.QueryContext(ctx, `
		SELECT v.place, v.nth, m.new_id FROM `+w.s.d.rows("$1", soughtColumns)+` AS v
		CROSS JOIN group_moves m WHERE m.bot_id = v.bot_id AND m.old_id = v.old_id`, sought.String())
	if err != nil {
		return nil, err
	}
	return scanAll(rows, func(r *sql.Rows) (m movedGroup, err error) { return m, r.Scan(&m.place, &m.nth, &m.newID) })
}

// groupsTwice finds which groups get the message under their new ids too: by the same
// broadcast, or by the same request. It reads recipients_groups.
func (w *stepWriter) groupsTwice(ctx context.Context, moved []movedGroup) (map[int]bool, error) {
	var p rowWriter
	for i, m := range moved {
		rec := &w.out[m.place].Recipients[m.nth]
		p.row().int(int64(i)).int(w.step.Campaigns[m.place].CampaignID).int(rec.Seq).int(m.newID)
	}
	rows, err := w.session.QueryContext(ctx, `
		SELECT v.nth FROM `+w.s.d.rows("$1", twiceColumns)+` AS v
		CROSS JOIN recipients o
		CROSS JOIN campaigns c
		LEFT JOIN requests q ON q.contact_id = o.contact_id AND q.campaign_id = o.campaign_id AND q.seq = o.seq
		LEFT JOIN requests same ON same.request_id = q.request_id AND same.campaign_id = q.campaign_id AND same.seq = v.seq
		WHERE o.campaign_id = v.campaign_id AND o.chat_id = v.chat_id AND o.chat_id < 0 AND o.seq <> v.seq AND c.id = o.campaign_id
			AND (c.kind = 'broadcast' OR same.seq IS NOT NULL)`, p.String())
	if err != nil {
		return nil, err
	}
	twice := map[int]bool{}
	return twice, each(rows, func(r *sql.Rows) error {
		var nth int
		err := r.Scan(&nth)
		twice[nth] = true
		return err
	})
}

// readMoved reads the chats that the groups have under their new ids.
func (w *stepWriter) readMoved(ctx context.Context, moved []movedGroup) error {
	var p rowWriter
	for _, m := range moved {
		p.row().int(w.step.Campaigns[m.place].BotID).int(m.newID)
	}
	return w.readChats(ctx, p)
}
