package sandbox_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/sandbox"
)

type update struct {
	ID       int64  `json:"update_id"`
	Message  object `json:"message"`
	Callback object `json:"callback_query"`
	Member   object `json:"my_chat_member"`
}

func updates(t *testing.T, r reply) []update {
	t.Helper()
	require.True(t, r.OK, r.Description)
	list := []update{}
	require.NoError(t, json.Unmarshal(r.Result, &list))
	return list
}

func act(t *testing.T, s *sandbox.Sandbox, a sandbox.Action) sandbox.Event {
	t.Helper()
	a.Bot = botID
	e, err := s.Act(a)
	require.NoError(t, err)
	return e
}

func TestActions(t *testing.T) {
	t.Parallel()
	clock := newClock()
	s := start(t, sandbox.Options{Now: clock.Now})
	act(t, s, sandbox.Action{Kind: sandbox.ActionStart, Chat: 5, Payload: "promo_1", FirstName: "Olena", Language: "uk"})
	act(t, s, sandbox.Action{Kind: sandbox.ActionText, Chat: 5, Text: "Привіт"})
	act(t, s, sandbox.Action{Kind: sandbox.ActionContact, Chat: 5, Phone: "+380501234567"})
	act(t, s, sandbox.Action{Kind: sandbox.ActionContact, Chat: 5, Phone: "+380500000000", UserID: 9})
	act(t, s, sandbox.Action{Kind: sandbox.ActionBlock, Chat: 5})
	require.Equal(t, "Forbidden: bot was blocked by the user",
		call(t, s, "sendMessage", object{"chat_id": 5, "text": "x"}).Description)
	act(t, s, sandbox.Action{Kind: sandbox.ActionUnblock, Chat: 5})
	require.True(t, call(t, s, "sendMessage", object{"chat_id": 5, "text": "x"}).OK)

	list := updates(t, call(t, s, "getUpdates", object{}))
	require.Len(t, list, 6)
	for i, u := range list {
		require.EqualValues(t, i+1, u.ID)
	}
	first := list[0].Message
	require.Equal(t, "/start promo_1", first["text"])
	require.Equal(t, object{"id": 5.0, "is_bot": false, "first_name": "Olena", "language_code": "uk"}, first["from"])
	require.Equal(t, []any{object{"offset": 0.0, "length": 6.0, "type": "bot_command"}}, first["entities"])
	require.InDelta(t, clock.Now().Unix(), first["date"], 0)
	require.Equal(t, "Привіт", list[1].Message["text"])
	require.Equal(t, object{"phone_number": "+380501234567", "first_name": "Person 5", "user_id": 5.0}, list[2].Message["contact"])
	require.InDelta(t, 9, list[3].Message["contact"].(object)["user_id"], 0)
	require.Equal(t, "kicked", list[4].Member["new_chat_member"].(object)["status"])
	require.Equal(t, "member", list[5].Member["new_chat_member"].(object)["status"])

	for _, wrong := range []sandbox.Action{
		{}, {Kind: "dance", Bot: 1, Chat: 1}, {Kind: sandbox.ActionText, Bot: 1, Chat: 1},
		{Kind: sandbox.ActionText, Bot: 1, Chat: -1, Text: "x"},
		{Kind: sandbox.ActionStart, Bot: 1, Chat: 1, Payload: strings.Repeat("x", 65)},
		{Kind: sandbox.ActionStart, Bot: 1, Chat: 1, Payload: "a b"},
		{Kind: sandbox.ActionContact, Bot: 1, Chat: 1}, {Kind: sandbox.ActionUnblock, Bot: 1, Chat: 1},
		{Kind: sandbox.ActionPress, Bot: 1, Chat: 1, MessageID: 1},
	} {
		_, err := s.Act(wrong)
		require.Error(t, err, wrong)
	}
	s.Block(botID, 6)
	_, err := s.Act(sandbox.Action{Kind: sandbox.ActionText, Bot: botID, Chat: 6, Text: "x"})
	require.Error(t, err, "who blocked the bot cannot write to it")
}

