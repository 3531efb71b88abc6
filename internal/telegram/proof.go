package telegram

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/valyala/fasthttp"
)

// proofTimeout limits how long a new connection may take to show that it is served.
// Telegram holds a throttled call for up to 8 s.
const proofTimeout = 15 * time.Second

// proving is a new connection, which carries no message before it has shown that a
// Bot API server answers on it. Servers and what stands before them accept
// connections that they then close, because they are full or restart: the message
// that went out on such a connection would be lost. So a getMe goes first, which may
// be lost without harm.
type proving struct {
	net.Conn

	host string
	// again connects once more.
	again  func() (net.Conn, error)
	proved bool
}

// proved makes connections that prove themselves. Host is the name of the server
// with its port, as requests have it.
func proved(dial fasthttp.DialFunc, host string) fasthttp.DialFunc {
	return func(addr string) (net.Conn, error) {
		raw, err := dial(addr)
		if err != nil {
			return nil, err
		}
		return &proving{Conn: raw, host: host, again: func() (net.Conn, error) { return dial(addr) }}, nil
	}
}

// Write implements net.Conn. The first write begins a request, of which nothing
// leaves unless the connection is served.
func (c *proving) Write(p []byte) (int, error) {
	if !c.proved {
		if err := c.prove(p); err != nil {
			return 0, errors.Join(errNotSent, err)
		}
		c.proved = true
	}
	return c.Conn.Write(p)
}

// Handshake does nothing. By it fasthttp knows that TLS, where there is any, is below
// this connection already.
func (c *proving) Handshake() error { return nil }

// prove makes a getMe for the bot whose request is to be written.
func (c *proving) prove(request []byte) error {
	path, isProof := proofPath(request)
	if isProof {
		return nil
	}
	proof := fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: %s\r\nContent-Length: 0\r\n\r\n", path, c.host, contentType)
	if _, err := c.Conn.Write(proof); err != nil {
		return err
	}
	if err := c.Conn.SetReadDeadline(time.Now().Add(proofTimeout)); err != nil {
		return err
	}
	answers := bufio.NewReader(c.Conn)
	// The deadline of the request's own answer is set by whoever waits for it.
	resp, err := http.ReadResponse(answers, &http.Request{Method: http.MethodPost})
	if err != nil {
		return err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return err
	}
	if r := parse(resp.StatusCode, body); r.Fate != Answered || len(body) > maxAnswer {
		return intercepted{resp.StatusCode} // which nobody reads on
	}
	if err := resp.Body.Close(); err != nil {
		return err
	}
	if !resp.Close && answers.Buffered() == 0 {
		return nil
	}
	// A server that serves one request on each connection serves the next one too.
	_ = c.Conn.Close() // nothing is on it any more
	if c.Conn, err = c.again(); err != nil {
		return err
	}
	return c.Conn.SetWriteDeadline(time.Now().Add(uploadTimeout))
}

// proofPath returns the path of a getMe for the bot of a request, and whether the
// request is one that sends nothing itself.
func proofPath(request []byte) (path []byte, isProof bool) {
	_, target, _ := bytes.Cut(request, []byte(" "))
	target, _, _ = bytes.Cut(target, []byte(" "))
	cut := bytes.LastIndexByte(target, '/') + 1
	method := string(target[cut:])
	return append(bytes.Clone(target[:cut]), "getMe"...), method == "getMe"
}

// intercepted is why a connection is not served: something on the way answered.
type intercepted struct{ status int }

// Error implements error.
func (e intercepted) Error() string { return strange(e.status).Err.Error() }
