package redirect_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"bellman/internal/api/redirect"
	"bellman/internal/bot"
	"bellman/internal/campaign"
	"bellman/internal/message"
	"bellman/internal/seal"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
	"bellman/internal/summary"
	"bellman/internal/track"
	"bellman/internal/workspace"
)

const chrome = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36"

// secret is an installation's secret key.
var secret = bytes.Repeat([]byte{7}, 32)

// start is when everything here began: links of long ago are not kept in memory.
var start = time.Now().Truncate(time.Millisecond).UTC()

// The links of the campaign that launched stores, by their places.
const (
	plain = iota
	cyrillic
	personal
	blank
	percent
)

// launched stores a campaign that has been launched and returns its id.
func launched(t testing.TB, s *store.DB) int64 {
	t.Helper()
	b, err := s.Bots.Save(t.Context(), bot.Bot{WorkspaceID: 1, AppUUID: uuid.NewString(), TelegramID: 5, Username: "b", Name: "b",
		SealedToken: []byte("x"), State: bot.Active, CreatedAt: start, UpdatedAt: start})
	require.NoError(t, err)
	content := message.Content{Version: message.Version{Text: "Sale", Buttons: [][]message.Button{
		{{Text: "Look", URL: "https://shop.example/spring?x=1#top"}},
		{{Text: "Ще", URL: "https://shop.example/знижки"}},
		{{Text: "Yours", URL: "https://shop.example/{{ contact.id }}"}},
		{{Text: "Pasted", URL: " shop.example/sale\n"}},
		{{Text: "All", URL: "https://shop.example/100%"}},
	}}}
	m := message.Message{WorkspaceID: 1, Name: "Sale", Content: content, CreatedAt: start, UpdatedAt: start}
	m.ID, err = s.Messages.CreateMessage(t.Context(), m)
	require.NoError(t, err)
	frozen, err := content.Encode()
	require.NoError(t, err)
	id, err := s.Campaigns.Create(t.Context(), campaign.Campaign{
		WorkspaceID: 1, BotID: b.ID, MessageID: m.ID, Name: "Sale", Kind: campaign.Broadcast,
		State: campaign.Draft, CreatedAt: start, UpdatedAt: start})
	require.NoError(t, err)
	_, _, err = s.Campaigns.Change(t.Context(), 1, id, func(c *campaign.Campaign) error {
		c.State, c.Content, c.LaunchedAt = campaign.Sending, frozen, start
		return nil
	})
	require.NoError(t, err)
	return id
}

// counter is a handler over a database with a launched campaign.
type counter struct {
	http.Handler
	store      *store.DB
	signer     *track.Signer
	campaignID int64
	log        *bytes.Buffer
}

// setup returns a counter in a workspace without UTM parameters.
func setup(t *testing.T, s *store.DB) *counter {
	t.Helper()
	return setupWith(t, s, workspace.UTM{})
}

func setupWith(t *testing.T, s *store.DB, utm workspace.UTM) *counter {
	t.Helper()
	_, err := workspace.New(s.Workspaces, time.Now).Update(t.Context(), 1, workspace.Settings{UTM: &utm})
	require.NoError(t, err)
	c := &counter{store: s, signer: newSigner(t), campaignID: launched(t, s), log: &bytes.Buffer{}}
	log := slog.New(slog.NewTextHandler(c.log, nil))
	service := newService(t, s.Clicks, s.Summaries, t.TempDir(), log)
	require.NoError(t, service.Warm(t.Context()))
	run(t, service)
	c.Handler = redirect.Handler(service, log)
	return c
}

func newSigner(t testing.TB) *track.Signer {
	t.Helper()
	signer := track.NewSigner(seal.Of(secret))
	return signer
}

func newService(t testing.TB, s track.Store, sent summary.Store, spool string, log *slog.Logger) *track.Service {
	t.Helper()
	service, err := newServiceOf(s, sent, spool, log)
	require.NoError(t, err)
	return service
}

func newServiceOf(s track.Store, sent summary.Store, spool string, log *slog.Logger) (*track.Service, error) {
	signer := track.NewSigner(seal.Of(secret))
	return track.New(track.Config{
		Store: s, Campaigns: summary.NewCache(sent, time.Now, log), Signer: signer, Spool: spool,
		NewID: func() string { return uuid.Must(uuid.NewV7()).String() }, Now: time.Now, Log: log,
	})
}

// run runs the service until the test ends.
func run(t testing.TB, service *track.Service) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { assertNoError(t, service.Run(ctx)) })
	t.Cleanup(func() { stop(); running.Wait() })
}