func TestPress(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{})
	m := call(t, s, "sendMessage", object{
		"chat_id": 5, "text": "<b>x</b>?", "parse_mode": "HTML",
		"reply_markup": object{"inline_keyboard": [][]object{{{"text": "Yes", "callback_data": "y"}}}},
	}).result(t)
	press := sandbox.Action{Kind: sandbox.ActionPress, Bot: botID, Chat: 5, MessageID: 1, Data: "y"}
	e, err := s.Act(press)
	require.NoError(t, err)
	u := updates(t, call(t, s, "getUpdates", object{}))[0]
	require.Equal(t, "y", u.Callback["data"])
	require.Equal(t, e.QueryID, u.Callback["id"])
	require.Equal(t, m, u.Callback["message"])

	require.True(t, call(t, s, "answerCallbackQuery", object{"callback_query_id": e.QueryID, "text": "Thanks"}).OK)
	require.False(t, call(t, s, "answerCallbackQuery", object{"callback_query_id": e.QueryID}).OK)
	a, found := s.CallbackAnswer(botID, e.QueryID)
	require.True(t, found)
	require.Equal(t, sandbox.CallbackAnswer{QueryID: e.QueryID, Answered: true, Text: "Thanks"}, a)
	_, found = s.CallbackAnswer(botID, "0")
	require.False(t, found)

	press.Data = "n"
	_, err = s.Act(press)
	require.ErrorContains(t, err, "no button")
	press.Data, press.Chat = "y", 6
	_, err = s.Act(press)
	require.ErrorContains(t, err, "no message")
}

func TestGetUpdates(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{})
	for range 5 {
		act(t, s, sandbox.Action{Kind: sandbox.ActionText, Chat: 1, Text: "x"})
	}
	ids := func(parameters object) (ids []int64) {
		for _, u := range updates(t, call(t, s, "getUpdates", parameters)) {
			ids = append(ids, u.ID)
		}
		return ids
	}
	require.Equal(t, []int64{1, 2, 3, 4, 5}, ids(object{}))
	require.Equal(t, []int64{1, 2}, ids(object{"limit": 2}))
	require.Equal(t, []int64{3, 4, 5}, ids(object{"offset": 3}))
	require.Equal(t, []int64{3, 4, 5}, ids(object{"offset": 0}), "what was confirmed is gone")
	require.Equal(t, []int64{5}, ids(object{"offset": -1}))
	require.Equal(t, []int64{5}, ids(object{}))
	require.Empty(t, ids(object{"offset": 6, "timeout": 0}))

	require.Empty(t, ids(object{"allowed_updates": []string{"callback_query"}}))
	require.Zero(t, act(t, s, sandbox.Action{Kind: sandbox.ActionText, Chat: 1, Text: "x"}).UpdateID)
	require.Empty(t, ids(object{"allowed_updates": []string{}}))
	require.EqualValues(t, 6, act(t, s, sandbox.Action{Kind: sandbox.ActionText, Chat: 1, Text: "x"}).UpdateID)
	require.Equal(t, []int64{6}, ids(object{}))
	require.False(t, call(t, s, "getUpdates", object{"allowed_updates": "x"}).OK)
}

// polled is the result of a long poll.
type polled struct {
	reply

	err error
}

// waiting starts a long poll and returns once the sandbox has it.
func waiting(t *testing.T, s *sandbox.Sandbox) <-chan polled {
	t.Helper()
	before := s.Stats().Requests
	got := make(chan polled, 1)
	go func() {
		p := polled{}
		response, err := http.Get(s.URL() + "/bot" + token + "/getUpdates?timeout=50")
		if err == nil {
			p.Status = response.StatusCode
			err = errors.Join(json.NewDecoder(response.Body).Decode(&p.reply), response.Body.Close())
		}
		p.err = err
		got <- p
	}()
	require.Eventually(t, func() bool { return s.Stats().Requests > before }, 20*time.Second, time.Millisecond)
	return got
}

