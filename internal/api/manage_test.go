package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	bots      = "/manage/v1/bots"
	messages  = "/manage/v1/messages"
	campaigns = "/manage/v1/campaigns"
	workspace = "/manage/v1/workspace"
)

// field returns one member of an answer that is a JSON object.
func field[T any](tb testing.TB, w *httptest.ResponseRecorder, name string) (value T) {
	tb.Helper()
	var members map[string]json.RawMessage
	require.NoError(tb, json.Unmarshal(w.Body.Bytes(), &members), w.Body)
	require.Contains(tb, members, name, w.Body)
	require.NoError(tb, json.Unmarshal(members[name], &value))
	return value
}

func TestBots(t *testing.T) {
	t.Parallel()
	in := setup(t)

	w := in.call(http.MethodPost, bots, `{"token":"123456:AAgood"}`)
	require.Equal(t, http.StatusCreated, w.Code, w.Body)
	require.Equal(t, "application/json", w.Header().Get("Content-Type"))
	appUUID := field[string](t, w, "appUuid")
	require.Len(t, appUUID, 36)
	require.Equal(t, int64(123456), field[int64](t, w, "telegramId"))
	require.Equal(t, "active", field[string](t, w, "state"))
	require.Equal(t, int64(0), field[int64](t, w, "subscribers"))
	require.Regexp(t, `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.123Z$`, field[string](t, w, "createdAt"))
	id := field[int64](t, w, "id")

	w = in.call(http.MethodPost, bots, `{"token":"123456:AAnew","apiUrl":"http://127.0.0.1:8081/"}`)
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	require.Equal(t, appUUID, field[string](t, w, "appUuid"))
	require.Equal(t, "http://127.0.0.1:8081", field[string](t, w, "apiUrl"))

	w = in.call(http.MethodGet, fmt.Sprint(bots, "/", id), "")
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	require.Equal(t, appUUID, field[string](t, w, "appUuid"))

	for _, secret := range []string{"AAgood", "AAnew", in.key} {
		require.NotContains(t, in.log.String(), secret)
	}
}

