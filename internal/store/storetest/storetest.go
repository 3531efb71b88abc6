// Package storetest lends fresh databases to tests, on both engines.
package storetest

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/pgtest"
	"bellman/internal/store"
)

// Each runs test once per engine, on a fresh database each, in parallel.
func Each(t *testing.T, test func(t *testing.T, s *store.Store)) {
	t.Helper()
	EachAddress(t, func(t *testing.T, address string) {
		test(t, Open(t, address))
	})
}

// EachAddress runs test once per engine, with the address of a fresh database
// each, in parallel.
func EachAddress(t *testing.T, test func(t *testing.T, address string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, SQLite(t))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, pgtest.Schema(t))
	})
}

// SQLite returns the path of a SQLite file that goes with the test.
func SQLite(t testing.TB) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "bellman.db")
}

// Open opens the database at the address until the test ends.
func Open(t testing.TB, address string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), address)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}
