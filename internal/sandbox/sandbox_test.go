package sandbox_test

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/sandbox"
)

const botID = 123456

var token = sandbox.Token(botID)

// reply is an answer of the Bot API.
type reply struct {
	Status      int             `json:"-"`
	RetryHeader string          `json:"-"`
	OK          bool            `json:"ok"`
	Result      json.RawMessage `json:"result"`
	ErrorCode   int             `json:"error_code"`
	Description string          `json:"description"`
	Parameters  struct {
		RetryAfter int   `json:"retry_after"`
		MigrateTo  int64 `json:"migrate_to_chat_id"`
	} `json:"parameters"`
}

type object = map[string]any

// start serves a sandbox, without limits unless the options set some.
func start(t *testing.T, o sandbox.Options) *sandbox.Sandbox {
	t.Helper()
	if o.Rates == (sandbox.Rates{}) {
		o.Rates = sandbox.Lifted()
	}
	return sandbox.Start(t, o)
}

// call posts parameters as JSON.
func call(t *testing.T, s *sandbox.Sandbox, method string, parameters any) reply {
	t.Helper()
	body, err := json.Marshal(parameters)
	require.NoError(t, err)
	return post(t, s.URL()+"/bot"+token+"/"+method, "application/json", string(body))
}

func post(t *testing.T, address, contentType, body string) reply {
	t.Helper()
	response, err := http.Post(address, contentType, strings.NewReader(body))
	require.NoError(t, err)
	return read(t, response)
}

func read(t *testing.T, response *http.Response) reply {
	t.Helper()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, "application/json", response.Header.Get("Content-Type"), "%s", body)
	r := reply{}
	require.NoError(t, json.Unmarshal(body, &r), "%s", body)
	r.Status, r.RetryHeader = response.StatusCode, response.Header.Get("Retry-After")
	if r.OK {
		require.Equal(t, http.StatusOK, r.Status)
	} else {
		require.Equal(t, r.Status, r.ErrorCode)
	}
	return r
}

// result is the answer as an object.
func (r reply) result(t *testing.T) object {
	t.Helper()
	require.True(t, r.OK, r.Description)
	m := object{}
	require.NoError(t, json.Unmarshal(r.Result, &m))
	return m
}

func TestTokens(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{})
	for _, c := range []struct {
		path        string
		status      int
		description string
	}{
		{"/bot123:AAb-_9/getMe", 200, ""},
		{"/bot123%3AAAb/getMe", 200, ""},
		{"/bot123:AAb/GETme", 200, ""},
		{"/bot123:AAb/getYou", 404, "Not Found: method not found"},
		{"/bot123:AAb/", 404, "Not Found"},
		{"/bot123:AAb", 404, "Not Found"},
		{"/bot123/getMe", 404, "Not Found"},
		{"/botbot123:AAb/getMe", 404, "Not Found"},
		{"/bot:AAb/getMe", 404, "Not Found"},
		{"/other", 404, "Not Found"},
		{"/bot0123:AAb/getMe", 401, "Unauthorized: invalid token specified"},
		{"/bot123:/getMe", 401, "Unauthorized: invalid token specified"},
		{"/bot123:A b/getMe", 401, "Unauthorized: invalid token specified"},
		{"/bot123:A%20b/getMe", 401, "Unauthorized: invalid token specified"},
		{"/bot18014398509481984:AAb/getMe", 401, "Unauthorized: invalid token specified"},
		{"/bot99999999999999999999:AAb/getMe", 401, "Unauthorized: invalid token specified"},
		{"/bot1:" + strings.Repeat("A", 78) + "/getMe", 200, ""},
		{"/bot1:" + strings.Repeat("A", 79) + "/getMe", 401, "Unauthorized: invalid token specified"},
	} {
		r := get(t, s.URL()+strings.ReplaceAll(c.path, " ", "%20"))
		require.Equal(t, c.status, r.Status, c.path)
		require.Equal(t, c.description, r.Description, c.path)
	}
}

func get(t *testing.T, address string) reply {
	t.Helper()
	response, err := http.Get(address)
	require.NoError(t, err)
	return read(t, response)
}

func TestBots(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{})
	me := call(t, s, "getMe", object{}).result(t)
	require.InDelta(t, botID, me["id"], 0)
	require.Equal(t, "sandbox123456_bot", me["username"])
	require.Equal(t, true, me["is_bot"])

	require.NoError(t, s.SetBot(sandbox.Bot{ID: botID, Token: token, Name: "Shop", Username: "shop_bot"}))
	require.Equal(t, "Shop", call(t, s, "getMe", object{}).result(t)["first_name"])
	other := get(t, s.URL()+"/bot123456:other/getMe")
	require.Equal(t, 401, other.Status)
	require.Equal(t, "Unauthorized", other.Description)

	s.Revoke(botID)
	require.Equal(t, "Unauthorized", call(t, s, "sendMessage", object{"chat_id": 1, "text": "x"}).Description)
	require.Error(t, s.SetBot(sandbox.Bot{ID: 5, Token: "6:AA"}))
	require.Error(t, s.SetBot(sandbox.Bot{}))
	require.Equal(t, "shop_bot", s.Bots()[0].Username)
	require.Empty(t, s.Bots()[0].Token)
}

