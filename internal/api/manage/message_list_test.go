package manage_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/access"
	"bellman/internal/api/apitest"
	"bellman/internal/workspace"
)

// write stores a message and returns its address.
func write(tb testing.TB, in *apitest.Installation, body string) string {
	tb.Helper()
	w := in.Call(http.MethodPost, messages, body)
	require.Equal(tb, http.StatusCreated, w.Code, w.Body)
	return fmt.Sprint(messages, "/", apitest.Field[int64](tb, w, "id"))
}

// pagesOf returns a member of all items of a list, page by page.
func pagesOf[T any](tb testing.TB, in *apitest.Installation, address, member string) (all []T) {
	tb.Helper()
	for cursor := ""; ; {
		w := in.Call(http.MethodGet, address+"&limit=2&cursor="+url.QueryEscape(cursor), "")
		require.Equal(tb, http.StatusOK, w.Code, w.Body)
		for _, item := range apitest.Field[[]map[string]any](tb, w, "items") {
			all = append(all, item[member].(T))
		}
		var page struct {
			NextCursor string `json:"nextCursor"`
		}
		require.NoError(tb, json.Unmarshal(w.Body.Bytes(), &page))
		if cursor = page.NextCursor; cursor == "" {
			return all
		}
	}
}

func TestMessageList(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	for _, name := range []string{"beta", "Alpha", "Ґанок"} {
		write(t, in, fmt.Sprintf(`{"name":%q,"text":"of %[1]s","tags":["t","%[1]s"]}`, name))
	}
	for query, want := range map[string][]string{
		"":                        {"Ґанок", "Alpha", "beta"},
		"sort=name":               {"Alpha", "beta", "Ґанок"},
		"sort=-name":              {"Ґанок", "beta", "Alpha"},
		"sort=createdAt":          {"beta", "Alpha", "Ґанок"},
		"sort=-updatedAt":         {"Ґанок", "Alpha", "beta"},
		"search=OF+%D2%91%D0%B0":  {"Ґанок"},
		"tag=BETA&tag=alpha":      {"Alpha", "beta"},
		"tag=t&search=ALPHA":      {"Alpha"},
		"search=nothing":          nil,
		"search=%25&sort=name":    nil,
		"tag=nobody&total=true":   nil,
		"sort=name&tag=t&tag=x":   {"Alpha", "beta", "Ґанок"},
		"sort=updatedAt&search=a": {"beta", "Alpha"},
	} {
		require.Equal(t, want, pagesOf[string](t, in, messages+"?"+query, "name"), query)
		w := in.Call(http.MethodGet, messages+"?limit=1&total=true&"+query, "")
		require.EqualValues(t, len(want), apitest.Field[map[string]any](t, w, "total")["count"], query)
	}
	next := apitest.Field[string](t, in.Call(http.MethodGet, messages+"?sort=name&limit=1", ""), "nextCursor")
	for query, code := range map[string]int{"sort=name": 200, "sort=-name": 422, "x=1": 422} {
		w := in.Call(http.MethodGet, messages+"?limit=1&cursor="+next+"&"+query, "")
		require.Equal(t, code, w.Code, w.Body)
	}
	require.Equal(t, http.StatusUnprocessableEntity, in.Call(http.MethodGet, messages+"?sort=colour", "").Code)
}

// Who saves what somebody else has changed meanwhile is shown what it is now.
func TestMessageIsNotOverwritten(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	one := write(t, in, `{"name":"m","text":"a"}`)
	read := in.Call(http.MethodGet, one, "").Header().Get("ETag")
	require.NotEmpty(t, read)
	w := in.Call(http.MethodPut, one, `{"name":"m","text":"b"}`, "If-Match", read)
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	require.NotEqual(t, read, w.Header().Get("ETag"))
	require.Equal(t, w.Header().Get("ETag"), in.Call(http.MethodGet, one, "").Header().Get("ETag"))
	for method, body := range map[string]string{http.MethodPut: `{"name":"m","text":"c"}`, http.MethodDelete: ""} {
		w = in.Call(method, one, body, "If-Match", read)
		require.Equal(t, http.StatusPreconditionFailed, w.Code, w.Body)
		require.Equal(t, "changed_meanwhile", apitest.Field[string](t, w, "code"))
		require.Equal(t, "b", apitest.Field[map[string]any](t, w, "current")["text"])
	}
	w = in.Call(http.MethodDelete, one, "", "If-Match", in.Call(http.MethodGet, one, "").Header().Get("ETag"))
	require.Equal(t, http.StatusNoContent, w.Code, w.Body)
	require.Equal(t, http.StatusNotFound, in.Call(http.MethodDelete, one, "").Code)
	require.Equal(t, http.StatusNotFound, in.Call(http.MethodGet, one, "").Code)
}

