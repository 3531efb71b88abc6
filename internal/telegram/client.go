package telegram

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/valyala/fasthttp"

	"bellman/internal/bot"
	"bellman/internal/fault"
)

// DefaultURL is Telegram's own Bot API server.
const DefaultURL = "https://api.telegram.org"

const (
	// dialTimeout limits connecting, TLS included.
	dialTimeout = 5 * time.Second
	// callTimeout limits a call. Telegram holds a throttled call for up to 8 s, and
	// a slow success that is given up would be sent again or become unknown.
	callTimeout = 60 * time.Second
	// idleTimeout is how long an unused connection is kept.
	idleTimeout = 60 * time.Second
	// maxConns limits the connections to one server; pacing keeps their number far
	// below.
	maxConns = 8192
	// maxAnswer limits an answer, in bytes, because many are read at once. A Message
	// has a few kilobytes, an album of ten with long captions a few hundred.
	maxAnswer = 1 << 20
)

// Client calls the Bot API over kept-alive HTTP/1.1 connections. It is safe
// for concurrent use.
type Client struct {
	defaultURL string
	// route chooses the way to a server.
	route func(server *url.URL) *tunnel
	// secure is how TLS is spoken, with the certificates that are trusted.
	secure *tls.Config

	mu      sync.RWMutex
	servers map[string]*server
}

// A server is one Bot API server to which calls are made.
type server struct {
	client *fasthttp.HostClient
	// uploads makes the calls with files, which take longer to write.
	uploads *fasthttp.HostClient
	// root is the address up to and including "/bot".
	root string
}

// NewClient returns a client. Calls of bots without an address of their own go to
// defaultURL, which is a URL such as [DefaultURL]. Neither its errors nor those of
// calls hold a password of the addresses.
func NewClient(defaultURL string, through Proxy) (*Client, error) {
	route, err := through.route()
	if err != nil {
		return nil, err
	}
	c := &Client{
		defaultURL: strings.TrimRight(defaultURL, "/"), route: route, secure: &tls.Config{MinVersion: tls.VersionTLS12},
		servers: map[string]*server{},
	}
	_, err = c.server("")
	return c, err
}

// server returns the server at the address; empty means the default.
func (c *Client) server(address string) (*server, error) {
	if address == "" {
		address = c.defaultURL
	}
	c.mu.RLock()
	s := c.servers[address]
	c.mu.RUnlock()
	if s != nil {
		return s, nil
	}
	s, err := c.newServer(address)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if have := c.servers[address]; have != nil {
		return have, nil
	}
	c.servers[address] = s
	return s, nil
}

func (c *Client) newServer(address string) (*server, error) {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || strings.ContainsAny(address, "?#") || (u.Scheme != "http" && u.Scheme != "https") {
		// It may hold a password.
		return nil, fmt.Errorf("telegram: this is not the address of a Bot API server, which is one such as %s", DefaultURL)
	}
	secure := u.Scheme == "https"
	port := u.Port()
	if port == "" {
		port = map[bool]string{true: "443", false: "80"}[secure]
	}
	host := func(writeTimeout time.Duration) *fasthttp.HostClient {
		return &fasthttp.HostClient{
			Addr:                          net.JoinHostPort(u.Hostname(), port),
			IsTLS:                         secure,
			Dial:                          proved(c.dialer(u), u.Host),
			MaxConns:                      maxConns,
			MaxIdleConnDuration:           idleTimeout,
			ReadTimeout:                   callTimeout,
			WriteTimeout:                  writeTimeout,
			MaxResponseBodySize:           maxAnswer,
			NoDefaultUserAgentHeader:      true,
			DisableHeaderNamesNormalizing: true,
			DisablePathNormalizing:        true,
			SecureErrorLogMessage:         true,
			// A request is never repeated without the sender's knowledge.
			RetryIfErr: func(*fasthttp.Request, int, error) (bool, bool) { return false, false },
		}
	}
	return &server{root: strings.TrimRight(address, "/") + "/bot", client: host(callTimeout), uploads: host(uploadTimeout)}, nil
}

// Send makes a call that sends a message: body is its JSON. It blocks for up
// to a minute. The address names the bot's server; empty means the default.
func (c *Client) Send(address, token, method string, body []byte) Result {
	return c.call(address, token, method, body, parseSent)
}

// Call makes any other call with a JSON body, which may be nil; the answer's
// result is in Body.
func (c *Client) Call(address, token, method string, body []byte) Result {
	return c.call(address, token, method, body, parse)
}

var contentType = []byte("application/json")

func (c *Client) call(address, token, method string, body []byte, read func(int, []byte) Result) Result {
	s, err := c.server(address)
	if err != nil {
		return Result{Fate: NotSent, Err: err}
	}
	req, resp := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(req)
	defer fasthttp.ReleaseResponse(resp)
	req.Header.SetMethod(fasthttp.MethodPost)
	req.Header.SetContentTypeBytes(contentType)
	req.SetRequestURI(s.root + token + "/" + method)
	req.SetBodyRaw(body)
	err = s.client.Do(req, resp)
	for errors.Is(err, errEnded) { // once for each dead connection that is kept: it is dropped
		err = s.client.Do(req, resp)
	}
	if err != nil {
		return failed(err, resp.StatusCode(), token)
	}
	result := read(resp.StatusCode(), resp.Body()).waitAsHeader(resp.Header.Peek("Retry-After"))
	if result.Body != nil {
		// The answer's buffer goes back to a pool.
		result.Body = bytes.Clone(result.Body)
	}
	return result
}

