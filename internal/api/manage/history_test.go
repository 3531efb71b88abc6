package manage_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/api/apitest"
)

// What happened to a contact is told with what a page shows of it, and no more once it is
// erased.
func TestHistoryOfAContact(t *testing.T) {
	t.Parallel()
	in := listing(t)
	w := in.Call(http.MethodPost, messages, `{"name":"Sale","text":"x"}`)
	require.Equal(t, http.StatusCreated, w.Code)
	w = in.Call(http.MethodPost, messages+"/1/send", `{"botId":1,"recipients":[{"contactId":1}]}`)
	require.Less(t, w.Code, 300, w.Body)
	w = in.Call(http.MethodPost, "/manage/v1/events", `{"eventTypeKey":"bought","keyValue":"C1","params":{"sum":5}}`)
	require.Equal(t, http.StatusCreated, w.Code)
	history := contacts + "/1/history"
	for _, s := range []apitest.Scenario{
		{Method: http.MethodGet, Path: history, Status: 200, Contains: []string{
			`{"items":[{"kind":"message","message":{"campaignId":1,`, `"messageName":"Sale"`, `"status":"queued"`, `"botId":1`,
			`"event":{"id":1,"eventTypeKey":"bought"`, `"group":{"id":1,"name":"Regulars"}`, `"chat":{"botId":1,`,
		}, Lacks: []string{"nextCursor"}},
		{Method: http.MethodGet, Path: history + "?kind=event&kind=chat", Status: 200, Contains: []string{`"event":`, `"chat":`},
			Lacks: []string{`"message":`, `"group":`}},
		{Method: http.MethodGet, Path: history + "?kind=letter", Status: 422},
		{Method: http.MethodGet, Path: history + "?limit=101", Status: 422},
		{Method: http.MethodGet, Path: history + "?cursor=Mg", Status: 422, Contains: []string{"cursor_invalid"}},
		{Method: http.MethodGet, Path: history + "?cursor=e30", Status: 422, Contains: []string{"cursor_invalid"}},
		{Method: http.MethodGet, Path: contacts + "/9/history", Status: 404, Contains: []string{"contact_not_found"}},
	} {
		s.Check(t, in)
	}
	seen := 0
	for cursor, more := "", true; more; seen++ {
		w := in.Call(http.MethodGet, history+"?limit=1&cursor="+cursor, "")
		require.Equal(t, http.StatusOK, w.Code)
		require.Len(t, apitest.Field[[]any](t, w, "items"), 1)
		if more = strings.Contains(w.Body.String(), "nextCursor"); more {
			cursor = apitest.Field[string](t, w, "nextCursor")
		}
	}
	require.Equal(t, 4, seen)
	require.Equal(t, http.StatusNoContent, in.Call(http.MethodDelete, contacts+"/1", "").Code)
	require.Equal(t, http.StatusNotFound, in.Call(http.MethodGet, history, "").Code)
}
