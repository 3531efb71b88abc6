package store

import (
	"context"
	"database/sql"
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
// process's. It returns by how much for each such bot. Times that people have chosen
// stay as they are.
func (s Ledgers) clocksBack(
	ctx context.Context, tx *sql.Tx, owner string, now time.Time,
) (back map[int64]time.Duration, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT bot_id, clock - $2 FROM leases WHERE owner = $1 AND clock > $3 ORDER BY bot_id`,
		owner, now.UnixMilli(), now.Add(clockStep).UnixMilli())
	if err != nil {
		return nil, err
	}
	back = map[int64]time.Duration{}
	err = each(rows, func(r *sql.Rows) error {
		var botID, ahead int64
		err := r.Scan(&botID, &ahead)
		back[botID] = time.Duration(ahead) * time.Millisecond
		return err
	})
	if err != nil {
		return nil, err
	}
	for botID, ahead := range back {
		if err := moveDeadlines(ctx, tx, botID, now, ahead); err != nil {
			return nil, err
		}
	}
	return back, nil
}

// moveDeadlines lets what a bot waits for end earlier.
func moveDeadlines(ctx context.Context, tx *sql.Tx, botID int64, now time.Time, by time.Duration) error {
	for _, statement := range []string{
		`UPDATE deferred SET due_at = due_at - $3 WHERE due_at > $2 AND claimed_step = 0
			AND campaign_id IN (SELECT campaign_id FROM ledgers WHERE bot_id = $1 AND waiting > 0)`,
		`UPDATE bots SET frozen_until = frozen_until - $3 WHERE id = $1 AND frozen_until > $2`,
		`UPDATE bots SET paid_refused_until = paid_refused_until - $3 WHERE id = $1 AND paid_refused_until > $2`,
	} {
		if _, err := tx.ExecContext(ctx, statement, botID, now.UnixMilli(), by.Milliseconds()); err != nil {
			return err
		}
	}
	return nil
}

// shorten cuts leases that end later than any that is given now: the database's clock
// was set back. Their holders keep them for the whole time that they may count on.
func (s *pools) shorten(ctx context.Context, tx *sql.Tx, table string, ttl time.Duration) error {
	_, err := tx.ExecContext(ctx,
		`UPDATE `+table+` SET expires_at = `+s.d.nowMillis+` + $1 WHERE expires_at > `+s.d.nowMillis+` + $1`, ttl.Milliseconds())
	return err
}