func assertNoError(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}

func (c *counter) code(link int, target string) string {
	return track.Path + c.signer.Mint(track.Code{CampaignID: c.campaignID, Seq: 2, ContactID: 3, Link: link, Target: target})
}

// get requests a path; header holds names and values in turn.
func (c *counter) get(method, path string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "http://bellman.test/", http.NoBody)
	r.URL.Path = path
	r.Header.Set("User-Agent", chrome)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	c.ServeHTTP(w, r)
	return w
}

func (c *counter) clicks(t *testing.T) []track.Click {
	t.Helper()
	clicks, err := c.store.Clicks.Clicks(context.WithoutCancel(t.Context()), c.campaignID, "", 1000)
	require.NoError(t, err)
	return clicks
}

func TestRedirect(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		c := setup(t, s)
		for i, tt := range []struct{ path, location string }{
			{c.code(plain, ""), "https://shop.example/spring?x=1#top"},
			{c.code(cyrillic, ""), "https://shop.example/%D0%B7%D0%BD%D0%B8%D0%B6%D0%BA%D0%B8"},
			{c.code(personal, "https://shop.example/3?q=a b"), "https://shop.example/3?q=a%20b"},
		} {
			w := c.get(http.MethodGet, tt.path)
			require.Equal(t, http.StatusFound, w.Code, w.Body)
			require.Equal(t, tt.location, w.Header().Get("Location"))
			require.Equal(t, "no-store", w.Header().Get("Cache-Control"))
			require.Contains(t, w.Header().Get("X-Robots-Tag"), "noindex")
			require.Empty(t, w.Body.String())
			require.Len(t, c.clicks(t), i+1, "the click is stored before the answer")
		}
		require.Equal(t, "Chrome", c.clicks(t)[0].Agent)
	})
}

func TestRedirectOfNobodyIsNotCounted(t *testing.T) {
	t.Parallel()
	c := setup(t, storetest.Open(t, storetest.SQLite(t)))
	for _, request := range [][]string{
		{http.MethodHead},
		{http.MethodGet, "Sec-Purpose", "prefetch;prerender"},
		{http.MethodGet, "Purpose", "prefetch"},
		{http.MethodGet, "X-Purpose", "preview"},
		{http.MethodGet, "X-Moz", "Prefetch"},
		{http.MethodGet, "User-Agent", "TelegramBot (like TwitterBot)"},
		{http.MethodGet, "User-Agent", "curl/8.9.1"},
	} {
		w := c.get(request[0], c.code(plain, ""), request[1:]...)
		require.Equal(t, http.StatusFound, w.Code, request)
		require.Equal(t, "https://shop.example/spring?x=1#top", w.Header().Get("Location"))
	}
	require.Empty(t, c.clicks(t))
}

func TestRedirectGetsUTM(t *testing.T) {
	t.Parallel()
	c := setupWith(t, storetest.Open(t, storetest.SQLite(t)), workspace.UTM{Source: "$messageName"})
	require.Equal(t, "https://shop.example/spring?x=1&utm_source=Sale#top", c.get(http.MethodGet, c.code(plain, "")).Header().Get("Location"))
}

func TestPages(t *testing.T) {
	t.Parallel()
	c := setup(t, storetest.Open(t, storetest.SQLite(t)))
	good := c.code(plain, "")
	// It runs when all are done.
	t.Cleanup(func() { require.Empty(t, c.clicks(t)) })
	t.Run("refused", func(t *testing.T) {
		t.Parallel()
		for name, tt := range map[string]struct {
			method, path, language string
			status                 int
			contains               string
		}{
			"damaged":             {http.MethodGet, good[:len(good)-1], "", 404, "This link does not work"},
			"shortened":           {http.MethodGet, track.Path, "", 404, "This link does not work"},
			"without a slash":     {http.MethodGet, "/r", "", 404, "This link does not work"},
			"with more":           {http.MethodGet, good + "/more", "", 404, "This link does not work"},
			"an address":          {http.MethodGet, track.Path + "https://evil.example/", "", 404, "This link does not work"},
			"mark-up":             {http.MethodGet, track.Path + "<script>alert(1)</script>", "", 404, "This link does not work"},
			"no such link":        {http.MethodGet, c.code(77, ""), "", 404, "This link does not work"},
			"in Ukrainian":        {http.MethodGet, track.Path + "x", "uk-UA,uk;q=0.9,en;q=0.8", 404, "Це посилання не працює"},
			"in Russian":          {http.MethodGet, track.Path + "x", "de, RU;q=0.9", 404, "Эта ссылка не работает"},
			"in another language": {http.MethodGet, track.Path + "x", "de,<script>", 404, "This link does not work"},
			"posted":              {http.MethodPost, good, "", 405, "can only be opened"},
			"deleted":             {http.MethodDelete, good, "", 405, "can only be opened"},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				w := c.get(tt.method, tt.path, "Accept-Language", tt.language)
				require.Equal(t, tt.status, w.Code)
				require.Contains(t, w.Body.String(), tt.contains)
				require.NotContains(t, w.Body.String(), "<script")
				require.NotContains(t, w.Body.String(), "evil")
				require.NotContains(t, w.Body.String(), "//", "nothing is loaded from elsewhere")
				require.Empty(t, w.Header().Get("Location"))
				require.Equal(t, "text/html; charset=utf-8", w.Header().Get("Content-Type"))
				require.Equal(t, "no-store", w.Header().Get("Cache-Control"))
				require.Contains(t, w.Header().Get("Content-Security-Policy"), "default-src 'none'")
				if tt.status == http.StatusMethodNotAllowed {
					require.Equal(t, "GET, HEAD", w.Header().Get("Allow"))
				}
			})
		}
	})
}

