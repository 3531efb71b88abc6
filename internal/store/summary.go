package store

import (
	"context"
	"database/sql"
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
		SELECT c.id, c.workspace_id, c.message_id, m.name, c.kind = 'triggered', COALESCE(c.launched_at, 0), c.content
		FROM campaigns c JOIN messages m ON m.id = c.message_id WHERE c.id IN `+s.intsIn("$1")+` ORDER BY c.launched_at, c.id`, ints(ids))
	if err != nil {
		return nil, s.d.classify(err)
	}
	return scanAll(rows, func(r *sql.Rows) (c summary.Stored, err error) {
		var launched int64
		err = r.Scan(&c.ID, &c.WorkspaceID, &c.MessageID, &c.MessageName, &c.Triggered, &launched, &c.Content)
		c.LaunchedAt = fromMillis(launched)
		return c, err
	})
}
