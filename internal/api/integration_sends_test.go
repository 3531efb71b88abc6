package api_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/campaign"
	"bellman/internal/dispatch"
	"bellman/internal/outcome"
	"bellman/internal/track"
)

// sendResult is one result of a send.
type sendResult struct {
	ID                                  int64
	Locator, Status, RequestID, Message string
}

// settleAs settles everything that is to be sent, and finishes what is through.
func (in *installation) settleAs(tb testing.TB, number int64, ended func(chatID int64) (dispatch.Status, outcome.Reason)) {
	tb.Helper()
	in.settle(tb, number, func(r dispatch.Recipient) dispatch.Outcome {
		status, reason := ended(r.ChatID)
		return dispatch.Outcome{Status: status, Reason: reason}
	})
}

// settle settles everything as outcome says, and finishes what is through.
func (in *installation) settle(tb testing.TB, number int64, ended func(dispatch.Recipient) dispatch.Outcome) {
	tb.Helper()
	ctx := context.Background()
	_, _, err := in.store.HoldLeases(ctx, "p", time.Hour, true)
	require.NoError(tb, err)
	works, err := in.store.Work(ctx, "p")
	require.NoError(tb, err)
	var steps []dispatch.CampaignStep
	for _, w := range works {
		steps = append(steps, dispatch.CampaignStep{CampaignID: w.CampaignID, BotID: w.BotID, Epoch: w.Epoch, ClaimFrom: w.ClaimedSeq, ClaimTo: w.LaidSeq})
	}
	at := in.config.Now()
	got, err := in.store.Step(ctx, dispatch.Step{Owner: "p", Number: number, Now: at, Campaigns: steps})
	require.NoError(tb, err)
	for i := range steps {
		c := &steps[i]
		c.ClaimFrom, c.SettledSeq, c.Finish = c.ClaimTo, c.ClaimTo, true
		for _, r := range got[i].Recipients {
			o := ended(r)
			o.Recipient, o.SettledAt = r, at
			c.Outcomes = append(c.Outcomes, o)
		}
	}
	_, err = in.store.Step(ctx, dispatch.Step{Owner: "p", Number: number + 1, Now: at, Campaigns: steps})
	require.NoError(tb, err)
}

func results(tb testing.TB, w *httptest.ResponseRecorder) []sendResult {
	tb.Helper()
	require.Equal(tb, http.StatusOK, w.Code, w.Body)
	return field[[]sendResult](tb, w, "results")
}

