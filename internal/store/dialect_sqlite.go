package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"modernc.org/sqlite"
	sqlitelib "modernc.org/sqlite/lib"

	"bellman/internal/fault"
)

var sqliteDialect = dialect{
	overlay: ".sqlite.sql",
	words: map[string]string{
		"id":        "INTEGER NOT NULL PRIMARY KEY",
		"blob":      "BLOB",
		"clustered": " WITHOUT ROWID",
		"collate":   "",
	},
	rows: func(param string, columns []column) string {
		picks := make([]string, len(columns))
		for i, c := range columns {
			picks[i] = inputColumn(i) + " AS " + c.name
		}
		return "(SELECT " + strings.Join(picks, ", ") + " FROM input(" + param + "))"
	},
	list:  func(param, _ string) string { return "(SELECT " + inputColumn(0) + " AS v FROM input(" + param + "))" },
	among: func(subquery string) string { return " IN " + subquery },
	takeIDs: func(ctx context.Context, tx executor, sequence string, n int) ([]int64, error) {
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
	indexes:   `SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = $1 AND sql IS NOT NULL ORDER BY name`,
	nowMillis: "CAST(unixepoch('subsec') * 1000 AS INTEGER)",
	classify:  classifySQLite,
	passing:   func(error) bool { return false },
}

// classifySQLite implements dialect.classify by SQLite's result codes, whose low byte
// is the kind: https://www.sqlite.org/rescode.html.
func classifySQLite(err error) error {
	if _, ok := errors.AsType[*fault.Error](err); ok {
		return err
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return errUnavailable.Because(err)
	}
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code() {
	case sqlitelib.SQLITE_CONSTRAINT_UNIQUE, sqlitelib.SQLITE_CONSTRAINT_PRIMARYKEY:
		return errDuplicate.Because(err)
	}
	switch e.Code() & 0xff {
	// A file that cannot be opened is there: limit.present has looked.
	case sqlitelib.SQLITE_BUSY, sqlitelib.SQLITE_LOCKED, sqlitelib.SQLITE_CANTOPEN:
		return errUnavailable.Because(err)
	case sqlitelib.SQLITE_FULL:
		return errFull.Because(err)
	case sqlitelib.SQLITE_READONLY, sqlitelib.SQLITE_PERM:
		return errReadOnly.Because(err)
	case sqlitelib.SQLITE_CORRUPT, sqlitelib.SQLITE_NOTADB, sqlitelib.SQLITE_IOERR:
		return errDamaged.Because(err)
	}
	return err
}

// readers is how many SQLite connections read beside the one that writes.
const readers = 4

func openSQLite(address string, create bool) (*pools, error) {
	path, err := filepath.Abs(strings.TrimPrefix(address, "sqlite://"))
	if err != nil {
		return nil, err
	}
	opened, err := sqliteFile(path, create)
	if err != nil {
		return nil, err
	}
	// FULL: a claim must be on the disk before its message leaves, or a power cut
	// would send the message twice.
	// secure_delete: what is deleted is overwritten with zeros, so that nothing of a person
	// who is erased is left in free pages.
	pragmas := url.Values{"_pragma": {
		"secure_delete(ON)", "busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(ON)",
		"temp_store(MEMORY)", "cache_size(-8000)", "journal_size_limit(67108864)",
	}}
	// rw: a connection that is made later must not make an empty database where the
	// file was.
	file := (&url.URL{Scheme: "file", Path: path}).String() + "?mode=rw&" + pragmas.Encode()
	write := sql.OpenDB(sqliteConnector{address: file + "&_txlock=immediate", keeps: true})
	write.SetMaxOpenConns(1)
	read := sql.OpenDB(sqliteConnector{address: file, last: []string{"PRAGMA query_only = ON"}})
	read.SetMaxOpenConns(readers)
	read.SetMaxIdleConns(readers)
	d := sqliteDialect
	d.listen = func(ctx context.Context, _ func()) error {
		<-ctx.Done()
		return ctx.Err()
	}
	d.hear = func(ctx context.Context, _ func(), _ func(string)) error { return d.listen(ctx, nil) }
	p := newPools(write, read, d)
	p.lanes = new(lanes)
	p.limit.present = func() error { return stillThere(path, opened) }
	return p, nil
}

// sqliteFile returns the file at the path. When it is to be created, its owner alone
// may read it: it contains people's phones. One that is there is not opened: closing
// it again would end the locks of all that this process has open of it.
func sqliteFile(path string, create bool) (os.FileInfo, error) {
	found, err := os.Stat(path)
	if !create || !errors.Is(err, os.ErrNotExist) {
		return found, err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	found, err = f.Stat()
	return found, errors.Join(err, f.Close())
}

// stillThere returns an error when the file that was opened is not at its path any
// more: SQLite would go on to write to it, and all of it would be lost at the end.
func stillThere(path string, opened os.FileInfo) error {
	now, err := os.Stat(path)
	if err != nil {
		return errMissing.Because(err)
	}
	if !os.SameFile(opened, now) {
		return errMissing.Because(fmt.Errorf("%s is another file than the one that was opened: restart", path))
	}
	return nil
}
