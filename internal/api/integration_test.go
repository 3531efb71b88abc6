package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTokens(t *testing.T) {
	t.Parallel()
	in := setup(t)
	app := in.connect(t)
	path := "/api/v1/apps/" + app + "/tokens"

	for _, s := range []scenario{
		{name: "all kinds of items", method: http.MethodPost, path: path,
			body: `{"tokens":[{"token":"501","externalCustomerId":"C<1>"},{"token":502,"phone":380501234567,"email":null,"extra":{"a":["}"]}},
				{"token":"abc","email":"x@y.z"},{"token":"503"},{"email":"x@y.z"},{"token":"501","externalCustomerId":"C<1>"}]}`,
			status: 200,
			is: `{"results":[{"token":"501","contactId":1,"status":"CREATED"},{"token":"502","contactId":2,"status":"CREATED"},` +
				`{"token":"abc","status":"REJECTED","message":"token must be a Telegram chat id"},` +
				`{"token":"503","status":"REJECTED","message":"send at least one of contactId, externalCustomerId, phone, email"},` +
				`{"token":"","status":"REJECTED","message":"token must be a Telegram chat id"},` +
				`{"token":"501","contactId":1,"status":"EXISTS"}]}`,
			answered: []string{"Content-Type", "application/json; charset=utf-8"}},
		{name: "contact id as text", method: http.MethodPost, path: path, body: `{"tokens":[{"token":"504","contactId":"1"}]}`, status: 200,
			is: `{"results":[{"token":"504","contactId":1,"status":"CREATED"}]}`},
		{name: "a lone object, in another place, with slashes", method: http.MethodPost, path: "//api//v2/apps//" + strings.ToUpper(app) + "/tokens/",
			body: "\ufeff \n{ \"tokens\" : { \"to\\u006ben\" : 1 , \"token\" : -100505 , \"externalCustomerId\" : 77 } }\n", status: 200,
			is: `{"results":[{"token":"-100505","contactId":3,"status":"CREATED"}]}`},
		{name: "the last of two lists counts", method: http.MethodPost, path: path, body: `{"tokens":[{"token":1}],"tokens":[{"token":"501","contactId":1}]}`, status: 200,
			is: `{"results":[{"token":"501","contactId":1,"status":"EXISTS"}]}`},
		{name: "quoted and escaped", method: http.MethodPost, path: path, body: `{"tokens":[{"token":"507","externalCustomerId":"\"\\}\ud83d\ude00"}]}`, status: 200,
			is: `{"results":[{"token":"507","contactId":4,"status":"CREATED"}]}`},
	} {
		s.check(t, in)
	}
	scenario{method: http.MethodGet, path: "/v1/contact/3", status: 200,
		is: `{"id":3,"externalCustomerId":"77","channels":[{"type":"telegram","value":"-100505","device":{"appId":"` + app + `","active":true}}],` +
			`"fields":[],"addressBookId":1,"groups":[]}`}.check(t, in)
	scenario{method: http.MethodGet, path: "/v1/contact/4", status: 200, contains: []string{`"externalCustomerId":"\"\\}😀"`}}.check(t, in)
}

