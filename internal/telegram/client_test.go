package telegram

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"bellman/internal/bot"
	"bellman/internal/fault"
)

// client returns a client that calls servers directly.
func client(t *testing.T) *Client {
	t.Helper()
	c, err := NewClient(DefaultURL, Proxy{})
	require.NoError(t, err)
	return c
}

func TestServerAddress(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]struct {
		addr, root string
		secure     bool
	}{
		"https://api.telegram.org":    {"api.telegram.org:443", "https://api.telegram.org/bot", true},
		"http://local":                {"local:80", "http://local/bot", false},
		"http://local:8081/telegram/": {"local:8081", "http://local:8081/telegram/bot", false},
		"https://[::1]:8443":          {"[::1]:8443", "https://[::1]:8443/bot", true},
	} {
		s, err := client(t).newServer(address)
		require.NoError(t, err, address)
		require.Equal(t, want.root, s.root, address)
		for _, c := range []*fasthttp.HostClient{s.client, s.uploads} {
			require.Equal(t, want.addr, c.Addr, address)
			require.Equal(t, want.secure, c.IsTLS, address)
		}
	}
}

// No call is made to something that is no address, be it the default or a bot's own.
func TestNoAddressOfAServer(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"api.telegram.org", "ftp://api.telegram.org", "https://", "http:///bot", "https://a b", "//local"} {
		_, err := NewClient(address, Proxy{})
		require.ErrorContains(t, err, "is not the address of a Bot API server", address)
		c, err := NewClient(DefaultURL, Proxy{})
		require.NoError(t, err)
		file := &closing{Reader: strings.NewReader("bytes")}
		for _, r := range []Result{
			c.Send(address, "1:token", "sendMessage", nil),
			c.Call(address, "1:token", "getMe", nil),
			c.SendFiles(address, "1:token", "sendPhoto", []byte("{}"), []Upload{{Field: "photo", Size: 5, Content: file}}),
		} {
			require.Equal(t, NotSent, r.Fate, address)
			require.ErrorContains(t, r.Err, "is not the address of a Bot API server", address)
		}
		require.True(t, file.closed)
	}
	_, err := NewClient("", Proxy{})
	require.Error(t, err)
}

// All calls to a server share its connections, also calls that begin at once.
func TestServersAreShared(t *testing.T) {
	t.Parallel()
	c, err := NewClient("http://local/", Proxy{})
	require.NoError(t, err)
	got := make([]*server, 50)
	var asking sync.WaitGroup
	for i := range got {
		asking.Go(func() {
			s, err := c.server("http://other")
			if err == nil {
				got[i] = s
			}
		})
	}
	asking.Wait()
	require.NotNil(t, got[0])
	for _, s := range got {
		require.Same(t, got[0], s)
	}
	byDefault, err := c.server("")
	require.NoError(t, err)
	byName, err := c.server("http://local")
	require.NoError(t, err)
	require.Same(t, byDefault, byName)
	require.NotSame(t, byDefault, got[0])
}

// A call is a POST of JSON to the method's address, exactly as written, and says
// nothing about the program that makes it.
func TestCallAsTheServerGetsIt(t *testing.T) {
	t.Parallel()
	type request struct{ method, uri, contentType, agent, body string }
	got := make(chan request, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body) // compared below
		got <- request{r.Method, r.RequestURI, r.Header.Get("Content-Type"), r.UserAgent(), string(body)}
		_, _ = io.WriteString(w, `{"ok":true,"result":{"message_id":7}}`)
	}))
	t.Cleanup(server.Close)
	c, err := NewClient(server.URL+"/a//b/", Proxy{})
	require.NoError(t, err)
	require.Equal(t, Result{Fate: Answered, OK: true, Code: 200, MessageID: 7},
		c.Send("", "1:token", "sendMessage", []byte(`{"chat_id":5}`)))
	require.Equal(t, request{"POST", "/a//b/bot1:token/sendMessage", "application/json", "", `{"chat_id":5}`}, <-got)
	require.Equal(t, Result{Fate: Answered, OK: true, Code: 200, Body: []byte(`{"message_id":7}`)},
		c.Call(server.URL, "2:other", "getMe", nil))
	require.Equal(t, request{"POST", "/bot2:other/getMe", "application/json", "", ""}, <-got)
}

