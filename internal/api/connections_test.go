package api

import (
	"bufio"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
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

	clock = clock.Add(timeToAsk)
	require.False(t, c.writes(conns[5]), "what is left of an answer after the work on it")
	require.False(t, c.writes(conns[0]), "it was closed")
	c.serves(conns[5])
	require.True(t, c.writes(conns[5]))
	require.False(t, c.writes(conns[5]), "it is counted once")
	require.Equal(t, 1, c.awaited.Len())
	require.Same(t, conns[6], add(conns[1]), "those that are kept go first")
	c.serves(conns[5])
	c.waits(conns[5])
	require.Equal(t, 2, c.kept.Len(), "its answer was read")
}

// A server keeps to the bound, and forgets connections that end.
func TestServersHaveABoundOfConnections(t *testing.T) {
	t.Parallel()
	dial := bounded(t, 2, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "here") })
	silent := []net.Conn{dial(), dial(), dial(), dial()}
	for range 5 {
		require.Equal(t, http.StatusOK, asked(t, dial()))
	}
	for _, conn := range silent[:3] {
		_, err := conn.Read(make([]byte, 1))
		require.Error(t, err, "it was closed for another one")
	}
}

// Who does not read an answer is one of those who are awaited; who waits for one is not.
func TestConnectionsWhoseAnswersAreNotReadAreClosed(t *testing.T) {
	t.Parallel()
	const unreading = 6
	var (
		writing = make(chan struct{}, unreading+1)
		ended   = make(chan struct{}, unreading)
		slow    = make(chan struct{})
	)
	dial := bounded(t, 2, func(w http.ResponseWriter, r *http.Request) {
		writing <- struct{}{}
		switch r.URL.Path {
		case "/endless":
			part := make([]byte, 1<<20)
			for {
				if _, err := w.Write(part); err != nil {
					ended <- struct{}{}
					return
				}
			}
		case "/slow":
			<-slow
		}
	})
	answer := make(chan int, 1)
	go func() { answer <- asked(t, dial(), "/slow") }()
	<-writing
	for range unreading {
		_, err := io.WriteString(dial(), "GET /endless HTTP/1.1\r\nHost: x\r\n\r\n")
		require.NoError(t, err)
		<-writing
	}
	for range 3 {
		require.Equal(t, http.StatusOK, asked(t, dial()))
		<-writing
	}
	for range unreading - 2 {
		<-ended
	}
	close(slow)
	require.Equal(t, http.StatusOK, <-answer, "this one was worked on all the time")
}

// asked asks for a path, by default /, on a connection, and returns the status of the answer.
func asked(t *testing.T, conn net.Conn, path ...string) int {
	asked := strings.TrimPrefix(strings.Join(path, ""), "/")
	if _, err := fmt.Fprintf(conn, "GET /%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", asked); err != nil {
		t.Error(err)
		return 0
	}
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Error(err)
		return 0
	}
	if err := answer.Body.Close(); err != nil {
		t.Error(err)
	}
	return answer.StatusCode
}

// bounded serves the handler with a bound of connections until the test ends.
func bounded(t *testing.T, most int, h http.HandlerFunc) (dial func() net.Conn) {
	t.Helper()
	server := newServer(h, newConnections(most, slog.New(slog.DiscardHandler), time.Now))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	t.Cleanup(func() {
		require.NoError(t, server.Close())
		require.ErrorIs(t, <-served, http.ErrServerClosed)
	})
	return func() net.Conn {
		conn, err := net.Dial("tcp", listener.Addr().String())
		if err != nil {
			t.Error(err)
			return nil
		}
		t.Cleanup(func() { _ = conn.Close() }) // the server may have closed it
		return conn
	}
}

func TestRequestsAtOnceHaveABound(t *testing.T) {
	t.Parallel()
	ask := func(h http.Handler) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
		return w
	}
	var (
		depth   int
		deepest int
		beyond  *httptest.ResponseRecorder
		h       http.Handler
	)
	h = atMost(3, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		depth++
		deepest = max(deepest, depth)
		if inner := ask(h); depth == 3 {
			beyond = inner
		}
		depth--
	}))
	for range 2 { // those that were refused count no longer
		require.Equal(t, http.StatusOK, ask(h).Code)
		require.Equal(t, 3, deepest)
		require.Equal(t, http.StatusServiceUnavailable, beyond.Code)
		require.Equal(t, "2", beyond.Header().Get("Retry-After"))
		require.Contains(t, beyond.Body.String(), "requests_too_many")
	}
}
