package manage_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/api/apitest"
)

// One call changes those who are named, or all who match; a second one finds it done.
func TestManyContactsAreChanged(t *testing.T) {
	t.Parallel()
	in := listing(t)
	for _, c := range []struct {
		body             string
		matched, changed int
		// list is what is there afterwards.
		list string
		want []int64
	}{
		{`{"contactIds":[2,4,99],"action":{"addToGroup":1}}`, 2, 2, "groupId=1", []int64{4, 3, 2, 1}},
		{`{"contactIds":[2,4],"action":{"addToGroup":1}}`, 2, 0, "groupId=1", []int64{4, 3, 2, 1}},
		{`{"matching":{"groupIds":[1],"chat":"none"},"action":{"removeFromGroup":1}}`, 2, 2, "groupId=1", []int64{2, 1}},
		{`{"matching":{"search":"C"},"action":{"setField":{"id":1,"value":"42"}}}`, 3, 3, "fieldId=1&fieldValue=42", []int64{3, 2, 1}},
		{`{"matching":{},"action":{"setField":{"id":1,"value":"42"}}}`, 4, 1, "fieldId=1&fieldValue=42", []int64{4, 3, 2, 1}},
		{`{"matching":{"languageCodes":["en"]},"action":{"setField":{"id":1,"value":""}}}`, 1, 1, "fieldId=1&fieldOp=unset", []int64{3}},
		{`{"matching":{"field":{"id":1,"op":"atLeast","value":"1"}},"action":{"mute":{"until":"2050-01-01T00:00:00Z"}}}`, 3, 2,
			"chat=muted", []int64{2, 1}},
		{`{"contactIds":[1],"action":{"mute":{"botId":1,"until":"2001-01-01T00:00:00Z"}}}`, 1, 1, "chat=muted", []int64{2}},
		{`{"matching":{"lacks":["externalCustomerId"]},"action":{"delete":true}}`, 0, 0, "", []int64{4, 3, 2, 1}},
		{`{"matching":{"createdFrom":"2001-01-01T00:00:00Z","search":"D"},"action":{"delete":true}}`, 1, 1, "", []int64{3, 2, 1}},
		{`{"contactIds":[4,3],"action":{"delete":true}}`, 1, 1, "", []int64{2, 1}},
	} {
		w := in.Call(http.MethodPost, contacts+"/bulk", c.body)
		require.Equal(t, http.StatusOK, w.Code, "%s: %s", c.body, w.Body)
		require.JSONEq(t, fmt.Sprintf(`{"matched":%d,"changed":%d}`, c.matched, c.changed), w.Body.String(), c.body)
		ids, _ := idsOf(t, in, contacts+"?"+c.list)
		require.Equal(t, c.want, ids, c.body)
	}
	for body, code := range map[string]string{
		`{"contactIds":[1],"action":{}}`:                                                     "action_ambiguous",
		`{"contactIds":[1],"action":{"delete":true,"addToGroup":1}}`:                         "action_ambiguous",
		`{"action":{"delete":true}}`:                                                         "contacts_ambiguous",
		`{"contactIds":[1],"matching":{},"action":{"delete":true}}`:                          "contacts_ambiguous",
		`{"matching":{},"action":{"addToGroup":9}}`:                                          "group_not_found",
		`{"matching":{},"action":{"setField":{"id":9,"value":"x"}}}`:                         "field_unknown",
		`{"matching":{},"action":{"setField":{"id":1,"value":"x"}}}`:                         "field_value_invalid",
		`{"matching":{},"action":{"mute":{"botId":9,"until":"2050-01-01T00:00:00Z"}}}`:       "bot_not_found",
		`{"matching":{},"cursor":"!","action":{"delete":true}}`:                              "cursor_invalid",
		`{"matching":{"field":{"id":1,"op":"equals","value":"x"}},"action":{"delete":true}}`: "field_value_invalid",
	} {
		w := in.Call(http.MethodPost, contacts+"/bulk", body)
		require.Contains(t, w.Body.String(), `"code":"`+code+`"`, body)
	}
	ids, _ := idsOf(t, in, contacts)
	require.Equal(t, []int64{2, 1}, ids, "what is refused changes nothing")
}

// All who match are changed by one call, however many pages they are.
func TestAllWhoMatchAreChanged(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	app := in.Connect(t)
	const people = 1203
	tokens := ""
	for i := range people {
		tokens += fmt.Sprintf(`,{"token":%d,"externalCustomerId":"C%d"}`, i+1, i)
	}
	w := in.Call(http.MethodPost, "/v1/apps/"+app+"/tokens", `{"tokens":[`+tokens[1:]+`]}`)
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	require.Equal(t, http.StatusCreated, in.Call(http.MethodPost, "/manage/v1/groups", `{"name":"g"}`).Code)
	for _, c := range []struct {
		body    string
		members int64
	}{
		{`{"matching":{"search":"C"},"action":{"addToGroup":1}}`, people},
		{`{"matching":{"groupIds":[1]},"action":{"removeFromGroup":1}}`, 0},
	} {
		w := in.Call(http.MethodPost, contacts+"/bulk", c.body)
		require.JSONEq(t, fmt.Sprintf(`{"matched":%d,"changed":%d}`, people, people), w.Body.String())
		w = in.Call(http.MethodGet, "/manage/v1/groups/1", "")
		require.Equal(t, c.members, apitest.Field[int64](t, w, "members"))
	}
}

// Who has read another contact than there is now is told so, with what it is, and changes
// nothing.
func TestContactsChangedMeanwhile(t *testing.T) {
	t.Parallel()
	in := listing(t)
	path := contacts + "/1"
	read := in.Call(http.MethodGet, path, "").Header().Get("ETag")
	require.NotEmpty(t, read)
	w := in.Call(http.MethodPost, "/manage/v1/groups/1/detach", `{"contactIds":[1]}`)
	require.Equal(t, http.StatusOK, w.Code)
	require.Equal(t, read, in.Call(http.MethodGet, path, "").Header().Get("ETag"), "groups are no part of what is edited")
	w = in.Call(http.MethodPatch, path, `{"fields":[{"id":1,"value":"71"}]}`, "If-Match", read)
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	second := w.Header().Get("ETag")
	require.NotEqual(t, read, second)
	for _, method := range []string{http.MethodPatch, http.MethodDelete} {
		w = in.Call(method, path, `{"firstName":"x"}`, "If-Match", read)
		require.Equal(t, http.StatusPreconditionFailed, w.Code, w.Body)
		require.Contains(t, w.Body.String(), `"code":"changed_meanwhile"`)
		require.Contains(t, w.Body.String(), `"current":{"id":1,`)
		require.Contains(t, w.Body.String(), `"value":"71"`)
	}
	require.Equal(t, http.StatusNoContent, in.Call(http.MethodDelete, path, "", "If-Match", second).Code)
}
