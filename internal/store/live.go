package store

import (
	"context"
	"database/sql"
	"time"

	"bellman/internal/live"
	"bellman/internal/report"
)

// Live reads what changes by itself, and lets processes tell each other of changes.
type Live struct{ *pools }

var _ live.Store = Live{}

// Sight implements [live.Store].
func (s Live) Sight(ctx context.Context, workspaceID int64, now time.Time) (live.Sight, error) {
	seen := live.Sight{}
	since := quarterOf(now.Add(-report.Quarter))
	for _, look := range []struct {
		query string
		args  []any
	}{
		{`SELECT 'bot', CAST(id AS TEXT), state || ' ' || subscribers || ' ' || frozen_until || ' ' || updated_at
			FROM bots WHERE workspace_id = $1
		UNION ALL SELECT 'webhook', CAST(id AS TEXT), active || ' ' || revision || ' ' || failed_at || ' ' || last_error
			FROM webhooks WHERE workspace_id = $1 AND deleted_at = 0
		UNION ALL SELECT 'stats', '', CAST(COALESCE(SUM(n), 0) AS TEXT) FROM stats WHERE workspace_id = $1 AND quarter >= $2`,
			[]any{workspaceID, since}},
		{`SELECT 'import', session, state || ' ' || (created + updated + skipped + failed) || ' ' || rows_read || ' ' || bytes_read || undo
			FROM imports WHERE workspace_id = $1 AND state IN ('started', 'importing')
		UNION ALL SELECT 'import', session, undo FROM imports WHERE workspace_id = $1 AND undoing`, []any{workspaceID}},
	} {
		rows, err := s.read.QueryContext(ctx, look.query, look.args...)
		if err != nil {
			return nil, s.d.classify(err)
		}
		err = each(rows, func(r *sql.Rows) error {
			var (
				c    live.Change
				text string
			)
			err := r.Scan(&c.Kind, &c.ID, &text)
			seen[c] += text
			return err
		})
		if err != nil {
			return nil, s.d.classify(err)
		}
	}
	return seen, nil
}

// Say implements [live.Store].
func (s Live) Say(ctx context.Context, text string) error {
	if s.d.say == "" {
		return nil
	}
	return s.d.classify(s.exec(ctx, s.d.say, text))
}

// Hear implements [live.Store].
func (s Live) Hear(ctx context.Context, begun func(), heard func(string)) error {
	return s.d.classify(s.d.hear(ctx, begun, heard))
}