func TestSmartSend(t *testing.T) {
	t.Parallel()
	in := setup(t)
	in.ready(t)
	const path = "/api/v1/message/1/smartsend"
	w := in.call(http.MethodPost, path, `{"recipients":[{"contactId":"1","jsonParam":"{\"code\":7,\"to\":[\"Олена\"]}"},{"locator":501,"jsonParam":{"a":1},"languageCode":"uk"},
		{"locator":"503"},{"contactId":99},{"locator":"abc"},{},{"locator":"501","jsonParam":"[1]"},{"locator":"501","jsonParam":"{\"a\":\"\\u0000\"}"},
		{"contactId":1,"locator":"503","jsonParam":null,"languageCode":null}],"email":"false","fromName":"x","campaignId":5,"allowUnconfirmed":true}`)
	got := results(t, w)
	require.Contains(t, w.Body.String(), `{"id":0,"results":[{"id":0,"locator":"-502","status":"OK","requestId":"`)
	require.Len(t, got, 9)
	for i, want := range []string{"OK", "OK", "ERROR", "ERROR", "ERROR", "ERROR", "ERROR", "ERROR", "OK"} {
		require.Equal(t, want, got[i].Status, i)
		require.Equal(t, want == "OK", got[i].RequestID != "", i)
		require.Equal(t, want == "ERROR", got[i].Message != "", i)
	}
	require.Equal(t, "501", got[1].Locator)
	require.Equal(t, sendResult{Locator: "503", Status: "ERROR", Message: "this bot has no chat with this locator"}, got[2])
	require.Equal(t, "there is no contact with this id that has a chat with this bot", got[3].Message)
	require.Contains(t, got[4].Message, "by contactId or by locator")
	require.Equal(t, "abc", got[4].Locator)
	require.Contains(t, got[6].Message, "jsonParam is a JSON object")

	w = in.call(http.MethodPost, path, `{"recipients":{"locator":"501"}}`)
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	require.Regexp(t, `^\{"id":0,"results":\{"id":0,"locator":"501","status":"OK","requestId":"[0-9a-f-]{36}"\}\}\n$`, w.Body.String())

	many := strings.TrimSuffix(strings.Repeat(`{"locator":501},`, 1001), ",")
	runAll(t, in, []scenario{
		{name: "1000", method: http.MethodPost, path: path, body: `{"recipients":[` + many[:strings.LastIndex(many, ",")] + `]}`, status: 200, contains: []string{`"OK"`}},
		{name: "1001", method: http.MethodPost, path: path, body: `{"recipients":[` + many + `]}`, status: 400, is: "At most 1000 recipients per request"},
		{name: "nobody", method: http.MethodPost, path: path, body: `{"recipients":[]}`, status: 400, is: "Recipients must be specified"},
		{name: "null", method: http.MethodPost, path: path, body: `{"recipients":null}`, status: 400, is: "Recipients must be specified"},
		{name: "no body", method: http.MethodPost, path: path, status: 400, is: "Recipients must be specified"},
		{name: "text for recipients", method: http.MethodPost, path: path, body: `{"recipients":"501"}`, status: 400, is: "recipients must be an array"},
		{name: "letters for contactId", method: http.MethodPost, path: path, body: `{"recipients":[{},{"contactId":"x"}]}`, status: 400, is: "recipients[1].contactId must be a whole number from 1 to 9007199254740991"},
		{name: "list for locator", method: http.MethodPost, path: path, body: `{"recipients":[{"locator":[]}]}`, status: 400, contains: []string{"recipients[0].locator must be"}},
		{name: "another message", method: http.MethodPost, path: "/v1/message/9/smartsend", body: `{"recipients":[{"locator":"501"}]}`, status: 404, is: "there is no message with this id"},
		{name: "no message id", method: http.MethodPost, path: "/v1/message/x/smartsend", body: `{}`, status: 400, is: "A message id is a whole number"},
		{name: "wrong app", method: http.MethodPost, path: path, body: `{"appUuid":"x","recipients":[{"locator":"501"}]}`, status: 400, is: "Wrong app uuid"},
		{name: "unknown app", method: http.MethodPost, path: path, body: `{"appUuid":"0198c1b0-3c55-7d9e-8f4e-0e6f6e1a2b3c","recipients":[{"locator":"501"}]}`, status: 404, is: "Not registered application"},
		{name: "wrong method", method: http.MethodGet, path: path, status: 405, answered: []string{"Allow", "POST"}},
	})
}

func TestSmartSendWithoutBots(t *testing.T) {
	t.Parallel()
	in := setup(t)
	in.call(http.MethodPost, messages, `{"name":"m","text":"x"}`)
	scenario{method: http.MethodPost, path: "/v1/message/1/smartsend", body: `{"recipients":[{"locator":"501"}]}`, status: 400,
		is: "There is no bot to send with: connect one first"}.check(t, in)
}

func TestSmartSendChoosesTheBot(t *testing.T) {
	t.Parallel()
	in := setup(t)
	in.ready(t)
	w := in.call(http.MethodPost, "/manage/v1/bots", `{"token":"777:AAgood"}`)
	require.Equal(t, http.StatusCreated, w.Code, w.Body)
	second := field[string](t, w, "appUuid")
	require.Equal(t, http.StatusOK, in.call(http.MethodPost, "/v1/apps/"+second+"/tokens", `{"tokens":{"token":900,"contactId":1}}`).Code)
	scenario{method: http.MethodPost, path: "/v1/message/1/smartsend", body: `{"recipients":[{"locator":"900"}]}`, status: 200, contains: []string{`"status":"ERROR"`}}.check(t, in)
	scenario{method: http.MethodPost, path: "/v1/message/1/smartsend", body: `{"appUuid":"` + strings.ToUpper(second) + `","recipients":[{"contactId":1}]}`, status: 200,
		contains: []string{`"locator":"900","status":"OK"`}}.check(t, in)
}

