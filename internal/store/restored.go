package store

import (
	"context"
	"database/sql"
	"time"

	"bellman/internal/fault"
	"bellman/internal/outcome"
)

// Installation keeps what belongs to the installation as a whole.
type Installation struct{ *pools }

// Restored is what [Installation.Restored] did.
type Restored struct {
	// Paused are broadcasts that were going out or paused; Drafted are those that
	// were scheduled.
	Paused, Drafted []Named
	// Unknown are triggered campaigns with recipients that waited, and how many.
	Unknown []Named
	// Webhooks are those that were active.
	Webhooks []Named
	// Sessions and Links are how many of people there were.
	Sessions, Links int64
}

// Named is a row as a person knows it.
type Named struct {
	ID   int64
	Name string
	// Count is how many recipients it is about; zero where it is about none.
	Count int64
}

var errServed = fault.New(fault.Conflict, "database_in_use",
	"a process sends for this database, or did a moment ago: stop every bellman serve, wait ten seconds, and try again")

// Restored prepares a database that was restored from a backup for its first start:
// nothing that may have happened after the backup happens again by itself, and no
// number that may have been given after it is given again: other systems, links and
// spooled clicks know contacts and campaigns by theirs. Broadcasts under way and active webhooks are paused, scheduled broadcasts become
// drafts, and triggered messages that waited are unknown. Sessions end, and links by which
// people come in: some of them had ended since, or been used. What is asked for from then
// on goes out at once. While a process sends for the database it is a Conflict.
func (s Installation) Restored(ctx context.Context, now time.Time) (done Restored, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
		done = Restored{}
		var served bool
		err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM senders WHERE expires_at > `+s.d.nowMillis+`)`).Scan(&served)
		if err != nil {
			return err
		}
		if served {
			return errServed
		}
		for _, change := range []struct {
			rows *[]Named
			text string
		}{
			{&done.Paused, `UPDATE campaigns SET state = 'paused', state_reason = ` + restored + `, updated_at = $1
				WHERE kind = 'broadcast' AND state IN ('launching', 'sending', 'paused') AND state_reason <> ` + restored + ` RETURNING id, name`},
			{&done.Drafted, `UPDATE campaigns SET state = 'draft', state_reason = '', updated_at = $1, scheduled_at = NULL, content = ''
				WHERE kind = 'broadcast' AND state = 'scheduled' RETURNING id, name`},
			{&done.Webhooks, `UPDATE webhooks SET state = 'paused', state_reason = ` + restored + `, updated_at = $1, revision = revision + 1
				WHERE state = 'active' AND deleted_at = 0 RETURNING id, name`},
		} {
			if *change.rows, err = named(ctx, tx, change.text, now.UnixMilli()); err != nil {
				return err
			}
		}
		for _, gone := range []struct {
			rows *int64
			text string
		}{{&done.Sessions, `DELETE FROM sessions`}, {&done.Links, `DELETE FROM links`}} {
			result, err := tx.ExecContext(ctx, gone.text)
			if err != nil {
				return err
			}
			if *gone.rows, err = result.RowsAffected(); err != nil {
				return err
			}
		}
		if _, err := tx.ExecContext(ctx, s.d.skipIDs, leastSkipped); err != nil {
			return err
		}
		done.Unknown, err = Ledgers(s).settleRestored(ctx, tx, now)
		return err
	})
	return done, err
}

// leastSkipped is how many numbers are left out at least: more than are given in the
// time between two backups, as a rule.
const leastSkipped = 1_000_000

const restored = `'` + string(outcome.Restored) + `'`

// named runs a statement that returns ids and names.
func named(ctx context.Context, tx *sql.Tx, text string, args ...any) ([]Named, error) {
	rows, err := tx.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	return scanAll(rows, func(r *sql.Rows) (n Named, err error) { return n, r.Scan(&n.ID, &n.Name) })
}

// settleRestored writes unknown for every recipient of a triggered campaign that has
// no outcome: its message may have left after the backup. The campaigns stay as they
// are, for messages to come.
func (s Ledgers) settleRestored(ctx context.Context, tx *sql.Tx, now time.Time) (settled []Named, err error) {
	open, err := named(ctx, tx, `
		SELECT c.id, c.name FROM campaigns c JOIN ledgers l ON l.campaign_id = c.id
		WHERE c.kind = 'triggered' AND c.state IN ('sending', 'paused')
			AND c.laid_seq > l.sent + l.failed + l.skipped + l.unknown ORDER BY c.id`)
	if err != nil {
		return nil, err
	}
	for _, c := range open {
		rows, err := tx.QueryContext(ctx, `
			INSERT INTO outcomes (campaign_id, seq, status, reason, settled_at)
			SELECT r.campaign_id, r.seq, `+unknown+`, `+restored+`, CAST($2 AS BIGINT) FROM recipients r
			WHERE r.campaign_id = $1 AND NOT EXISTS (SELECT 1 FROM outcomes o WHERE o.campaign_id = r.campaign_id AND o.seq = r.seq)
			RETURNING seq`, c.ID, now.UnixMilli())
		if err != nil {
			return nil, err
		}
		seqs, err := scanAll(rows, func(r *sql.Rows) (seq int64, err error) { return seq, r.Scan(&seq) })
		if err != nil {
			return nil, err
		}
		if err := s.reportUnknown(ctx, tx, c.ID, seqs, outcome.Restored, now); err != nil {
			return nil, err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM deferred WHERE campaign_id = $1`, c.ID); err != nil {
			return nil, err
		}
		_, err = tx.ExecContext(ctx, `
			UPDATE ledgers SET unknown = unknown + $2, waiting = 0, claimed_seq = c.laid_seq, settled_seq = c.laid_seq
			FROM campaigns c WHERE ledgers.campaign_id = $1 AND c.id = $1`, c.ID, len(seqs))
		if err != nil {
			return nil, err
		}
		c.Count = int64(len(seqs))
		settled = append(settled, c)
	}
	return settled, nil
}