// No request is redirected anywhere but to a message's target.
func FuzzRedirect(f *testing.F) {
	for _, path := range []string{"", "/r/", "/r/x", "/r/https://evil.example", "//evil.example", "/r/%0d%0aLocation: x"} {
		f.Add(path, "en")
	}
	s, err := store.Open(context.Background(), storetest.SQLite(f))
	require.NoError(f, err)
	service := newService(f, s.Clicks, s.Summaries, f.TempDir(), slog.New(slog.DiscardHandler))
	handler := redirect.Handler(service, slog.New(slog.DiscardHandler))
	f.Cleanup(func() {
		ctx, stop := context.WithCancel(context.Background())
		stop()
		require.NoError(f, service.Run(ctx))
		require.NoError(f, s.Close())
	})
	f.Fuzz(func(t *testing.T, path, language string) {
		r := httptest.NewRequest(http.MethodGet, "http://bellman.test/", http.NoBody)
		r.URL.Path = path
		r.Header.Set("Accept-Language", language)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		require.Equal(t, http.StatusNotFound, w.Code)
		require.Empty(t, w.Header().Get("Location"))
	})
}

func TestRedirectWithoutADatabase(t *testing.T) {
	t.Parallel()
	s, err := store.Open(t.Context(), storetest.SQLite(t))
	require.NoError(t, err)
	c := setup(t, s)
	known := c.code(plain, "")
	unknown := track.Path + c.signer.Mint(track.Code{CampaignID: c.campaignID + 1})
	require.NoError(t, s.Close())
	w := c.get(http.MethodGet, known)
	require.Equal(t, http.StatusFound, w.Code, w.Body)
	w = c.get(http.MethodGet, unknown)
	require.Equal(t, http.StatusServiceUnavailable, w.Code)
	require.Contains(t, w.Body.String(), "try again in a minute")
	require.NotEmpty(t, w.Header().Get("Retry-After"))
	require.NotContains(t, w.Body.String(), "sql")
}

// TestWire checks what only a real connection shows.
func TestWire(t *testing.T) {
	t.Parallel()
	c := setup(t, storetest.Open(t, storetest.SQLite(t)))
	server := httptest.NewServer(c)
	defer server.Close()
	client := server.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	for _, tt := range []struct {
		method, path string
		status       int
		body         string
	}{
		{http.MethodGet, c.code(plain, ""), http.StatusFound, ""},
		{http.MethodHead, c.code(plain, ""), http.StatusFound, ""},
		{http.MethodHead, "/r/x", http.StatusNotFound, ""},
		// A line end in a target adds no header.
		{http.MethodGet, c.code(personal, "https://shop.example/\r\nSet-Cookie:%20a=b"), http.StatusFound, ""},
	} {
		r, err := http.NewRequestWithContext(t.Context(), tt.method, server.URL+tt.path, http.NoBody)
		require.NoError(t, err)
		answer, err := client.Do(r)
		require.NoError(t, err)
		text, err := io.ReadAll(answer.Body)
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		require.Equal(t, tt.status, answer.StatusCode)
		require.Contains(t, string(text), tt.body)
		require.Equal(t, tt.body == "", len(text) == 0)
		require.Empty(t, answer.Header.Values("Set-Cookie"))
	}
}
