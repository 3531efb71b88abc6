package store

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// This file is how long a call of the database may take. A server that died without
// a word, or something in between that forgot the connection, never answers.

const (
	// callLimit is how long a call may take: as long as a large one waits for its
	// turn on a busy database.
	callLimit = time.Minute
	// dispatchLimit is how long a call of dispatch may take. By then the leases, of
	// six seconds, are not used any more: waiting on is waiting for nothing.
	dispatchLimit = 5 * time.Second
)

// errSilent is the cause of the end of a call's context when its limit has passed.
var errSilent = errors.New("store: no answer within the limit")

// A limit ends calls that the database does not answer, and those that it would
// answer wrongly.
type limit struct {
	// most is how long a call may take; zero is without end.
	most time.Duration
	// silent is called when a call has met its limit; nil for no call.
	silent func()
	// present returns an error when the database is not where it was opened; nil
	// where a connection leads to no other.
	present func() error
}

// begin returns the context of a call that begins now. The caller calls end with its
// error when it is over.
func (l limit) begin(ctx context.Context) (bound context.Context, end func(error)) {
	if l.present != nil {
		if err := l.present(); err != nil {
			return refused{ctx, err}, func(error) {}
		}
	}
	if l.most == 0 {
		return ctx, func(error) {}
	}
	ctx, cancel := context.WithTimeoutCause(ctx, l.most, errSilent)
	return ctx, func(err error) {
		if err != nil && l.silent != nil && errors.Is(context.Cause(ctx), errSilent) {
			l.silent()
		}
		cancel()
	}
}

// refused is a context that has ended with an error: what is called with it does
// nothing and returns the error. An [sql.Row] can be given an error in no other way.
type refused struct {
	context.Context
	err error
}

func (r refused) Err() error          { return r.err }
func (refused) Done() <-chan struct{} { return ended }

var ended = func() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

// A reader is a pool of connections for queries that change nothing, each of which
// has to end within the limit, its rows included.
type reader struct {
	*sql.DB
	limit *limit
}

// QueryContext is that of [sql.DB], within the limit.
func (r reader) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	ctx, end := r.limit.begin(ctx)
	rows, err := r.DB.QueryContext(ctx, query, args...)
	if err != nil {
		end(err)
	}
	// Nothing tells when the rows are closed: what is left of the limit, a timer, ends
	// with the context of the request, or by itself.
	return rows, err
}

// QueryRowContext is that of [sql.DB], within the limit.
func (r reader) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	ctx, end := r.limit.begin(ctx)
	row := r.DB.QueryRowContext(ctx, query, args...)
	if err := row.Err(); err != nil {
		end(err)
	}
	return row
}
