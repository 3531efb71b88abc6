package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"

	"bellman/internal/audit"
	"bellman/internal/idempotency"
)

// pools are the connections to a database and its dialect. Every store is made of
// them.
type pools struct {
	// write takes writing transactions; on SQLite it is a single connection, for which
	// they wait in lanes.
	write *sql.DB
	lanes *lanes
	lane  lane
	// read serves queries that change nothing.
	read reader
	// dispatch has connections for dispatch alone; nil where it shares the others.
	dispatch *sql.DB
	// limit is that of every call, those of read included.
	limit *limit
	// pulse tells when write has last taken something.
	pulse *pulse
	d     dialect
}

func newPools(write, read *sql.DB, d dialect) *pools {
	l := new(limit)
	return &pools{write: write, lane: laneOthers, read: reader{read, l}, limit: l, pulse: new(pulse), d: d}
}

// forDispatch returns the pools for the calls of dispatch. Those of a server, which may
// go silent, have less time than others, and connections of their own: what waits on
// other ones does not keep them from having one. In a file nothing goes silent, and a
// step that is slow there would be as slow when it is tried again.
func (s *pools) forDispatch() *pools {
	p := *s
	p.lane = laneDispatch
	if s.dispatch == nil {
		return &p
	}
	l := *s.limit
	l.most = dispatchLimit
	p.limit, p.write, p.read, p.pulse = &l, s.dispatch, reader{s.dispatch, &l}, new(pulse)
	return &p
}

// close releases every connection. When pools are one, the second call does nothing.
func (s *pools) close() error {
	err := errors.Join(s.read.Close(), s.write.Close())
	if s.dispatch != nil {
		err = errors.Join(err, s.dispatch.Close())
	}
	return err
}

// attempts is how often a transaction that meets others is run before its error
// is returned.
const attempts = 5

// tx runs fn in a writing transaction. When fn fails, nothing is written. fn may
// run more than once and must not keep results of a failed run. The first
// transaction of a request with an idempotency key takes the key, or fails because
// another request has it. The first one of an act that is audited appends its line.
func (s *pools) tx(ctx context.Context, fn func(*sql.Tx) error) error {
	var err error
	for range attempts {
		if err = s.txOnce(ctx, fn); err == nil || !s.d.passing(err) && !errors.Is(err, errContended) {
			break
		}
	}
	return s.d.classify(err)
}

func (s *pools) txOnce(ctx context.Context, fn func(*sql.Tx) error) (err error) {
	ctx, end := s.limit.begin(ctx)
	defer func() { end(err) }()
	defer func() {
		// What is cut in the middle of its rows says no more than that they are closed.
		if err != nil && errors.Is(context.Cause(ctx), errSilent) {
			err = errUnavailable.Because(err)
		}
	}()
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := s.lanes.enter(ctx, s.lane); err != nil {
		return fmt.Errorf("store: wait for the writer: %w", err)
	}
	defer s.lanes.leave()
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("store: begin: %w", err)
	}
	defer func() {
		if err != nil {
			// The connection may be gone already; the first error says why.
			_ = tx.Rollback()
		}
	}()
	claim, line := idempotency.From(ctx), audit.From(ctx)
	line.Begin()
	if err := takeKey(ctx, tx, claim); err != nil {
		return err
	}
	if err := fn(tx); err != nil {
		return err
	}
	if err := saveResult(ctx, tx, claim); err != nil {
		return err
	}
	if err := appendLine(ctx, tx, line); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("store: commit: %w", err)
	}
	s.pulse.beat()
	claim.Commit()
	line.Commit()
	return nil
}

// widely runs fn, which reads most of large tables, with plans for that.
func (s *pools) widely(ctx context.Context, fn func(queryer) error) (err error) {
	if s.d.widely == "" {
		return fn(s.read)
	}
	ctx, end := s.limit.begin(ctx)
	defer func() { end(err) }()
	tx, err := s.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return err
	}
	// Nothing was written.
	defer func() { err = errors.Join(err, tx.Rollback()) }()
	if err := s.planWidely(ctx, tx); err != nil {
		return err
	}
	return fn(tx)
}

// planWidely lets the rest of a transaction read most of large tables.
func (s *pools) planWidely(ctx context.Context, tx *sql.Tx) error {
	if s.d.widely == "" {
		return nil
	}
	_, err := tx.ExecContext(ctx, s.d.widely)
	return err
}

// exec runs a statement that is a transaction of its own.
func (s *pools) exec(ctx context.Context, text string, args ...any) (err error) {
	ctx, end := s.limit.begin(ctx)
	defer func() { end(err) }()
	if err := s.lanes.enter(ctx, s.lane); err != nil {
		return fmt.Errorf("store: wait for the writer: %w", err)
	}
	defer s.lanes.leave()
	if _, err = s.write.ExecContext(ctx, text, args...); err == nil {
		s.pulse.beat()
	}
	return err
}

// scanAll reads every row with scan and closes rows.
func scanAll[T any](rows *sql.Rows, scan func(*sql.Rows) (T, error)) ([]T, error) {
	var all []T
	err := each(rows, func(r *sql.Rows) error {
		v, err := scan(r)
		if len(all) == cap(all) {
			// append alone grows long lists by a quarter, and copies each row four times.
			all = slices.Grow(all, max(len(all), 1))
		}
		all = append(all, v)
		return err
	})
	return all, err
}

// each calls fn for every row and closes rows.
func each(rows *sql.Rows, fn func(*sql.Rows) error) error {
	for rows.Next() {
		if err := fn(rows); err != nil {
			return classify(errors.Join(err, rows.Close()))
		}
	}
	return classify(errors.Join(rows.Err(), rows.Close()))
}

// orNull stores an empty string as NULL, so that unique and partial indexes ignore
// it.
func orNull(s string) sql.NullString { return sql.NullString{String: s, Valid: s != ""} }

// isNetwork reports whether an error came from the connection, not the database.
func isNetwork(err error) bool {
	var n net.Error
	return errors.As(err, &n) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, driver.ErrBadConn) || errors.Is(err, net.ErrClosed)
}
