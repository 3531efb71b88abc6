package api_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/api"
)

var anything = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "bellman_x 1\n") })

func TestMetricsAreServedToWhoeverAsks(t *testing.T) {
	t.Parallel()
	in := setup(t)
	scenario{method: http.MethodGet, path: "/metrics", status: 404, contains: []string{"route_not_found"}}.check(t, in)
	in.config.Metrics = anything
	var err error
	in.handler, err = api.Handler(in.config)
	require.NoError(t, err)
	scenario{method: http.MethodGet, path: "/metrics", header: []string{"Authorization", ""}, status: 200, is: "bellman_x 1"}.check(t, in)
}

func TestAnswersAreCounted(t *testing.T) {
	t.Parallel()
	in := setup(t)
	var (
		mu  sync.Mutex
		got []string
	)
	in.config.Answered = func(surface string, status int, took time.Duration) {
		mu.Lock()
		defer mu.Unlock()
		got = append(got, fmt.Sprint(surface, " ", status))
		require.GreaterOrEqual(t, took, time.Duration(0))
	}
	var err error
	in.handler, err = api.Handler(in.config)
	require.NoError(t, err)
	for _, s := range []scenario{
		{method: http.MethodGet, path: "/manage/v1/bots", status: 200},
		{method: http.MethodGet, path: "/manage/v1/bots/99", status: 404},
		{method: http.MethodGet, path: "/manage/v1", status: 404},
		{method: http.MethodGet, path: "//v1/contact/1/", header: []string{"Authorization", ""}, status: 401},
		{method: http.MethodPost, path: "/manage/v1/bots", body: `{"token":"123:panic"}`, status: 500},
		{method: http.MethodGet, path: "/healthz", status: 200},
		{method: http.MethodGet, path: "/nothing", status: 404},
	} {
		s.check(t, in)
	}
	require.Equal(t, []string{"manage 200", "manage 404", "manage 404", "integration 401", "manage 500"}, got,
		"each answer of an API, once, and no other")
}

func TestProbes(t *testing.T) {
	t.Parallel()
	in := setup(t)
	in.config.Metrics = anything
	in.handler = api.Probes(in.config)
	runAll(t, in, []scenario{
		{name: "health", method: http.MethodGet, path: "/healthz", status: 200, is: "ok"},
		{name: "ready", method: http.MethodGet, path: "/readyz", status: 200, is: "ok"},
		{name: "metrics", method: http.MethodGet, path: "/metrics", status: 200, is: "bellman_x 1"},
		{name: "management", method: http.MethodGet, path: "/manage/v1/bots", status: 404, contains: []string{"only sends"}},
		{name: "integration", method: http.MethodPost, path: "/v1/contact", status: 404, contains: []string{"only sends"}},
		{name: "docs", method: http.MethodGet, path: "/docs", status: 404},
	})
}

// TestReadyGivesUp asks a database that never answers.
func TestReadyGivesUp(t *testing.T) {
	t.Parallel()
	in := setup(t)
	var waited time.Duration
	in.config.Ready = func(ctx context.Context) error {
		deadline, ok := ctx.Deadline()
		require.True(t, ok)
		waited = time.Until(deadline)
		return context.DeadlineExceeded
	}
	in.handler = api.Probes(in.config)
	w := httptest.NewRecorder()
	in.handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/readyz", nil))
	require.Equal(t, http.StatusServiceUnavailable, w.Code)
	require.LessOrEqual(t, waited, 5*time.Second)
}
