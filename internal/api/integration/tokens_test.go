package integration_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/api/apitest"
)

// spec: app-identifier-needed
func TestTokens(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	app := in.Connect(t)
	path := "/api/v1/apps/" + app + "/tokens"

	for _, s := range []apitest.Scenario{
		{Name: "all kinds of items", Method: http.MethodPost, Path: path,
			Body: `{"tokens":[{"token":"501","externalCustomerId":"C<1>"},{"token":502,"phone":380501234567,"email":null,"extra":{"a":["}"]}},
				{"token":"abc","email":"x@y.z"},{"token":"503"},{"email":"x@y.z"},{"token":"501","externalCustomerId":"C<1>"}]}`,
			Status: 200,
			Is: `{"results":[{"token":"501","contactId":1,"status":"CREATED"},{"token":"502","contactId":2,"status":"CREATED"},` +
				`{"token":"abc","status":"REJECTED","message":"token must be a Telegram chat id"},` +
				`{"token":"503","status":"REJECTED","message":"send at least one of contactId, externalCustomerId, phone, email"},` +
				`{"token":"","status":"REJECTED","message":"token must be a Telegram chat id"},` +
				`{"token":"501","contactId":1,"status":"EXISTS"}]}`,
			Answered: []string{"Content-Type", "application/json; charset=utf-8"}},
		{Name: "contact id as text", Method: http.MethodPost, Path: path, Body: `{"tokens":[{"token":"504","contactId":"1"}]}`, Status: 200,
			Is: `{"results":[{"token":"504","contactId":1,"status":"CREATED"}]}`},
		{Name: "a lone object, in another place, with slashes", Method: http.MethodPost,
			Path: "//api//v2/apps//" + strings.ToUpper(app) + "/tokens/",
			Body: "\ufeff \n{ \"tokens\" : { \"to\\u006ben\" : 1 , \"token\" : -100505 , \"externalCustomerId\" : 77 } }\n", Status: 200,
			Is: `{"results":[{"token":"-100505","contactId":3,"status":"CREATED"}]}`},
		{Name: "the last of two lists counts", Method: http.MethodPost, Path: path,
			Body: `{"tokens":[{"token":1}],"tokens":[{"token":"501","contactId":1}]}`, Status: 200,
			Is: `{"results":[{"token":"501","contactId":1,"status":"EXISTS"}]}`},
		{Name: "no contactId, as typed clients write it", Method: http.MethodPost, Path: path, Status: 200,
			Body: `{"tokens":[{"token":501.0,"contactId":0,"externalCustomerId":"C<1>"}]}`,
			Is:   `{"results":[{"token":"501","contactId":1,"status":"EXISTS"}]}`},
		{Name: "names with escapes", Method: http.MethodPost, Path: path, Status: 200,
			Body: `{"\u0074okens":[{"to\u006ben":"506","externalCustomerI\u0064":"C<1>"}]}`,
			Is:   `{"results":[{"token":"506","contactId":1,"status":"CREATED"}]}`},
		{Name: "quoted and escaped", Method: http.MethodPost, Path: path,
			Body: `{"tokens":[{"token":"507","externalCustomerId":"\"\\}\ud83d\ude00"}]}`, Status: 200,
			Is: `{"results":[{"token":"507","contactId":4,"status":"CREATED"}]}`},
	} {
		s.Check(t, in)
	}
	apitest.Scenario{Method: http.MethodGet, Path: "/v1/contact/3?channelTypes=telegrambot", Status: 200,
		Is: `{"id":3,"externalCustomerId":"77","channels":[` +
			`{"type":"telegram","value":"-100505","device":{"appId":"` + app + `","active":true}}],` +
			`"fields":[],"addressBookId":1,"groups":[]}`}.Check(t, in)
	apitest.Scenario{Method: http.MethodGet, Path: "/v1/contact/4", Status: 200, Contains: []string{`"externalCustomerId":"\"\\}😀"`}}.Check(t,
		in)
}

