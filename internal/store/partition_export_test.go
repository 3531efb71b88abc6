package store

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// PartitionsForTest returns the partitions of a table, from the lowest, without that of
// the rest.
func PartitionsForTest(t *testing.T, s *DB, table string) (names []string) {
	t.Helper()
	all, err := s.partitions(t.Context(), s.read, ranged{table: table})
	require.NoError(t, err)
	slices.SortFunc(all, func(a, b partition) int { return cmp.Compare(a.high, b.high) })
	for _, p := range all {
		names = append(names, p.name)
	}
	return names
}

// ReadForTest returns the tables and partitions that a statement reads when it is run, on
// an engine that has partitions, and the most rows that it reads in one place: by a plan for
// its parameters, or by one for any, as dispatch has it. What it writes is rolled back.
func (s *DB) ReadForTest(ctx context.Context, query string, args []any, dispatch bool) (read []string, most int, err error) {
	conn, err := s.write.Conn(ctx)
	if err != nil {
		return nil, 0, err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if dispatch {
		if _, err := conn.ExecContext(ctx, `PREPARE probe AS `+query); err != nil {
			return nil, 0, err
		}
		defer func() {
			_, gone := conn.ExecContext(context.WithoutCancel(ctx), `DEALLOCATE probe`)
			err = errors.Join(err, gone)
		}()
	}
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return nil, 0, err
	}
	defer func() { err = errors.Join(err, tx.Rollback()) }()
	if dispatch {
		for name, value := range dispatchSession {
			if _, err := tx.ExecContext(ctx, `SET LOCAL `+name+` = `+value); err != nil {
				return nil, 0, err
			}
		}
		literals := make([]string, len(args))
		for i, a := range args {
			literals[i] = "'" + strings.ReplaceAll(fmt.Sprint(a), "'", "''") + "'"
		}
		query, args = `EXECUTE probe`, nil
		if len(literals) > 0 {
			query += ` (` + strings.Join(literals, ", ") + `)`
		}
	}
	var text string
	if err := tx.QueryRowContext(ctx, "EXPLAIN (ANALYZE, FORMAT JSON) "+query, args...).Scan(&text); err != nil {
		return nil, 0, err
	}
	var plans []struct{ Plan planNode }
	if err := json.Unmarshal([]byte(text), &plans); err != nil {
		return nil, 0, err
	}
	var visit func(planNode)
	visit = func(n planNode) {
		most = max(most, int(n.Loops*(n.Rows+n.Filtered+n.Unjoined)))
		if n.Relation != "" && n.Loops > 0 && n.Type != "ModifyTable" {
			read = append(read, n.Relation)
		}
		for _, below := range n.Plans {
			visit(below)
		}
	}
	for _, p := range plans {
		visit(p.Plan)
	}
	return read, most, nil
}

// DispatchSettingForTest returns a setting of the connections of dispatch.
func DispatchSettingForTest(t *testing.T, s *DB, name string) (value string) {
	t.Helper()
	require.NoError(t, s.dispatch.QueryRowContext(t.Context(), `SHOW `+name).Scan(&value))
	return value
}

// ReadSlowlyForTest is somebody who reads a table for as long as the context goes on. held
// is closed when it has begun.
func ReadSlowlyForTest(t *testing.T, ctx context.Context, address, table string, held chan<- struct{}) {
	t.Helper()
	s, err := open(address, false)
	if err != nil {
		t.Error(err)
		close(held)
		return
	}
	defer func() {
		if err := s.close(); err != nil {
			t.Error(err)
		}
	}()
	tx, err := s.write.BeginTx(context.WithoutCancel(ctx), nil)
	if err == nil {
		_, err = tx.ExecContext(context.WithoutCancel(ctx), `SET LOCAL idle_in_transaction_session_timeout = 0`)
	}
	if err == nil {
		_, err = tx.ExecContext(context.WithoutCancel(ctx), `SELECT COUNT(*) FROM `+table)
	}
	if err != nil {
		t.Error(err)
	}
	close(held)
	<-ctx.Done()
	if err := tx.Rollback(); err != nil {
		t.Error(err)
	}
}

// IDsForTest returns the numbers that a query selects.
func IDsForTest(t *testing.T, s *DB, query string) []int64 {
	t.Helper()
	ids, err := selectIDs(t.Context(), s.read, query)
	require.NoError(t, err)
	return ids
}
