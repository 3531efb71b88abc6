package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEvents(t *testing.T) {
	t.Parallel()
	in := setup(t)
	in.call(http.MethodPost, "/v1/contact", `{"externalCustomerId":"C1","channels":{"type":"email","value":"a@b.c"}}`)
	for _, s := range []scenario{
		{path: "/api/v1/event/", body: `{"eventTypeKey":"order","keyValue":"A@b.c","params":[{"name":"sum","value":"12"},{"name":"n","value":5}],"x":1}`, status: 200},
		{path: "/v2/event", body: `{"eventTypeKey":"order","params":{"name":"externalCustomerId","value":"C1"}}`, status: 200},
		{path: "/api/v3/event", body: `{"eventTypeKey":"view","keyValue":77,"params":[{"name":"items","value":[{"id": 1}]},{"name":"none","value":null}]}`, status: 200},
		{path: "/v1/event", body: `{"eventTypeKey":"order","keyValue":"k","params":null}`, status: 200},
		{path: "/v1/event", status: 400, is: "Event must be specified"},
		{path: "/v1/event", body: `{}`, status: 400, contains: []string{"eventTypeKey: "}},
		{path: "/v1/event", body: `{"eventTypeKey":"a<b","keyValue":"k"}`, status: 400, contains: []string{"eventTypeKey: "}},
		{path: "/v1/event", body: `{"eventTypeKey":"a"}`, status: 400, contains: []string{"keyValue: say whose event it is"}},
		{path: "/v2/event", body: `{"eventTypeKey":"a","keyValue":"` + strings.Repeat("x", 301) + `"}`, status: 400, contains: []string{"keyValue: "}},
		{path: "/v2/event", body: `{"eventTypeKey":"a","keyValue":"k","params":[{"name":"x"},{"name":"x"}]}`, status: 400, contains: []string{"params[1].name: "}},
		{path: "/v2/event", body: `{"eventTypeKey":"a","keyValue":"k","params":[{"value":1}]}`, status: 400, contains: []string{"params[0].name: "}},
		{path: "/v2/event", body: `{"eventTypeKey":"a","keyValue":"k","params":[{"name":"x","value":"` + strings.Repeat("x", 20<<10) + `"}]}`, status: 400, contains: []string{"params: "}},
		{path: "/v1/event", body: `{"eventTypeKey":"a","keyValue":"k","params":"x"}`, status: 400, is: "params must be an array"},
		{path: "/v1/event", body: `{"eventTypeKey":[]}`, status: 400, is: "eventTypeKey must be a string"},
	} {
		s.method = http.MethodPost
		s.check(t, in)
	}
	w := in.call(http.MethodPost, "/v1/event", `{"eventTypeKey":"last","keyValue":"k"}`, "Origin", "https://shop.example")
	require.Equal(t, http.StatusOK, w.Code)
	require.Empty(t, w.Body.String())
	require.Empty(t, w.Header().Get("Content-Type"))
	require.Equal(t, "https://shop.example", w.Header().Get("Access-Control-Allow-Origin"))
	w = in.call(http.MethodOptions, "/api/v1/event", "", "Origin", "https://shop.example")
	require.Equal(t, http.StatusNoContent, w.Code)
	scenario{method: http.MethodGet, path: "/manage/v1/events", status: 200, contains: []string{
		`"eventTypeKey":"order","keyValue":"A@b.c","contactId":1,"params":{"sum":"12","n":5}`,
		`"eventTypeKey":"order","keyValue":"C1","contactId":1,"params":{"externalCustomerId":"C1"}`,
		`"eventTypeKey":"view","keyValue":"77","params":{"items":[{"id":1}],"none":null}`,
		`"eventTypeKey":"order","keyValue":"k","params":{}`,
	}, lacks: []string{`"eventTypeKey":"a"`}}.check(t, in)
}

