package outbound

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"

	"bellman/internal/webhook"
)

// maxIgnored is how much of a body is read, so that its connection can be used
// again; when there is more, the connection is closed.
const maxIgnored = 64 << 10

// Caller calls the systems of an installation's owners: it implements
// [webhook.Caller].
//
// The owners choose the addresses, inside their network or outside. They are called
// exactly as written: redirects are not followed, so that a login goes nowhere
// else, and no proxy is used. Only the status of an answer counts. It is safe for
// concurrent use.
type Caller struct{ http *http.Client }

// NewCaller returns a caller.
func NewCaller() *Caller {
	return &Caller{&http.Client{
		Transport: &http.Transport{
			DialContext:            (&net.Dialer{Timeout: webhook.CallLimit}).DialContext,
			TLSHandshakeTimeout:    webhook.CallLimit,
			MaxIdleConnsPerHost:    4,
			IdleConnTimeout:        90 * time.Second,
			MaxResponseHeaderBytes: maxIgnored,
			DisableCompression:     true,
			ForceAttemptHTTP2:      true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Close closes the connections that are not in use.
func (c *Caller) Close() { c.http.CloseIdleConnections() }

// Probe implements [webhook.Caller].
func (c *Caller) Probe(ctx context.Context, to webhook.Address) error {
	status, err := c.do(ctx, http.MethodGet, to, nil)
	if err == nil && (status < 200 || status > 299) {
		err = answered(status)
	}
	return err
}

// Post implements [webhook.Caller].
func (c *Caller) Post(ctx context.Context, to webhook.Address, body []byte) error {
	status, err := c.do(ctx, http.MethodPost, to, body)
	if err == nil && status != http.StatusOK {
		err = answered(status)
	}
	return err
}

func (c *Caller) do(ctx context.Context, method string, to webhook.Address, body []byte) (status int, err error) {
	ctx, cancel := context.WithTimeout(ctx, webhook.CallLimit)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, to.URL, bytes.NewReader(body))
	if err != nil {
		return 0, errors.New("it is not an address")
	}
	request.Header.Set("User-Agent", "Bellman")
	if method == http.MethodPost {
		request.Header.Set("Content-Type", "application/json; charset=utf-8")
	}
	if to.Login != "" {
		request.SetBasicAuth(to.Login, to.Password)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return 0, unanswered(err)
	}
	// The status has been read; an error in the rest changes nothing.
	_, _ = io.CopyN(io.Discard, response.Body, maxIgnored)
	_ = response.Body.Close()
	return response.StatusCode, nil
}

func answered(status int) error {
	name := http.StatusText(status)
	switch {
	case status >= 300 && status < 400:
		return fmt.Errorf("it answered %d %s: redirects are not followed", status, name)
	case status >= 200 && status < 300:
		return fmt.Errorf("it answered %d %s: only 200 says that the array was taken", status, name)
	}
	return fmt.Errorf("it answered %d %s", status, name)
}

// unanswered says in words why there is no answer. It leaves out the address, with
// which the error of a client begins, because it may contain a secret.
func unanswered(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) {
		return fmt.Errorf("it did not answer within %s", webhook.CallLimit)
	}
	return fmt.Errorf("it did not answer: %w", err)
}