func TestSmartSendIsRepeatable(t *testing.T) {
	t.Parallel()
	in := setup(t)
	in.ready(t)
	send := func(body string) []sendResult {
		return results(t, in.call(http.MethodPost, "/v1/message/1/smartsend", body))
	}
	recipients := func() int64 {
		all, err := in.config.Campaigns.List(t.Context(), 1, 1000, 10)
		require.NoError(t, err)
		var n int64
		for _, c := range all {
			n += c.Counts.Recipients
		}
		return n
	}
	const request = `{"externalRequestId":"o-1","recipients":[{"locator":501},{"locator":501},{"locator":-502,"externalRequestId":17},{"locator":7}]}`
	first := send(request)
	require.NotEqual(t, first[0].RequestID, first[1].RequestID, "named twice, sent twice")
	require.EqualValues(t, 3, recipients())
	require.Equal(t, first, send(request))
	more := send(`{"externalRequestId":"o-1","recipients":[{"contactId":1},{"locator":-502,"externalRequestId":"17"},{"locator":501}]}`)
	require.Equal(t, []sendResult{first[2], first[0]}, more[1:])
	require.EqualValues(t, 5, recipients(), "whoever is new gets it: both chats of the contact")
	scenario{method: http.MethodPost, path: messages, body: `{"name":"m2","text":"x"}`, status: 201}.check(t, in)
	w := in.call(http.MethodPost, "/v1/message/2/smartsend", request)
	require.NotEqual(t, first[0].RequestID, results(t, w)[0].RequestID, "another message is another send")
}

func TestOldSend(t *testing.T) {
	t.Parallel()
	in := setup(t)
	in.ready(t)
	const path = "/v1/message/1/send"
	w := in.call(http.MethodPost, path, `{"params":[{"key":"name","value":"Olena"},{"key":"n","value":{"a":[1]}},{"key":"name","value":5}],
		"recipients":["501",-502,"x",{"locator":"9"}],"contactId":1,"groupId":null,"email":false,"fromName":"x"}`)
	got := results(t, w)
	require.Len(t, got, 5)
	for i, want := range []string{"OK", "OK", "ERROR", "ERROR", "OK"} {
		require.Equal(t, want, got[i].Status, i)
	}
	runAll(t, in, []scenario{
		{name: "lone", method: http.MethodPost, path: path, body: `{"recipients":"501","params":{"key":"a","value":"b"}}`, status: 200, contains: []string{`"results":{"id":0,"locator":"501","status":"OK"`}},
		{name: "by contact", method: http.MethodPost, path: path, body: `{"contactId":"1"}`, status: 200, contains: []string{`"results":{"id":0,"locator":"-502","status":"OK"`}},
		{name: "to a group", method: http.MethodPost, path: path, body: `{"groupId":5,"recipients":["501"]}`, status: 400, contains: []string{"POST /v1/broadcast"}},
		{name: "to nobody", method: http.MethodPost, path: path, body: `{"params":[]}`, status: 400, is: "Recipients must be specified"},
		{name: "list for params", method: http.MethodPost, path: path, body: `{"params":[[]],"recipients":["501"]}`, status: 400, is: "params[0] must be a JSON object"},
		{name: "fraction", method: http.MethodPost, path: path, body: `{"recipients":[1.5]}`, status: 400, contains: []string{"recipients[0] must be a Telegram chat id"}},
	})
}

