package store

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	"time"

	"bellman/internal/report"
)

var subscriberColumns = []column{{"bot_id", "bigint"}, {"more", "bigint"}}

// subscribers are how many chats of bots have come at a time, by the bot's id; what has
// left is negative.
func (s *pools) subscribers(more map[int64]int64, at time.Time) (all []statement) {
	var p rowWriter
	for _, botID := range slices.Sorted(maps.Keys(more)) {
		if more[botID] != 0 {
			p.row().int(botID).int(more[botID])
		}
	}
	if p.n == 0 {
		return nil
	}
	counts := s.d.rows("$1", subscriberColumns) + ` AS d`
	return []statement{
		{query: `UPDATE bots SET subscribers = subscribers + d.more FROM ` + counts + ` WHERE bots.id = d.bot_id`, args: []any{p.String()}},
		{query: `
			INSERT INTO stats (` + statKey + `, n)
			SELECT b.workspace_id, CAST($2 AS BIGINT), b.id, '', 0,
				CASE WHEN d.more > 0 THEN '` + string(report.Subscribed) + `' ELSE '` + string(report.Left) + `' END, '', ABS(d.more)
			FROM ` + counts + ` JOIN bots b ON b.id = d.bot_id WHERE TRUE` + addStats, args: []any{p.String(), quarterOf(at)}},
	}
}

// countSubscribers writes [pools.subscribers].
func (s *pools) countSubscribers(ctx context.Context, tx *sql.Tx, more map[int64]int64, at time.Time) error {
	for _, st := range s.subscribers(more, at) {
		if _, err := tx.ExecContext(ctx, st.query, st.args...); err != nil {
			return err
		}
	}
	return nil
}