// TestParameters sends the same message in every form in which parameters can come.
func TestParameters(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{})
	address := s.URL() + "/bot" + token + "/sendMessage"
	form := url.Values{"chat_id": {"42"}, "text": {"a&b=c + ü"}, "protect_content": {"True"}}

	var multi bytes.Buffer
	writer := multipart.NewWriter(&multi)
	for name, values := range form {
		require.NoError(t, writer.WriteField(name, values[0]))
	}
	require.NoError(t, writer.Close())

	for name, r := range map[string]reply{
		"query":     get(t, address+"?"+form.Encode()),
		"form":      post(t, address, "application/x-www-form-urlencoded", form.Encode()),
		"multipart": post(t, address, writer.FormDataContentType(), multi.String()),
		"json":      post(t, address, "application/json; charset=utf-8", `{"chat_id":42,"text":"a&b=c + \u00fc","protect_content":true}`),
		"strings":   post(t, address, "application/json", `{"chat_id":"42","text":"a&b=c + ü","protect_content":"1"}`),
		"both":      post(t, address+"?chat_id=42&protect_content=yes", "application/json", `{"chat_id":1,"text":"a&b=c + ü"}`),
	} {
		m := r.result(t)
		require.Equal(t, "a&b=c + ü", m["text"], name)
		require.InDelta(t, 42, m["chat"].(object)["id"], 0, name)
		require.Equal(t, true, m["has_protected_content"], name)
	}
	for name, r := range map[string]reply{
		"unknown type": post(t, address, "text/plain", `{"chat_id":42,"text":"x"}`),
		"array":        post(t, address, "application/json", `[]`),
		"cut":          post(t, address, "application/json", `{"chat_id":42`),
		"more":         post(t, address, "application/json", `{"chat_id":42,"text":"x"} {}`),
		"deep":         post(t, address, "application/json", `{"x":`+strings.Repeat("[", 200)+strings.Repeat("]", 200)+`}`),
		"surrogate":    post(t, address, "application/json", `{"chat_id":42,"text":"\ud800"}`),
		"multipart":    post(t, address, "multipart/form-data", "x"),
		"bytes":        post(t, address, "application/json", "{\"chat_id\":42,\"text\":\"\xff\"}"),
	} {
		require.Equal(t, 400, r.Status, name)
		require.True(t, strings.HasPrefix(r.Description, "Bad Request: "), name)
	}
	require.EqualValues(t, 6, s.Stats().Messages)
}

func TestSendMessage(t *testing.T) {
	t.Parallel()
	clock := time.Unix(1_700_000_000, 0)
	s := start(t, sandbox.Options{Now: func() time.Time { return clock }, KeepParameters: true})
	r := call(t, s, "sendMessage", object{
		"chat_id": 42, "text": "<b>Hi</b> &amp; <a href='HTTP://Example.com'>you</a>", "parse_mode": "HTML",
		"message_effect_id": "5104841245755180586", "link_preview_options": object{"is_disabled": true},
		"reply_markup": object{"inline_keyboard": [][]object{{{"text": "Go", "url": "https://example.com/?a=1"}}}},
	})
	require.JSONEq(t, `{
		"message_id": 1,
		"from": {"id": 123456, "is_bot": true, "first_name": "Sandbox 123456", "username": "sandbox123456_bot"},
		"chat": {"id": 42, "first_name": "Person 42", "type": "private"},
		"date": 1700000000,
		"text": "Hi & you",
		"entities": [
			{"offset": 0, "length": 2, "type": "bold"},
			{"offset": 5, "length": 3, "type": "text_link", "url": "http://example.com/"}
		],
		"reply_markup": {"inline_keyboard": [[{"text": "Go", "url": "https://example.com/?a=1"}]]},
		"link_preview_options": {"is_disabled": true},
		"effect_id": "5104841245755180586"
	}`, string(r.Result))
	require.InDelta(t, 2, call(t, s, "sendMessage", object{"chat_id": -5, "text": "x"}).result(t)["message_id"], 0)

	got := s.Messages(botID, 0, 0, 10)
	require.Len(t, got, 2)
	require.Equal(t, "Hi & you", got[0].Text)
	require.Equal(t, clock.UnixMilli(), got[0].At)
	require.EqualValues(t, 1, got[0].MessageID)
	require.JSONEq(t, `{"chat_id":"-5","text":"x"}`, string(got[1].Parameters))
	require.Equal(t, got[1:], s.Messages(botID, -5, 0, 10))
	require.Equal(t, got[1:], s.Messages(0, 0, 1, 10))
	require.Empty(t, s.Messages(7, 0, 0, 10))
}

