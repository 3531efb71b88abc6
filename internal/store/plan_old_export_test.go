package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// OldPlans is a connection to PostgreSQL that keeps to the plans which it made when it
// was opened, as a process keeps to those of its first calls.
type OldPlans struct {
	s    *DB
	conn *sql.Conn
	// names are those of the prepared statements, by their texts.
	names map[string]string
}

// OldPlansForTest plans the statements for any parameters, with the tables as they are
// now. Nothing tells it later that they have grown.
func OldPlansForTest(t *testing.T, s *DB, statements map[string][]any) *OldPlans {
	t.Helper()
	ctx := t.Context()
	rows, err := s.read.QueryContext(ctx, `SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace`)
	require.NoError(t, err)
	whole, err := scanAll(rows, func(r *sql.Rows) (name string, err error) { return name, r.Scan(&name) })
	require.NoError(t, err)
	for _, table := range whole {
		ExecForTest(t, s, `ALTER TABLE `+table+` SET (autovacuum_enabled = FALSE)`)
	}
	conn, err := s.write.Conn(ctx)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, conn.Close()) })
	o := &OldPlans{s, conn, map[string]string{}}
	_, err = conn.ExecContext(ctx, `SET plan_cache_mode = force_generic_plan`)
	require.NoError(t, err)
	for query, args := range statements {
		name := fmt.Sprint("old", len(o.names))
		_, err := conn.ExecContext(ctx, `PREPARE `+name+` AS `+query)
		require.NoError(t, err, query)
		// A plan that is only shown is kept as well.
		_, err = conn.ExecContext(ctx, `EXPLAIN EXECUTE `+name+literals(args))
		require.NoError(t, err, query)
		o.names[query] = name
	}
	return o
}

// Has reports whether there is a plan for the statement.
func (o *OldPlans) Has(query string) bool { return o.names[query] != "" }

// Walks is [DB.WalksForTest] by the old plan of the statement.
func (o *OldPlans) Walks(ctx context.Context, query string, args []any) ([]Walk, error) {
	return o.s.walks(ctx, o.conn.BeginTx, `EXECUTE `+o.names[query]+literals(args), nil, explainRun, explainOnly)
}

// literals writes parameters as EXECUTE takes them.
func literals(args []any) string {
	if len(args) == 0 {
		return ""
	}
	texts := make([]string, len(args))
	for i, arg := range args {
		switch v := arg.(type) {
		case nil:
			texts[i] = "NULL"
		case []byte:
			texts[i] = fmt.Sprintf(`'\x%x'`, v)
		default:
			texts[i] = "'" + strings.ReplaceAll(fmt.Sprint(v), "'", "''") + "'"
		}
	}
	return "(" + strings.Join(texts, ", ") + ")"
}
