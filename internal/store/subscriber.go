package store

import (
	"context"
	"maps"
	"slices"
)

var subscriberColumns = []column{{"bot_id", "bigint"}, {"more", "bigint"}}

// countSubscribers adds to the numbers of subscribers, by the bot's id; what has left
// is negative.
func (s *pools) countSubscribers(ctx context.Context, tx executor, more map[int64]int64) error {
	if len(more) == 0 {
		return nil
	}
	var p rowWriter
	for _, botID := range slices.Sorted(maps.Keys(more)) {
		p.row().int(botID).int(more[botID])
	}
	_, err := tx.ExecContext(ctx, `
		UPDATE bots SET subscribers = subscribers + d.more FROM `+s.d.rows("$1", subscriberColumns)+` AS d WHERE bots.id = d.bot_id`, p.String())
	return err
}
