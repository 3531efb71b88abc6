package integration_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/api/apitest"
	"bellman/internal/dispatch"
	"bellman/internal/outcome"
	"bellman/internal/track"
)

// layOut lays a campaign out.
func layOut(tb testing.TB, in *apitest.Installation, id int64) {
	tb.Helper()
	for more := true; more; {
		var err error
		more, err = in.Store.Campaigns.LayOut(context.Background(), id, 100, in.Config.Now())
		require.NoError(tb, err)
	}
}

// grouped makes a group of contact 1 and returns its id.
func grouped(tb testing.TB, in *apitest.Installation) int64 {
	tb.Helper()
	g, err := in.Config.Groups.Create(context.Background(), 1, "vip")
	require.NoError(tb, err)
	w := in.Call(http.MethodPost, fmt.Sprint("/v1/group/", g.ID, "/contacts/attach"), `{"contactIds":[1]}`)
	require.Equal(tb, http.StatusOK, w.Code, w.Body)
	return g.ID
}

// spec: broadcast-cancel
func TestBroadcasts(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	in.Prepare(t)
	require.EqualValues(t, 1, grouped(t, in))
	const path = "/api/v1/broadcast"
	for _, s := range []apitest.Scenario{
		{Method: http.MethodPost, Path: path, Body: `{"title":"Sale","messageId":"1","groups":1,"excludedGroups":null,"x":1}`, Status: 200,
			Contains: []string{`{"broadcastId":"1","title":"Sale","messageId":"1","groupId":"1","groups":[1],"excludedGroups":[],"appUuid":"`}},
		{Method: http.MethodPost, Path: path, Body: `{"title":"Later","messageId":1,"groups":["1"],"excludedGroups":[],
			"startDate":"2030-01-02T03:04",
			"batchSize":50,"batchIntervalUnit":"MINUTE",
				"domain":"x"}`, Status: 200, Contains: []string{`{"broadcastId":"2",`, `"startDate":"2030-01-02T03:04:00Z"`}},
		{Method: http.MethodGet, Path: path + "/2", Body: "x", Status: 200, Contains: []string{
			`{"broadcastId":"2","title":"Later","messageId":"1","groupId":"1","groups":[1],"excludedGroups":[],"appUuid":"`, `"status":"SCHEDULED"`,
			`"startDate":"2030-01-02T03:04:00Z"`, `"recipients":0`}},
		{Method: http.MethodPost, Path: "/v1/message/1/smartsend", Body: `{"recipients":{"contactId":1}}`, Status: 200},
		{Method: http.MethodGet, Path: path + "/3", Status: 404, Is: "Not found: there is no broadcast with this id"},
		{Method: http.MethodDelete, Path: path + "/3", Status: 404, Is: "Not found: there is no broadcast with this id"},
		{Method: http.MethodGet, Path: "/v1/broadcasts", Status: 200, Contains: []string{`[{"broadcastId":"2",`, `},{"broadcastId":"1",`},
			Lacks: []string{`"broadcastId":"3"`}},
		{Method: http.MethodGet, Path: "/v1/broadcasts?startindex=2&maxrows=5", Status: 200, Contains: []string{`[{"broadcastId":"1",`},
			Lacks: []string{`"broadcastId":"2"`}},
		{Method: http.MethodDelete, Path: path + "/2/", Status: 200, Is: "Broadcast with id='2' has been cancelled"},
		{Method: http.MethodDelete, Path: path + "/2", Status: 200},
		{Method: http.MethodGet, Path: path + "/2", Status: 200, Contains: []string{`"status":"CANCELLED"`, `"finishDate":"`}},
	} {
		s.Check(t, in)
	}
	require.Equal(t, []string{"2"},
		in.Call(http.MethodGet, "/v1/broadcasts", "").Header()["TotalCount"]) //nolint:staticcheck // not canonical, on purpose
	layOut(t, in, 1)
	settleAs(t, in, 1, func(chatID int64) (dispatch.Status, outcome.Reason) {
		if chatID == 501 {
			return dispatch.Sent, ""
		}
		return dispatch.Failed, "bot_blocked"
	})
	apitest.Scenario{Method: http.MethodPost, Path: path,
		Body: fmt.Sprintf(`{"messageId":"1","groups":[1],"appId":%q,"startDate":"2030-01-02T03:04"}`,
			apitest.Field[string](t, in.Call(http.MethodGet, path+"/1", ""), "appUuid")), Status: 200,
		Contains: []string{`"title":"m"`, `"status":"SCHEDULED"`}}.Check(t, in)
	apitest.Scenario{Method: http.MethodGet, Path: path + "/1", Status: 200,
		Contains: []string{`"status":"FINISHED"`, `"recipients":2,"delivered":1,"undelivered":1,"clicked":0`}}.Check(t, in)
	apitest.Scenario{Method: http.MethodDelete, Path: path + "/1", Status: 409, Contains: []string{"it is finished"}}.Check(t, in)
}

