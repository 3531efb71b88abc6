package telegram

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/outcome"
)

// answers are what the Bot API says, as it says it, and what that means.
var answers = []struct {
	code        int
	description string
	class       Class
	reason      string
}{
	{403, "Forbidden: bot was blocked by the user", Gone, "bot_blocked"},
	{403, "Forbidden: user is deactivated", Gone, "user_deactivated"},
	{403, "Forbidden: bot can't initiate conversation with a user", Gone, "bot_not_started"},
	{403, "Forbidden: the bot can't send messages to the bot", Gone, "recipient_is_bot"},
	{403, "Forbidden: bot can't send messages to bots", Gone, "recipient_is_bot"},
	{403, "Forbidden: bot was kicked from the supergroup chat", Gone, "bot_kicked"},
	{403, "Forbidden: bot is not a member of the channel chat", Gone, "bot_not_member"},
	{403, "Forbidden: the group chat was deleted", Gone, "group_deleted"},
	{403, "Forbidden: something new", Gone, "forbidden"},
	{400, "Bad Request: chat not found", NotFound, "chat_not_found"},
	{400, "Bad Request: private chat not found", NotFound, "chat_not_found"},
	{400, "Bad Request: user not found", NotFound, "chat_not_found"},
	{400, "Bad Request: PEER_ID_INVALID", NotFound, "chat_not_found"},
	{400, "Bad Request: USER_ID_INVALID", NotFound, "chat_not_found"},
	{400, "Bad Request: CHAT_ID_INVALID", NotFound, "chat_not_found"},
	{400, "Bad Request: group is deactivated", Gone, "group_deleted"},
	{400, "Bad Request: VOICE_MESSAGES_FORBIDDEN", Refused, "voice_forbidden"},
	{400, "Bad Request: PRIVACY_PREMIUM_REQUIRED", Refused, "privacy_premium_required"},
	{400, "Bad Request: ALLOW_PAYMENT_REQUIRED_25", Refused, "payment_required"},
	{400, "Bad Request: YOU_BLOCKED_USER", Refused, "user_blocked_by_bot"},
	{400, "Bad Request: BUTTON_USER_PRIVACY_RESTRICTED", Refused, "button_privacy"},
	{400, "Bad Request: CHAT_WRITE_FORBIDDEN", Refused, "no_rights"},
	{400, "Bad Request: CHAT_RESTRICTED", Refused, "no_rights"},
	{400, "Bad Request: CHAT_SEND_PHOTOS_FORBIDDEN", Refused, "no_rights"},
	{400, "Bad Request: CHAT_ADMIN_REQUIRED", Refused, "no_rights"},
	{400, "Bad Request: have no rights to send a message", Refused, "no_rights"},
	{400, "Bad Request: not enough rights to send text messages to the chat", Refused, "no_rights"},
	{400, "Bad Request: need administrator rights in the channel chat", Refused, "no_rights"},
	{400, "Bad Request: USER_BANNED_IN_CHANNEL", Refused, "no_rights"},
	{400, "Bad Request: TOPIC_CLOSED", Refused, "topic_closed"},
	{400, "Bad Request: TOPIC_DELETED", Refused, "topic_closed"},
	{400, "Bad Request: message thread not found", Refused, "topic_closed"},
	{400, "Bad Request: message to be replied not found", Refused, "target_not_found"},
	{400, "Bad Request: message to edit not found", Refused, "target_not_found"},
	{400, "Bad Request: message can't be edited", Refused, "target_not_found"},
	{400, "Bad Request: message to delete not found", Refused, "target_not_found"},
	{400, "Bad Request: message can't be deleted for everyone", Refused, "target_not_found"},
	{400, "Bad Request: MESSAGE_ID_INVALID", Refused, "target_not_found"},
	{400, "Bad Request: message is not modified: specified new message content is the same", Sent, ""},
	{400, "Bad Request: Logged out", BadBot, "bot_logged_out"},
	{400, "Bad Request: FROZEN_METHOD_INVALID", BadBot, "bot_frozen"},
	{400, "Bad Request: BALANCE_TOO_LOW", NoBalance, "balance_too_low"},
	{400, "Bad Request: FLOODSKIP_NOT_ALLOWED", NoBalance, "paid_not_allowed"},
	{401, "Unauthorized", BadBot, "token_refused"},
	{401, "Unauthorized: invalid token specified", BadBot, "token_refused"},
	{404, "Not Found: method not found", BadContent, "method_not_found"},
	{404, "Not Found", BadBot, "token_refused"},
	{421, "Misdirected Request: unallowed token specified", BadBot, "token_refused"},
	{400, "Bad Request: PHOTO_SAVE_FILE_INVALID", Transient, "telegram_error"},
	{400, "Bad Request: failed to get HTTP URL content", Transient, "media_url_failed"},
	{400, "Bad Request: can't parse entities: Unsupported start tag \"p\" at byte offset 0", BadContent, "content_refused"},
	{400, "Bad Request: BUTTON_URL_INVALID", BadContent, "content_refused"},
	{400, "Bad Request: wrong file identifier/HTTP URL specified", BadContent, "file_refused"},
	{400, "Bad Request: wrong remote file identifier specified: Wrong padding in the string", BadContent, "file_refused"},
	{400, "Bad Request: invalid file id", BadContent, "file_refused"},
	{400, "Bad Request: can't use file of type Animation as Video", BadContent, "file_refused"},
	{400, "Bad Request: FILE_REFERENCE_EXPIRED", BadContent, "file_refused"},
	{400, "Bad Request: message is too long", BadContent, "content_refused"},
	{413, "Request Entity Too Large", BadContent, "content_too_large"},
	{429, "Too Many Requests: retry after 7", Wait, "too_many_requests"},
	{409, "Conflict: terminated by other getUpdates request", Transient, "telegram_error"},
	{500, "Internal Server Error: restart", Transient, "telegram_error"},
	{503, "HTTP 503 without a Bot API answer", Transient, "telegram_error"},
	{502, "Bad Gateway", Uncertain, "answer_lost"},
	{504, "HTTP 504 without a Bot API answer", Uncertain, "answer_lost"},
	{418, "I'm a teapot", Refused, "refused"},
	{499, "Client Closed Request", Refused, "refused"},
}

