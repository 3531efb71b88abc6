package integration_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/api/apitest"
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

// settleAs settles all recipients, and finishes complete campaigns.
func settleAs(tb testing.TB, in *apitest.Installation, number int64, ended func(chatID int64) (dispatch.Status, outcome.Reason)) {
	tb.Helper()
	settle(tb, in, number, func(r dispatch.Recipient) dispatch.Outcome {
		status, reason := ended(r.ChatID)
		return dispatch.Outcome{Status: status, Reason: reason}
	})
}

// settle settles all recipients as outcome says, and finishes complete campaigns. The chats that
// are leaving are removed.
func settle(tb testing.TB, in *apitest.Installation, number int64, ended func(dispatch.Recipient) dispatch.Outcome, leaving ...int64) {
	tb.Helper()
	ctx := context.Background()
	_, _, err := in.Store.Ledgers.HoldLeases(ctx, "p", time.Now(), time.Hour, true)
	require.NoError(tb, err)
	works, err := in.Store.Ledgers.Work(ctx, "p")
	require.NoError(tb, err)
	var steps []dispatch.CampaignStep
	for _, w := range works {
		steps = append(steps,
			dispatch.CampaignStep{CampaignID: w.CampaignID, BotID: w.BotID, Epoch: w.Epoch, ClaimFrom: w.ClaimedSeq, ClaimTo: w.LaidSeq})
	}
	at := in.Config.Now()
	got, err := in.Store.Ledgers.Step(ctx, dispatch.Step{Owner: "p", Number: number, Now: at, Campaigns: steps})
	require.NoError(tb, err)
	for i := range steps {
		c := &steps[i]
		c.ClaimFrom, c.SettledSeq, c.Finish = c.ClaimTo, c.ClaimTo, true
		for _, r := range got[i].Recipients {
			o := ended(r)
			o.Recipient, o.SettledAt = r, at
			c.Outcomes = append(c.Outcomes, o)
			if slices.Contains(leaving, r.ChatID) {
				c.Removals = append(c.Removals, dispatch.Removal{ChatID: r.ChatID, Seq: r.Seq})
			}
		}
	}
	_, err = in.Store.Ledgers.Step(ctx, dispatch.Step{Owner: "p", Number: number + 1, Now: at, Campaigns: steps})
	require.NoError(tb, err)
}

func results(tb testing.TB, w *httptest.ResponseRecorder) []sendResult {
	tb.Helper()
	require.Equal(tb, http.StatusOK, w.Code, w.Body)
	return apitest.Field[[]sendResult](tb, w, "results")
}

