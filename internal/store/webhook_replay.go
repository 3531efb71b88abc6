package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"time"

	"bellman/internal/activity"
	"bellman/internal/audit"
	"bellman/internal/outcome"
	"bellman/internal/webhook"
)

// This file is how activities that are not in the outbox come into it: they follow from
// outcomes and clicks.

// ReplayAttempt implements [webhook.Store].
func (s Webhooks) ReplayAttempt(ctx context.Context, id, attemptID int64) (found bool, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
		var content string
		err := tx.QueryRowContext(ctx,
			`SELECT content FROM webhook_attempts WHERE webhook_id = $1 AND id = $2 AND content <> ''`, id, attemptID).Scan(&content)
		if errors.Is(err, sql.ErrNoRows) {
			audit.Idle(ctx)
			return nil
		}
		if err != nil {
			return err
		}
		var kept []keptActivity
		if err := json.Unmarshal([]byte(content), &kept); err != nil {
			return err
		}
		found = true
		o := &outbox{}
		for _, a := range kept {
			o.rows = append(o.rows, outboxRow{webhookID: id, status: a.Status, campaignID: a.CampaignID, seq: a.Seq,
				contactID: a.ContactID, chatID: a.ChatID, clickID: a.ClickID, at: fromMillis(a.At)})
		}
		return s.writeOutbox(ctx, tx, o)
	})
	return found, err
}

// AddReplay implements [webhook.Store].
func (s Webhooks) AddReplay(ctx context.Context, id int64, r webhook.Replay, due time.Time, most int) (added bool, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
		var waiting int
		err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM webhook_replays WHERE webhook_id = $1`, id).Scan(&waiting)
		if added = err == nil && waiting < most; !added {
			audit.Idle(ctx)
			return err
		}
		return addReplay(ctx, tx, id, r, due, due)
	})
	return added, err
}

func addReplay(ctx context.Context, tx *sql.Tx, id int64, r webhook.Replay, now, due time.Time) error {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO webhook_replays (webhook_id, since, until, due_from, due_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
		id, r.Since.UnixMilli(), r.Until.UnixMilli(), now.UnixMilli(), due.UnixMilli())
	return err
}

// StopFull implements [webhook.SenderStore]. The span of the ids says cheaply that a
// backlog is not full; only else it is counted.
func (s Webhooks) StopFull(ctx context.Context, most int, now time.Time) (full []int64, err error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT id FROM webhooks WHERE active AND deleted_at = 0 AND CASE
			WHEN (SELECT MAX(a.id) FROM activities a WHERE a.webhook_id = webhooks.id)
				- (SELECT MIN(a.id) FROM activities a WHERE a.webhook_id = webhooks.id) < $1 - 1 THEN FALSE
			ELSE EXISTS (SELECT 1 FROM activities a WHERE a.webhook_id = webhooks.id ORDER BY a.id LIMIT 1 OFFSET $1 - 1) END`, most)
	if err != nil {
		return nil, s.d.classify(err)
	}
	full, err = scanAll(rows, func(r *sql.Rows) (id int64, err error) { return id, r.Scan(&id) })
	if err != nil || len(full) == 0 {
		return nil, s.d.classify(err)
	}
	return full, s.tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE webhooks SET active = FALSE, missed_since = $2 WHERE active AND id`+s.d.among(s.intsIn("$1")),
			ints(full), now.UnixMilli())
		return err
	})
}

// replay is a replay that is under way: the stretch of a campaign that comes next.
type replay struct {
	webhook.Replay
	workspaceID int64
	statuses    []outcome.Activity
	campaignID  int64
	// seq is the last recipient whose outcome was taken, [clicksNext] when it is the
	// clicks' turn; clickID is the last click.
	seq     int64
	clickID string
}

// clicksNext stands in the place of a recipient when a campaign's outcomes are done.
const clicksNext = math.MaxInt64

// Refill implements [webhook.SenderStore].
func (s Webhooks) Refill(ctx context.Context, l webhook.Lease, now, settled time.Time, limit int) (more bool, err error) {
	if err := s.recordAgain(ctx, l, now, settled); err != nil {
		return false, err
	}
	r, err := s.nextReplay(ctx, l.WebhookID, now)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, s.d.classify(err)
	}
	before := r
	rows, done, err := s.advance(ctx, &r, limit)
	if err != nil {
		return false, err
	}
	err = s.tx(ctx, func(tx *sql.Tx) error {
		held, err := s.holds(ctx, tx, l)
		if more = held; err != nil || !held {
			return err
		}
		for i := range rows {
			rows[i].webhookID = l.WebhookID
		}
		if err := s.writeOutbox(ctx, tx, &outbox{rows: rows}); err != nil {
			return err
		}
		key := []any{l.WebhookID, before.Since.UnixMilli(), before.Until.UnixMilli()}
		if done {
			_, err = tx.ExecContext(ctx, `DELETE FROM webhook_replays WHERE webhook_id = $1 AND since = $2 AND until = $3`, key...)
			return err
		}
		_, err = tx.ExecContext(ctx, `
			UPDATE webhook_replays SET campaign_id = $4, seq = $5, click_id = $6 WHERE webhook_id = $1 AND since = $2 AND until = $3`,
			append(key, r.campaignID, r.seq, r.clickID)...)
		return err
	})
	return more, err
}

// holds reports whether the lease is held still and its webhook active, which is locked
// then.
func (s Webhooks) holds(ctx context.Context, tx *sql.Tx, l webhook.Lease) (bool, error) {
	var id int64
	err := tx.QueryRowContext(ctx, `
		SELECT id FROM webhooks WHERE id = $1 AND owner = $2 AND epoch = $3 AND state = 'active' AND deleted_at = 0`+s.d.forUpdate,
		l.WebhookID, l.Owner, l.Epoch).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// recordAgain makes activities be recorded again for a webhook whose backlog was full,
// and adds the replay of those that were not.
func (s Webhooks) recordAgain(ctx context.Context, l webhook.Lease, now, settled time.Time) error {
	var missed int64
	err := s.read.QueryRowContext(ctx, `SELECT missed_since FROM webhooks WHERE id = $1`, l.WebhookID).Scan(&missed)
	if err != nil || missed == 0 {
		return s.d.classify(err)
	}
	return s.tx(ctx, func(tx *sql.Tx) error {
		if held, err := s.holds(ctx, tx, l); err != nil || !held {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE webhooks SET active = TRUE, missed_since = 0 WHERE id = $1`, l.WebhookID); err != nil {
			return err
		}
		missing := webhook.Replay{Since: fromMillis(missed).Add(-webhook.Overlap), Until: settled}
		return addReplay(ctx, tx, l.WebhookID, missing, now, settled)
	})
}