func TestBotFaults(t *testing.T) {
	t.Parallel()
	in := setup(t)
	const tooBig = "9223372036854775808"
	t.Run("refused", func(t *testing.T) {
		t.Parallel()
		runAll(t, in, []scenario{
			{name: "malformed token", method: http.MethodPost, path: bots, body: `{"token":"nonsense"}`, status: 422,
				contains: []string{`"code":"token_malformed"`, `"field":"token"`, `"status":422`, `"title":"Unprocessable Entity"`},
				answered: []string{"Content-Type", "application/problem+json"}},
			{name: "revoked token", method: http.MethodPost, path: bots, body: `{"token":"123:revoked"}`, status: 422,
				contains: []string{`"code":"token_refused"`}, lacks: []string{"123:revoked"}},
			{name: "Telegram away", method: http.MethodPost, path: bots, body: `{"token":"123:down"}`, status: 503,
				contains: []string{`"code":"telegram_unavailable"`}},
			{name: "bad address", method: http.MethodPost, path: bots, body: `{"token":"123:AA","apiUrl":"ftp://x"}`, status: 422,
				contains: []string{`"code":"api_url_invalid"`}},
			{name: "wrong type keeps the value to itself", method: http.MethodPost, path: bots, body: `{"token":["123:AAsecret"]}`, status: 422,
				contains: []string{`"code":"invalid_request"`, `"field":"token"`, `"location":"body.token"`}, lacks: []string{"AAsecret"}},
			{name: "missing field", method: http.MethodPost, path: bots, body: `{}`, status: 422,
				contains: []string{`"code":"invalid_request"`, `required property token`}},
			{name: "unknown field", method: http.MethodPost, path: bots, body: `{"token":"1:A","tokn":1}`, status: 422,
				contains: []string{`"code":"invalid_request"`, `"field":"tokn"`}},
			{name: "field in other case", method: http.MethodPost, path: bots, body: `{"Token":"1:A"}`, status: 422,
				contains: []string{`"location":"body.Token"`}},
			{name: "malformed JSON", method: http.MethodPost, path: bots, body: `{"token":`, status: 400,
				contains: []string{`"code":"body_not_json"`, "at byte 9"}, answered: []string{"Content-Type", "application/problem+json"}},
			{name: "no body", method: http.MethodPost, path: bots, status: 400, contains: []string{`"code":"invalid_request"`, "body is required"}},
			{name: "array for object", method: http.MethodPost, path: bots, body: `[]`, status: 422, contains: []string{"expected object"}},
			{name: "null for object", method: http.MethodPost, path: bots, body: `null`, status: 422, contains: []string{"invalid_request"}},
			{name: "other content type", method: http.MethodPost, path: bots, body: `{"token":"1:A"}`, header: []string{"Content-Type", "text/plain"}, status: 415,
				contains: []string{`"code":"content_type_unsupported"`}},
			{name: "too large", method: http.MethodPost, path: bots, body: strings.Repeat(" ", 4<<20+1), status: 413, contains: []string{`"code":"body_too_large"`}},
			{name: "NUL", method: http.MethodPost, path: bots, body: `{"token":"\u0000"}`, status: 400, contains: []string{`"code":"body_nul"`}},
			{name: "lone surrogate", method: http.MethodPost, path: messages, body: `{"name":"x","text":"\ud800"}`, status: 400, contains: []string{`"code":"body_lone_surrogate"`}},
			{name: "no such bot", method: http.MethodGet, path: bots + "/77", status: 404, contains: []string{`"code":"bot_not_found"`}},
			{name: "id in letters", method: http.MethodGet, path: bots + "/abc", status: 422, contains: []string{`"field":"id"`, "invalid integer"}},
			{name: "id of 2^63", method: http.MethodGet, path: bots + "/" + tooBig, status: 422, contains: []string{`"field":"id"`}},
			{name: "negative id", method: http.MethodGet, path: bots + "/-1", status: 422, contains: []string{`"field":"id"`}},
			{name: "no such route", method: http.MethodGet, path: "/manage/v1/robots", status: 404, contains: []string{`"code":"route_not_found"`}},
			{name: "the prefix alone", method: http.MethodGet, path: "/manage/v1/", status: 404, contains: []string{`"code":"route_not_found"`}},
			{name: "wrong method", method: http.MethodDelete, path: bots, status: 405, contains: []string{`"code":"method_not_allowed"`, "GET"},
				answered: []string{"Allow", "GET, HEAD, POST"}},
			{name: "unknown query", method: http.MethodGet, path: bots + "?limt=3", status: 422, contains: []string{`"field":"limt"`}},
			{name: "limit too high", method: http.MethodGet, path: bots + "?limit=501", status: 422, contains: []string{`"field":"limit"`}},
			{name: "limit too low", method: http.MethodGet, path: bots + "?limit=0", status: 422, contains: []string{`"field":"limit"`}},
			{name: "made-up cursor", method: http.MethodGet, path: bots + "?cursor=!", status: 422, contains: []string{`"code":"cursor_invalid"`}},
			{name: "cursor of no number", method: http.MethodGet, path: bots + "?cursor=YWJj", status: 422, contains: []string{`"code":"cursor_invalid"`}},
		})
	})
	t.Cleanup(func() {
		w := in.call(http.MethodGet, bots, "")
		require.JSONEq(t, `{"items":[]}`, w.Body.String(), "a refused call must leave nothing behind")
	})
}

func TestMessages(t *testing.T) {
	t.Parallel()
	in := setup(t)
	w := in.call(http.MethodPost, messages, `{"name":" Sale ","text":"<b>Знижки</b> & <i>more</i> 😀"}`)
	require.Equal(t, http.StatusCreated, w.Code, w.Body)
	require.Contains(t, w.Body.String(), `"text":"<b>Знижки</b> & <i>more</i> 😀"`)
	require.Equal(t, "Sale", field[string](t, w, "name"))
	one := fmt.Sprint(messages, "/", field[int64](t, w, "id"))

	w = in.call(http.MethodPut, one, `{"name":"Sale 2","text":"now"}`, "Content-Type", "application/json; charset=utf-8")
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	w = in.call(http.MethodGet, one, "")
	require.Equal(t, "now", field[string](t, w, "text"))
	require.Greater(t, field[string](t, w, "updatedAt"), field[string](t, w, "createdAt"))

	for _, s := range []scenario{
		{name: "no text", method: http.MethodPost, path: messages, body: `{"name":"x","text":" "}`, status: 422, contains: []string{`"code":"text_missing"`, `"field":"text"`}},
		{name: "no name", method: http.MethodPut, path: one, body: `{"name":"","text":"x"}`, status: 422, contains: []string{`"code":"name_invalid"`}},
		{name: "unknown", method: http.MethodPut, path: messages + "/99", body: `{"name":"x","text":"x"}`, status: 404, contains: []string{`"code":"message_not_found"`}},
		{name: "both wrong", method: http.MethodPut, path: messages + "/x", body: `{"name":1,"text":2}`, status: 422,
			contains: []string{`"location":"path.id"`, `"location":"body.name"`, `"location":"body.text"`}},
	} {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			s.check(t, in)
		})
	}
}