func TestBroadcastFaults(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	in.Prepare(t)
	grouped(t, in)
	scenarios := []apitest.Scenario{
		{Name: "no body", Status: 400, Is: "Broadcast must be specified"},
		{Name: "null", Body: `null`, Status: 400, Is: "messageId must be specified"},
		{Name: "no message", Body: `{"title":"x","groups":[1]}`, Status: 400, Is: "messageId must be specified"},
		{Name: "no groups", Body: `{"title":"x","messageId":1,"groups":[]}`, Status: 400, Is: "groups must be specified"},
		{Name: "unknown message", Body: `{"title":"x","messageId":9,"groups":[1]}`, Status: 404,
			Contains: []string{"there is no message with this id"}},
		{Name: "unknown message, no title", Body: `{"messageId":9,"groups":[1]}`, Status: 404,
			Contains: []string{"there is no message with this id"}},
		{Name: "unknown appId", Body: `{"messageId":1,"groups":[1],"appId":"0198c1b0-3c55-7d9e-8f4e-0e6f6e1a2b3c"}`, Status: 404,
			Is: "Not registered application"},
		{Name: "unknown group", Body: `{"title":"x","messageId":1,"groups":[1,9]}`, Status: 404, Contains: []string{"group"}},
		{Name: "unknown app", Body: `{"title":"x","messageId":1,"groups":[1],"appUuid":"0198c1b0-3c55-7d9e-8f4e-0e6f6e1a2b3c"}`, Status: 404,
			Is: "Not registered application"},
		{Name: "long title", Body: `{"title":"` + strings.Repeat("x", 201) + `","messageId":1,"groups":[1]}`, Status: 400,
			Contains: []string{"title: write a name"}},
		{Name: "a time gone by", Body: `{"title":"x","messageId":1,"groups":[1],"startDate":"2020-01-02T03:04"}`, Status: 400,
			Contains: []string{"startDate: this time has passed"}},
		{Name: "no time", Body: `{"title":"x","messageId":1,"groups":[1],"startDate":"soon"}`, Status: 400,
			Contains: []string{"startDate must be a time"}},
		{Name: "letters for groups", Body: `{"title":"x","messageId":1,"groups":["x"]}`, Status: 400, Contains: []string{"groups[0] must be"}},
		{Name: "many groups", Body: `{"title":"x","messageId":1,"groups":[` + strings.Repeat("1,", 100) + `1]}`, Status: 400,
			Contains: []string{"at most 100 groups"}},
		{Name: "no id", Method: http.MethodGet, Path: "/v1/broadcast/x", Status: 400, Is: "A broadcast id is a whole number"},
		{Name: "rows", Method: http.MethodGet, Path: "/v1/broadcasts?maxrows=0", Status: 400, Contains: []string{"maxrows"}},
	}
	for i := range scenarios {
		if s := &scenarios[i]; s.Path == "" {
			s.Method, s.Path = http.MethodPost, "/v1/broadcast"
		}
	}
	t.Run("refused", func(t *testing.T) {
		t.Parallel()
		apitest.RunAll(t, in, scenarios)
	})
	t.Cleanup(func() {
		apitest.Scenario{Method: http.MethodGet, Path: "/v1/broadcasts", Status: 200, Is: "[]"}.Check(t, in)
	})
}

