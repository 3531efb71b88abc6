package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivertype"
	"modernc.org/sqlite"
	sqlitelib "modernc.org/sqlite/lib"

	"bellman/internal/fault"
	"bellman/internal/job"
)

// A dialect is everything in which the two engines differ. It is the only
// place that names one.
type dialect struct {
	// overlay is what the names of its own parts of migrations end in.
	overlay string
	// words replace {{name}} in migrations.
	words map[string]string
	// rows renders a table expression over a JSON array of arrays bound to the
	// given parameter: one row per inner array, columns by position.
	rows func(param string, columns []column) string
	// among compares a column with the values that a subquery selects, by an index
	// on the column, whatever is known of the table's size.
	among func(subquery string) string
	// forUpdate locks the selected rows until the transaction ends.
	forUpdate string
	// remote tells that each statement is a round trip to a server: a small write
	// is cheapest as one statement that does all of it. Where the database is in
	// this process, prepared statements that are run row by row are cheaper.
	remote bool
	// nextID is an expression for a fresh identifier of a sequence, for each row
	// anew; nil where a statement cannot take one. A remote engine has it.
	nextID func(sequence string) string
	// takeIDs returns n fresh identifiers of a sequence, ascending.
	takeIDs func(ctx context.Context, tx *sql.Tx, sequence string, n int) ([]int64, error)
	// lock makes transactions that name the same key act one after another.
	lock func(ctx context.Context, tx *sql.Tx, space, key int64) error
	// notify is a statement that tells every process, once its transaction is
	// committed, that there is work; empty when there is only one process.
	notify string
	// listen calls wake whenever notify was committed, until the context ends or
	// the connection is lost. open puts it in.
	listen func(ctx context.Context, wake func()) error
	// nowMillis is an expression for the database's clock in unix milliseconds:
	// the one clock that all processes share.
	nowMillis string
	// classify turns a driver's error into a fault, or returns it as it is.
	classify func(error) error
	// passing tells that a transaction failed for a cause that a new attempt
	// may not meet: a deadlock, a serialization failure.
	passing func(error) bool
	// jobs is River's driver over the connections that write and those that read.
	jobs func(write, read *sql.DB) job.Driver
}

// idle is a driver that leaves the only writer alone while there are no jobs:
// the readers are asked first.
type idle struct {
	*riversqlite.Driver
	read *sql.DB
}

// GetExecutor implements [job.Driver].
func (i idle) GetExecutor() riverdriver.Executor {
	return idleExecutor{i.Driver.GetExecutor(), i.read}
}

type idleExecutor struct {
	riverdriver.Executor
	read *sql.DB
}

// JobGetAvailable implements [riverdriver.Executor].
func (e idleExecutor) JobGetAvailable(ctx context.Context, p *riverdriver.JobGetAvailableParams) ([]*rivertype.JobRow, error) {
	var some bool
	err := e.read.QueryRowContext(ctx,
		`SELECT EXISTS (SELECT 1 FROM river_job WHERE state = 'available' AND queue = $1)`, p.Queue).Scan(&some)
	if err != nil || !some {
		return nil, err
	}
	return e.Executor.JobGetAvailable(ctx, p)
}

// unheard is a driver that notifies nobody, since background jobs are asked for:
// it spares each transaction a lock that commits queue for, and schemas the
// limit of a channel's name.
type unheard struct{ *riverdatabasesql.Driver }

// SupportsListenNotify implements [job.Driver].
func (unheard) SupportsListenNotify() bool { return false }

// GetExecutor implements [job.Driver].
func (u unheard) GetExecutor() riverdriver.Executor { return unheardExecutor{u.Driver.GetExecutor()} }

type unheardExecutor struct{ riverdriver.Executor }

// LeaderResign implements [riverdriver.Executor].
func (e unheardExecutor) LeaderResign(ctx context.Context, p *riverdriver.LeaderResignParams) (bool, error) {
	return true, e.Exec(ctx, `DELETE FROM river_leader WHERE leader_id = $1`, p.LeaderID)
}

// A column of a rows expression; kind is "bigint" or "text".
type column struct{ name, kind string }

// Lock spaces for dialect.lock.
const (
	lockMigrate   = 1
	lockIdentity  = 2
	lockTriggered = 3
)

var errUnavailable = fault.New(fault.Unavailable, "database_unavailable",
	"the database does not answer; try again shortly")

