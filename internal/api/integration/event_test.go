package integration_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/api/apitest"
)

func TestEvents(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	in.Call(http.MethodPost, "/v1/contact", `{"externalCustomerId":"C1","channels":{"type":"email","value":"a@b.c"}}`)
	for _, s := range []apitest.Scenario{
		{Path: "/api/v1/event/",
			Body: `{"eventTypeKey":"order","keyValue":"A@b.c","params":[{"name":"sum","value":"12"},{"name":"n","value":5}],"x":1}`, Status: 200},
		{Path: "/v2/event", Body: `{"eventTypeKey":"order","params":{"name":"externalCustomerId","value":"C1"}}`, Status: 200},
		{Path: "/api/v3/event",
			Body: `{"eventTypeKey":"view","keyValue":77,"params":[{"name":"items","value":[{"id": 1}]},{"name":"none","value":null}]}`, Status: 200},
		{Path: "/v1/event", Body: `{"eventTypeKey":"order","keyValue":"k","params":null}`, Status: 200},
		{Path: "/v1/event", Status: 400, Is: "Event must be specified"},
		{Path: "/v1/event", Body: `{}`, Status: 400, Contains: []string{"eventTypeKey: "}},
		{Path: "/v1/event", Body: `{"eventTypeKey":"a<b","keyValue":"k"}`, Status: 400, Contains: []string{"eventTypeKey: "}},
		{Path: "/v1/event", Body: `{"eventTypeKey":"a"}`, Status: 400, Contains: []string{"keyValue: say whose event it is"}},
		{Path: "/v2/event", Body: `{"eventTypeKey":"a","keyValue":"` + strings.Repeat("x", 301) + `"}`, Status: 400,
			Contains: []string{"keyValue: "}},
		{Path: "/v2/event", Body: `{"eventTypeKey":"a","keyValue":"k","params":[{"name":"x"},{"name":"x"}]}`, Status: 400,
			Contains: []string{"params[1].name: "}},
		{Path: "/v2/event", Body: `{"eventTypeKey":"a","keyValue":"k","params":[{"value":1}]}`, Status: 400,
			Contains: []string{"params[0].name: "}},
		{Path: "/v2/event", Body: `{"eventTypeKey":"a","keyValue":"k","params":[{"name":"x","value":"` + strings.Repeat("x", 20<<10) + `"}]}`,
			Status: 400, Contains: []string{"params: "}},
		{Path: "/v1/event", Body: `{"eventTypeKey":"a","keyValue":"k","params":"x"}`, Status: 400, Is: "params must be an array"},
		{Path: "/v1/event", Body: `{"eventTypeKey":[]}`, Status: 400, Is: "eventTypeKey must be a string"},
	} {
		s.Method = http.MethodPost
		s.Check(t, in)
	}
	w := in.Call(http.MethodPost, "/v1/event", `{"eventTypeKey":"last","keyValue":"k"}`, "Origin", "https://shop.example")
	require.Equal(t, http.StatusOK, w.Code)
	require.Empty(t, w.Body.String())
	require.Empty(t, w.Header().Get("Content-Type"))
	require.Equal(t, "https://shop.example", w.Header().Get("Access-Control-Allow-Origin"))
	w = in.Call(http.MethodOptions, "/api/v1/event", "", "Origin", "https://shop.example")
	require.Equal(t, http.StatusNoContent, w.Code)
	apitest.Scenario{Method: http.MethodGet, Path: "/manage/v1/events", Status: 200, Contains: []string{
		`"eventTypeKey":"order","keyValue":"A@b.c","contactId":1,"params":{"sum":"12","n":5}`,
		`"eventTypeKey":"order","keyValue":"C1","contactId":1,"params":{"externalCustomerId":"C1"}`,
		`"eventTypeKey":"view","keyValue":"77","params":{"items":[{"id":1}],"none":null}`,
		`"eventTypeKey":"order","keyValue":"k","params":{}`,
	}, Lacks: []string{`"eventTypeKey":"a"`}}.Check(t, in)
}