func FuzzBroadcast(f *testing.F) {
	in := apitest.New(f)
	in.Prepare(f)
	grouped(f, in)
	apitest.FuzzBody(f, in, http.MethodPost, "/v1/broadcast",
		`{"title":"x","messageId":"1","groups":[1],"excludedGroups":[1],"startDate":"2030-01-01"}`,
		`{"title":1,"messageId":1,"groups":1,"startDate":9}`)
}

// active sends a broadcast and a triggered message to two chats, one of which is
// gone, and makes one of them click.
func active(tb testing.TB, in *apitest.Installation) {
	tb.Helper()
	in.Prepare(tb)
	w := in.Call(http.MethodPost, telegramMessages,
		`{"name":"Sale","text":"<a href=\"https://shop.example/\">x</a>","tags":["a","b"],"languageCode":"en"}`)
	require.Equal(tb, http.StatusOK, w.Code, w.Body)
	in.Call(http.MethodPost, "/v1/contact",
		`{"id":1,"channels":[{"type":"email","value":"ann@x.example"},{"type":"sms","value":"+380501234567"}]}`)
	w = in.Call(http.MethodPost, "/v1/broadcast", fmt.Sprintf(`{"title":"b","messageId":2,"groups":[%d]}`, grouped(tb, in)))
	require.Equal(tb, http.StatusOK, w.Code, w.Body)
	layOut(tb, in, 1)
	w = in.Call(http.MethodPost, "/v1/message/1/smartsend", `{"recipients":{"locator":501}}`)
	require.Equal(tb, http.StatusOK, w.Code, w.Body)
	settleAs(tb, in, 1, func(chatID int64) (dispatch.Status, outcome.Reason) {
		if chatID == 501 {
			return dispatch.Sent, ""
		}
		return dispatch.Failed, "bot_blocked"
	})
	at := in.Config.Now()
	ms := at.UnixMilli()
	require.NoError(tb, in.Store.Clicks.RecordClicks(context.Background(), []track.Click{{
		ID: fmt.Sprintf("%08x-%04x-7c3f-9f63-000000000001", ms>>16, ms&0xffff), CampaignID: 1, Seq: 2, ContactID: 1, At: at}}))
}