// spec: out-lone-result send-limit send-recipient send-json-param send-rejected
func TestSmartSend(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	in.Prepare(t)
	const path = "/api/v1/message/1/smartsend"
	w := in.Call(http.MethodPost, path, `{"recipients":[{"contactId":"1","jsonParam":"{\"code\":7,\"to\":[\"Олена\"]}"},{"locator":501,
		"jsonParam":{"a":1},"languageCode":"uk"},
		{"locator":"503"},{"contactId":99},{"locator":"abc"},{},{"locator":"501","jsonParam":"[1]"},{"locator":"501",
			"jsonParam":"{\"a\":\"\\u0000\"}"},
		{"contactId":1,"locator":"503","jsonParam":null,"languageCode":null}],"email":"false","fromName":"x","campaignId":5,
			"allowUnconfirmed":true}`)
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
	require.Contains(t, got[4].Message, "by contactId, by externalCustomerId, or by locator")
	require.Equal(t, "abc", got[4].Locator)
	require.Contains(t, got[6].Message, "jsonParam is a JSON object")

	w = in.Call(http.MethodPost, path, `{"recipients":{"locator":"501"}}`)
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	require.Regexp(t, `^\{"id":0,"results":\{"id":0,"locator":"501","status":"OK","requestId":"[0-9a-f-]{36}"\}\}\n$`, w.Body.String())

	many := strings.TrimSuffix(strings.Repeat(`{"locator":501},`, 1001), ",")
	apitest.RunAll(t, in, []apitest.Scenario{
		{Name: "1000", Method: http.MethodPost, Path: path, Body: `{"recipients":[` + many[:strings.LastIndex(many, ",")] + `]}`, Status: 200,
			Contains: []string{`"OK"`}},
		{Name: "1001", Method: http.MethodPost, Path: path, Body: `{"recipients":[` + many + `]}`, Status: 400,
			Is: "At most 1000 recipients per request"},
		{Name: "nobody", Method: http.MethodPost, Path: path, Body: `{"recipients":[]}`, Status: 400, Is: "Recipients must be specified"},
		{Name: "null", Method: http.MethodPost, Path: path, Body: `{"recipients":null}`, Status: 400, Is: "Recipients must be specified"},
		{Name: "no body", Method: http.MethodPost, Path: path, Status: 400, Is: "Recipients must be specified"},
		{Name: "text for recipients", Method: http.MethodPost, Path: path, Body: `{"recipients":"501"}`, Status: 400,
			Is: "recipients must be an array"},
		{Name: "letters for contactId", Method: http.MethodPost, Path: path, Body: `{"recipients":[{},{"contactId":"x"}]}`, Status: 400,
			Is: "recipients[1].contactId must be a whole number from 1 to 9007199254740991"},
		{Name: "list for locator", Method: http.MethodPost, Path: path, Body: `{"recipients":[{"locator":[]}]}`, Status: 400,
			Contains: []string{"recipients[0].locator must be"}},
		{Name: "another message", Method: http.MethodPost, Path: "/v1/message/9/smartsend", Body: `{"recipients":[{"locator":"501"}]}`,
			Status: 404, Is: "Not found: there is no message with this id"},
		{Name: "no message id", Method: http.MethodPost, Path: "/v1/message/x/smartsend", Body: `{}`, Status: 400,
			Is: "A message id is a whole number"},
		{Name: "wrong app", Method: http.MethodPost, Path: path, Body: `{"appUuid":"x","recipients":[{"locator":"501"}]}`, Status: 400,
			Is: "Wrong app uuid"},
		{Name: "unknown app", Method: http.MethodPost, Path: path,
			Body: `{"appUuid":"0198c1b0-3c55-7d9e-8f4e-0e6f6e1a2b3c","recipients":[{"locator":"501"}]}`, Status: 404,
			Is: "Not registered application"},
		{Name: "wrong method", Method: http.MethodGet, Path: path, Status: 405, Answered: []string{"Allow", "POST"}},
	})
}

func TestSmartSendWithoutBots(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	in.Call(http.MethodPost, apitest.Messages, `{"name":"m","text":"x"}`)
	apitest.Scenario{Method: http.MethodPost, Path: "/v1/message/1/smartsend", Body: `{"recipients":[{"locator":"501"}]}`, Status: 400,
		Is: "There is no bot to send with: connect one first"}.Check(t, in)
}

func TestSmartSendChoosesTheBot(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	in.Prepare(t)
	w := in.Call(http.MethodPost, "/manage/v1/bots", `{"token":"777:AAgood"}`)
	require.Equal(t, http.StatusCreated, w.Code, w.Body)
	second := apitest.Field[string](t, w, "appUuid")
	require.Equal(t, http.StatusOK, in.Call(http.MethodPost, "/v1/apps/"+second+"/tokens", `{"tokens":{"token":900,"contactId":1}}`).Code)
	apitest.Scenario{Method: http.MethodPost, Path: "/v1/message/1/smartsend", Body: `{"recipients":[{"locator":"900"}]}`, Status: 200,
		Contains: []string{`"status":"ERROR"`}}.Check(t, in)
	apitest.Scenario{Method: http.MethodPost, Path: "/v1/message/1/smartsend",
		Body: `{"appUuid":"` + strings.ToUpper(second) + `","recipients":[{"contactId":1}]}`, Status: 200,
		Contains: []string{`"locator":"900","status":"OK"`}}.Check(t, in)
}

// spec: send-request-id
func TestSmartSendIsRepeatable(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	in.Prepare(t)
	send := func(body string) []sendResult {
		return results(t, in.Call(http.MethodPost, "/v1/message/1/smartsend", body))
	}
	recipients := func() int64 {
		all, _, err := in.Config.Campaigns.List(t.Context(), 1, campaign.Filter{Limit: 10})
		require.NoError(t, err)
		var n int64
		for _, c := range all {
			n += c.Counts.Recipients
		}
		return n
	}
	const request = `{"externalRequestId":"o-1","recipients":[{"locator":501},{"locator":501},{"locator":-502,"externalRequestId":17},` +
		`{"locator":7}]}`
	first := send(request)
	require.Equal(t, first[0], first[1], "who is named twice gets it once")
	require.EqualValues(t, 2, recipients())
	require.Equal(t, first, send(request))
	more := send(`{"externalRequestId":"o-1","recipients":[{"contactId":1},{"locator":-502,"externalRequestId":"17"},{"locator":501}]}`)
	require.Equal(t, []sendResult{first[2], first[0]}, more[1:])
	require.EqualValues(t, 4, recipients(), "whoever is new gets it: both chats of the contact")
	apitest.Scenario{Method: http.MethodPost, Path: apitest.Messages, Body: `{"name":"m2","text":"x"}`, Status: 201}.Check(t, in)
	w := in.Call(http.MethodPost, "/v1/message/2/smartsend", request)
	require.NotEqual(t, first[0].RequestID, results(t, w)[0].RequestID, "another message is another send")
}

