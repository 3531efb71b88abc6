package store

import (
	"context"
	"database/sql"
	"strings"

	"bellman/internal/fault"
)

// A dialect holds everything in which the two engines differ. Only the dialect
// files name an engine: this one, dialect_sqlite.go and dialect_postgres.go.
type dialect struct {
	// overlay is the ending of the names of the engine's own parts of migrations.
	overlay string
	// words replace {{name}} in migrations.
	words map[string]string
	// rows renders a table expression over a JSON array of arrays bound to the
	// given parameter: one row per inner array, columns by position.
	rows func(param string, columns []column) string
	// list renders a table expression over a JSON array of numbers or texts bound to
	// the given parameter: its column v, of a kind as in [column].
	list func(param, kind string) string
	// among compares a column with the values that a subquery selects, by an index
	// on the column, whatever the planner believes of the table's size.
	among func(subquery string) string
	// forUpdate locks the selected rows until the transaction ends.
	forUpdate string
	// forShare keeps the selected rows as they are until the transaction ends, beside
	// others that do so.
	forShare string
	// remote is true when each statement is a round trip to a server: a small write
	// is cheapest as one statement that does all of it. When the database is in
	// this process, prepared statements that are run row by row are cheaper.
	remote bool
	// send sends statements together; nil where one after another is as quick.
	send func(ctx context.Context, on *sql.Conn, b batch) error
	// nextID is an expression for a fresh number of a sequence, evaluated for each
	// row; nil where a statement cannot take one. A remote engine has it.
	nextID func(sequence string) string
	// takeIDs returns n fresh numbers of a sequence, ascending.
	takeIDs func(ctx context.Context, tx executor, sequence string, n int) ([]int64, error)
	// skipIDs is a statement that leaves out as many numbers of every sequence as it
	// has given, and at least $1.
	skipIDs string
	// lock makes transactions that name the same key act one after another.
	lock func(ctx context.Context, tx *sql.Tx, space, key int64) error
	// share lets transactions that name the same key act beside each other, but not
	// beside one that has locked it; nil where there is one writer.
	share func(ctx context.Context, tx *sql.Tx, space, key int64) error
	// lockEach makes transactions that name one of the same keys, which are in their
	// order, act one after another. They have nothing to do with those of lock.
	lockEach func(ctx context.Context, tx *sql.Tx, keys []int64) error
	// notify is a statement that notifies every process, once its transaction is
	// committed, that there is work; empty when there is only one process.
	notify string
	// listen calls wake whenever a notification was committed, until the context
	// ends or the connection is lost. open sets it.
	listen func(ctx context.Context, wake func()) error
	// say is a statement that says the text $1 to every process; empty when there is only one.
	say string
	// hear calls begun when it listens, and heard with what is said from then on, until the
	// context ends or the connection is lost. open sets it.
	hear func(ctx context.Context, begun func(), heard func(text string)) error
	// widely is a statement that lets the rest of a transaction read most of large
	// tables; empty where a statement is planned in one way.
	widely string
	// fit, when it is not nil, returns the dialect as the server at the other end
	// understands it, or why this program would not work on it.
	fit func(ctx context.Context, db *sql.DB, d dialect) (dialect, error)
	// hasTable is an expression that is true when the table named $1 exists.
	hasTable string
	// indexes is a query for the names and definitions of the indexes that the table
	// named $1 was given, by which they are made again.
	indexes string
	// nowMillis is an expression for the database's clock in unix milliseconds:
	// the one clock that all processes share.
	nowMillis string
	// classify turns a driver's error into a fault, or returns it as it is.
	classify func(error) error
	// partitions makes and drops the partitions of tables; nil where tables have none, and
	// rows are removed one by one.
	partitions *partitioner
	// passing is true for an error whose cause a new attempt may not meet: a
	// deadlock, a serialization failure.
	passing func(error) bool
}

// A column of a rows expression; kind is "bigint", "double precision" or "text".
type column struct{ name, kind string }

// Lock spaces for dialect.lock.
const (
	lockMigrate   = 1
	lockIdentity  = 2
	lockTriggered = 3
	lockTried     = 4
	// lockErasures is held by whoever pauses the imports of a workspace for an erasure, or
	// lets them go on; before imports and identities.
	lockErasures = 6
	// lockPartitions is held by whoever makes or drops partitions.
	lockPartitions = 5
	// lockSecrets is held by whoever changes the ring of data keys.
	lockSecrets = 7
)

var errUnavailable = fault.New(fault.Unavailable, "database_unavailable",
	"the database does not answer; try again shortly")

// What is wrong with a database, for those who call the APIs and those who operate
// it.
var (
	errFull = fault.New(fault.Unavailable, "database_full",
		"the disk of the database is full: nothing was written; make room on it, and try again")
	errReadOnly = fault.New(fault.Unavailable, "database_read_only",
		"the database can only be read: nothing was written; make it writable, and try again")
	errDamaged = fault.New(fault.Unavailable, "database_damaged",
		"the files of the database are damaged or their disk fails: look at the disk, and restore the database from a backup")
	errMissing = fault.New(fault.Unavailable, "database_missing",
		"the database is gone: put it back where it was, or restore it from a backup")
	errRefused = fault.New(fault.Unavailable, "database_refused",
		"the database does not take the login that it was opened with: mend the login or the address")
)

var errDuplicate = fault.New(fault.Conflict, "duplicate", "it exists already")

// classify is that of the engine whose driver the error comes from.
func classify(err error) error { return classifyPostgres(classifySQLite(err)) }

// open connects to the database that the address names: a postgres:// URL, or
// the path of a SQLite file, which is created if that is wanted.
func open(address string, create bool) (*pools, error) {
	if IsPostgres(address) {
		return openPostgres(address)
	}
	return openSQLite(address, create)
}

// IsPostgres reports whether the address names a PostgreSQL database; any other
// address is the path of a SQLite file.
func IsPostgres(address string) bool {
	return strings.HasPrefix(address, "postgres://") || strings.HasPrefix(address, "postgresql://")
}
