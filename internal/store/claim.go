package store

import (
	"database/sql"

	"bellman/internal/dispatch"
)

// This file is how a step claims recipients.

// claimDue claims deferrals whose time has come.
func (w *stepWriter) claimDue() error {
	for i, c := range w.step.Campaigns {
		if c.ClaimDue == 0 || w.out[i].Fenced || w.out[i].Stopped {
			continue
		}
		_, err := w.tx.ExecContext(w.ctx, `
			UPDATE deferred SET claimed_step = $2 WHERE campaign_id = $1 AND seq IN (
				SELECT seq FROM deferred WHERE campaign_id = $1 AND claimed_step = 0 AND due_at <= $3 ORDER BY due_at, seq LIMIT $4)`,
			c.CampaignID, w.step.Number, w.step.Now.UnixMilli(), c.ClaimDue)
		if err != nil {
			return err
		}
		if err := w.readDue(i, c.CampaignID); err != nil {
			return err
		}
	}
	return nil
}

// readDue reads the deferrals that this step claimed, and when the next is due.
func (w *stepWriter) readDue(i int, campaignID int64) error {
	rows, err := w.tx.QueryContext(w.ctx, `
		SELECT d.seq, COALESCE(d.chat_id, r.chat_id), r.contact_id, d.attempts, d.lost, c.chat_id IS NULL
		FROM deferred d
		JOIN recipients r ON r.campaign_id = d.campaign_id AND r.seq = d.seq
		JOIN ledgers l ON l.campaign_id = d.campaign_id
		LEFT JOIN chats c ON c.bot_id = l.bot_id AND c.chat_id = COALESCE(d.chat_id, r.chat_id)
		WHERE d.campaign_id = $1 AND d.claimed_step = $2 ORDER BY d.due_at, d.seq`, campaignID, w.step.Number)
	if err != nil {
		return err
	}
	out := &w.out[i]
	err = each(rows, func(r *sql.Rows) error {
		rec := dispatch.Recipient{Deferred: true}
		err := r.Scan(&rec.Seq, &rec.ChatID, &rec.ContactID, &rec.Attempts, &rec.Lost, &rec.Gone)
		out.Recipients = append(out.Recipients, rec)
		return err
	})
	if err != nil {
		return err
	}
	w.dues[i] = int64(len(out.Recipients))
	var next int64
	err = w.tx.QueryRowContext(w.ctx,
		`SELECT COALESCE(MIN(due_at), 0) FROM deferred WHERE campaign_id = $1 AND claimed_step = 0`, campaignID).Scan(&next)
	out.NextDue = fromMillis(next)
	return err
}

var claimColumns = []column{{"place", "bigint"}, {"campaign_id", "bigint"}, {"bot_id", "bigint"}, {"low", "bigint"}, {"high", "bigint"}}

// readClaims reads the recipients that the step has claimed.
func (w *stepWriter) readClaims() error {
	var p rowWriter
	w.each(func(i int, c *dispatch.CampaignStep) {
		if c.ClaimTo > c.ClaimFrom && !w.out[i].Stopped {
			p.row().int(int64(i)).int(c.CampaignID).int(c.BotID).int(c.ClaimFrom).int(c.ClaimTo)
		}
	})
	if p.n == 0 {
		return nil
	}
	rows, err := w.tx.QueryContext(w.ctx, `
		SELECT v.place, r.seq, r.chat_id, r.contact_id, c.chat_id IS NULL
		FROM `+w.s.d.rows("$1", claimColumns)+` AS v
		JOIN recipients r ON r.campaign_id = v.campaign_id AND r.seq > v.low AND r.seq <= v.high
		LEFT JOIN chats c ON c.bot_id = v.bot_id AND c.chat_id = r.chat_id
		ORDER BY v.place, r.seq`, p.String())
	if err != nil {
		return err
	}
	return each(rows, func(r *sql.Rows) error {
		var (
			place int
			rec   dispatch.Recipient
		)
		if err := r.Scan(&place, &rec.Seq, &rec.ChatID, &rec.ContactID, &rec.Gone); err != nil {
			return err
		}
		w.out[place].Recipients = append(w.out[place].Recipients, rec)
		return nil
	})
}
