package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/dispatch"
	"bellman/internal/outcome"
	"bellman/internal/track"
)

// layOut lays a campaign out.
func (in *installation) layOut(tb testing.TB, id int64) {
	tb.Helper()
	for more := true; more; {
		var err error
		more, err = in.store.LayOut(context.Background(), id, 100, in.config.Now())
		require.NoError(tb, err)
	}
}

// grouped makes a group of contact 1 and returns its id.
func (in *installation) grouped(tb testing.TB) int64 {
	tb.Helper()
	g, err := in.config.Groups.Create(context.Background(), 1, "vip")
	require.NoError(tb, err)
	w := in.call(http.MethodPost, fmt.Sprint("/v1/group/", g.ID, "/contacts/attach"), `{"contactIds":[1]}`)
	require.Equal(tb, http.StatusOK, w.Code, w.Body)
	return g.ID
}

func TestBroadcasts(t *testing.T) {
	t.Parallel()
	in := setup(t)
	in.ready(t)
	require.EqualValues(t, 1, in.grouped(t))
	const path = "/api/v1/broadcast"
	for _, s := range []scenario{
		{method: http.MethodPost, path: path, body: `{"title":"Sale","messageId":"1","groups":1,"excludedGroups":null,"x":1}`, status: 200, contains: []string{`{"broadcastId":"1","title":"Sale","messageId":"1","groupId":"1","groups":[1],"excludedGroups":[],"appUuid":"`}},
		{method: http.MethodPost, path: path, body: `{"title":"Later","messageId":1,"groups":["1"],"excludedGroups":[],"startDate":"2030-01-02T03:04",
			"batchSize":50,"batchIntervalUnit":"MINUTE","domain":"x"}`, status: 200, contains: []string{`{"broadcastId":"2",`, `"startDate":"2030-01-02T03:04:00Z"`}},
		{method: http.MethodGet, path: path + "/2", body: "x", status: 200, contains: []string{
			`{"broadcastId":"2","title":"Later","messageId":"1","groupId":"1","groups":[1],"excludedGroups":[],"appUuid":"`, `"status":"SCHEDULED"`, `"startDate":"2030-01-02T03:04:00Z"`, `"recipients":0`}},
		{method: http.MethodPost, path: "/v1/message/1/smartsend", body: `{"recipients":{"contactId":1}}`, status: 200},
		{method: http.MethodGet, path: path + "/3", status: 404, is: "There is no broadcast with this id"},
		{method: http.MethodDelete, path: path + "/3", status: 404, is: "There is no broadcast with this id"},
		{method: http.MethodGet, path: "/v1/broadcasts", status: 200, contains: []string{`[{"broadcastId":"2",`, `},{"broadcastId":"1",`}, lacks: []string{`"broadcastId":"3"`}},
		{method: http.MethodGet, path: "/v1/broadcasts?startindex=2&maxrows=5", status: 200, contains: []string{`[{"broadcastId":"1",`}, lacks: []string{`"broadcastId":"2"`}},
		{method: http.MethodDelete, path: path + "/2/", status: 200, is: "Broadcast with id='2' has been cancelled"},
		{method: http.MethodDelete, path: path + "/2", status: 200},
		{method: http.MethodGet, path: path + "/2", status: 200, contains: []string{`"status":"CANCELLED"`, `"finishDate":"`}},
	} {
		s.check(t, in)
	}
	require.Equal(t, []string{"2"}, in.call(http.MethodGet, "/v1/broadcasts", "").Header()["TotalCount"]) //nolint:staticcheck // not canonical, on purpose
	in.layOut(t, 1)
	in.settleAs(t, 1, func(chatID int64) (dispatch.Status, outcome.Reason) {
		if chatID == 501 {
			return dispatch.Sent, ""
		}
		return dispatch.Failed, "bot_blocked"
	})
	scenario{method: http.MethodPost, path: path, body: fmt.Sprintf(`{"messageId":"1","groups":[1],"appId":%q,"startDate":"2030-01-02T03:04"}`, field[string](t, in.call(http.MethodGet, path+"/1", ""), "appUuid")), status: 200,
		contains: []string{`"title":"m"`, `"status":"SCHEDULED"`}}.check(t, in)
	scenario{method: http.MethodGet, path: path + "/1", status: 200, contains: []string{`"status":"FINISHED"`, `"recipients":2,"delivered":1,"undelivered":1,"clicked":0`}}.check(t, in)
	scenario{method: http.MethodDelete, path: path + "/1", status: 409, contains: []string{"it is finished"}}.check(t, in)
}

