package store

import (
	"context"
	"database/sql"
	"testing"
)

// TxForTest runs do in a transaction of dispatch, with a function that runs a
// statement under the test's context, which has no end of its own.
func TxForTest(t *testing.T, s *DB, do func(exec func(statement string) error) error) error {
	t.Helper()
	return s.Ledgers.tx(t.Context(), func(tx *sql.Tx) error {
		return do(func(statement string) error {
			_, err := tx.ExecContext(context.WithoutCancel(t.Context()), statement)
			return err
		})
	})
}

// ForgetWritesForTest makes what was written prove nothing any more.
func ForgetWritesForTest(s *DB) { s.pulse.at.Store(nil) }
