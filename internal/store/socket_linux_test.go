package store

import (
	"net"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// The kernel is told when to give up; what then happens to a connection is shown in
// test/e2e, where the way to a database is broken.
func TestTheKernelIsToldWhenToGiveUp(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, listener.Close()) })
	conn, err := dialer.DialContext(t.Context(), "tcp", listener.Addr().String())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, conn.Close()) })
	raw, err := conn.(*net.TCPConn).SyscallConn()
	require.NoError(t, err)
	require.NoError(t, raw.Control(func(socket uintptr) {
		after, err := syscall.GetsockoptInt(int(socket), syscall.IPPROTO_TCP, userTimeout)
		require.NoError(t, err)
		require.EqualValues(t, deadAfter.Milliseconds(), after)
	}))
}
