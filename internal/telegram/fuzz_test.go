package telegram

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/outcome"
)

// FuzzErrorTexts reads answers of any status and form: the verdict is one of the
// catalogue's, only Telegram's envelope says anything about a chat or a token, and
// an error of an album's first item means what it means alone.
func FuzzErrorTexts(f *testing.F) {
	for _, a := range answers {
		f.Add(a.code, a.description, fmt.Sprintf(`{"ok":false,"error_code":%d,"description":%q}`, a.code, a.description))
	}
	f.Add(429, "Too Many Requests: retry after 30", `{"ok":false,"error_code":429,"parameters":{"retry_after":-1}}`)
	f.Add(400, `failed to send message #2 with the error message "failed to send message #1 with the error message "x""`,
		`{"ok":false,"error_code":400,"parameters":{"migrate_to_chat_id":-100}}`)
	f.Add(403, "", "<html>403 Forbidden</html>")
	f.Add(200, "", `{"ok":true,"result":{"message_id":5}}`)
	f.Fuzz(func(t *testing.T, code int, description, body string) {
		alone := Classify(Result{Fate: Answered, Code: code, Description: description})
		requireKnown(t, alone)
		if _, position := unwrapped(bare(description)); position == 0 {
			// An item's error keeps its own beginning, "Bad Request: " and the like.
			wrapped := fmt.Sprintf(`Bad Request: failed to send message #1 with the error message "%s"`, description)
			require.Equal(t, alone, Classify(Result{Fate: Answered, Code: code, Description: wrapped}), "%d %q", code, description)
		}
		for _, r := range []Result{parse(code, []byte(body)), parseSent(code, []byte(body)).waitAsHeader([]byte(description))} {
			requireKnown(t, Classify(r))
			require.GreaterOrEqual(t, r.RetryAfter, seconds(0))
			require.LessOrEqual(t, r.RetryAfter, maxRetryAfter)
			if !strings.Contains(body, "{") {
				require.Contains(t, []Class{Uncertain, NotTelegram}, Classify(r).Class, "%d %q", code, body)
			}
		}
	})
}

// requireKnown requires a class of the list, with a reason that deliveries can have.
func requireKnown(t *testing.T, v Verdict) {
	t.Helper()
	require.True(t, v.Class >= Sent && v.Class <= NotTelegram, "%v", v)
	if v.Class == Sent {
		require.Empty(t, v.Reason)
		return
	}
	known := slices.ContainsFunc(outcome.Catalogue, func(g outcome.Group) bool {
		return slices.ContainsFunc(g.Entries, func(e outcome.Entry) bool { return e.Reason == v.Reason })
	})
	require.True(t, known, "%v", v)
}
