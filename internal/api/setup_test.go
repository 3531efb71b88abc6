package api_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"bellman/internal/access"
	"bellman/internal/activity"
	"bellman/internal/api"
	"bellman/internal/audience"
	"bellman/internal/blob"
	"bellman/internal/bot"
	"bellman/internal/campaign"
	"bellman/internal/contact"
	events "bellman/internal/event"
	"bellman/internal/fault"
	"bellman/internal/fetch"
	"bellman/internal/imports"
	"bellman/internal/media"
	"bellman/internal/message"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
	"bellman/internal/track"
)

// telegram stands in for Telegram: a token is good unless it ends in
// "revoked", and the server is down for one that ends in "down".
type telegram struct{}

func (telegram) GetMe(_ context.Context, _, token string) (bot.Profile, error) {
	number, secret, _ := strings.Cut(token, ":")
	switch {
	case strings.HasSuffix(secret, "revoked"):
		return bot.Profile{}, fault.New(fault.Invalid, "token_refused", "Telegram refuses this token").In("token")
	case strings.HasSuffix(secret, "down"):
		return bot.Profile{}, fault.New(fault.Unavailable, "telegram_unavailable", "Telegram does not answer")
	case strings.HasSuffix(secret, "panic"):
		panic("telegram stand-in: asked to panic")
	}
	var id int64
	if _, err := fmt.Sscan(number, &id); err != nil {
		return bot.Profile{}, err
	}
	return bot.Profile{TelegramID: id, Username: "acme_bot", Name: "Acme"}, nil
}

// installation is a whole Bellman, as far as the APIs go, on SQLite.
type installation struct {
	config  api.Config
	handler http.Handler
	store   *store.Store
	key     string
	log     *logbook
	down    atomic.Bool
}

const goodToken = "123456:AAgood"

func setup(tb testing.TB) *installation {
	tb.Helper()
	return setupOn(tb, storetest.Open(tb, storetest.SQLite(tb)))
}

// setupOn returns an installation on a database of any engine.
func setupOn(tb testing.TB, s *store.Store) *installation {
	tb.Helper()
	ctx := context.Background()
	// Every look at the clock is a second later, so that what was changed shows.
	var ticks atomic.Int64
	now := func() time.Time { return time.Unix(1_800_000_000+ticks.Add(1), 123_456_789) }
	in := &installation{store: s, log: &logbook{}}
	sealer, err := bot.NewSealer(bot.NewKey())
	require.NoError(tb, err)
	keys := access.New(s, now, nil)
	in.key, err = keys.CreateKey(ctx, access.DefaultWorkspace, "test", access.ScopeFull)
	require.NoError(tb, err)
	blobs, err := blob.Open(ctx, filepath.Join(tb.TempDir(), "media"))
	require.NoError(tb, err)
	uploads := media.New(s, blobs, now, uuid.NewString)
	messages := message.New(s, uploads, now)
	signer, err := track.NewSigner(bot.NewKey())
	require.NoError(tb, err)
	clicks, err := track.New(track.Config{
		Store: s, Signer: signer, Spool: filepath.Join(tb.TempDir(), "clicks"), NewID: uuid.NewString, Now: now, Log: slog.New(slog.DiscardHandler),
	})
	require.NoError(tb, err)
	counting, stop := context.WithCancel(ctx)
	counted := make(chan error, 1)
	go func() { counted <- clicks.Run(counting) }()
	tb.Cleanup(func() {
		stop()
		require.NoError(tb, <-counted)
	})
	in.config = api.Config{
		Access:    keys,
		Bots:      bot.New(s, telegram{}, sealer, now, uuid.NewString),
		Contacts:  contact.New(s, now),
		Messages:  messages,
		Media:     uploads,
		Clicks:    clicks,
		Groups:    audience.New(s, now),
		Events:    events.New(s, now),
		Now:       now,
		Campaigns: campaign.New(s, messages, now, func() {}),
		Triggers:  campaign.NewTriggers(s, messages, now, uuid.NewString, func() {}),
		Activity:  activity.New(s),
		Ready: func(ctx context.Context) error {
			if in.down.Load() {
				return io.ErrClosedPipe
			}
			return s.Ping(ctx)
		},
		Log: slog.New(slog.NewJSONHandler(in.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	in.config.Imports = imports.New(imports.Config{
		Store: s, Access: keys, Contacts: in.config.Contacts, Groups: in.config.Groups, Events: in.config.Events,
		Files: fetch.New(fetch.Public), Now: now, NewID: uuid.NewString,
	})
	in.handler, err = api.Handler(in.config)
	require.NoError(tb, err)
	return in
}

// logbook is a log that can be read while it is written.
type logbook struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logbook) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// call sends a request with the installation's key.
func (in *installation) call(method, path, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "http://bellman.test/", strings.NewReader(body))
	r.URL.Path, r.URL.RawQuery, _ = strings.Cut(path, "?")
	r.SetBasicAuth("any", in.key)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	in.handler.ServeHTTP(w, r)
	return w
}

// connect connects a bot and returns its app_uuid.
func (in *installation) connect(tb testing.TB) string {
	tb.Helper()
	w := in.call(http.MethodPost, "/manage/v1/bots", `{"token":"`+goodToken+`"}`)
	require.Equal(tb, http.StatusCreated, w.Code, w.Body)
	return field[string](tb, w, "appUuid")
}

// scenario is one request and what is expected of its answer.
type scenario struct {
	name   string
	method string
	path   string
	body   string
	// header holds names and values in turn.
	header []string
	status int
	// is is the whole body, contains and lacks are parts of it.
	is       string
	contains []string
	lacks    []string
	// answered holds names and values of the answer's headers in turn.
	answered []string
}

func (s scenario) check(t *testing.T, in *installation) {
	t.Helper()
	w := in.call(s.method, s.path, s.body, s.header...)
	require.Equal(t, s.status, w.Code, w.Body)
	if s.is != "" {
		require.Equal(t, s.is, strings.TrimSuffix(w.Body.String(), "\n"))
	}
	for _, part := range s.contains {
		require.Contains(t, w.Body.String(), part)
	}
	for _, part := range s.lacks {
		require.NotContains(t, w.Body.String(), part)
	}
	for i := 0; i < len(s.answered); i += 2 {
		require.Equal(t, s.answered[i+1], w.Header().Get(s.answered[i]))
	}
}

// runAll runs scenarios that do not depend on each other.
func runAll(t *testing.T, in *installation, scenarios []scenario) {
	t.Helper()
	for _, s := range scenarios {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			s.check(t, in)
		})
	}
}
