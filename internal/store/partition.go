package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"bellman/internal/loop"
	"bellman/internal/retention"
)

// This file is how tables are divided by time, on an engine that can drop the part of a
// table that nobody needs any more without reading it.
//
// Their keys have no time in them, and dispatch would have to be told it with every
// number. Instead the numbers go with the time: those of a month begin anew at a multiple
// of the width of a partition.

// A ranged table is divided by a number that a sequence gives.
type ranged struct {
	table, column, sequence string
	// width is how many numbers a partition has. More of them than that in one month
	// go on in the next partition.
	width int64
}

const (
	campaignsRanged = 1_000_000
	eventsRanged    = 1_000_000_000
)

// ledgerTables are the ranged tables with the recipients of campaigns, and what happened
// to them; eventTable is that of events. The migration 0026 says the same.
var (
	ledgerTables = []ranged{
		{"recipients", "campaign_id", "campaign_id", campaignsRanged},
		{"outcomes", "campaign_id", "campaign_id", campaignsRanged},
		{"requests", "campaign_id", "campaign_id", campaignsRanged},
		{"clicks", "campaign_id", "campaign_id", campaignsRanged},
		{"clicked", "campaign_id", "campaign_id", campaignsRanged},
	}
	eventTable = ranged{"events", "id", "event_id", eventsRanged}
)

// rest is how the name of the partition ends that takes what no other one does.
const rest = "_rest"

// A partition has the rows whose numbers are in [low, high).
type partition struct {
	of        ranged
	name      string
	low, high int64
}

// A partitioner has the words of an engine that divides tables.
type partitioner struct {
	// list is a query for the table, the name, the low end, which is empty for the
	// first one, and the high end of each partition but those of the rest.
	list string
	// given is a query for the last number that a sequence gave, and give a statement
	// that makes the sequence $1 go on after $2.
	given func(sequence string) string
	give  string
	// patience ends a wait for a lock before others feel that they wait behind it, and what
	// would hold one for long.
	patience []string
	// make and drop are statements for a partition; lock keeps everybody from a table
	// until the transaction ends.
	make func(partition) []string
	lock func(table string) string
	drop func(partition) string
	// busy is true for an error of the patience.
	busy func(error) bool
}

// lockTries is how often a lock is tried before partitions are left for the next turn,
// and lockPause the pause between two.
const (
	lockTries = 20
	lockPause = 250 * time.Millisecond
)

// partitionsAtStart is makePartitions for a start, which does not fail because a table is
// in use: whoever removes what is not kept tries again, and says when that fails.
func (s *pools) partitionsAtStart(ctx context.Context) error {
	err := s.makePartitions(ctx)
	if err != nil && s.d.partitions.busy(err) {
		return nil
	}
	return err
}

// partitions returns the partitions of a table.
func (s *pools) partitions(ctx context.Context, q queryer, of ranged) (all []partition, err error) {
	rows, err := q.QueryContext(ctx, s.d.partitions.list)
	if err != nil {
		return nil, err
	}
	err = each(rows, func(r *sql.Rows) error {
		var table, low string
		p := partition{of: of, low: math.MinInt64}
		if err := r.Scan(&table, &p.name, &low, &p.high); err != nil || table != of.table {
			return err
		}
		if low != "" {
			if p.low, err = strconv.ParseInt(low, 10, 64); err != nil {
				return err
			}
		}
		all = append(all, p)
		return nil
	})
	return all, err
}

// covered reports whether a number has a partition.
func covered(all []partition, number int64) bool {
	for _, p := range all {
		if p.low <= number && number < p.high {
			return true
		}
	}
	return false
}

// begun returns the number at which the range begins that the sequence is in.
func (s *pools) begun(ctx context.Context, of ranged) (int64, error) {
	var last int64
	err := s.read.QueryRowContext(ctx, s.d.partitions.given(of.sequence)).Scan(&last)
	return last / of.width * of.width, s.d.classify(err)
}

// makePartitions makes the partition of the numbers that are given now and the one that
// comes after it, where they are missing. Any number of processes may do so at once.
// While a table is in use for so long that there is no moment for it, the error is busy:
// what comes meanwhile has the partition of the rest.
func (s *pools) makePartitions(ctx context.Context) error {
	if s.d.partitions == nil {
		return nil
	}
	for _, of := range append([]ranged{eventTable}, ledgerTables...) {
		low, err := s.begun(ctx, of)
		if err != nil {
			return err
		}
		all, err := s.partitions(ctx, s.read, of)
		if err != nil {
			return s.d.classify(err)
		}
		for _, low := range []int64{low, low + of.width} {
			if covered(all, low) {
				continue
			}
			p := partition{of: of, name: fmt.Sprintf("%s_%d", of.table, low), low: low, high: low + of.width}
			if err := s.patiently(ctx, func(tx *sql.Tx) error { return s.makePartition(ctx, tx, p) }); err != nil {
				return s.d.classify(err)
			}
		}
	}
	return nil
}

