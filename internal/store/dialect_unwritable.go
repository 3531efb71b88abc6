package store

import (
	"errors"
	"slices"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlitelib "modernc.org/sqlite/lib"
)

// unwritable reports whether an engine refuses a statement for what it says, such as
// a row that exists already or a value that it cannot store. The same statement would
// be refused again.
func unwritable(err error) bool {
	if p, ok := errors.AsType[*pgconn.PgError](err); ok {
		// Classes 21 cardinality, 22 data, 23 integrity.
		return len(p.Code) == 5 && slices.Contains([]string{"21", "22", "23"}, p.Code[:2])
	}
	s, ok := errors.AsType[*sqlite.Error](err)
	return ok &&
		slices.Contains([]int{sqlitelib.SQLITE_CONSTRAINT, sqlitelib.SQLITE_MISMATCH, sqlitelib.SQLITE_TOOBIG}, s.Code()&0xff)
}
