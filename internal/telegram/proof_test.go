package telegram

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// afterProof lets connections prove themselves and leaves other calls to the handler.
func afterProof(handler http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/getMe") {
			_, _ = io.WriteString(w, `{"ok":true,"result":{}}`)
			return
		}
		handler(w, r)
	})
}

// sendTo makes n calls at once that send messages, and returns how many had which fate.
func sendTo(t *testing.T, address string, n int) map[Fate]int {
	t.Helper()
	c, err := NewClient(address, Proxy{})
	require.NoError(t, err)
	var (
		mu    sync.Mutex
		fates = map[Fate]int{}
		calls sync.WaitGroup
	)
	for range n {
		calls.Go(func() {
			r := c.Send("", "1:token", "sendMessage", []byte(`{}`))
			mu.Lock()
			defer mu.Unlock()
			fates[r.Fate]++
		})
	}
	calls.Wait()
	return fates
}

// A server that accepts connections and closes them loses nothing, whether it reads
// before or not.
func TestServerThatAcceptsAndCloses(t *testing.T) {
	t.Parallel()
	for name, read := range map[string]int{"at once": 0, "in the request": 1, "after it": 4096} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, err := net.Listen("tcp", "127.0.0.1:0")
			require.NoError(t, err)
			t.Cleanup(func() { _ = l.Close() })
			go func() {
				for {
					c, err := l.Accept()
					if err != nil {
						return
					}
					_, _ = c.Read(make([]byte, read)) // whatever comes
					_ = c.Close()
				}
			}()
			require.Equal(t, map[Fate]int{NotSent: 50}, sendTo(t, "http://"+l.Addr().String(), 50))
		})
	}
}

// A server that serves eight connections and closes all others loses nothing.
func TestServerThatIsFull(t *testing.T) {
	t.Parallel()
	const most = 8
	var open, calls atomic.Int64
	server := httptest.NewUnstartedServer(afterProof(func(w http.ResponseWriter, _ *http.Request) {
		calls.Add(1)
		time.Sleep(20 * time.Millisecond) // so that calls meet
		_, _ = io.WriteString(w, `{"ok":true,"result":{"message_id":7}}`)
	}))
	server.Config.ConnState = func(c net.Conn, s http.ConnState) {
		switch s {
		case http.StateNew:
			if open.Add(1) > most {
				_ = c.Close()
			}
		case http.StateClosed, http.StateHijacked:
			open.Add(-1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	fates := sendTo(t, server.URL, 50)
	require.Zero(t, fates[Lost])
	require.EqualValues(t, calls.Load(), fates[Answered])
	require.GreaterOrEqual(t, fates[Answered], most)
	require.Equal(t, 50, fates[Answered]+fates[NotSent])
}

// A page in the server's place is known by its status, and a message never goes
// where a page comes back.
func TestPageIsNoProof(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/getMe") {
			t.Error("a message has left")
		}
		w.WriteHeader(http.StatusBadGateway)
		_, _ = io.WriteString(w, "<html>")
	}))
	t.Cleanup(server.Close)
	c, err := NewClient(server.URL, Proxy{})
	require.NoError(t, err)
	r := c.Send("", "1:token", "sendMessage", []byte(`{}`))
	require.Equal(t, Intercepted, r.Fate)
	require.Equal(t, http.StatusBadGateway, r.Code)
	require.Equal(t, NotTelegram, Classify(r).Class)
}

// A server that refuses the bot is Telegram's: what it says counts for the message.
func TestRefusalIsAProof(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = io.WriteString(w, `{"ok":false,"error_code":401,"description":"Unauthorized"}`)
	}))
	t.Cleanup(server.Close)
	c, err := NewClient(server.URL, Proxy{})
	require.NoError(t, err)
	require.Equal(t, BadBot, Classify(c.Send("", "1:token", "sendMessage", []byte(`{}`))).Class)
}

// One proof is enough for a connection, and a server that keeps none gets each
// message on the next one.
func TestProofIsMadeOnce(t *testing.T) {
	t.Parallel()
	for name, keeps := range map[string]bool{"kept": true, "not kept": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var proofs, messages atomic.Int64
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if !keeps {
					w.Header().Set("Connection", "close")
				}
				if strings.HasSuffix(r.URL.Path, "/getMe") {
					proofs.Add(1)
				} else {
					messages.Add(1)
				}
				_, _ = io.WriteString(w, `{"ok":true,"result":{"message_id":7}}`)
			}))
			t.Cleanup(server.Close)
			c, err := NewClient(server.URL, Proxy{})
			require.NoError(t, err)
			for range 5 {
				require.True(t, c.Send("", "1:token", "sendMessage", []byte(`{}`)).OK)
			}
			require.EqualValues(t, 5, messages.Load())
			require.EqualValues(t, map[bool]int{true: 1, false: 5}[keeps], proofs.Load())
		})
	}
}

// The proof is a getMe of the same bot at the same server; a getMe needs none.
func TestProofPath(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]struct {
		path    string
		isProof bool
	}{
		"POST /bot1:a_B-c/sendMessage HTTP/1.1\r\nHost: x/y\r\n\r\n{/}": {"/bot1:a_B-c/getMe", false},
		"POST /a//b/bot1:t/sendPhoto HTTP/1.1\r\n":                      {"/a//b/bot1:t/getMe", false},
		"POST /bot1:t/getMe HTTP/1.1\r\n":                               {"/bot1:t/getMe", true},
	} {
		path, isProof := proofPath([]byte(line))
		require.Equal(t, want.path, string(path))
		require.Equal(t, want.isProof, isProof)
	}
}
