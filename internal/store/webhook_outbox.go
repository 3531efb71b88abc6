package store

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"bellman/internal/outcome"
	"bellman/internal/track"
)

// This file is how activities are written to the outbox of webhooks, in the
// transaction in which they happen.

// outbox collects the activities for webhooks. When no webhook wants them, nothing
// is collected and nothing written.
type outbox struct {
	// watchers holds, by campaign, the webhooks for which activities are recorded.
	watchers map[int64][]watcher
	rows     []outboxRow
}

// watcher is a webhook and the statuses that it wants.
type watcher struct {
	webhookID int64
	statuses  []outcome.Activity
	// changes is true of a campaign that edits or deletes: its outcomes are no messages'.
	changes bool
}

// outboxRow is an activity for one webhook. contactID and chatID are set where no
// recipient provides them.
type outboxRow struct {
	webhookID         int64
	status            outcome.Activity
	campaignID, seq   int64
	contactID, chatID int64
	clickID           string
	at                time.Time
}

// openOutbox finds the webhooks that want activities of the campaigns, given as
// bulk input. Test sends are left out.
func (s *pools) openOutbox(ctx context.Context, tx *sql.Tx, campaignIDs string) (*outbox, error) {
	o := &outbox{watchers: map[int64][]watcher{}}
	rows, err := tx.QueryContext(ctx, s.watching(), campaignIDs)
	if err != nil {
		return nil, err
	}
	return o, each(rows, func(r *sql.Rows) error { return o.watch(r) })
}

// watching is the query for the webhooks that want activities of the campaigns $1.
func (s *pools) watching() string {
	return `
		SELECT c.id, w.id, w.statuses, c.action <> 'send' FROM campaigns c JOIN webhooks w ON w.workspace_id = c.workspace_id
		WHERE c.id IN ` + s.intsIn("$1") + ` AND NOT c.test AND w.active ORDER BY c.id, w.id`
}

// watch reads a row of that query.
func (o *outbox) watch(r scanner) error {
	var (
		campaignID int64
		w          watcher
		statuses   string
	)
	err := r.Scan(&campaignID, &w.webhookID, &statuses, &w.changes)
	w.statuses = readStatuses(statuses)
	o.watchers[campaignID] = append(o.watchers[campaignID], w)
	return err
}

// add collects an activity for the webhooks that want it.
func (o *outbox) add(row outboxRow) {
	for _, w := range o.watchers[row.campaignID] {
		if slices.Contains(w.statuses, row.status) && !(w.changes && row.status.OfSending()) {
			row.webhookID = w.webhookID
			o.rows = append(o.rows, row)
		}
	}
}

var activityColumns = []column{
	{"webhook_id", "bigint"}, {"id", "bigint"}, {"status", "text"}, {"campaign_id", "bigint"}, {"seq", "bigint"},
	{"contact_id", "bigint"}, {"chat_id", "bigint"}, {"click_id", "text"}, {"at", "bigint"},
}

// writeOutbox writes the collected activities in their order.
func (s *pools) writeOutbox(ctx context.Context, tx *sql.Tx, o *outbox) error {
	if len(o.rows) == 0 {
		return nil
	}
	ids, err := s.d.takeIDs(ctx, tx, "activity_id", len(o.rows))
	if err != nil {
		return err
	}
	statement, rows := s.insertActivities(o, ids)
	_, err = tx.ExecContext(ctx, statement, rows)
	return err
}

// insertActivities returns the statement that writes the collected activities under
// the ids, and its parameter.
func (s *pools) insertActivities(o *outbox, ids []int64) (statement, rows string) {
	var p rowWriter
	for i, r := range o.rows {
		p.row().int(r.webhookID).int(ids[i]).verbatim(string(r.status)).int(r.campaignID).int(r.seq).
			int(r.contactID).int(r.chatID).text(r.clickID).int(r.at.UnixMilli())
	}
	return `
		INSERT INTO activities (webhook_id, id, status, campaign_id, seq, contact_id, chat_id, click_id, at)
		SELECT webhook_id, id, status, campaign_id, seq, NULLIF(contact_id, 0), NULLIF(chat_id, 0), click_id, at
		FROM ` + s.d.rows("$1", activityColumns) + ` AS fresh`, p.String()
}

// clickOutbox returns the outbox for clicks that are written row by row.
func (s *pools) clickOutbox(ctx context.Context, tx *sql.Tx, clicks []track.Click) (*outbox, error) {
	var watched bool
	err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM webhooks WHERE active)`).Scan(&watched)
	if err != nil || !watched {
		return &outbox{}, err
	}
	var campaignIDs []int64
	for i := range clicks {
		if id := clicks[i].CampaignID; !slices.Contains(campaignIDs, id) {
			campaignIDs = append(campaignIDs, id)
		}
	}
	return s.openOutbox(ctx, tx, ints(campaignIDs))
}

// outboxClicks is the part of the statement that writes clicks at once which adds
// to the outbox the clicks that its part events has stored. The workspace is
// selected for each click: for a join the planner would read all campaigns.
func (s *pools) outboxClicks() string {
	return `
	INSERT INTO activities (webhook_id, id, status, campaign_id, seq, click_id, at)
	SELECT webhook_id, ` + s.d.nextID("activity_id") + `, '` + string(outcome.Clicked) + `', campaign_id, seq, id, clicked_at
	FROM (
		SELECT w.id AS webhook_id, e.* FROM (
			SELECT events.*, (SELECT c.workspace_id FROM campaigns c WHERE c.id = events.campaign_id AND NOT c.test) AS workspace_id
			FROM events) AS e
		JOIN webhooks w ON w.workspace_id = e.workspace_id AND w.active AND ',' || w.statuses || ',' LIKE '%,` + string(outcome.Clicked) + `,%'
		ORDER BY e.id, w.id) AS watched`
}
