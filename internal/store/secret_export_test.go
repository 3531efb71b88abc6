package store

import (
	"database/sql"
	"testing"

	"github.com/stretchr/testify/require"
)

// BytesColumnsForTest returns the columns of a SQLite database that hold bytes, as
// table.column.
func BytesColumnsForTest(t *testing.T, s *DB) []string {
	t.Helper()
	rows, err := s.read.QueryContext(t.Context(), `
		SELECT m.name || '.' || c.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' AND c.type = 'BLOB'`)
	require.NoError(t, err)
	all, err := scanAll(rows, func(r *sql.Rows) (name string, err error) { return name, r.Scan(&name) })
	require.NoError(t, err)
	return all
}