func TestBroadcastFaults(t *testing.T) {
	t.Parallel()
	in := setup(t)
	in.ready(t)
	in.grouped(t)
	scenarios := []scenario{
		{name: "no body", status: 400, is: "Broadcast must be specified"},
		{name: "null", body: `null`, status: 400, is: "messageId must be specified"},
		{name: "no message", body: `{"title":"x","groups":[1]}`, status: 400, is: "messageId must be specified"},
		{name: "no groups", body: `{"title":"x","messageId":1,"groups":[]}`, status: 400, is: "groups must be specified"},
		{name: "unknown message", body: `{"title":"x","messageId":9,"groups":[1]}`, status: 404, contains: []string{"there is no message with this id"}},
		{name: "unknown message, no title", body: `{"messageId":9,"groups":[1]}`, status: 404, contains: []string{"there is no message with this id"}},
		{name: "unknown appId", body: `{"messageId":1,"groups":[1],"appId":"0198c1b0-3c55-7d9e-8f4e-0e6f6e1a2b3c"}`, status: 404, is: "Not registered application"},
		{name: "unknown group", body: `{"title":"x","messageId":1,"groups":[1,9]}`, status: 404, contains: []string{"group"}},
		{name: "unknown app", body: `{"title":"x","messageId":1,"groups":[1],"appUuid":"0198c1b0-3c55-7d9e-8f4e-0e6f6e1a2b3c"}`, status: 404, is: "Not registered application"},
		{name: "long title", body: `{"title":"` + strings.Repeat("x", 201) + `","messageId":1,"groups":[1]}`, status: 400, contains: []string{"title: write a name"}},
		{name: "no time", body: `{"title":"x","messageId":1,"groups":[1],"startDate":"soon"}`, status: 400, contains: []string{"startDate must be a time"}},
		{name: "letters for groups", body: `{"title":"x","messageId":1,"groups":["x"]}`, status: 400, contains: []string{"groups[0] must be"}},
		{name: "many groups", body: `{"title":"x","messageId":1,"groups":[` + strings.Repeat("1,", 100) + `1]}`, status: 400, contains: []string{"at most 100 groups"}},
		{name: "no id", method: http.MethodGet, path: "/v1/broadcast/x", status: 400, is: "A broadcast id is a whole number"},
		{name: "rows", method: http.MethodGet, path: "/v1/broadcasts?maxrows=0", status: 400, contains: []string{"maxrows"}},
	}
	for i := range scenarios {
		if s := &scenarios[i]; s.path == "" {
			s.method, s.path = http.MethodPost, "/v1/broadcast"
		}
	}
	t.Run("refused", func(t *testing.T) {
		t.Parallel()
		runAll(t, in, scenarios)
	})
	t.Cleanup(func() {
		scenario{method: http.MethodGet, path: "/v1/broadcasts", status: 200, is: "[]"}.check(t, in)
	})
}

func FuzzBroadcast(f *testing.F) {
	in := setup(f)
	in.ready(f)
	in.grouped(f)
	fuzzBody(f, in, http.MethodPost, "/v1/broadcast",
		`{"title":"x","messageId":"1","groups":[1],"excludedGroups":[1],"startDate":"2030-01-01"}`, `{"title":1,"messageId":1,"groups":1,"startDate":9}`)
}

