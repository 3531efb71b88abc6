package manage_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/api/apitest"
)

// defaults are the settings of a new workspace behind the first two.
const defaults = defaultUTM + `,"keeping":{"recipientsMonths":13,"eventsMonths":13,"auditMonths":24}`

// defaultUTM are the parameters of a new workspace, as its settings show them.
const defaultUTM = `"utm":{"source":"bellman-$type","medium":"$mediaType",` +
	`"campaign":"$messageName","content":"$contactId"}`

const (
	bots      = "/manage/v1/bots"
	messages  = "/manage/v1/messages"
	campaigns = "/manage/v1/campaigns"
	settings  = "/manage/v1/workspace"
)

func TestBots(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)

	w := in.Call(http.MethodPost, bots, `{"token":"123456:AAgood"}`)
	require.Equal(t, http.StatusCreated, w.Code, w.Body)
	require.Equal(t, "application/json", w.Header().Get("Content-Type"))
	appUUID := apitest.Field[string](t, w, "appUuid")
	require.Len(t, appUUID, 36)
	require.Equal(t, int64(123456), apitest.Field[int64](t, w, "telegramId"))
	require.Equal(t, "active", apitest.Field[string](t, w, "state"))
	require.Equal(t, int64(0), apitest.Field[int64](t, w, "subscribers"))
	require.Regexp(t, `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.123Z$`, apitest.Field[string](t, w, "createdAt"))
	id := apitest.Field[int64](t, w, "id")

	w = in.Call(http.MethodPost, bots, `{"token":"123456:AAnew","apiUrl":"http://127.0.0.1:8081/"}`)
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	require.Equal(t, appUUID, apitest.Field[string](t, w, "appUuid"))
	require.Equal(t, "http://127.0.0.1:8081", apitest.Field[string](t, w, "apiUrl"))

	w = in.Call(http.MethodGet, fmt.Sprint(bots, "/", id), "")
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	require.Equal(t, appUUID, apitest.Field[string](t, w, "appUuid"))

	for _, secret := range []string{"AAgood", "AAnew", in.Key} {
		require.NotContains(t, in.Log.String(), secret)
	}
}

