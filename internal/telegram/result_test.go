package telegram

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/fault"
)

// spec: tg-envelope tg-retry-after-text
func TestAnswersAreRead(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		status int
		body   string
		want   Result
	}{
		"sent":          {200, `{"ok":true,"result":{"message_id":17,"date":1}}`, Result{OK: true, Code: 200, MessageID: 17}},
		"nothing else":  {200, `{"ok":true,"result":{"message_id":17}}`, Result{OK: true, Code: 200, MessageID: 17}},
		"more after it": {200, `{"ok":true,"result":{"message_id":17},"more":1}`, Result{OK: true, Code: 200, MessageID: 17}},
		"another order": {200, `{"result":{"date":1,"message_id":17},"ok":true}`, Result{OK: true, Code: 200, MessageID: 17}},
		"an album": {200, `{"ok":true,"result":[{"message_id":17},{"message_id":18}]}`,
			Result{OK: true, Code: 200, MessageID: 17}},
		"an empty album": {200, `{"ok":true,"result":[]}`, Result{OK: true, Code: 200}},
		"no message":     {200, `{"ok":true,"result":true}`, Result{OK: true, Code: 200}},
		"no id":          {200, `{"ok":true,"result":{"message_id":}}`, Result{Fate: Lost, Code: 200}},
		"a long id": {200, `{"ok":true,"result":{"message_id":123456789012345678}}`,
			Result{OK: true, Code: 200, MessageID: 123456789012345678}},
		"too long an id":     {200, `{"ok":true,"result":{"message_id":12345678901234567890123}}`, Result{OK: true, Code: 200}},
		"one digit too long": {200, `{"ok":true,"result":{"message_id":9999999999999999999}}`, Result{OK: true, Code: 200}},
		"the longest id": {200, `{"ok":true,"result":{"message_id":9223372036854775807}}`,
			Result{OK: true, Code: 200, MessageID: 9223372036854775807}},
		"cut in the id":   {200, `{"ok":true,"result":{"message_id":17`, Result{Fate: Lost, Code: 200}},
		"cut later":       {200, `{"ok":true,"result":{"message_id":17,"da`, Result{Fate: Lost, Code: 200}},
		"a success of no": {299, `done`, Result{Fate: Lost, Code: 299}},
		"a redirection":   {300, `moved`, Result{Fate: Intercepted, Code: 300}},
		"a page":          {502, `<html>`, Result{Fate: Lost, Code: 502}},
		"no ok":           {500, `{"error_code":400}`, Result{Fate: Lost, Code: 500}},
		"an error":        {400, `{"ok":false,"error_code":403,"description":"Forbidden"}`, Result{Code: 403, Description: "Forbidden"}},
		"no code":         {400, `{"ok":false,"description":"Bad"}`, Result{Fate: Intercepted, Code: 400}},
		"a wait": {429, `{"ok":false,"error_code":429,"parameters":{"retry_after":7}}`,
			Result{Code: 429, RetryAfter: 7 * time.Second}},
		"a wait backwards": {429, `{"ok":false,"error_code":429,"parameters":{"retry_after":-7}}`, Result{Code: 429}},
		"a wait for years": {429, `{"ok":false,"error_code":429,"parameters":{"retry_after":999999999999999}}`,
			Result{Code: 429, RetryAfter: 24 * time.Hour}},
		"a wait in words": {429, `{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 30"}`,
			Result{Code: 429, Description: "Too Many Requests: retry after 30", RetryAfter: 30 * time.Second}},
		"a wait in a code": {400, `{"ok":false,"error_code":400,"description":"Bad Request: FLOOD_WAIT_12"}`,
			Result{Code: 400, Description: "Bad Request: FLOOD_WAIT_12", RetryAfter: 12 * time.Second}},
		"a wait of an album": {429, `{"ok":false,"error_code":429,` +
			`"description":"Too Many Requests: failed to send message #1 with the error message \"Too Many Requests: retry after 8\""}`,
			Result{Code: 429, RetryAfter: 8 * time.Second,
				Description: `Too Many Requests: failed to send message #1 with the error message "Too Many Requests: retry after 8"`}},
		"a code that is no number": {403, `{"ok":false,"error_code":"403","description":"Forbidden: bot was blocked by the user"}`,
			Result{Fate: Intercepted, Code: 403}},
		"an answer that is packed": {403, "\x1f\x8b\x08\x00", Result{Fate: Intercepted, Code: 403}},
		"a new id": {400, `{"ok":false,"error_code":400,"parameters":{"migrate_to_chat_id":-1001}}`,
			Result{Code: 400, MigrateTo: -1001}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := parseSent(tt.status, []byte(tt.body))
			if tt.want.Fate == NotSent {
				tt.want.Fate = Answered
			} else {
				require.Error(t, got.Err)
				got.Err = nil
			}
			require.Equal(t, tt.want, got)
		})
	}
}