func (s Webhooks) nextReplay(ctx context.Context, webhookID int64, now time.Time) (r replay, err error) {
	var (
		since, until int64
		statuses     string
	)
	err = s.read.QueryRowContext(ctx, `
		SELECT w.workspace_id, w.statuses, p.since, p.until, p.campaign_id, p.seq, p.click_id
		FROM webhook_replays p JOIN webhooks w ON w.id = p.webhook_id
		WHERE p.webhook_id = $1 AND (p.due_at <= $2 OR p.due_from > $2) ORDER BY p.since, p.until LIMIT 1`, webhookID, now.UnixMilli()).
		Scan(&r.workspaceID, &statuses, &since, &until, &r.campaignID, &r.seq, &r.clickID)
	r.Since, r.Until, r.statuses = fromMillis(since), fromMillis(until), readStatuses(statuses)
	return r, err
}

// advance takes the next stretch of a replay: some activities of one campaign. done is
// true when there are no more.
func (s Webhooks) advance(ctx context.Context, r *replay, limit int) (rows []outboxRow, done bool, err error) {
	window := activity.Window{From: r.Since, To: r.Until}
	campaigns, err := Activity(s).ActiveCampaigns(ctx, r.workspaceID, window, r.campaignID, 1)
	if err != nil || len(campaigns) == 0 {
		return nil, true, err
	}
	c := campaigns[0]
	if c.ID != r.campaignID {
		r.campaignID, r.seq, r.clickID = c.ID, 0, ""
	}
	if r.seq != clicksNext {
		if c.Sending {
			rows, err = s.replayOutcomes(ctx, r, c.Changes, window, limit)
		} else {
			r.seq = clicksNext
		}
		return rows, false, err
	}
	if c.Clicking && slices.Contains(r.statuses, outcome.Clicked) {
		rows, err = s.replayClicks(ctx, r, window, limit)
	}
	if len(rows) < limit {
		r.campaignID, r.seq, r.clickID = c.ID+1, 0, ""
	}
	return rows, false, err
}

