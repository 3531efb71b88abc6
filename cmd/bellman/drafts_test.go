package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestDraftsOfACrashAreRemoved(t *testing.T) {
	t.Parallel()
	place := t.TempDir()
	d := database{DB: filepath.Join(place, "bellman.db")}
	folder, err := d.openDrafts(place)
	require.NoError(t, err)
	require.Equal(t, filepath.Join(place, "drafts"), folder)
	old, young, other := filepath.Join(folder, "bellman-upload-1"), filepath.Join(folder, "bellman-upload-2"), filepath.Join(folder, "mine")
	for _, path := range []string{old, young, other} {
		require.NoError(t, os.WriteFile(path, []byte("x"), 0o600))
	}
	yesterday := time.Now().Add(-24 * time.Hour)
	require.NoError(t, os.Chtimes(old, yesterday, yesterday))
	require.NoError(t, os.Chtimes(other, yesterday, yesterday))
	_, err = d.openDrafts(place)
	require.NoError(t, err)
	require.NoFileExists(t, old)
	require.FileExists(t, young)
	require.FileExists(t, other)

	folder, err = d.openDrafts("s3://key:secret@host/bucket")
	require.NoError(t, err)
	require.Equal(t, filepath.Join(place, "drafts"), folder, "with a bucket they are beside the database")
}
