package api_test

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"bellman/internal/api/apitest"
	"bellman/internal/api/integration"
	"bellman/internal/api/manage"
	"bellman/internal/api/request"
	"bellman/internal/api/surface"
	"bellman/internal/idempotency"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
)

// asking are the POSTs to which a key has no meaning, with the reason.
var asking = map[string]string{
	"/manage/v1/messages/check":                 "only asks",
	"/manage/v1/messages/translate":             "only asks",
	"/manage/v1/messages/{id}/preview":          "only asks",
	"/manage/v1/messages/preview":               "only asks",
	"/manage/v1/presence":                       "holds for a moment, and the answer of now is wanted",
	"/manage/v1/imports/look":                   "only asks",
	"/manage/v1/webhooks/{id}/probe":            "only asks, and the answer of now is wanted",
	"/manage/v1/webhooks/{id}/secret":           "is answered with a secret, which is not kept",
	"/manage/v1/media":                          "the same bytes are the same file",
	"/manage/v1/imports":                        "contacts that are imported twice are the same ones",
	"/v1/auth/token":                            "is refused",
	"/manage/v1/session":                        "takes a password",
	"/manage/v1/session/confirm":                "takes a password",
	"/manage/v1/me/passkeys/begin":              "only asks",
	"/manage/v1/me/passkeys":                    "is answered by a device once",
	"/manage/v1/session/passkey/begin":          "only asks",
	"/manage/v1/session/passkey":                "is answered by a device once",
	"/manage/v1/session/confirm/passkey":        "is answered by a device once",
	"/manage/v1/session/provider/begin":         "only asks",
	"/manage/v1/session/provider":               "is answered by a provider once",
	"/manage/v1/session/confirm/provider/begin": "only asks",
	"/manage/v1/session/confirm/provider":       "is answered by a provider once",
	"/manage/v1/me/providers/begin":             "only asks",
	"/manage/v1/me/providers":                   "is answered by a provider once",
	"/manage/v1/me/authenticator":               "is answered with a secret",
	"/manage/v1/me/authenticator/confirm":       "is answered with secrets",
	"/manage/v1/me/recovery-codes":              "is answered with secrets",
	"/manage/v1/me/password":                    "takes a password",
	"/manage/v1/links/look":                     "only asks",
	"/manage/v1/links/accept":                   "takes a password",
	"/manage/v1/users/{id}/reset":               "is answered with a secret",
	"/manage/v1/invitations":                    "is answered with a secret",
	"/manage/v1/keys":                           "is answered with a secret",
	"/manage/v1/keys/{id}/rotate":               "is answered with a secret",
	"/manage/v1/contacts/{id}/erase":            "who is erased stays so",
	"/manage/v1/password/strength":              "takes a password",
	"/manage/v1/session/forgotten":              "is sent once more",
}

// posts returns the paths of all POSTs of both APIs, and whether their documents say
// that they take a key.
func posts(t *testing.T) map[string]bool {
	t.Helper()
	management, err := manage.New(surface.Services{}).YAML()
	require.NoError(t, err)
	all := map[string]bool{}
	for prefix, text := range map[string][]byte{manage.Prefix: management, "/v1": integration.Document} {
		var document struct {
			Paths map[string]map[string]struct{ Parameters []map[string]any }
		}
		require.NoError(t, yaml.Unmarshal(text, &document))
		for path, methods := range document.Paths {
			if post, ok := methods["post"]; ok {
				path = prefix + strings.TrimPrefix(path, manage.Prefix)
				all[path] = slices.ContainsFunc(post.Parameters, func(p map[string]any) bool {
					return p["name"] == idempotency.Header || p["$ref"] == "#/components/parameters/IdempotencyKey"
				})
			}
		}
	}
	return all
}

