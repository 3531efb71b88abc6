package main

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

// made returns a SQLite database that bellman serve has made.
func made(t *testing.T) database {
	t.Helper()
	d := database{DB: filepath.Join(t.TempDir(), "data", "bellman.db")}
	require.NoError(t, d.make())
	db, err := d.open(t.Context())
	require.NoError(t, err)
	_, err = d.ring(t.Context(), db)
	require.NoError(t, err)
	require.NoError(t, db.Close())
	return d
}

// One process has a database, by whatever name it knows it.
func TestADatabaseUnderTwoNamesIsOne(t *testing.T) {
	t.Parallel()
	for name, alias := range map[string]func(from, to string) error{
		"the same name":      func(string, string) error { return nil },
		"a symbolic link":    os.Symlink,
		"a hard link":        os.Link,
		"a link of a folder": func(from, to string) error { return os.Symlink(filepath.Dir(from), filepath.Dir(to)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if name == "a hard link" && runtime.GOOS != "linux" {
				t.Skip("this system has no locks of files that SQLite's do not meet")
			}
			d := made(t)
			other := database{DB: filepath.Join(t.TempDir(), "elsewhere", "bellman.db")}
			if name != "a link of a folder" {
				require.NoError(t, os.Mkdir(filepath.Dir(other.DB), 0o700))
			}
			require.NoError(t, alias(d.DB, other.DB))
			if name == "the same name" {
				other = d
			}
			unlock, err := d.lock()
			require.NoError(t, err)
			_, err = other.lock()
			require.ErrorContains(t, err, "another bellman serves")

			// SQLite opens and closes the file meanwhile, which must not end the lock.
			db, err := d.openExisting(t.Context())
			require.NoError(t, err)
			require.NoError(t, db.Close())
			_, err = other.lock()
			require.ErrorContains(t, err, "another bellman serves")

			db, err = other.openExisting(t.Context())
			if name == "a hard link" {
				require.ErrorContains(t, err, "under another name")
			} else {
				require.NoError(t, err, "the log is found by the real name")
				require.NoError(t, db.Close())
			}
			require.NoError(t, unlock())
			unlock, err = other.lock()
			require.NoError(t, err)
			require.NoError(t, unlock())
		})
	}
}

// A database that is missing where there was one is not begun anew.
func TestAMissingDatabaseIsNotBegunAnew(t *testing.T) {
	t.Parallel()
	d := made(t)
	require.NoError(t, d.make(), "it is there")
	key := d.file() + ".key"
	for _, lose := range []func() error{
		func() error { return os.Remove(d.file()) },
		func() error { return os.WriteFile(d.file(), nil, 0o600) },
	} {
		require.NoError(t, lose())
		require.ErrorContains(t, d.make(), key+" is left of one")
	}
	require.NoError(t, os.Remove(d.file()))
	_, err := os.Stat(d.file())
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = d.lock()
	require.ErrorContains(t, err, "there is no installation")
	_, err = d.openExisting(t.Context())
	require.ErrorContains(t, err, "there is no installation")

	require.NoError(t, os.Rename(key, key+".old"))
	require.NoError(t, os.WriteFile(d.file()+"-wal", []byte("log"), 0o600))
	require.ErrorContains(t, d.make(), "-wal is left of one")
	require.NoError(t, os.Remove(d.file()+"-wal"))
	require.NoError(t, d.make())
}
