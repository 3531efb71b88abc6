package manage_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/api/apitest"
)

func TestCampaignList(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	in.Prepare(t)
	for _, name := range []string{"beta", "Alpha", "Ґанок"} {
		w := in.Call(http.MethodPost, campaigns, fmt.Sprintf(`{"name":%q,"botId":1,"messageId":1,"audience":{"all":true}}`, name))
		require.Equal(t, http.StatusCreated, w.Code, w.Body)
	}
	require.Equal(t, http.StatusOK, in.Call(http.MethodPost, campaigns+"/2/launch", "").Code)
	require.Equal(t, http.StatusOK, in.Call(http.MethodPost, campaigns+"/3/launch", `{"at":"2030-01-01T00:00:00Z"}`).Code)
	for query, want := range map[string][]string{
		"":                                  {"Ґанок", "Alpha", "beta"},
		"sort=name":                         {"Alpha", "beta", "Ґанок"},
		"sort=-createdAt":                   {"Ґанок", "Alpha", "beta"},
		"sort=-launchedAt":                  {"Alpha", "Ґанок", "beta"},
		"sort=scheduledAt":                  {"beta", "Alpha", "Ґанок"},
		"state=draft":                       {"beta"},
		"state=draft&state=scheduled":       {"Ґанок", "beta"},
		"kind=triggered":                    nil,
		"botId=1&messageId=1":               {"Ґанок", "Alpha", "beta"},
		"botId=2":                           nil,
		"search=ALPHA&test=false":           {"Alpha"},
		"test=true":                         nil,
		"launchedFrom=2000-01-01T00:00:00Z": {"Alpha"},
		"launchedTo=2000-01-01T00:00:00Z":   nil,
	} {
		require.Equal(t, want, pagesOf[string](t, in, campaigns+"?"+query, "name"), query)
		w := in.Call(http.MethodGet, campaigns+"?limit=1&total=true&"+query, "")
		require.EqualValues(t, len(want), apitest.Field[map[string]any](t, w, "total")["count"], query)
	}
	w := in.Call(http.MethodGet, campaigns+"?sort=name&limit=1", "")
	item := apitest.Field[[]map[string]any](t, w, "items")[0]
	require.Equal(t, "m", item["messageName"])
	require.NotEmpty(t, item["botUsername"])
	next := apitest.Field[string](t, w, "nextCursor")
	require.Equal(t, 422, in.Call(http.MethodGet, campaigns+"?sort=-name&cursor="+next, "").Code)
	require.Equal(t, 422, in.Call(http.MethodGet, campaigns+"?state=lost", "").Code)
}

// Who changes a draft that somebody else has changed meanwhile is shown what it is now.
func TestCampaignIsNotOverwritten(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	in.Prepare(t)
	w := in.Call(http.MethodPost, campaigns, `{"name":"c","botId":1,"messageId":1,"audience":{"all":true}}`)
	read, one := w.Header().Get("ETag"), campaigns+"/1"
	require.NotEmpty(t, read)
	require.Equal(t, read, in.Call(http.MethodGet, one, "").Header().Get("ETag"))
	w = in.Call(http.MethodPatch, one, `{"name":"d"}`, "If-Match", read)
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	for method, body := range map[string]string{http.MethodPatch: `{"name":"e"}`, http.MethodDelete: ""} {
		w = in.Call(method, one, body, "If-Match", read)
		require.Equal(t, http.StatusPreconditionFailed, w.Code, w.Body)
		require.Equal(t, "d", apitest.Field[map[string]any](t, w, "current")["name"])
	}
	w = in.Call(http.MethodPost, one+"/duplicate", "")
	require.Equal(t, http.StatusCreated, w.Code, w.Body)
	require.Equal(t, "d (copy)", apitest.Field[string](t, w, "name"))
	require.Equal(t, http.StatusOK, in.Call(http.MethodPost, one+"/launch", "").Code)
	tag := in.Call(http.MethodGet, one, "").Header().Get("ETag")
	require.Equal(t, http.StatusOK, in.Call(http.MethodPatch, one, `{"starsBudget":7}`, "If-Match", tag).Code)
	require.Equal(t, http.StatusPreconditionFailed, in.Call(http.MethodPatch, one, `{"starsBudget":8}`, "If-Match", tag).Code)
	w = in.Call(http.MethodDelete, campaigns+"/2", "", "If-Match", in.Call(http.MethodGet, campaigns+"/2", "").Header().Get("ETag"))
	require.Equal(t, http.StatusNoContent, w.Code, w.Body)
}