// active sends a broadcast and a triggered message to two chats, one of which
// is gone, and has one of them click.
func (in *installation) active(tb testing.TB) {
	tb.Helper()
	in.ready(tb)
	w := in.call(http.MethodPost, telegramMessages, `{"name":"Sale","text":"<a href=\"https://shop.example/\">x</a>","tags":["a","b"],"languageCode":"en"}`)
	require.Equal(tb, http.StatusOK, w.Code, w.Body)
	in.call(http.MethodPost, "/v1/contact", `{"id":1,"channels":[{"type":"email","value":"ann@x.example"},{"type":"sms","value":"+380501234567"}]}`)
	w = in.call(http.MethodPost, "/v1/broadcast", fmt.Sprintf(`{"title":"b","messageId":2,"groups":[%d]}`, in.grouped(tb)))
	require.Equal(tb, http.StatusOK, w.Code, w.Body)
	in.layOut(tb, 1)
	w = in.call(http.MethodPost, "/v1/message/1/smartsend", `{"recipients":{"locator":501}}`)
	require.Equal(tb, http.StatusOK, w.Code, w.Body)
	in.settleAs(tb, 1, func(chatID int64) (dispatch.Status, outcome.Reason) {
		if chatID == 501 {
			return dispatch.Sent, ""
		}
		return dispatch.Failed, "bot_blocked"
	})
	at := in.config.Now()
	ms := at.UnixMilli()
	require.NoError(tb, in.store.RecordClicks(context.Background(), []track.Click{{
		ID: fmt.Sprintf("%08x-%04x-7c3f-9f63-000000000001", ms>>16, ms&0xffff), CampaignID: 1, Seq: 2, ContactID: 1, At: at}}))
}