var errDuplicate = fault.New(fault.Conflict, "duplicate", "it exists already")

var sqliteDialect = dialect{
	overlay: ".sqlite.sql",
	words: map[string]string{
		"id":        "INTEGER NOT NULL PRIMARY KEY",
		"blob":      "BLOB",
		"clustered": " WITHOUT ROWID",
	},
	rows: func(param string, columns []column) string {
		picks := make([]string, len(columns))
		for i, c := range columns {
			picks[i] = fmt.Sprintf("value->>%d AS %s", i, c.name)
		}
		return "(SELECT " + strings.Join(picks, ", ") + " FROM json_each(" + param + "))"
	},
	among: func(subquery string) string { return " IN " + subquery },
	takeIDs: func(ctx context.Context, tx *sql.Tx, sequence string, n int) ([]int64, error) {
		var last int64
		err := tx.QueryRowContext(ctx,
			`UPDATE counters SET last = last + $1 WHERE name = $2 RETURNING last`, n, sequence).Scan(&last)
		if err != nil {
			return nil, err
		}
		ids := make([]int64, n)
		for i := range ids {
			ids[i] = last - int64(n) + int64(i) + 1
		}
		return ids, nil
	},
	// There is one writer: every writing transaction already acts alone.
	lock:      func(context.Context, *sql.Tx, int64, int64) error { return nil },
	nowMillis: "CAST(unixepoch('subsec') * 1000 AS INTEGER)",
	classify: func(err error) error {
		var e *sqlite.Error
		if !errors.As(err, &e) {
			return err
		}
		switch e.Code() {
		case sqlitelib.SQLITE_CONSTRAINT_UNIQUE, sqlitelib.SQLITE_CONSTRAINT_PRIMARYKEY:
			return errDuplicate.Because(err)
		case sqlitelib.SQLITE_BUSY, sqlitelib.SQLITE_LOCKED:
			return errUnavailable.Because(err)
		}
		return err
	},
	passing: func(error) bool { return false },
	jobs:    func(write, read *sql.DB) job.Driver { return idle{riversqlite.New(write), read} },
}

