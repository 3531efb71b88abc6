package manage_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/api/apitest"
)

// A bot is found, changed by one of two editors, disconnected when nothing goes out, and
// brought back by its token.
func TestBotsFromAListToADisconnection(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	id := draft(t, in)
	require.EqualValues(t, 1, id)
	w := in.Call(http.MethodGet, "/manage/v1/bots/1", "")
	tag, app := w.Header().Get("ETag"), apitest.Field[string](t, w, "appUuid")
	name := apitest.Field[string](t, w, "username")
	require.NotEmpty(t, tag)
	inTurn(t, in, []apitest.Scenario{
		{Name: "the first editor", Method: http.MethodPatch, Path: "/manage/v1/bots/1", Body: `{"ratePerSecond":7}`,
			Header: []string{"If-Match", tag}, Status: 200, Contains: []string{`"ratePerSecond":7`}},
		{Name: "the second", Method: http.MethodPatch, Path: "/manage/v1/bots/1", Body: `{"ratePerSecond":9}`,
			Header: []string{"If-Match", tag}, Status: 412, Contains: []string{`"changed_meanwhile"`, `"ratePerSecond":7`}},
		{Name: "found", Method: http.MethodGet, Path: "/manage/v1/bots?total=true&search=" + name[1:], Status: 200,
			Contains: []string{app, `"total":{"count":1}`}},
		{Name: "not found", Method: http.MethodGet, Path: "/manage/v1/bots?total=true&search=zebra", Status: 200,
			Contains: []string{`"items":[]`, `"total":{"count":0}`}},
		{Name: "uses", Method: http.MethodGet, Path: "/manage/v1/bots/1/uses", Status: 200,
			Contains: []string{`"subscribers":3,"pending":[],"drafts":[{"campaignId":1,"name":"c","state":"draft"}],"triggered":0`}},
		{Name: "launched", Method: http.MethodPost, Path: "/manage/v1/campaigns/1/launch", Body: `{}`, Status: 200},
		{Name: "goes out", Method: http.MethodDelete, Path: "/manage/v1/bots/1", Status: 409, Contains: []string{"bot_in_use"}},
		{Name: "cancelled", Method: http.MethodPost, Path: "/manage/v1/campaigns/1/cancel", Status: 200},
		{Name: "a draft", Method: http.MethodPost, Path: "/manage/v1/campaigns", Status: 201,
			Body: `{"name":"d","botId":1,"messageId":1,"audience":{"all":true}}`},
		{Name: "disconnected", Method: http.MethodDelete, Path: "/manage/v1/bots/1", Status: 204},
		{Name: "gone", Method: http.MethodDelete, Path: "/manage/v1/bots/1", Status: 404},
		{Name: "no more uses", Method: http.MethodGet, Path: "/manage/v1/bots/1/uses", Status: 404},
		{Name: "no launch", Method: http.MethodPost, Path: "/manage/v1/campaigns/2/launch", Body: `{}`, Status: 404,
			Contains: []string{"bot_not_found"}},
		{Name: "no send", Method: http.MethodPost, Path: "/manage/v1/messages/1/send",
			Body: `{"botId":1,"recipients":[{"contactId":1}]}`, Status: 404},
		{Name: "no tokens", Method: http.MethodPost, Path: "/v1/apps/" + app + "/tokens",
			Body: `{"tokens":[{"token":9,"email":"z@b.c"}]}`, Status: 404},
		{Name: "no change", Method: http.MethodPatch, Path: "/manage/v1/bots/1", Body: `{"ratePerSecond":9}`, Status: 404},
		{Name: "not listed", Method: http.MethodGet, Path: "/manage/v1/bots", Status: 200, Contains: []string{`"items":[]`}},
		{Name: "listed apart", Method: http.MethodGet, Path: "/manage/v1/bots?state=disconnected", Status: 200,
			Contains: []string{app, `"state":"disconnected"`, `"subscribers":3`}},
	})
	inTurn(t, in, []apitest.Scenario{
		{Name: "connected again", Method: http.MethodPost, Path: apitest.Bots, Body: `{"token":"123456:AAgood"}`, Status: 200,
			Contains: []string{app}},
		{Name: "back", Method: http.MethodGet, Path: "/manage/v1/bots/1", Status: 200, Contains: []string{`"state":"active"`, `"subscribers":3`}},
		{Name: "launched again", Method: http.MethodPost, Path: "/manage/v1/campaigns/2/launch", Body: `{}`, Status: 200},
	})
}

// inTurn makes calls one after another.
func inTurn(t *testing.T, in *apitest.Installation, all []apitest.Scenario) {
	t.Helper()
	for _, s := range all {
		s.Check(t, in)
	}
}
