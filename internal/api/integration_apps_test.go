package api_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMute(t *testing.T) {
	t.Parallel()
	in := setup(t)
	app := in.connect(t)
	in.call(http.MethodPost, "/v1/apps/"+app+"/tokens", `{"tokens":[{"token":"501","email":"a@b.c"}]}`)
	chat := bots + "/1/chats/501"
	mute, unmute := "/api/v1/apps/"+app+"/token/mute", "/v1/apps/"+app+"/token/unmute"
	for _, s := range []scenario{
		{method: http.MethodPost, path: mute, body: `{"token":"501"}`, status: 200, answered: []string{"Content-Type", ""}},
		{method: http.MethodGet, path: chat, status: 200, contains: []string{`"mutedUntil":"9999-12-31T23:59:59Z"`}},
		{method: http.MethodPost, path: "//v2//apps/" + app + "/token/mute/", body: `{"token":501,"duration":"60","x":[{}]}`, status: 200},
		{method: http.MethodGet, path: chat, status: 200, contains: []string{`"mutedUntil":"2027-`}},
		{method: http.MethodPost, path: unmute, body: `{"token":"501","duration":null}`, status: 200},
		{method: http.MethodGet, path: chat, status: 200, lacks: []string{"mutedUntil"}},
		{method: http.MethodPost, path: mute, body: `{"token":"501","duration":31536000}`, status: 200},
		{method: http.MethodPost, path: unmute, body: `{"token":"501"}`, status: 200},
	} {
		s.check(t, in)
	}
	for _, path := range []string{mute, unmute} {
		for _, s := range []scenario{
			{path: path, body: `{}`, status: 400, is: "Tokens must be specified"},
			{path: path, status: 400, is: "Tokens must be specified"},
			{path: path, body: `null`, status: 400, is: "Tokens must be specified"},
			{path: path, body: `{"token":""}`, status: 400, is: "Tokens must be specified"},
			{path: path, body: `{"token":[]}`, status: 400, contains: []string{"token must be"}},
			{path: path, body: `{"token":"501","duration":4}`, status: 400, is: "Duration must be positive int"},
			{path: path, body: `{"token":"501","duration":31536001}`, status: 400, is: "Duration must be positive int"},
			{path: path, body: `{"token":"501","duration":5.5}`, status: 400, is: "Duration must be positive int"},
			{path: path, body: `{"token":"501","duration":"x"}`, status: 400, is: "Duration must be positive int"},
			{path: path, body: `{"token":"502"}`, status: 404, is: "This bot has no such token"},
			{path: path, body: `{"token":"push-token"}`, status: 404, is: "This bot has no such token"},
			{path: "/v1/apps/x/token/mute", body: `{"token":"501"}`, status: 400, is: "Wrong app uuid"},
			{path: "/v1/apps/0198c1b0-3c55-7d9e-8f4e-0e6f6e1a2b3c/token/unmute", body: `{"token":"501"}`, status: 404, is: "Not registered application"},
		} {
			s.method = http.MethodPost
			s.answered = []string{"Content-Type", "text/plain; charset=utf-8"}
			s.check(t, in)
		}
	}
}

func TestTokenOfContact(t *testing.T) {
	t.Parallel()
	in := setup(t)
	app := in.connect(t)
	in.call(http.MethodPost, "/v1/apps/"+app+"/tokens", `{"tokens":[{"token":"-501","email":"a@b.c"}]}`)
	active := "/v1/contact/token/activated/" + app + "/-501"
	for _, s := range []scenario{
		{method: http.MethodGet, path: "/v1/contact/token/" + app + "/-501/contactId", body: "{ignored", status: 200, is: `{"contactId":1,"id":1}`},
		{method: http.MethodGet, path: "/v1/contact/token/" + app + "/502/contactId", status: 404, is: "This bot has no such token"},
		{method: http.MethodGet, path: "/v1/contact/token/" + app + "/x/contactId", status: 404, is: "This bot has no such token"},
		{method: http.MethodGet, path: "/v1/contact/token/x/1/contactId", status: 400, is: "Wrong app uuid"},
		{method: http.MethodGet, path: active, status: 200, is: `{"active":true}`},
		{method: http.MethodPut, path: active, body: `{"active":"false"}`, status: 200, is: `{"active":false}`},
		{method: http.MethodGet, path: active, status: 200, is: `{"active":false}`},
		{method: http.MethodGet, path: "/v1/contact/1", status: 200, contains: []string{`"active":false`}},
		{method: http.MethodPut, path: active, body: `{"active":1}`, status: 200, is: `{"active":true}`},
		{method: http.MethodPut, path: active, body: `{"active":"perhaps"}`, status: 400, is: "active must be true or false"},
		{method: http.MethodPut, path: active, body: `{"active":null}`, status: 400, is: "active must be true or false"},
		{method: http.MethodPut, path: active, status: 400, is: "active must be true or false"},
		{method: http.MethodPut, path: active + "9", body: `{"active":true}`, status: 404, is: "This bot has no such token"},
		{method: http.MethodGet, path: "/v1/contact/token/activated/0198c1b0-3c55-7d9e-8f4e-0e6f6e1a2b3c/1", status: 404, is: "Not registered application"},
		{method: http.MethodPut, path: "/v1/interactions/5/status", body: `{"token":"x","status":"DELIVERED"}`, status: 404, contains: []string{"mobile push"}},
	} {
		s.check(t, in)
	}
}

func FuzzMute(f *testing.F) {
	in := setup(f)
	fuzzBody(f, in, http.MethodPost, "/v1/apps/"+in.connect(f)+"/token/mute", `{"token":"1","duration":"5"}`, `{"token":-1,"duration":1e9}`, `[]`)
}

func FuzzActivity(f *testing.F) {
	in := setup(f)
	fuzzBody(f, in, http.MethodPut, "/v1/contact/token/activated/"+in.connect(f)+"/1", `{"active":"1"}`, `{"active":{}}`, `"x"`)
}

// importOf runs the import with the number, as its job would, and returns its
// status.
func (in *installation) importOf(tb testing.TB, id int64, session string) string {
	tb.Helper()
	require.NoError(tb, in.config.Imports.Run(tb.Context(), jobOf(id)))
	w := in.call(http.MethodGet, "/v1/importstatus/"+session, "")
	require.Equal(tb, http.StatusOK, w.Code, w.Body)
	return w.Body.String()
}