// An id of usual length is read directly, up to the character that follows it; any
// other is parsed as JSON.
func TestLeadingInt(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{"7}": 7, "17,": 17, "09x": 9, "1:": 1, "2/": 2, "123456789012345678,": 123456789012345678} {
		n, ok := leadingInt([]byte(text))
		require.True(t, ok, text)
		require.Equal(t, want, n, text)
	}
	for _, text := range []string{"", "17", "}", "-1,", "1234567890123456789,", "123456789012345678"} {
		_, ok := leadingInt([]byte(text))
		require.False(t, ok, text)
	}
}

// A result stays unchanged while other calls are made: their answers are read into
// buffers that are reused.
func TestAnswerIsItsCallersOwn(t *testing.T) {
	t.Parallel()
	var calls atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprintf(w, `{"ok":true,"result":{"number":%04d}}`, 1000+calls.Add(1))
	}))
	t.Cleanup(server.Close)
	c, err := NewClient(server.URL, Proxy{})
	require.NoError(t, err)
	answers := make([]Result, 30)
	for i := range answers {
		answers[i] = c.Call("", "1:token", "getMe", nil)
	}
	for i, r := range answers {
		require.JSONEq(t, fmt.Sprintf(`{"number":%d}`, 1001+i), string(r.Body))
	}
}

// A page of something on the way says nothing about chats, messages and tokens.
// With a status that may follow a delivery, it stays unknown whether there was one.
//
// spec: tg-envelope tg-lost
func TestPagesOfOthers(t *testing.T) {
	t.Parallel()
	for status, class := range map[int]Class{
		301: NotTelegram, 302: NotTelegram, 400: NotTelegram, 401: NotTelegram, 403: NotTelegram, 404: NotTelegram, 405: NotTelegram,
		407: NotTelegram, 413: NotTelegram, 418: NotTelegram, 421: NotTelegram, 429: NotTelegram, 451: NotTelegram, 503: NotTelegram,
		521: NotTelegram, 522: NotTelegram, 525: NotTelegram, 530: NotTelegram,
		200: Uncertain, 204: Uncertain, 408: Uncertain, 499: Uncertain, 500: Uncertain, 502: Uncertain, 504: Uncertain, 520: Uncertain,
		524: Uncertain, 599: Uncertain,
	} {
		for _, body := range []string{"", "<html>Access denied</html>", "\x1f\x8b\x08", `"403"`, `{"error":"no"}`, `{"ok":false}`, "null", "[]"} {
			r := parseSent(status, []byte(body))
			require.Equal(t, class, Classify(r).Class, "%d %q", status, body)
			_, err := profileIn(r)
			require.True(t, fault.Is(err, "telegram_unavailable"), "%d %q: %v", status, body, err)
			advice := "check the bot's apiUrl"
			if class == Uncertain && status >= 500 {
				advice = "try again shortly" // Telegram's own gateways answer so
			}
			require.ErrorContains(t, err, advice, "%d %q", status, body)
		}
	}
}

// spec: tg-retry-after-header
func TestWaitAsTheHeaderSays(t *testing.T) {
	t.Parallel()
	status, body := 429, `{"ok":false,"error_code":429,"description":"Too Many Requests"}`
	var header string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", header)
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(server.Close)
	c, err := NewClient(server.URL, Proxy{})
	require.NoError(t, err)
	wait := func() time.Duration { return c.Send("", "1:token", "sendMessage", []byte("{}")).RetryAfter }
	for _, tt := range []struct {
		header string
		want   time.Duration
	}{{"17", 17 * time.Second}, {"", 0}, {"soon", 0}, {"-3", 0}, {"999999999999", maxRetryAfter}} {
		header = tt.header
		require.Equal(t, tt.want, wait(), tt.header)
	}
	header = "17"
	require.Equal(t, 17*time.Second, c.SendFiles("", "1:token", "sendPhoto", []byte("{}"), nil).RetryAfter)
	body = `{"ok":false,"error_code":429,"description":"x","parameters":{"retry_after":3}}`
	require.Equal(t, 3*time.Second, wait(), "the envelope knows better")
	body = "<html>slow down</html>"
	require.Equal(t, 17*time.Second, wait(), "a page's is honoured as well")
	status, body = 403, `{"ok":false,"error_code":403,"description":"Forbidden"}`
	require.Zero(t, wait())
}
