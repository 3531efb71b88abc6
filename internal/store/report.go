package store

import (
	"context"
	"database/sql"
	"time"

	"bellman/internal/dispatch"
	"bellman/internal/outcome"
)

// This file is how a step writes the new state of campaigns and bots.

// pauseCampaign pauses a campaign that goes out.
var pauseCampaign = `
			UPDATE campaigns SET state = 'paused', state_reason = $2, state_detail = $3, updated_at = $4
			WHERE id = $1 AND state IN ` + goesOut

func (w *stepWriter) pauseCampaigns() {
	w.each(func(_ int, c *dispatch.CampaignStep) {
		if c.Pause.Reason == "" {
			return
		}
		w.queue(pauseCampaign,
			c.CampaignID, c.Pause.Reason, c.Pause.Detail, w.step.Now.UnixMilli())
	})
}

// finishCampaigns finishes those campaigns in which every recipient has an outcome.
func (w *stepWriter) finishCampaigns() {
	var done numberList
	w.each(func(_ int, c *dispatch.CampaignStep) {
		if c.Finish {
			done = append(done, c.CampaignID)
		}
	})
	w.bulk(done, `
		UPDATE campaigns SET state = 'finished', finished_at = $2, updated_at = $2
		WHERE id IN `+w.s.intsIn("$1")+` AND state = 'sending' AND laid
			AND laid_seq = (SELECT sent + failed + skipped + unknown FROM ledgers WHERE campaign_id = campaigns.id)`,
		w.step.Now.UnixMilli())
}

const holdsLease = `SELECT EXISTS (SELECT 1 FROM leases WHERE bot_id = $1 AND owner = $2 AND epoch = $3)`

// reportBots writes the reports on bots whose lease this sender still holds.
func (w *stepWriter) reportBots(ctx context.Context) error {
	if len(w.step.Bots) == 0 {
		return nil
	}
	tx, err := w.flushed(ctx)
	if err != nil {
		return err
	}
	for _, b := range w.step.Bots {
		var mine bool
		err := tx.QueryRowContext(ctx, holdsLease, b.BotID, w.step.Owner, b.Epoch).Scan(&mine)
		if err != nil {
			return err
		}
		if !mine {
			continue
		}
		if err := w.reportBot(ctx, tx, b); err != nil {
			return err
		}
	}
	return nil
}

func (w *stepWriter) reportBot(ctx context.Context, tx executor, b dispatch.BotStep) error {
	now := w.step.Now.UnixMilli()
	if !b.FrozenUntil.IsZero() {
		w.queue(`UPDATE bots SET frozen_until = $2, frozen_reason = $3 WHERE id = $1`,
			b.BotID, b.FrozenUntil.UnixMilli(), b.FrozenReason)
	}
	if !b.PaidRefusedUntil.IsZero() {
		w.queue(`UPDATE bots SET paid_refused_until = $2 WHERE id = $1`, b.BotID, b.PaidRefusedUntil.UnixMilli())
	}
	if b.Pause.Reason == "" {
		return nil
	}
	return pauseBot(ctx, tx, b.BotID, b.Pause, now)
}

// pauseBot pauses a bot with its campaigns.
func pauseBot(ctx context.Context, tx executor, botID int64, p dispatch.Pause, now int64) error {
	_, err := tx.ExecContext(ctx, `UPDATE bots SET state = 'paused', state_reason = $2, updated_at = $3 WHERE id = $1`, botID, p.Reason, now)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `
		UPDATE campaigns SET state = 'paused', state_reason = $2, state_detail = $3, updated_at = $4
		WHERE bot_id = $1 AND state IN `+goesOut, botID, outcome.BotRefused, p.Detail, now)
	return err
}

// PauseBot implements [dispatch.Store].
func (s Ledgers) PauseBot(ctx context.Context, owner string, l dispatch.Lease, reason outcome.Reason, now time.Time) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		var mine bool
		err := tx.QueryRowContext(ctx, holdsLease, l.BotID, owner, l.Epoch).Scan(&mine)
		if err != nil || !mine {
			return err
		}
		return pauseBot(ctx, tx, l.BotID, dispatch.Pause{Reason: reason}, now.UnixMilli())
	})
}