var postgresDialect = dialect{
	overlay: ".postgres.sql",
	words: map[string]string{
		"id":        "BIGINT NOT NULL PRIMARY KEY",
		"blob":      "BYTEA",
		"clustered": "",
	},
	rows: func(param string, columns []column) string {
		picks := make([]string, len(columns))
		for i, c := range columns {
			picks[i] = fmt.Sprintf("(e->>%d)::%s AS %s", i, c.kind, c.name)
		}
		return "(SELECT " + strings.Join(picks, ", ") + " FROM jsonb_array_elements(" + param + "::jsonb) AS e)"
	},
	// An array is no join, whose sides the planner would put the wrong way round
	// while its statistics take a table that has just grown for a small one.
	among:     func(subquery string) string { return " = ANY (ARRAY" + subquery + ")" },
	forUpdate: " FOR UPDATE",
	remote:    true,
	nextID:    func(sequence string) string { return "nextval('" + sequence + "')" },
	takeIDs: func(ctx context.Context, tx *sql.Tx, sequence string, n int) ([]int64, error) {
		rows, err := tx.QueryContext(ctx,
			`SELECT nextval($1::text::regclass) AS id FROM generate_series(1, $2::int) ORDER BY id`, sequence, n)
		if err != nil {
			return nil, err
		}
		return scanAll(rows, func(r *sql.Rows) (id int64, err error) { return id, r.Scan(&id) })
	},
	lock: func(ctx context.Context, tx *sql.Tx, space, key int64) error {
		_, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock($1::int, $2::int)`, space, key)
		return err
	},
	// The channel is shared by all schemas of a database: the payload tells them
	// apart.
	notify:    `SELECT pg_notify('bellman_work', current_schema())`,
	nowMillis: "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)",
	classify: func(err error) error {
		var e *pgconn.PgError
		switch {
		case errors.As(err, &e):
			switch {
			case e.Code == "23505":
				return errDuplicate.Because(err)
			// Classes 08 connection, 53 resources, 57 operator intervention.
			case strings.HasPrefix(e.Code, "08"), strings.HasPrefix(e.Code, "53"), strings.HasPrefix(e.Code, "57P"):
				return errUnavailable.Because(err)
			}
			return err
		case errors.Is(err, context.Canceled), errors.Is(err, sql.ErrNoRows), errors.Is(err, sql.ErrTxDone):
			return err
		}
		var connect *pgconn.ConnectError
		if errors.As(err, &connect) || pgconn.SafeToRetry(err) || isNetwork(err) {
			return errUnavailable.Because(err)
		}
		return err
	},
	passing: func(err error) bool {
		var e *pgconn.PgError
		return errors.As(err, &e) && (e.Code == "40001" || e.Code == "40P01")
	},
	jobs: func(write, _ *sql.DB) job.Driver { return unheard{riverdatabasesql.New(write)} },
}

// readers is how many SQLite connections read beside the one that writes.
const readers = 4

// connections is how many PostgreSQL connections one process uses at most.
const connections = 20

// session are the settings of each connection to PostgreSQL; an address that
// sets one of them wins.
//
// It is kept to nested loops over indexes, which is what every statement here
// means. Left to itself it decides by statistics that lag behind tables that
// grow by thousands of rows a second, takes them for small, and reads them
// whole. And a process that stands still in the middle of a transaction loses
// it before its leases run out: whoever takes its bots over must not wait for
// its row locks.
var session = map[string]string{
	"idle_in_transaction_session_timeout": "4s",
	"enable_hashjoin":                     "off",
	"enable_material":                     "off",
	"enable_mergejoin":                    "off",
	"max_parallel_workers_per_gather":     "0",
	"jit":                                 "off",
}

// open connects to the database that the address names: a postgres:// URL, or
// the path of a SQLite file.
func open(address string) (*pools, error) {
	if IsPostgres(address) {
		return openPostgres(address)
	}
	return openSQLite(address)
}

func openPostgres(address string) (*pools, error) {
	config, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, err
	}
	for name, value := range session {
		if _, chosen := config.RuntimeParams[name]; !chosen {
			config.RuntimeParams[name] = value
		}
	}
	db := stdlib.OpenDB(*config)
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	d := postgresDialect
	d.listen = func(ctx context.Context, wake func()) error { return listenPostgres(ctx, config, wake) }
	return &pools{write: db, read: db, d: d}, nil
}

func openSQLite(address string) (*pools, error) {
	path, err := filepath.Abs(strings.TrimPrefix(address, "sqlite://"))
	if err != nil {
		return nil, err
	}
	// FULL: a claim must have reached the disk before its message leaves, or a
	// power cut would send it twice.
	pragmas := url.Values{"_pragma": {
		"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(ON)",
		"temp_store(MEMORY)", "cache_size(-8000)", "journal_size_limit(67108864)",
	}}
	file := (&url.URL{Scheme: "file", Path: path}).String() + "?" + pragmas.Encode()
	write, err := sql.Open("sqlite", file+"&_txlock=immediate")
	if err != nil {
		return nil, err
	}
	write.SetMaxOpenConns(1)
	read, err := sql.Open("sqlite", file+"&_pragma=query_only(ON)")
	if err != nil {
		return nil, errors.Join(err, write.Close())
	}
	read.SetMaxOpenConns(readers)
	read.SetMaxIdleConns(readers)
	d := sqliteDialect
	d.listen = func(ctx context.Context, _ func()) error {
		<-ctx.Done()
		return ctx.Err()
	}
	return &pools{write: write, read: read, d: d}, nil
}

// listenPostgres listens on a connection of its own.
func listenPostgres(ctx context.Context, config *pgx.ConnConfig, wake func()) error {
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return err
	}
	defer func() {
		// Nothing is lost with it, whether it closes well or not.
		_ = conn.Close(context.WithoutCancel(ctx))
	}()
	var schema string
	if err := conn.QueryRow(ctx, `SELECT current_schema()`).Scan(&schema); err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, `LISTEN bellman_work`); err != nil {
		return err
	}
	// What was told before is found by looking.
	wake()
	for {
		told, err := conn.WaitForNotification(ctx)
		if err != nil {
			return err
		}
		if told.Payload == schema {
			wake()
		}
	}
}

// IsPostgres tells whether the address names a PostgreSQL database; any other
// address is the path of a SQLite file.
func IsPostgres(address string) bool {
	return strings.HasPrefix(address, "postgres://") || strings.HasPrefix(address, "postgresql://")
}
