package durable

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNewFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "key")
	require.NoError(t, NewFile(path, []byte("one")))
	require.ErrorIs(t, NewFile(path, []byte("two")), os.ErrExist)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "one", string(text), "a file is never replaced")
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Zero(t, info.Mode().Perm()&0o077, "it is its owner's alone")
	require.Equal(t, []string{"key"}, names(t, filepath.Dir(path)))
	require.ErrorIs(t, NewFile(filepath.Join(path, "below"), nil), errNotFolder(t, path))
}

// The folder is synced once the file has its name, also when another process
// created the file; a folder that cannot be synced is an error.
func TestNewFileSyncsItsFolder(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := filepath.Join(folder, "key")
	var synced [][]string
	sync := func(folder string) error {
		synced = append(synced, names(t, folder))
		return nil
	}
	require.NoError(t, newFile(path, nil, sync))
	require.ErrorIs(t, newFile(path, nil, sync), os.ErrExist)
	require.Equal(t, [][]string{{"key"}, {"key"}}, synced)
	broken := errors.New("the disk is broken")
	require.ErrorIs(t, newFile(filepath.Join(folder, "other"), nil, func(string) error { return broken }), broken)
}

func TestFolder(t *testing.T) {
	t.Parallel()
	require.NoError(t, Folder(t.TempDir()))
	require.ErrorIs(t, Folder(filepath.Join(t.TempDir(), "none")), os.ErrNotExist)
}

func names(t *testing.T, folder string) (all []string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

// errNotFolder returns the system's error for a file below a file.
func errNotFolder(t *testing.T, path string) error {
	t.Helper()
	_, err := os.ReadDir(path)
	var refused *os.PathError
	require.ErrorAs(t, err, &refused)
	return refused.Err
}
