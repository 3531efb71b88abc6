package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"bellman/internal/retention"
)

// Retention removes what workspaces do not keep any more.
type Retention struct{ *pools }

// clocksApart is by how much the clock of a process may be ahead of the database's.
const clocksApart = 24 * time.Hour

// Keepings implements [retention.Store].
func (s Retention) Keepings(ctx context.Context, now time.Time) ([]retention.Keeping, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT id, keep_recipients, keep_events, keep_audit, `+s.d.nowMillis+` FROM workspaces ORDER BY id`)
	if err != nil {
		return nil, s.d.classify(err)
	}
	return scanAll(rows, func(r *sql.Rows) (k retention.Keeping, err error) {
		var clock int64
		err = r.Scan(&k.WorkspaceID, &k.Recipients, &k.Events, &k.Audit, &clock)
		if at := fromMillis(clock); err == nil && now.After(at.Add(clocksApart)) {
			err = fmt.Errorf("store: it is %v here, and %v by the clock of the database: set the clock that is wrong", now.UTC(), at)
		}
		return k, err
	})
}

// notBeingResent is true of campaigns to whose recipients no other one is being laid out.
const notBeingResent = `NOT EXISTS (
	SELECT 1 FROM campaigns r WHERE r.resend_of = campaigns.id AND NOT r.laid AND r.state NOT IN ('finished', 'cancelled'))`

// Forget implements [retention.Store]. The rows are locked before it is known whether one
// is being resent: whoever resends one locks it, too.
func (s Retention) Forget(ctx context.Context, c retention.Cutoff, now time.Time, limit int) (more bool, err error) {
	over := `SELECT id FROM campaigns
		WHERE workspace_id = $1 AND finished_at < $2 AND finished_at IS NOT NULL AND forgotten_at IS NULL
			AND state IN ('finished', 'cancelled') AND ` + notBeingResent + ` ORDER BY finished_at LIMIT $3`
	ids, err := selectIDs(ctx, s.read, over, c.WorkspaceID, c.Before.UnixMilli(), limit)
	if err != nil || len(ids) == 0 {
		return false, s.d.classify(err)
	}
	err = s.tx(ctx, func(tx *sql.Tx) error {
		listed := `id` + s.d.among(s.intsIn("$1"))
		if _, err := selectIDs(ctx, tx, `SELECT id FROM campaigns WHERE `+listed+` ORDER BY id`+s.d.forUpdate, ints(ids)); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `
			UPDATE campaigns SET forgotten_at = $2 WHERE `+listed+` AND forgotten_at IS NULL AND `+notBeingResent,
			ints(ids), now.UnixMilli())
		return err
	})
	return len(ids) == limit, err
}

// DropRecipients implements [retention.Store]. A draft has no recipients; should one as
// old as that be launched yet, they have the partition of the rest.
func (s Retention) DropRecipients(ctx context.Context, soon []retention.Cutoff, waited time.Time) (spared []retention.Range, err error) {
	if s.d.partitions == nil {
		return nil, nil
	}
	var cuts rowWriter
	for _, c := range soon {
		cuts.row().int(c.WorkspaceID).int(c.Before.UnixMilli())
	}
	for _, of := range ledgerTables {
		closed, err := s.closed(ctx, of)
		if err != nil {
			return nil, err
		}
		for _, p := range closed {
			spare, err := s.dropOrSpare(ctx, p, cuts, waited)
			if err != nil {
				return nil, s.d.classify(err)
			}
			if r := (retention.Range{Low: p.low, High: p.high}); spare && !slices.Contains(spared, r) {
				spared = append(spared, r)
			}
		}
	}
	return spared, nil
}

// dropOrSpare drops a partition that nobody needs. It reports whether its rows should
// wait for that.
func (s Retention) dropOrSpare(ctx context.Context, p partition, soon rowWriter, waited time.Time) (spare bool, err error) {
	if kept, err := s.keepsRecipients(ctx, s.read, p, soon); err != nil || kept {
		return false, err
	}
	// Whoever writes to it is done or waits for the end of this, and is seen.
	kept, err := s.keepsRecipients(ctx, s.read, p, rowWriter{})
	if err != nil {
		return false, err
	}
	if !kept {
		gone, err := s.dropPartition(ctx, p, func(tx *sql.Tx) (bool, error) { return s.keepsRecipients(ctx, tx, p, rowWriter{}) })
		if err != nil || gone {
			return false, err
		}
	}
	err = s.read.QueryRowContext(ctx, `
		SELECT NOT EXISTS (SELECT 1 FROM campaigns WHERE id >= $1 AND id < $2 AND forgotten_at < $3 AND NOT swept)`,
		p.low, p.high, waited.UnixMilli()).Scan(&spare)
	return spare, err
}

// closed returns the partitions of a table in which no new numbers come, from the lowest.
func (s Retention) closed(ctx context.Context, of ranged) ([]partition, error) {
	now, err := s.begun(ctx, of)
	if err != nil {
		return nil, err
	}
	all, err := s.partitions(ctx, s.read, of)
	if err != nil {
		return nil, s.d.classify(err)
	}
	all = slices.DeleteFunc(all, func(p partition) bool { return p.high > now })
	slices.SortFunc(all, func(a, b partition) int { return cmp.Compare(a.high, b.high) })
	return all, nil
}

var cutoffColumns = []column{{"workspace_id", "bigint"}, {"cutoff", "bigint"}}

// keepsRecipients reports whether any campaign of a partition is not forgotten, or will
// not be at the cutoffs, if there are any.
func (s Retention) keepsRecipients(ctx context.Context, q executor, p partition, cuts rowWriter) (kept bool, err error) {
	late, args := ``, []any{p.low, p.high}
	if cuts.n > 0 {
		late = ` AND (finished_at IS NULL OR finished_at >= (
			SELECT cutoff FROM ` + s.d.rows("$3", cutoffColumns) + ` AS v WHERE v.workspace_id = campaigns.workspace_id))`
		args = append(args, cuts.String())
	}
	err = q.QueryRowContext(ctx, `SELECT EXISTS (
		SELECT 1 FROM campaigns WHERE id >= $1 AND id < $2 AND forgotten_at IS NULL AND state <> 'draft'`+late+`)`, args...).Scan(&kept)
	return kept, err
}

// SweepRecipients implements [retention.Store].
func (s Retention) SweepRecipients(ctx context.Context, spared []retention.Range, limit int) (more bool, err error) {
	id, triggered, err := s.unswept(ctx, spared)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, s.d.classify(err)
	}
	return true, s.tx(ctx, func(tx *sql.Tx) error {
		rows, err := s.sweepRecipients(ctx, tx, id, triggered, limit)
		if err != nil || rows {
			return err
		}
		if rows, err = s.sweepClicks(ctx, tx, id, limit); err != nil || rows {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE campaigns SET swept = TRUE WHERE id = $1`, id)
		return err
	})
}

