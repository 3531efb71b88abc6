package e2e_test

import (
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/test/harness"
)

// TestATerminalThatClosesStopsInOrder sends SIGHUP, as a terminal does to what runs in it.
func TestATerminalThatClosesStopsInOrder(t *testing.T) {
	t.Parallel()
	program := harness.Program{Binary: bellman, Folder: t.TempDir()}
	address, err := harness.FreeAddress()
	require.NoError(t, err)
	server, err := program.Start(t.Context(), "server", address, "serve", "--db", filepath.Join(t.TempDir(), "bellman.db"))
	require.NoError(t, err)
	require.NoError(t, server.StopBy(syscall.SIGHUP))
	require.Contains(t, server.Log(), "what is on the wire is finished")
}