// spec: tg-403 tg-refused
func TestClassifyAnswers(t *testing.T) {
	t.Parallel()
	for _, a := range answers {
		got := Classify(Result{Fate: Answered, Code: a.code, Description: a.description})
		require.Equal(t, Verdict{a.class, outcome.Reason(a.reason)}, got, "%d %s", a.code, a.description)
	}
}

// Every rule of the catalogue is met by an answer above.
func TestEveryRuleIsMet(t *testing.T) {
	t.Parallel()
	met := map[string]bool{}
	for _, a := range answers {
		for _, r := range rules {
			if r.code == a.code && len(r.prefix) <= len(bare(a.description)) && bare(a.description)[:len(r.prefix)] == r.prefix {
				met[r.prefix+string(rune(r.code))] = true
				break
			}
		}
	}
	for _, r := range rules {
		require.True(t, met[r.prefix+string(rune(r.code))], "no answer meets the rule %d %q", r.code, r.prefix)
	}
}

func TestClassifyFates(t *testing.T) {
	t.Parallel()
	require.Equal(t, Unreachable, Classify(Result{Fate: NotSent}).Class)
	require.Equal(t, Uncertain, Classify(Result{Fate: Lost}).Class)
	require.Equal(t, Sent, Classify(Result{Fate: Answered, OK: true}).Class)
	require.Equal(t, Migrated, Classify(Result{Fate: Answered, Code: 400, Description: "Bad Request: group chat was upgraded to a supergroup chat", MigrateTo: -100}).Class)
}

// spec: tg-envelope
func TestParseSent(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		status int
		body   string
		want   Result
	}{
		{"usual", 200, `{"ok":true,"result":{"message_id":42,"date":1}}`, Result{Fate: Answered, OK: true, Code: 200, MessageID: 42}},
		{"other order", 200, `{"result":{"date":1,"message_id":42},"ok":true}`, Result{Fate: Answered, OK: true, Code: 200, MessageID: 42}},
		{"album", 200, `{"ok":true,"result":[{"message_id":7},{"message_id":8}]}`, Result{Fate: Answered, OK: true, Code: 200, MessageID: 7}},
		{"no message", 200, `{"ok":true,"result":true}`, Result{Fate: Answered, OK: true, Code: 200}},
		{"flood", 429, `{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 3","parameters":{"retry_after":3}}`,
			Result{Fate: Answered, Code: 429, Description: "Too Many Requests: retry after 3", RetryAfter: 3 * time.Second}},
		{"absurd wait", 429, `{"ok":false,"error_code":429,"description":"x","parameters":{"retry_after":99999999999}}`,
			Result{Fate: Answered, Code: 429, Description: "x", RetryAfter: 24 * time.Hour}},
		{"migrated", 400, `{"ok":false,"error_code":400,"description":"d","parameters":{"migrate_to_chat_id":-1001}}`,
			Result{Fate: Answered, Code: 400, Description: "d", MigrateTo: -1001}},
		{"HTML", 502, `<html>Bad Gateway</html>`, Result{Fate: Answered, Code: 502, Description: "HTTP 502 without a Bot API answer"}},
		{"a success that cannot be read", 200, `{"ok":true,"result":{"message_id":4`, Result{Fate: Lost, Code: 200}},
		{"somebody else's page", 200, `welcome`, Result{Fate: Lost, Code: 200}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := parseSent(c.status, []byte(c.body))
			if c.want.Fate == Lost {
				require.Error(t, got.Err)
				got.Err = nil
			}
			require.Equal(t, c.want, got)
		})
	}
}

func FuzzParseSent(f *testing.F) {
	f.Add(200, []byte(`{"ok":true,"result":{"message_id":42}}`))
	f.Add(429, []byte(`{"ok":false,"error_code":429,"parameters":{"retry_after":-5}}`))
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		r := parseSent(status, body)
		Classify(r)
		require.NotEqual(t, NotSent, r.Fate)
		require.GreaterOrEqual(t, r.RetryAfter, time.Duration(0))
	})
}

// What removes a chat is what the catalogue says removes one, and nothing else.
func TestClassesAgreeWithTheCatalogue(t *testing.T) {
	t.Parallel()
	for _, r := range rules {
		removes := r.Class == Gone || r.Class == NotFound
		require.Equal(t, removes, r.Reason.RemovesChat(), r.Reason)
		if removes {
			require.Equal(t, outcome.Hard, r.Reason.Class(), r.Reason)
		} else {
			require.NotEqual(t, outcome.Hard, r.Reason.Class(), r.Reason)
		}
	}
}

func TestRedact(t *testing.T) {
	t.Parallel()
	require.NotContains(t, redact(errors.New("post /bot1:secret/x"), "1:secret").Error(), "secret")
}
