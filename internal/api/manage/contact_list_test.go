package manage_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/api/apitest"
)

// listing makes contacts 1 to 4 with chats of bot 1 for the first two, a group and a field.
func listing(t *testing.T) *apitest.Installation {
	t.Helper()
	in := apitest.New(t)
	app := in.Connect(t)
	for _, c := range []struct{ path, body string }{
		{"/v1/apps/" + app + "/tokens", `{"tokens":[{"token":501,"externalCustomerId":"C1"},{"token":502,"externalCustomerId":"C2"}]}`},
		{fields, `{"name":"Spent","type":"number"}`},
		{contacts, `{"externalCustomerId":"C1","firstName":"Олена","languageCode":"uk","fields":[{"id":1,"value":"70"}]}`},
		{contacts, `{"externalCustomerId":"C3","firstName":"Ostap","languageCode":"en","fields":[{"id":1,"value":"500"}]}`},
		{contacts, `{"externalCustomerId":"D4"}`},
		{"/manage/v1/groups", `{"name":"Regulars"}`},
		{"/manage/v1/groups/1/attach", `{"contactIds":[1,3]}`},
	} {
		w := in.Call(http.MethodPost, c.path, c.body)
		require.Less(t, w.Code, 300, "%s: %s", c.path, w.Body)
	}
	w := in.Call(http.MethodPatch, bots+"/1/chats/502", `{"mutedUntil":"2050-01-01T00:00:00Z"}`)
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	return in
}

// idsOf returns the ids of the items, and the rest of the page.
func idsOf(t *testing.T, in *apitest.Installation, path string) (ids []int64, page struct {
	Items []struct {
		ID, ContactID int64
		Contact       struct{ ID int64 }
	}
	NextCursor string
	Total      *struct {
		Count int64
		About bool
	}
},
) {
	t.Helper()
	w := in.Call(http.MethodGet, path, "")
	require.Equal(t, http.StatusOK, w.Code, "%s: %s", path, w.Body)
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &page))
	for _, i := range page.Items {
		ids = append(ids, max(i.ID, i.ContactID))
	}
	return ids, page
}

func TestContactsAreFiltered(t *testing.T) {
	t.Parallel()
	in := listing(t)
	for query, want := range map[string][]int64{
		"":                                 {4, 3, 2, 1},
		"search=c":                         nil,
		"search=C":                         {3, 2, 1},
		"search=O&groupId=1":               {3},
		"groupId=1":                        {3, 1},
		"groupId=7":                        nil,
		"groupId=1&groupId=7":              {3, 1},
		"botId=1":                          {2, 1},
		"botId=1&chat=muted":               {2},
		"chat=active":                      {1},
		"chat=none":                        {4, 3},
		"botId=1&chat=none&sort=createdAt": {3, 4},
		"languageCode=uk":                  {1},
		"languageCode=uk&languageCode=en":  {3, 1},
		"lacks=firstName":                  {4, 2},
		"lacks=firstName&lacks=phone":      {4, 2},
		"lacks=externalCustomerId":         nil,
		"fieldId=1&fieldValue=70":          {1},
		"fieldId=1&fieldOp=atLeast&fieldValue=70,5": {3},
		"fieldId=1&fieldOp=atMost&fieldValue=100":   {1},
		"fieldId=1&fieldOp=set":                     {3, 1},
		"fieldId=1&fieldOp=unset":                   {4, 2},
		"createdTo=2001-01-01T00:00:00Z":            nil,
		"createdFrom=2001-01-01T00:00:00Z&search=D": {4},
	} {
		ids, page := idsOf(t, in, contacts+"?total=true&"+query)
		require.Equal(t, want, ids, query)
		require.EqualValues(t, len(want), page.Total.Count, query)
		require.False(t, page.Total.About)
	}
	for _, s := range []apitest.Scenario{
		{Method: http.MethodGet, Path: contacts + "?groupId=1&limit=1", Status: 200,
			Contains: []string{`"groups":[{"id":1,"name":"Regulars"}]`, `"firstName":"Ostap"`}, Lacks: []string{"total", "moreGroups"}},
		{Method: http.MethodGet, Path: contacts + "?botId=1&chat=muted", Status: 200,
			Contains: []string{`"mutedUntil":"2050-01-01T00:00:00.000Z"`}},
		{Method: http.MethodGet, Path: contacts + "/1", Status: 200, Contains: []string{`"groups":[{"id":1,"name":"Regulars"}]`}},
		{Method: http.MethodGet, Path: contacts + "/2", Status: 200, Contains: []string{`"groups":[]`}},
		{Method: http.MethodGet, Path: contacts + "?fieldId=9&fieldValue=x", Status: 422,
			Contains: []string{`"code":"field_unknown"`, `"field":"fieldId"`}},
		{Method: http.MethodGet, Path: contacts + "?fieldId=1&fieldValue=x", Status: 422,
			Contains: []string{`"code":"field_value_invalid"`, `"field":"fieldValue"`}},
		{Method: http.MethodGet, Path: contacts + "?chat=left", Status: 422},
		{Method: http.MethodGet, Path: contacts + "?sort=name", Status: 422},
	} {
		s.Check(t, in)
	}
}

// Each order has its pages, and a cursor leads on in its own order alone.
func TestContactsAreSorted(t *testing.T) {
	t.Parallel()
	in := listing(t)
	require.Equal(t, http.StatusOK, in.Call(http.MethodPatch, contacts+"/2", `{"firstName":"Iryna"}`).Code)
	cursors := map[string]string{}
	for sort, want := range map[string][]int64{"-createdAt": {4, 3, 2, 1}, "createdAt": {1, 2, 3, 4}, "updatedAt": nil, "-updatedAt": nil} {
		var got []int64
		for cursor, pages := "", 0; pages == 0 || cursor != ""; pages++ {
			ids, page := idsOf(t, in, fmt.Sprint(contacts, "?limit=1&sort=", sort, "&cursor=", url.QueryEscape(cursor)))
			got = append(got, ids...)
			if cursor = page.NextCursor; cursors[sort] == "" {
				cursors[sort] = cursor
			}
		}
		require.Len(t, got, 4)
		if want != nil {
			require.Equal(t, want, got)
		}
	}
	for _, sort := range []string{"createdAt", "-createdAt", "updatedAt"} {
		w := in.Call(http.MethodGet, contacts+"?sort="+sort+"&cursor="+cursors["-updatedAt"], "")
		require.Equal(t, http.StatusUnprocessableEntity, w.Code)
		require.Contains(t, w.Body.String(), "cursor_invalid")
	}
}

func TestChatsOfBotsAreListed(t *testing.T) {
	t.Parallel()
	in := listing(t)
	for query, want := range map[string][]int64{
		"": {2, 1}, "chat=muted": {2}, "chat=active": {1}, "chat=inactive": nil, "search=C1": {1}, "search=x": nil, "search=C&chat=muted": {2},
	} {
		ids, page := idsOf(t, in, bots+"/1/chats?total=true&"+query)
		require.Equal(t, want, ids, query)
		require.EqualValues(t, len(want), page.Total.Count, query)
		for i, item := range page.Items {
			require.Equal(t, want[i], item.Contact.ID)
		}
	}
	first, page := idsOf(t, in, bots+"/1/chats?limit=1")
	rest, last := idsOf(t, in, bots+"/1/chats?limit=1&cursor="+page.NextCursor)
	require.Equal(t, []int64{2, 1}, append(first, rest...))
	require.Empty(t, last.NextCursor)
	require.Equal(t, http.StatusNotFound, in.Call(http.MethodGet, bots+"/2/chats", "").Code)
}