// spec: past-event-limit past-event-words
func TestPastEvents(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	const path = "/v1/past_events"
	for _, s := range []apitest.Scenario{
		{Method: http.MethodPost, Path: "/api/v2/past_events/", Status: 200,
			Body: `{"events":[{"eventTypeKey":"order","keyValue":"k","occurred":"2026-03-01T15:04","params":[{"name":"a","value":{"b":1}}]},
				{"eventTypeKey":"order","keyValue":"k"},{"eventTypeKey":"order","keyValue":"k","occurred":"yesterday"},
				{"eventTypeKey":"order","keyValue":"k","occurred":"2099-01-01"},{"eventTypeKey":"order","keyValue":"k","occurred":"1960-01-01"},
				{"keyValue":"k","occurred":"2026-03-01"},{"eventTypeKey":"view","keyValue":"k","occurred":"2026-03-02T10:00:00+02:00"}]}`,
			Contains: []string{
				`{"results":[{"status":"ACCEPTED"},{"status":"OCCURRED_DATE_IS_REQUIRED"},{"status":"INCORRECT_OCCURRED_DATE_FORMAT"},` +
					`{"status":"OCCURRED_TIME_IN_FUTURE",`,
				`{"status":"OCCURRED_TIME_TOO_DEPTH",`, `{"status":"INCORRECT_EVENT","message":"eventTypeKey: `,
				`{"status":"ACCEPTED"}],"successCount":2,"errorCount":5}`,
			}},
		{Method: http.MethodPost, Path: "/v3/past_events", Body: `{"events":{"eventTypeKey":"order","keyValue":"k","occurred":"2026-03-03"}}`,
			Status: 200,
			Is:     `{"results":[{"status":"ACCEPTED"}],"successCount":1,"errorCount":0}`},
		{Method: http.MethodPost, Path: "/v1/event", Body: `{"eventTypeKey":"now","keyValue":"k"}`, Status: 200},
		{Method: http.MethodPost, Path: path, Status: 400, Is: "Events must be specified"},
		{Method: http.MethodPost, Path: path, Body: `{"events":[]}`, Status: 400, Is: "Events must be specified"},
		{Method: http.MethodPost, Path: path, Body: `{"events":[` + strings.Repeat(`{},`, 500) + `{}]}`, Status: 400,
			Is: "At most 500 events per request"},
		{Method: http.MethodPost, Path: path, Body: `{"events":[{"occurred":[]}]}`, Status: 400, Is: "events[0].occurred must be a string"},
		{Method: http.MethodDelete, Path: path, Status: 400, Contains: []string{"from and to must be specified"}},
		{Method: http.MethodDelete, Path: path, Body: `{"from":"2026-03-01"}`, Status: 400, Contains: []string{"from and to must be specified"}},
		{Method: http.MethodDelete, Path: path, Body: `{"from":"2026-03-01T15:04","to":"2026-03-01T15:04"}`, Status: 200,
			Answered: []string{"Content-Type", ""}},
		{Method: http.MethodGet, Path: "/manage/v1/events", Status: 200,
			Contains: []string{"2026-03-02T08:00:00.000Z", "2026-03-03T00:00:00.000Z"}, Lacks: []string{"2026-03-01"}},
		{Method: http.MethodDelete, Path: path, Body: `{"from":"2026-01-01","to":"2026-03-03","eventTypeKey":"view"}`, Status: 200},
		{Method: http.MethodGet, Path: "/manage/v1/events", Status: 200, Contains: []string{"2026-03-03"}, Lacks: []string{"2026-03-02"}},
		{Method: http.MethodDelete, Path: path + "?from=2026-01-01&to=2099-03-03", Status: 200},
		{Method: http.MethodGet, Path: "/manage/v1/events", Status: 200, Contains: []string{`"eventTypeKey":"now"`},
			Lacks: []string{"2026-03-03"}},
	} {
		s.Check(t, in)
	}
}

func FuzzEvent(f *testing.F) {
	in := apitest.New(f)
	apitest.FuzzBody(f, in, http.MethodPost, "/v2/event", `{"eventTypeKey":"a","keyValue":"k","params":[{"name":"x","value":{"y":[1]}}]}`,
		`{"params":{"a":1}}`)
}

func FuzzPastEvents(f *testing.F) {
	in := apitest.New(f)
	apitest.FuzzBody(f, in, http.MethodPost, "/v1/past_events",
		`{"events":[{"eventTypeKey":"a","keyValue":"k","occurred":"2026-03-01T15:04"}]}`, `{"events":{"occurred":5}}`)
}

func FuzzPastEventsDeleted(f *testing.F) {
	in := apitest.New(f)
	apitest.FuzzBody(f, in, http.MethodDelete, "/v1/past_events", `{"from":"2026-01-01","to":"9999-12-31"}`,
		`{"from":"0000-01-01","to":"0000-01-01","eventTypeKey":"<"}`)
}