func TestSendMessageReply(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{})
	call(t, s, "sendMessage", object{"chat_id": 42, "text": "x"}).result(t)
	send := func(parameters object) reply {
		parameters["chat_id"], parameters["text"] = 42, "y"
		return call(t, s, "sendMessage", parameters)
	}
	m := send(object{"reply_parameters": object{"message_id": 1}}).result(t)
	require.InDelta(t, 1, m["reply_to_message"].(object)["message_id"], 0)
	send(object{"reply_to_message_id": 1}).result(t)
	require.NotContains(t, send(object{"reply_parameters": object{"message_id": 99, "allow_sending_without_reply": true}}).
		result(t), "reply_to_message")
	require.Equal(t, "Bad Request: message to be replied not found",
		send(object{"reply_parameters": object{"message_id": 99}}).Description)
	require.Equal(t, `Bad Request: can't find field "message_id"`,
		send(object{"reply_parameters": object{"quote": "x"}}).Description)
}

// TestSendMessageRefusals checks refusals that were observed at the real server, in its
// words.
func TestSendMessageRefusals(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{})
	require.NoError(t, s.SetBot(sandbox.Bot{ID: botID, Unpaid: true}))
	inline := func(button object) object { return object{"inline_keyboard": [][]object{{button}}} }
	keyboard := func(button object) object { return object{"keyboard": [][]object{{button}}} }
	for _, c := range []struct {
		change      object // to a message that arrives
		description string // after "Bad Request: "
	}{
		{object{"text": ""}, "message text is empty"},
		{object{"chat_id": 0, "text": nil}, "chat not found"},
		{object{"text": "   "}, "text must be non-empty"},
		{object{"text": "\u200b\u2800\n"}, "text must be non-empty"},
		{object{"text": "<b></b>", "parse_mode": "html"}, "text must be non-empty"},
		{object{"text": strings.Repeat("x", 4097)}, "message is too long"},
		{object{"text": strings.Repeat("😀", 4097)}, "message is too long"},
		{object{"text": strings.Repeat("x", 32769)}, "text is too long"},
		{object{"parse_mode": "INVALID"}, "unsupported parse_mode"},
		{object{"parse_mode": "MarkdownV2"}, "unsupported parse_mode"},
		{object{"text": "<b>x", "parse_mode": "HTML"}, `can't parse entities: Can't find end tag corresponding to start tag "b"`},
		{object{"chat_id": ""}, "chat_id is empty"},
		{object{"chat_id": 0}, "chat not found"},
		{object{"chat_id": "@nobody"}, "chat not found"},
		{object{"chat_id": "name"}, "chat not found"},
		{object{"chat_id": int64(1) << 52}, "chat not found"},
		{object{"chat_id": "9223372036854775808"}, "chat not found"},
		{object{"message_thread_id": 9}, "message thread not found"},
		{object{"business_connection_id": "x"}, "business connection not found"},
		{object{"message_effect_id": "9999999999999999999"}, "EFFECT_ID_INVALID"},
		{object{"message_effect_id": "1", "chat_id": -1}, "EFFECT_ID_INVALID"},
		{object{"allow_paid_broadcast": true}, "FLOODSKIP_NOT_ALLOWED"},
		{object{"suggested_post_parameters": object{}}, "suggested posts can be sent only to channel direct messages"},
		{object{"link_preview_options": object{"url": "not-a-url"}}, "WEBPAGE_URL_INVALID"},
		{object{"link_preview_options": object{"is_disabled": "yes"}}, `field "is_disabled" must be of type Boolean`},

		{object{"entities": []object{{"type": "bold", "offset": 100, "length": 1}}},
			"entity begins after the end of the text at UTF-16 offset 100"},
		{object{"entities": []object{{"type": "bold", "offset": 0, "length": 100}}},
			"entity beginning at UTF-16 offset 0 ends after the end of the text at UTF-16 offset 100"},
		{object{"entities": []object{{"type": "bold", "offset": -1, "length": 1}}}, "receive an entity with incorrect offset -1"},
		{object{"entities": []object{{"type": "what", "offset": 0, "length": 1}}}, "can't parse MessageEntity: Unsupported type specified"},
		{object{"entities": []object{{"type": "text_link", "offset": 0, "length": 1}}}, `can't parse MessageEntity: Can't find field "url"`},
		{object{"entities": []object{{"type": "text_link", "offset": 0, "length": 1, "url": ""}}}, "entity URL '' is invalid: URL host is empty"},
		{object{"entities": []object{{"type": "text_link", "offset": 0, "length": 1, "url": "not-a-url"}}},
			"entity URL 'not-a-url' is invalid: Wrong HTTP URL"},
		{object{"entities": []object{{"type": "text_mention", "offset": 0, "length": 1}}}, `can't parse MessageEntity: Can't find field "user"`},
		{object{"entities": []object{{"type": "text_mention", "offset": 0, "length": 1, "user": object{"id": 0}}}}, "user not found"},
		{object{"entities": []object{{"type": "custom_emoji", "offset": 0, "length": 1, "custom_emoji_id": "9999999999999999999"}}},
			`can't parse MessageEntity: Field "custom_emoji_id" must be a valid Number`},
		{object{"text": "😀", "entities": []object{{"type": "bold", "offset": 1, "length": 1}}},
			"entity begins in a middle of a UTF-16 symbol at UTF-16 offset 1"},

		{object{"reply_markup": nil}, "object expected as reply markup"},
		{object{"reply_markup": "{"}, "can't parse reply keyboard markup JSON object"},
		{object{"reply_markup": object{"inline_keyboard": "bad"}}, `field "inline_keyboard" must be of type Array`},
		{object{"reply_markup": object{"keyboard": "bad"}}, `field "keyboard" must be of type Array`},
		{object{"reply_markup": object{"keyboard": [][]string{{"A"}}, "resize_keyboard": "yes"}},
			`field "resize_keyboard" must be of type Boolean`},
		{object{"reply_markup": object{"force_reply": "yes"}}, `field "force_reply" must be of type Boolean`},
		{object{"reply_markup": inline(object{"callback_data": "x"})}, `can't parse inline keyboard button: Can't find field "text"`},
		{object{"reply_markup": inline(object{"text": "x", "callback_data": ""})},
			"can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"},
		{object{"reply_markup": inline(object{"text": " ", "callback_data": "x"})}, "inline keyboard button text must be non-empty"},
		{object{"reply_markup": inline(object{"text": "x", "callback_data": strings.Repeat("ü", 33)})}, "BUTTON_DATA_INVALID"},
		{object{"reply_markup": inline(object{"text": "x", "url": "not-a-url"})},
			"inline keyboard button URL 'not-a-url' is invalid: Wrong HTTP URL"},
		{object{"reply_markup": inline(object{"text": "x", "url": "ftp://example.com"})},
			"inline keyboard button URL 'ftp://example.com' is invalid: Unsupported URL protocol"},
		{object{"reply_markup": inline(object{"text": "x", "web_app": object{"url": "http://example.com"}})},
			"inline keyboard button Web App URL 'http://example.com' is invalid: Only HTTPS links are allowed"},
		{object{"chat_id": -1, "reply_markup": inline(object{"text": "x", "web_app": object{"url": "https://example.com"}})},
			"BUTTON_TYPE_INVALID"},
		{object{"reply_markup": inline(object{"text": "x", "pay": true})}, "BUTTON_TYPE_INVALID"},
		{object{"reply_markup": inline(object{"text": "x", "callback_game": object{}})}, "BUTTON_TYPE_INVALID"},
		{object{"reply_markup": inline(object{"text": "x", "copy_text": object{"text": ""}})}, "BUTTON_COPY_TEXT_INVALID"},
		{object{"reply_markup": inline(object{"text": "x", "copy_text": object{"text": strings.Repeat("x", 257)}})}, "BUTTON_COPY_TEXT_INVALID"},
		{object{"reply_markup": inline(object{"text": "x", "login_url": object{"url": "https://example.com"}})}, "BOT_DOMAIN_INVALID"},
		{object{"reply_markup": inline(object{"text": "x", "login_url": object{"url": "https://example.com", "bot_username": "telegram"}})},
			`bot "telegram" not found`},
		{object{"reply_markup": inline(object{"text": "x", "login_url": object{"url": "https://example.com", "request_write_access": "yes"}})},
			`can't parse inline keyboard button: Field "request_write_access" must be of type Boolean`},
		{object{"reply_markup": inline(object{"text": "x", "switch_inline_query_chosen_chat": object{"allow_user_chats": "yes"}})},
			`can't parse inline keyboard button: Field "allow_user_chats" must be of type Boolean`},
		{object{"reply_markup": object{"inline_keyboard": [][]int{{1}}}},
			"can't parse inline keyboard button: InlineKeyboardButton must be an Object"},
		{object{"reply_markup": object{"inline_keyboard": [][]object{slicesOf(13)}}}, "reply markup is too long"},
		{object{"reply_markup": inline(object{"text": "x", "url": "https://e.com/" + strings.Repeat("x", 10_000)})}, "reply markup is too long"},
		{object{"entities": []object{{"type": "date_time", "offset": 0, "length": 1, "unix_time": 1, "date_time_format": "rr"}}},
			"can't parse MessageEntity: Invalid date format used"},
		{object{"reply_markup": keyboard(object{"text": "x", "request_chat": object{"chat_is_channel": true}})},
			`can't parse keyboard button: Can't find field "request_id"`},
		{object{"reply_markup": keyboard(object{"text": "x", "request_chat": object{"request_id": 1, "chat_is_forum": "yes"}})},
			`can't parse keyboard button: Field "chat_is_forum" must be of type Boolean`},
		{object{"reply_markup": keyboard(object{"text": "x", "request_users": object{"request_id": 1, "max_quantity": 999}})},
			"BUTTON_QUANTITY_MAX_INVALID"},
		{object{"reply_markup": keyboard(object{"text": "x", "web_app": object{"url": "http://example.com"}})},
			"keyboard button Web App URL 'http://example.com' is invalid: Only HTTPS links are allowed"},
		{object{"chat_id": -1, "reply_markup": keyboard(object{"text": "x", "request_contact": true})},
			"phone number can be requested in private chats only"},
	} {
		parameters := object{"chat_id": 42, "text": "hello"}
		maps.Copy(parameters, c.change)
		r := call(t, s, "sendMessage", parameters)
		require.Equal(t, 400, r.Status, c.description)
		require.Equal(t, "Bad Request: "+c.description, r.Description)
	}
	require.Zero(t, s.Stats().Messages)
}

