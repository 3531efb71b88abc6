package api_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/api"
	"bellman/internal/api/apitest"
	"bellman/internal/store/storetest"
)

// wired serves the installation on a real connection until the test ends. A request has a fifth of a second to arrive.
func wired(t *testing.T, in *apitest.Installation) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := api.NewServer(in.Handler, slog.New(slog.DiscardHandler))
	server.ReadTimeout, server.ReadHeaderTimeout, server.IdleTimeout = 200*time.Millisecond, 200*time.Millisecond, 200*time.Millisecond
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	t.Cleanup(func() {
		require.NoError(t, server.Close())
		require.ErrorIs(t, <-ended, http.ErrServerClosed)
	})
	return listener.Addr().String()
}

// statuses sends bytes and returns the statuses of all answers until the server closes. With ends, the client says that it
// sends no more; else it keeps silent.
func statuses(t *testing.T, address, sent string, ends bool) (all []int) {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Error(err)
		return nil
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	// The server may have answered and closed before all was sent.
	_, _ = io.WriteString(conn, sent)
	if tcp, ok := conn.(*net.TCPConn); ok && ends {
		_ = tcp.CloseWrite()
	}
	for reader := bufio.NewReader(conn); ; {
		answer, err := http.ReadResponse(reader, nil)
		if err == nil {
			_, err = io.Copy(io.Discard, answer.Body)
			err = errors.Join(err, answer.Body.Close())
		}
		if errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("the server keeps the connection after %v: %.300q", all, sent)
		}
		if err != nil {
			return all
		}
		all = append(all, answer.StatusCode)
	}
}

// TestWalkOnTheWire sends every route what is wrong below HTTP's surface: bodies that are huge, slow or cut off, requests
// one after another, and such that hide another one. The server answers each once, hides none, and closes.
func TestWalkOnTheWire(t *testing.T) {
	t.Parallel()
	in := walk(t, storetest.Open(t, storetest.SQLite(t))).in
	address := wired(t, in)
	const hidden = "DELETE /v1/contact/1 HTTP/1.1\r\nHost: x\r\n\r\n"
	attacks := []struct{ name, header, body string }{
		{"huge", "Content-Length: 1099511627776\r\n", "{"},
		{"huge in chunks", "Transfer-Encoding: chunked\r\n", "FFFFFFFFFFFFFFFF\r\n{"},
		{"slow", "Content-Length: 100\r\n", `{"a":`},
		{"two lengths", "Content-Length: 2\r\nContent-Length: 3\r\n", "{}" + hidden},
		{"a length with a sign", "Content-Length: +2\r\n", "{}" + hidden},
		{"a length and chunks", "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"},
		{"another encoding", "Transfer-Encoding: xchunked\r\n", "0\r\n\r\n" + hidden},
		{"two encodings", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "0\r\n\r\n" + hidden},
		{"a space before the colon", "Content-Length : 2\r\n", "{}" + hidden},
		{"a folded line", "Content-Length: 2\r\n 2\r\n", "{}" + hidden},
		{"NUL in a header", "X: \x00\r\n", hidden},
		{"a large head", "X: " + strings.Repeat("x", 100<<10) + "\r\n", hidden},
	}
	var running sync.WaitGroup
	lanes := make(chan struct{}, 16)
	for _, r := range routes(t) {
		if r.method == http.MethodHead {
			continue // its answer has no body, and says how long it would be
		}
		head := fmt.Sprintf("%s %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\n",
			r.method, r.target("1"), in.Key)
		lanes <- struct{}{}
		running.Go(func() {
			defer func() { <-lanes }()
			// A file may take a quarter of an hour to arrive.
			file := r.method == http.MethodPost && slices.Contains(uploads, r.path)
			for _, a := range attacks {
				got := statuses(t, address, head+a.header+"\r\n"+a.body, file)
				if len(got) > 1 || len(got) == 1 && got[0] >= 500 && got[0] != http.StatusNotImplemented {
					t.Errorf("%s %s: %s: %v", r.method, r.path, a.name, got)
				}
			}
			if got := statuses(t, address, head+"Content-Length: 100\r\n\r\n{", true); len(got) > 1 {
				t.Errorf("%s %s: half: %v", r.method, r.path, got)
			}
			whole := head + "Content-Length: 2\r\n\r\n{}"
			last := "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
			if got := statuses(t, address, whole+whole+whole+last, false); len(got) != 4 || got[3] != 200 {
				t.Errorf("%s %s: pipelined: %v", r.method, r.path, got)
			}
		})
	}
	running.Wait()
	require.Equal(t, []int{200}, statuses(t, address, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", false))
	require.NotContains(t, in.Log.String(), "panicked")
}
