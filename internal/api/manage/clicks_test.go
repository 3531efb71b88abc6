package manage_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"bellman/internal/access"
	"bellman/internal/api/auth"
	"bellman/internal/api/manage"
	"bellman/internal/api/surface"
	"bellman/internal/audit"
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

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// tracked is the management API over a database with a bot and a campaign that
// was launched.
type tracked struct {
	*manage.API
	store         *store.DB
	key           string
	bot, campaign int64
}

// withPress is a store in which one message, 4711 in chat 501, can be pressed:
// dispatch records such messages.
type withPress struct {
	track.Store
	botID, campaignID int64
}

func (s withPress) PressedDelivery(_ context.Context, p track.Press) (track.Click, error) {
	if p.BotID != s.botID || p.ChatID != 501 || p.MessageID != 4711 {
		return track.Click{}, track.ErrNotPressable
	}
	return track.Click{CampaignID: s.campaignID, Seq: 9, ContactID: 90}, nil
}

func newTracked(t *testing.T) *tracked {
	t.Helper()
	s := storetest.Open(t, storetest.SQLite(t))
	now := func() time.Time { return start }
	keys := access.NewKeys(s.Keys, now, nil)
	key, err := keys.CreateKey(t.Context(), workspace.Default, "test", access.ScopeFull)
	require.NoError(t, err)
	sealer := seal.Of(seal.NewKey())
	b, err := s.Bots.Save(t.Context(), bot.Bot{WorkspaceID: 1, AppUUID: uuid.NewString(), TelegramID: 5, Username: "b", Name: "b",
		SealedToken: []byte("x"), State: bot.Active, CreatedAt: start, UpdatedAt: start})
	require.NoError(t, err)
	in := &tracked{store: s, key: key, bot: b.ID, campaign: launch(t, s, b.ID)}
	signer := track.NewSigner(seal.Of(seal.NewKey()))
	clicks, err := track.New(track.Config{
		Store: withPress{s.Clicks, b.ID, in.campaign}, Campaigns: summary.NewCache(s.Summaries, now, slog.New(slog.DiscardHandler)),
		Signer: signer, Spool: t.TempDir(), NewID: func() string { return uuid.Must(uuid.NewV7()).String() },
		Now: now, Log: slog.New(slog.DiscardHandler),
	})
	require.NoError(t, err)
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		if err := clicks.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() { stop(); running.Wait() })
	in.API = manage.New(surface.Services{
		Keys: keys, Now: now, Audit: audit.New(s.Audit, now, slog.New(slog.DiscardHandler)),
		Door: auth.NewDoor(keys, nil, "", slog.New(slog.DiscardHandler)), Workspaces: workspace.New(s.Workspaces, time.Now),
		Bots: bot.New(s.Bots, nil, sealer, now, uuid.NewString), Clicks: clicks,
		Campaigns: campaign.New(s.Campaigns, nil, now, func() {}), Log: slog.New(slog.DiscardHandler),
	})
	return in
}

// launch stores a campaign of a message with two links.
func launch(t *testing.T, s *store.DB, botID int64) int64 {
	t.Helper()
	content := message.Content{Version: message.Version{Text: "Sale", Buttons: [][]message.Button{
		{{Text: "Look", URL: "https://shop.example/spring"}}, {{Text: "Yours", URL: "https://shop.example/{{ contact.id }}"}},
	}}}
	frozen, err := content.Encode()
	require.NoError(t, err)
	messageID, err := s.Messages.CreateMessage(t.Context(), message.Message{
		WorkspaceID: 1, Name: "Sale", Content: content, CreatedAt: start, UpdatedAt: start,
	})
	require.NoError(t, err)
	id, err := s.Campaigns.Create(t.Context(), campaign.Campaign{
		WorkspaceID: 1, BotID: botID, MessageID: messageID, Name: "Sale", Kind: campaign.Broadcast,
		State: campaign.Draft, CreatedAt: start, UpdatedAt: start})
	require.NoError(t, err)
	_, _, err = s.Campaigns.Change(t.Context(), 1, id, func(c *campaign.Campaign) error {
		c.State, c.Content, c.LaunchedAt = campaign.Sending, frozen, start
		return nil
	})
	require.NoError(t, err)
	return id
}

// call makes a call, expects the status, and decodes the answer into out,
// unless that is nil.
func (in *tracked) call(t *testing.T, status int, method, path, body string, out any) string {
	t.Helper()
	r := httptest.NewRequest(method, manage.Prefix+path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+in.key)
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	in.ServeHTTP(w, r)
	require.Equal(t, status, w.Code, w.Body)
	if out != nil {
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), out))
	}
	return w.Body.String()
}

type clicksPage struct {
	Items []struct {
		ID, At, Target, Agent, Data string
		ContactID, Seq              int64
		Link                        *int
	}
	NextCursor string
}

