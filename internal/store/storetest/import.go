package storetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/imports"
	"bellman/internal/store"
)

// TakeImport leases an import for an hour. An import that has ended, or that is
// leased already, gives a lease that nobody holds.
func TakeImport(t testing.TB, s *store.DB, id int64) imports.Lease {
	t.Helper()
	lease := imports.Lease{ImportID: id, Owner: "nobody"}
	for _, file := range []bool{false, true} {
		taken, err := s.Imports.TakeImports(t.Context(), "test", file, time.UnixMilli(1<<53), time.Hour, 1000)
		require.NoError(t, err)
		for _, l := range taken {
			if l.ImportID == id {
				lease = l
				continue
			}
			require.NoError(t, s.Imports.ReturnImport(t.Context(), l, l.Attempt-1, time.UnixMilli(0)))
		}
	}
	return lease
}
