// Package storetest provides fresh databases to tests, on both engines.
package storetest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/pgtest"
	"bellman/internal/store"
)

// Each runs test once per engine, on a fresh database each, in parallel.
func Each(t *testing.T, test func(t *testing.T, s *store.DB)) {
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

// SQLite returns the path of a SQLite file that does not exist yet and is removed
// with the test.
func SQLite(t testing.TB) string {
	t.Helper()
	_, err := template()
	require.NoError(t, err)
	return filepath.Join(t.TempDir(), "bellman.db")
}

// template returns a SQLite file with the newest schema and no rows. Copying it is
// much cheaper than making the schema for each test.
var template = sync.OnceValues(func() (file []byte, err error) {
	folder, err := os.MkdirTemp("", "bellman-storetest-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	path := filepath.Join(folder, "template.db")
	s, err := store.Open(context.Background(), path)
	if err != nil {
		return nil, err
	}
	if err := s.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

// Open opens the database at the address until the test ends, when it is judged ([Judge]).
// A SQLite file that does not exist yet gets the newest schema.
func Open(t testing.TB, address string) *store.DB {
	t.Helper()
	// Cleanups run in the reverse order: the database is closed when it is judged.
	t.Cleanup(func() {
		if !t.Failed() {
			Judge(t, address)
		}
	})
	return OpenIll(t, address)
}

// OpenIll is [Open] for a test that makes the database ill, which is not judged.
func OpenIll(t testing.TB, address string) *store.DB {
	t.Helper()
	if _, err := os.Stat(address); errors.Is(err, os.ErrNotExist) && !store.IsPostgres(address) {
		file, err := template()
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(address, file, 0o600))
	}
	s, err := store.Open(t.Context(), address)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}
