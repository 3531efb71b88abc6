package store

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// VersionsForTest returns the numbers of the migrations.
func VersionsForTest(t *testing.T) (versions []int) {
	t.Helper()
	steps, err := (&pools{}).migrations()
	require.NoError(t, err)
	for _, m := range steps {
		versions = append(versions, m.version)
	}
	return versions
}

// DumpForTest returns the rows of a database as texts, by table: the given columns,
// or all. It returns the columns, too.
func DumpForTest(t *testing.T, address string, of map[string][]string) (rows, columns map[string][]string) {
	t.Helper()
	s, err := open(address, true)
	require.NoError(t, err)
	defer func() { require.NoError(t, s.close()) }()
	if of == nil {
		of = map[string][]string{}
		for _, table := range tables(t, s) {
			of[table] = columnsOf(t, s, table)
		}
	}
	rows = map[string][]string{}
	for table, names := range of {
		r, err := s.read.QueryContext(t.Context(), `SELECT `+strings.Join(names, ", ")+` FROM `+table)
		require.NoError(t, err)
		rows[table], err = scanAll(r, func(r *sql.Rows) (string, error) {
			values, into := make([]any, len(names)), make([]any, len(names))
			for i := range values {
				into[i] = &values[i]
			}
			err := r.Scan(into...)
			return fmt.Sprintf("%q", values), err
		})
		require.NoError(t, err)
		slices.Sort(rows[table])
	}
	return rows, of
}

func columnsOf(t *testing.T, s *pools, table string) []string {
	t.Helper()
	rows, err := s.read.QueryContext(t.Context(), `SELECT * FROM `+table+` LIMIT 0`)
	require.NoError(t, err)
	defer func() { require.NoError(t, rows.Close()) }()
	names, err := rows.Columns()
	require.NoError(t, err)
	require.NoError(t, rows.Err())
	return names
}