// spec: out-error-text app-faults
func TestTokensFaults(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	path := "/v1/apps/" + in.Connect(t) + "/tokens"
	item := func(members string) string {
		return `{"tokens":[{"token":"1","contactId":1},` + `{` + members + `}]}`
	}
	const whole = " must be a whole number from 1 to 9007199254740991"
	const range53 = " must be between -9007199254740991 and 9007199254740991"
	scenarios := []apitest.Scenario{
		{Name: "no UUID", Path: "/v1/apps/nonsense/tokens", Body: `{}`, Status: 400, Is: "Wrong app uuid"},
		{Name: "UUID without hyphens", Path: "/v1/apps/0198c1b03c557d9e8f4e0e6f6e1a2b3c/tokens", Body: `{}`, Status: 400, Is: "Wrong app uuid"},
		{Name: "UUID with NUL", Path: "/v1/apps/\x00/tokens", Body: `{}`, Status: 400,
			Is: "the path of the address holds a NUL character"},
		{Name: "unknown app", Path: "/v1/apps/0198c1b0-3c55-7d9e-8f4e-0e6f6e1a2b3c/tokens", Body: `{"tokens":[{"token":"1"}]}`, Status: 404,
			Is: "Not registered application"},
		{Name: "no tokens", Body: `{}`, Status: 400, Is: "Tokens must be specified"},
		{Name: "empty tokens", Body: `{"tokens":[]}`, Status: 400, Is: "Tokens must be specified"},
		{Name: "null tokens", Body: `{"tokens":null}`, Status: 400, Is: "Tokens must be specified"},
		{Name: "null", Body: `null`, Status: 400, Is: "Tokens must be specified"},
		{Name: "no body", Status: 400, Is: "Tokens must be specified"},
		{Name: "too many", Body: `{"tokens":[` + strings.Repeat(`{"token":1},`, 3000) + `{"token":1}]}`, Status: 400,
			Is: "At most 3000 tokens per request"},
		{Name: "far too many", Body: `{"tokens":[` + strings.Repeat(`{},`, 99_999) + `{}]}`, Status: 400, Is: "At most 3000 tokens per request"},
		{Name: "list for object", Body: `[]`, Status: 400, Is: "the body must be a JSON object"},
		{Name: "text for object", Body: `"x"`, Status: 400, Is: "the body must be a JSON object"},
		{Name: "text for list", Body: `{"tokens":"1"}`, Status: 400, Is: "tokens must be an array"},
		{Name: "number for item", Body: `{"tokens":[{},5]}`, Status: 400, Is: "tokens[1] must be a JSON object"},
		{Name: "object for token", Body: item(`"token":{}`), Status: 400,
			Is: "tokens[1].token must be a Telegram chat id, as a string or a number"},
		{Name: "fraction for token", Body: item(`"token":1.5`), Status: 400,
			Is: "tokens[1].token must be a Telegram chat id, as a string or a number"},
		{Name: "token of 2^53", Body: item(`"token":9007199254740992`), Status: 400, Is: "tokens[1].token" + range53},
		{Name: "token of -2^63", Body: item(`"token":"-9223372036854775808"`), Status: 400, Is: "tokens[1].token" + range53},
		{Name: "endless token", Body: item(`"token":"` + strings.Repeat("9", 100) + `"`), Status: 400, Is: "tokens[1].token" + range53},
		{Name: "contactId with a fraction", Body: item(`"contactId":1.5`), Status: 400, Is: "tokens[1].contactId" + whole},
		{Name: "contactId in letters", Body: item(`"contactId":"abc"`), Status: 400, Is: "tokens[1].contactId" + whole},
		{Name: "contactId with a sign", Body: item(`"contactId":"+1"`), Status: 400, Is: "tokens[1].contactId" + whole},
		{Name: "negative contactId", Body: item(`"contactId":-1`), Status: 400, Is: "tokens[1].contactId" + whole},
		{Name: "contactId of 2^53", Body: item(`"contactId":"9007199254740992"`), Status: 400, Is: "tokens[1].contactId" + whole},
		{Name: "contactId of 2^63", Body: item(`"contactId":9223372036854775808`), Status: 400, Is: "tokens[1].contactId" + whole},
		{Name: "contactId true", Body: item(`"contactId":true`), Status: 400, Is: "tokens[1].contactId" + whole},
		{Name: "in a lone object", Body: `{"tokens":{"contactId":[]}}`, Status: 400, Is: "tokens.contactId" + whole},
		{Name: "list for email", Body: item(`"email":[]`), Status: 400, Is: "tokens[1].email must be a string"},
		{Name: "fraction for phone", Body: item(`"phone":1.5`), Status: 400, Is: "tokens[1].phone must be a string"},
		{Name: "no JSON", Body: `tokens=1`, Status: 400, Contains: []string{"the body is not valid JSON: ", " at byte 1"}},
		{Name: "half JSON", Body: `{"tokens":[`, Status: 400, Is: "the body is not valid JSON: it ends too early at byte 11"},
		{Name: "more JSON", Body: `{} {}`, Status: 400, Contains: []string{"the body is not valid JSON: ", " at byte 3"}},
		{Name: "NUL", Body: item(`"email":"a\u0000"`), Status: 400, Is: "the body holds a NUL character at byte 50"},
		{Name: "raw NUL", Body: "{\"tokens\x00\":1}", Status: 400, Is: "the body holds a NUL character at byte 8"},
		{Name: "lone high surrogate", Body: `{"x":"\ud800"}`, Status: 400, Is: "the body holds half of a surrogate pair at byte 6"},
		{Name: "lone low surrogate", Body: `{"x":"\udc00\ud800"}`, Status: 400, Is: "the body holds half of a surrogate pair at byte 6"},
		{Name: "surrogate and letter", Body: `{"x":"\\\ud83dx"}`, Status: 400, Is: "the body holds half of a surrogate pair at byte 8"},
		{Name: "broken UTF-8", Body: "{\"x\":\"\xff\"}", Status: 400, Is: "the body is not valid UTF-8 at byte 6"},
		{Name: "UTF-8 surrogate", Body: "{\"x\":\"\xed\xa0\x80\"}", Status: 400, Is: "the body is not valid UTF-8 at byte 6"},
		{Name: "deep", Body: strings.Repeat("[", 101) + strings.Repeat("]", 101), Status: 400,
			Is: "the body nests deeper than 100 levels at byte 100"},
		{Name: "very deep", Body: strings.Repeat(`{"a":`, 500_000), Status: 400, Contains: []string{"the body "}},
		{Name: "10 MB", Body: `{"tokens":"` + strings.Repeat("x", 10<<20) + `"}`, Status: 413,
			Is: "the body is larger than 4 MiB: send it in parts"},
		{Name: "wrong method", Method: http.MethodGet, Status: 405, Contains: []string{"only POST"}, Answered: []string{"Allow", "POST"}},
		{Name: "unknown path", Path: "/v1/apps", Status: 404, Is: "There is nothing at this address"},
		{Name: "the prefix alone", Path: "/api/v1", Status: 404, Is: "There is nothing at this address"},
	}
	for i := range scenarios {
		s := &scenarios[i]
		if s.Method == "" {
			s.Method = http.MethodPost
		}
		if s.Path == "" {
			s.Path = path
		}
		s.Answered = append(s.Answered, "Content-Type", "text/plain; charset=utf-8")
	}
	t.Run("refused", func(t *testing.T) {
		t.Parallel()
		apitest.RunAll(t, in, scenarios)
	})
	t.Cleanup(func() {
		apitest.Scenario{Method: http.MethodGet, Path: "/v1/contact/1", Status: 404}.Check(t, in)
	})
}

func TestTokensAtTheLimit(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	path := "/v1/apps/" + in.Connect(t) + "/tokens"
	var items []string
	for i := range 3000 {
		items = append(items, fmt.Sprintf(`{"token":"%d","externalCustomerId":"C%d"}`, i+1, i+1))
	}
	w := in.Call(http.MethodPost, path, `{"tokens":[`+strings.Join(items, ",")+`]}`)
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

func FuzzTokens(f *testing.F) {
	in := apitest.New(f)
	apitest.FuzzBody(f, in, http.MethodPost, "/v1/apps/"+in.Connect(f)+"/tokens",
		`{"tokens":[{"token":"1","contactId":1,"externalCustomerId":"x","phone":"+380501234567","email":"a@b.c"}]}`,
		`{"tokens":{"token":-5,"email":"\u0041\n@\ud83d\ude00"}, "x":[1,[],{"a":null}]}`,
		`{"tokens":[null,{},{"token":1e5}]}`, ` [ ] `, `"\ud800"`, "{\"tokens\":[{\"phone\":\"\xff\"}]}")
}