// jsonParam may be a list of names and values, as the older kind of send has it.
func TestSmartSendWithAList(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	in.Prepare(t)
	got := results(t, in.Call(http.MethodPost, "/v1/message/1/smartsend", `{"recipients":[
		{"locator":501,"jsonParam":[{"name":"code","value":7}]},{"locator":501,"jsonParam":{"code":7.0}},{"locator":501,"jsonParam":[7]},
		{"locator":501,"jsonParam":{"code":8}}]}`))
	require.Equal(t, []string{"OK", "OK", "ERROR", "OK"}, []string{got[0].Status, got[1].Status, got[2].Status, got[3].Status})
	require.Equal(t, got[0].RequestID, got[1].RequestID, "the same values for the same chat")
	require.NotEqual(t, got[0].RequestID, got[3].RequestID)
	require.Contains(t, got[2].Message, "jsonParam is a JSON object")
}

func TestOldSend(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	in.Prepare(t)
	const path = "/v1/message/1/send"
	w := in.Call(http.MethodPost, path, `{"params":[{"key":"name","value":"Olena"},{"key":"n","value":{"a":[1]}},{"key":"name","value":5}],
		"recipients":["501",-502,"x",{"locator":"9"}],"contactId":1,"groupId":null,"email":false,"fromName":"x"}`)
	got := results(t, w)
	require.Len(t, got, 5)
	for i, want := range []string{"OK", "OK", "ERROR", "ERROR", "OK"} {
		require.Equal(t, want, got[i].Status, i)
	}
	apitest.RunAll(t, in, []apitest.Scenario{
		{Name: "lone", Method: http.MethodPost, Path: path, Body: `{"recipients":"501","params":{"key":"a","value":"b"}}`, Status: 200,
			Contains: []string{`"results":{"id":0,"locator":"501","status":"OK"`}},
		{Name: "by contact", Method: http.MethodPost, Path: path, Body: `{"contactId":"1"}`, Status: 200,
			Contains: []string{`"results":{"id":0,"locator":"-502","status":"OK"`}},
		{Name: "to a group", Method: http.MethodPost, Path: path, Body: `{"groupId":5,"recipients":["501"]}`, Status: 400,
			Contains: []string{"POST /v1/broadcast"}},
		{Name: "to nobody", Method: http.MethodPost, Path: path, Body: `{"params":[]}`, Status: 400, Is: "Recipients must be specified"},
		{Name: "list for params", Method: http.MethodPost, Path: path, Body: `{"params":[[]],"recipients":["501"]}`, Status: 400,
			Is: "params[0] must be a JSON object"},
		{Name: "fraction", Method: http.MethodPost, Path: path, Body: `{"recipients":[1.5]}`, Status: 400,
			Contains: []string{"recipients[0] must be a Telegram chat id"}},
	})
}