func TestPastEvents(t *testing.T) {
	t.Parallel()
	in := setup(t)
	const path = "/v1/past_events"
	for _, s := range []scenario{
		{method: http.MethodPost, path: "/api/v2/past_events/", status: 200,
			body: `{"events":[{"eventTypeKey":"order","keyValue":"k","occurred":"2026-03-01T15:04","params":[{"name":"a","value":{"b":1}}]},
				{"eventTypeKey":"order","keyValue":"k"},{"eventTypeKey":"order","keyValue":"k","occurred":"yesterday"},
				{"eventTypeKey":"order","keyValue":"k","occurred":"2099-01-01"},{"eventTypeKey":"order","keyValue":"k","occurred":"1960-01-01"},
				{"keyValue":"k","occurred":"2026-03-01"},{"eventTypeKey":"view","keyValue":"k","occurred":"2026-03-02T10:00:00+02:00"}]}`,
			contains: []string{
				`{"results":[{"status":"ACCEPTED"},{"status":"OCCURRED_DATE_IS_REQUIRED"},{"status":"INCORRECT_OCCURRED_DATE_FORMAT"},{"status":"OCCURRED_TIME_IN_FUTURE",`,
				`{"status":"OCCURRED_TIME_TOO_DEPTH",`, `{"status":"INCORRECT_EVENT","message":"eventTypeKey: `, `{"status":"ACCEPTED"}],"successCount":2,"errorCount":5}`,
			}},
		{method: http.MethodPost, path: "/v3/past_events", body: `{"events":{"eventTypeKey":"order","keyValue":"k","occurred":"2026-03-03"}}`, status: 200,
			is: `{"results":[{"status":"ACCEPTED"}],"successCount":1,"errorCount":0}`},
		{method: http.MethodPost, path: "/v1/event", body: `{"eventTypeKey":"now","keyValue":"k"}`, status: 200},
		{method: http.MethodPost, path: path, status: 400, is: "Events must be specified"},
		{method: http.MethodPost, path: path, body: `{"events":[]}`, status: 400, is: "Events must be specified"},
		{method: http.MethodPost, path: path, body: `{"events":[` + strings.Repeat(`{},`, 500) + `{}]}`, status: 400, is: "At most 500 events per request"},
		{method: http.MethodPost, path: path, body: `{"events":[{"occurred":[]}]}`, status: 400, is: "events[0].occurred must be a string"},
		{method: http.MethodDelete, path: path, status: 400, contains: []string{"from and to must be specified"}},
		{method: http.MethodDelete, path: path, body: `{"from":"2026-03-01"}`, status: 400, contains: []string{"from and to must be specified"}},
		{method: http.MethodDelete, path: path, body: `{"from":"2026-03-01T15:04","to":"2026-03-01T15:04"}`, status: 200, answered: []string{"Content-Type", ""}},
		{method: http.MethodGet, path: "/manage/v1/events", status: 200, contains: []string{"2026-03-02T08:00:00Z", "2026-03-03T00:00:00Z"}, lacks: []string{"2026-03-01"}},
		{method: http.MethodDelete, path: path, body: `{"from":"2026-01-01","to":"2026-03-03","eventTypeKey":"view"}`, status: 200},
		{method: http.MethodGet, path: "/manage/v1/events", status: 200, contains: []string{"2026-03-03"}, lacks: []string{"2026-03-02"}},
		{method: http.MethodDelete, path: path + "?from=2026-01-01&to=2099-03-03", status: 200},
		{method: http.MethodGet, path: "/manage/v1/events", status: 200, contains: []string{`"eventTypeKey":"now"`}, lacks: []string{"2026-03-03"}},
	} {
		s.check(t, in)
	}
}

func FuzzEvent(f *testing.F) {
	in := setup(f)
	fuzzBody(f, in, http.MethodPost, "/v2/event", `{"eventTypeKey":"a","keyValue":"k","params":[{"name":"x","value":{"y":[1]}}]}`, `{"params":{"a":1}}`)
}

func FuzzPastEvents(f *testing.F) {
	in := setup(f)
	fuzzBody(f, in, http.MethodPost, "/v1/past_events", `{"events":[{"eventTypeKey":"a","keyValue":"k","occurred":"2026-03-01T15:04"}]}`, `{"events":{"occurred":5}}`)
}

func FuzzPastEventsDeleted(f *testing.F) {
	in := setup(f)
	fuzzBody(f, in, http.MethodDelete, "/v1/past_events", `{"from":"2026-01-01","to":"9999-12-31"}`, `{"from":"0000-01-01","to":"0000-01-01","eventTypeKey":"<"}`)
}
