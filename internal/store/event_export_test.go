package store

import (
	"database/sql"
	"testing"

	"github.com/stretchr/testify/require"
)

// ForgetEventsForTest does to events what an erasure of contacts does.
func ForgetEventsForTest(t *testing.T, s *DB, contactIDs ...int64) {
	t.Helper()
	require.NoError(t, s.tx(t.Context(), func(tx *sql.Tx) error { return s.Events.forgetEvents(t.Context(), tx, 1, contactIDs) }))
}
