package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	"modernc.org/sqlite"
	sqlitelib "modernc.org/sqlite/lib"
)

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
	skipIDs: `UPDATE counters SET last = last + MAX(last, $1)`,
	// There is one writer: every writing transaction already acts alone.
	lock:      func(context.Context, *sql.Tx, int64, int64) error { return nil },
	hasTable:  `EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = $1)`,
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
}

// readers is how many SQLite connections read beside the one that writes.
const readers = 4

func openSQLite(address string) (*pools, error) {
	path, err := filepath.Abs(strings.TrimPrefix(address, "sqlite://"))
	if err != nil {
		return nil, err
	}
	// FULL: a claim must be on the disk before its message leaves, or a power cut
	// would send the message twice.
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