// spec: status-tracked status-words activity-window
func TestActivity(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	active(t, in)
	const window = "dateFrom=2027-01-15&dateTo=2027-01-15"
	rows := func(path string) []map[string]any {
		w := in.Call(http.MethodGet, path, "")
		require.Equal(t, http.StatusOK, w.Code, w.Body)
		var all []map[string]any
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &all))
		return all
	}
	const path = "/api/v2/contacts/activity?"
	all := rows(path + window)
	require.Len(t, all, 4)
	for _, row := range all {
		require.Regexp(t, `^2027-01-15T08:\d\d:\d\dZ$`, row["activityDateTime"])
		delete(row, "activityDateTime")
	}
	person := func(more map[string]any) map[string]any {
		row := map[string]any{"mediaType": "telegrambot", "contactId": 1.0, "externalCustomerId": "C1", "email": "ann@x.example",
			"sms": "+380501234567"}
		maps.Copy(row, more)
		return row
	}
	sale := func(more map[string]any) map[string]any {
		row := person(map[string]any{"broadcastId": 1.0, "messageId": 2.0, "messageInstanceId": 1.0, "messageName": "Sale", "messageTag": "a,b",
			"messageLanguageCode": "en"})
		maps.Copy(row, more)
		return row
	}
	require.Equal(t, []map[string]any{
		sale(map[string]any{"activityId": "1-1-outcome", "iid": "1-1", "offset": all[0]["offset"], "activityStatus": "UNDELIVERED",
			"statusDescription": "bot_blocked", "hardBounce": true, "telegram": "-502"}),
		sale(map[string]any{"activityId": "1-2-outcome", "iid": "1-2", "offset": all[1]["offset"], "activityStatus": "DELIVERED",
			"telegram": "501"}),
		sale(map[string]any{"activityId": all[2]["activityId"], "iid": "1-2", "offset": all[2]["offset"], "activityStatus": "CLICKED",
			"clickEventLink": "https://shop.example/", "telegram": "501"}),
		person(map[string]any{"activityId": "2-1-outcome", "iid": "2-1", "requestId": all[3]["requestId"], "offset": all[3]["offset"],
			"activityStatus": "DELIVERED", "telegram": "501", "messageId": 1.0, "messageInstanceId": 2.0, "messageName": "m"}),
	}, all)
	require.Len(t, rows("/v1/contactActivity/?"+window), 4)
	require.Len(t, rows(path+window+"&status=clicked,DELIVERED"), 3)
	require.Empty(t, rows(path+window+"&status=READ"))
	require.Len(t, rows(path+window+"&maxrows=3"), 3)
	require.Len(t, rows(fmt.Sprintf("%s%s&maxrows=3&offset=%s", path, window, all[2]["offset"])), 1)
	require.Len(t, rows(path+window+"&activityStatus=CLICKED"), 1)
	require.Len(t, rows(path+window+"&email=ANN@x.example"), 4)
	require.Len(t, rows(path+window+"&sms=%2B380501234567"), 4)
	require.Empty(t, rows(path+window+"&sms=380671234567"))
	require.Empty(t, rows(path+window+"&sms=380501234567&email=bob@x.example"))
	require.Empty(t, rows(path+window+"&email=bob@x.example"))
	require.Empty(t, rows(path+"dateFrom=2027-01-16"+"&dateTo=2027-04-16"))
	require.Len(t, rows(path+"dateFrom=2027-01-15T08:00"), 4, "without an end it is now")
	apitest.RunAll(t, in, []apitest.Scenario{
		{Name: "no beginning", Method: http.MethodGet, Path: path, Status: 400, Is: "dateFrom must be specified"},
		{Name: "no date", Method: http.MethodGet, Path: path + "dateFrom=x", Status: 400, Contains: []string{"2026-03-01T15:04"}},
		{Name: "no end", Method: http.MethodGet, Path: path + "dateFrom=2027-01-01&dateTo=x", Status: 400,
			Contains: []string{"2026-03-01T15:04"}},
		{Name: "backwards", Method: http.MethodGet, Path: path + "dateFrom=2027-01-02&dateTo=2027-01-01", Status: 400,
			Is: "dateTo must not be before dateFrom"},
		{Name: "too long", Method: http.MethodGet, Path: path + "dateFrom=2027-01-01&dateTo=2027-04-02", Status: 400,
			Is: "Between dateFrom and dateTo there may be at most 3 months"},
		{Name: "three months", Method: http.MethodGet, Path: path + "dateFrom=2026-11-30&dateTo=2027-02-28", Status: 200},
		{Name: "unknown status", Method: http.MethodGet, Path: path + window + "&status=x", Status: 400,
			Contains: []string{"status is one of DELIVERED"}},
		{Name: "rows", Method: http.MethodGet, Path: path + window + "&maxrows=25001", Status: 400, Contains: []string{"maxrows"}},
		{Name: "offset", Method: http.MethodGet, Path: path + window + "&offset=-1", Status: 400, Contains: []string{"offset"}},
		{Name: "the first offset", Method: http.MethodGet, Path: path + window + "&offset=0&maxrows=1",
			Status: 200, Contains: []string{"UNDELIVERED"}},
		{Name: "far offset", Method: http.MethodGet, Path: path + window + "&offset=9007199254740991-1-0", Status: 200, Is: "[]"},
		{Name: "no email", Method: http.MethodGet, Path: path + window + "&email=x", Status: 400, Contains: []string{"email"}},
	})
}