func TestPaging(t *testing.T) {
	t.Parallel()
	in := setup(t)
	for i := range 5 {
		w := in.call(http.MethodPost, messages, fmt.Sprintf(`{"name":"m%d","text":"x"}`, i))
		require.Equal(t, http.StatusCreated, w.Code, w.Body)
	}
	var names []string
	cursor, pages := "", 0
	for {
		w := in.call(http.MethodGet, messages+"?limit=2&cursor="+cursor, "")
		require.Equal(t, http.StatusOK, w.Code, w.Body)
		for _, m := range field[[]struct{ Name string }](t, w, "items") {
			names = append(names, m.Name)
		}
		pages++
		if !strings.Contains(w.Body.String(), "nextCursor") {
			break
		}
		cursor = field[string](t, w, "nextCursor")
	}
	require.Equal(t, []string{"m4", "m3", "m2", "m1", "m0"}, names)
	require.Equal(t, 3, pages)
}

func TestCampaigns(t *testing.T) {
	t.Parallel()
	in := setup(t)
	app := in.connect(t)
	w := in.call(http.MethodPost, "/api/v1/apps/"+app+"/tokens", `{"tokens":[{"token":"501","email":"a@b.c"}]}`)
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	w = in.call(http.MethodPost, messages, `{"name":"m","text":"x"}`)
	require.Equal(t, http.StatusCreated, w.Code, w.Body)

	w = in.call(http.MethodPost, campaigns, `{"name":"c","botId":1,"messageId":1,"audience":{"all":true}}`)
	require.Equal(t, http.StatusCreated, w.Code, w.Body)
	require.Equal(t, "draft", field[string](t, w, "state"))
	require.Contains(t, w.Body.String(), `"counts":{"recipients":0,"queued":0,"sending":0,"sent":0,"failed":0,"skipped":0,"unknown":0,"clicked":0}`)
	require.NotContains(t, w.Body.String(), "launchedAt")
	one := fmt.Sprint(campaigns, "/", field[int64](t, w, "id"))

	for _, s := range []scenario{
		{name: "pause a draft", method: http.MethodPost, path: one + "/pause", status: 409, contains: []string{`"code":"campaign_state"`}},
		{name: "schedule", method: http.MethodPost, path: one + "/launch", body: `{"at":"2040-01-01T12:00:00+02:00"}`, status: 200,
			contains: []string{`"state":"scheduled"`, `"scheduledAt":"2040-01-01T10:00:00Z"`}},
		{name: "launch at no time", method: http.MethodPost, path: one + "/launch", body: `{"at":"soon"}`, status: 422, contains: []string{`"field":"at"`}},
		{name: "launch now", method: http.MethodPost, path: one + "/launch", status: 200, contains: []string{`"state":"launching"`, `"launchedAt":"`}},
		{name: "launch twice", method: http.MethodPost, path: one + "/launch", body: `{}`, status: 409, contains: []string{`"code":"campaign_state"`}},
		{name: "pause", method: http.MethodPost, path: one + "/pause", status: 200, contains: []string{`"state":"paused"`}},
		{name: "resume", method: http.MethodPost, path: one + "/resume", body: `{}`, status: 200, contains: []string{`"state":"launching"`}},
	} {
		s.check(t, in)
	}

	_, err := in.store.Campaigns.LayOut(t.Context(), 1, 10, time.Now())
	require.NoError(t, err)
	in.call(http.MethodPost, one+"/pause", "")
	for _, s := range []scenario{
		{name: "queued", method: http.MethodGet, path: one + "/deliveries", status: 200, contains: []string{`"chatId":501`, `"contactId":1`, `"status":"queued"`}, lacks: []string{"nextCursor", "settledAt"}},
		{name: "by status", method: http.MethodGet, path: one + "/deliveries?status=sent", status: 200, is: `{"items":[]}`},
		{name: "by no status", method: http.MethodGet, path: one + "/deliveries?status=lost", status: 422, contains: []string{`"field":"status"`}},
		{name: "counts", method: http.MethodGet, path: one, status: 200, contains: []string{`"recipients":1`, `"queued":1`}},
		{name: "cancel", method: http.MethodPost, path: one + "/cancel", status: 200, contains: []string{`"state":"cancelled"`, `"skipped":1`}},
		{name: "skipped", method: http.MethodGet, path: one + "/deliveries?status=skipped", status: 200, contains: []string{`"chatId":501`, `"reason":"cancelled"`}},
		{name: "list", method: http.MethodGet, path: campaigns, status: 200, contains: []string{`"name":"c"`}},
		{name: "deliveries of nothing", method: http.MethodGet, path: campaigns + "/9/deliveries", status: 404, contains: []string{`"code":"campaign_not_found"`}},
		{name: "no audience", method: http.MethodPost, path: campaigns, body: `{"name":"c","botId":1,"messageId":1,"audience":{}}`, status: 422, contains: []string{`"code":"audience_missing"`}},
		{name: "no such bot", method: http.MethodPost, path: campaigns, body: `{"name":"c","botId":9,"messageId":1,"audience":{"all":true}}`, status: 404, contains: []string{`"code":"bot_not_found"`}},
		{name: "no such message", method: http.MethodPost, path: campaigns, body: `{"name":"c","botId":1,"messageId":9,"audience":{"all":true}}`, status: 404, contains: []string{`"code":"message_not_found"`}},
		{name: "bot 2^63", method: http.MethodPost, path: campaigns, body: `{"name":"c","botId":9223372036854775808,"messageId":9,"audience":{"all":true}}`, status: 422, contains: []string{`"field":"botId"`}},
		{name: "bot 2^53", method: http.MethodPost, path: campaigns, body: `{"name":"c","botId":9007199254740993,"messageId":9,"audience":{"all":true}}`, status: 422, contains: []string{`"field":"botId"`}},
		{name: "bot with a fraction", method: http.MethodPost, path: campaigns, body: `{"name":"c","botId":1.5,"messageId":9,"audience":{"all":true}}`, status: 422, contains: []string{`"field":"botId"`}},
		{name: "bot with an exponent", method: http.MethodPost, path: campaigns, body: `{"name":"c","botId":1e400,"messageId":9,"audience":{"all":true}}`, status: 400, contains: []string{`"code":"invalid_request"`}},
	} {
		s.check(t, in)
	}
}

