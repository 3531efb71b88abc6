package api_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/access"
	"bellman/internal/api/apitest"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
	"bellman/internal/workspace"
)

// callers are all who call the management API, with a letter each: the roles (owner,
// admin, marketer, writer, agent, analyst (n)), the installer and the keys that open it.
var callers = map[string]rune{
	"owner": 'o', "admin": 'a', "marketer": 'm', "writer": 'w', "agent": 'g', "analyst": 'n', "installer": 'i',
	"key of the installation": 'I', "full key": 'K',
}

// may says who may call what, as it was asked for: the first line with the method and the
// path, or what the path is below, counts. It is written without a look at the table that is tested.
var may = []struct{ methods, path, who string }{
	{"POST", "/session/forgotten", "oamwgniIK-"},
	{"POST", "/session/confirm", "oamwgni"},
	{"POST", "/session/passkey", "oamwgniIK-"},
	{"POST", "/session", "oamwgniIK-"},
	{"GET", "/session/providers", "oamwgniIK-"},
	{"GET PATCH DELETE", "/session", "oamwgni"},
	{"GET DELETE", "/sessions", "oamwgni"},
	{"GET PATCH POST DELETE", "/me", "oamwgni"},
	{"POST", "/links", "oamwgniIK-"},
	{"POST", "/password/strength", "oamwgniIK-"},

	{"GET POST PATCH DELETE", "/users", "oaiI"},
	{"GET POST DELETE", "/invitations", "oaiI"},
	{"GET POST PATCH DELETE", "/keys", "oaiI"},

	{"GET POST PATCH DELETE", "/providers", "iI"},

	{"GET", "/audit/check", "iI"},
	{"GET", "/audit", "oaiI"},

	{"GET", "/workspaces", "oamwgni"},
	{"POST", "/workspaces", "iI"},
	{"PUT", "/workspace", "oiI"},
	{"GET", "/workspace", "oamwgniIK"},
	{"PATCH", "/workspace", "oaiIK"},

	{"POST", "/presence", "oamwgniIK"},

	{"GET", "/bots/{id}/chats", "oamwgniIK"},
	{"GET", "/bots", "oamwgniIK"},
	{"PATCH", "/bots/{id}/chats", "oamiIK"},
	{"POST PATCH DELETE", "/bots", "oaiIK"},
	{"GET POST PATCH DELETE", "/webhooks", "oaiIK"},

	{"GET POST", "/imports", "oamiIK"},
	{"GET", "/contacts/{id}/export", "oaiIK"},
	{"GET POST", "/contacts/{id}/erase", "oaiIK"},
	{"GET", "/groups/{id}/contacts", "oamwgniIK"},
	{"GET", "/groups/{id}/uses", "oamwniIK"},
	{"GET", "/contacts", "oamwgniIK"},
	{"GET", "/groups", "oamwgniIK"},
	{"GET", "/fields", "oamwgniIK"},
	{"GET", "/events", "oamwgniIK"},
	{"GET", "/event-types", "oamwgniIK"},
	{"POST PUT PATCH DELETE", "/contacts", "oamiIK"},
	{"POST PATCH DELETE", "/groups", "oamiIK"},
	{"POST PATCH DELETE", "/fields", "oamiIK"},
	{"POST", "/events", "oamiIK"},
	{"DELETE", "/past-events", "oamiIK"},

	{"POST", "/messages/{id}/send", "oamiIK"},
	{"POST", "/messages", "oamwiIK"},
	{"PUT DELETE", "/messages", "oamwiIK"},
	{"POST DELETE", "/media", "oamwiIK"},
	{"GET", "/messages", "oamwniIK"},
	{"GET", "/media", "oamwniIK"},
	{"HEAD", "/live", "oamwgniIK"},
	{"GET", "/campaigns", "oamwniIK"},
	{"GET", "/deliveries", "oamwniIK"},
	{"GET", "/stats", "oamwniIK"},
	{"POST", "/campaigns/{id}/duplicate", "oamwiIK"},
	{"POST", "/campaigns/{id}", "oamiIK"},
	{"POST PATCH DELETE", "/campaigns", "oamwiIK"},
}

