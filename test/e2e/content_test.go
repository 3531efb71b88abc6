package e2e_test

import (
	"bytes"
	"encoding/json"
	"image"
	"image/png"
	"io"
	"mime/multipart"
	"net/http"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/pgtest"
	"bellman/internal/sandbox"
)

// browser is the User-Agent of a person's browser; robots are not counted.
const browser = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) " +
	"Version/17.0 Mobile/15E148 Safari/604.1"

// TestContent sends a message with everything in it: a picture that is uploaded once, values, a translation, links
// that are followed and a button that is pressed.
func TestContent(t *testing.T) {
	t.Parallel()
	for database, open := range map[string]func(*testing.T) string{
		"sqlite":   func(t *testing.T) string { t.Helper(); return filepath.Join(t.TempDir(), "bellman.db") },
		"postgres": func(t *testing.T) string { t.Helper(); return pgtest.Schema(t) },
	} {
		t.Run(database, func(t *testing.T) {
			t.Parallel()
			content(t, open(t))
		})
	}
}

func content(t *testing.T, db string) {
	t.Helper()
	sandbox := sandbox.Start(t, sandbox.Options{})
	b := startBellman(t, db, sandbox.URL(), "--public-url", "https://go.example")
	var bot struct {
		ID         int64  `json:"id"`
		AppUUID    string `json:"appUuid"`
		TelegramID int64  `json:"telegramId"`
	}
	b.post(t, "/manage/v1/bots", map[string]any{"token": botToken}, &bot)
	for _, c := range []map[string]any{
		{"externalCustomerId": "c1", "firstName": "O<lena", "languageCode": "uk-UA"}, {"externalCustomerId": "c2", "firstName": "Ann"},
	} {
		b.post(t, "/v1/contact", c, nil)
	}
	b.post(t, "/v1/apps/"+bot.AppUUID+"/tokens", map[string]any{"tokens": []map[string]any{
		{"token": "501", "externalCustomerId": "c1"}, {"token": "502", "externalCustomerId": "c2"}, {"token": "503", "externalCustomerId": "c3"},
	}}, nil)

	message := map[string]any{
		"name": "Sale", "media": []any{map[string]any{"kind": "photo", "id": b.upload(t)}},
		"text": `Hi {{ contact.firstName | default: "friend" }}, <a href="https://shop.example/sale?a=1&amp;b=2">20% off</a>`,
		"buttons": [][]map[string]any{{
			{"text": "Yours", "url": "https://shop.example/{{ contact.externalCustomerId }}"}, {"text": "Rate", "callbackData": "rate|5"},
		}},
		"translations": map[string]any{"uk": map[string]any{"text": "Вітаємо, {{ contact.firstName }}!"}},
	}
	var written struct {
		ID int64 `json:"id"`
	}
	b.post(t, "/manage/v1/messages", message, &written)
	var made campaign
	b.post(t, "/manage/v1/campaigns",
		map[string]any{"name": "c", "botId": bot.ID, "messageId": written.ID, "audience": map[string]any{"all": true}}, &made)
	b.post(t, "/manage/v1/campaigns/1/launch", nil, nil)
	eventually(t, "the campaign ends", func() bool {
		b.get(t, "/manage/v1/campaigns/1", &made)
		return made.State == "finished"
	})
	require.EqualValues(t, 3, made.Counts["sent"], made)

	texts := map[int64]string{}
	uploads := 0
	var links []string
	for _, m := range sandbox.Messages(bot.TelegramID, 0, 0, 10) {
		texts[m.Chat] = m.Text
		raw, err := json.Marshal(m)
		require.NoError(t, err)
		if m.Media != nil && m.Media.Uploaded {
			uploads++
		}
		if m.Chat == 502 {
			links = regexp.MustCompile(`https://go\.example/r/[\w-]+`).FindAllString(string(raw), -1)
		}
	}
	require.Equal(t, map[int64]string{501: "Вітаємо, O<lena!", 502: "Hi Ann, 20% off", 503: "Hi friend, 20% off"}, texts)
	require.Equal(t, 1, uploads, "the picture travels once")
	require.Len(t, links, 2)

	const utm = `utm_source=bellman-promo&utm_medium=telegram&utm_campaign=Sale&utm_content=\d+$`
	require.Regexp(t, `^https://shop\.example/sale\?a=1&b=2&`+utm, b.follow(t, links[0], browser))
	require.Regexp(t, `^https://shop\.example/c2\?`+utm, b.follow(t, links[1], browser))
	require.Regexp(t, `^https://shop\.example/c2\?`+utm, b.follow(t, links[1], "TelegramBot (like TwitterBot)"))
	b.get(t, "/manage/v1/campaigns/1", &made)
	require.EqualValues(t, 1, made.Counts["clicked"], "one person, whatever they clicked, and no robot")

	// The customer's service gets the update about a press and passes it on.
	var deliveries struct {
		Items []struct {
			delivery
			ClickedAt string `json:"clickedAt"`
		} `json:"items"`
	}
	b.get(t, "/manage/v1/campaigns/1/deliveries", &deliveries)
	require.Empty(t, deliveries.Items[2].ClickedAt)
	b.post(t, "/manage/v1/bots/1/updates", map[string]any{"update_id": 1, "callback_query": map[string]any{
		"id": "1", "from": map[string]any{"id": 503, "is_bot": false, "first_name": "x"}, "data": "rate|5",
		"message": map[string]any{
			"message_id": deliveries.Items[2].TelegramMessageID, "date": 0, "chat": map[string]any{"id": 503, "type": "private"},
		},
	}}, nil)
	b.get(t, "/manage/v1/campaigns/1/deliveries", &deliveries)
	require.NotEmpty(t, deliveries.Items[2].ClickedAt)
	var clicks struct {
		Items []struct {
			Target string `json:"target"`
			Agent  string `json:"agent"`
			Data   string `json:"data"`
		} `json:"items"`
	}
	b.get(t, "/manage/v1/campaigns/1/clicks", &clicks)
	require.Len(t, clicks.Items, 3)
	require.Equal(t, "rate|5", clicks.Items[0].Data)
	require.Equal(t, "Safari", clicks.Items[1].Agent)
	require.NoError(t, b.server.Stop())
}

// upload uploads a picture and returns its id.
func (b installation) upload(t *testing.T) int64 {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", "sale.png")
	require.NoError(t, err)
	require.NoError(t, png.Encode(part, image.NewGray(image.Rect(0, 0, 16, 16))))
	require.NoError(t, form.Close())
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+b.Address+"/manage/v1/media", &body)
	require.NoError(t, err)
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.SetBasicAuth("any", b.Key)
	resp, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }() // it was only read
	answer, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusCreated, resp.StatusCode, string(answer))
	var file struct {
		ID int64 `json:"id"`
	}
	require.NoError(t, json.Unmarshal(answer, &file))
	return file.ID
}

// follow opens a link of the public address and returns where it leads.
func (b installation) follow(t *testing.T, link, agent string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet,
		regexp.MustCompile(`^https://go\.example`).ReplaceAllString(link, "http://"+b.Address), http.NoBody)
	require.NoError(t, err)
	r.Header.Set("User-Agent", agent)
	resp, err := http.DefaultTransport.RoundTrip(r)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusFound, resp.StatusCode)
	return resp.Header.Get("Location")
}