func TestClicks(t *testing.T) {
	t.Parallel()
	in := newTracked(t)
	var stored []track.Click
	for i := range 5 {
		c := track.Click{
			ID: uuid.Must(uuid.NewV7()).String(), CampaignID: in.campaign, Seq: int64(i % 3), ContactID: 70, Link: i % 2, Agent: "Chrome", At: start,
		}
		if c.Link == 1 {
			c.Target = "https://shop.example/70"
		}
		stored = append(stored, c)
	}
	require.NoError(t, in.store.Clicks.RecordClicks(t.Context(), stored))
	path := fmt.Sprintf("/campaigns/%d/clicks", in.campaign)
	var first, rest clicksPage
	in.call(t, http.StatusOK, http.MethodGet, path+"?limit=3", "", &first)
	require.Len(t, first.Items, 3)
	require.Equal(t, stored[4].ID, first.Items[0].ID, "newest first")
	require.Equal(t, "https://shop.example/spring", first.Items[0].Target)
	require.Equal(t, "https://shop.example/70", first.Items[1].Target)
	require.Equal(t, []any{"2026-03-01T12:00:00.000Z", "Chrome", int64(70), int64(1), 0},
		[]any{first.Items[0].At, first.Items[0].Agent, first.Items[0].ContactID, first.Items[0].Seq, *first.Items[0].Link})
	in.call(t, http.StatusOK, http.MethodGet, path+"?limit=3&cursor="+first.NextCursor, "", &rest)
	require.Len(t, rest.Items, 2)
	require.Equal(t, stored[0].ID, rest.Items[1].ID)
	require.Empty(t, rest.NextCursor)

	for _, cursor := range []string{"!", "NTA", "%27%20OR%201"} {
		require.Contains(t, in.call(t, http.StatusUnprocessableEntity, http.MethodGet, path+"?cursor="+cursor, "", nil),
			`"code":"cursor_invalid"`)
	}
	for _, of := range []string{"/clicks", "/links"} {
		require.Contains(t, in.call(t, http.StatusNotFound, http.MethodGet, "/campaigns/99"+of, "", nil), `"code":"campaign_not_found"`)
	}
	var links struct {
		Items []struct {
			Link           int
			Target, Button string
			Clicks, People int64
		}
	}
	in.call(t, http.StatusOK, http.MethodGet, fmt.Sprintf("/campaigns/%d/links", in.campaign), "", &links)
	require.Len(t, links.Items, 2)
	require.Equal(t, "https://shop.example/spring", links.Items[0].Target)
	require.Equal(t, "Look", links.Items[0].Button)
	require.Equal(t, []int64{3, 3, 2, 2}, []int64{links.Items[0].Clicks, links.Items[0].People, links.Items[1].Clicks, links.Items[1].People})
}

func TestUpdates(t *testing.T) {
	t.Parallel()
	in := newTracked(t)
	path := fmt.Sprintf("/bots/%d/updates", in.bot)
	pressed := func(chatID, messageID int64) string {
		return fmt.Sprintf(`{"update_id":1,"callback_query":{"id":"4382bf","from":{"id":501,"is_bot":false,"first_name":"O"},
			"chat_instance":"-7","data":"rate:5","message":{"message_id":%d,"date":1,"chat":{"id":%d,"type":"private"},"text":"Sale",
			"reply_markup":{"inline_keyboard":[[{"text":"5","callback_data":"rate:5"}]]}}}}`, messageID, chatID)
	}
	const handled, passedOver = `{"handled":true}`, `{"handled":false}`
	for name, tt := range map[string]struct {
		body   string
		status int
		want   string
	}{
		"of nobody":          {pressed(502, 4711), 200, passedOver},
		"another message":    {pressed(501, 4712), 200, passedOver},
		"a message":          {`{"update_id":2,"message":{"message_id":4,"chat":{"id":501},"text":"/start"}}`, 200, passedOver},
		"of inline mode":     {`{"update_id":3,"callback_query":{"id":"7","inline_message_id":"x","data":"y"}}`, 200, passedOver},
		"empty":              {`{}`, 200, passedOver},
		"not an update":      {`[]`, 422, "invalid_request"},
		"id of a wrong type": {`{"callback_query":{"id":7}}`, 422, "callback_query.id"},
		"not JSON":           {`{"callback_query":`, 400, "body_not_json"},
	} {
		require.Contains(t, in.call(t, tt.status, http.MethodPost, path, tt.body, nil), tt.want, name)
	}
	require.Contains(t, in.call(t, http.StatusNotFound, http.MethodPost, "/bots/99/updates", pressed(501, 4711), nil),
		`"code":"bot_not_found"`)
	var page clicksPage
	in.call(t, http.StatusOK, http.MethodGet, fmt.Sprintf("/campaigns/%d/clicks", in.campaign), "", &page)
	require.Empty(t, page.Items)

	for range 2 {
		require.Contains(t, in.call(t, http.StatusOK, http.MethodPost, path, pressed(501, 4711), nil), handled)
	}
	in.call(t, http.StatusOK, http.MethodGet, fmt.Sprintf("/campaigns/%d/clicks", in.campaign), "", &page)
	require.Len(t, page.Items, 1, "the same press counts once")
	require.Equal(t, []any{"rate:5", int64(9), int64(90), (*int)(nil)},
		[]any{page.Items[0].Data, page.Items[0].Seq, page.Items[0].ContactID, page.Items[0].Link})
}

func TestUTMSettings(t *testing.T) {
	t.Parallel()
	in := newTracked(t)
	require.Contains(t, in.call(t, http.StatusOK, http.MethodGet, "/workspace", "", nil), defaultUTM)
	require.Contains(t, in.call(t, http.StatusOK, http.MethodPatch, "/workspace", `{"utm":{"source":"bellman","medium":"$mediaType"}}`, nil),
		`"utm":{"source":"bellman","medium":"$mediaType"}`)
	require.Contains(t, in.call(t, http.StatusOK, http.MethodPatch, "/workspace", `{"phoneRegion":"UA"}`, nil), `"medium":"$mediaType"`)
	require.Contains(t, in.call(t, http.StatusUnprocessableEntity, http.MethodPatch, "/workspace", `{"utm":{"term":"$groupName"}}`, nil),
		`"code":"utm_variable_unknown"`)
	require.Contains(t, in.call(t, http.StatusOK, http.MethodPatch, "/workspace", `{"utm":{"term":"x"}}`, nil), `"utm":{"term":"x"}`)
}
