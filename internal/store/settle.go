package store

import (
	"context"

	"bellman/internal/dispatch"
	"bellman/internal/outcome"
)

// This file is how a step settles and defers recipients, and how that changes their
// chats.

var outcomeColumns = []column{
	{"campaign_id", "bigint"}, {"seq", "bigint"}, {"status", "text"}, {"reason", "text"}, {"detail", "text"},
	{"telegram_message_id", "bigint"}, {"settled_at", "bigint"},
}

func (w *stepWriter) insertOutcomes() {
	var p, retried rowWriter
	count := tally{}
	w.each(func(_ int, c *dispatch.CampaignStep) {
		for _, o := range c.Outcomes {
			count.settled(c.CampaignID, o.Status, o.Reason, o.SettledAt, 1)
			w.happened(outboxRow{status: o.Status.Activity(), campaignID: c.CampaignID, seq: o.Seq, at: o.SettledAt})
			p.row().int(c.CampaignID).int(o.Seq).verbatim(string(o.Status)).text(string(o.Reason)).text(o.Detail)
			if o.TelegramMessageID == 0 {
				p.text("")
			} else {
				p.int(o.TelegramMessageID)
			}
			p.int(o.SettledAt.UnixMilli())
			if o.Deferred {
				retried.row().int(c.CampaignID).int(o.Seq)
			}
		}
	})
	w.bulk(retried, `
		DELETE FROM deferred WHERE (campaign_id, seq) IN (SELECT campaign_id, seq FROM `+
		w.s.d.rows("$1", outcomeColumns[:2])+` AS settled)`)
	w.bulk(p, `
		INSERT INTO outcomes (campaign_id, seq, status, reason, detail, telegram_message_id, settled_at)
		SELECT * FROM `+w.s.d.rows("$1", outcomeColumns)+` AS settled`)
	w.bulk(count.rows(), w.s.countStats())
}

var pressableColumns = []column{
	{"bot_id", "bigint"}, {"chat_id", "bigint"}, {"telegram_message_id", "bigint"}, {"campaign_id", "bigint"}, {"seq", "bigint"},
}

// insertPressable records the delivery to which a message with buttons belongs: once it is
// edited, the one that edited it.
func (w *stepWriter) insertPressable() {
	var sent, edited rowWriter
	type message struct{ botID, chatID, id int64 }
	once := map[message]bool{}
	w.each(func(_ int, c *dispatch.CampaignStep) {
		for _, o := range c.Outcomes {
			p, id := &sent, message{c.BotID, o.ChatID, o.TelegramMessageID}
			if !c.Pressable || id.id == 0 {
				continue
			}
			if c.Changes {
				// A row is updated by a statement once: two edits meet here when one was
				// cancelled a moment ago.
				if once[id] {
					continue
				}
				once[id], p = true, &edited
			}
			p.row().int(id.botID).int(id.chatID).int(id.id).int(c.CampaignID).int(o.Seq)
		}
	})
	insert := `
		INSERT INTO pressable (bot_id, chat_id, telegram_message_id, campaign_id, seq)
		SELECT * FROM ` + w.s.d.rows("$1", pressableColumns) + ` AS sent WHERE TRUE ON CONFLICT `
	w.bulk(sent, insert+`DO NOTHING`)
	w.bulk(edited, insert+`(bot_id, chat_id, telegram_message_id) DO UPDATE SET campaign_id = excluded.campaign_id, seq = excluded.seq`)
}

var deferralColumns = []column{
	{"campaign_id", "bigint"}, {"seq", "bigint"}, {"due_at", "bigint"}, {"attempts", "bigint"}, {"lost", "bigint"},
	{"reason", "text"}, {"detail", "text"},
}

func (w *stepWriter) putDeferrals() {
	var p rowWriter
	w.each(func(_ int, c *dispatch.CampaignStep) {
		for _, d := range c.Deferrals {
			p.row().int(c.CampaignID).int(d.Seq).int(d.DueAt.UnixMilli()).int(d.Attempts).int(number(d.Lost)).
				verbatim(string(d.Reason)).verbatim(d.Detail)
		}
	})
	w.bulk(p, `
		INSERT INTO deferred (campaign_id, seq, due_at, attempts, lost, reason, detail)
		SELECT campaign_id, seq, due_at, attempts, lost = 1, reason, detail FROM `+w.s.d.rows("$1", deferralColumns)+` AS fresh
		WHERE TRUE ON CONFLICT (campaign_id, seq) DO UPDATE SET due_at = excluded.due_at, attempts = excluded.attempts,
			claimed_step = 0, lost = excluded.lost, reason = excluded.reason, detail = excluded.detail`)
}

// chatKey identifies a chat; delivered is the delivery that showed that the chat is
// gone.
type (
	chatKey   struct{ botID, chatID int64 }
	delivered struct{ campaignID, seq int64 }
)

// removeChats removes the chats that do not take messages any more.
func (w *stepWriter) removeChats(ctx context.Context) error {
	var p rowWriter
	deliveries := map[chatKey]delivered{}
	w.each(func(_ int, c *dispatch.CampaignStep) {
		for _, r := range c.Removals {
			p.row().int(c.BotID).int(r.ChatID)
			deliveries[chatKey{c.BotID, r.ChatID}] = delivered{c.CampaignID, r.Seq}
		}
	})
	if p.n == 0 {
		return nil
	}
	removed := map[int64]int64{}
	w.query(func(r scanner) error {
		var (
			chat      chatKey
			contactID int64
		)
		err := r.Scan(&chat.botID, &chat.chatID, &contactID)
		removed[chat.botID]--
		d := deliveries[chat]
		w.happened(outboxRow{status: outcome.Unsubscribed, campaignID: d.campaignID, seq: d.seq,
			contactID: contactID, chatID: chat.chatID, at: w.step.Now})
		return err
	}, `
		DELETE FROM chats WHERE (bot_id, chat_id) IN (SELECT bot_id, chat_id FROM `+
		w.s.d.rows("$1", chatKeyColumns)+` AS gone) RETURNING bot_id, chat_id, contact_id`, p.String())
	if err := w.flush(ctx); err != nil {
		return err
	}
	w.queued = append(w.queued, w.s.subscribers(removed, w.step.Now)...)
	return nil
}

// openOutbox finds the webhooks that want the activities of the step.
func (w *stepWriter) openOutbox() {
	if w.watched {
		w.outbox.watchers = map[int64][]watcher{}
		w.query(w.outbox.watch, w.s.watching(), w.campaignIDs())
	}
}

// happened keeps an activity for the webhooks that turn out to want it.
func (w *stepWriter) happened(a outboxRow) {
	if w.watched {
		w.activities = append(w.activities, a)
	}
}

// writeOutbox runs last: the sooner the transaction ends after its ids are taken,
// the fewer other transactions commit higher ids before it.
func (w *stepWriter) writeOutbox(ctx context.Context) error {
	if len(w.activities) == 0 {
		return nil
	}
	tx, err := w.flushed(ctx)
	if err != nil {
		return err
	}
	for _, a := range w.activities {
		w.outbox.add(a)
	}
	if len(w.outbox.rows) == 0 {
		return nil
	}
	ids, err := w.s.d.takeIDs(ctx, tx, "activity_id", len(w.outbox.rows))
	if err != nil {
		return err
	}
	statement, rows := w.s.insertActivities(w.outbox, ids)
	w.queue(statement, rows)
	return nil
}
