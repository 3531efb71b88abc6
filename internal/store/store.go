package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"

	"bellman/internal/job"
)

// Store keeps everything that Bellman knows, on either engine. Its methods
// implement the Store interfaces that the features declare. It is safe for
// concurrent use.
type Store struct {
	// write takes writing transactions; on SQLite it is a single connection.
	write *sql.DB
	// read serves queries that change nothing.
	read *sql.DB
	d    dialect
	// jobs takes background jobs in, jobDriver is River's way to run them.
	jobs      *job.Queue
	jobDriver job.Driver
}

// Open connects to the database at the address (a postgres:// URL or the path
// of a SQLite file, created when missing) and brings its schema up to date. It
// refuses a schema that is newer than this program.
func Open(ctx context.Context, address string) (*Store, error) {
	write, read, d, err := open(address)
	if err != nil {
		return nil, fmt.Errorf("store: open database: %w", err)
	}
	s := &Store{write: write, read: read, d: d}
	if err := s.migrate(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if err := s.foldNames(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if err := s.openJobs(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Close releases every connection.
func (s *Store) Close() error {
	if s.read == s.write {
		return s.write.Close()
	}
	return errors.Join(s.read.Close(), s.write.Close())
}

// Ping reports whether the database answers.
func (s *Store) Ping(ctx context.Context) error { return s.d.classify(s.read.PingContext(ctx)) }

// attempts is how often a transaction that met a deadlock is run before its
// error is returned.
const attempts = 5

// tx runs fn in a writing transaction. When fn fails, nothing is written. fn
// may run more than once and must not keep what it did in a failed run.
func (s *Store) tx(ctx context.Context, fn func(*sql.Tx) error) error {
	var err error
	for range attempts {
		if err = s.txOnce(ctx, fn); err == nil || !s.d.passing(err) {
			break
		}
	}
	return s.d.classify(err)
}

func (s *Store) txOnce(ctx context.Context, fn func(*sql.Tx) error) (err error) {
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("store: begin: %w", err)
	}
	defer func() {
		if err != nil {
			// The connection may be gone already; the first error tells why.
			_ = tx.Rollback()
		}
	}()
	if err := fn(tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("store: commit: %w", err)
	}
	return nil
}

// scanAll reads every row with scan and closes rows.
func scanAll[T any](rows *sql.Rows, scan func(*sql.Rows) (T, error)) ([]T, error) {
	var all []T
	err := each(rows, func(r *sql.Rows) error {
		v, err := scan(r)
		all = append(all, v)
		return err
	})
	return all, err
}

// each calls fn for every row and closes rows.
func each(rows *sql.Rows, fn func(*sql.Rows) error) error {
	for rows.Next() {
		if err := fn(rows); err != nil {
			return errors.Join(err, rows.Close())
		}
	}
	return errors.Join(rows.Err(), rows.Close())
}

// orNull stores an empty string as NULL, so that unique and partial indexes
// pass it over.
func orNull(s string) sql.NullString { return sql.NullString{String: s, Valid: s != ""} }

// isNetwork tells that an error came from the connection, not the database.
func isNetwork(err error) bool {
	var n net.Error
	return errors.As(err, &n) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, driver.ErrBadConn) || errors.Is(err, net.ErrClosed)
}