func TestActivity(t *testing.T) {
	t.Parallel()
	in := setup(t)
	in.active(t)
	const window = "dateFrom=2027-01-15&dateTo=2027-01-15"
	rows := func(path string) []map[string]any {
		w := in.call(http.MethodGet, path, "")
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
		row := map[string]any{"mediaType": "telegrambot", "contactId": 1.0, "externalCustomerId": "C1", "email": "ann@x.example", "sms": "+380501234567"}
		maps.Copy(row, more)
		return row
	}
	sale := func(more map[string]any) map[string]any {
		row := person(map[string]any{"broadcastId": 1.0, "messageId": 2.0, "messageInstanceId": 1.0, "messageName": "Sale", "messageTag": "a,b", "messageLanguageCode": "en"})
		maps.Copy(row, more)
		return row
	}
	require.Equal(t, []map[string]any{
		sale(map[string]any{"offset": all[0]["offset"], "activityStatus": "UNDELIVERED", "statusDescription": "bot_blocked", "hardBounce": true, "telegram": "-502"}),
		sale(map[string]any{"offset": all[1]["offset"], "activityStatus": "DELIVERED", "telegram": "501"}),
		sale(map[string]any{"offset": all[2]["offset"], "activityStatus": "CLICKED", "clickEventLink": "https://shop.example/", "telegram": "501"}),
		person(map[string]any{"offset": all[3]["offset"], "activityStatus": "DELIVERED", "telegram": "501", "messageId": 1.0, "messageInstanceId": 2.0, "messageName": "m"}),
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
	runAll(t, in, []scenario{
		{name: "no beginning", method: http.MethodGet, path: path, status: 400, is: "dateFrom must be specified"},
		{name: "no date", method: http.MethodGet, path: path + "dateFrom=x", status: 400, contains: []string{"2026-03-01T15:04"}},
		{name: "no end", method: http.MethodGet, path: path + "dateFrom=2027-01-01&dateTo=x", status: 400, contains: []string{"2026-03-01T15:04"}},
		{name: "backwards", method: http.MethodGet, path: path + "dateFrom=2027-01-02&dateTo=2027-01-01", status: 400, is: "dateTo must not be before dateFrom"},
		{name: "too long", method: http.MethodGet, path: path + "dateFrom=2027-01-01&dateTo=2027-04-02", status: 400, is: "Between dateFrom and dateTo there may be at most 3 months"},
		{name: "three months", method: http.MethodGet, path: path + "dateFrom=2026-11-30&dateTo=2027-02-28", status: 200},
		{name: "unknown status", method: http.MethodGet, path: path + window + "&status=x", status: 400, contains: []string{"status is one of DELIVERED"}},
		{name: "rows", method: http.MethodGet, path: path + window + "&maxrows=25001", status: 400, contains: []string{"maxrows"}},
		{name: "offset", method: http.MethodGet, path: path + window + "&offset=-1", status: 400, contains: []string{"offset"}},
		{name: "the first offset", method: http.MethodGet, path: path + window + "&offset=0&maxrows=1", status: 200, contains: []string{"UNDELIVERED"}},
		{name: "far offset", method: http.MethodGet, path: path + window + "&offset=9007199254740991-1-0", status: 200, is: "[]"},
		{name: "no email", method: http.MethodGet, path: path + window + "&email=x", status: 400, contains: []string{"email"}},
	})
}

func TestHistory(t *testing.T) {
	t.Parallel()
	in := setup(t)
	in.active(t)
	const path = "/v2/contacts/messages?"
	var history []string
	for _, who := range []string{"contactId=1", "externalCustomerId=C1", "email=ann@x.example", "phone=380501234567&channelTypes=sms,telegrambot&offset=0"} {
		w := in.call(http.MethodGet, path+who, "")
		require.Equal(t, http.StatusOK, w.Code, w.Body)
		require.Equal(t, []string{"3"}, w.Header()["TotalCount"]) //nolint:staticcheck // not canonical, on purpose
		history = append(history, w.Body.String())
	}
	require.Equal(t, history[0], history[1])
	require.Equal(t, history[0], history[2])
	require.Equal(t, history[0], history[3])
	require.Regexp(t, `^\[\{"contactId":1,"channelType":"telegrambot","telegram":"501","messageId":1,"messageInstanceId":2,"messageName":"m","messageTags":\[\],"activityStatus":"DELIVERED","sentDateTime":"[^"]+","statusDateTime":"[^"]+"\},`+
		`\{"contactId":1,"channelType":"telegrambot","telegram":"501","messageId":2,"messageInstanceId":1,"broadcastId":1,"messageName":"Sale","messageLanguageCode":"en","messageTags":\["a","b"\],"activityStatus":"CLICKED","sentDateTime":"[^"]+","statusDateTime":"[^"]+","clickDateTime":"[^"]+"\},`+
		`\{.*"telegram":"-502",.*"activityStatus":"UNDELIVERED","statusDescription":"bot_blocked","statusDateTime":"[^"]+"\}\]\n$`, history[0])
	runAll(t, in, []scenario{
		{name: "a page", method: http.MethodGet, path: path + "contactId=1&startindex=3&maxrows=2", status: 200, contains: []string{`"telegram":"-502"`}, lacks: []string{"501"}},
		{name: "an offset", method: http.MethodGet, path: path + "contactId=1&offset=2", status: 200, contains: []string{`"telegram":"-502"`}, lacks: []string{"501"}},
		{name: "other channels", method: http.MethodGet, path: path + "contactId=1&channelTypes=email,sms", status: 200, is: "[]"},
		{name: "offset", method: http.MethodGet, path: path + "contactId=1&offset=x", status: 400, contains: []string{"offset"}},
		{name: "no rows", method: http.MethodGet, path: path + "contactId=1&maxrows=0", status: 400, contains: []string{"maxrows"}},
		{name: "nobody", method: http.MethodGet, path: path, status: 400, is: "contactId, externalCustomerId, email or phone must be specified"},
		{name: "no id", method: http.MethodGet, path: path + "contactId=x", status: 400, contains: []string{"contactId"}},
		{name: "unknown", method: http.MethodGet, path: path + "contactId=9", status: 404, is: "there is no contact with this id"},
		{name: "unknown external id", method: http.MethodGet, path: path + "externalCustomerId=zz", status: 404, is: "there is no contact with this id"},
	})
}
