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
	require.NoError(t, c.Post(t.Context(), webhook.Address{URL: server.URL + "/in"}, []byte(`[{}]`)))
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
			"probe:" + tt.probe: c.Probe(t.Context(), to), "post:" + tt.post: c.Post(t.Context(), to, []byte("[]")),
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
		err := c.Post(tt.ctx, webhook.Address{URL: tt.url + "/in?key=S3CRET", Login: "l0gin", Password: "S3CRET"}, []byte("[]"))
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
	require.NoError(t, caller(t).Post(t.Context(), webhook.Address{URL: server.URL}, []byte("[]")))
}
