package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

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
	// An array instead of a join: with statistics that take a table that has just
	// grown for a small one, the planner would put the sides of a join the wrong
	// way round.
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
	skipIDs: `SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, COALESCE(last_value, 0) + GREATEST(last_value, $1::bigint))
		FROM pg_sequences WHERE schemaname = current_schema()`,
	lock: func(ctx context.Context, tx *sql.Tx, space, key int64) error {
		_, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock($1::int, $2::int)`, space, key)
		return err
	},
	hasTable: `to_regclass($1) IS NOT NULL`,
	// The channel is shared by all schemas of a database; the payload tells them
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
}

// connections is how many PostgreSQL connections one process uses at most.
const connections = 20

// session holds the settings of each connection to PostgreSQL; an address that sets
// one of them takes precedence.
//
// Plans are limited to nested loops over indexes, which suit every statement here.
// Otherwise the planner decides by statistics that lag behind tables that grow by
// thousands of rows a second, takes them for small, and reads them whole. The
// timeout ends the transaction of a process that stands still in the middle of it,
// before the process's leases expire: the next holder of its bots must not wait for
// its row locks.
var session = map[string]string{
	"idle_in_transaction_session_timeout": "4s",
	"enable_hashjoin":                     "off",
	"enable_material":                     "off",
	"enable_mergejoin":                    "off",
	"max_parallel_workers_per_gather":     "0",
	"jit":                                 "off",
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

// listenPostgres listens on a connection of its own.
func listenPostgres(ctx context.Context, config *pgx.ConnConfig, wake func()) error {
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return err
	}
	defer func() {
		// Nothing is lost with the connection, whether it closes well or not.
		_ = conn.Close(context.WithoutCancel(ctx))
	}()
	var schema string
	if err := conn.QueryRow(ctx, `SELECT current_schema()`).Scan(&schema); err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, `LISTEN bellman_work`); err != nil {
		return err
	}
	// One wake-up makes up for notifications before this connection listened.
	wake()
	for {
		notification, err := conn.WaitForNotification(ctx)
		if err != nil {
			return err
		}
		if notification.Payload == schema {
			wake()
		}
	}
}