// spec: tg-token-shape
func TestBotFaults(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	const tooBig = "9223372036854775808"
	t.Run("refused", func(t *testing.T) {
		t.Parallel()
		apitest.RunAll(t, in, []apitest.Scenario{
			{Name: "malformed token", Method: http.MethodPost, Path: bots, Body: `{"token":"nonsense"}`, Status: 422,
				Contains: []string{`"code":"token_malformed"`, `"field":"token"`, `"status":422`, `"title":"Unprocessable Entity"`},
				Answered: []string{"Content-Type", "application/problem+json"}},
			{Name: "revoked token", Method: http.MethodPost, Path: bots, Body: `{"token":"123:revoked"}`, Status: 422,
				Contains: []string{`"code":"token_refused"`}, Lacks: []string{"123:revoked"}},
			{Name: "Telegram away", Method: http.MethodPost, Path: bots, Body: `{"token":"123:down"}`, Status: 503,
				Contains: []string{`"code":"telegram_unavailable"`}},
			{Name: "bad address", Method: http.MethodPost, Path: bots, Body: `{"token":"123:AA","apiUrl":"ftp://x"}`, Status: 422,
				Contains: []string{`"code":"api_url_invalid"`}},
			{Name: "an address with an empty query", Method: http.MethodPost, Path: bots,
				Body: `{"token":"123:AA","apiUrl":"https://x.example/?"}`, Status: 422,
				Contains: []string{`"code":"api_url_invalid"`}},
			{Name: "an address with an empty fragment", Method: http.MethodPost, Path: bots,
				Body: `{"token":"123:AA","apiUrl":"https://x.example/#"}`, Status: 422,
				Contains: []string{`"code":"api_url_invalid"`}},
			{Name: "wrong type keeps the value to itself", Method: http.MethodPost, Path: bots, Body: `{"token":["123:AAsecret"]}`, Status: 422,
				Contains: []string{`"code":"invalid_request"`, `"field":"token"`, `"location":"body.token"`}, Lacks: []string{"AAsecret"}},
			{Name: "missing field", Method: http.MethodPost, Path: bots, Body: `{}`, Status: 422,
				Contains: []string{`"code":"invalid_request"`, `required property token`}},
			{Name: "unknown field", Method: http.MethodPost, Path: bots, Body: `{"token":"1:A","tokn":1}`, Status: 422,
				Contains: []string{`"code":"invalid_request"`, `"field":"tokn"`}},
			{Name: "field in other case", Method: http.MethodPost, Path: bots, Body: `{"Token":"1:A"}`, Status: 422,
				Contains: []string{`"location":"body.Token"`}},
			{Name: "malformed JSON", Method: http.MethodPost, Path: bots, Body: `{"token":`, Status: 400,
				Contains: []string{`"code":"body_not_json"`, "at byte 9"}, Answered: []string{"Content-Type", "application/problem+json"}},
			{Name: "no body", Method: http.MethodPost, Path: bots, Status: 400, Contains: []string{`"code":"invalid_request"`, "body is required"}},
			{Name: "array for object", Method: http.MethodPost, Path: bots, Body: `[]`, Status: 422, Contains: []string{"expected object"}},
			{Name: "null for object", Method: http.MethodPost, Path: bots, Body: `null`, Status: 422, Contains: []string{"invalid_request"}},
			{Name: "other content type", Method: http.MethodPost, Path: bots, Body: `{"token":"1:A"}`,
				Header: []string{"Content-Type", "text/plain"}, Status: 415,
				Contains: []string{`"code":"content_type_unsupported"`}},
			{Name: "too large", Method: http.MethodPost, Path: bots, Body: strings.Repeat(" ", 4<<20+1), Status: 413,
				Contains: []string{`"code":"body_too_large"`}},
			{Name: "NUL", Method: http.MethodPost, Path: bots, Body: `{"token":"\u0000"}`, Status: 400, Contains: []string{`"code":"body_nul"`}},
			{Name: "lone surrogate", Method: http.MethodPost, Path: messages, Body: `{"name":"x","text":"\ud800"}`, Status: 400,
				Contains: []string{`"code":"body_lone_surrogate"`}},
			{Name: "no such bot", Method: http.MethodGet, Path: bots + "/77", Status: 404, Contains: []string{`"code":"bot_not_found"`}},
			{Name: "id in letters", Method: http.MethodGet, Path: bots + "/abc", Status: 422, Contains: []string{`"field":"id"`, "invalid integer"}},
			{Name: "id of 2^63", Method: http.MethodGet, Path: bots + "/" + tooBig, Status: 422, Contains: []string{`"field":"id"`}},
			{Name: "negative id", Method: http.MethodGet, Path: bots + "/-1", Status: 422, Contains: []string{`"field":"id"`}},
			{Name: "no such route", Method: http.MethodGet, Path: "/manage/v1/robots", Status: 404, Contains: []string{`"code":"route_not_found"`}},
			{Name: "the prefix alone", Method: http.MethodGet, Path: "/manage/v1/", Status: 404, Contains: []string{`"code":"route_not_found"`}},
			{Name: "wrong method", Method: http.MethodDelete, Path: bots, Status: 405, Contains: []string{`"code":"method_not_allowed"`, "GET"},
				Answered: []string{"Allow", "GET, HEAD, POST"}},
			{Name: "unknown query", Method: http.MethodGet, Path: bots + "?limt=3", Status: 422, Contains: []string{`"field":"limt"`}},
			{Name: "limit too high", Method: http.MethodGet, Path: bots + "?limit=501", Status: 422, Contains: []string{`"field":"limit"`}},
			{Name: "limit too low", Method: http.MethodGet, Path: bots + "?limit=0", Status: 422, Contains: []string{`"field":"limit"`}},
			{Name: "made-up cursor", Method: http.MethodGet, Path: bots + "?cursor=!", Status: 422, Contains: []string{`"code":"cursor_invalid"`}},
			{Name: "cursor of no number", Method: http.MethodGet, Path: bots + "?cursor=YWJj", Status: 422,
				Contains: []string{`"code":"cursor_invalid"`}},
		})
	})
	t.Cleanup(func() {
		w := in.Call(http.MethodGet, bots, "")
		require.JSONEq(t, `{"items":[]}`, w.Body.String(), "a refused call must leave nothing behind")
	})
}

