package main

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"

	"bellman/internal/access"
	"bellman/internal/blob"
	"bellman/internal/pgtest"
	"bellman/internal/sandbox"
	"bellman/internal/seal"
	"bellman/internal/store/storetest"
	"bellman/internal/workspace"
)

func TestRoleOfTheCommandLine(t *testing.T) {
	t.Parallel()
	for role, good := range map[string]bool{"all": true, "api": true, "sender": true, "worker": false, "": false} {
		t.Run(role, func(t *testing.T) {
			t.Parallel()
			var c cli
			parser, err := kong.New(&c)
			require.NoError(t, err)
			_, err = parser.Parse([]string{"serve", "--role=" + role})
			require.Equal(t, good, err == nil, "%v", err)
		})
	}
}

func TestADividedRoleNeedsPostgreSQL(t *testing.T) {
	t.Parallel()
	for _, r := range []role{roleAPI, roleSender} {
		t.Run(string(r), func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "bellman.db")
			err := (&serveCommand{database: database{DB: file}, Role: r}).Run(nil)
			require.ErrorContains(t, err, "the role "+string(r)+" needs PostgreSQL")
			require.NotContains(t, err.Error(), "\n")
			require.NoFileExists(t, file)
		})
	}
}

// sandbox serves a stand-in for Telegram until the test ends, and returns its
// address.
func standIn(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s := sandbox.New(sandbox.Options{})
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(listener) }()
	t.Cleanup(func() {
		require.NoError(t, s.Close())
		if err := <-ended; err != nil {
			require.ErrorIs(t, err, net.ErrClosed)
		}
	})
	return "http://" + listener.Addr().String()
}

// TestRolesDivideTheWork sends a broadcast through one process that only
// answers calls and one that only sends.
func TestRolesDivideTheWork(t *testing.T) {
	t.Parallel()
	address, telegram := pgtest.Schema(t), standIn(t)
	ring := seal.Of(seal.NewKey())
	blobs, err := blob.Open(t.Context(), t.TempDir())
	require.NoError(t, err)
	client, err := telegramServer{TelegramURL: telegram}.client()
	require.NoError(t, err)
	process := func(r role) *app {
		a, err := newApp(settings{
			db: storetest.Open(t, address), ring: ring, blobs: blobs, spool: t.TempDir(), client: client, rate: 30, owner: string(r), role: r,
			log: slog.New(slog.DiscardHandler),
		})
		require.NoError(t, err)
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			a.run(ctx)
		}()
		t.Cleanup(func() {
			stop()
			<-ended
		})
		return a
	}
	front, sender := process(roleAPI), process(roleSender)
	secret, err := front.keys.CreateKey(t.Context(), workspace.Default, "test", access.ScopeInstallation)
	require.NoError(t, err)
	call := func(a *app, method, path, body string) *httptest.ResponseRecorder {
		limit, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		r := httptest.NewRequestWithContext(limit, method, path, strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+secret)
		if body != "" {
			r.Header.Set("Content-Type", "application/json")
		}
		w := httptest.NewRecorder()
		a.handler.ServeHTTP(w, r)
		return w
	}
	b, err := front.bots.Connect(t.Context(), workspace.Default, "42:AAsecret", "")
	require.NoError(t, err)
	for _, c := range []struct{ path, body string }{
		{"/v1/apps/" + b.AppUUID + "/tokens", `{"tokens":[{"token":1,"email":"a@b.c"},{"token":2,"email":"b@b.c"},{"token":3,"email":"c@b.c"}]}`},
		{"/manage/v1/messages", `{"name":"m","text":"hello"}`},
		{"/manage/v1/campaigns", `{"name":"c","botId":1,"messageId":1,"audience":{"all":true}}`},
		{"/manage/v1/campaigns/1/launch", ``},
	} {
		w := call(front, http.MethodPost, c.path, c.body)
		require.Less(t, w.Code, 300, w.Body)
	}
	// The stream ends with the campaign.
	events := call(front, http.MethodGet, "/manage/v1/campaigns/1/progress", "").Body.String()
	require.Contains(t, events, `data: {"state":"finished","counts":{"recipients":3,"queued":0,"sending":0,"sent":3,`)

	require.Equal(t, http.StatusNotFound, call(sender, http.MethodGet, "/manage/v1/campaigns/1", "").Code)
	for _, a := range []*app{front, sender} {
		require.Equal(t, http.StatusOK, call(a, http.MethodGet, "/healthz", "").Code)
		require.Equal(t, http.StatusOK, call(a, http.MethodGet, "/readyz", "").Code)
	}
	fromFront := call(front, http.MethodGet, "/metrics", "").Body.String()
	require.Contains(t, fromFront, `bellman_http_requests_total{code="200",surface="manage"}`)
	require.Contains(t, fromFront, `bellman_database_up 1`)
	require.NotContains(t, fromFront, `bellman_sends_total`)
	fromSender := call(sender, http.MethodGet, "/metrics", "").Body.String()
	require.Contains(t, fromSender, `bellman_sends_total{lane="broadcast",outcome="sent"} 3`)
	require.Contains(t, fromSender, `bellman_leases_held 1`)
	require.Contains(t, fromSender, `bellman_sender_info{owner="sender"} 1`)
	require.NotContains(t, fromSender, "secret")
}