func TestLongPoll(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{Local: true})
	first := waiting(t, s)
	second := waiting(t, s)
	// One of the two ended the other; which one depends on the order in which the requests
	// arrived.
	var ended polled
	var rest <-chan polled
	select {
	case ended = <-first:
		rest = second
	case ended = <-second:
		rest = first
	}
	require.Equal(t, 409, ended.Status)
	require.Equal(t, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running", ended.Description)
	act(t, s, sandbox.Action{Kind: sandbox.ActionText, Chat: 1, Text: "x"})
	require.Len(t, updates(t, (<-rest).reply), 1)

	require.Empty(t, updates(t, call(t, s, "getUpdates", object{"offset": 2})))
	begun := time.Now()
	require.Empty(t, updates(t, call(t, s, "getUpdates", object{"timeout": 1})))
	require.GreaterOrEqual(t, time.Since(begun), time.Second)

	third := waiting(t, s)
	require.True(t, call(t, s, "setWebhook", object{"url": "http://127.0.0.1:9/"}).OK)
	r := <-third
	if r.Description != "Conflict: terminated by setWebhook request" { // the webhook may have come first
		require.Contains(t, r.Description, "Conflict: can't use getUpdates method while webhook is active")
	}
	require.Equal(t, 409, call(t, s, "getUpdates", object{}).Status)
	require.True(t, call(t, s, "deleteWebhook", object{}).OK)

	last := waiting(t, s)
	require.NoError(t, s.Close())
	if p := <-last; p.err == nil { // unless its connection was closed first
		require.Equal(t, "Internal Server Error: restart", p.Description)
	}
}

func TestWebhook(t *testing.T) {
	t.Parallel()
	type hit struct{ secret, body string }
	hits := make(chan hit, 10)
	answers := make(chan int, 10)
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		hits <- hit{r.Header.Get("X-Telegram-Bot-Api-Secret-Token"), string(body)}
		w.WriteHeader(<-answers)
	}))
	t.Cleanup(hook.Close)
	s := start(t, sandbox.Options{Local: true, WebhookBackoff: time.Millisecond})
	act(t, s, sandbox.Action{Kind: sandbox.ActionText, Chat: 1, Text: "before"})
	r := call(t, s, "setWebhook", object{"url": hook.URL, "secret_token": "s-1", "max_connections": 7})
	require.True(t, r.OK)
	require.Equal(t, "Webhook was set", r.Description)
	for _, status := range []int{500, 302, 200} {
		got := <-hits
		require.Equal(t, "s-1", got.secret)
		require.Contains(t, got.body, `"update_id":1`)
		require.Contains(t, got.body, `"before"`)
		answers <- status
	}
	act(t, s, sandbox.Action{Kind: sandbox.ActionText, Chat: 1, Text: "after"})
	require.Contains(t, (<-hits).body, `"update_id":2`)
	answers <- 204

	require.Eventually(t, func() bool {
		info := call(t, s, "getWebhookInfo", object{}).result(t)
		return info["pending_update_count"] == 0.0
	}, 20*time.Second, time.Millisecond)
	info := call(t, s, "getWebhookInfo", object{}).result(t)
	require.Equal(t, hook.URL, info["url"])
	require.InDelta(t, 7, info["max_connections"], 0)
	require.Equal(t, "Wrong response from the webhook: 302 Found", info["last_error_message"])

	require.Equal(t, "Webhook was deleted", call(t, s, "deleteWebhook", object{}).Description)
	require.Equal(t, "Webhook is already deleted", call(t, s, "setWebhook", object{"url": ""}).Description)
	act(t, s, sandbox.Action{Kind: sandbox.ActionText, Chat: 1, Text: "later"})
	require.Len(t, updates(t, call(t, s, "getUpdates", object{})), 1)
	require.Empty(t, hits)
}

func TestSetWebhookRefusals(t *testing.T) {
	t.Parallel()
	clock := newClock()
	s := sandbox.Start(t, sandbox.Options{Now: clock.Now})
	for _, c := range []struct {
		parameters  object
		description string
	}{
		{object{"url": "http://example.com"}, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook"},
		{object{"url": "https://example.com:8080"}, "Bad Request: bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443"},
		{object{"url": "example"}, "Bad Request: bad webhook: invalid webhook URL specified"},
		{object{"url": "https://example.com", "secret_token": "a b"}, "Bad Request: secret token contains unallowed characters"},
		{object{"url": "https://example.com", "secret_token": strings.Repeat("a", 257)}, "Bad Request: secret token is too long"},
		{object{"url": "https://127.0.0.1:8443"}, "Webhook was set"},
		{object{"url": "https://127.0.0.1:8443"}, "Too Many Requests: retry after 1"},
	} {
		require.Equal(t, c.description, call(t, s, "setWebhook", c.parameters).Description)
	}
	clock.advance(time.Second)
	require.Equal(t, "Webhook is already set", call(t, s, "setWebhook", object{"url": "https://127.0.0.1:8443"}).Description)
}
