package manage_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/access"
	"bellman/internal/api/auth"
	"bellman/internal/api/manage"
	"bellman/internal/api/surface"
	"bellman/internal/audit"
	"bellman/internal/outbound"
	"bellman/internal/seal"
	"bellman/internal/store/storetest"
	"bellman/internal/webhook"
	"bellman/internal/workspace"
)

func TestWebhooks(t *testing.T) {
	t.Parallel()
	var down atomic.Bool
	system := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, password, _ := r.BasicAuth(); down.Load() || password != "wonderland" {
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	t.Cleanup(system.Close)
	calls := outbound.NewCaller()
	t.Cleanup(calls.Close)
	s := storetest.Open(t, storetest.SQLite(t))
	now := func() time.Time { return time.Unix(1_800_000_000, 0) }
	keys := access.NewKeys(s.Keys, now, nil)
	key, err := keys.CreateKey(t.Context(), workspace.Default, "test", access.ScopeFull)
	require.NoError(t, err)
	ring := seal.Of(seal.NewKey())
	l := library{manage.New(surface.Services{
		Keys: keys, Now: now, Audit: audit.New(s.Audit, now, slog.New(slog.DiscardHandler)),
		Door: auth.NewDoor(keys, nil, "", slog.New(slog.DiscardHandler)), Workspaces: workspace.New(s.Workspaces, time.Now),
		Webhooks: webhook.New(s.Webhooks, calls, ring, now, nil), Log: slog.New(slog.DiscardHandler),
	}), s, key}

	refused := l.expect(t, http.StatusUnprocessableEntity, http.MethodPost, "/webhooks", `{"name":"Shop","url":"`+system.URL+`"}`)
	require.Equal(t, []any{"webhook_unreachable", "url"}, []any{refused["code"], refused["field"]})
	require.Contains(t, refused["detail"], "401")
	w := l.expect(t, http.StatusCreated, http.MethodPost, "/webhooks",
		`{"name":"Shop","url":"`+system.URL+`/in","login":"alice","password":"wonderland","statuses":["CLICKED","DELIVERED"]}`)
	want := map[string]any{
		"id": 1.0, "name": "Shop", "url": system.URL + "/in", "login": "alice", "statuses": []any{"DELIVERED", "CLICKED"},
		"state": "active", "signed": false,
		"attempts": 0.0, "waiting": 0.0, "createdAt": "2027-01-15T08:00:00.000Z", "updatedAt": "2027-01-15T08:00:00.000Z",
	}
	require.Equal(t, want, w)
	require.Equal(t, []any{want}, l.expect(t, http.StatusOK, http.MethodGet, "/webhooks", "")["items"])
	require.Equal(t, want, l.expect(t, http.StatusOK, http.MethodGet, "/webhooks/1", ""))

	w = l.expect(t, http.StatusOK, http.MethodPatch, "/webhooks/1", `{"state":"paused","statuses":["SENT"]}`)
	require.Equal(t, []any{"paused", "by_hand", []any{"SENT"}, "alice"}, []any{w["state"], w["stateReason"], w["statuses"], w["login"]})
	for body, code := range map[string]string{
		`{"statuses":["READ"]}`: "webhook_status_unknown", `{"statuses":[]}`: "webhook_statuses_missing", `{"name":""}`: "name_invalid",
		`{"url":"http://127.0.0.1:1/"}`: "webhook_password_missing", `{"url":"ftp://a"}`: "webhook_url_invalid",
		`{"password":"x"}`: "webhook_unreachable",
	} {
		require.Equal(t, code, l.expect(t, http.StatusUnprocessableEntity, http.MethodPatch, "/webhooks/1", body)["code"], body)
	}
	secret := l.expect(t, http.StatusOK, http.MethodPost, "/webhooks/1/secret", "")["secret"]
	require.Regexp(t, "^whsec_[A-Za-z0-9+/]{43}=$", secret)
	w = l.expect(t, http.StatusOK, http.MethodGet, "/webhooks/1", "")
	require.Equal(t, true, w["signed"])
	require.NotContains(t, fmt.Sprint(w), secret, "it is shown once")
	require.Empty(t, l.expect(t, http.StatusOK, http.MethodGet, "/webhooks/1/attempts", "")["items"])
	l.expect(t, http.StatusNotFound, http.MethodPost, "/webhooks/2/secret", "")
	l.expect(t, http.StatusNotFound, http.MethodGet, "/webhooks/2/attempts", "")
	l.expect(t, http.StatusAccepted, http.MethodPost, "/webhooks/1/replay", `{"since":"2027-01-15T07:00:00Z"}`)
	require.Equal(t, "webhook_attempt_not_found",
		l.expect(t, http.StatusNotFound, http.MethodPost, "/webhooks/1/replay", `{"attempt":5}`)["code"])
	require.Equal(t, "webhook_replay_invalid",
		l.expect(t, http.StatusUnprocessableEntity, http.MethodPost, "/webhooks/1/replay", `{}`)["code"])
	taken := l.expect(t, http.StatusConflict, http.MethodPost, "/webhooks",
		`{"name":"Again","url":"`+system.URL+`/in","login":"alice","password":"wonderland"}`)
	require.Equal(t, []any{"webhook_address_taken", "url"}, []any{taken["code"], taken["field"]})
	require.Equal(t, map[string]any{"ok": true}, l.expect(t, http.StatusOK, http.MethodPost, "/webhooks/1/probe", ""))
	down.Store(true)
	require.Equal(t, map[string]any{"ok": false, "error": "it answered 401 Unauthorized"},
		l.expect(t, http.StatusOK, http.MethodPost, "/webhooks/1/probe", ""))
	l.expect(t, http.StatusNoContent, http.MethodDelete, "/webhooks/1", "")
	require.Equal(t, "webhook_not_found", l.expect(t, http.StatusNotFound, http.MethodGet, "/webhooks/1", "")["code"])
}