// mayCall reports whether a caller may make a call, and whether that was decided.
func mayCall(r walked, caller rune) (allowed, decided bool) {
	path := strings.TrimPrefix(r.path, "/manage/v1")
	for _, line := range may {
		rest, found := strings.CutPrefix(path, line.path)
		if slices.Contains(strings.Fields(line.methods), r.method) && found && (rest == "" || rest[0] == '/') {
			return strings.ContainsRune(line.who, caller), true
		}
	}
	return false, false
}

// caller returns how somebody calls an installation.
func caller(t *testing.T, in *apitest.Installation, name string) apitest.Caller {
	t.Helper()
	scopes := map[string]access.Scope{"key of the installation": access.ScopeInstallation, "full key": access.ScopeFull}
	if scope, ok := scopes[name]; ok {
		secret, err := in.Config.Keys.CreateKey(t.Context(), workspace.Default, name, scope)
		require.NoError(t, err)
		return func(method, path, body string) *httptest.ResponseRecorder {
			return in.Call(method, path, body, "Authorization", "Bearer "+secret, ":host", "localhost")
		}
	}
	if name == "installer" {
		return in.Own(t).CallAnew(t)
	}
	return in.Join(t, workspace.Default, access.Role(name)).CallAnew(t)
}

// Every caller may do what the role or the scope is for, and nothing else: of both
// engines, whatever is there. What is refused is refused before the body is read.
func TestWalkByRole(t *testing.T) {
	t.Parallel()
	for name, letter := range callers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := apitest.New(t)
			call, opened := caller(t, in, name), 0
			for _, r := range routes(t) {
				if !r.ofManage() {
					continue
				}
				allowed, decided := mayCall(r, letter)
				require.True(t, decided, "nobody has said here who may call %s %s", r.method, r.path)
				w := call(r.method, r.target("999"), "")
				refused := w.Code == http.StatusForbidden
				require.Equal(t, !allowed, refused, "%s %s by %s: %d %s", r.method, r.path, name, w.Code, w.Body)
				if allowed {
					opened++
				}
			}
			require.Greater(t, opened, 20)
		})
	}
}

// People have no part in the integration API, whose callers are systems: a session, which
// a browser sends by itself, opens nothing there.
func TestSessionsOpenTheManagementAPIAlone(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	p := in.Own(t)
	for _, r := range routes(t) {
		if r.ofManage() {
			continue
		}
		require.Equal(t, http.StatusUnauthorized, p.Call(r.method, r.target("1"), "").Code, "%s %s", r.method, r.path)
	}
}

// seeded are what a workspace has in [TestWalkIntoAnotherWorkspace], each with the mark.
func seed(t *testing.T, in *apitest.Installation, p *apitest.Person, mark string, number int) {
	t.Helper()
	office := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(office.Close)
	made := map[string]string{}
	app := ""
	for _, c := range []struct{ method, path, body string }{
		{"POST", "/bots", fmt.Sprintf(`{"token":"%d:AAgood"}`, 123456+number)},
		{"POST", "/contacts", `{"firstName":"M","email":"M@example.com","externalCustomerId":"M"}`},
		{"POST", "/groups", `{"name":"M"}`},
		{"POST", "/fields", `{"name":"M","type":"text"}`},
		{"POST", "/messages", `{"name":"M","text":"M"}`},
		{"POST", "/campaigns", `{"name":"M","botId":BOT,"messageId":MESSAGE,"audience":{"all":true}}`},
		{"POST", "/webhooks", `{"name":"M","url":"OFFICE/M","statuses":["UNDELIVERED"]}`},
		{"POST", "/events", `{"eventTypeKey":"M","keyValue":"M","params":{"x":"M"}}`},
		{"POST", "/keys", `{"name":"M","scope":"full"}`},
		{"POST", "/invitations", `{"email":"M-guest@example.com","role":"writer"}`},
	} {
		body := strings.NewReplacer("MESSAGE", made["/messages"], "M", mark, "BOT", made["/bots"], "OFFICE", office.URL).Replace(c.body)
		w := p.Call(c.method, "/manage/v1"+c.path, body)
		require.Less(t, w.Code, 300, "%s: %s", c.path, w.Body)
		if strings.Contains(w.Body.String(), `"id":`) {
			made[c.path] = fmt.Sprint(apitest.Field[int64](t, w, "id"))
		}
		if c.path == "/bots" {
			app = apitest.Field[string](t, w, "appUuid")
		}
	}
	key := p.Call("POST", "/manage/v1/keys", `{"name":"`+mark+` systems","scope":"full"}`)
	w := in.Call("POST", "/v1/apps/"+app+"/tokens", fmt.Sprintf(`{"tokens":[{"token":%d,"externalCustomerId":%q}]}`, 500+number, mark),
		"Authorization", "Bearer "+apitest.Field[string](t, key, "secret"))
	require.Equal(t, http.StatusOK, w.Code, w.Body)
}