// errNoAnswer and errCutOff are why a call that had left got no answer.
var (
	errNoAnswer = fmt.Errorf("no answer within %s", callTimeout)
	errCutOff   = errors.New("the connection ended before the answer")
)

// failed is the result of a call that came back with an error. The status is that
// of an answer that was too long to be read.
func failed(err error, status int, token string) Result {
	var (
		late interface{ Timeout() bool }
		page intercepted
	)
	switch {
	case errors.As(err, &page):
		return Result{Fate: Intercepted, Code: page.status, Err: page}
	case errors.Is(err, fasthttp.ErrBodyTooLarge):
		return strange(status)
	case errors.Is(err, errNotSent), errors.Is(err, fasthttp.ErrNoFreeConns):
		return Result{Fate: NotSent, Err: redact(err, token)}
	case errors.As(err, &late) && late.Timeout():
		return Result{Fate: Lost, Err: errNoAnswer}
	}
	return Result{Fate: Lost, Err: errCutOff}
}

// redact removes the token from an error's text, should it be there.
func redact(err error, token string) error {
	if text := err.Error(); strings.Contains(text, token) {
		return errors.New(strings.ReplaceAll(text, token, "<token>"))
	}
	return err
}

// GetMe implements [bot.Telegram]. When the context ends first, it returns
// without the answer.
func (c *Client) GetMe(ctx context.Context, address, token string) (bot.Profile, error) {
	// A call of fasthttp cannot be interrupted; when it is abandoned, it ends
	// within callTimeout.
	answered := make(chan Result, 1)
	go func() { answered <- c.Call(address, token, "getMe", nil) }()
	select {
	case r := <-answered:
		return profileIn(r)
	case <-ctx.Done():
		return bot.Profile{}, errNoProfile.Because(ctx.Err())
	}
}

var (
	errNoProfile = fault.New(fault.Unavailable, "telegram_unavailable", "Telegram gave no usable answer; try again shortly")
	errNoServer  = fault.New(fault.Unavailable, "telegram_unavailable",
		"what answers there is not a Bot API server: check the bot's apiUrl, and what stands between it and Bellman")
)

// profileIn reads the answer to getMe.
func profileIn(r Result) (bot.Profile, error) {
	var proxy proxyError
	switch {
	case errors.As(r.Err, &proxy):
		return bot.Profile{}, fault.New(fault.Unavailable, "telegram_unavailable",
			"Telegram cannot be reached %s: check --telegram-proxy", proxy).Because(r.Err)
	case r.Fate == Intercepted || r.Fate == Lost && r.Code != 0 && r.Code < 500:
		return bot.Profile{}, errNoServer.Because(r.Err)
	case r.Fate != Answered || r.Code >= 500 || r.Code == 429:
		return bot.Profile{}, errNoProfile.Because(r.Err)
	case !r.OK:
		return bot.Profile{}, fault.New(fault.Invalid, "token_refused",
			"Telegram refuses this token (%s): copy the current one from @BotFather", r.Description).In("token")
	}
	var user struct {
		ID        int64  `json:"id"`
		IsBot     bool   `json:"is_bot"`
		Username  string `json:"username"`
		FirstName string `json:"first_name"`
	}
	if err := json.Unmarshal(r.Body, &user); err != nil || user.ID == 0 {
		return bot.Profile{}, errNoServer.Because(err)
	}
	return bot.Profile{TelegramID: user.ID, Username: user.Username, Name: user.FirstName}, nil
}

// dialer connects within dialTimeout, through a proxy when there is one. An error
// before the connection is established means that nothing was sent.
func (c *Client) dialer(server *url.URL) fasthttp.DialFunc {
	through := c.route(server)
	secure := c.secure.Clone()
	secure.ServerName = server.Hostname()
	d := &net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}
	return func(addr string) (net.Conn, error) {
		ctx, cancel := context.WithTimeout(context.Background(), dialTimeout)
		defer cancel()
		raw, err := connect(ctx, d, addr, through)
		if err != nil {
			return nil, errors.Join(errNotSent, err)
		}
		counted := &conn{Conn: watched(raw)}
		if server.Scheme != "https" {
			return counted, nil
		}
		t := tls.Client(counted, secure)
		if err := t.HandshakeContext(ctx); err != nil {
			return nil, errors.Join(errNotSent, err, raw.Close())
		}
		return t, nil
	}
}

// connect returns a connection to the address, through a proxy when there is one.
func connect(ctx context.Context, d *net.Dialer, addr string, through *tunnel) (net.Conn, error) {
	if through == nil {
		return d.DialContext(ctx, "tcp", addr)
	}
	c, err := d.DialContext(ctx, "tcp", through.addr)
	if err != nil {
		return nil, proxyError{fmt.Errorf("to the proxy: %w", err)}
	}
	if err := through.open(ctx, c, addr); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}
