package api_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"bellman/internal/access"
	"bellman/internal/api/apitest"
	"bellman/internal/api/integration"
	"bellman/internal/api/manage"
	"bellman/internal/api/surface"
	"bellman/internal/outbound"
	"bellman/internal/seal"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
	"bellman/internal/webhook"
	"bellman/internal/workspace"
)

// A walked route is an operation of one of the documents.
type walked struct {
	method, path string
	// queries are the names of its parameters.
	queries []string
}

var placeholder = regexp.MustCompile(`\{[^}]*\}`)

// target returns the route's path with a value, escaped as it is to be sent, in each place.
func (r walked) target(value string) string {
	return placeholder.ReplaceAllLiteralString(r.path, value)
}

func (r walked) ofManage() bool { return strings.HasPrefix(r.path, manage.Prefix) }

// routes returns all operations of both documents.
func routes(t *testing.T) (all []walked) {
	t.Helper()
	management, err := manage.New(surface.Services{}).YAML()
	require.NoError(t, err)
	for prefix, text := range map[string][]byte{manage.Prefix: management, "/v1": integration.Document} {
		var document struct {
			Paths map[string]map[string]yaml.Node
		}
		require.NoError(t, yaml.Unmarshal(text, &document))
		for path, operations := range document.Paths {
			for method, node := range operations {
				if !slices.Contains([]string{"get", "post", "put", "patch", "delete"}, method) {
					continue
				}
				var operation struct{ Parameters []map[string]any }
				require.NoError(t, node.Decode(&operation))
				r := walked{method: strings.ToUpper(method), path: prefix + strings.TrimPrefix(path, manage.Prefix)}
				if r.path == manage.Prefix+"/live" {
					// A stream that never ends: HEAD asks for the same without it.
					r.method = http.MethodHead
				}
				for _, p := range operation.Parameters {
					if p["in"] == "query" {
						r.queries = append(r.queries, fmt.Sprint(p["name"]))
					}
				}
				all = append(all, r)
			}
		}
	}
	require.Greater(t, len(all), 100)
	slices.SortFunc(all, func(a, b walked) int { return strings.Compare(a.path+a.method, b.path+b.method) })
	return all
}

// uploads are where files arrive.
var uploads = []string{"/manage/v1/media", "/manage/v1/imports", "/manage/v1/imports/look"}

// illegible are values, escaped, that no address may have.
var illegible = []string{"%00", "a%00b", "%ff", "%c3", "%ed%a0%80", "%c0%80", "x%fe"}

// evil are other values, escaped, that nobody should send.
var evil = []string{
	"0", "-1", "9007199254740993", "9223372036854775807", "9223372036854775808", "1e3", "1.5", "NaN", "null", "true",
	"%27%3B%20--", "%25", "%2e%2e",
	"..%2f..%2fmetrics", "%20", "%0a", "%F0%9F%92%A9", "%e2%80%ae", "NTA", "LTE", "Lw", strings.Repeat("9", 400),
	strings.Repeat("x", 3000), "%7b%7d", "%3F%23",
}

// bodies are what nobody should send; those of brokenBodies are not JSON that can be stored.
var bodies = []string{
	"", "null", "[]", "{}", `""`, "0", "[{}]", `{"id":null}`, `{"name":[],"text":{},"recipients":0,"contacts":"x","tokens":{"token":{}}}`,
	`{"contacts":[null,0,"",[],{}],"groups":[null,{}],"events":[null],"recipients":[null,{}]}`, `{"id":1e400}`,
	`{"messageId":-1,"botId":9223372036854775808}`,
	`{"name":"` + strings.Repeat("x", 100_000) + `"}`, `{"text":"{{ contact`, `{"url":"http://[::1","apiUrl":"http://x/?#"}`,
}

var brokenBodies = []string{
	"{", "\x00", "{\"a\":\"\x00\"}", `{"a":"\u0000"}`,
	"{\"a\":\"\xff\"}", `{"a":"\ud800"}`, strings.Repeat("[", 101) + strings.Repeat("]", 101),
	"{}{}",
}

// walker calls routes of one installation. Each call comes from an address of its own, so that wrong keys are not limited.
type walker struct {
	in    *apitest.Installation
	calls uint32
}