// Every POST that creates or sends takes a key: a new one without fails here.
func TestEveryPostTakesAKey(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	taken := &idempotency.Claim{WorkspaceID: 1, Key: "taken", Fingerprint: "another", At: in.Config.Now()}
	require.NoError(t, in.Store.Idempotency.Keep(t.Context(), taken, []byte(`{"status":200}`)))
	all := posts(t)
	require.Greater(t, len(all), 35)
	for path := range asking {
		require.Contains(t, all, path)
	}
	variable := regexp.MustCompile(`\{[^}]*\}`)
	for path, documented := range all {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			_, asks := asking[path]
			require.Equal(t, !asks, documented, "in the document")
			w := in.Call(http.MethodPost, variable.ReplaceAllString(path, "1"), "{}", idempotency.Header, "taken")
			require.Equal(t, !asks, strings.Contains(w.Body.String(), "this idempotency key was used for another request"), w.Body)
			if !asks {
				require.Equal(t, strings.HasPrefix(path, manage.Prefix), w.Code == http.StatusUnprocessableEntity, "no 422 in the other API")
			}
		})
	}
}

// making are calls that make something, and the list that shows how much there is:
// triggered ones first, which make campaign 1.
// A call whose answer was lost gets it again when what it made is found.
var making = []struct {
	name, path, body, same, other, list string
	found                               bool
}{
	{"a send", "/manage/v1/messages/1/send", `{"botId":1,"recipients":[{"token":"501","data":{"n":100}}]}`,
		`{"recipients":[{"data":{"n":1e2},"token":"501"}],"botId":1}`, `{"botId":1,"recipients":[{"token":"501","data":{"n":101}}]}`,
		"/manage/v1/campaigns/1/deliveries", true},
	{"a smartsend", "/v1/message/1/smartsend", `{"recipients":[{"locator":"501","jsonParam":"{}"}]}`,
		`{ "recipients":[{"jsonParam":"{}","locator":"501"}]}`, `{"recipients":[{"locator":"501"}]}`, "/manage/v1/campaigns/1/deliveries", true},
	{"a message", apitest.Messages, `{"name":"n","text":"x"}`, "{\"te\\u0078t\" : \"x\",\n\"name\":\"n\"}", `{"name":"n","text":"y"}`,
		apitest.Messages, true},
	{"a campaign", "/manage/v1/campaigns", `{"name":"n","botId":1,"messageId":1,"audience":{"all":true}}`,
		`{"audience":{"all":true},"messageId":1.0,"botId":1e0,"name":"n"}`, `{"name":"o","botId":1,"messageId":1,"audience":{"all":true}}`,
		"/manage/v1/campaigns", true},
	{"a broadcast", "/v1/broadcast", `{"messageId":1,"groups":[1]}`, ` { "groups" : [ 1 ] , "messageId" : 1 } `,
		`{"messageId":1,"groups":[1],"title":"t"}`, "/manage/v1/campaigns", true},
	{"a group", "/manage/v1/groups", `{"name":"new"}`, `{"name":"\u006eew"}`, `{"name":"newer"}`, "/manage/v1/groups", false},
	{"an event", "/v1/event", `{"eventTypeKey":"bought","keyValue":"7","params":[]}`,
		`{"params":[],"keyValue":"7","eventTypeKey":"bought"}`, `{"eventTypeKey":"bought","keyValue":"8","params":[]}`,
		"/manage/v1/events?eventTypeKey=bought", false},
}

// prepared returns an installation with a bot, a contact, a message, a group of that
// contact, and an event.
func prepared(t *testing.T, s *store.DB) *apitest.Installation {
	t.Helper()
	in := apitest.NewOn(t, s)
	in.Prepare(t)
	require.Equal(t, http.StatusCreated, in.Call(http.MethodPost, "/manage/v1/groups", `{"name":"g"}`).Code)
	return in
}

// count returns how many things the list shows; none before there is a list.
func count(t *testing.T, in *apitest.Installation, list string) int {
	t.Helper()
	w := in.Call(http.MethodGet, list, "")
	if w.Code == http.StatusNotFound {
		return 0
	}
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	return len(apitest.Field[[]any](t, w, "items"))
}

