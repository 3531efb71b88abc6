package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"bellman/internal/activity"
	"bellman/internal/outcome"
	"bellman/internal/webhook"
)

// webhookDue renders the webhooks that have something to post and that nobody
// leases. The lowest activity is found by an index, however many the planner
// expects. $1 is the caller's time, for retries; leases go by the database's clock.
func (s Webhooks) webhookDue() string {
	return `state = 'active' AND deleted_at = 0 AND (next_at <= $1 OR next_from > $1) AND expires_at <= ` + s.d.nowMillis + `
		AND ((SELECT MIN(a.id) FROM activities a WHERE a.webhook_id = webhooks.id) IS NOT NULL OR missed_since > 0
			OR EXISTS (SELECT 1 FROM webhook_replays p WHERE p.webhook_id = webhooks.id AND (p.due_at <= $1 OR p.due_from > $1)))`
}

// TakeWebhooks implements [webhook.SenderStore]. As long as nothing is due, it
// writes nothing.
func (s Webhooks) TakeWebhooks(
	ctx context.Context, owner string, now time.Time, ttl time.Duration, limit int,
) (taken []webhook.Lease, err error) {
	var due, ahead bool
	err = s.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM webhooks WHERE `+s.webhookDue()+`),
		EXISTS (SELECT 1 FROM webhooks WHERE expires_at > `+s.d.nowMillis+` + $2)`, now.UnixMilli(), ttl.Milliseconds()).Scan(&due, &ahead)
	if err == nil && ahead {
		err = s.exec(ctx, s.shorten("webhooks"), ttl.Milliseconds())
	}
	if err != nil || !due {
		return nil, s.d.classify(err)
	}
	err = s.tx(ctx, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx,
			`SELECT id FROM webhooks WHERE `+s.webhookDue()+` ORDER BY next_at, id LIMIT $2`+s.d.forUpdate, now.UnixMilli(), limit)
		if err != nil {
			return err
		}
		ids, err := scanAll(rows, func(r *sql.Rows) (id int64, err error) { return id, r.Scan(&id) })
		if err != nil || len(ids) == 0 {
			return err
		}
		rows, err = tx.QueryContext(ctx, `
			UPDATE webhooks SET owner = $1, epoch = epoch + 1, expires_at = `+s.d.nowMillis+` + $2
			WHERE id IN `+s.intsIn("$3")+` RETURNING id, owner, epoch`, owner, ttl.Milliseconds(), ints(ids))
		if err != nil {
			return err
		}
		taken, err = scanAll(rows, func(r *sql.Rows) (l webhook.Lease, err error) { return l, r.Scan(&l.WebhookID, &l.Owner, &l.Epoch) })
		return err
	})
	return taken, err
}

// An activity a is read with everything that it is about: its recipient r, outcome
// o, click k, contact p, campaign c, bot b and message m. Only triggered campaigns have
// requests q, which are found by their contacts.
const selectEntries = `
	SELECT a.id, a.status, a.at, a.campaign_id, a.seq, COALESCE(a.click_id, ''), COALESCE(q.request_id, ''), COALESCE(q.label, ''),
		COALESCE(c.kind, ''), COALESCE(c.message_id, 0), COALESCE(m.name, ''), COALESCE(b.app_uuid, ''),
		COALESCE(a.chat_id, r.chat_id, 0), COALESCE(a.contact_id, r.contact_id, 0), ` + identityColumns + `,
		COALESCE(o.reason, ''), COALESCE(o.detail, ''), COALESCE(o.telegram_message_id, 0),
		k.id IS NOT NULL, COALESCE(k.link, 0), CASE WHEN p.id IS NULL THEN '' ELSE COALESCE(k.target, '') END,
		k.press IS NOT NULL, CASE WHEN p.id IS NULL THEN '' ELSE COALESCE(k.data, '') END
	FROM (SELECT * FROM activities WHERE webhook_id = $1 ORDER BY id LIMIT $2) AS a
	LEFT JOIN campaigns c ON c.id = a.campaign_id
	LEFT JOIN bots b ON b.id = c.bot_id
	LEFT JOIN messages m ON m.id = c.message_id
	LEFT JOIN recipients r ON r.campaign_id = a.campaign_id AND r.seq = a.seq
	LEFT JOIN requests q ON q.contact_id = r.contact_id AND q.campaign_id = a.campaign_id AND q.seq = a.seq AND c.kind = 'triggered'
	LEFT JOIN outcomes o ON o.campaign_id = a.campaign_id AND o.seq = a.seq
	LEFT JOIN clicks k ON k.campaign_id = a.campaign_id AND k.id = a.click_id
	LEFT JOIN contacts p ON p.id = COALESCE(a.contact_id, r.contact_id) AND p.deleted_at = 0
	ORDER BY a.id`

// Batch implements [webhook.SenderStore].
func (s Webhooks) Batch(ctx context.Context, l webhook.Lease, limit int) (b webhook.Batch, err error) {
	b.Webhook, err = scanWebhook(s.read.QueryRowContext(ctx,
		`SELECT `+webhookColumns+` FROM webhooks
		WHERE id = $1 AND owner = $2 AND epoch = $3 AND state = 'active' AND deleted_at = 0`, l.WebhookID, l.Owner, l.Epoch))
	if errors.Is(err, sql.ErrNoRows) {
		return b, nil
	}
	if err != nil {
		return b, s.d.classify(err)
	}
	rows, err := s.read.QueryContext(ctx, selectEntries, l.WebhookID, limit)
	if err != nil {
		return b, s.d.classify(err)
	}
	b.Entries, err = scanAll(rows, scanEntry)
	return b, s.d.classify(err)
}

func scanEntry(r *sql.Rows) (e webhook.Entry, err error) {
	var (
		at      int64
		clicked bool
		click   activity.Click
		c       = &e.Campaign
	)
	columns := []any{&e.Sequence, &e.Status, &at, &c.ID, &e.Offset.Seq, &e.ClickID, &e.RequestID, &e.Label,
		&c.Kind, &c.MessageID, &c.MessageName, &e.AppUUID}
	columns = append(columns, personInto(&e.Person)...)
	columns = append(columns, &e.Reason, &e.Detail, &e.TelegramMessageID, &clicked, &click.Link, &click.Target, &click.Pressed, &click.Data)
	err = r.Scan(columns...)
	e.Offset.CampaignID, e.At = c.ID, fromMillis(at)
	if clicked {
		// A click is reported without how its delivery ended.
		e.Click, e.Reason, e.Detail = &click, "", ""
	}
	return e, err
}

// SettleActivities implements [webhook.SenderStore]. Activities that the receiver
// took are deleted whatever process holds the lease: they are done.
func (s Webhooks) SettleActivities(
	ctx context.Context, l webhook.Lease, accepted []webhook.Entry, a webhook.Attempt, ttl time.Duration,
) (held bool, err error) {
	ids := make([]int64, len(accepted))
	for i := range accepted {
		ids[i] = accepted[i].Sequence
	}
	err = s.tx(ctx, func(tx *sql.Tx) error {
		if err := keepAttempt(ctx, tx, l.WebhookID, a, contentOf(accepted)); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx,
			`DELETE FROM activities WHERE webhook_id = $1 AND id`+s.d.among(s.intsIn("$2")), l.WebhookID, ints(ids))
		if err != nil {
			return err
		}
		result, err := tx.ExecContext(ctx, `
			UPDATE webhooks SET attempts = 0, last_error = '', failed_at = 0, next_at = $4, next_from = $4, delivered_at = $4,
				expires_at = `+s.d.nowMillis+` + $5
			WHERE id = $1 AND owner = $2 AND epoch = $3`, l.WebhookID, l.Owner, l.Epoch, a.End().UnixMilli(), ttl.Milliseconds())
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		held = n == 1
		return err
	})
	return held, err
}

// PostponeWebhook implements [webhook.SenderStore].
func (s Webhooks) PostponeWebhook(ctx context.Context, l webhook.Lease, f webhook.Failure) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		if err := keepAttempt(ctx, tx, l.WebhookID, f.Attempt, ""); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `
			UPDATE webhooks SET attempts = $4, last_error = $5, failed_at = $6, next_from = $6, next_at = $7
			WHERE id = $1 AND owner = $2 AND epoch = $3 AND revision = $8`,
			l.WebhookID, l.Owner, l.Epoch, f.InARow, f.Error, f.End().UnixMilli(), f.Next.UnixMilli(), f.Revision)
		if err == nil && f.Pause != "" {
			err = pauseWebhook(ctx, tx, l, f.Revision, f.Pause)
		}
		if err != nil {
			return err
		}
		return endWebhookLease(ctx, tx, l)
	})
}

// PauseWebhook implements [webhook.SenderStore].
func (s Webhooks) PauseWebhook(ctx context.Context, l webhook.Lease, revision int64, why outcome.Reason) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		if err := pauseWebhook(ctx, tx, l, revision, why); err != nil {
			return err
		}
		return endWebhookLease(ctx, tx, l)
	})
}

func pauseWebhook(ctx context.Context, tx *sql.Tx, l webhook.Lease, revision int64, why outcome.Reason) error {
	_, err := tx.ExecContext(ctx, `
		UPDATE webhooks SET state = 'paused', state_reason = $4
		WHERE id = $1 AND owner = $2 AND epoch = $3 AND revision = $5 AND state = 'active'`,
		l.WebhookID, l.Owner, l.Epoch, string(why), revision)
	return err
}

// ReleaseWebhook implements [webhook.SenderStore].
func (s Webhooks) ReleaseWebhook(ctx context.Context, l webhook.Lease, now time.Time) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx,
			`UPDATE webhooks SET next_at = $4, next_from = $4 WHERE id = $1 AND owner = $2 AND epoch = $3 AND next_at < $4`,
			l.WebhookID, l.Owner, l.Epoch, now.UnixMilli())
		if err != nil {
			return err
		}
		return endWebhookLease(ctx, tx, l)
	})
}

func endWebhookLease(ctx context.Context, tx *sql.Tx, l webhook.Lease) error {
	_, err := tx.ExecContext(ctx,
		`UPDATE webhooks SET owner = '', expires_at = 0 WHERE id = $1 AND owner = $2 AND epoch = $3`, l.WebhookID, l.Owner, l.Epoch)
	return err
}

// SweepWebhooks implements [webhook.SenderStore].
func (s Webhooks) SweepWebhooks(ctx context.Context, before time.Time, limit int) (more bool, err error) {
	var some bool
	err = s.read.QueryRowContext(ctx,
		`SELECT EXISTS (SELECT 1 FROM webhooks WHERE deleted_at <> 0 AND deleted_at < $1)`, before.UnixMilli()).Scan(&some)
	if err != nil || !some {
		return false, s.d.classify(err)
	}
	err = s.tx(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `
			DELETE FROM activities WHERE (webhook_id, id) IN (
				SELECT a.webhook_id, a.id FROM webhooks w JOIN activities a ON a.webhook_id = w.id
				WHERE w.deleted_at <> 0 AND w.deleted_at < $1 LIMIT $2)`, before.UnixMilli(), limit)
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		if more = n > 0; err != nil || more {
			return err
		}
		for _, table := range []string{"webhook_attempts", "webhook_replays"} {
			_, err = tx.ExecContext(ctx, `DELETE FROM `+table+` WHERE webhook_id IN (
				SELECT id FROM webhooks WHERE deleted_at <> 0 AND deleted_at < $1)`, before.UnixMilli())
			if err != nil {
				return err
			}
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM webhooks WHERE deleted_at <> 0 AND deleted_at < $1`, before.UnixMilli())
		return err
	})
	return more, err
}
