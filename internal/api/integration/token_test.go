package integration_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/api/apitest"
	"bellman/internal/store/storetest"
)

// spec: out-empty mute-duration mute-forever
func TestMute(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	app := in.Connect(t)
	in.Call(http.MethodPost, "/v1/apps/"+app+"/tokens", `{"tokens":[{"token":"501","email":"a@b.c"}]}`)
	chat := apitest.Bots + "/1/chats/501"
	mute, unmute := "/api/v1/apps/"+app+"/token/mute", "/v1/apps/"+app+"/token/unmute"
	for _, s := range []apitest.Scenario{
		{Method: http.MethodPost, Path: mute, Body: `{"token":"501"}`, Status: 200, Answered: []string{"Content-Type", ""}},
		{Method: http.MethodGet, Path: chat, Status: 200, Contains: []string{`"mutedUntil":"9999-12-31T23:59:59.000Z"`}},
		{Method: http.MethodPost, Path: "//v2//apps/" + app + "/token/mute/", Body: `{"token":501,"duration":"60","x":[{}]}`, Status: 200},
		{Method: http.MethodGet, Path: chat, Status: 200, Contains: []string{`"mutedUntil":"2027-`}},
		{Method: http.MethodPost, Path: unmute, Body: `{"token":"501","duration":null}`, Status: 200},
		{Method: http.MethodGet, Path: chat, Status: 200, Lacks: []string{"mutedUntil"}},
		{Method: http.MethodPost, Path: mute, Body: `{"token":"501","duration":31536000}`, Status: 200},
		{Method: http.MethodPost, Path: unmute, Body: `{"token":"501"}`, Status: 200},
	} {
		s.Check(t, in)
	}
	for _, path := range []string{mute, unmute} {
		for _, s := range []apitest.Scenario{
			{Path: path, Body: `{}`, Status: 400, Is: "Tokens must be specified"},
			{Path: path, Status: 400, Is: "Tokens must be specified"},
			{Path: path, Body: `null`, Status: 400, Is: "Tokens must be specified"},
			{Path: path, Body: `{"token":""}`, Status: 400, Is: "Tokens must be specified"},
			{Path: path, Body: `{"token":[]}`, Status: 400, Contains: []string{"token must be"}},
			{Path: path, Body: `{"token":"501","duration":4}`, Status: 400, Is: "Duration must be positive int"},
			{Path: path, Body: `{"token":"501","duration":31536001}`, Status: 400, Is: "Duration must be positive int"},
			{Path: path, Body: `{"token":"501","duration":5.5}`, Status: 400, Is: "Duration must be positive int"},
			{Path: path, Body: `{"token":"501","duration":"x"}`, Status: 400, Is: "Duration must be positive int"},
			{Path: path, Body: `{"token":"502"}`, Status: 404, Is: "This bot has no such token"},
			{Path: path, Body: `{"token":"push-token"}`, Status: 404, Is: "This bot has no such token"},
			{Path: "/v1/apps/x/token/mute", Body: `{"token":"501"}`, Status: 400, Is: "Wrong app uuid"},
			{Path: "/v1/apps/0198c1b0-3c55-7d9e-8f4e-0e6f6e1a2b3c/token/unmute", Body: `{"token":"501"}`, Status: 404,
				Is: "Not registered application"},
		} {
			s.Method = http.MethodPost
			s.Answered = []string{"Content-Type", "text/plain; charset=utf-8"}
			s.Check(t, in)
		}
	}
}

// spec: token-active
func TestTokenOfContact(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	app := in.Connect(t)
	in.Call(http.MethodPost, "/v1/apps/"+app+"/tokens", `{"tokens":[{"token":"-501","email":"a@b.c"}]}`)
	active := "/v1/contact/token/activated/" + app + "/-501"
	for _, s := range []apitest.Scenario{
		{Method: http.MethodGet, Path: "/v1/contact/token/" + app + "/-501/contactId", Body: "{ignored", Status: 200,
			Is: `{"contactId":1,"id":1}`},
		{Method: http.MethodGet, Path: "/v1/contact/token/" + app + "/502/contactId", Status: 404, Is: "This bot has no such token"},
		{Method: http.MethodGet, Path: "/v1/contact/token/" + app + "/x/contactId", Status: 404, Is: "This bot has no such token"},
		{Method: http.MethodGet, Path: "/v1/contact/token/x/1/contactId", Status: 400, Is: "Wrong app uuid"},
		{Method: http.MethodGet, Path: active, Status: 200, Is: `{"active":true}`},
		{Method: http.MethodPut, Path: active, Body: `{"active":"false"}`, Status: 200, Is: `{"active":false}`},
		{Method: http.MethodGet, Path: active, Status: 200, Is: `{"active":false}`},
		{Method: http.MethodGet, Path: "/v1/contact/1?channelTypes=telegram", Status: 200, Contains: []string{`"active":false`}},
		{Method: http.MethodPut, Path: active, Body: `{"active":1}`, Status: 200, Is: `{"active":true}`},
		{Method: http.MethodPut, Path: active, Body: `{"active":"perhaps"}`, Status: 400, Is: "active must be true or false"},
		{Method: http.MethodPut, Path: active, Body: `{"active":null}`, Status: 400, Is: "active must be true or false"},
		{Method: http.MethodPut, Path: active, Status: 400, Is: "active must be true or false"},
		{Method: http.MethodPut, Path: active + "9", Body: `{"active":true}`, Status: 404, Is: "This bot has no such token"},
		{Method: http.MethodGet, Path: "/v1/contact/token/activated/0198c1b0-3c55-7d9e-8f4e-0e6f6e1a2b3c/1", Status: 404,
			Is: "Not registered application"},
		{Method: http.MethodPut, Path: "/v1/interactions/5/status", Body: `{"token":"x","status":"DELIVERED"}`, Status: 404,
			Contains: []string{"mobile push"}},
	} {
		s.Check(t, in)
	}
}

func FuzzMute(f *testing.F) {
	in := apitest.New(f)
	apitest.FuzzBody(f, in, http.MethodPost, "/v1/apps/"+in.Connect(f)+"/token/mute", `{"token":"1","duration":"5"}`,
		`{"token":-1,"duration":1e9}`, `[]`)
}

func FuzzActivity(f *testing.F) {
	in := apitest.New(f)
	apitest.FuzzBody(f, in, http.MethodPut, "/v1/contact/token/activated/"+in.Connect(f)+"/1", `{"active":"1"}`, `{"active":{}}`, `"x"`)
}

// importOf runs the import with the number, as a runner would, and returns its
// status.
func importOf(tb testing.TB, in *apitest.Installation, id int64, session string) string {
	tb.Helper()
	require.NoError(tb, in.Config.Imports.Run(tb.Context(), storetest.TakeImport(tb, in.Store, id)))
	w := in.Call(http.MethodGet, "/v1/importstatus/"+session, "")
	require.Equal(tb, http.StatusOK, w.Code, w.Body)
	return w.Body.String()
}
