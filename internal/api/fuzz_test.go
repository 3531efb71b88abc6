package api_test

import (
	"net/http"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// fuzzBody sends bodies to the path: whatever is sent, it is no fault of ours.
func fuzzBody(f *testing.F, in *installation, method, path string, seeds ...string) {
	f.Helper()
	for _, seed := range seeds {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		w := in.call(method, path, text)
		require.Less(t, w.Code, 500, "%q: %s", text, w.Body)
		require.True(t, utf8.Valid(w.Body.Bytes()))
		require.NotContains(t, in.log.String(), "panicked")
	})
}

func FuzzTokens(f *testing.F) {
	in := setup(f)
	fuzzBody(f, in, http.MethodPost, "/v1/apps/"+in.connect(f)+"/tokens",
		`{"tokens":[{"token":"1","contactId":1,"externalCustomerId":"x","phone":"+380501234567","email":"a@b.c"}]}`,
		`{"tokens":{"token":-5,"email":"\u0041\n@\ud83d\ude00"}, "x":[1,[],{"a":null}]}`,
		`{"tokens":[null,{},{"token":1e5}]}`, ` [ ] `, `"\ud800"`, "{\"tokens\":[{\"phone\":\"\xff\"}]}")
}

func FuzzContact(f *testing.F) {
	in := setup(f)
	fuzzBody(f, in, http.MethodPost, "/v1/contact",
		`{"id":1,"externalCustomerId":"x","firstName":"a","channels":[{"type":"email","value":"a@b.c"},{"type":"sms","value":1}]}`,
		`{"channels":{"type":"sms","value":null},"timeZone":[]}`, `{"channels":[[{}]]}`)
}

func FuzzCampaign(f *testing.F) {
	in := setup(f)
	in.connect(f)
	in.call(http.MethodPost, messages, `{"name":"m","text":"x"}`)
	fuzzBody(f, in, http.MethodPost, campaigns,
		`{"name":"c","botId":1,"messageId":1,"audience":{"all":true}}`, `{"name":null,"audience":[]}`, `{"botId":1e3}`, `0`)
}

func FuzzMessage(f *testing.F) {
	in := setup(f)
	fuzzBody(f, in, http.MethodPost, messages, `{"name":"c","text":"<b>x</b>"}`, `{"name":"\u0000"}`, `{"TEXT":1}`)
}

// FuzzQuery sends queries to a list.
func FuzzQuery(f *testing.F) {
	in := setup(f)
	in.connect(f)
	for _, seed := range []string{"limit=1", "cursor=MQ", "limit=%zz", "limit=1&limit=x;cursor=%00", "status=sent"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		w := in.call(http.MethodGet, bots+"?"+query, "")
		require.Less(t, w.Code, 500, "%q: %s", query, w.Body)
	})
}
