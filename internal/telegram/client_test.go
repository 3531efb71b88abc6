package telegram

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/fault"
)

// GetMe comes back from a server that never answers as soon as its caller has
// had enough.
func TestGetMeHonoursItsContext(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	asked := make(chan net.Conn, 1)
	go func() {
		if c, err := l.Accept(); err == nil {
			asked <- c
		}
	}()
	t.Cleanup(func() { _ = l.Close() })
	c, err := NewClient("http://" + l.Addr().String())
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	returned := make(chan error, 1)
	go func() {
		_, err := c.GetMe(ctx, "", "1:token")
		returned <- err
	}()
	server := <-asked
	defer server.Close()
	cancel()
	select {
	case err := <-returned:
		require.ErrorIs(t, err, context.Canceled)
		require.Equal(t, fault.Unavailable, fault.KindOf(err))
	case <-time.After(10 * time.Second):
		t.Fatal("GetMe waits on")
	}
}