func TestMessages(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	w := in.Call(http.MethodPost, messages, `{"name":" Sale ","text":"<b>Знижки</b> & <i>more</i> 😀"}`)
	require.Equal(t, http.StatusCreated, w.Code, w.Body)
	require.Contains(t, w.Body.String(), `"text":"<b>Знижки</b> & <i>more</i> 😀"`)
	require.Equal(t, "Sale", apitest.Field[string](t, w, "name"))
	one := fmt.Sprint(messages, "/", apitest.Field[int64](t, w, "id"))

	w = in.Call(http.MethodPut, one, `{"name":"Sale 2","text":"now"}`, "Content-Type", "application/json; charset=utf-8")
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	w = in.Call(http.MethodGet, one, "")
	require.Equal(t, "now", apitest.Field[string](t, w, "text"))
	require.Greater(t, apitest.Field[string](t, w, "updatedAt"), apitest.Field[string](t, w, "createdAt"))

	for _, s := range []apitest.Scenario{
		{Name: "no text", Method: http.MethodPost, Path: messages, Body: `{"name":"x","text":" "}`, Status: 422,
			Contains: []string{`"code":"text_missing"`, `"field":"text"`}},
		{Name: "no name", Method: http.MethodPut, Path: one, Body: `{"name":"","text":"x"}`, Status: 422,
			Contains: []string{`"code":"name_invalid"`}},
		{Name: "unknown", Method: http.MethodPut, Path: messages + "/99", Body: `{"name":"x","text":"x"}`, Status: 404,
			Contains: []string{`"code":"message_not_found"`}},
		{Name: "both wrong", Method: http.MethodPut, Path: messages + "/x", Body: `{"name":1,"text":2}`, Status: 422,
			Contains: []string{`"location":"path.id"`, `"location":"body.name"`, `"location":"body.text"`}},
	} {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			s.Check(t, in)
		})
	}
}

func TestPaging(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	for i := range 5 {
		w := in.Call(http.MethodPost, messages, fmt.Sprintf(`{"name":"m%d","text":"x"}`, i))
		require.Equal(t, http.StatusCreated, w.Code, w.Body)
	}
	var names []string
	cursor, pages := "", 0
	for {
		w := in.Call(http.MethodGet, messages+"?limit=2&cursor="+cursor, "")
		require.Equal(t, http.StatusOK, w.Code, w.Body)
		for _, m := range apitest.Field[[]struct{ Name string }](t, w, "items") {
			names = append(names, m.Name)
		}
		pages++
		if !strings.Contains(w.Body.String(), "nextCursor") {
			break
		}
		cursor = apitest.Field[string](t, w, "nextCursor")
	}
	require.Equal(t, []string{"m4", "m3", "m2", "m1", "m0"}, names)
	require.Equal(t, 3, pages)
}

