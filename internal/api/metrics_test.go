package api_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/access"
	"bellman/internal/api"
	"bellman/internal/api/apitest"
	"bellman/internal/workspace"
)

var anything = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "bellman_x 1\n") })

// The metrics tell of all workspaces: who reads them has a key for that, or comes by the
// operator's own address.
func TestMetricsNeedAKey(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	apitest.Scenario{Method: http.MethodGet, Path: "/metrics", Status: 404, Contains: []string{"route_not_found"}}.Check(t, in)
	in.Config.Metrics = anything
	in.Rebuild(t)
	read := func(secret string) int {
		return in.Call(http.MethodGet, "/metrics", "", "Authorization", secret).Code
	}
	require.Equal(t, http.StatusUnauthorized, read(""))
	require.Equal(t, http.StatusUnauthorized, read("Bearer bellman_x"))
	for _, scope := range access.Scopes {
		secret, err := in.Config.Keys.CreateKey(t.Context(), workspace.Default, "k", scope)
		require.NoError(t, err)
		allowed := scope == access.ScopeInstallation || scope == access.ScopeMetrics
		require.Equal(t, map[bool]int{true: 200, false: 403}[allowed], read("Bearer "+secret), scope)
	}
	installer := in.Own(t)
	require.Equal(t, http.StatusOK, installer.Call(http.MethodGet, "/metrics", "").Code)
	require.Equal(t, http.StatusForbidden, in.Join(t, workspace.Default, access.Owner).Call(http.MethodGet, "/metrics", "").Code)

	in.Config.Inside = true
	for _, path := range []string{"/metrics", "/debug/pprof/", "/debug/pprof/goroutine"} {
		require.Equal(t, http.StatusNotFound, in.Call(http.MethodGet, "/debug/pprof/", "").Code)
		w := httptest.NewRecorder()
		api.Probes(in.Config, "elsewhere").ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		require.Equal(t, http.StatusOK, w.Code, path)
	}
}

// The probes are served under no other spelling of their addresses.
func TestProbesHaveOneAddress(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	in.Config.Inside = true
	in.Config.Metrics = anything
	in.Rebuild(t)
	whole, alone := in.Handler, api.Probes(in.Config, "elsewhere")
	in.Config.Unprobed = true
	in.Rebuild(t)
	for _, name := range []string{"/metrics", "/healthz", "/readyz"} {
		escaped := fmt.Sprintf("/%%%x", name[1]) + name[2:]
		for _, path := range []string{
			name + "/", "/" + name, name + "//", "/." + name, "/x/.." + name, name + "/.", name + "/x/..", strings.ToUpper(name),
			escaped, name + "%2f", "/%2e" + name, name + ";x", name + "%20",
		} {
			for _, h := range []http.Handler{whole, alone} {
				w := httptest.NewRecorder()
				h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
				require.Equal(t, http.StatusNotFound, w.Code, path)
			}
		}
		w := httptest.NewRecorder()
		whole.ServeHTTP(w, httptest.NewRequest(http.MethodGet, name+"?a=b", nil))
		require.Equal(t, http.StatusOK, w.Code, name)
		apitest.Scenario{Method: http.MethodGet, Path: name, Status: 404}.Check(t, in)
	}
}

func TestAnswersAreCounted(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	var (
		mu  sync.Mutex
		got []string
	)
	in.Config.Answered = func(surface string, status int, took time.Duration) {
		mu.Lock()
		defer mu.Unlock()
		got = append(got, fmt.Sprint(surface, " ", status))
		require.GreaterOrEqual(t, took, time.Duration(0))
	}
	in.Rebuild(t)
	for _, s := range []apitest.Scenario{
		{Method: http.MethodGet, Path: "/manage/v1/bots", Status: 200},
		{Method: http.MethodGet, Path: "/manage/v1/bots/99", Status: 404},
		{Method: http.MethodGet, Path: "/manage/v1", Status: 404},
		{Method: http.MethodGet, Path: "//v1/contact/1/", Header: []string{"Authorization", ""}, Status: 401},
		{Method: http.MethodPost, Path: "/manage/v1/bots", Body: `{"token":"123:panic"}`, Status: 500},
		{Method: http.MethodGet, Path: "/healthz", Status: 200},
		{Method: http.MethodGet, Path: "/nothing", Status: 404},
	} {
		s.Check(t, in)
	}
	require.Equal(t, []string{"manage 200", "manage 404", "manage 404", "integration 401", "manage 500"}, got,
		"each answer of an API, once, and no other")
}

func TestProbes(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	in.Config.Metrics = anything
	in.Handler = api.Probes(in.Config, "this process only sends")
	apitest.RunAll(t, in, []apitest.Scenario{
		{Name: "health", Method: http.MethodGet, Path: "/healthz", Status: 200, Is: "ok"},
		{Name: "ready", Method: http.MethodGet, Path: "/readyz", Status: 200, Is: "ok"},
		{Name: "metrics", Method: http.MethodGet, Path: "/metrics", Status: 200, Is: "bellman_x 1"},
		{Name: "management", Method: http.MethodGet, Path: "/manage/v1/bots", Status: 404, Contains: []string{"only sends"}},
		{Name: "integration", Method: http.MethodPost, Path: "/v1/contact", Status: 404, Contains: []string{"only sends"}},
		{Name: "docs", Method: http.MethodGet, Path: "/docs", Status: 404},
	})
}

// TestReadyGivesUp asks a database that never answers.
func TestReadyGivesUp(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	var waited time.Duration
	in.Config.Ready = func(ctx context.Context) error {
		deadline, ok := ctx.Deadline()
		require.True(t, ok)
		waited = time.Until(deadline)
		return context.DeadlineExceeded
	}
	in.Handler = api.Probes(in.Config, "this process only sends")
	w := httptest.NewRecorder()
	in.Handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/readyz", nil))
	require.Equal(t, http.StatusServiceUnavailable, w.Code)
	require.LessOrEqual(t, waited, 5*time.Second)
}
