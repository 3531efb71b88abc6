package store_test

import (
	"context"
	"database/sql"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/pgtest"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
)

// pretender returns the address of a PostgreSQL that behaves as another server does:
// the functions come before its own.
func pretender(t *testing.T, functions string) string {
	t.Helper()
	address := pgtest.Schema(t)
	db, err := sql.Open("pgx", address)
	require.NoError(t, err)
	_, err = db.ExecContext(t.Context(), functions)
	require.NoError(t, err)
	require.NoError(t, db.Close())
	u, err := url.Parse(address)
	require.NoError(t, err)
	query := u.Query()
	query.Set("search_path", query.Get("search_path")+",pg_catalog")
	u.RawQuery = query.Encode()
	return u.String()
}

// Locks that keep nobody out are no locks: an installation on them is refused, and
// nothing is made in its database.
func TestLocksThatAreNotRealAreRefused(t *testing.T) {
	t.Parallel()
	for name, functions := range map[string]string{
		"everybody gets one": `CREATE FUNCTION pg_try_advisory_xact_lock(integer, integer) RETURNS boolean LANGUAGE sql AS 'SELECT true'`,
		"none is taken":      `CREATE FUNCTION pg_advisory_xact_lock(integer, integer) RETURNS void LANGUAGE sql AS 'SELECT'`,
		"they are unknown": `CREATE FUNCTION pg_advisory_xact_lock(integer, integer) RETURNS void LANGUAGE plpgsql AS
			$$ BEGIN RAISE EXCEPTION 'not supported yet' USING ERRCODE = '0A000'; END $$`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := pretender(t, functions)
			for range 2 {
				_, err := store.Open(t.Context(), address)
				require.ErrorContains(t, err, "advisory locks of this database are not real")
			}
			_, err := store.OpenExisting(t.Context(), address)
			require.ErrorContains(t, err, "advisory locks of this database are not real")
			db, err := sql.Open("pgx", address)
			require.NoError(t, err)
			var made bool
			require.NoError(t, db.QueryRowContext(t.Context(), `SELECT to_regclass('schema_versions') IS NOT NULL`).Scan(&made))
			require.NoError(t, db.Close())
			require.False(t, made)
		})
	}
}

// Where processes cannot notify each other, what they write is written all the same,
// and a listener is told that there is nothing to hear.
func TestWithoutNotificationsWorkIsWritten(t *testing.T) {
	t.Parallel()
	for name, functions := range map[string]string{
		"the server refuses": `CREATE FUNCTION pg_notify(text, text) RETURNS void LANGUAGE plpgsql AS
			$$ BEGIN RAISE EXCEPTION 'NOTIFY is not supported' USING ERRCODE = '0A000'; END $$`,
		"nothing arrives": `CREATE FUNCTION pg_notify(text, text) RETURNS void LANGUAGE sql AS 'SELECT'`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := storetest.Open(t, pretender(t, functions))
			require.NoError(t, s.Triggers.Append(t.Context(), appended(connect(t, s, 5), note(t, s), 2)))
			hold(t, s, "p")
			work, err := s.Ledgers.Work(t.Context(), "p")
			require.NoError(t, err)
			require.Len(t, work, 1, "it is found by looking")
			ctx, stop := context.WithTimeout(t.Context(), time.Minute)
			defer stop()
			err = s.Listen(ctx, func() { t.Error("nothing was said") })
			require.ErrorIs(t, err, store.ErrDeaf)
		})
	}
}