func TestCampaigns(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	app := in.Connect(t)
	w := in.Call(http.MethodPost, "/api/v1/apps/"+app+"/tokens", `{"tokens":[{"token":"501","email":"a@b.c"}]}`)
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	w = in.Call(http.MethodPost, messages, `{"name":"m","text":"x"}`)
	require.Equal(t, http.StatusCreated, w.Code, w.Body)

	w = in.Call(http.MethodPost, campaigns, `{"name":"c","botId":1,"messageId":1,"audience":{"all":true}}`)
	require.Equal(t, http.StatusCreated, w.Code, w.Body)
	require.Equal(t, "draft", apitest.Field[string](t, w, "state"))
	require.Contains(t, w.Body.String(),
		`"counts":{"recipients":0,"queued":0,"sending":0,"sent":0,"failed":0,"skipped":0,"unknown":0,"clicked":0}`)
	require.NotContains(t, w.Body.String(), "launchedAt")
	one := fmt.Sprint(campaigns, "/", apitest.Field[int64](t, w, "id"))

	for _, s := range []apitest.Scenario{
		{Name: "pause a draft", Method: http.MethodPost, Path: one + "/pause", Status: 409, Contains: []string{`"code":"campaign_state"`}},
		{Name: "schedule", Method: http.MethodPost, Path: one + "/launch", Body: `{"at":"2040-01-01T12:00:00+02:00"}`, Status: 200,
			Contains: []string{`"state":"scheduled"`, `"scheduledAt":"2040-01-01T10:00:00.000Z"`}},
		{Name: "change what is scheduled", Method: http.MethodPatch, Path: one, Body: `{"name":"d"}`, Status: 409,
			Contains: []string{`"code":"campaign_state"`, "unschedule"}},
		{Name: "delete what is scheduled", Method: http.MethodDelete, Path: one, Status: 409, Contains: []string{`"code":"campaign_state"`}},
		{Name: "unschedule", Method: http.MethodPost, Path: one + "/unschedule", Status: 200,
			Contains: []string{`"state":"draft"`}, Lacks: []string{"scheduledAt"}},
		{Name: "launch in a while", Method: http.MethodPost, Path: one + "/launch", Body: `{"afterSeconds":600}`, Status: 200,
			Contains: []string{`"state":"scheduled"`, `"scheduledAt":"2027-01-15T08:1`}},
		{Name: "take it back", Method: http.MethodPost, Path: one + "/unschedule", Status: 200, Contains: []string{`"state":"draft"`}},
		{Name: "launch at two times", Method: http.MethodPost, Path: one + "/launch", Status: 422,
			Body: `{"afterSeconds":10,"at":"2040-01-01T12:00:00Z"}`, Contains: []string{`"code":"time_twice"`}},
		{Name: "change the draft", Method: http.MethodPatch, Path: one, Body: `{"name":"d","botId":1,"messageId":1,"audience":{"all":true}}`,
			Status: 200, Contains: []string{`"name":"d"`, `"state":"draft"`}},
		{Name: "change to no bot", Method: http.MethodPatch, Path: one, Body: `{"name":"e","botId":9}`, Status: 404,
			Contains: []string{`"code":"bot_not_found"`, `"field":"botId"`}},
		{Name: "change to no message", Method: http.MethodPatch, Path: one, Body: `{"messageId":9}`, Status: 404,
			Contains: []string{`"code":"message_not_found"`}},
		{Name: "change to no group", Method: http.MethodPatch, Path: one, Body: `{"audience":{"groups":[9]}}`, Status: 404,
			Contains: []string{`"code":"group_not_found"`}},
		{Name: "change back", Method: http.MethodPatch, Path: one, Body: `{"name":"c"}`,
			Status: 200, Contains: []string{`"name":"c"`, `"all":true`}},
		{Name: "launch in the past", Method: http.MethodPost, Path: one + "/launch", Body: `{"at":"2020-01-01T12:00:00Z"}`, Status: 422,
			Contains: []string{`"code":"launch_time_past"`, `"field":"at"`}},
		{Name: "schedule again", Method: http.MethodPost, Path: one + "/launch", Body: `{"at":"2040-01-01T12:00:00+02:00"}`, Status: 200,
			Contains: []string{`"state":"scheduled"`}},
		{Name: "launch at no time", Method: http.MethodPost, Path: one + "/launch", Body: `{"at":"soon"}`, Status: 422,
			Contains: []string{`"field":"at"`}},
		{Name: "launch now", Method: http.MethodPost, Path: one + "/launch", Status: 200,
			Contains: []string{`"state":"launching"`, `"launchedAt":"`}, Lacks: []string{"scheduledAt"}},
		{Name: "launch twice", Method: http.MethodPost, Path: one + "/launch", Body: `{}`, Status: 409,
			Contains: []string{`"code":"campaign_state"`}},
		{Name: "pause", Method: http.MethodPost, Path: one + "/pause", Status: 200, Contains: []string{`"state":"paused"`}},
		{Name: "resume", Method: http.MethodPost, Path: one + "/resume", Body: `{}`, Status: 200, Contains: []string{`"state":"launching"`}},
	} {
		s.Check(t, in)
	}

	_, err := in.Store.Campaigns.LayOut(t.Context(), 1, 10, time.Now())
	require.NoError(t, err)
	in.Call(http.MethodPost, one+"/pause", "")
	for _, s := range []apitest.Scenario{
		{Name: "queued", Method: http.MethodGet, Path: one + "/deliveries", Status: 200,
			Contains: []string{`"chatId":501`, `"contactId":1`, `"status":"queued"`, `"contact":{"id":1`},
			Lacks:    []string{"nextCursor", "settledAt"}},
		{Name: "by status", Method: http.MethodGet, Path: one + "/deliveries?status=sent", Status: 200, Is: `{"items":[]}`},
		{Name: "by no status", Method: http.MethodGet, Path: one + "/deliveries?status=lost", Status: 422,
			Contains: []string{`"field":"status[0]"`}},
		{Name: "counts", Method: http.MethodGet, Path: one, Status: 200, Contains: []string{`"recipients":1`, `"queued":1`}},
		{Name: "cancel", Method: http.MethodPost, Path: one + "/cancel", Status: 200, Contains: []string{`"state":"cancelled"`, `"skipped":1`}},
		{Name: "skipped", Method: http.MethodGet, Path: one + "/deliveries?status=skipped", Status: 200,
			Contains: []string{`"chatId":501`, `"reason":"cancelled"`}},
		{Name: "report", Method: http.MethodGet, Path: one + "/report", Status: 200,
			Is: `{"reasons":[{"status":"skipped","reason":"cancelled","count":1}],"left":0,"clicks":[]}`},
		{Name: "report of nothing", Method: http.MethodGet, Path: campaigns + "/9/report", Status: 404,
			Contains: []string{`"code":"campaign_not_found"`}},
		{Name: "list", Method: http.MethodGet, Path: campaigns, Status: 200, Contains: []string{`"name":"c"`}},
		{Name: "another draft", Method: http.MethodPost, Path: campaigns, Body: `{"name":"x","botId":1,"messageId":1,"audience":{"all":true}}`,
			Status: 201, Contains: []string{`"id":2`}},
		{Name: "delete it", Method: http.MethodDelete, Path: campaigns + "/2", Status: 204},
		{Name: "it is gone", Method: http.MethodGet, Path: campaigns + "/2", Status: 404, Contains: []string{`"code":"campaign_not_found"`}},
		{Name: "delete it again", Method: http.MethodDelete, Path: campaigns + "/2",
			Status: 404, Contains: []string{`"code":"campaign_not_found"`}},
		{Name: "delete what was sent", Method: http.MethodDelete, Path: one, Status: 409, Contains: []string{`"code":"campaign_state"`}},
		{Name: "deliveries of nothing", Method: http.MethodGet, Path: campaigns + "/9/deliveries", Status: 404,
			Contains: []string{`"code":"campaign_not_found"`}},
		{Name: "no audience", Method: http.MethodPost, Path: campaigns, Body: `{"name":"c","botId":1,"messageId":1,"audience":{}}`, Status: 422,
			Contains: []string{`"code":"audience_missing"`}},
		{Name: "no such bot", Method: http.MethodPost, Path: campaigns, Body: `{"name":"c","botId":9,"messageId":1,"audience":{"all":true}}`,
			Status: 404, Contains: []string{`"code":"bot_not_found"`}},
		{Name: "no such message", Method: http.MethodPost, Path: campaigns, Body: `{"name":"c","botId":1,"messageId":9,"audience":{"all":true}}`,
			Status: 404, Contains: []string{`"code":"message_not_found"`}},
		{Name: "bot 2^63", Method: http.MethodPost, Path: campaigns,
			Body: `{"name":"c","botId":9223372036854775808,"messageId":9,"audience":{"all":true}}`, Status: 422,
			Contains: []string{`"field":"botId"`}},
		{Name: "bot 2^53", Method: http.MethodPost, Path: campaigns,
			Body: `{"name":"c","botId":9007199254740993,"messageId":9,"audience":{"all":true}}`, Status: 422, Contains: []string{`"field":"botId"`}},
		{Name: "bot with a fraction", Method: http.MethodPost, Path: campaigns,
			Body: `{"name":"c","botId":1.5,"messageId":9,"audience":{"all":true}}`, Status: 422, Contains: []string{`"field":"botId"`}},
		{Name: "bot with an exponent", Method: http.MethodPost, Path: campaigns,
			Body: `{"name":"c","botId":1e400,"messageId":9,"audience":{"all":true}}`, Status: 400, Contains: []string{`"code":"invalid_request"`}},
	} {
		s.Check(t, in)
	}
}