func TestContacts(t *testing.T) {
	t.Parallel()
	in := setup(t)
	app := in.connect(t)
	w := in.call(http.MethodPost, "/v1/apps/"+app+"/tokens", `{"tokens":[{"token":-100501,"externalCustomerId":"C1","phone":"+380501234567"},{"token":7,"externalCustomerId":"C1"}]}`)
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	w = in.call(http.MethodGet, "/manage/v1/contacts/1", "")
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	require.Equal(t, "C1", field[string](t, w, "externalCustomerId"))
	require.Equal(t, "+380501234567", field[string](t, w, "phone"))
	chats := field[[]struct {
		BotID   int64
		AppUUID string
		ChatID  int64
	}](t, w, "chats")
	require.Len(t, chats, 2)
	require.Equal(t, int64(-100501), chats[0].ChatID)
	require.Equal(t, app, chats[1].AppUUID)
	scenario{method: http.MethodGet, path: "/manage/v1/contacts/2", status: 404, contains: []string{`"code":"contact_not_found"`}}.check(t, in)
}

func TestWorkspace(t *testing.T) {
	t.Parallel()
	in := setup(t)
	for _, s := range []scenario{
		{method: http.MethodGet, path: workspace, status: 200, is: `{"phoneRegion":"","identityMatch":"first","utm":{}}`},
		{method: http.MethodPatch, path: workspace, body: `{"phoneRegion":"ua"}`, status: 200, is: `{"phoneRegion":"UA","identityMatch":"first","utm":{}}`},
		{method: http.MethodPatch, path: workspace, body: `{"identityMatch":"any","phoneRegion":null}`, status: 200, is: `{"phoneRegion":"UA","identityMatch":"any","utm":{}}`},
		{method: http.MethodPatch, path: workspace, body: `{"phoneRegion":"XX"}`, status: 422, contains: []string{`"code":"phone_region_unknown"`}},
		{method: http.MethodPatch, path: workspace, body: `{"identityMatch":"all"}`, status: 422, contains: []string{`"field":"identityMatch"`}},
		{method: http.MethodPatch, path: workspace, body: `{"phoneRegion":""}`, status: 200, is: `{"phoneRegion":"","identityMatch":"any","utm":{}}`},
	} {
		s.check(t, in)
	}
}
