package store

import (
	"context"
	"database/sql"

	"bellman/internal/activity"
)

// This file finds the campaigns in which something happened in a window of time.

// launchedAtOnce is how many campaigns are looked at together.
const launchedAtOnce = 200

// ActiveCampaigns implements [activity.Store].
func (s Activity) ActiveCampaigns(
	ctx context.Context, workspaceID int64, w activity.Window, from int64, limit int,
) (active []activity.Active, err error) {
	for {
		launched, err := s.launched(ctx, workspaceID, w, from)
		if err != nil {
			return nil, err
		}
		if err := s.findClicking(ctx, w, launched); err != nil {
			return nil, err
		}
		for _, c := range launched {
			if c.Sending || c.Clicking {
				active = append(active, c)
			}
		}
		if len(active) >= limit || len(launched) < launchedAtOnce {
			return active[:min(limit, len(active))], nil
		}
		from = launched[len(launched)-1].ID + 1
	}
}

// launched returns the next campaigns that may have outcomes in the window, or that
// have clicks of any time: these are Clicking.
func (s Activity) launched(ctx context.Context, workspaceID int64, w activity.Window, from int64) ([]activity.Active, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT c.id, c.kind, c.message_id, m.name, (c.finished_at IS NULL OR c.finished_at >= $3), n.campaign_id IS NOT NULL, c.action <> 'send'
		FROM campaigns c JOIN messages m ON m.id = c.message_id LEFT JOIN click_counts n ON n.campaign_id = c.id
		WHERE c.workspace_id = $1 AND c.id >= $2 AND c.launched_at < $4 AND NOT c.test AND c.forgotten_at IS NULL
			AND (c.finished_at IS NULL OR c.finished_at >= $3 OR n.campaign_id IS NOT NULL)
		ORDER BY c.id LIMIT $5`,
		workspaceID, from, w.From.Add(-settledLate).UnixMilli(), w.To.UnixMilli(), launchedAtOnce)
	if err != nil {
		return nil, s.d.classify(err)
	}
	return scanAll(rows, func(r *sql.Rows) (c activity.Active, err error) {
		return c, r.Scan(&c.ID, &c.Kind, &c.MessageID, &c.MessageName, &c.Sending, &c.Clicking, &c.Changes)
	})
}

// findClicking leaves those of the campaigns Clicking that have clicks in the window.
// Each is asked for by itself: one statement for all of them would look into clicks
// for each row of another table, which no sharded cluster does.
func (s Activity) findClicking(ctx context.Context, w activity.Window, campaigns []activity.Active) error {
	first, last := clickIDs(w)
	var asked []statement
	for i := range campaigns {
		c := &campaigns[i]
		if !c.Clicking {
			continue
		}
		asked = append(asked, statement{
			query: `SELECT EXISTS (SELECT 1 FROM clicks WHERE campaign_id = $1 AND id >= $2 AND id < $3)`,
			args:  []any{c.ID, first, last},
			each:  func(r scanner) error { return r.Scan(&c.Clicking) },
		})
	}
	return s.together(ctx, asked)
}
