package telegram

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/armon/go-socks5"
	"github.com/elazarl/goproxy"
	"github.com/stretchr/testify/require"

	"bellman/internal/bot"
)

const (
	proxyUser     = "me"
	proxyPassword = "p@ss:wörd/%"
)

// proxyURL returns the address of a proxy, with a login if there is a password.
func proxyURL(scheme, addr, password string) string {
	u := url.URL{Scheme: scheme, Host: addr}
	if password != "" {
		u.User = url.UserPassword(proxyUser, password)
	}
	return u.String()
}

// A running proxy counts the connections that it makes. It reaches every name on
// this machine, so that no name has to exist.
type runningProxy struct {
	addr string
	made atomic.Int64
}

func (p *runningProxy) dial(network, addr string) (net.Conn, error) {
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	p.made.Add(1)
	return net.Dial(network, net.JoinHostPort("127.0.0.1", port))
}

// proxies are the proxies that are tried: both ask for the login.
var proxies = map[string]func(t *testing.T) *runningProxy{
	"http":   httpProxy,
	"socks5": socksProxy, "socks5h": socksProxy,
}

func httpProxy(t *testing.T) *runningProxy {
	var p runningProxy
	login := "Basic " + base64.StdEncoding.EncodeToString([]byte(proxyUser+":"+proxyPassword))
	h := goproxy.NewProxyHttpServer()
	h.Logger = log.New(io.Discard, "", 0)
	h.ConnectDial = p.dial
	h.OnRequest().HandleConnectFunc(func(host string, ctx *goproxy.ProxyCtx) (*goproxy.ConnectAction, string) {
		if ctx.Req.Header.Get("Proxy-Authorization") != login {
			//nolint:bodyclose // goproxy writes it
			ctx.Resp = goproxy.NewResponse(ctx.Req, goproxy.ContentTypeText, http.StatusProxyAuthRequired, "no")
			return goproxy.RejectConnect, host
		}
		return goproxy.OkConnect, host
	})
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	p.addr = server.Listener.Addr().String()
	return &p
}

// onThisMachine resolves every name.
type onThisMachine struct{}

func (onThisMachine) Resolve(ctx context.Context, _ string) (context.Context, net.IP, error) {
	return ctx, net.IPv4(127, 0, 0, 1), nil
}

func socksProxy(t *testing.T) *runningProxy {
	var p runningProxy
	server, err := socks5.New(&socks5.Config{
		Credentials: socks5.StaticCredentials{proxyUser: proxyPassword},
		Resolver:    onThisMachine{},
		Logger:      log.New(io.Discard, "", 0),
		Dial:        func(_ context.Context, network, addr string) (net.Conn, error) { return p.dial(network, addr) },
	})
	require.NoError(t, err)
	l := accepting(t, func(c net.Conn) {
		_ = server.ServeConn(c) // it ends with the connection
	})
	p.addr = l.Addr().String()
	return &p
}

// accepting returns a listener whose connections are served each by itself.
func accepting(t *testing.T, serve func(net.Conn)) net.Listener {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go serve(c)
		}
	}()
	return l
}

// named returns the address of a server on this machine under a name that only the
// proxy can find.
func named(scheme string, l net.Listener) string {
	_, port, _ := net.SplitHostPort(l.Addr().String()) // it is an address
	return scheme + "://bot-api.invalid:" + port
}

