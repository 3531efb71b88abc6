package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"bellman/internal/fault"
)

var postgresDialect = dialect{
	overlay: ".postgres.sql",
	words: map[string]string{
		"id":        "BIGINT NOT NULL PRIMARY KEY",
		"blob":      "BYTEA",
		"clustered": "",
		"collate":   `COLLATE "C" `,
	},
	rows: func(param string, columns []column) string {
		picks := make([]string, len(columns))
		for i, c := range columns {
			picks[i] = fmt.Sprintf("(e->>%d)::%s AS %s", i, c.kind, c.name)
		}
		// Each of them is an array. The planner takes that for rare, expects one row instead
		// of a hundred, and begins a join with it.
		return "(SELECT " + strings.Join(picks, ", ") + " FROM jsonb_array_elements(" + param + "::jsonb) AS e WHERE jsonb_typeof(e) = 'array')"
	},
	list: func(param, kind string) string {
		return "(SELECT e::" + kind + " AS v FROM jsonb_array_elements_text(" + param + "::jsonb) AS e)"
	},
	// An array instead of a join: with statistics that take a table that has just
	// grown for a small one, the planner would put the sides of a join the wrong
	// way round.
	among:     func(subquery string) string { return " = ANY (ARRAY" + subquery + ")" },
	forUpdate: " FOR UPDATE",
	forShare:  " FOR SHARE",
	remote:    true,
	send:      sendPostgres,
	nextID:    func(sequence string) string { return "nextval('" + sequence + "')" },
	takeIDs: func(ctx context.Context, tx executor, sequence string, n int) ([]int64, error) {
		rows, err := tx.QueryContext(ctx,
			`SELECT nextval(name) AS id FROM CAST($1::text AS regclass) AS name, generate_series(1, $2::int) ORDER BY id`, sequence, n)
		if err != nil {
			return nil, err
		}
		return scanAll(rows, func(r *sql.Rows) (id int64, err error) { return id, r.Scan(&id) })
	},
	skipIDs: `SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, COALESCE(last_value, 0) + GREATEST(last_value, $1::bigint))
		FROM pg_sequences WHERE schemaname = current_schema()`,
	lock: func(ctx context.Context, tx *sql.Tx, space, key int64) error {
		_, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock($1::int, $2::int)`, space, key)
		return err
	},
	share: func(ctx context.Context, tx *sql.Tx, space, key int64) error {
		_, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock_shared($1::int, $2::int)`, space, key)
		return err
	},
	lockEach: func(ctx context.Context, tx *sql.Tx, keys []int64) error {
		_, err := tx.ExecContext(ctx, `
			SELECT pg_advisory_xact_lock(e::bigint) FROM jsonb_array_elements_text($1::jsonb) AS e`, ints(keys))
		return err
	},
	hasTable: `to_regclass($1) IS NOT NULL`,
	// The channel is shared by all schemas of a database; the payload tells them
	// apart.
	notify: `SELECT pg_notify('` + channel + `', current_schema())`,
	say:    `SELECT pg_notify('` + sayings + `', current_schema() || chr(10) || CAST($1 AS TEXT))`,
	fit:    fitPostgres,
	// The plans that session keeps from statements which read few rows.
	widely: `SELECT set_config(name, 'on', TRUE) FROM unnest(ARRAY[
		'enable_bitmapscan', 'enable_hashjoin', 'enable_material', 'enable_mergejoin', 'enable_seqscan']) AS name`,
	indexes: `SELECT c.relname, pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
		WHERE i.indrelid = to_regclass($1) AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid) ORDER BY 1`,
	partitions: postgresPartitions,
	nowMillis:  "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)",
	classify:   classifyPostgres,
	passing: func(err error) bool {
		var e *pgconn.PgError
		return errors.As(err, &e) && (e.Code == "40001" || e.Code == "40P01")
	},
}