// seen returns all that an owner sees of a workspace, as text.
func seen(t *testing.T, p *apitest.Person) string {
	t.Helper()
	var b strings.Builder
	for _, path := range []string{
		"/bots", "/contacts", "/groups", "/fields", "/messages", "/campaigns", "/webhooks", "/events", "/event-types", "/keys", "/invitations",
		"/users", "/workspace", "/media",
	} {
		w := p.Call(http.MethodGet, "/manage/v1"+path, "")
		require.Equal(t, http.StatusOK, w.Code, "%s: %s", path, w.Body)
		fmt.Fprintln(&b, path, w.Body)
	}
	return lately.ReplaceAllString(b.String(), "")
}

// lately is when people were last here.
var lately = regexp.MustCompile(`,"seenAt":"[^"]*"`)

// An owner of one workspace finds nothing of another one and changes nothing there,
// whatever is called with whatever number; and neither does a full key.
func TestWalkIntoAnotherWorkspace(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		in := furnished(t, s)
		installer := in.Own(t)
		w := installer.Call(http.MethodPost, "/manage/v1/workspaces", `{"name":"second"}`)
		require.Equal(t, http.StatusCreated, w.Code, "%s %s", w.Body, in.Log)
		second := apitest.Field[int64](t, w, "id")
		one, two := in.Join(t, workspace.Default, access.Owner), in.Join(t, second, access.Owner)
		seed(t, in, one, "ALPHA", 1)
		seed(t, in, two, "OMEGA", 2)
		one.SignIn(t)
		before := seen(t, one)
		require.NotContains(t, before, "OMEGA")
		enter := two.CallAnew(t)
		key, err := in.Config.Keys.CreateKey(t.Context(), second, "key", access.ScopeFull)
		require.NoError(t, err)
		for _, r := range routes(t) {
			numbers := []string{"1", "2", "3"}
			if !strings.Contains(r.path, "{") {
				numbers = numbers[:1]
			}
			for _, number := range numbers {
				for _, call := range []func() *httptest.ResponseRecorder{
					func() *httptest.ResponseRecorder { return enter(r.method, r.target(number), "{}") },
					func() *httptest.ResponseRecorder {
						return in.Call(r.method, r.target(number), "{}", "Authorization", "Bearer "+key)
					},
					func() *httptest.ResponseRecorder {
						return two.Call(r.method, r.target(number), "{}", "X-Workspace", fmt.Sprint(workspace.Default))
					},
				} {
					w := call()
					require.NotContains(t, w.Body.String(), "ALPHA", "%s %s", r.method, r.target(number))
					require.Less(t, w.Code, 500, "%s %s: %s", r.method, r.target(number), w.Body)
				}
			}
		}
		one.SignIn(t)
		require.Equal(t, before, seen(t, one))
		require.Contains(t, before, "ALPHA")
	})
}
