package store

import (
	"database/sql"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A Lying is how the rows of a table lie on a cluster.
type Lying struct {
	// Family is the name of the family and Column what divides it; both are empty for
	// tables that are everywhere, or at home.
	Family, Column   string
	Everywhere, Home bool
}

// LyingForTest returns the ways in which the table lies: one, if all is well.
func LyingForTest(table string) (all []Lying) {
	for _, f := range families {
		for _, t := range f.tables {
			if t.table == table {
				all = append(all, Lying{Family: f.name, Column: t.column})
			}
		}
	}
	if slices.Contains(everywhere, table) {
		all = append(all, Lying{Everywhere: true})
	}
	if slices.Contains(atHome, table) {
		all = append(all, Lying{Home: true})
	}
	return all
}

// ColumnsForTest returns the columns of each table, without those of partitions.
func ColumnsForTest(t *testing.T, s *DB) map[string][]string {
	t.Helper()
	query := `SELECT t.name, c.name FROM sqlite_schema t JOIN pragma_table_info(t.name) c WHERE t.type = 'table'`
	if s.d.remote {
		query = `SELECT relname, attname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped
			WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition`
	}
	rows, err := s.read.QueryContext(t.Context(), query)
	require.NoError(t, err)
	columns := map[string][]string{}
	require.NoError(t, each(rows, func(r *sql.Rows) error {
		var table, column string
		err := r.Scan(&table, &column)
		columns[table] = append(columns[table], column)
		return err
	}))
	return columns
}

// A UniqueIndex is one of a table, with its columns.
type UniqueIndex struct {
	Name, Table string
	Columns     []string
}

// UniqueIndexesForTest returns the unique indexes and primary keys of a remote engine.
func UniqueIndexesForTest(t *testing.T, s *DB) []UniqueIndex {
	t.Helper()
	rows, err := s.read.QueryContext(t.Context(), `
		SELECT i.relname, r.relname, string_agg(a.attname, ',') FROM pg_index x
		JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class r ON r.oid = x.indrelid
		JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum = ANY (x.indkey)
		WHERE x.indisunique AND r.relnamespace = current_schema()::regnamespace AND NOT r.relispartition GROUP BY i.relname, r.relname`)
	require.NoError(t, err)
	all, err := scanAll(rows, func(r *sql.Rows) (i UniqueIndex, err error) {
		var columns string
		err = r.Scan(&i.Name, &i.Table, &columns)
		i.Columns = strings.Split(columns, ",")
		return i, err
	})
	require.NoError(t, err)
	return all
}
