package outbound_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/outbound"
	"bellman/internal/webhook"
)

func caller(t *testing.T) *outbound.Caller {
	t.Helper()
	c := outbound.NewCaller()
	t.Cleanup(c.Close)
	return c
}

func TestWhatIsSent(t *testing.T) {
	t.Parallel()
	var got []string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		login, password, _ := r.BasicAuth()
		got = append(got, fmt.Sprintf("%s %s %s [%s] %q %q %v", r.Method, r.URL, r.Header.Get("Content-Type"), body, login, password, err))
	}))
	t.Cleanup(server.Close)
	c := caller(t)
	require.NoError(t, c.Probe(t.Context(), webhook.Address{URL: server.URL + "/in?a=1", Login: "me", Password: "p:w"}))
	require.NoError(t, c.Post(t.Context(), webhook.Address{URL: server.URL + "/in"}, webhook.Message{Body: []byte(`[{}]`)}).Refused)
	require.Equal(t, []string{
		`GET /in?a=1  [] "me" "p:w" <nil>`, `POST /in application/json; charset=utf-8 [[{}]] "" "" <nil>`,
	}, got)
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	var followed atomic.Bool
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/followed" {
			followed.Store(true)
			return
		}
		status, err := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/"))
		if err != nil {
			status = http.StatusTeapot
		}
		w.Header().Set("Location", "/followed")
		w.WriteHeader(status)
	}))
	t.Cleanup(server.Close)
	c := caller(t)
	for status, tt := range map[int]struct{ probe, post string }{
		200: {"", ""},
		202: {"", "it answered 202 Accepted: only 200 says that the array was taken"},
		204: {"", "it answered 204 No Content: only 200 says that the array was taken"},
		302: {"it answered 302 Found: redirects are not followed", "it answered 302 Found: redirects are not followed"},
		307: {"it answered 307 Temporary Redirect: redirects are not followed", "it answered 307 Temporary Redirect: redirects are not followed"},
		401: {"it answered 401 Unauthorized", "it answered 401 Unauthorized"},
		503: {"it answered 503 Service Unavailable", "it answered 503 Service Unavailable"},
	} {
		to := webhook.Address{URL: server.URL + "/" + strconv.Itoa(status)}
		for want, err := range map[string]error{
			"probe:" + tt.probe: c.Probe(t.Context(), to), "post:" + tt.post: c.Post(t.Context(), to, webhook.Message{Body: []byte("[]")}).Refused,
		} {
			_, want, _ := strings.Cut(want, ":")
			if want == "" {
				require.NoError(t, err, status)
				continue
			}
			require.EqualError(t, err, want)
		}
	}
	require.False(t, followed.Load())
}

// An array goes with the headers of Standard Webhooks; one that is not signed, without
// a signature.
func TestHeadersOfAnArray(t *testing.T) {
	t.Parallel()
	var got []string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		h := r.Header
		got = append(got, fmt.Sprint(h["Webhook-Id"], h["Webhook-Timestamp"], h["Webhook-Signature"]))
	}))
	t.Cleanup(server.Close)
	c, to := caller(t), webhook.Address{URL: server.URL}
	m := webhook.Message{ID: "msg_1", At: time.UnixMilli(1_700_000_000_999), Signature: "v1,a v1,b"}
	require.Equal(t, webhook.Answer{Status: 200}, c.Post(t.Context(), to, m))
	m.Signature = ""
	require.Equal(t, webhook.Answer{Status: 200}, c.Post(t.Context(), to, m))
	require.NoError(t, c.Probe(t.Context(), to))
	require.Equal(t, []string{"[msg_1] [1700000000] [v1,a v1,b]", "[msg_1] [1700000000] []", "[] [] []"}, got)
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	const sent = "Sun, 06 Nov 1994 08:49:37 GMT"
	for _, tt := range []struct {
		status     int
		after, now string
		want       time.Duration
	}{
		{429, "120", sent, 2 * time.Minute},
		{503, " 7 ", sent, 7 * time.Second},
		{503, "Sun, 06 Nov 1994 08:50:37 GMT", sent, time.Minute},
		{503, "Sunday, 06-Nov-94 08:50:37 GMT", sent, time.Minute},
		{503, "Sun, 06 Nov 1994 08:48:37 GMT", sent, 0},
		{503, "Sun, 06 Nov 1994 08:50:37 GMT", "today", 0},
		{500, "120", sent, 0},
		{503, "-1", sent, 0},
		{503, "1.5", sent, 0},
		{503, "99999999999999999999", sent, 0},
		{503, "soon", sent, 0},
		{503, "", sent, 0},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Date", tt.now)
			w.Header().Set("Retry-After", tt.after)
			w.WriteHeader(tt.status)
		}))
		answer := caller(t).Post(t.Context(), webhook.Address{URL: server.URL}, webhook.Message{})
		server.Close()
		require.Equal(t, tt.want, answer.RetryAfter, tt)
		require.Equal(t, tt.status, answer.Status)
		require.Error(t, answer.Refused)
	}
}

// Whatever a server writes, the time is no shorter than none.
func FuzzRetryAfter(f *testing.F) {
	f.Add("120", "Sun, 06 Nov 1994 08:49:37 GMT")
	f.Add("Sun, 06 Nov 1994 08:50:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT")
	f.Add("Fri, 31 Dec 9999 23:59:59 GMT", "Sat, 01 Jan 0000 00:00:00 GMT")
	f.Fuzz(func(t *testing.T, after, date string) {
		require.GreaterOrEqual(t, outbound.RetryAfter(http.Header{"Retry-After": {after}, "Date": {date}}), time.Duration(0))
	})
}

// Errors are shown to people and logged, so they contain neither the login nor the
// address, which may contain a key.
func TestFailuresHoldNoSecrets(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	silent := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	t.Cleanup(silent.Close)
	t.Cleanup(func() { close(release) })
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	garbled := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			_, _ = conn.Write([]byte("nonsense\r\n\r\n"))
			_ = conn.Close()
		}
	}))
	t.Cleanup(garbled.Close)
	soon, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	t.Cleanup(cancel)
	c := caller(t)
	for name, tt := range map[string]struct {
		ctx  context.Context
		url  string
		want string
	}{
		"no answer": {soon, silent.URL, "it did not answer within 10s"},
		"refused":   {t.Context(), gone.URL, "connection refused"},
		"garbled":   {t.Context(), garbled.URL, "it did not answer: "},
		"no TLS":    {t.Context(), strings.Replace(silent.URL, "http", "https", 1), "it did not answer: "},
		"no host":   {t.Context(), "http://nowhere.invalid", "it did not answer: "},
		"malformed": {t.Context(), "http://a\x7f", "it is not an address"},
	} {
		err := c.Post(tt.ctx, webhook.Address{URL: tt.url + "/in?key=S3CRET", Login: "l0gin", Password: "S3CRET"},
			webhook.Message{Body: []byte("[]")}).Refused
		require.ErrorContains(t, err, tt.want, name)
		require.NotContains(t, err.Error(), "S3CRET", name)
		require.NotContains(t, err.Error(), "l0gin", name)
	}
}

// A long body is not waited for.
func TestBodiesAreIgnored(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := w.Write(make([]byte, 32<<10)); err != nil {
				return
			}
		}
	}))
	t.Cleanup(server.Close)
	require.NoError(t, caller(t).Post(t.Context(), webhook.Address{URL: server.URL}, webhook.Message{Body: []byte("[]")}).Refused)
}