// unswept returns the first forgotten campaign that has rows and is not spared.
func (s Retention) unswept(ctx context.Context, spared []retention.Range) (id int64, triggered bool, err error) {
	for from := int64(math.MinInt64); ; {
		err = s.read.QueryRowContext(ctx, `
			SELECT id, kind = 'triggered' FROM campaigns WHERE forgotten_at IS NOT NULL AND NOT swept AND id >= $1 ORDER BY id LIMIT 1`, from).
			Scan(&id, &triggered)
		i := slices.IndexFunc(spared, func(r retention.Range) bool { return r.Low <= id && id < r.High })
		if err != nil || i < 0 {
			return id, triggered, err
		}
		from = spared[i].High
	}
}

// sweepRecipients removes the first recipients of a campaign and what happened to them,
// and reports whether there were any. Requests are found by their recipients: no index
// leads from a campaign to them.
func (s Retention) sweepRecipients(ctx context.Context, tx *sql.Tx, id int64, triggered bool, limit int) (rows bool, err error) {
	var last int64
	err = tx.QueryRowContext(ctx, `
		SELECT COALESCE(MAX(seq), 0) FROM (SELECT seq FROM recipients WHERE campaign_id = $1 ORDER BY seq LIMIT $2) AS first`, id, limit).
		Scan(&last)
	if err != nil || last == 0 {
		return false, err
	}
	if triggered {
		_, err := tx.ExecContext(ctx, `
			DELETE FROM requests WHERE campaign_id = $1 AND (contact_id, campaign_id, seq) IN (
				SELECT contact_id, campaign_id, seq FROM recipients WHERE campaign_id = $1 AND seq <= $2)`, id, last)
		if err != nil {
			return false, err
		}
	}
	for _, table := range []string{"deferred", "outcomes", "clicked", "recipients"} {
		if _, err := tx.ExecContext(ctx, `DELETE FROM `+table+` WHERE campaign_id = $1 AND seq <= $2`, id, last); err != nil {
			return false, err
		}
	}
	return true, nil
}

// sweepClicks removes clicks of a campaign, and what is left where recipients were dropped
// with their partition; it reports whether there may be more.
func (s Retention) sweepClicks(ctx context.Context, tx *sql.Tx, id int64, limit int) (rows bool, err error) {
	for _, by := range []struct{ table, key string }{{"clicks", "id"}, {"clicked", "seq"}, {"outcomes", "seq"}, {"deferred", "seq"}} {
		result, err := tx.ExecContext(ctx, `
			DELETE FROM `+by.table+` WHERE campaign_id = $1 AND `+by.key+` IN (
				SELECT `+by.key+` FROM `+by.table+` WHERE campaign_id = $1 ORDER BY `+by.key+` LIMIT $2)`, id, limit)
		if err != nil {
			return false, err
		}
		if n, err := result.RowsAffected(); err != nil || n > 0 {
			return true, err
		}
	}
	return false, nil
}
