package durable

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRename(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	from, to := filepath.Join(folder, "key.new"), filepath.Join(folder, "key")
	require.ErrorIs(t, Rename(from, to), os.ErrNotExist)
	require.NoError(t, NewFile(to, []byte("old")))
	require.NoError(t, NewFile(from, []byte("new")))
	require.NoError(t, Rename(from, to))
	text, err := os.ReadFile(to)
	require.NoError(t, err)
	require.Equal(t, "new", string(text))
	require.Equal(t, []string{"key"}, names(t, folder))
}