// Each save is a version, which a PUT restores; what one person saves in a row is one.
func TestMessageVersions(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	one := write(t, in, `{"name":"first","text":"a","tags":["x"]}`)
	writer := in.Join(t, workspace.Default, access.Writer)
	for _, text := range []string{"b", "c"} {
		w := writer.Call(http.MethodPut, one, fmt.Sprintf(`{"name":"second","text":%q}`, text))
		require.Equal(t, http.StatusOK, w.Code, w.Body)
		require.EqualValues(t, 2, apitest.Field[int64](t, w, "version"))
	}
	require.Equal(t, []float64{2, 1}, pagesOf[float64](t, in, one+"/versions?", "number"))
	w := in.Call(http.MethodGet, one+"/versions/1", "")
	require.Equal(t, map[string]any{"text": "a", "tags": []any{"x"}}, apitest.Field[map[string]any](t, w, "content"))
	require.Equal(t, "first", apitest.Field[string](t, w, "name"))
	w = writer.Call(http.MethodPut, one+"?newVersion=true", `{"name":"first","text":"a","tags":["x"]}`)
	require.EqualValues(t, 3, apitest.Field[int64](t, w, "version"), w.Body)
	w = in.Call(http.MethodGet, one+"/versions/2", "")
	require.Equal(t, map[string]any{"text": "c"}, apitest.Field[map[string]any](t, w, "content"), "what was typed before")
	require.Equal(t, "user", apitest.Field[map[string]any](t, w, "savedBy")["kind"])
	require.Equal(t, http.StatusNotFound, in.Call(http.MethodGet, one+"/versions/4", "").Code)
	require.Equal(t, http.StatusNotFound, in.Call(http.MethodGet, messages+"/99/versions", "").Code)
}

// What is being written is saved as it is, and nothing sends it.
func TestMessageDraft(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	const body = `{"name":"m","text":"<br> & {{ contact.fistName }}","buttons":[[{"text":"","url":"nonsense"}],[]]}`
	w := in.Call(http.MethodPost, messages, body)
	require.Equal(t, http.StatusUnprocessableEntity, w.Code, w.Body)
	require.Greater(t, len(apitest.Field[[]any](t, w, "faults")), 2, "all of them are told")
	w = in.Call(http.MethodPost, messages+"?draft=true", body)
	require.Equal(t, http.StatusCreated, w.Code, w.Body)
	require.False(t, apitest.Field[bool](t, w, "sendable"))
	faults := apitest.Field[[]any](t, w, "faults")
	require.Greater(t, len(faults), 2)
	one := fmt.Sprint(messages, "/", apitest.Field[int64](t, w, "id"))
	w = in.Call(http.MethodGet, one, "")
	require.Equal(t, faults, apitest.Field[[]any](t, w, "faults"))
	require.Equal(t, "<br> & {{ contact.fistName }}", apitest.Field[string](t, w, "text"))
	w = in.Call(http.MethodPost, one+"/duplicate", "")
	require.Equal(t, http.StatusCreated, w.Code, w.Body)
	require.Equal(t, "m (copy)", apitest.Field[string](t, w, "name"))
	require.False(t, apitest.Field[bool](t, w, "sendable"))
	w = in.Call(http.MethodPost, one+"/duplicate", `{"name":"n"}`)
	require.Equal(t, "n", apitest.Field[string](t, w, "name"), w.Body)

	in.Connect(t)
	w = in.Call(http.MethodPost, campaigns, fmt.Sprintf(`{"name":"c","botId":%d,"messageId":1,"audience":{"all":true}}`, 1))
	require.Equal(t, http.StatusCreated, w.Code, w.Body)
	campaign := fmt.Sprint(campaigns, "/", apitest.Field[int64](t, w, "id"))
	for address, body := range map[string]string{
		campaign + "/launch": "", one + "/send": fmt.Sprintf(`{"botId":%d,"recipients":[{"contactId":1}]}`, 1),
		one + "/test": fmt.Sprintf(`{"botId":%d,"recipients":[{"contactId":1}]}`, 1),
	} {
		w = in.Call(http.MethodPost, address, body)
		require.Equal(t, http.StatusUnprocessableEntity, w.Code, w.Body)
		require.Len(t, apitest.Field[[]any](t, w, "faults"), len(faults), address)
	}
	w = in.Call(http.MethodGet, one+"/uses", "")
	require.Equal(t, "draft", apitest.Field[[]map[string]any](t, w, "items")[0]["state"], w.Body)
	w = in.Call(http.MethodPut, one+"?draft=true", `{"name":"m","text":"well"}`)
	require.True(t, apitest.Field[bool](t, w, "sendable"), w.Body)
	require.NotContains(t, w.Body.String(), "faults")
	w = in.Call(http.MethodPost, campaign+"/launch", "")
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	require.Equal(t, http.StatusConflict, in.Call(http.MethodDelete, one, "").Code)
}
