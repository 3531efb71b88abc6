package storetest

import (
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/store"
)

// Traces returns where in the database at the address one of the marks is: in every text
// and every blob of every table, whichever there are, and among all whole numbers those that
// are equal to one. Each is told as table.column: value, in order.
func Traces(t testing.TB, address string, marks []string, numbers []int64) []string {
	t.Helper()
	driver, list := "sqlite", `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`
	if store.IsPostgres(address) {
		driver, list = "pgx", `SELECT c.relname FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace
			AND c.relkind IN ('r', 'p') AND NOT c.relispartition`
	}
	db, err := sql.Open(driver, address)
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	var all []string
	for _, table := range found(t, db, list) {
		all = append(all, tracesIn(t, db, strings.TrimSpace(table), marks, numbers)...)
	}
	slices.Sort(all)
	return all
}

// tracesIn returns where the marks are in a table.
func tracesIn(t testing.TB, db *sql.DB, table string, marks []string, numbers []int64) (all []string) {
	t.Helper()
	rows, err := db.Query(`SELECT * FROM ` + table)
	require.NoError(t, err)
	defer func() { require.NoError(t, rows.Close()) }()
	columns, err := rows.Columns()
	require.NoError(t, err)
	for rows.Next() {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		require.NoError(t, rows.Scan(into...))
		for i, v := range values {
			if marked(v, marks, numbers) {
				all = append(all, fmt.Sprintf("%s.%s: %s", table, columns[i], v))
			}
		}
	}
	require.NoError(t, rows.Err())
	return all
}

// marked reports whether a value is one of the numbers or has one of the marks in it; the
// numbers, written with digits, are marks, too.
func marked(value any, marks []string, numbers []int64) bool {
	switch v := value.(type) {
	case nil, bool, float64:
		return false
	case int64:
		return slices.Contains(numbers, v)
	case string:
		return hasMark(v, marks, numbers)
	case []byte:
		return hasMark(string(v), marks, numbers)
	}
	panic(fmt.Sprintf("a value of type %T", value))
}

func hasMark(text string, marks []string, numbers []int64) bool {
	text = strings.ToLower(text)
	for _, n := range numbers {
		if strings.Contains(text, strconv.FormatInt(n, 10)) {
			return true
		}
	}
	return slices.ContainsFunc(marks, func(m string) bool { return strings.Contains(text, strings.ToLower(m)) })
}

// TablesIn returns the tables that traces are in.
func TablesIn(traces []string) []string {
	in := map[string]bool{}
	for _, trace := range traces {
		table, _, _ := strings.Cut(trace, ".")
		in[table] = true
	}
	return slices.Sorted(maps.Keys(in))
}