// Calls go through the proxy, also over TLS, and connections are kept.
func TestCallsThroughAProxy(t *testing.T) {
	t.Parallel()
	for scheme, run := range proxies {
		t.Run(scheme, func(t *testing.T) {
			t.Parallel()
			p := run(t)
			var logins atomic.Int64
			handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("Proxy-Authorization") != "" {
					logins.Add(1)
				}
				_, _ = io.WriteString(w, `{"ok":true,"result":{"message_id":7}}`)
			})
			server := httptest.NewServer(handler)
			t.Cleanup(server.Close)
			c, err := NewClient(named("http", server.Listener), Proxy{Address: proxyURL(scheme, p.addr, proxyPassword)})
			require.NoError(t, err)
			for range 3 {
				require.Equal(t, Result{Fate: Answered, OK: true, Code: 200, MessageID: 7},
					c.Send("", "1:token", "sendMessage", []byte(`{"chat_id":5}`)))
			}
			require.EqualValues(t, 1, p.made.Load())
			require.Zero(t, logins.Load(), "the server learns nothing of the proxy")

			secure := httptest.NewUnstartedServer(handler)
			secure.Config.ErrorLog = log.New(io.Discard, "", 0)
			secure.StartTLS()
			t.Cleanup(secure.Close)
			r := c.Send(named("https", secure.Listener), "1:token", "sendMessage", []byte(`{}`))
			require.Equal(t, NotSent, r.Fate)
			require.ErrorContains(t, r.Err, "certificate", "the proxy cannot answer in the server's place")
			require.EqualValues(t, 2, p.made.Load())

			c.secure.RootCAs = x509.NewCertPool()
			c.secure.RootCAs.AddCert(secure.Certificate())
			trusted := strings.Replace(named("https", secure.Listener), "bot-api.invalid", "example.com", 1) // its certificate is for
			require.Equal(t, Answered, c.Send(trusted, "1:token", "sendMessage", []byte(`{}`)).Fate)
		})
	}
}

// This machine and the exceptions are reached directly.
func TestWayAroundAProxy(t *testing.T) {
	t.Parallel()
	through := Proxy{Address: "socks5://127.0.0.1:1", Except: "bot-api.internal,10.0.0.0/8"}
	route, err := through.route()
	require.NoError(t, err)
	for address, direct := range map[string]bool{
		DefaultURL:                     false,
		"http://api.telegram.org":      false,
		"https://bot-api.example:8443": false,
		"http://11.0.0.1:8081":         false,
		"http://10.1.2.3:8081":         true,
		"http://bot-api.internal:8081": true,
		"http://127.0.0.1:8081":        true,
		"http://localhost:8081":        true,
		"http://[::1]:8081":            true,
	} {
		u, err := url.Parse(address)
		require.NoError(t, err)
		require.Equal(t, direct, route(u) == nil, address)
	}
	none, err := Proxy{Except: "*"}.route()
	require.NoError(t, err)
	require.Nil(t, none(&url.URL{Scheme: "https", Host: "api.telegram.org"}))
}

func TestAddressOfAProxy(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"http://proxy.example":                    "proxy.example:80",
		"http://proxy.example/":                   "proxy.example:80",
		"http://me:secret@proxy.example:3128":     "proxy.example:3128",
		"socks5://proxy.example":                  "proxy.example:1080",
		"socks5h://[2001:db8::1]:9050":            "[2001:db8::1]:9050",
		"SOCKS5://me:sec%2Fret@proxy.example:105": "proxy.example:105",
	} {
		route, err := Proxy{Address: address}.route()
		require.NoError(t, err, address)
		require.Equal(t, want, route(&url.URL{Scheme: "https", Host: "api.telegram.org"}).addr, address)
	}
	for _, address := range []string{
		"proxy.example", "proxy.example:3128", "https://me:secret@proxy.example", "socks4://me:secret@proxy.example", "http://",
		"http://:3128", "http://me:secret@proxy.example/path", "http://me:sec/ret@proxy.example", "socks5://me:secret%zz@proxy.example",
		"http://me:secret@proxy.example?x", "http://me:secret@proxy.example#x",
	} {
		_, err := NewClient(DefaultURL, Proxy{Address: address})
		require.ErrorIs(t, err, errNoProxyAddress, address)
		require.NotContains(t, err.Error(), "sec")
	}
}

