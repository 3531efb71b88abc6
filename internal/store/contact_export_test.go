package store

import (
	"context"
	"database/sql"
	"testing"

	"github.com/stretchr/testify/require"
)

// MigrateForTest makes a database as a program with fewer migrations left it, and
// runs statements on it.
func MigrateForTest(t *testing.T, address string, newest int, statements ...string) {
	t.Helper()
	s, err := open(address, true)
	require.NoError(t, err)
	defer func() { require.NoError(t, s.close()) }()
	steps, err := s.migrations()
	require.NoError(t, err)
	require.NoError(t, s.tx(t.Context(), func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(t.Context(), `CREATE TABLE schema_versions (version BIGINT NOT NULL PRIMARY KEY)`); err != nil {
			return err
		}
		for _, m := range steps {
			if m.version > newest {
				break
			}
			if err := s.apply(t.Context(), tx, m); err != nil {
				return err
			}
		}
		for _, statement := range statements {
			if _, err := tx.ExecContext(t.Context(), statement); err != nil {
				return err
			}
		}
		return nil
	}))
}

// BlocksForTest returns the counted contents of contact_blocks and its stored
// contents; empty blocks are left out.
func BlocksForTest(ctx context.Context, s *DB) (counted, kept map[int64]int64, err error) {
	read := func(query string) (map[int64]int64, error) {
		rows, err := s.read.QueryContext(ctx, query)
		if err != nil {
			return nil, err
		}
		blocks := map[int64]int64{}
		return blocks, each(rows, func(r *sql.Rows) error {
			var block, n int64
			err := r.Scan(&block, &n)
			blocks[block] = n
			return err
		})
	}
	if counted, err = read(`SELECT id >> 10, COUNT(*) FROM contacts WHERE workspace_id = 1 AND deleted_at = 0 GROUP BY id >> 10`); err != nil {
		return nil, nil, err
	}
	kept, err = read(`SELECT block, living FROM contact_blocks WHERE workspace_id = 1 AND living <> 0`)
	return counted, kept, err
}

// CountForTest returns the one number that the query selects.
func CountForTest(t *testing.T, s *DB, query string) (n int64) {
	t.Helper()
	require.NoError(t, s.read.QueryRowContext(t.Context(), query).Scan(&n))
	return n
}

// ExecForTest runs a statement.
func ExecForTest(t testing.TB, s *DB, statement string) {
	t.Helper()
	require.NoError(t, s.tx(t.Context(), func(tx *sql.Tx) error {
		_, err := tx.ExecContext(t.Context(), statement)
		return err
	}))
}

// NumsForTest returns what the values of custom fields are compared by, by value;
// those that are not are left out.
func NumsForTest(t *testing.T, s *DB) map[string]float64 {
	t.Helper()
	rows, err := s.read.QueryContext(t.Context(), `SELECT value, num FROM contact_fields WHERE num IS NOT NULL`)
	require.NoError(t, err)
	nums := map[string]float64{}
	require.NoError(t, each(rows, func(r *sql.Rows) error {
		var (
			value string
			num   float64
		)
		err := r.Scan(&value, &num)
		nums[value] = num
		return err
	}))
	return nums
}

// FoldNamesForTest does what [Open] does for names that have no keys yet.
func FoldNamesForTest(ctx context.Context, s *DB) error { return s.Contacts.foldNames(ctx) }

// IndexesForTest returns the definitions of a table's indexes, by name.
func IndexesForTest(t *testing.T, s *DB, table string) map[string]string {
	t.Helper()
	rows, err := s.read.QueryContext(t.Context(), s.d.indexes, table)
	require.NoError(t, err)
	all := map[string]string{}
	require.NoError(t, each(rows, func(r *sql.Rows) error {
		var name, definition string
		err := r.Scan(&name, &definition)
		all[name] = definition
		return err
	}))
	return all
}
