package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"bellman/internal/summary"
)

// Summaries reads the content of campaigns.
type Summaries struct{ *pools }

var _ summary.Store = Summaries{}

// Launched implements [summary.Store].
func (s Summaries) Launched(ctx context.Context, since time.Time, limit int) ([]int64, error) {
	rows, err := s.read.QueryContext(ctx,
		`SELECT id FROM campaigns WHERE launched_at >= $1 ORDER BY launched_at DESC, id DESC LIMIT $2`, since.UnixMilli(), limit)
	if err != nil {
		return nil, s.d.classify(err)
	}
	return scanAll(rows, func(r *sql.Rows) (id int64, err error) { return id, r.Scan(&id) })
}

// Stored implements [summary.Store].
func (s Summaries) Stored(ctx context.Context, ids []int64) ([]summary.Stored, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT c.id, c.workspace_id, c.message_id, COALESCE(NULLIF(c.message_name, ''), m.name), c.utm,
			c.kind = 'triggered', COALESCE(c.launched_at, 0), c.content
		FROM campaigns c JOIN messages m ON m.id = c.message_id WHERE c.id IN `+s.intsIn("$1")+` ORDER BY c.launched_at, c.id`, ints(ids))
	if err != nil {
		return nil, s.d.classify(err)
	}
	return scanAll(rows, func(r *sql.Rows) (c summary.Stored, err error) {
		var (
			launched int64
			utm      string
		)
		err = r.Scan(&c.ID, &c.WorkspaceID, &c.MessageID, &c.MessageName, &utm, &c.Triggered, &launched, &c.Content)
		if err != nil {
			return c, err
		}
		c.LaunchedAt = fromMillis(launched)
		if err := json.Unmarshal([]byte(utm), &c.UTM); err != nil {
			return c, fmt.Errorf("store: utm of campaign %d: %w", c.ID, err)
		}
		return c, nil
	})
}
