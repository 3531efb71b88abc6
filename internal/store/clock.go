package store

import (
	"context"
	"time"
)

// This file is what happens to deadlines in the database when a clock is set back.
// Without it, all that had to wait for seconds would wait for as long as the clock
// was set back by.

// clockStep is by how much a clock must have been set back to be noticed: clocks of
// machines that share a database differ by less.
const clockStep = time.Second

// clocksBack moves the deadlines of the owner's bots back by as much as the clock by
// which they were set is ahead of the owner's: it was set back, or it is another
// process's. Times that people have chosen stay as they are.
func (w *leaseWriter) clocksBack(ctx context.Context) error {
	w.back = map[int64]time.Duration{}
	w.query(func(r scanner) error {
		var botID, ahead int64
		err := r.Scan(&botID, &ahead)
		w.back[botID] = time.Duration(ahead) * time.Millisecond
		return err
	}, `SELECT bot_id, clock - $2 FROM leases WHERE owner = $1 AND clock > $3 ORDER BY bot_id`,
		w.owner, w.now.UnixMilli(), w.now.Add(clockStep).UnixMilli())
	if err := w.flush(ctx); err != nil {
		return err
	}
	for botID, ahead := range w.back {
		w.moveDeadlines(botID, ahead)
	}
	return nil
}

// moveDeadlines lets what a bot waits for end earlier.
func (w *leaseWriter) moveDeadlines(botID int64, by time.Duration) {
	for _, statement := range []string{
		`UPDATE deferred SET due_at = due_at - $3 WHERE due_at > $2 AND claimed_step = 0
			AND campaign_id IN (SELECT campaign_id FROM ledgers WHERE bot_id = $1 AND waiting > 0)`,
		`UPDATE bots SET frozen_until = frozen_until - $3 WHERE id = $1 AND frozen_until > $2`,
		`UPDATE bots SET paid_refused_until = paid_refused_until - $3 WHERE id = $1 AND paid_refused_until > $2`,
	} {
		w.queue(statement, botID, w.now.UnixMilli(), by.Milliseconds())
	}
}

// shorten is a statement that cuts leases that end later than any that is given now for $1
// milliseconds: the database's clock was set back. Their holders keep them for the whole
// time that they may count on.
func (s *pools) shorten(table string) string {
	return `UPDATE ` + table + ` SET expires_at = ` + s.d.nowMillis + ` + $1 WHERE expires_at > ` + s.d.nowMillis + ` + $1`
}