// A proxy that does not connect has passed nothing on: the message may be sent
// again. The error says what is wrong, and no password.
func TestProxyDoesNotConnect(t *testing.T) {
	t.Parallel()
	nobody := accepting(t, nil)
	require.NoError(t, nobody.Close())
	says := func(text string) string {
		return accepting(t, func(c net.Conn) {
			_, _ = c.Read(make([]byte, 1024)) // what is asked does not matter
			_, _ = io.WriteString(c, text)
			_ = c.Close()
		}).Addr().String()
	}
	server := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	http := func(addr string) string { return proxyURL("http", addr, "") }
	socks := func(addr string) string { return proxyURL("socks5", addr, "") }
	working := func(scheme string) string { return proxyURL(scheme, proxies[scheme](t).addr, proxyPassword) }
	tooLong, endless := strings.Repeat("wrong-secret", 30), strings.Repeat("a", maxConnectAnswer)
	for name, tt := range map[string]struct{ proxy, server, says string }{
		"http, wrong password":      {proxyURL("http", httpProxy(t).addr, "wrong-secret"), "", "another user and password"},
		"http, no password":         {proxyURL("http", httpProxy(t).addr, ""), "", "another user and password"},
		"http, nobody":              {proxyURL("http", nobody.Addr().String(), proxyPassword), "", "to the proxy: "},
		"http, refused":             {http(says("HTTP/1.1 403 Forbidden\r\n\r\n")), "", "refuses to connect to bot-api.invalid"},
		"http, another protocol":    {http(says("\x05\xff")), "", "not that of an HTTP proxy"},
		"http, no end":              {http(says("HTTP/1.1 200 OK\r\nA: " + endless)), "", "not that of an HTTP proxy"},
		"http, says more":           {http(says("HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n")), "", "goes on behind its answer"},
		"http, hangs up":            {http(says("")), "", "not that of an HTTP proxy"},
		"http, server not there":    {working("http"), named("http", nobody), "refuses to connect to bot-api.invalid"},
		"socks5, wrong password":    {proxyURL("socks5", socksProxy(t).addr, "wrong-secret"), "", "authentication failed"},
		"socks5, no password":       {proxyURL("socks5", socksProxy(t).addr, ""), "", "no acceptable authentication methods"},
		"socks5, nobody":            {proxyURL("socks5", nobody.Addr().String(), proxyPassword), "", "to the proxy: "},
		"socks5, another protocol":  {socks(says("HTTP/1.1 400 Bad Request\r\n\r\n")), "", "unexpected protocol version"},
		"socks5, hangs up":          {socks(says("")), "", "EOF"},
		"socks5, server not there":  {working("socks5"), named("http", nobody), "connection refused"},
		"socks5, password too long": {proxyURL("socks5", socksProxy(t).addr, tooLong), "", "invalid username/password"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if tt.server == "" {
				tt.server = named("http", server.Listener)
			}
			c, err := NewClient(tt.server, Proxy{Address: tt.proxy})
			require.NoError(t, err)
			r := c.Send("", "1:token", "sendMessage", []byte(`{}`))
			require.Equal(t, NotSent, r.Fate)
			require.Equal(t, Unreachable, Classify(r).Class, "the bot waits, and tries again")
			require.ErrorContains(t, r.Err, tt.says)
			require.ErrorContains(t, r.Err, "proxy")
			for _, secret := range []string{proxyPassword, url.QueryEscape(proxyPassword), "wrong-secret", "1:token"} {
				require.NotContains(t, r.Err.Error(), secret)
			}
			_, err = c.GetMe(t.Context(), "", "1:token")
			require.ErrorContains(t, err, tt.says)
		})
	}
}

// A proxy that takes connections and is silent is given up when the time for
// connecting is over.
func TestSilentProxy(t *testing.T) {
	t.Parallel()
	// Whoever reads on keeps the connection: one that nobody has is closed by the collector.
	silent := accepting(t, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })
	for _, scheme := range []string{"http", "socks5"} {
		route, err := Proxy{Address: proxyURL(scheme, silent.Addr().String(), "")}.route()
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		_, err = connect(ctx, &net.Dialer{}, "bot-api.invalid:443", route(&url.URL{Scheme: "https", Host: "bot-api.invalid"}))
		cancel()
		var late net.Error
		require.ErrorAs(t, err, &late, scheme)
		require.True(t, late.Timeout(), scheme)
	}
}