// slicesOf is a row of n buttons.
func slicesOf(n int) []object {
	row := make([]object, n)
	for i := range row {
		row[i] = object{"text": "x", "callback_data": "x"}
	}
	return row
}

// TestSendMessageLimits checks messages that are just within the limits.
func TestSendMessageLimits(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{})
	require.NoError(t, s.SetBot(sandbox.Bot{ID: botID, Domain: "example.com"}))
	for name, change := range map[string]object{
		"4096 characters":     {"text": strings.Repeat("😀", 4096)},
		"4096 after mark-up":  {"text": "<b>" + strings.Repeat("x", 4096) + "</b>", "parse_mode": "HTML"},
		"4096 after trimming": {"text": "  " + strings.Repeat("x", 4096) + "\n\n"},
		"32768 bytes":         {"text": strings.Repeat("&amp;", 4000) + strings.Repeat(" ", 12768), "parse_mode": "HTML"},
		"64 bytes of data": {"reply_markup": object{"inline_keyboard": [][]object{
			{{"text": "x", "callback_data": strings.Repeat("ü", 32)}}}}},
		"256 to copy": {"reply_markup": object{"inline_keyboard": [][]object{
			{{"text": "x", "copy_text": object{"text": strings.Repeat("ü", 256)}}}}}},
		"12 in a row":   {"reply_markup": object{"inline_keyboard": [][]object{slicesOf(12)}}},
		"no rows":       {"reply_markup": object{"inline_keyboard": [][]object{}}},
		"nothing known": {"reply_markup": object{}},
		"a user's link": {"reply_markup": object{"inline_keyboard": [][]object{{{"text": "x", "url": "tg://user?id=42"}}}}},
		"login to own domain": {"reply_markup": object{"inline_keyboard": [][]object{
			{{"text": "x", "login_url": object{"url": "https://example.com/in"}}}}}},
		"strings for buttons":  {"reply_markup": object{"keyboard": []any{[]any{"A", object{"text": "B", "request_contact": true}}}}},
		"a keyboard removed":   {"reply_markup": object{"remove_keyboard": true}},
		"a reply is forced":    {"reply_markup": object{"force_reply": true, "input_field_placeholder": "type"}},
		"entities to the end":  {"entities": []object{{"type": "bold", "offset": 0, "length": 5}}},
		"silent and protected": {"disable_notification": true, "protect_content": true},
		"paid":                 {"allow_paid_broadcast": true},
		"largest chat":         {"chat_id": int64(1)<<52 - 1},
	} {
		parameters := object{"chat_id": 42, "text": "hello"}
		maps.Copy(parameters, change)
		require.True(t, call(t, s, "sendMessage", parameters).OK, name)
	}
}

