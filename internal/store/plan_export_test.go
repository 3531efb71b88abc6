package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/fault"
)

// A Walk is a place in a plan at which a table is read from end to end.
type Walk struct {
	// Table is the table, or its alias in the statement.
	Table string
	// Index is the index whose every entry is read; empty when the table's rows are
	// read instead.
	Index string
	// Rows is how many rows were read, where the engine reports it.
	Rows int
}

// ManyRows is the number of rows that no part of a plan may reach for a call with
// few items.
const ManyRows = 1_500

// WalksForTest returns where the engine would read all of a table or index to
// answer a statement. What the statement writes is rolled back.
func (s *DB) WalksForTest(ctx context.Context, query string, args []any) (walks []Walk, err error) {
	if s.d.remote {
		return s.walks(ctx, s.write.BeginTx, query, args, explainRun, explainOnly)
	}
	return s.walks(ctx, s.write.BeginTx, query, args, explainLines)
}

// An explainer returns where a plan reads all of a table or index.
type explainer func(ctx context.Context, tx *sql.Tx, query string, args []any) ([]Walk, error)

// walks asks the explainers in turn, in transactions that are rolled back: a statement
// that has been run cannot always be run once more, but its plan can still be shown.
func (s *DB) walks(ctx context.Context, begin func(context.Context, *sql.TxOptions) (*sql.Tx, error), query string, args []any,
	explainers ...explainer,
) (walks []Walk, err error) {
	for _, explain := range explainers {
		tx, err := begin(ctx, nil)
		if err != nil {
			return nil, err
		}
		walks, err = explain(ctx, tx, query, args)
		if rolled := tx.Rollback(); rolled != nil {
			return nil, rolled
		}
		if !fault.Is(s.d.classify(err), errDuplicate.Code) {
			return walks, err
		}
	}
	return walks, err
}

func explainRun(ctx context.Context, tx *sql.Tx, query string, args []any) ([]Walk, error) {
	return explainJSON(ctx, tx, "ANALYZE, ", query, args)
}

func explainOnly(ctx context.Context, tx *sql.Tx, query string, args []any) ([]Walk, error) {
	return explainJSON(ctx, tx, "", query, args)
}

// explainLines reads a plan that has one line per node.
func explainLines(ctx context.Context, tx *sql.Tx, query string, args []any) ([]Walk, error) {
	rows, err := tx.QueryContext(ctx, "EXPLAIN QUERY PLAN "+query, args...)
	if err != nil {
		return nil, err
	}
	var walks []Walk
	return walks, each(rows, func(r *sql.Rows) error {
		var (
			id, parent, unused int64
			line               string
		)
		if err := r.Scan(&id, &parent, &unused, &line); err != nil {
			return err
		}
		words := strings.Fields(line)
		if words[0] != "SCAN" {
			return nil
		}
		w := Walk{Table: words[1]}
		if i := strings.Index(line, "INDEX "); i >= 0 {
			w.Index = strings.Fields(line[i+len("INDEX "):])[0]
		}
		walks = append(walks, w)
		return nil
	})
}

// A planNode is a node of a plan in JSON, with what it did.
type planNode struct {
	Type     string  `json:"Node Type"`
	Relation string  `json:"Relation Name"`
	Index    string  `json:"Index Name"`
	Rows     float64 `json:"Actual Rows"`
	Loops    float64 `json:"Actual Loops"`
	Filtered float64 `json:"Rows Removed by Filter"`
	Unjoined float64 `json:"Rows Removed by Join Filter"`
	Plans    []planNode
}

// explainJSON runs the statement. An index can be walked like a table, by a
// condition that names none of its first columns; only the number of rows read
// shows it.
func explainJSON(ctx context.Context, tx *sql.Tx, how, query string, args []any) ([]Walk, error) {
	if _, err := tx.ExecContext(ctx, `SET LOCAL statement_timeout = '20s'`); err != nil {
		return nil, err
	}
	var text string
	if err := tx.QueryRowContext(ctx, "EXPLAIN ("+how+"FORMAT JSON) "+query, args...).Scan(&text); err != nil {
		return nil, err
	}
	var plans []struct{ Plan planNode }
	if err := json.Unmarshal([]byte(text), &plans); err != nil {
		return nil, err
	}
	var walks []Walk
	var visit func(planNode)
	visit = func(n planNode) {
		read := int(n.Loops * (n.Rows + n.Filtered + n.Unjoined))
		if read > ManyRows || how == "" && n.Type == "Seq Scan" {
			walks = append(walks, Walk{Table: cmp.Or(n.Relation, n.Type), Index: n.Index, Rows: read})
		}
		for _, below := range n.Plans {
			visit(below)
		}
	}
	for _, p := range plans {
		visit(p.Plan)
	}
	return walks, nil
}

// AnalyzeForTest gives the planner statistics, as the engine does by itself: of partitions,
// and not of the tables that are divided into them.
func AnalyzeForTest(t testing.TB, s *DB) {
	t.Helper()
	if s.d.partitions == nil {
		ExecForTest(t, s, "ANALYZE")
		return
	}
	for _, name := range partitionsToo(t, s) {
		ExecForTest(t, s, "ANALYZE "+name)
	}
}

// partitionsToo returns the names of what has rows on PostgreSQL: partitions instead of
// the tables that are divided into them.
func partitionsToo(t testing.TB, s *DB) []string {
	t.Helper()
	rows, err := s.read.QueryContext(t.Context(),
		`SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'`)
	require.NoError(t, err)
	names, err := scanAll(rows, func(r *sql.Rows) (name string, err error) { return name, r.Scan(&name) })
	require.NoError(t, err)
	return names
}

// TablesForTest returns the names of the tables, without their partitions.
func TablesForTest(t *testing.T, s *DB) []string {
	t.Helper()
	return tables(t, s.pools)
}

func tables(t *testing.T, s *pools) []string {
	t.Helper()
	query := `SELECT name FROM sqlite_schema WHERE type = 'table'`
	if s.d.remote {
		query = `SELECT relname FROM pg_class
			WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition`
	}
	rows, err := s.read.QueryContext(t.Context(), query)
	require.NoError(t, err)
	names, err := scanAll(rows, func(r *sql.Rows) (name string, err error) { return name, r.Scan(&name) })
	require.NoError(t, err)
	return names
}