// A server that ends the connection may have carried out the call: the call is
// lost, and is not repeated.
func TestCallIsMadeOnce(t *testing.T) {
	t.Parallel()
	var calls atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // the whole request has arrived
		calls.Add(1)
		if raw, _, err := http.NewResponseController(w).Hijack(); err == nil {
			_ = raw.Close()
		}
	}))
	t.Cleanup(server.Close)
	c, err := NewClient(server.URL, Proxy{})
	require.NoError(t, err)
	for i, r := range []Result{
		c.Send("", "1:token", "sendMessage", []byte(`{}`)),
		c.SendFiles("", "1:token", "sendPhoto", []byte(`{}`),
			[]Upload{{Field: "photo", Name: "p", Size: 1, Content: io.NopCloser(strings.NewReader("a"))}}),
	} {
		require.Equal(t, Result{Fate: Lost, Err: errCutOff}, r, i)
	}
	require.EqualValues(t, 2, calls.Load())
}

// An error before the connection is established means that nothing was sent.
func TestNoConnection(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	for name, address := range map[string]string{
		"nobody listens": "http://" + l.Addr().String(),
		"no TLS":         "https://" + plain.Listener.Addr().String(),
	} {
		c, err := NewClient(address, Proxy{})
		require.NoError(t, err)
		r := c.Send("", "1:token", "sendMessage", []byte(`{}`))
		require.Equal(t, NotSent, r.Fate, name)
		require.ErrorIs(t, r.Err, errNotSent, name)
		_, err = c.GetMe(t.Context(), "", "1:token")
		require.Equal(t, fault.Unavailable, fault.KindOf(err), name)
	}
}

// A certificate is accepted only for the server that was named.
func TestCertificateIsChecked(t *testing.T) {
	t.Parallel()
	var calls atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { calls.Add(1) }))
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // it would log the failed handshake
	server.StartTLS()
	t.Cleanup(server.Close)
	c, err := NewClient(server.URL, Proxy{})
	require.NoError(t, err)
	r := c.Send("", "1:token", "sendMessage", []byte(`{}`))
	require.Equal(t, NotSent, r.Fate)
	require.ErrorContains(t, r.Err, "certificate")
	require.Zero(t, calls.Load())
}

// Calls go over TLS, and connections are kept.
func TestCallOverTLS(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, `{"ok":true,"result":{"message_id":7}}`)
	}))
	var made atomic.Int64
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			made.Add(1)
		}
	}
	server.StartTLS()
	t.Cleanup(server.Close)
	c := client(t)
	c.secure.RootCAs = x509.NewCertPool()
	c.secure.RootCAs.AddCert(server.Certificate())
	for range 3 {
		require.Equal(t, Result{Fate: Answered, OK: true, Code: 200, MessageID: 7}, c.Send(server.URL, "1:token", "sendMessage", []byte(`{}`)))
	}
	file := Upload{Field: "photo", Name: "p", Size: 1, Content: io.NopCloser(strings.NewReader("a"))}
	require.Equal(t, Answered, c.SendFiles(server.URL, "1:token", "sendPhoto", []byte(`{}`), []Upload{file}).Fate)
	require.EqualValues(t, 2, made.Load(), "files go over connections of their own")
}

// late is an error that may say that it is a timeout.
type late bool

func (late) Error() string   { return "late" }
func (l late) Timeout() bool { return bool(l) }