func TestPeople(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{})
	s.Block(botID, 1)
	s.Deactivate(botID, 2)
	s.Forget(botID, 3)
	set := func(chat int64, c sandbox.Condition) { require.NoError(t, s.SetPerson(botID, c, chat)) }
	set(4, sandbox.Condition{State: sandbox.NeverStarted})
	set(-5, sandbox.Condition{State: sandbox.Kicked})
	set(-1000000000005, sandbox.Condition{State: sandbox.Kicked})
	set(-6, sandbox.Condition{State: sandbox.Upgraded, MigrateTo: -1000000000006})
	set(7, sandbox.Condition{State: sandbox.Refusing, Code: 400, Description: "Bad Request: VOICE_MESSAGES_FORBIDDEN"})
	set(8, sandbox.Condition{State: sandbox.Refusing, Code: 429, Description: "Too Many Requests: retry after 9", RetryAfter: 9})
	for _, c := range []struct {
		chat        int64
		code        int
		description string
	}{
		{1, 403, "Forbidden: bot was blocked by the user"},
		{2, 403, "Forbidden: user is deactivated"},
		{3, 400, "Bad Request: chat not found"},
		{4, 403, "Forbidden: bot can't initiate conversation with a user"},
		{-5, 403, "Forbidden: bot was kicked from the group chat"},
		{-1000000000005, 403, "Forbidden: bot was kicked from the supergroup chat"},
		{-6, 400, "Bad Request: group chat was upgraded to a supergroup chat"},
		{7, 400, "Bad Request: VOICE_MESSAGES_FORBIDDEN"},
		{8, 429, "Too Many Requests: retry after 9"},
	} {
		r := call(t, s, "sendMessage", object{"chat_id": c.chat, "text": "x"})
		require.Equal(t, c.code, r.Status)
		require.Equal(t, c.description, r.Description)
		if c.chat == -6 {
			require.EqualValues(t, -1000000000006, r.Parameters.MigrateTo)
		}
		if c.chat == 8 {
			require.Equal(t, 9, r.Parameters.RetryAfter)
			require.Equal(t, "9", r.RetryHeader)
		}
	}
	require.True(t, call(t, s, "sendMessage", object{"chat_id": 9, "text": "x"}).OK)
	require.Equal(t, sandbox.Blocked, s.Person(botID, 1).State)
	require.Equal(t, map[int]int64{400: 3, 403: 5, 429: 1}, s.Stats().Refused)
	require.EqualValues(t, 1, s.Stats().Limited)

	s.Subscribe(botID, 1)
	require.True(t, call(t, s, "sendMessage", object{"chat_id": 1, "text": "x"}).OK)
	for _, wrong := range []sandbox.Condition{
		{}, {State: "gone"}, {State: sandbox.Upgraded}, {State: sandbox.Refusing, Code: 200, Description: "x"},
	} {
		require.Error(t, s.SetPerson(botID, wrong, 1))
	}
}