// makePartition makes a partition, unless another process has done so, or rows of it are
// among the rest: these stay there until they are forgotten.
func (s *pools) makePartition(ctx context.Context, tx *sql.Tx, p partition) error {
	all, err := s.partitions(ctx, tx, p.of)
	if err != nil || covered(all, p.low) {
		return err
	}
	var taken bool
	err = tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM `+p.of.table+rest+` WHERE `+p.of.column+` >= $1 AND `+p.of.column+` < $2)`,
		p.low, p.high).Scan(&taken)
	if err != nil || taken {
		return err
	}
	for _, text := range s.d.partitions.make(p) {
		if _, err := tx.ExecContext(ctx, text); err != nil {
			return err
		}
	}
	return nil
}

// patiently runs a transaction that locks tables, one process at a time. Nobody has to
// wait behind it for long: a lock that is not had at once is tried again later.
func (s *pools) patiently(ctx context.Context, fn func(*sql.Tx) error) (err error) {
	for range lockTries {
		err = s.tx(ctx, func(tx *sql.Tx) error {
			if err := s.d.lock(ctx, tx, lockPartitions, 0); err != nil {
				return err
			}
			for _, text := range s.d.partitions.patience {
				if _, err := tx.ExecContext(ctx, text); err != nil {
					return err
				}
			}
			return fn(tx)
		})
		if err == nil || !s.d.partitions.busy(err) || !loop.Pause(ctx, lockPause) {
			return err
		}
	}
	return err
}

// dropPartition drops a partition unless keep, asked when nobody else is at the table,
// says that somebody needs it. It reports whether the partition is gone.
func (s *pools) dropPartition(ctx context.Context, p partition, keep func(*sql.Tx) (bool, error)) (gone bool, err error) {
	err = s.patiently(ctx, func(tx *sql.Tx) error {
		gone = false
		if _, err := tx.ExecContext(ctx, s.d.partitions.lock(p.of.table)); err != nil {
			return err
		}
		all, err := s.partitions(ctx, tx, p.of)
		if err != nil {
			return err
		}
		if gone = !covered(all, p.high-1); gone {
			return nil
		}
		kept, err := keep(tx)
		if err != nil || kept {
			return err
		}
		gone = true
		_, err = tx.ExecContext(ctx, s.d.partitions.drop(p))
		return err
	})
	if s.d.partitions.busy(err) {
		return false, nil
	}
	return gone, err
}

// monthName is under which name the month is kept whose numbers are given.
const monthName = "month"

// BeginMonth implements [retention.Store].
func (s Retention) BeginMonth(ctx context.Context, month string) error {
	if s.d.partitions == nil {
		return nil
	}
	var begun string
	err := s.read.QueryRowContext(ctx, `SELECT value FROM installation WHERE name = $1`, monthName).Scan(&begun)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return s.d.classify(err)
	}
	if begun >= month {
		return nil
	}
	return s.tx(ctx, func(tx *sql.Tx) error { return s.beginMonth(ctx, tx, month) })
}

// beginMonth moves the sequences to the next partition, unless another process has done
// so, or nothing was given of this one. Of the first month there is nothing before it.
func (s Retention) beginMonth(ctx context.Context, tx *sql.Tx, month string) error {
	if err := s.d.lock(ctx, tx, lockPartitions, 0); err != nil {
		return err
	}
	result, err := tx.ExecContext(ctx, `INSERT INTO installation (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING`,
		monthName, []byte(month))
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 1 {
		return err
	}
	result, err = tx.ExecContext(ctx, `UPDATE installation SET value = $2 WHERE name = $1 AND value < $2`, monthName, []byte(month))
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return err
	}
	for _, of := range []ranged{eventTable, ledgerTables[0]} {
		var last int64
		if err := tx.QueryRowContext(ctx, s.d.partitions.given(of.sequence)).Scan(&last); err != nil {
			return err
		}
		if last%of.width == 0 {
			continue
		}
		if _, err := tx.ExecContext(ctx, s.d.partitions.give, of.sequence, (last/of.width+1)*of.width); err != nil {
			return err
		}
	}
	return nil
}

// MakePartitions implements [retention.Store].
func (s Retention) MakePartitions(ctx context.Context) error { return s.makePartitions(ctx) }

var _ retention.Store = Retention{}