func TestTokensFaults(t *testing.T) {
	t.Parallel()
	in := setup(t)
	path := "/v1/apps/" + in.connect(t) + "/tokens"
	item := func(members string) string {
		return `{"tokens":[{"token":"1","contactId":1},` + `{` + members + `}]}`
	}
	const whole = " must be a whole number from 1 to 9007199254740991"
	const range53 = " must be between -9007199254740991 and 9007199254740991"
	scenarios := []scenario{
		{name: "no UUID", path: "/v1/apps/nonsense/tokens", body: `{}`, status: 400, is: "Wrong app uuid"},
		{name: "UUID without hyphens", path: "/v1/apps/0198c1b03c557d9e8f4e0e6f6e1a2b3c/tokens", body: `{}`, status: 400, is: "Wrong app uuid"},
		{name: "UUID with NUL", path: "/v1/apps/\x00/tokens", body: `{}`, status: 400, is: "Wrong app uuid"},
		{name: "unknown app", path: "/v1/apps/0198c1b0-3c55-7d9e-8f4e-0e6f6e1a2b3c/tokens", body: `{"tokens":[{"token":"1"}]}`, status: 404, is: "Not registered application"},
		{name: "no tokens", body: `{}`, status: 400, is: "Tokens must be specified"},
		{name: "empty tokens", body: `{"tokens":[]}`, status: 400, is: "Tokens must be specified"},
		{name: "null tokens", body: `{"tokens":null}`, status: 400, is: "Tokens must be specified"},
		{name: "null", body: `null`, status: 400, is: "Tokens must be specified"},
		{name: "no body", status: 400, is: "Tokens must be specified"},
		{name: "too many", body: `{"tokens":[` + strings.Repeat(`{"token":1},`, 3000) + `{"token":1}]}`, status: 400, is: "At most 3000 tokens per request"},
		{name: "far too many", body: `{"tokens":[` + strings.Repeat(`{},`, 99_999) + `{}]}`, status: 400, is: "At most 3000 tokens per request"},
		{name: "list for object", body: `[]`, status: 400, is: "the body must be a JSON object"},
		{name: "text for object", body: `"x"`, status: 400, is: "the body must be a JSON object"},
		{name: "text for list", body: `{"tokens":"1"}`, status: 400, is: "tokens must be an array"},
		{name: "number for item", body: `{"tokens":[{},5]}`, status: 400, is: "tokens[1] must be a JSON object"},
		{name: "object for token", body: item(`"token":{}`), status: 400, is: "tokens[1].token must be a Telegram chat id, as a string or a number"},
		{name: "fraction for token", body: item(`"token":1.5`), status: 400, is: "tokens[1].token must be a Telegram chat id, as a string or a number"},
		{name: "token of 2^53", body: item(`"token":9007199254740992`), status: 400, is: "tokens[1].token" + range53},
		{name: "token of -2^63", body: item(`"token":"-9223372036854775808"`), status: 400, is: "tokens[1].token" + range53},
		{name: "endless token", body: item(`"token":"` + strings.Repeat("9", 100) + `"`), status: 400, is: "tokens[1].token" + range53},
		{name: "contactId with a fraction", body: item(`"contactId":1.5`), status: 400, is: "tokens[1].contactId" + whole},
		{name: "contactId in letters", body: item(`"contactId":"abc"`), status: 400, is: "tokens[1].contactId" + whole},
		{name: "contactId with a sign", body: item(`"contactId":"+1"`), status: 400, is: "tokens[1].contactId" + whole},
		{name: "negative contactId", body: item(`"contactId":-1`), status: 400, is: "tokens[1].contactId" + whole},
		{name: "contactId zero", body: item(`"contactId":0`), status: 400, is: "tokens[1].contactId" + whole},
		{name: "contactId of 2^53", body: item(`"contactId":"9007199254740992"`), status: 400, is: "tokens[1].contactId" + whole},
		{name: "contactId of 2^63", body: item(`"contactId":9223372036854775808`), status: 400, is: "tokens[1].contactId" + whole},
		{name: "contactId true", body: item(`"contactId":true`), status: 400, is: "tokens[1].contactId" + whole},
		{name: "in a lone object", body: `{"tokens":{"contactId":[]}}`, status: 400, is: "tokens.contactId" + whole},
		{name: "list for email", body: item(`"email":[]`), status: 400, is: "tokens[1].email must be a string"},
		{name: "fraction for phone", body: item(`"phone":1.5`), status: 400, is: "tokens[1].phone must be a string"},
		{name: "no JSON", body: `tokens=1`, status: 400, contains: []string{"the body is not valid JSON: ", " at byte 1\n"}},
		{name: "half JSON", body: `{"tokens":[`, status: 400, is: "the body is not valid JSON: it ends too early at byte 11"},
		{name: "more JSON", body: `{} {}`, status: 400, contains: []string{"the body is not valid JSON: ", " at byte 3\n"}},
		{name: "NUL", body: item(`"email":"a\u0000"`), status: 400, is: "the body holds a NUL character at byte 50"},
		{name: "raw NUL", body: "{\"tokens\x00\":1}", status: 400, is: "the body holds a NUL character at byte 8"},
		{name: "lone high surrogate", body: `{"x":"\ud800"}`, status: 400, is: "the body holds half of a surrogate pair at byte 6"},
		{name: "lone low surrogate", body: `{"x":"\udc00\ud800"}`, status: 400, is: "the body holds half of a surrogate pair at byte 6"},
		{name: "surrogate and letter", body: `{"x":"\\\ud83dx"}`, status: 400, is: "the body holds half of a surrogate pair at byte 8"},
		{name: "broken UTF-8", body: "{\"x\":\"\xff\"}", status: 400, is: "the body is not valid UTF-8 at byte 6"},
		{name: "UTF-8 surrogate", body: "{\"x\":\"\xed\xa0\x80\"}", status: 400, is: "the body is not valid UTF-8 at byte 6"},
		{name: "deep", body: strings.Repeat("[", 101) + strings.Repeat("]", 101), status: 400, is: "the body nests deeper than 100 levels at byte 100"},
		{name: "very deep", body: strings.Repeat(`{"a":`, 500_000), status: 400, contains: []string{"the body "}},
		{name: "10 MB", body: `{"tokens":"` + strings.Repeat("x", 10<<20) + `"}`, status: 413, is: "the body is larger than 4 MiB: send it in parts"},
		{name: "wrong method", method: http.MethodGet, status: 405, contains: []string{"only POST"}, answered: []string{"Allow", "POST"}},
		{name: "unknown path", path: "/v1/apps", status: 404, is: "There is nothing at this address"},
		{name: "the prefix alone", path: "/api/v1", status: 404, is: "There is nothing at this address"},
	}
	for i := range scenarios {
		s := &scenarios[i]
		if s.method == "" {
			s.method = http.MethodPost
		}
		if s.path == "" {
			s.path = path
		}
		s.answered = append(s.answered, "Content-Type", "text/plain; charset=utf-8")
	}
	t.Run("refused", func(t *testing.T) {
		t.Parallel()
		runAll(t, in, scenarios)
	})
	t.Cleanup(func() {
		scenario{method: http.MethodGet, path: "/v1/contact/1", status: 404}.check(t, in)
	})
}

func TestTokensAtTheLimit(t *testing.T) {
	t.Parallel()
	in := setup(t)
	path := "/v1/apps/" + in.connect(t) + "/tokens"
	var items []string
	for i := range 3000 {
		items = append(items, fmt.Sprintf(`{"token":"%d","externalCustomerId":"C%d"}`, i+1, i+1))
	}
	w := in.call(http.MethodPost, path, `{"tokens":[`+strings.Join(items, ",")+`]}`)
	require.Equal(t, http.StatusOK, w.Code)
	var got struct {
		Results []struct {
			Token  string
			Status string
		}
	}
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &got))
	require.Len(t, got.Results, 3000)
	for i, r := range got.Results {
		require.Equal(t, fmt.Sprint(i+1), r.Token)
		require.Equal(t, "CREATED", r.Status)
	}
}