func TestKnownOnly(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{KnownOnly: true})
	s.Subscribe(botID, 1)
	require.True(t, call(t, s, "sendMessage", object{"chat_id": 1, "text": "x"}).OK)
	require.Equal(t, "Bad Request: chat not found", call(t, s, "sendMessage", object{"chat_id": 2, "text": "x"}).Description)
	require.Equal(t, "Bad Request: chat not found", call(t, s, "getChat", object{"chat_id": 2}).Description)
	require.Equal(t, "private", call(t, s, "getChat", object{"chat_id": 1}).result(t)["type"])
	_, err := s.Act(sandbox.Action{Kind: sandbox.ActionStart, Bot: botID, Chat: 2})
	require.NoError(t, err)
	require.True(t, call(t, s, "sendMessage", object{"chat_id": 2, "text": "x"}).OK)
}

// fakeClock is a clock that only a test moves.
type fakeClock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *fakeClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *fakeClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func newClock() *fakeClock { return &fakeClock{now: time.Unix(1_700_000_000, 0)} }

func TestBotWindow(t *testing.T) {
	t.Parallel()
	clock := newClock()
	s := sandbox.Start(t, sandbox.Options{Now: clock.Now})
	chat := 0
	send := func(paid bool) reply {
		chat++
		return call(t, s, "sendMessage", object{"chat_id": chat, "text": "x", "allow_paid_broadcast": paid})
	}
	for range 30 {
		require.True(t, send(false).OK)
		clock.advance(10 * time.Millisecond)
	}
	r := send(false)
	require.Equal(t, 429, r.Status)
	require.Equal(t, "Too Many Requests: retry after 1", r.Description)
	require.Equal(t, 1, r.Parameters.RetryAfter)
	require.Equal(t, "1", r.RetryHeader)
	require.True(t, call(t, s, "getMe", object{}).OK, "only messages are limited")

	clock.advance(699 * time.Millisecond) // one second after the first, less a millisecond
	require.Equal(t, 429, send(false).Status)
	clock.advance(time.Millisecond)
	require.True(t, send(false).OK)
	require.Equal(t, 429, send(false).Status, "the window slides: only the first message has left it")

	for range 969 { // paid messages fill up to 1000, free ones and all
		require.True(t, send(true).OK)
	}
	require.True(t, send(true).OK)
	require.Equal(t, 429, send(true).Status)
	require.Equal(t, 429, send(false).Status)
	clock.advance(time.Second)
	require.True(t, send(false).OK)

	require.EqualValues(t, 5, s.Stats().Limited)
	other, err := json.Marshal(object{"chat_id": 1, "text": "x"})
	require.NoError(t, err)
	require.True(t, post(t, s.URL()+"/bot7:AA/sendMessage", "application/json", string(other)).OK, "each bot has its own")
}

