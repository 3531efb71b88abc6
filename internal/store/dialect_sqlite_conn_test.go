package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// openKeeping returns a database over a connection that keeps its statements, and the connection.
func openKeeping(t testing.TB) (*sql.DB, *keepingConn) {
	t.Helper()
	connector := sqliteConnector{address: "file:" + filepath.Join(t.TempDir(), "kept.db"), keeps: true}
	raw, err := connector.Connect(t.Context())
	require.NoError(t, err)
	db := sql.OpenDB(oneConn{connector, raw})
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db, raw.(*keepingConn)
}

// oneConn is a connector with one connection.
type oneConn struct {
	sqliteConnector
	conn driver.Conn
}

func (c oneConn) Connect(context.Context) (driver.Conn, error) { return c.conn, nil }

func TestStatementsAreKept(t *testing.T) {
	t.Parallel()
	db, conn := openKeeping(t)
	exec := func(text string, args ...any) {
		t.Helper()
		_, err := db.ExecContext(t.Context(), text, args...)
		require.NoError(t, err)
	}
	exec("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)")
	exec("PRAGMA user_version = 3")
	require.Empty(t, conn.kept, "what may do its work while it is prepared is not kept")
	for i := range 3 {
		exec("INSERT INTO t (a, b) VALUES ($1, $2)", i, fmt.Sprint("text ", i))
	}
	require.Len(t, conn.kept, 1)

	// A statement follows the schema.
	exec("ALTER TABLE t ADD COLUMN c TEXT DEFAULT 'new'")
	var n int
	var c string
	for range 2 {
		require.NoError(t, db.QueryRowContext(t.Context(), "SELECT COUNT(*), MIN(c) FROM t").Scan(&n, &c))
		require.Equal(t, 3, n)
		require.Equal(t, "new", c)
		exec("UPDATE t SET c = 'new'")
	}
	exec("DROP TABLE t")
	_, err := db.ExecContext(t.Context(), "INSERT INTO t (a, b) VALUES ($1, $2)", 9, "x")
	require.ErrorContains(t, err, "no such table")
}

// A statement whose rows are read is carried out a second time beside them.
func TestStatementIsReadTwiceAtOnce(t *testing.T) {
	t.Parallel()
	db, conn := openKeeping(t)
	tx, err := db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	const text = "SELECT value FROM json_each($1)"
	var read []int
	outer, err := tx.QueryContext(t.Context(), text, "[1,2,3]")
	require.NoError(t, err)
	require.NoError(t, each(outer, func(r *sql.Rows) error {
		var a, b int
		require.NoError(t, r.Scan(&a))
		require.NoError(t, tx.QueryRowContext(t.Context(), text, fmt.Sprintf("[%d]", 10*a)).Scan(&b))
		read = append(read, a, b)
		return nil
	}))
	require.Equal(t, []int{1, 10, 2, 20, 3, 30}, read)
	require.NoError(t, tx.Commit())
	require.Len(t, conn.kept, 1)
}

// A statement that fails can be carried out again.
func TestStatementFailsAndIsKept(t *testing.T) {
	t.Parallel()
	db, _ := openKeeping(t)
	_, err := db.ExecContext(t.Context(), "CREATE TABLE t (a INTEGER PRIMARY KEY)")
	require.NoError(t, err)
	for i := range 4 {
		_, err := db.ExecContext(t.Context(), "INSERT INTO t (a) VALUES ($1)", i/2)
		require.Equal(t, i%2 == 1, err != nil, "%d: %v", i, err)
		rows, err := db.QueryContext(t.Context(), "INSERT INTO t (a) VALUES ($1) RETURNING a", i/2)
		if err == nil {
			err = each(rows, func(*sql.Rows) error { return nil })
		}
		require.Error(t, err)
		ended, end := context.WithCancel(t.Context())
		end()
		_, err = db.ExecContext(ended, "INSERT INTO t (a) VALUES ($1)", 100+i)
		require.ErrorIs(t, err, context.Canceled)
	}
	var n int
	require.NoError(t, db.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM t").Scan(&n))
	require.Equal(t, 2, n)
}

// Whatever is carried out in whatever order, the answers are those of a connection that keeps
// nothing, and what is kept is bounded.
func TestKeptStatementsAnswerAlike(t *testing.T) {
	t.Parallel()
	kept, conn := openKeeping(t)
	plain := sql.OpenDB(sqliteConnector{address: "file:" + filepath.Join(t.TempDir(), "plain.db")})
	t.Cleanup(func() { require.NoError(t, plain.Close()) })
	for _, db := range []*sql.DB{kept, plain} {
		_, err := db.ExecContext(t.Context(), "CREATE TABLE t (a INTEGER PRIMARY KEY, b INTEGER)")
		require.NoError(t, err)
	}
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(0, 3*keptStatements).Draw(rt, "n")
		text := rapid.SampledFrom([]string{
			"INSERT INTO t (a, b) VALUES ($1, %d) ON CONFLICT DO NOTHING", "UPDATE t SET b = b + %d WHERE a = $1", "DELETE FROM t WHERE a = $1 + %d",
		}).Draw(rt, "text")
		a := rapid.IntRange(0, 9).Draw(rt, "a")
		var changed, sum [2]int64
		for i, db := range []*sql.DB{kept, plain} {
			done, err := db.ExecContext(t.Context(), fmt.Sprintf(text, n), a)
			require.NoError(rt, err)
			changed[i], err = done.RowsAffected()
			require.NoError(rt, err)
			require.NoError(rt, db.QueryRowContext(t.Context(), "SELECT COALESCE(SUM(a * 7 + b), 0) FROM t").Scan(&sum[i]))
		}
		require.Equal(rt, changed[1], changed[0])
		require.Equal(rt, sum[1], sum[0])
		require.LessOrEqual(rt, len(conn.kept), keptStatements+1)
		require.Equal(rt, len(conn.kept), conn.used.Len())
	})
}
