package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// A Tap sits between the stores and their driver. It sees the statements that the
// code really runs, and can make them and commits fail.
type Tap interface {
	// Statement is called with each statement before it runs or is prepared. Its
	// error is returned in the statement's place.
	Statement(query string, args []any) error
	// Row is called for each run of a prepared statement in the same way.
	Row(query string, args []any) error
	// Commit is called in place of each commit, and of each statement that is a
	// transaction of its own. It may call commit or not.
	Commit(commit func() error) error
}

// OpenTapped opens a database, brings its schema up to date, and adds a tap that
// sees everything from then on.
func OpenTapped(t testing.TB, address string, tap Tap) *DB {
	t.Helper()
	p, err := open(address, true)
	require.NoError(t, err)
	d := p.d
	if d.send != nil {
		d.send = tapSend(p.d.send, tap)
	}
	tapped := newPools(tapPool(p.write, tap), tapPool(p.read.DB, tap), d)
	t.Cleanup(func() {
		require.NoError(t, tapped.close())
		require.NoError(t, p.close())
	})
	db := newDB(tapped)
	require.NoError(t, db.migrate(t.Context()))
	require.NoError(t, db.partitionsAtStart(t.Context()))
	return db
}

// A BatchTap is also told how many statements are about to be sent together.
type BatchTap interface {
	Tap
	Batch(statements int)
}

// tapSend lets a tap see what is sent together.
func tapSend(
	send func(context.Context, *sql.Conn, batch) error, tap Tap,
) func(context.Context, *sql.Conn, batch) error {
	return func(ctx context.Context, on *sql.Conn, b batch) error {
		if batches, ok := tap.(BatchTap); ok {
			batches.Batch(len(b.statements))
		}
		for _, st := range b.statements {
			if err := tap.Statement(st.query, st.args); err != nil {
				return err
			}
		}
		if err := on.Raw(func(raw any) error {
			conn := raw.(*tapConn)
			conn.inTx = (conn.inTx || b.begin) && !b.commit
			return nil
		}); err != nil {
			return err
		}
		if !b.commit {
			return send(ctx, on, b)
		}
		return tap.Commit(func() error { return send(ctx, on, b) })
	}
}

// tapPool returns a pool over the connections of another.
func tapPool(under *sql.DB, tap Tap) *sql.DB {
	db := sql.OpenDB(tapConnector{under, tap})
	db.SetMaxOpenConns(under.Stats().MaxOpenConnections)
	db.SetMaxIdleConns(under.Stats().MaxOpenConnections)
	return db
}

type tapConnector struct {
	under *sql.DB
	tap   Tap
}

func (c tapConnector) Driver() driver.Driver { return c.under.Driver() }

// Connect keeps one of the pool's connections for as long as it is used.
func (c tapConnector) Connect(ctx context.Context) (driver.Conn, error) {
	held, err := c.under.Conn(ctx)
	if err != nil {
		return nil, err
	}
	conn := &tapConn{held: held, tap: c.tap}
	return conn, held.Raw(func(raw any) error {
		conn.conn = raw.(fullConn)
		return nil
	})
}

// fullConn has the methods of both drivers' connections.
type fullConn interface {
	driver.Conn
	driver.ConnPrepareContext
	driver.ConnBeginTx
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
}

type tapConn struct {
	held *sql.Conn
	conn fullConn
	tap  Tap
	// inTx is true when a transaction is open.
	inTx bool
}

func (c *tapConn) bare() *pgx.Conn                        { return c.conn.(bare).bare() }
func (c *tapConn) Close() error                           { return c.held.Close() }
func (c *tapConn) Begin() (driver.Tx, error)              { return nil, driver.ErrSkip }
func (c *tapConn) Prepare(string) (driver.Stmt, error)    { return nil, driver.ErrSkip }
func (c *tapConn) Ping(ctx context.Context) error         { return c.conn.Ping(ctx) }
func (c *tapConn) ResetSession(ctx context.Context) error { return c.conn.ResetSession(ctx) }

// CheckNamedValue leaves values in the form that the driver below wants.
func (c *tapConn) CheckNamedValue(v *driver.NamedValue) error {
	if checker, ok := c.conn.(driver.NamedValueChecker); ok {
		return checker.CheckNamedValue(v)
	}
	return driver.ErrSkip
}

func (c *tapConn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	tx, err := c.conn.BeginTx(ctx, opts)
	if err != nil {
		return nil, err
	}
	c.inTx = true
	return tapTx{tx, c}, nil
}

func (c *tapConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	if err := c.tap.Statement(query, nil); err != nil {
		return nil, err
	}
	stmt, err := c.conn.PrepareContext(ctx, query)
	return tapStmt{stmt, query, c.tap}, err
}

func (c *tapConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if err := c.tap.Statement(query, values(args)); err != nil {
		return nil, err
	}
	if c.inTx {
		return c.conn.ExecContext(ctx, query, args)
	}
	var result driver.Result
	err := c.tap.Commit(func() (err error) {
		result, err = c.conn.ExecContext(ctx, query, args)
		return err
	})
	return result, err
}

func (c *tapConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if err := c.tap.Statement(query, values(args)); err != nil {
		return nil, err
	}
	return c.conn.QueryContext(ctx, query, args)
}

func values(args []driver.NamedValue) []any {
	all := make([]any, len(args))
	for i, a := range args {
		all[i] = a.Value
	}
	return all
}

type tapStmt struct {
	driver.Stmt
	query string
	tap   Tap
}

func (s tapStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	if err := s.tap.Row(s.query, values(args)); err != nil {
		return nil, err
	}
	return s.Stmt.(driver.StmtExecContext).ExecContext(ctx, args)
}

func (s tapStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	if err := s.tap.Row(s.query, values(args)); err != nil {
		return nil, err
	}
	return s.Stmt.(driver.StmtQueryContext).QueryContext(ctx, args)
}

type tapTx struct {
	tx   driver.Tx
	conn *tapConn
}

func (x tapTx) Rollback() error {
	x.conn.inTx = false
	return x.tx.Rollback()
}

// Commit rolls back when the tap does not commit, as a server does when the
// connection is lost.
func (x tapTx) Commit() error {
	x.conn.inTx = false
	committed := false
	err := x.conn.tap.Commit(func() error {
		committed = true
		return x.tx.Commit()
	})
	if !committed {
		err = errors.Join(err, x.tx.Rollback())
	}
	return err
}
