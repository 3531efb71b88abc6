package store

import (
	"context"
	"database/sql"
	"maps"
	"slices"
)

var subscriberColumns = []column{{"bot_id", "bigint"}, {"more", "bigint"}}

// countSubscribers adds to the numbers of subscribers, by the bot's id; what has left
// is negative.
func (s *pools) countSubscribers(ctx context.Context, tx *sql.Tx, more map[int64]int64) error {
	if len(more) == 0 {
		return nil
	}
	p, statement := s.subscribersCounted(more)
	_, err := tx.ExecContext(ctx, statement, p.String())
	return err
}

// subscribersCounted returns the statement of countSubscribers and its bulk input.
func (s *pools) subscribersCounted(more map[int64]int64) (p rowWriter, statement string) {
	for _, botID := range slices.Sorted(maps.Keys(more)) {
		p.row().int(botID).int(more[botID])
	}
	return p, `
		UPDATE bots SET subscribers = subscribers + d.more FROM ` + s.d.rows("$1", subscriberColumns) + ` AS d WHERE bots.id = d.bot_id`
}
