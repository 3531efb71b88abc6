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
	"strconv"
	"strings"
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
	status, _, err := c.do(ctx, http.MethodGet, to, nil, nil)
	if err == nil && (status < 200 || status > 299) {
		err = answered(status)
	}
	return err
}

// Post implements [webhook.Caller]. The headers are those of Standard Webhooks.
func (c *Caller) Post(ctx context.Context, to webhook.Address, m webhook.Message) (a webhook.Answer) {
	headers := map[string]string{
		"Content-Type":      "application/json; charset=utf-8",
		"Webhook-Id":        m.ID,
		"Webhook-Timestamp": strconv.FormatInt(m.At.Unix(), 10),
	}
	if m.Signature != "" {
		headers["Webhook-Signature"] = m.Signature
	}
	status, answer, err := c.do(ctx, http.MethodPost, to, headers, m.Body)
	if err != nil {
		a.Refused = err
		return a
	}
	a.Status = status
	switch a.Status {
	case http.StatusOK:
		return a
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		a.RetryAfter = retryAfter(answer)
	}
	a.Refused = answered(a.Status)
	return a
}

// do makes a call and returns the status and the headers of the answer.
func (c *Caller) do(
	ctx context.Context, method string, to webhook.Address, headers map[string]string, body []byte,
) (status int, answer http.Header, err error) {
	ctx, cancel := context.WithTimeout(ctx, webhook.CallLimit)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, to.URL, bytes.NewReader(body))
	if err != nil {
		return 0, nil, errors.New("it is not an address")
	}
	request.Header.Set("User-Agent", "Bellman")
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	if to.Login != "" {
		request.SetBasicAuth(to.Login, to.Password)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return 0, nil, unanswered(err)
	}
	// The status has been read; an error in the rest changes nothing.
	_, _ = io.CopyN(io.Discard, response.Body, maxIgnored)
	_ = response.Body.Close()
	return response.StatusCode, response.Header, nil
}

// retryAfter returns for how long the server asks to be left alone, as it is written:
// a number of seconds, or a time, which is compared with the time of the answer (RFC 9110
// §10.2.3). It is zero when there is no such header, or one that cannot be read.
func retryAfter(h http.Header) time.Duration {
	text := strings.TrimSpace(h.Get("Retry-After"))
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	until, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	answered, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return 0
	}
	return max(until.Sub(answered), 0)
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
