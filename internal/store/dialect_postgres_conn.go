package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"net"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// This file is how connections to PostgreSQL that died without a word are found: by
// the kernel when the other side acknowledges nothing, and by doubt when it
// acknowledges and says nothing.

const (
	// connectLimit is how long making a connection may take, the login included.
	connectLimit = 4 * time.Second
	// deadAfter is how long the other side may acknowledge nothing.
	deadAfter = 5 * time.Second
	// idleLimit is how long after its last use a connection is tried before it is
	// used again, and pingLimit how long the answer to that may take.
	idleLimit = time.Second
	pingLimit = 2 * time.Second
)

// dialer makes connections that the kernel ends when their other side is gone.
// Without the kernel's word, Linux takes a quarter of an hour to give up.
var dialer = net.Dialer{
	Timeout:         connectLimit,
	KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 3 * time.Second, Interval: time.Second, Count: 3},
	Control: func(network, _ string, c syscall.RawConn) (err error) {
		if !strings.HasPrefix(network, "tcp") {
			return nil
		}
		failed := c.Control(func(socket uintptr) { err = giveUp(socket, deadAfter) })
		if failed != nil {
			return failed
		}
		return err
	},
}

// hardened returns the settings with which connections are made to notice the death
// of their other side. An address that says how long connecting may take has its way.
func hardened(config *pgx.ConnConfig) {
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connectLimit
	}
	config.DialFunc = dialer.DialContext
}

// doubt is the suspicion that connections are dead. When one of them has not answered,
// all that were made by then are made anew, instead of each being waited for in turn.
type doubt struct {
	// since is the moment of the last doubt; nil before the first one. Like all that
	// is compared with it, it is a reading of the clock that nobody sets.
	since atomic.Pointer[time.Time]
}

func (d *doubt) raise() {
	now := time.Now()
	d.since.Store(&now)
}

// of reports whether a connection that was made then is in doubt.
func (d *doubt) of(made time.Time) bool {
	since := d.since.Load()
	return since != nil && !made.After(*since)
}

// The names of what a connection carries along: when it was made, and last taken.
const (
	madeAt  = "bellman.made"
	takenAt = "bellman.taken"
)

// pool returns connections that the doubt is about.
func (d *doubt) pool(config *pgx.ConnConfig, connections int) *sql.DB {
	db := sql.OpenDB(connector{stdlib.GetConnector(*config,
		stdlib.OptionAfterConnect(func(_ context.Context, c *pgx.Conn) error {
			now := time.Now()
			c.PgConn().CustomData()[madeAt], c.PgConn().CustomData()[takenAt] = now, now
			return nil
		}),
		stdlib.OptionShouldPing(func(context.Context, stdlib.ShouldPingParams) bool { return false }),
		stdlib.OptionResetSession(d.try))})
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db
}

// try is called before a connection is used again. A dead one is closed without
// saying goodbye, which would be waited for.
func (d *doubt) try(ctx context.Context, c *pgx.Conn) error {
	data, now := c.PgConn().CustomData(), time.Now()
	if d.of(data[madeAt].(time.Time)) {
		// Whether it closes well does not matter.
		_ = c.PgConn().Conn().Close()
		return driver.ErrBadConn
	}
	if now.Sub(data[takenAt].(time.Time)) > idleLimit {
		asked, cancel := context.WithTimeout(ctx, pingLimit)
		defer cancel()
		if err := c.PgConn().Ping(asked); err != nil {
			if asked.Err() != nil && ctx.Err() == nil {
				d.raise()
			}
			return driver.ErrBadConn
		}
	}
	data[takenAt] = now
	return nil
}

// A connector makes connections whose transactions end with their context.
type connector struct{ driver.Connector }

func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	made, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return conn{made.(*stdlib.Conn)}, nil
}

// A conn is a connection that is cut when the limit of its transaction has passed: the
// statement under way may have been given another context, and would be waited for.
type conn struct{ *stdlib.Conn }

func (c conn) BeginTx(ctx context.Context, options driver.TxOptions) (driver.Tx, error) {
	tx, err := c.Conn.BeginTx(ctx, options)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() {
		if errors.Is(context.Cause(ctx), errSilent) {
			// Whether it closes well does not matter.
			_ = c.Conn.Conn().PgConn().Conn().Close()
		}
	})
	return bounded{tx, stop}, nil
}

// bounded is a transaction of a conn.
type bounded struct {
	driver.Tx
	stop func() bool
}

func (b bounded) Commit() error {
	err := b.Tx.Commit()
	b.stop()
	return err
}

func (b bounded) Rollback() error {
	err := b.Tx.Rollback()
	b.stop()
	return err
}