// The time for connecting is not a limit of the calls that follow.
func TestTunnelHasNoDeadline(t *testing.T) {
	t.Parallel()
	for scheme, run := range proxies {
		p := run(t)
		echo := accepting(t, func(c net.Conn) { _, _ = io.Copy(c, c) })
		route, err := Proxy{Address: proxyURL(scheme, p.addr, proxyPassword)}.route()
		require.NoError(t, err)
		limit := time.Now().Add(300 * time.Millisecond)
		ctx, cancel := context.WithDeadline(t.Context(), limit)
		c, err := connect(ctx, &net.Dialer{}, echo.Addr().String(), route(&url.URL{Scheme: "https", Host: "bot-api.invalid"}))
		require.NoError(t, err)
		<-ctx.Done()
		cancel()
		_, err = c.Write([]byte("a"))
		require.NoError(t, err)
		_, err = io.ReadFull(c, make([]byte, 1))
		require.NoError(t, err)
		require.NoError(t, c.Close())
	}
}

// A message that had left through the proxy is lost when the connection ends, and
// not sent when it had ended before.
func TestTunnelBreaks(t *testing.T) {
	t.Parallel()
	for scheme, run := range proxies {
		t.Run(scheme, func(t *testing.T) {
			t.Parallel()
			p := run(t)
			var calls atomic.Int64
			server := httptest.NewServer(afterProof(func(w http.ResponseWriter, _ *http.Request) {
				if calls.Add(1) == 1 {
					_, _ = io.WriteString(w, `{"ok":true,"result":{"message_id":7}}`)
					return
				}
				if raw, _, err := http.NewResponseController(w).Hijack(); err == nil {
					_ = raw.Close()
				}
			}))
			t.Cleanup(server.Close)
			c, err := NewClient(named("http", server.Listener), Proxy{Address: proxyURL(scheme, p.addr, proxyPassword)})
			require.NoError(t, err)
			send := func() Result { return c.Send("", "1:token", "sendMessage", []byte(`{}`)) }
			require.Equal(t, Answered, send().Fate)
			require.Equal(t, Result{Fate: Lost, Err: errCutOff}, send())

			route, err := Proxy{Address: proxyURL(scheme, p.addr, proxyPassword)}.route()
			require.NoError(t, err)
			through := route(&url.URL{Scheme: "http", Host: "bot-api.invalid"})
			raw, err := connect(t.Context(), &net.Dialer{}, server.Listener.Addr().String(), through)
			require.NoError(t, err)
			resting := &conn{Conn: watched(raw)}
			_, err = io.WriteString(resting, "GET / HTTP/1.1\r\nHost: x\r\n\r\n") // which the server closes
			require.NoError(t, err)
			require.Eventually(t, func() bool { return ended(resting.Conn) }, 5*time.Second, time.Millisecond)
			resting.rest()
			_, err = resting.Write([]byte("b"))
			require.ErrorIs(t, err, errNotSent)
			require.NoError(t, resting.Close())
		})
	}
}

// A bot is asked for through the proxy too.
func TestGetMeThroughAProxy(t *testing.T) {
	t.Parallel()
	p := socksProxy(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"ok":true,"result":{"id":1,"is_bot":true,"username":"sale_bot","first_name":"Sale"}}`)
	}))
	t.Cleanup(server.Close)
	c, err := NewClient(DefaultURL, Proxy{Address: proxyURL("socks5", p.addr, proxyPassword)})
	require.NoError(t, err)
	got, err := c.GetMe(t.Context(), named("http", server.Listener), "1:token")
	require.NoError(t, err)
	require.Equal(t, bot.Profile{TelegramID: 1, Username: "sale_bot", Name: "Sale"}, got)
	require.EqualValues(t, 1, p.made.Load())
}
