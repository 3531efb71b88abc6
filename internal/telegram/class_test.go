package telegram

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/outcome"
)

// answers are answers of the Bot API, in its words, and their meaning.
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
	{400, "Bad Request: message to delete not found", Sent, ""},
	{400, "Bad Request: message can't be deleted for everyone", Refused, "too_old"},
	{400, "Bad Request: message can't be deleted", Refused, "target_not_found"},
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
	{500, "Internal Server Error", Transient, "telegram_error"},
	{500, "Internal Server Error: restart", Uncertain, "answer_lost"},
	{500, "Internal Server Error: sent message was immediately deleted and can't be returned", Uncertain, "answer_lost"},
	{408, "Request Timeout", Uncertain, "answer_lost"},
	{520, "Web Server Returned an Unknown Error", Uncertain, "answer_lost"},
	{524, "A Timeout Occurred", Uncertain, "answer_lost"},
	{403, "Forbidden: not enough rights to send text messages to the chat", Refused, "no_rights"},
	{403, "Forbidden: have no write access to the chat", Refused, "no_rights"},
	{400, "Bad Request: have no write access to the chat", Refused, "no_rights"},
	{400, "Bad Request: user restricted receiving of voice note messages", Refused, "voice_forbidden"},
	{400, "Bad Request: CHANNEL_PRIVATE", Refused, "no_rights"},
	{400, "Bad Request: USER_DELETED", Refused, "no_rights"},
	{400, "Bad Request: CHAT_FORBIDDEN", Refused, "no_rights"},
	{400, "Bad Request: CHAT_GUEST_SEND_FORBIDDEN", Refused, "no_rights"},
	{400, "Bad Request: message to reply not found", Refused, "target_not_found"},
	{400, "Bad Request: USER_IS_BLOCKED", Gone, "bot_blocked"},
	{400, "Bad Request: INPUT_USER_DEACTIVATED", Gone, "user_deactivated"},
	{400, "Bad Request: USER_IS_BOT", Gone, "recipient_is_bot"},
	{400, "Bad Request: the bot has already been closed", BadBot, "bot_logged_out"},
	{400, "Bad Request: invalid remote file identifier specified", BadContent, "file_refused"},
	{400, "Bad Request: wrong file_id or the file is temporarily unavailable", BadContent, "file_refused"},
	{400, "Bad Request: wrong file id specified", BadContent, "file_refused"},
	{400, "Bad Request: invalid file_id specified", BadContent, "file_refused"},
	{400, "Bad Request: FILE_ID_INVALID", BadContent, "file_refused"},
	{400, "Bad Request: FILE_REFERENCE_EMPTY", BadContent, "file_refused"},
	{400, "Bad Request: FILE_REFERENCE_INVALID", BadContent, "file_refused"},
	{400, "Bad Request: MEDIA_INVALID", BadContent, "file_refused"},
	{400, "Bad Request: type of file mismatch", BadContent, "file_refused"},
	{400, "Bad Request: FILE_PART_3_MISSING", Transient, "telegram_error"},
	{400, "Bad Request: failed to upload file", Transient, "telegram_error"},
	{400, "Bad Request: MD5_CHECKSUM_INVALID", Transient, "telegram_error"},
	{400, "Bad Request: MSG_WAIT_FAILED", Transient, "telegram_error"},
	{400, "Bad Request: Group send failed", Transient, "telegram_error"},
	{400, "Bad Request: WEBPAGE_CURL_FAILED", Transient, "media_url_failed"},
	{400, "Bad Request: WEBPAGE_MEDIA_EMPTY", Transient, "media_url_failed"},
	{400, "Bad Request: Too Many Requests: retry after 5", Wait, "too_many_requests"},
	{400, "Bad Request: FLOOD_WAIT_5", Wait, "too_many_requests"},
	{420, "FLOOD_WAIT_5", Wait, "too_many_requests"},
	{503, "HTTP 503 without a Bot API answer", Transient, "telegram_error"},
	{502, "Bad Gateway", Uncertain, "answer_lost"},
	{504, "HTTP 504 without a Bot API answer", Uncertain, "answer_lost"},
	{418, "I'm a teapot", Refused, "refused"},
	{499, "Client Closed Request", Uncertain, "answer_lost"},
	{498, "Invalid Token", Refused, "refused"},
}

// spec: tg-403 tg-refused tg-file-refused tg-file-retried
func TestClassifyAnswers(t *testing.T) {
	t.Parallel()
	for _, a := range answers {
		got := Classify(Result{Fate: Answered, Code: a.code, Description: a.description})
		require.Equal(t, Verdict{a.class, outcome.Reason(a.reason)}, got, "%d %s", a.code, a.description)
	}
}

// Every rule of the catalogue matches an answer above.
func TestEveryRuleIsMet(t *testing.T) {
	t.Parallel()
	met := make([]bool, len(rules))
	for _, a := range answers {
		description, _ := unwrapped(bare(a.description))
		if i := slices.IndexFunc(rules, func(r rule) bool { return r.meets(a.code, description) }); i >= 0 {
			met[i] = true
		}
	}
	for i, r := range rules {
		require.True(t, met[i], "no answer meets the rule %d %q", r.code, r.prefix)
	}
}

// An error about an item of an album means the same as for a single message, except
// that the items before it may have arrived.
//
// spec: tg-album-error
func TestErrorsOfAlbums(t *testing.T) {
	t.Parallel()
	for _, a := range answers {
		if a.code == 401 || a.code == 404 || a.code >= 500 {
			continue
		}
		prefix := ""
		inner := a.description
		if before, after, ok := strings.Cut(a.description, ": "); ok && slices.Contains([]string{"Bad Request", "Forbidden"}, before) {
			prefix, inner = before+": ", after
		}
		for position, want := range map[int]Class{1: a.class, 2: a.class} {
			if position == 2 && (a.class == Wait || a.class == Transient && a.reason == "telegram_error") {
				want = Uncertain
			}
			description := fmt.Sprintf("%sfailed to send message #%d with the error message %q", prefix, position, inner)
			got := Classify(Result{Fate: Answered, Code: a.code, Description: description})
			require.Equal(t, want, got.Class, description)
		}
	}
	cut := Classify(Result{Fate: Answered, Code: 400, Description: "Bad Request: failed to send message #2"})
	require.Equal(t, BadContent, cut.Class)
}

func TestClassifyFates(t *testing.T) {
	t.Parallel()
	require.Equal(t, Unreachable, Classify(Result{Fate: NotSent}).Class)
	require.Equal(t, Uncertain, Classify(Result{Fate: Lost}).Class)
	require.Equal(t, Verdict{NotTelegram, outcome.NotTelegram}, Classify(Result{Fate: Intercepted, Code: 403}))
	require.Equal(t, Sent, Classify(Result{Fate: Answered, OK: true}).Class)
	require.Equal(t, Migrated, Classify(Result{
		Fate: Answered, Code: 400, Description: "Bad Request: group chat was upgraded to a supergroup chat", MigrateTo: -100,
	}).Class)
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
		{"HTML", 502, `<html>Bad Gateway</html>`, Result{Fate: Lost, Code: 502}},
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

// The reasons that remove a chat are exactly those that the catalogue of reasons
// lists.
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