func TestARepeatedPostMakesNothing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		in := prepared(t, s)
		for _, c := range making {
			key := []string{idempotency.Header, c.name}
			before := count(t, in, c.list)
			first := in.Call(http.MethodPost, c.path, c.body, key...)
			require.Less(t, first.Code, 300, first.Body)
			paths := []string{c.path}
			if strings.HasPrefix(c.path, "/v1/") {
				paths = append(paths, "/api"+c.path)
			}
			for _, path := range paths {
				again := in.Call(http.MethodPost, path, c.same, key...)
				require.Equal(t, first.Code, again.Code, again.Body)
				require.Equal(t, first.Body.String(), again.Body.String())
				require.NotEqual(t, first.Header().Get(request.Header), again.Header().Get(request.Header), "they are two requests")
				for _, answer := range []http.Header{first.Header(), again.Header()} {
					answer.Del(request.Header)
				}
				require.Equal(t, first.Header(), again.Header())
				first.Header().Set(request.Header, "first")
			}
			other := in.Call(http.MethodPost, c.path, c.other, key...)
			require.Contains(t, other.Body.String(), "take a new key for a new request")
			elsewhere := in.Call(http.MethodPost, c.path+"?a=b", c.body, key...)
			require.Contains(t, elsewhere.Body.String(), "take a new key for a new request")
			require.Equal(t, before+1, count(t, in, c.list), c.name)
			second := in.Call(http.MethodPost, c.path, c.other, idempotency.Header, "another "+c.name)
			require.Less(t, second.Code, 300, second.Body)
			require.Equal(t, before+2, count(t, in, c.list), c.name)
		}
	})
}

// Sixteen that call at once make one thing. Whoever comes before the first is
// answered is told to repeat, and then gets the same answer.
func TestAPostAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		in := prepared(t, s)
		for _, c := range making {
			before := count(t, in, c.list)
			answers := make([]string, 16)
			var running sync.WaitGroup
			for i := range answers {
				running.Go(func() { answers[i] = insist(t, in, c.path, c.body, c.name) })
			}
			running.Wait()
			for _, a := range answers {
				require.Equal(t, answers[0], a)
			}
			require.Equal(t, "2", answers[0][:1], answers[0])
			require.Equal(t, before+1, count(t, in, c.list), c.name)
		}
	})
}

// insist makes a call until the first with its key is answered.
func insist(t *testing.T, in *apitest.Installation, path, body, key string) string {
	t.Helper()
	for end := time.Now().Add(time.Minute); ; {
		w := in.Call(http.MethodPost, path, body, idempotency.Header, key)
		if w.Code != http.StatusConflict {
			return fmt.Sprint(w.Code, w.Body)
		}
		if w.Header().Get("Retry-After") != "1" || time.Now().After(end) {
			t.Error(w.Body)
			return ""
		}
	}
}

// What is refused leaves the key free: the mended request may have it.
func TestARefusedPostLeavesItsKey(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	key := []string{idempotency.Header, "k"}
	for _, s := range []apitest.Scenario{
		{Body: `{"name":"n","text":"<b>"}`, Status: 422},
		{Body: `{"name":`, Status: 400},
		{Body: `{"name":"n","text":"x"}`, Status: 201},
		{Body: `{"name":"n","text":"<b>"}`, Status: 422, Contains: []string{`"code":"idempotency_key_reused"`, `"field":"Idempotency-Key"`}},
	} {
		s.Method, s.Path, s.Header = http.MethodPost, apitest.Messages, key
		s.Check(t, in)
	}
	apitest.RunAll(t, in, []apitest.Scenario{
		{Name: "empty", Method: http.MethodPost, Path: apitest.Messages, Body: `{}`, Header: []string{idempotency.Header, ""}, Status: 422,
			Contains: []string{`"code":"idempotency_key_invalid"`}},
		{Name: "too long", Method: http.MethodPost, Path: "/v1/broadcast", Body: `{}`,
			Header: []string{idempotency.Header, strings.Repeat("k", 256)}, Status: 400, Contains: []string{"1 to 255 printable"}},
		{Name: "on a GET", Method: http.MethodGet, Path: apitest.Messages, Header: key, Status: 200},
		{Name: "without a key to the API", Method: http.MethodPost, Path: apitest.Messages,
			Header: []string{idempotency.Header, "k", "Authorization", ""}, Status: 401},
	})
}
