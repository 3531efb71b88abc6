package store

import (
	"context"
	"database/sql"
	"errors"

	"bellman/internal/activity"
	"bellman/internal/webhook"
)

// This file reads what a webhook is told next. The outbox names campaigns, recipients,
// clicks and contacts, which are read one after another, as they may be on machines of
// their own.

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
	if b.Entries, err = s.entries(ctx, l.WebhookID, limit); err != nil || len(b.Entries) == 0 {
		return b, err
	}
	var nobodys []int64
	if nobodys, err = s.addDeliveries(ctx, b.Entries); err != nil {
		return b, err
	}
	if len(nobodys) > 0 {
		if err := s.dropActivities(ctx, l.WebhookID, nobodys); err != nil {
			return b, err
		}
		return s.Batch(ctx, l, limit)
	}
	return b, s.introduceEntries(ctx, b.Entries)
}

// dropActivities removes activities that nobody is told.
func (s Webhooks) dropActivities(ctx context.Context, webhookID int64, ids []int64) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM activities WHERE webhook_id = $1 AND id IN `+s.intsIn("$2"), webhookID, ints(ids))
		return err
	})
}

// entries reads the oldest activities of the outbox, with their campaigns.
func (s Webhooks) entries(ctx context.Context, webhookID int64, limit int) ([]webhook.Entry, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT a.id, a.status, a.at, a.campaign_id, a.seq, COALESCE(a.click_id, ''), COALESCE(a.chat_id, 0), COALESCE(a.contact_id, 0),
			COALESCE(c.kind, ''), COALESCE(c.message_id, 0), COALESCE(m.name, ''), COALESCE(b.app_uuid, '')
		FROM (SELECT * FROM activities WHERE webhook_id = $1 ORDER BY id LIMIT $2) AS a
		LEFT JOIN campaigns c ON c.id = a.campaign_id
		LEFT JOIN bots b ON b.id = c.bot_id
		LEFT JOIN messages m ON m.id = c.message_id
		ORDER BY a.id`, webhookID, limit)
	if err != nil {
		return nil, s.d.classify(err)
	}
	return scanAll(rows, func(r *sql.Rows) (e webhook.Entry, err error) {
		var at int64
		c := &e.Campaign
		err = r.Scan(&e.Sequence, &e.Status, &at, &c.ID, &e.Offset.Seq, &e.ClickID, &e.Person.ChatID, &e.Person.ContactID,
			&c.Kind, &c.MessageID, &c.MessageName, &e.AppUUID)
		e.Offset.CampaignID, e.At = c.ID, fromMillis(at)
		return e, err
	})
}

var entryColumns = []column{{"nth", "bigint"}, {"campaign_id", "bigint"}, {"seq", "bigint"}, {"click_id", "text"}}

// addDeliveries adds to the entries what is known of their recipients r: outcomes o,
// clicks k, and requests q, which are found by the contacts. It returns the numbers of those
// whose recipients were erased.
func (s Webhooks) addDeliveries(ctx context.Context, entries []webhook.Entry) (nobodys []int64, err error) {
	var all, clicked rowWriter
	for i, e := range entries {
		all.row().int(int64(i)).int(e.Campaign.ID).int(e.Offset.Seq).text(e.ClickID)
		if e.ClickID != "" {
			clicked.row().int(int64(i)).int(e.Campaign.ID).int(e.Offset.Seq).text(e.ClickID)
		}
	}
	from := s.d.rows("$1", entryColumns) + ` AS v`
	asked := []statement{{args: []any{all.String()}, each: deliveryInto(entries, &nobodys), query: `
		SELECT v.nth, r.chat_id, r.contact_id, COALESCE(r.language, ''), COALESCE(q.request_id, ''), COALESCE(q.label, ''),
			COALESCE(o.reason, ''), COALESCE(o.detail, ''), COALESCE(o.telegram_message_id, 0)
		FROM ` + from + ` CROSS JOIN recipients r
		LEFT JOIN requests q ON q.contact_id = r.contact_id AND q.campaign_id = r.campaign_id AND q.seq = r.seq
		LEFT JOIN outcomes o ON o.campaign_id = r.campaign_id AND o.seq = r.seq
		WHERE r.campaign_id = v.campaign_id AND r.seq = v.seq`}}
	if clicked.n > 0 {
		asked = append(asked, statement{args: []any{clicked.String()}, each: clickInto(entries), query: `
			SELECT v.nth, k.link, COALESCE(k.target, ''), k.press IS NOT NULL, COALESCE(k.data, '')
			FROM ` + from + ` CROSS JOIN clicks k WHERE k.campaign_id = v.campaign_id AND k.id = v.click_id`})
	}
	return nobodys, s.together(ctx, asked)
}

func deliveryInto(entries []webhook.Entry, nobodys *[]int64) func(scanner) error {
	return func(r scanner) error {
		var (
			nth      int
			d        webhook.Entry
			reached  activity.Person
			language string
		)
		err := r.Scan(&nth, &reached.ChatID, &reached.ContactID, &language, &d.RequestID, &d.Label, &d.Reason, &d.Detail, &d.TelegramMessageID)
		if err != nil {
			return err
		}
		e := &entries[nth]
		if reached.ChatID == 0 && e.Person.ContactID == 0 {
			*nobodys = append(*nobodys, e.Sequence)
		}
		// What the activity itself says of the person comes first.
		if e.Person.ChatID == 0 {
			e.Person.ChatID = reached.ChatID
		}
		if e.Person.ContactID == 0 {
			e.Person.ContactID = reached.ContactID
		}
		e.Person.Language = language
		e.RequestID, e.Label, e.Reason, e.Detail, e.TelegramMessageID = d.RequestID, d.Label, d.Reason, d.Detail, d.TelegramMessageID
		return nil
	}
}

func clickInto(entries []webhook.Entry) func(scanner) error {
	return func(r scanner) error {
		var (
			nth int
			c   activity.Click
		)
		err := r.Scan(&nth, &c.Link, &c.Target, &c.Pressed, &c.Data)
		if err == nil {
			entries[nth].Click = &c
		}
		return err
	}
}

// introduceEntries completes the persons of entries. A click is reported without how
// its delivery ended.
func (s Webhooks) introduceEntries(ctx context.Context, entries []webhook.Entry) error {
	activities := make([]*activity.Activity, len(entries))
	for i := range entries {
		e := &entries[i]
		if e.Click != nil {
			e.Reason, e.Detail = "", ""
		}
		activities[i] = &e.Activity
	}
	return s.introduce(ctx, activities)
}
