package telegram

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// spec: tg-envelope
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
		"a redirection":   {300, `moved`, Result{Code: 300, Description: "HTTP 300 without a Bot API answer"}},
		"a page":          {502, `<html>`, Result{Code: 502, Description: "HTTP 502 without a Bot API answer"}},
		"no ok":           {500, `{"error_code":400}`, Result{Code: 500, Description: "HTTP 500 without a Bot API answer"}},
		"an error":        {400, `{"ok":false,"error_code":403,"description":"Forbidden"}`, Result{Code: 403, Description: "Forbidden"}},
		"no code":         {400, `{"ok":false,"description":"Bad"}`, Result{Code: 400, Description: "Bad"}},
		"a wait": {429, `{"ok":false,"error_code":429,"parameters":{"retry_after":7}}`,
			Result{Code: 429, RetryAfter: 7 * time.Second}},
		"a wait backwards": {429, `{"ok":false,"error_code":429,"parameters":{"retry_after":-7}}`, Result{Code: 429}},
		"a wait for years": {429, `{"ok":false,"error_code":429,"parameters":{"retry_after":999999999999999}}`,
			Result{Code: 429, RetryAfter: 24 * time.Hour}},
		"a new id": {400, `{"ok":false,"error_code":400,"parameters":{"migrate_to_chat_id":-1001}}`, Result{Code: 400, MigrateTo: -1001}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := parseSent(tt.status, []byte(tt.body))
			if tt.want.Fate == Lost {
				require.Error(t, got.Err)
				got.Err = nil
			} else {
				tt.want.Fate = Answered
			}
			require.Equal(t, tt.want, got)
		})
	}
}

// An id of usual length is read at once, up to what follows it; all else takes the
// long way.
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

// What a call answered stays as it is while others are made: their answers are read
// into buffers that are used again.
func TestAnswerIsItsCallersOwn(t *testing.T) {
	t.Parallel()
	var calls atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprintf(w, `{"ok":true,"result":{"number":%04d}}`, 1000+calls.Add(1))
	}))
	t.Cleanup(server.Close)
	c, err := NewClient(server.URL)
	require.NoError(t, err)
	answers := make([]Result, 30)
	for i := range answers {
		answers[i] = c.Call("", "1:token", "getMe", nil)
	}
	for i, r := range answers {
		require.JSONEq(t, fmt.Sprintf(`{"number":%d}`, 1001+i), string(r.Body))
	}
}
