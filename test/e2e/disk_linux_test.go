package e2e_test

import (
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/sandbox"
)

// disk mounts a small disk until the test ends.
func disk(t *testing.T) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "disk")
	require.NoError(t, os.Mkdir(folder, 0o700))
	if err := syscall.Mount("none", folder, "tmpfs", 0, "size=16m"); err != nil {
		t.Skipf("this machine mounts no disk for a test (it takes root): %v", err)
	}
	t.Cleanup(func() { require.NoError(t, syscall.Unmount(folder, syscall.MNT_DETACH)) })
	return folder
}

// TestADiskIsFull fills the disk of a SQLite database under a broadcast, and makes room again.
func TestADiskIsFull(t *testing.T) {
	t.Parallel()
	folder := disk(t)
	telegram := sandbox.Start(t, sandbox.Options{})
	b := startBellman(t, filepath.Join(folder, "bellman.db"), telegram.URL())
	filler := filepath.Join(folder, "filler")
	b.survives(t, telegram, func() {
		f, err := os.Create(filler)
		require.NoError(t, err)
		for err == nil {
			_, err = f.Write(make([]byte, 4096))
		}
		require.ErrorIs(t, err, syscall.ENOSPC)
		require.NoError(t, f.Close())
	}, func() {
		contact := map[string]any{"externalCustomerId": "c1", "firstName": "O"}
		err := b.Call(t.Context(), http.MethodPost, "/v1/contact", contact, nil)
		require.ErrorContains(t, err, "503")
		require.Contains(t, b.server.Log(), "database or disk is full")
		require.NoError(t, b.Call(t.Context(), http.MethodGet, "/manage/v1/bots", nil, nil), "it can be read")
		require.NoError(t, os.Remove(filler))
	})
}

// TestADiskIsReadOnly starts on a disk that can only be read: the start says so.
func TestADiskIsReadOnly(t *testing.T) {
	t.Parallel()
	folder := disk(t)
	path := filepath.Join(folder, "bellman.db")
	telegram := sandbox.Start(t, sandbox.Options{})
	b := startBellman(t, path, telegram.URL())
	require.NoError(t, b.server.Stop())
	require.NoError(t, syscall.Mount("none", folder, "tmpfs", syscall.MS_REMOUNT|syscall.MS_RDONLY, "size=16m"))
	_, err := b.program.Output(t.Context(), "serve", "--db", path, "--listen", b.Address)
	require.ErrorContains(t, err, "read-only file system")
	_, err = b.program.Output(t.Context(), "key", "create", "--db", path, "--name", "x")
	require.ErrorContains(t, err, "unable to open database file")
}
