package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// rollbackLimit is how long the end of a transaction that has failed is waited for.
const rollbackLimit = time.Second

// executor runs statements, in a transaction that somebody else begins and ends.
type executor interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// statement is one that is sent with others. Each is called for each row of its
// result; nil for one that has none.
type statement struct {
	query string
	args  []any
	each  func(scanner) error
}

// batch is what is sent at once: statements between the beginning and the end of
// their transaction, if these are among them.
type batch struct {
	begin, commit bool
	statements    []statement
}

// A pipeline is a transaction whose statements are queued and sent together, its
// beginning and its end with them: with a remote database it takes as many round trips
// as there are answers to wait for, and not one for each statement. They run one after
// another all the same, each after what those before it wrote.
type pipeline struct {
	session executor
	send    func(ctx context.Context, b batch) error
	queued  []statement
	begun   bool
}

// queue adds a statement without a result.
func (p *pipeline) queue(query string, args ...any) { p.query(nil, query, args...) }

// query adds a statement; each is called for each row of its result.
func (p *pipeline) query(each func(scanner) error, query string, args ...any) {
	p.queued = append(p.queued, statement{query, args, each})
}

// flush sends what is queued and handles the results.
func (p *pipeline) flush(ctx context.Context) error { return p.sendQueued(ctx, false) }

// commit is flush, and ends the transaction: nothing can be written after it.
func (p *pipeline) commit(ctx context.Context) error { return p.sendQueued(ctx, true) }

func (p *pipeline) sendQueued(ctx context.Context, commit bool) error {
	b := batch{begin: !p.begun, commit: commit, statements: p.queued}
	p.begun, p.queued = true, nil
	return p.send(ctx, b)
}

// flushed sends what is queued, and returns the session for statements whose results
// are needed one by one.
func (p *pipeline) flushed(ctx context.Context) (executor, error) { return p.session, p.flush(ctx) }

// pipelined is tx for a transaction whose statements are sent together. fn ends it by
// commit; what it reads after that is not part of the transaction. The context that fn
// gets ends with the limit.
func (s *pools) pipelined(ctx context.Context, fn func(context.Context, *pipeline) error) error {
	if s.d.send == nil {
		return s.tx(ctx, func(tx *sql.Tx) error {
			return fn(ctx, &pipeline{session: tx, send: func(ctx context.Context, b batch) error { return runEach(ctx, tx, b) }})
		})
	}
	var err error
	for range attempts {
		if err = s.pipelinedOnce(ctx, fn); err == nil || !s.d.passing(err) {
			break
		}
	}
	return s.d.classify(err)
}

func (s *pools) pipelinedOnce(ctx context.Context, fn func(context.Context, *pipeline) error) (err error) {
	ctx, end := s.limit.begin(ctx)
	defer func() { end(err) }()
	if err := ctx.Err(); err != nil {
		return err
	}
	conn, err := s.write.Conn(ctx)
	if err != nil {
		return fmt.Errorf("store: begin: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	p := &pipeline{session: conn, send: func(ctx context.Context, b batch) error { return s.d.send(ctx, conn, b) }}
	if err = fn(ctx, p); err != nil && p.begun {
		undo, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackLimit)
		defer cancel()
		// The connection may be gone already, and its transaction with it; the first error
		// says why.
		_, _ = conn.ExecContext(undo, "ROLLBACK")
	}
	if err == nil {
		s.pulse.beat()
	}
	return err
}

// together runs statements that change nothing, each for itself, with one round trip.
func (s *pools) together(ctx context.Context, asked []statement) (err error) {
	if len(asked) == 0 {
		return nil
	}
	if s.d.send == nil {
		for _, st := range asked {
			rows, err := s.read.QueryContext(ctx, st.query, st.args...)
			if err != nil {
				return s.d.classify(err)
			}
			if err := each(rows, func(r *sql.Rows) error { return st.each(r) }); err != nil {
				return err
			}
		}
		return nil
	}
	ctx, end := s.limit.begin(ctx)
	defer func() { end(err) }()
	conn, err := s.read.Conn(ctx)
	if err != nil {
		return s.d.classify(err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	return s.d.classify(s.d.send(ctx, conn, batch{statements: asked}))
}

// runEach runs the statements one after another, where nothing is gained by sending
// them together. The transaction begins and ends elsewhere.
func runEach(ctx context.Context, tx *sql.Tx, b batch) error {
	for _, st := range b.statements {
		if st.each == nil {
			if _, err := tx.ExecContext(ctx, st.query, st.args...); err != nil {
				return err
			}
			continue
		}
		rows, err := tx.QueryContext(ctx, st.query, st.args...)
		if err != nil {
			return err
		}
		if err := each(rows, func(r *sql.Rows) error { return st.each(r) }); err != nil {
			return err
		}
	}
	return nil
}
