package integration_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/access"
	"bellman/internal/api/apitest"
	"bellman/internal/api/auth"
	"bellman/internal/api/integration"
	"bellman/internal/workspace"
)

// A page in a browser reads every answer of the call that it may make, refusals too,
// and those about an address where there is nothing.
//
// spec: out-origin
func TestRefusalsHaveTheOrigin(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	services := in.Config.Services
	services.Limited, services.Door = true, auth.NewDoor(services.Keys, services.People, "", services.Log)
	served := integration.New(services)
	served.StopLimits()
	in.Handler = served
	narrow, err := in.Config.Keys.CreateKey(t.Context(), workspace.Default, "narrow", access.ScopeMessages)
	require.NoError(t, err)
	const origin, body = "https://shop.example", `{"eventTypeKey":"e","keyValue":"k"}`
	call := func(method, path, body, key string) int {
		t.Helper()
		w := in.Call(method, path, body, "Origin", origin, "Authorization", "Bearer "+key)
		require.Equal(t, origin, w.Header().Get("Access-Control-Allow-Origin"), w.Body)
		require.NotContains(t, w.Header(), "Access-Control-Allow-Credentials", "no page sends the key that the browser remembers")
		require.Equal(t, "POST, GET, PUT, OPTIONS, DELETE", w.Header().Get("Access-Control-Allow-Methods"))
		require.Equal(t, "3600", w.Header().Get("Access-Control-Max-Age"))
		require.Equal(t, []string{"Origin"}, w.Header()["Vary"], "once")
		return w.Code
	}
	require.Equal(t, http.StatusUnauthorized, call(http.MethodPost, "/api/v1/event", body, "wrong"))
	require.Equal(t, http.StatusForbidden, call(http.MethodPost, "/v2/event", body, narrow))
	require.Equal(t, http.StatusBadRequest, call(http.MethodPost, "/v3/event", "{", in.Key))
	require.Equal(t, http.StatusMethodNotAllowed, call(http.MethodGet, "/v1/event", "", in.Key))
	require.Equal(t, http.StatusNotFound, call(http.MethodGet, "/v1/evnt", "", in.Key))
	for range 349 {
		require.Equal(t, http.StatusBadRequest, call(http.MethodPost, "/v1/event", "{", in.Key))
	}
	require.Equal(t, http.StatusTooManyRequests, call(http.MethodPost, "/v1/event", "{", in.Key))
	for _, path := range []string{"/v1/contacts", "/v1/contact/9"} {
		require.Empty(t, in.Call(http.MethodGet, path, "", "Origin", origin).Header().Get("Access-Control-Allow-Origin"),
			"no page reads what only systems ask for")
	}
}
