package telegram

import (
	"bufio"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/net/http/httpproxy"
	"golang.org/x/net/proxy"
)

// Proxy is the setting of a proxy between the client and the servers. The zero value
// is none.
type Proxy struct {
	// Address is that of an HTTP proxy that knows CONNECT, such as
	// http://user:password@host:3128, or of a SOCKS5 proxy, such as
	// socks5://user:password@host:1080. User and password may be left out.
	Address string
	// Except names the hosts that are reached directly, in the form that programs
	// read from NO_PROXY: names, addresses and networks with commas between. This
	// machine is always reached directly.
	Except string
}

// errNoProxyAddress does not say what was given: it may hold a password.
var errNoProxyAddress = errors.New("telegram: this is not the address of a proxy, which is one such as " +
	"socks5://user:password@host:1080 or http://host:3128; what is special in a password is percent-encoded")

// route returns the function that chooses the tunnel to a server; nil is the
// direct way.
func (p Proxy) route() (func(server *url.URL) *tunnel, error) {
	if p.Address == "" {
		return func(*url.URL) *tunnel { return nil }, nil
	}
	u, err := url.Parse(p.Address)
	if err != nil || u.Hostname() == "" || (u.Path != "" && u.Path != "/") || u.RawQuery != "" || u.Fragment != "" {
		return nil, errNoProxyAddress
	}
	t := &tunnel{scheme: u.Scheme, user: u.User}
	var port string
	switch u.Scheme {
	case "http":
		port = "80"
	case "socks5", "socks5h":
		port = "1080"
	default:
		return nil, errNoProxyAddress
	}
	if u.Port() != "" {
		port = u.Port()
	}
	t.addr = net.JoinHostPort(u.Hostname(), port)
	choose := (&httpproxy.Config{HTTPProxy: p.Address, HTTPSProxy: p.Address, NoProxy: p.Except}).ProxyFunc()
	return func(server *url.URL) *tunnel {
		if through, err := choose(server); err == nil && through == nil {
			return nil
		}
		return t
	}, nil
}

// tunnel is a way through a proxy. The proxy only passes bytes on: those of HTTPS
// are encrypted for the server, so that a proxy can neither read them nor answer in
// the server's place.
type tunnel struct {
	scheme, addr string
	user         *url.Userinfo
}

// open has the proxy at the other end of the connection connect it to the server.
// After an error nothing of a call has left.
func (t *tunnel) open(ctx context.Context, c net.Conn, server string) error {
	open := t.connect
	if t.scheme != "http" {
		open = t.socks
	}
	if err := open(ctx, c, server); err != nil {
		return proxyError{fmt.Errorf("through the proxy %s: %w", t.addr, err)}
	}
	return nil
}

// proxyError is why a proxy gave no connection. Its text says so.
type proxyError struct{ error }

// Unwrap returns the cause.
func (e proxyError) Unwrap() error { return e.error }

// maxConnectAnswer limits the answer to CONNECT, in bytes.
const maxConnectAnswer = 64 << 10

// connect asks an HTTP proxy (RFC 9110, section 9.3.6).
func (t *tunnel) connect(ctx context.Context, c net.Conn, server string) error {
	if end, ok := ctx.Deadline(); ok {
		if err := c.SetDeadline(end); err != nil {
			return err
		}
	}
	req := &http.Request{Method: http.MethodConnect, URL: &url.URL{Opaque: server}, Host: server, Header: http.Header{"User-Agent": {""}}}
	if t.user != nil {
		password, _ := t.user.Password()
		login := base64.StdEncoding.EncodeToString([]byte(t.user.Username() + ":" + password))
		req.Header.Set("Proxy-Authorization", "Basic "+login)
	}
	if err := req.Write(c); err != nil {
		return err
	}
	answer := bufio.NewReader(io.LimitReader(c, maxConnectAnswer))
	resp, err := http.ReadResponse(answer, req) //nolint:bodyclose // the tunnel is what follows
	if err != nil {
		return fmt.Errorf("its answer is not that of an HTTP proxy: %w", err)
	}
	switch {
	case resp.StatusCode == http.StatusProxyAuthRequired:
		return errors.New("it asks for another user and password (HTTP 407)")
	case resp.StatusCode/100 != 2:
		return fmt.Errorf("it refuses to connect to %s (HTTP %d)", server, resp.StatusCode)
	case answer.Buffered() > 0:
		// A server of HTTP says nothing before it is asked.
		return errors.New("it goes on behind its answer")
	}
	return c.SetDeadline(time.Time{})
}

// socks asks a SOCKS5 proxy (RFC 1928, 1929). The proxy looks up the server's name.
func (t *tunnel) socks(ctx context.Context, c net.Conn, server string) error {
	var auth *proxy.Auth
	if t.user != nil {
		password, _ := t.user.Password()
		auth = &proxy.Auth{User: t.user.Username(), Password: password}
	}
	d, err := proxy.SOCKS5("tcp", t.addr, auth, connected{c})
	if err != nil {
		return err
	}
	asking, ok := d.(proxy.ContextDialer)
	if !ok {
		return errors.ErrUnsupported
	}
	_, err = asking.DialContext(ctx, "tcp", server)
	return err
}

// connected is a dialer whose connection is there already.
type connected struct{ net.Conn }

// Dial implements [proxy.Dialer].
func (c connected) Dial(string, string) (net.Conn, error) { return c.Conn, nil }

// DialContext implements [proxy.ContextDialer].
func (c connected) DialContext(context.Context, string, string) (net.Conn, error) { return c.Conn, nil }