// TestBotWindowSlides sends at random and checks that no second ever holds more than the limit.
func TestBotWindowSlides(t *testing.T) {
	t.Parallel()
	clock := newClock()
	s := sandbox.Start(t, sandbox.Options{Now: clock.Now})
	var accepted []time.Time
	for i := range 2000 {
		r := call(t, s, "sendMessage", object{"chat_id": i + 1, "text": "x"})
		if r.OK {
			accepted = append(accepted, clock.Now())
		}
		if len(accepted) > 30 {
			first := accepted[len(accepted)-31]
			require.GreaterOrEqual(t, clock.Now().Sub(first), time.Second)
		}
		if !r.OK {
			require.Less(t, clock.Now().Sub(accepted[len(accepted)-30]), time.Second)
		}
		clock.advance(time.Duration(i*7919%40) * time.Millisecond)
	}
	require.Greater(t, len(accepted), 500)
}

func TestChatWindow(t *testing.T) {
	t.Parallel()
	clock := newClock()
	s := sandbox.Start(t, sandbox.Options{Now: clock.Now})
	send := func(chat int) reply { return call(t, s, "sendMessage", object{"chat_id": chat, "text": "x"}) }
	require.True(t, send(1).OK)
	clock.advance(999 * time.Millisecond)
	require.Equal(t, 1, send(1).Parameters.RetryAfter)
	require.True(t, send(2).OK)
	clock.advance(time.Millisecond)
	require.True(t, send(1).OK)
	require.Equal(t, 429, send(1).Status)
	require.Equal(t, 429, send(2).Status)

	clock.advance(time.Hour)
	for i := range 20 {
		require.True(t, send(-1).OK, i)
		clock.advance(time.Second)
	}
	require.Equal(t, 40, send(-1).Parameters.RetryAfter)
	require.True(t, send(-2).OK)
	clock.advance(40 * time.Second)
	require.True(t, send(-1).OK)
	require.Equal(t, 1, send(-1).Parameters.RetryAfter)

	s.SetRates(sandbox.Rates{ChatBurst: 3})
	for range 3 {
		require.True(t, send(9).OK)
	}
	require.Equal(t, 3, send(9).Parameters.RetryAfter)
	clock.advance(3 * time.Second)
	require.True(t, send(9).OK)

	s.SetRates(sandbox.Lifted())
	for range 50 {
		require.True(t, send(9).OK)
		require.True(t, send(-1).OK)
	}
}

func TestJournal(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	s := start(t, sandbox.Options{Log: &log})
	for _, m := range []struct {
		chat int
		text string
	}{{1, "a"}, {1, "a"}, {2, "a"}, {1, "b"}, {1, "a"}, {3, "a\n\"q\""}} {
		require.True(t, call(t, s, "sendMessage", object{"chat_id": m.chat, "text": m.text}).OK)
	}
	stats := s.Stats()
	require.Equal(t, sandbox.Totals{Messages: 6, Recipients: 3, Duplicates: 2, Repeated: 1}, stats.Totals)
	require.EqualValues(t, 6, stats.Requests)
	require.Equal(t, []sandbox.Recipient{{Bot: botID, Chat: 1, Count: 4}}, s.Recipients(0, 0, 2, 10))

	lines := strings.Split(strings.TrimSuffix(log.String(), "\n"), "\n")
	require.Len(t, lines, 6)
	last := object{}
	require.NoError(t, json.Unmarshal([]byte(lines[5]), &last))
	require.Equal(t, "a\n\"q\"", last["text"])
	require.InDelta(t, 3, last["chat"], 0)
	require.InDelta(t, 6, last["messageId"], 0)

	s.Reset()
	require.Zero(t, s.Stats().Messages)
	require.Zero(t, s.Stats().Requests)
	require.Empty(t, s.Messages(0, 0, 0, 10))
	require.InDelta(t, 1, call(t, s, "sendMessage", object{"chat_id": 1, "text": "a"}).result(t)["message_id"], 0)
	require.Zero(t, s.Stats().Duplicates)
}

func TestKeep(t *testing.T) {
	t.Parallel()
	for keep, want := range map[sandbox.Keep]sandbox.Totals{
		sandbox.KeepCounts: {Messages: 2, Recipients: 1, Duplicates: 1, Repeated: 1},
		sandbox.KeepTotals: {Messages: 2},
	} {
		s := start(t, sandbox.Options{Keep: keep})
		for range 2 {
			require.True(t, call(t, s, "sendMessage", object{"chat_id": 1, "text": "a"}).OK)
		}
		require.Equal(t, want, s.Stats().Totals)
		require.Empty(t, s.Messages(0, 0, 0, 10))
		require.Equal(t, "Bad Request: message can't be edited",
			call(t, s, "editMessageText", object{"chat_id": 1, "message_id": 1, "text": "b"}).Description)
	}
}