// spec: send-status
func TestSendStatus(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	in.Prepare(t)
	send := func(body string) []sendResult {
		return results(t, in.Call(http.MethodPost, "/v1/message/1/smartsend", body))
	}
	got := send(`{"recipients":[{"locator":501},{"locator":-502},{"contactId":1}]}`)
	status := func(id string) string { return "/v1/message/status?ids=" + id }
	apitest.Scenario{Method: http.MethodGet, Path: status(got[0].RequestID), Status: 200,
		Is: fmt.Sprintf(`{"results":{"status":"SENDING","requestId":%q,"failed":"false","delivered":"false"}}`, got[0].RequestID)}.Check(t, in)
	settleAs(t, in, 1, func(chatID int64) (dispatch.Status, outcome.Reason) {
		if chatID == 501 {
			return dispatch.Sent, ""
		}
		return dispatch.Failed, "bot_blocked"
	})
	apitest.Scenario{Method: http.MethodGet,
		Path: status(strings.ToUpper(got[0].RequestID) + ",%20nonsense," + got[1].RequestID + "&ids=" + got[2].RequestID), Status: 200,
		Is: fmt.Sprintf(`{"results":[{"status":"DELIVERED","requestId":%q,"failed":"false","delivered":"true"},`+
			`{"status":"UNKNOWN","requestId":"nonsense","failed":"false","delivered":"false","statusDescription":"there is no request with this `+
			`id"},`+
			`{"status":"BOT_SEND_ERROR","requestId":%q,"failed":"true","delivered":"false","statusDescription":"bot_blocked"},`+
			`{"status":"DELIVERED","requestId":%q,"failed":"false","delivered":"true"}]}`,
			strings.ToUpper(got[0].RequestID), got[1].RequestID, got[2].RequestID)}.Check(t, in)
	at := in.Config.Now()
	require.NoError(t, in.Store.Clicks.RecordClicks(t.Context(), []track.Click{{
		ID: fmt.Sprintf("%08x-%04x-7c3f-9f63-000000000001", at.UnixMilli()>>16, at.UnixMilli()&0xffff), CampaignID: 1, Seq: 1, ContactID: 1,
		At: at}}))
	apitest.Scenario{Method: http.MethodGet, Path: status(got[0].RequestID), Status: 200,
		Contains: []string{`"status":"CLICKED"`, `"failed":"false","delivered":"true"`}}.Check(t, in)
	lost := send(`{"recipients":[{"locator":501}, {"locator":501}]}`)
	settleAs(t, in, 3, func(int64) (dispatch.Status, outcome.Reason) { return dispatch.Unknown, "answer_lost" })
	apitest.Scenario{Method: http.MethodGet, Path: status(lost[0].RequestID), Status: 200,
		Contains: []string{`"status":"SENT"`, `"failed":"false","delivered":"false","statusDescription":"answer_lost"`}}.Check(t, in)
	cancelled := send(`{"recipients":[{"locator":501}, {"locator":501}]}`)
	list, _, err := in.Config.Campaigns.List(t.Context(), 1, campaign.Filter{Limit: 1})
	require.NoError(t, err)
	_, err = in.Config.Campaigns.Cancel(t.Context(), 1, list[0].ID)
	require.NoError(t, err)
	require.Equal(t, campaign.Triggered, list[0].Kind)
	apitest.Scenario{Method: http.MethodGet, Path: status(cancelled[0].RequestID), Status: 200,
		Contains: []string{`"status":"UNDELIVERED"`, `"cancelled"`}}.Check(t, in)
	apitest.RunAll(t, in, []apitest.Scenario{
		{Name: "no ids", Method: http.MethodGet, Path: "/v1/message/status", Status: 400, Is: "ids must be specified"},
		{Name: "commas", Method: http.MethodGet, Path: status(",,"), Status: 400, Is: "ids must be specified"},
		{Name: "too many", Method: http.MethodGet, Path: status(strings.Repeat("x,", 501)), Status: 400, Is: "At most 500 ids per request"},
		{Name: "no text", Method: http.MethodGet, Path: status("%00%FF"), Status: 400, Contains: []string{"not valid UTF-8"}},
	})
}

func FuzzSmartSend(f *testing.F) {
	in := apitest.New(f)
	in.Prepare(f)
	apitest.FuzzBody(f, in, http.MethodPost, "/v1/message/1/smartsend",
		`{"recipients":[{"contactId":1,"jsonParam":"{\"a\":[1]}","externalRequestId":1},{"locator":"501","jsonParam":{"a":"\ud83d\ude00"}}],`+
			`"externalRequestId":"x"}`,
		`{"recipients":{"locator":null,"jsonParam":"\"\\ud800\""},"appUuid":null}`,
		`{"recipients":[null,{"languageCode":"`+strings.Repeat("x", 50)+`","locator":501}]}`)
}

func FuzzOldSend(f *testing.F) {
	in := apitest.New(f)
	in.Prepare(f)
	apitest.FuzzBody(f, in, http.MethodPost, "/v1/message/1/send",
		`{"params":[{"key":"a","value":"b"}],"recipients":["501",{"locator":1}],"contactId":1}`, `{"recipients":5,"params":null,"groupId":""}`)
}
