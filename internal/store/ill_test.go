package store_test

import (
	"crypto/rand"
	"database/sql"
	"io"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/access"
	"bellman/internal/bot"
	"bellman/internal/fault"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
)

// write asks the database to write.
func write(t *testing.T, s *store.DB) error {
	t.Helper()
	_, err := s.Keys.CreateKey(t.Context(), access.Key{WorkspaceID: 1, Name: "k", Hash: rand.Text(), CreatedAt: start})
	return err
}

// isIll requires that a write, and what is said to /readyz, name the illness.
func isIll(t *testing.T, s *store.DB, code string) {
	t.Helper()
	err := write(t, s)
	require.True(t, fault.Is(err, code), "%v", err)
	require.Equal(t, fault.Unavailable, fault.KindOf(err))
	err = s.Ready(t.Context())
	require.True(t, fault.Is(err, code), "%v", err)
}

// A database that is full takes nothing, and goes on when there is room again.
func TestAFullDatabase(t *testing.T) {
	t.Parallel()
	s := storetest.OpenIll(t, storetest.SQLite(t))
	fill := func() error {
		_, err := s.Keys.CreateKey(t.Context(), access.Key{WorkspaceID: 1, Name: strings.Repeat("x", 1<<20), Hash: "h", CreatedAt: start})
		return err
	}
	store.ExecForTest(t, s, `PRAGMA max_page_count = 1`)
	store.ForgetWritesForTest(s)
	err := fill()
	require.True(t, fault.Is(err, "database_full"), "%v", err)
	_, err = s.Workspaces.Find(t.Context(), 1)
	require.NoError(t, err, "it can be read all the while")
	store.ExecForTest(t, s, `PRAGMA max_page_count = 1000000`)
	require.NoError(t, fill())
}

func TestAReadOnlyDatabase(t *testing.T) {
	t.Parallel()
	storetest.EachAddress(t, func(t *testing.T, address string) {
		s := storetest.OpenIll(t, address)
		if store.IsPostgres(address) {
			u, err := url.Parse(address)
			require.NoError(t, err)
			q := u.Query()
			q.Set("default_transaction_read_only", "on")
			u.RawQuery = q.Encode()
			_, err = store.Open(t.Context(), u.String())
			require.True(t, fault.Is(err, "database_read_only"), "%v", err)
			s, err = store.OpenExisting(t.Context(), u.String())
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, s.Close()) })
		} else {
			store.ExecForTest(t, s, `PRAGMA query_only = ON`)
			store.ForgetWritesForTest(s)
		}
		isIll(t, s, "database_read_only")
		require.NoError(t, s.Ping(t.Context()), "it can be read")
	})
}

// A SQLite file that is deleted or replaced beneath the process would take writes that
// nobody finds again.
func TestADeletedDatabase(t *testing.T) {
	t.Parallel()
	path := storetest.SQLite(t)
	s := storetest.OpenIll(t, path)
	require.NoError(t, s.Ready(t.Context()))
	require.NoError(t, os.Rename(path, path+".away"))
	isIll(t, s, "database_missing")
	_, err := s.Workspaces.Find(t.Context(), 1)
	require.True(t, fault.Is(err, "database_missing"), "%v", err)
	_, err = s.Bots.List(t.Context(), 1, bot.Filter{Limit: 10})
	require.True(t, fault.Is(err, "database_missing"), "%v", err)
	require.NoFileExists(t, path, "no empty one is made in its place")

	require.NoError(t, os.WriteFile(path, nil, 0o600))
	isIll(t, s, "database_missing")
	require.NoError(t, os.Rename(path+".away", path))
	require.NoError(t, write(t, s))
	require.NoError(t, s.Ready(t.Context()))

	_, err = store.OpenExisting(t.Context(), path+".other")
	require.ErrorIs(t, err, store.ErrNoInstallation)
	require.NoFileExists(t, path+".other")
}

// A damaged file is noticed by who reads what is damaged; what is read row by row too.
func TestADamagedDatabase(t *testing.T) {
	t.Parallel()
	path := storetest.SQLite(t)
	s, err := store.Open(t.Context(), path)
	require.NoError(t, err)
	require.NoError(t, s.Close())
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	const page = 4096
	damaged := 0
	for at := page; at < len(whole); at += page {
		torn := append([]byte(nil), whole...)
		copy(torn[at:at+page], strings.Repeat("\xa5", page))
		require.NoError(t, os.WriteFile(path, torn, 0o600))
		s, err := store.OpenExisting(t.Context(), path)
		if err == nil {
			_, err = s.Bots.List(t.Context(), 1, bot.Filter{Limit: 10})
			require.NoError(t, s.Close())
		}
		if err != nil {
			require.True(t, fault.Is(err, "database_damaged"), "page %d: %v", at/page, err)
			damaged++
		}
	}
	require.Greater(t, damaged, 1)
	require.NoError(t, os.WriteFile(path, []byte(strings.Repeat("no database ", 1000)), 0o600))
	_, err = store.Open(t.Context(), path)
	require.True(t, fault.Is(err, "database_damaged"), "%v", err)
}

// A file that is overwritten beneath the process is noticed as soon as it is used.
func TestAnOverwrittenDatabase(t *testing.T) {
	t.Parallel()
	path := storetest.SQLite(t)
	s := storetest.OpenIll(t, path)
	require.NoError(t, s.Ready(t.Context()))
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, f.Close()) })
	size, err := f.Seek(0, io.SeekEnd)
	require.NoError(t, err)
	_, err = f.WriteAt([]byte(strings.Repeat("\xa5", int(size))), 0)
	require.NoError(t, err)
	store.ForgetWritesForTest(s)
	isIll(t, s, "database_damaged")
	_, err = s.Bots.List(t.Context(), 1, bot.Filter{Limit: 10})
	require.True(t, fault.Is(err, "database_damaged"), "%v", err)
}

// What PostgreSQL says of itself is passed on: here by its own words for a full disk,
// files that fail and data that are damaged, and by what it says when tables, the
// database or the password are not there any more.
func TestAnIllPostgreSQL(t *testing.T) {
	t.Parallel()
	storetest.EachAddress(t, func(t *testing.T, address string) {
		if !store.IsPostgres(address) {
			t.Skip("the other engine's are above")
		}
		s := storetest.OpenIll(t, address)
		for state, code := range map[string]string{
			"53100": "database_full", "58030": "database_damaged", "XX001": "database_damaged", "XX002": "database_damaged",
			"57P01": "database_unavailable", "53300": "database_unavailable", "08006": "database_unavailable",
		} {
			err := store.TxForTest(t, s, func(exec func(string) error) error {
				return exec(`DO $$ BEGIN RAISE EXCEPTION 'ill' USING ERRCODE = '` + state + `'; END $$`)
			})
			require.True(t, fault.Is(err, code), "%s: %v", state, err)
		}
		u, err := url.Parse(address)
		require.NoError(t, err)
		user := u.User
		u.User = url.UserPassword(user.Username(), "another")
		_, err = store.Open(t.Context(), u.String())
		require.True(t, fault.Is(err, "database_refused"), "%v", err)
		u.User, u.Path = user, "/no_such_database"
		_, err = store.Open(t.Context(), u.String())
		require.True(t, fault.Is(err, "database_missing"), "%v", err)

		db, err := sql.Open("pgx", address)
		require.NoError(t, err)
		_, err = db.ExecContext(t.Context(), `DROP TABLE installation, api_keys CASCADE`)
		require.NoError(t, err)
		require.NoError(t, db.Close())
		store.ForgetWritesForTest(s)
		isIll(t, s, "database_missing")
	})
}
