package api

import (
	"io"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// For a connection too many one is closed that is kept after an answer, or else the one
// of which a request has been awaited for the longest, but none that a request is
// answered on.
func TestConnectionsThatWaitTheLongestAreClosed(t *testing.T) {
	t.Parallel()
	clock := time.Now()
	c := newConnections(3, slog.New(slog.DiscardHandler), func() time.Time { return clock })
	conns := make([]net.Conn, 8)
	for i := range conns {
		conn, other := net.Pipe()
		t.Cleanup(func() { _, _ = conn.Close(), other.Close() })
		conns[i] = conn
	}
	// add lets time pass when it is too early to close one.
	add := func(conn net.Conn) net.Conn {
		c.add(conn)
		over, early := c.over()
		if early > 0 {
			clock = clock.Add(early)
			over, early = c.over()
			require.Zero(t, early)
		}
		return over
	}
	for _, conn := range conns[:3] {
		require.Nil(t, add(conn))
		clock = clock.Add(timeToAsk / 5)
	}
	c.serves(conns[0])
	require.Nil(t, add(conns[3]), "one that is being answered on does not count")
	c.add(conns[4])
	over, early := c.over()
	require.Nil(t, over)
	require.Equal(t, timeToAsk*3/5, early, "the second one has its time to ask")
	clock = clock.Add(early - 1)
	over, early = c.over()
	require.Nil(t, over)
	require.EqualValues(t, 1, early)
	clock = clock.Add(early)
	over, _ = c.over()
	require.Same(t, conns[1], over, "the first one is being answered on")
	c.waits(conns[0])
	over, _ = c.over()
	require.Same(t, conns[0], over, "it was answered, and is kept")
	require.Same(t, conns[2], add(conns[5]), "no request has come on any")
	c.waits(conns[5])
	c.serves(conns[1])
	c.waits(conns[1])
	require.Same(t, conns[3], add(conns[6]), "those that are closed come not back, and none is there twice")
	c.remove(conns[4])
	require.Nil(t, add(conns[7]), "one has left")
	require.Len(t, c.all, 3)
	require.Equal(t, 3, c.awaited.Len())
	for _, conn := range []net.Conn{conns[5], conns[6], conns[7]} {
		c.serves(conn)
		c.serves(conn)
	}
	require.Zero(t, c.awaited.Len()+c.kept.Len())
	for _, conn := range []net.Conn{conns[5], conns[6], conns[7]} {
		c.waits(conn)
		c.waits(conn)
	}
	require.Equal(t, 3, c.kept.Len())
}

// A server keeps to the bound, and forgets connections that end.
func TestServersHaveABoundOfConnections(t *testing.T) {
	t.Parallel()
	says := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "here") })
	server := Server(says, slog.New(slog.DiscardHandler))
	server.Handler = says
	newConnections(2, slog.New(slog.DiscardHandler), time.Now).bound(server)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	t.Cleanup(func() {
		require.NoError(t, server.Close())
		require.ErrorIs(t, <-served, http.ErrServerClosed)
	})
	dial := func() net.Conn {
		conn, err := net.Dial("tcp", listener.Addr().String())
		require.NoError(t, err)
		t.Cleanup(func() { _ = conn.Close() }) // the server may have closed it
		return conn
	}
	silent := []net.Conn{dial(), dial(), dial(), dial()}
	for range 5 {
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		answer, err := client.Get("http://" + listener.Addr().String())
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		require.Equal(t, http.StatusOK, answer.StatusCode)
	}
	for _, conn := range silent[:3] {
		_, err := conn.Read(make([]byte, 1))
		require.Error(t, err, "it was closed for another one")
	}
}