func TestFailed(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		err  error
		want Result
	}{
		"not sent":                 {errNotSent, Result{Fate: NotSent, Err: errNotSent}},
		"no connection free":       {fasthttp.ErrNoFreeConns, Result{Fate: NotSent, Err: fasthttp.ErrNoFreeConns}},
		"time is up":               {late(true), Result{Fate: Lost, Err: errNoAnswer}},
		"time is up before it":     {errors.Join(errNotSent, late(true)), Result{Fate: NotSent, Err: errors.Join(errNotSent, late(true))}},
		"time is not up":           {late(false), Result{Fate: Lost, Err: errCutOff}},
		"the connection has ended": {io.ErrUnexpectedEOF, Result{Fate: Lost, Err: errCutOff}},
	} {
		require.Equal(t, tt.want, failed(tt.err, "1:token"), name)
	}
	r := failed(errors.Join(errNotSent, errors.New("post /bot1:token/getMe")), "1:token")
	require.Equal(t, NotSent, r.Fate)
	require.NotContains(t, r.Err.Error(), "1:token")
}

// The limit of a call is longer than Telegram holds a throttled one; a call with
// files has longer to leave.
func TestCallsHaveTime(t *testing.T) {
	t.Parallel()
	s, err := client(t).newServer(DefaultURL)
	require.NoError(t, err)
	const held = 8 * time.Second
	require.Greater(t, s.client.ReadTimeout, 2*held)
	require.Greater(t, s.client.WriteTimeout, 2*held)
	require.Greater(t, s.uploads.ReadTimeout, 2*held)
	require.Greater(t, s.uploads.WriteTimeout, s.client.WriteTimeout)
}

func TestGetMe(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/bot1:token/getMe" {
			_, _ = io.WriteString(w, `{"ok":true,"result":{"id":1,"is_bot":true,"username":"sale_bot","first_name":"Sale"}}`)
		}
	}))
	t.Cleanup(server.Close)
	c, err := NewClient(DefaultURL, Proxy{})
	require.NoError(t, err)
	got, err := c.GetMe(t.Context(), server.URL, "1:token")
	require.NoError(t, err)
	require.Equal(t, bot.Profile{TelegramID: 1, Username: "sale_bot", Name: "Sale"}, got)
}

// A token counts as refused only when Telegram says so: after any other failure it
// is worth another try.
func TestAnswersToGetMe(t *testing.T) {
	t.Parallel()
	said := func(code int) Result { return Result{Fate: Answered, Code: code, Description: "Said so"} }
	with := func(body string) Result { return Result{Fate: Answered, OK: true, Code: 200, Body: []byte(body)} }
	for name, tt := range map[string]struct {
		answer Result
		code   string
		kind   fault.Kind
	}{
		"not sent":         {Result{Fate: NotSent, Err: errNotSent}, "telegram_unavailable", fault.Unavailable},
		"lost":             {Result{Fate: Lost, Err: errCutOff}, "telegram_unavailable", fault.Unavailable},
		"fails":            {said(500), "telegram_unavailable", fault.Unavailable},
		"fails before":     {said(502), "telegram_unavailable", fault.Unavailable},
		"asks to wait":     {said(429), "telegram_unavailable", fault.Unavailable},
		"refuses":          {said(401), "token_refused", fault.Invalid},
		"knows no such":    {said(404), "token_refused", fault.Invalid},
		"answers nothing":  {with(``), "telegram_unavailable", fault.Unavailable},
		"answers with no":  {with(`{}`), "telegram_unavailable", fault.Unavailable},
		"answers somehow":  {with(`{"id":1,"username":2}`), "telegram_unavailable", fault.Unavailable},
		"answers with all": {with(`{"id":1,"username":"sale_bot","first_name":"Sale"}`), "", 0},
	} {
		got, err := profileIn(tt.answer)
		if tt.code == "" {
			require.NoError(t, err, name)
			require.Equal(t, bot.Profile{TelegramID: 1, Username: "sale_bot", Name: "Sale"}, got, name)
			continue
		}
		require.True(t, fault.Is(err, tt.code), "%s: %v", name, err)
		require.Equal(t, tt.kind, fault.KindOf(err), name)
		require.Zero(t, got, name)
		if tt.answer.Err != nil {
			require.ErrorIs(t, err, tt.answer.Err, name)
		}
	}
	_, err := profileIn(said(401))
	require.ErrorContains(t, err, "Said so")
}

// GetMe returns as soon as its context ends, even from a server that never answers.
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
	c, err := NewClient("http://"+l.Addr().String(), Proxy{})
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
