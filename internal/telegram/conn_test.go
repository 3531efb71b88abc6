package telegram

import (
	"errors"
	"io"
	"net"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// pair returns both ends of a connection of the operating system's.
func pair(t *testing.T) (client *conn, server net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	raw, err := net.Dial("tcp", l.Addr().String())
	require.NoError(t, err)
	server, err = l.Accept()
	require.NoError(t, err)
	require.NoError(t, l.Close())
	t.Cleanup(func() {
		_ = raw.Close()
		_ = server.Close()
	})
	return &conn{Conn: watched(raw)}, server
}

// rest makes the connection look unused for long enough to be checked.
func (c *conn) rest() { c.used = time.Now().Add(-2 * restAfter) }

func TestRestedConnection(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		happens func(t *testing.T, server net.Conn)
		closed  bool
	}{
		"nothing happens":         {func(*testing.T, net.Conn) {}, false},
		"the server closes":       {func(t *testing.T, server net.Conn) { require.NoError(t, server.Close()) }, true},
		"the server says goodbye": {write(0x15), true},
		"a session ticket comes":  {write(0x17), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, server := pair(t)
			_, err := client.Write([]byte("a"))
			require.NoError(t, err)
			_, err = io.ReadFull(server, make([]byte, 1))
			require.NoError(t, err)
			tt.happens(t, server)
			if tt.closed {
				require.Eventually(t, func() bool { return ended(client.Conn) }, 5*time.Second, time.Millisecond)
			}
			client.rest()
			n, err := client.Write([]byte("b"))
			if tt.closed {
				require.ErrorIs(t, err, errNotSent)
				require.Zero(t, n)
			} else {
				require.NoError(t, err)
				require.Equal(t, 1, n)
			}
		})
	}
}

// A connection that was just used is not checked.
func TestUseEndsRest(t *testing.T) {
	t.Parallel()
	client, server := pair(t)
	client.rest()
	_, err := client.Write([]byte("a"))
	require.NoError(t, err)
	_, err = io.ReadFull(server, make([]byte, 1))
	require.NoError(t, err)
	require.NoError(t, server.Close())
	require.Eventually(t, func() bool { return ended(client.Conn) }, 5*time.Second, time.Millisecond)
	n, err := client.Write([]byte("b"))
	require.NoError(t, err)
	require.Equal(t, 1, n)
}

// A connection that cannot be checked any more has ended.
func TestClosedConnectionHasEnded(t *testing.T) {
	t.Parallel()
	client, _ := pair(t)
	require.False(t, ended(client.Conn))
	require.NoError(t, client.Close())
	require.True(t, ended(client.Conn))
	require.False(t, ended(cut{}), "what cannot be looked at may go on")
}

func write(b byte) func(*testing.T, net.Conn) {
	return func(t *testing.T, server net.Conn) {
		_, err := server.Write([]byte{b})
		require.NoError(t, err)
	}
}

// A write of nothing does not fail.
func TestWriteOfNothing(t *testing.T) {
	t.Parallel()
	client, _ := pair(t)
	n, err := client.Write(nil)
	require.NoError(t, err)
	require.Zero(t, n)
}

// A check consumes nothing: data that has arrived is read after it.
func TestLookTakesNothing(t *testing.T) {
	t.Parallel()
	client, server := pair(t)
	_, err := server.Write([]byte("hello"))
	require.NoError(t, err)
	for range 2 {
		require.False(t, ended(client.Conn))
	}
	text := make([]byte, 5)
	_, err = io.ReadFull(client, text)
	require.NoError(t, err)
	require.Equal(t, "hello", string(text))
}

// cut is a connection whose writes end early.
type cut struct {
	net.Conn
	after int
}

var errCut = errors.New("connection reset by peer")

func (c cut) Write([]byte) (int, error) { return c.after, errCut }

// A write that is cut in the middle may have arrived. A write of which nothing left
// is reported as not sent, if the platform can tell.
func TestWriteIsCut(t *testing.T) {
	t.Parallel()
	n, err := (&conn{Conn: cut{after: 1}}).Write([]byte("request"))
	require.ErrorIs(t, err, errCut)
	require.Equal(t, 1, n)
	require.NotErrorIs(t, err, errNotSent)
	require.Equal(t, Lost, failed(err, 0, "token").Fate)

	n, err = (&conn{Conn: cut{}}).Write([]byte("request"))
	require.ErrorIs(t, err, errCut)
	require.Zero(t, n)
	require.Equal(t, map[bool]Fate{false: NotSent, true: Lost}[runtime.GOOS == "windows"], failed(err, 0, "token").Fate)
}