func TestEditAndDelete(t *testing.T) {
	t.Parallel()
	clock := newClock()
	s := start(t, sandbox.Options{Now: clock.Now})
	button := object{"inline_keyboard": [][]object{{{"text": "x", "callback_data": "y"}}}}
	call(t, s, "sendMessage", object{"chat_id": 1, "text": "<b>a</b>", "parse_mode": "HTML"}).result(t)
	_, err := s.Act(sandbox.Action{Kind: sandbox.ActionText, Bot: botID, Chat: 1, Text: "hi"})
	require.NoError(t, err)
	const same = "Bad Request: message is not modified: specified new message content and reply markup are exactly the " +
		"same as a current content and reply markup of the message"
	for _, c := range []struct {
		method      string
		parameters  object
		description string
	}{
		{"editMessageText", object{"message_id": 1, "text": "<strong>a</strong>", "parse_mode": "HTML"}, same},
		{"editMessageReplyMarkup", object{"message_id": 1}, same},
		{"editMessageText", object{"message_id": 1, "text": "a"}, ""},
		{"editMessageReplyMarkup", object{"message_id": 1, "reply_markup": button}, ""},
		{"editMessageReplyMarkup", object{"message_id": 1, "reply_markup": button}, same},
		{"editMessageText", object{"message_id": 1, "text": "a", "reply_markup": button}, same},
		{"editMessageText", object{"message_id": 1, "text": ""}, "Bad Request: message text is empty"},
		{"editMessageText", object{"text": "b"}, "Bad Request: message identifier is not specified"},
		{"editMessageText", object{"message_id": 9, "text": "b"}, "Bad Request: message to edit not found"},
		{"editMessageText", object{"message_id": 2, "text": "b"}, "Bad Request: message can't be edited"},
		{"editMessageText", object{"chat_id": 8, "message_id": 1, "text": "b"}, "Bad Request: message to edit not found"},
		{"deleteMessage", object{"message_id": 9}, "Bad Request: message to delete not found"},
		{"deleteMessage", object{"message_id": 1}, ""},
		{"deleteMessage", object{"message_id": 1}, "Bad Request: message to delete not found"},
	} {
		if c.parameters["chat_id"] == nil {
			c.parameters["chat_id"] = 1
		}
		r := call(t, s, c.method, c.parameters)
		require.Equal(t, c.description, r.Description, "%s %v", c.method, c.parameters)
		require.Equal(t, c.description == "", r.OK)
	}
	m := s.Messages(botID, 1, 0, 1)[0]
	require.True(t, m.Edited)
	require.True(t, m.Deleted)
	require.JSONEq(t, `{"inline_keyboard":[[{"text":"x","callback_data":"y"}]]}`, string(m.ReplyMarkup))

	call(t, s, "sendMessage", object{"chat_id": 1, "text": "old"}).result(t)
	clock.advance(49 * time.Hour)
	require.Equal(t, "Bad Request: message can't be deleted for everyone",
		call(t, s, "deleteMessage", object{"chat_id": 1, "message_id": 3}).Description)
}

func TestSmallMethods(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{})
	s.Block(botID, 1)
	commands := []object{{"command": "start", "description": "Begin"}}
	for _, c := range []struct {
		method      string
		parameters  object
		result      string
		description string
	}{
		{"sendChatAction", object{"chat_id": 2, "action": "typing"}, "true", ""},
		{"sendChatAction", object{"chat_id": 2, "action": "dancing"}, "", "Bad Request: wrong parameter action in request"},
		{"sendChatAction", object{"chat_id": 1, "action": "typing"}, "", "Forbidden: bot was blocked by the user"},
		{"getMyCommands", object{}, "[]", ""},
		{"setMyCommands", object{"commands": commands}, "true", ""},
		{"getMyCommands", object{}, `[{"command":"start","description":"Begin"}]`, ""},
		{"getMyCommands", object{"language_code": "uk"}, "[]", ""},
		{"deleteMyCommands", object{}, "true", ""},
		{"getMyCommands", object{"scope": object{"type": "default"}}, "[]", ""},
		{"setMyCommands", object{"commands": []object{{"command": "Start", "description": "x"}}}, "", "Bad Request: BOT_COMMAND_INVALID"},
		{"setMyCommands", object{"commands": []object{{"command": "start", "description": ""}}},
			"", "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID"},
		{"setMyCommands", object{"commands": "x"}, "", "Bad Request: can't parse commands: Expected an Array of BotCommand"},
		{"getMyCommands", object{"scope": object{"type": "mars"}}, "", "Bad Request: can't parse BotCommandScope: Unsupported type specified"},
		{"answerCallbackQuery", object{"callback_query_id": "1"}, "",
			"Bad Request: query is too old and response timeout expired or query ID is invalid"},
	} {
		r := call(t, s, c.method, c.parameters)
		require.Equal(t, c.description, r.Description, "%s %v", c.method, c.parameters)
		require.Equal(t, c.result, string(r.Result))
	}
}