func walk(t *testing.T, s *store.DB) *walker {
	t.Helper()
	in := furnished(t, s)
	in.Connect(t)
	// The walk revokes the first key, too.
	var err error
	in.Key, err = in.Config.Keys.CreateKey(t.Context(), workspace.Default, "walker", access.ScopeInstallation)
	require.NoError(t, err)
	return &walker{in: in}
}

// furnished returns an installation with all services.
func furnished(t *testing.T, s *store.DB) *apitest.Installation {
	t.Helper()
	in := apitest.NewOn(t, s)
	in.Config.Proxies = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
	sealer := seal.Of(seal.NewKey())
	in.Config.Webhooks = webhook.New(s.Webhooks, outbound.NewCaller(), sealer, in.Config.Now, nil)
	in.Rebuild(t)
	return in
}

// call makes a call, checks what holds for each answer, and returns it.
func (w *walker) call(t *testing.T, key, method, target, body string) *httptest.ResponseRecorder {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, "http://bellman.test"+target, strings.NewReader(body))
	require.NoError(t, err, target)
	w.calls++
	r.RemoteAddr = "192.0.2.1:1"
	r.Header.Set("X-Forwarded-For", netip.AddrFrom4([4]byte{10, byte(w.calls >> 16), byte(w.calls >> 8), byte(w.calls)}).String())
	r.Header.Set("X-Forwarded-Proto", "https")
	r.Header.Set("Content-Type", "application/json")
	if key != "" {
		r.Header.Set("Authorization", "Bearer "+key)
	}
	answer := httptest.NewRecorder()
	w.in.Handler.ServeHTTP(answer, r)
	if answer.Code >= 500 {
		log := w.in.Log.String()
		t.Fatalf("%s %.200s %.200q: %d %s\n%s", method, target, body, answer.Code, answer.Body, log[max(0, len(log)-2000):])
	}
	require.True(t, utf8.Valid(answer.Body.Bytes()), "%s %.200s", method, target)
	return answer
}

// TestWalkWithoutAKey calls every route as those may who have no key for it: none learns anything.
func TestWalkWithoutAKey(t *testing.T) {
	t.Parallel()
	w := walk(t, storetest.Open(t, storetest.SQLite(t)))
	keys := map[access.Scope]string{}
	for _, scope := range access.Scopes {
		var err error
		keys[scope], err = w.in.Config.Keys.CreateKey(t.Context(), workspace.Default, string(scope), scope)
		require.NoError(t, err)
	}
	opened := map[access.Scope]int{}
	for _, r := range routes(t) {
		for _, key := range []string{"", "x", "bellman_", w.in.Key[:len(w.in.Key)-1], w.in.Key + "0", "bellman_" + strings.Repeat("0", 48)} {
			for _, body := range []string{"", "{}", "\x00"} {
				answer := w.call(t, key, r.method, r.target("1"), body)
				if open, _ := mayCall(r, '-'); open && key == "" && r.ofManage() {
					require.Less(t, answer.Code, 500)
					// Who wants to sign in learns by which providers that is possible.
					told := strings.HasSuffix(r.path, "/begin") || strings.HasSuffix(r.path, "/session/providers")
					require.False(t, answer.Code < 400 && !told, "%s %s without a key or a password", r.method, r.path)
					continue
				}
				refused := []int{http.StatusUnauthorized}
				if key != "" { // of too many addresses, wrong keys are limited together
					refused = append(refused, http.StatusTooManyRequests)
				}
				require.Contains(t, refused, answer.Code, "%s %s with %q", r.method, r.path, key)
			}
		}
		for scope, key := range keys {
			answer := w.call(t, key, r.method, r.target("0"), "{")
			require.NotEqual(t, http.StatusUnauthorized, answer.Code, "%s %s with %s", r.method, r.path, scope)
			if r.ofManage() {
				letters := map[access.Scope]rune{access.ScopeFull: 'K', access.ScopeInstallation: 'I'}
				allowed, _ := mayCall(r, letters[scope])
				if open, _ := mayCall(r, '-'); open {
					allowed = true
				}
				require.Equal(t, !allowed, answer.Code == http.StatusForbidden, "%s %s with %s: %s", r.method, r.path, scope, answer.Body)
			}
			if answer.Code != http.StatusForbidden {
				opened[scope]++
			}
		}
	}
	require.Greater(t, opened[access.ScopeInstallation], opened[access.ScopeFull])
	for _, r := range routes(t) {
		if open, _ := mayCall(r, '-'); !open {
			require.Equal(t, http.StatusForbidden, w.call(t, keys[access.ScopeMetrics], r.method, r.target("0"), "{").Code, r.path)
		}
	}
	for _, narrow := range access.Scopes[2 : len(access.Scopes)-1] {
		require.Less(t, opened[narrow], opened[access.ScopeFull]/2, narrow)
		require.Positive(t, opened[narrow], narrow)
	}
}