func TestSendStatus(t *testing.T) {
	t.Parallel()
	in := setup(t)
	in.ready(t)
	send := func(body string) []sendResult {
		return results(t, in.call(http.MethodPost, "/v1/message/1/smartsend", body))
	}
	got := send(`{"recipients":[{"locator":501},{"locator":-502},{"contactId":1}]}`)
	status := func(id string) string { return "/v1/message/status?ids=" + id }
	scenario{method: http.MethodGet, path: status(got[0].RequestID), status: 200,
		is: fmt.Sprintf(`{"results":{"status":"SENDING","requestId":%q,"failed":"false","delivered":"false"}}`, got[0].RequestID)}.check(t, in)
	in.settleAs(t, 1, func(chatID int64) (dispatch.Status, outcome.Reason) {
		if chatID == 501 {
			return dispatch.Sent, ""
		}
		return dispatch.Failed, "bot_blocked"
	})
	scenario{method: http.MethodGet, path: status(strings.ToUpper(got[0].RequestID) + ",%20nonsense," + got[1].RequestID + "&ids=" + got[2].RequestID), status: 200,
		is: fmt.Sprintf(`{"results":[{"status":"DELIVERED","requestId":%q,"failed":"false","delivered":"true"},`+
			`{"status":"UNKNOWN","requestId":"nonsense","failed":"false","delivered":"false","statusDescription":"there is no request with this id"},`+
			`{"status":"BOT_SEND_ERROR","requestId":%q,"failed":"true","delivered":"false","statusDescription":"bot_blocked"},`+
			`{"status":"DELIVERED","requestId":%q,"failed":"false","delivered":"true"}]}`,
			strings.ToUpper(got[0].RequestID), got[1].RequestID, got[2].RequestID)}.check(t, in)
	at := in.config.Now()
	require.NoError(t, in.store.RecordClicks(t.Context(), []track.Click{{
		ID: fmt.Sprintf("%08x-%04x-7c3f-9f63-000000000001", at.UnixMilli()>>16, at.UnixMilli()&0xffff), CampaignID: 1, Seq: 1, ContactID: 1, At: at}}))
	scenario{method: http.MethodGet, path: status(got[0].RequestID), status: 200, contains: []string{`"status":"CLICKED"`, `"failed":"false","delivered":"true"`}}.check(t, in)
	lost := send(`{"recipients":[{"locator":501}, {"locator":501}]}`)
	in.settleAs(t, 3, func(int64) (dispatch.Status, outcome.Reason) { return dispatch.Unknown, "answer_lost" })
	scenario{method: http.MethodGet, path: status(lost[0].RequestID), status: 200,
		contains: []string{`"status":"SENT"`, `"failed":"false","delivered":"false","statusDescription":"answer_lost"`}}.check(t, in)
	cancelled := send(`{"recipients":[{"locator":501}, {"locator":501}]}`)
	list, err := in.config.Campaigns.List(t.Context(), 1, 1000, 1)
	require.NoError(t, err)
	_, err = in.config.Campaigns.Cancel(t.Context(), 1, list[0].ID)
	require.NoError(t, err)
	require.Equal(t, campaign.Triggered, list[0].Kind)
	scenario{method: http.MethodGet, path: status(cancelled[0].RequestID), status: 200, contains: []string{`"status":"UNDELIVERED"`, `"cancelled"`}}.check(t, in)
	runAll(t, in, []scenario{
		{name: "no ids", method: http.MethodGet, path: "/v1/message/status", status: 400, is: "ids must be specified"},
		{name: "commas", method: http.MethodGet, path: status(",,"), status: 400, is: "ids must be specified"},
		{name: "too many", method: http.MethodGet, path: status(strings.Repeat("x,", 501)), status: 400, is: "At most 500 ids per request"},
		{name: "no text", method: http.MethodGet, path: status("%00%FF"), status: 200, contains: []string{`"UNKNOWN"`}},
	})
}

func FuzzSmartSend(f *testing.F) {
	in := setup(f)
	in.ready(f)
	fuzzBody(f, in, http.MethodPost, "/v1/message/1/smartsend",
		`{"recipients":[{"contactId":1,"jsonParam":"{\"a\":[1]}","externalRequestId":1},{"locator":"501","jsonParam":{"a":"\ud83d\ude00"}}],"externalRequestId":"x"}`,
		`{"recipients":{"locator":null,"jsonParam":"\"\\ud800\""},"appUuid":null}`, `{"recipients":[null,{"languageCode":"`+strings.Repeat("x", 50)+`","locator":501}]}`)
}

func FuzzOldSend(f *testing.F) {
	in := setup(f)
	in.ready(f)
	fuzzBody(f, in, http.MethodPost, "/v1/message/1/send",
		`{"params":[{"key":"a","value":"b"}],"recipients":["501",{"locator":1}],"contactId":1}`, `{"recipients":5,"params":null,"groupId":""}`)
}