func TestContacts(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	app := in.Connect(t)
	w := in.Call(http.MethodPost, "/v1/apps/"+app+"/tokens",
		`{"tokens":[{"token":-100501,"externalCustomerId":"C1","phone":"+380501234567"},{"token":7,"externalCustomerId":"C1"}]}`)
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	w = in.Call(http.MethodGet, "/manage/v1/contacts/1", "")
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	require.Equal(t, "C1", apitest.Field[string](t, w, "externalCustomerId"))
	require.Equal(t, "+380501234567", apitest.Field[string](t, w, "phone"))
	chats := apitest.Field[[]struct {
		BotID   int64
		AppUUID string
		ChatID  int64
	}](t, w, "chats")
	require.Len(t, chats, 2)
	require.Equal(t, int64(-100501), chats[0].ChatID)
	require.Equal(t, app, chats[1].AppUUID)
	apitest.Scenario{Method: http.MethodGet, Path: "/manage/v1/contacts/2", Status: 404,
		Contains: []string{`"code":"contact_not_found"`}}.Check(t, in)
}

func TestWorkspace(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	for _, s := range []apitest.Scenario{
		{Method: http.MethodGet, Path: settings, Status: 200, Is: `{"phoneRegion":"","timeZone":"","identityMatch":"first",` + defaults + `}`},
		{Method: http.MethodPatch, Path: settings, Body: `{"phoneRegion":"ua"}`, Status: 200,
			Is: `{"phoneRegion":"UA","timeZone":"","identityMatch":"first",` + defaults + `}`},
		{Method: http.MethodPatch, Path: settings, Body: `{"identityMatch":"any","phoneRegion":null}`, Status: 200,
			Is: `{"phoneRegion":"UA","timeZone":"","identityMatch":"any",` + defaults + `}`},
		{Method: http.MethodPatch, Path: settings, Body: `{"phoneRegion":"XX"}`, Status: 422,
			Contains: []string{`"code":"phone_region_unknown"`}},
		{Method: http.MethodPatch, Path: settings, Body: `{"identityMatch":"all"}`, Status: 422, Contains: []string{`"field":"identityMatch"`}},
		{Method: http.MethodPatch, Path: settings, Body: `{"phoneRegion":"","timeZone":" Europe/Kyiv "}`, Status: 200,
			Is: `{"phoneRegion":"","timeZone":"Europe/Kyiv","identityMatch":"any",` + defaults + `}`},
		{Method: http.MethodPatch, Path: settings, Body: `{"timeZone":"Local"}`, Status: 422,
			Contains: []string{`"code":"time_zone_unknown"`, `"field":"timeZone"`}},
		{Method: http.MethodGet, Path: settings, Status: 200, Contains: []string{`"timeZone":"Europe/Kyiv"`}},
		{Method: http.MethodPatch, Path: settings, Body: `{"timeZone":""}`, Status: 200, Contains: []string{`"timeZone":""`}},
	} {
		s.Check(t, in)
	}
}