func TestHistory(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	active(t, in)
	const path = "/v2/contacts/messages?"
	var history []string
	for _, who := range []string{"contactId=1", "externalCustomerId=C1", "email=ann@x.example",
		"phone=380501234567&channelTypes=sms,telegrambot&offset=0"} {
		w := in.Call(http.MethodGet, path+who, "")
		require.Equal(t, http.StatusOK, w.Code, w.Body)
		require.Equal(t, []string{"3"}, w.Header()["TotalCount"]) //nolint:staticcheck // not canonical, on purpose
		history = append(history, w.Body.String())
	}
	require.Equal(t, history[0], history[1])
	require.Equal(t, history[0], history[2])
	require.Equal(t, history[0], history[3])
	require.Regexp(t,
		`^\[\{"contactId":1,"channelType":"telegrambot","telegram":"501","messageId":1,"messageInstanceId":2,"messageName":"m",`+
			`"messageTags":\[\],"activityStatus":"DELIVERED","sentDateTime":"[^"]+","statusDateTime":"[^"]+"\},`+
			`\{"contactId":1,"channelType":"telegrambot","telegram":"501","messageId":2,"messageInstanceId":1,"broadcastId":1,`+
			`"messageName":"Sale","messageLanguageCode":"en","messageTags":\["a","b"\],"activityStatus":"CLICKED","sentDateTime":"[^"]+",`+
			`"statusDateTime":"[^"]+","clickDateTime":"[^"]+"\},`+
			`\{.*"telegram":"-502",.*"activityStatus":"UNDELIVERED","statusDescription":"bot_blocked","statusDateTime":"[^"]+"\}\]\n$`, history[0])
	apitest.RunAll(t, in, []apitest.Scenario{
		{Name: "a page", Method: http.MethodGet, Path: path + "contactId=1&startindex=3&maxrows=2", Status: 200,
			Contains: []string{`"telegram":"-502"`}, Lacks: []string{"501"}},
		{Name: "an offset", Method: http.MethodGet, Path: path + "contactId=1&offset=2", Status: 200, Contains: []string{`"telegram":"-502"`},
			Lacks: []string{"501"}},
		{Name: "other channels", Method: http.MethodGet, Path: path + "contactId=1&channelTypes=email,sms", Status: 200, Is: "[]"},
		{Name: "offset", Method: http.MethodGet, Path: path + "contactId=1&offset=x", Status: 400, Contains: []string{"offset"}},
		{Name: "no rows", Method: http.MethodGet, Path: path + "contactId=1&maxrows=0", Status: 400, Contains: []string{"maxrows"}},
		{Name: "nobody", Method: http.MethodGet, Path: path, Status: 400, Is: "contactId, externalCustomerId, email or phone must be specified"},
		{Name: "no id", Method: http.MethodGet, Path: path + "contactId=x", Status: 400, Contains: []string{"contactId"}},
		{Name: "unknown", Method: http.MethodGet, Path: path + "contactId=9", Status: 404, Is: "Not found: there is no contact with this id"},
		{Name: "unknown external id", Method: http.MethodGet, Path: path + "externalCustomerId=zz", Status: 404,
			Is: "Not found: there is no contact with this id"},
	})
}

// spec: page-few
func TestFewRows(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	in.Prepare(t)
	grouped(t, in)
	for range 11 {
		apitest.Scenario{Method: http.MethodPost, Path: "/v1/broadcast", Status: 200,
			Body: `{"messageId":1,"groups":[1],"startDate":"2030-01-02T03:04"}`}.Check(t, in)
	}
	for query, rows := range map[string]int{"": 10, "?maxrows=11": 11, "?startindex=11": 1} {
		w := in.Call(http.MethodGet, "/v1/broadcasts"+query, "")
		require.Equal(t, rows, strings.Count(w.Body.String(), `"broadcastId"`), query)
		require.Equal(t, []string{"11"}, w.Header()["TotalCount"]) //nolint:staticcheck // not canonical, on purpose
	}
}
