package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"

	"bellman/internal/fault"
)

// This file tells servers on which this program would not work from those on which it
// does: others speak PostgreSQL's protocol too.

// errLocks is what is wrong with a server whose advisory locks keep nobody out. Old
// versions of CockroachDB and YugabyteDB are such servers.
var errLocks = errors.New("store: the advisory locks of this database are not real: two connections get the same one, " +
	"so that two processes would decide at once who a person is, and make two contacts of one. " +
	"Use PostgreSQL, or a cluster of PostgreSQL servers with Citus")

// fitPostgres implements dialect.fit.
func fitPostgres(ctx context.Context, db *sql.DB, d dialect) (fit dialect, err error) {
	if err := tryLocks(ctx, db, d); err != nil {
		return d, err
	}
	if _, err := db.ExecContext(ctx, `SELECT pg_notify($1, '')`, channel); err != nil {
		if err = deaf(err); !errors.Is(err, ErrDeaf) {
			return d, err
		}
		d.notify, d.say = "", ""
		d.listen = func(context.Context, func()) error { return err }
		d.hear = func(context.Context, func(), func(string)) error { return err }
	}
	return d, nil
}

// tryLocks takes a lock twice, as dialect.lock does, from two connections.
func tryLocks(ctx context.Context, db *sql.DB, d dialect) (err error) {
	holder, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, holder.Rollback()) }()
	// The number of the connection makes it a lock that nobody else takes.
	var key int64
	if err := holder.QueryRowContext(ctx, `SELECT pg_backend_pid()`).Scan(&key); err != nil {
		return err
	}
	if err := d.lock(ctx, holder, lockTried, key); err != nil {
		return unknownLock(err)
	}
	other, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, other.Rollback()) }()
	var taken bool
	err = other.QueryRowContext(ctx, `SELECT pg_try_advisory_xact_lock($1::int, $2::int)`, lockTried, key).Scan(&taken)
	if err != nil {
		return unknownLock(err)
	}
	if taken {
		return errLocks
	}
	return nil
}

// unknownLock returns the error of a server that does not know the locks as errLocks,
// and any other error as it is.
func unknownLock(err error) error {
	if notKnown(err) {
		return fmt.Errorf("%w (%w)", errLocks, err)
	}
	return err
}

// notKnown is true for the error of a server that does not know what it was asked for,
// and not for that of one that is ill.
func notKnown(err error) bool {
	_, said := errors.AsType[*pgconn.PgError](err)
	_, ill := errors.AsType[*fault.Error](classifyPostgres(err))
	return said && !ill
}