// TestWalkWithEvilValues calls every route with values that nobody should send, on both engines: there is no internal
// error, and what cannot be text is refused with a sentence.
func TestWalkWithEvilValues(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		w := walk(t, s)
		for _, r := range routes(t) {
			w.addresses(t, r)
			w.bodies(t, r)
		}
	})
}

// addresses calls a route with evil addresses.
func (w *walker) addresses(t *testing.T, r walked) {
	t.Helper()
	for _, value := range illegible {
		targets := []string{r.target("1") + "?x=" + value, r.target("1") + "?" + value + "=x"}
		if strings.Contains(r.path, "{") {
			targets = append(targets, r.target(value))
		}
		for _, name := range r.queries {
			targets = append(targets, r.target("1")+"?"+url.QueryEscape(name)+"="+value)
		}
		for _, target := range targets {
			answer := w.call(t, w.in.Key, r.method, target, "{}")
			if allowed, _ := mayCall(r, 'I'); r.ofManage() && !allowed { // people's own
				continue
			}
			require.Equal(t, http.StatusBadRequest, answer.Code, "%s %s: %s", r.method, target, answer.Body)
			require.Contains(t, answer.Body.String(), " of the address ", target)
		}
	}
	for _, value := range evil {
		w.call(t, w.in.Key, r.method, r.target(value), "{}")
		for _, name := range r.queries {
			w.call(t, w.in.Key, r.method, r.target("1")+"?"+url.QueryEscape(name)+"="+value, "{}")
		}
	}
	if allowed, _ := mayCall(r, 'I'); r.ofManage() && !allowed {
		return
	}
	for _, query := range []string{"%", "a=%zz", "a=1;b=2"} {
		require.Equal(t, http.StatusBadRequest, w.call(t, w.in.Key, r.method, r.target("1")+"?"+query, "{}").Code, "%s %s", r.path, query)
	}
}

// bodies calls a route with evil bodies.
func (w *walker) bodies(t *testing.T, r walked) {
	t.Helper()
	if r.method == http.MethodGet || r.method == http.MethodHead {
		return
	}
	for _, body := range bodies {
		w.call(t, w.in.Key, r.method, r.target("1"), body)
	}
	for _, body := range brokenBodies {
		answer := w.call(t, w.in.Key, r.method, r.target("1"), body)
		if answer.Code < 300 {
			require.Contains(t, uploads, r.path, "a file may be anything, but no other body: %q", body)
		}
	}
}

// TestWalkAtRandom is the long form: values and bodies are put together by chance, for as long as WALK says.
func TestWalkAtRandom(t *testing.T) {
	t.Parallel()
	limit, err := time.ParseDuration(os.Getenv("WALK"))
	if err != nil {
		t.Skip("make chaos walks at random, for as long as WALK says")
	}
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		w, all := walk(t, s), routes(t)
		seed := uint64(time.Now().UnixNano())
		random := rand.New(rand.NewPCG(seed, 0))
		t.Logf("seed %d", seed)
		pick := func(from ...[]string) string {
			all := slices.Concat(from...)
			return all[random.IntN(len(all))]
		}
		for end := time.Now().Add(limit); time.Now().Before(end); {
			r := all[random.IntN(len(all))]
			target, separator := r.target(pick(evil, illegible, []string{"1", "2"})), "?"
			for _, name := range r.queries {
				if random.IntN(2) == 0 {
					target, separator = target+separator+url.QueryEscape(name)+"="+pick(evil, illegible, []string{"1", "a"}), "&"
				}
			}
			body := pick(bodies, brokenBodies)
			if cut := random.IntN(3); cut == 0 && len(body) > 1 {
				at := random.IntN(len(body))
				body = body[:at] + pick(bodies, brokenBodies, []string{"\x00", "\xff", ",", "}"}) + body[at:]
			}
			w.call(t, w.in.Key, r.method, target, body)
		}
		t.Logf("%d calls", w.calls)
	})
}
