package api_test

import (
	"net/http"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/access"
	"bellman/internal/api/apitest"
	"bellman/internal/workspace"
)

// What a page of another origin has a browser send, with the key that the browser
// remembers, changes nothing. Clients that are no browsers do not notice.
func TestPagesOfOtherOriginsChangeNothing(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	in.Prepare(t)
	const event, form = `{"eventTypeKey":"e","keyValue":"k"}`, "text/plain"
	foreign := map[string][]string{
		"a form":              {"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Content-Type", form},
		"another subdomain":   {"Sec-Fetch-Site", "same-site", "Content-Type", form},
		"an older browser":    {"Origin", "https://evil.example", "Content-Type", form},
		"a page without one":  {"Origin", "null", "Content-Type", form},
		"another port":        {"Origin", "http://bellman.test:8081", "Content-Type", form},
		"a script, as JSON":   {"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "cors", "Origin", "https://evil.example"},
		"a script in no-cors": {"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors", "Content-Type", form},
	}
	calls := []struct{ method, path, body string }{
		{http.MethodPost, "/manage/v1/campaigns/1/launch", ""},
		{http.MethodPost, "/manage/v1/groups", `{"name":"foreign"}`},
		{http.MethodPatch, "/manage/v1/bots/1", `{"ratePerSecond":1}`},
		{http.MethodDelete, "/manage/v1/messages/1", ""},
		{http.MethodPost, "/manage/v1/media?name=x.txt", "x"},
		{http.MethodPost, "/manage/v1/imports?dedupeOn=email", "email\na@b.example\n"},
		{http.MethodPost, "/v1/broadcast", `{"messageId":1,"groups":[1]}`},
		{http.MethodPost, "/api/v1/contact", `{"channels":[{"type":"email","value":"foreign@b.example"}]}`},
		{http.MethodPut, "/v2/contact/1", `{}`},
	}
	for name, header := range foreign {
		for _, c := range calls {
			w := in.Call(c.method, c.path, c.body, header...)
			require.Equal(t, http.StatusForbidden, w.Code, "%s: %s %s: %s", name, c.method, c.path, w.Body)
			require.Contains(t, w.Body.String(), "a page of another origin may not make this call")
		}
		if header[len(header)-1] != form {
			continue
		}
		w := in.Call(http.MethodPost, "/v1/event", event, header...)
		require.Equal(t, http.StatusForbidden, w.Code, name)
		require.Contains(t, w.Body.String(), "Content-Type: application/json")
	}
	for name, header := range map[string][]string{
		"a page under this address":  {"Sec-Fetch-Site", "same-origin", "Origin", "http://bellman.test"},
		"such a page, older browser": {"Origin", "http://bellman.test"},
		"the address bar":            {"Sec-Fetch-Site", "none"},
		"a server":                   nil,
		"fetch of Node":              {"Sec-Fetch-Mode", "cors"},
	} {
		w := in.Call(http.MethodPost, "/manage/v1/groups", `{"name":"`+name+`"}`, header...)
		require.Equal(t, http.StatusCreated, w.Code, "%s: %s", name, w.Body)
	}
	read := in.Call(http.MethodGet, "/manage/v1/bots", "", foreign["a form"]...)
	require.Equal(t, http.StatusOK, read.Code, "reading changes nothing, and no page gets the answer")
	require.NotContains(t, read.Header(), "Access-Control-Allow-Origin")
	w := in.Call(http.MethodPost, "/v1/event", event, foreign["a script, as JSON"]...)
	require.Equal(t, http.StatusOK, w.Code, "a page with a key of its own: %s", w.Body)
}

func TestManagementTakesJSONThatSaysSo(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	for sent, status := range map[string]int{
		"": 415, "text/plain": 415, "application/x-www-form-urlencoded": 415, "multipart/form-data; boundary=x": 415, "application/json;": 201,
		"application/json": 201, "Application/JSON; charset=utf-8": 201,
	} {
		w := in.Call(http.MethodPost, "/manage/v1/groups", `{"name":"`+sent+`-"}`, "Content-Type", sent)
		require.Equal(t, status, w.Code, "%q: %s", sent, w.Body)
	}
}

// Whoever tries keys is slowed down, by address; a right key is let in all the same.
func TestWrongKeysAreLimited(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	in.Config.Proxies = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")} // where httptest's requests come from
	in.Rebuild(t)
	narrow, err := in.Config.Keys.CreateKey(t.Context(), workspace.Default, "narrow", access.ScopeEvents)
	require.NoError(t, err)
	from := func(address, path, key string) int {
		w := in.Call(http.MethodGet, path, "", "X-Forwarded-For", address, "Authorization", "Bearer "+key)
		require.Equal(t, w.Code == http.StatusTooManyRequests, w.Header().Get("Retry-After") == "60", w.Header())
		return w.Code
	}
	const wrong = "bellman_0123456789abcdef0123456789abcdef0123456789abcdef"
	for i := range 30 {
		status := http.StatusUnauthorized
		if i >= 20 {
			status = http.StatusTooManyRequests
		}
		require.Equal(t, status, from("203.0.113.9", []string{"/manage/v1/bots", "/v1/contact/1"}[i%2], wrong))
	}
	require.Equal(t, http.StatusOK, from("203.0.113.9", "/manage/v1/bots", in.Key))
	require.Equal(t, http.StatusForbidden, from("203.0.113.9", "/manage/v1/bots", narrow), "a right key that is too narrow is none to count")
	require.Equal(t, http.StatusUnauthorized, from("203.0.113.10", "/v1/contact/1", wrong), "another address")
	require.Equal(t, http.StatusUnauthorized, from("203.0.113.9", "/v1/contact/1", ""), "no key is no attempt")
	require.NotContains(t, in.Log.String(), wrong)
}