// classifyPostgres implements dialect.classify by the codes of SQLSTATE: the appendix
// "PostgreSQL Error Codes" of its manual lists them.
func classifyPostgres(err error) error {
	if _, ok := errors.AsType[*fault.Error](err); ok {
		return err
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return classifyState(err, e.Code)
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, sql.ErrNoRows) || errors.Is(err, sql.ErrTxDone) {
		return err
	}
	var connect *pgconn.ConnectError
	if errors.As(err, &connect) || pgconn.SafeToRetry(err) || isNetwork(err) {
		return errUnavailable.Because(err)
	}
	return err
}

func classifyState(err error, state string) error {
	class := state[:min(2, len(state))]
	switch {
	case state == "23505":
		return errDuplicate.Because(err)
	case state == "53100":
		return errFull.Because(err)
	// A standby, or one that somebody has made so.
	case state == "25006":
		return errReadOnly.Because(err)
	// The database, the schema or its tables were dropped.
	case state == "3D000", state == "3F000", state == "42P01":
		return errMissing.Because(err)
	// Classes XX: data or an index corrupted; 58: the files fail.
	case state == "XX001", state == "XX002", class == "58":
		return errDamaged.Because(err)
	// The login is not taken, or not any more.
	case class == "28":
		return errRefused.Because(err)
	// Classes 08: connection, 53: resources, 57P: operator intervention.
	case class == "08", class == "53", strings.HasPrefix(state, "57P"):
		return errUnavailable.Because(err)
	}
	return err
}

// connections is how many PostgreSQL connections one process uses at most, and
// dispatching how many of them are for dispatch alone: calls of the APIs that wait
// must not keep a lease from being renewed.
const (
	connections = 20
	dispatching = 4
)

// session holds the settings of each connection to PostgreSQL; an address that sets
// one of them takes precedence.
//
// Plans are limited to nested loops over indexes, which suit every statement here but
// those for which dialect.widely allows more. Otherwise the planner decides by
// statistics that lag behind tables that grow by thousands of rows a second, takes them
// for small, and reads them whole. It would go on doing so: the server keeps plans that
// were made at the first calls on empty tables until it takes new statistics. To make
// them anew for each call takes about as long as carrying them out.
//
// The timeout ends the transaction of a process that stands still in the middle of it,
// before the process's leases expire: the next holder of its bots must not wait for its
// row locks.
var session = map[string]string{
	"idle_in_transaction_session_timeout": "4s",
	"enable_bitmapscan":                   "off",
	"enable_hashjoin":                     "off",
	"enable_material":                     "off",
	"enable_mergejoin":                    "off",
	"enable_seqscan":                      "off",
	"max_parallel_workers_per_gather":     "0",
	"jit":                                 "off",
}

// dispatchSession holds more settings of the connections of dispatch, in the same way.
// Each of its statements has one plan, made once for any parameters: to plan the claim
// anew at each step took longer than to carry it out.
var dispatchSession = map[string]string{"plan_cache_mode": "force_generic_plan"}

// sets gives the settings to the connections, but for those that the address sets.
func sets(config *pgx.ConnConfig, settings map[string]string) {
	for name, value := range settings {
		if _, chosen := config.RuntimeParams[name]; !chosen {
			config.RuntimeParams[name] = value
		}
	}
}

func openPostgres(address string) (*pools, error) {
	config, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, err
	}
	sets(config, session)
	hardened(config)
	dead := new(doubt)
	db := dead.pool(config, connections-dispatching)
	d := postgresDialect
	d.listen = func(ctx context.Context, wake func()) error {
		// One wake-up makes up for notifications before this connection listened.
		return listenPostgres(ctx, config, db, channel, wake, func(string) { wake() })
	}
	d.hear = func(ctx context.Context, begun func(), heard func(string)) error {
		return listenPostgres(ctx, config, db, sayings, begun, heard)
	}
	p := newPools(db, db, d)
	p.limit.silent = dead.raise
	forDispatch := config.Copy()
	sets(forDispatch, dispatchSession)
	p.dispatch = dead.pool(forDispatch, dispatching)
	return p, nil
}