// replayOutcomes returns the activities of up to limit outcomes, and moves the replay
// behind them. Those of a campaign that changes what was sent tell who has left, and nothing
// else.
func (s Webhooks) replayOutcomes(
	ctx context.Context, r *replay, changes bool, window activity.Window, limit int,
) (rows []outboxRow, err error) {
	left := slices.Contains(r.statuses, outcome.Unsubscribed)
	wanted := func(a outcome.Activity) bool { return !changes && slices.Contains(r.statuses, a) }
	var statuses []outcome.Status
	for _, status := range outcome.Statuses {
		if wanted(status.Activity()) || left && status == outcome.Failed {
			statuses = append(statuses, status)
		}
	}
	if len(statuses) == 0 {
		r.seq = clicksNext
		return nil, nil
	}
	stretch := activity.Stretch{Window: window, CampaignID: r.campaignID, AfterSeq: r.seq, Limit: limit}
	outcomes, err := Activity(s).CampaignOutcomes(ctx, stretch, statuses)
	if err != nil {
		return nil, err
	}
	var gone map[int64]bool
	if left {
		if gone, err = s.gone(ctx, r.campaignID, outcomes); err != nil {
			return nil, err
		}
	}
	for i := range outcomes {
		o := &outcomes[i]
		row := outboxRow{status: o.Status, campaignID: r.campaignID, seq: o.Offset.Seq, at: o.At}
		if wanted(o.Status) {
			rows = append(rows, row)
		}
		if gone[o.Person.ChatID] {
			row.status, row.contactID, row.chatID = outcome.Unsubscribed, o.Person.ContactID, o.Person.ChatID
			rows = append(rows, row)
		}
		r.seq = o.Offset.Seq
	}
	if len(outcomes) < limit {
		r.seq = clicksNext
	}
	return rows, nil
}

// gone returns the chats that were removed for these outcomes of a campaign, and have
// not come back.
func (s Webhooks) gone(ctx context.Context, campaignID int64, outcomes []activity.Activity) (map[int64]bool, error) {
	gone := map[int64]bool{}
	var chats []int64
	for i := range outcomes {
		if o := &outcomes[i]; o.Status == outcome.Undelivered && o.Reason.RemovesChat() {
			gone[o.Person.ChatID] = true
			chats = append(chats, o.Person.ChatID)
		}
	}
	if len(chats) == 0 {
		return gone, nil
	}
	rows, err := s.read.QueryContext(ctx, `
		SELECT chat_id FROM chats WHERE bot_id = (SELECT bot_id FROM campaigns WHERE id = $1) AND chat_id IN `+s.intsIn("$2"),
		campaignID, ints(chats))
	if err != nil {
		return nil, s.d.classify(err)
	}
	return gone, each(rows, func(r *sql.Rows) error {
		var back int64
		err := r.Scan(&back)
		delete(gone, back)
		return err
	})
}

// replayClicks returns up to limit clicks, and moves the replay behind them.
func (s Webhooks) replayClicks(ctx context.Context, r *replay, window activity.Window, limit int) ([]outboxRow, error) {
	first, last := clickIDs(window)
	rows, err := s.read.QueryContext(ctx, `
		SELECT id, seq, clicked_at FROM clicks
		WHERE campaign_id = $1 AND id >= $2 AND id > $3 AND id < $4 AND clicked_at >= $5 AND clicked_at < $6 ORDER BY id LIMIT $7`,
		r.campaignID, first, r.clickID, last, window.From.UnixMilli(), window.To.UnixMilli(), limit)
	if err != nil {
		return nil, s.d.classify(err)
	}
	return scanAll(rows, func(q *sql.Rows) (row outboxRow, err error) {
		var at int64
		err = q.Scan(&row.clickID, &row.seq, &at)
		row.status, row.campaignID, row.at = outcome.Clicked, r.campaignID, fromMillis(at)
		r.clickID = row.clickID
		return row, err
	})
}
