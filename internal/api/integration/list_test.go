package integration_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/api/apitest"
)

// listed returns the ids in a list of contacts.
func listed(t *testing.T, in *apitest.Installation, path string) (ids []int64) {
	t.Helper()
	w := in.Call(http.MethodGet, path, "")
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	var all []struct{ ID int64 }
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &all), w.Body)
	for _, c := range all {
		ids = append(ids, c.ID)
	}
	return ids
}

// save saves the contacts C1 to Cn by their numbers, all with one name.
func save(t *testing.T, in *apitest.Installation, numbers ...int) {
	t.Helper()
	for _, n := range numbers {
		w := in.Call(http.MethodPost, "/v1/contact", fmt.Sprintf(`{"externalCustomerId":"C%d","firstName":"Anna","lastName":"%s"}`, n, t.Name()))
		require.Equal(t, http.StatusOK, w.Code, w.Body)
	}
}

// Contacts are in the order of their update, or of their ids without conditions.
//
// spec: contact-sort
func TestContactsAreSorted(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	save(t, in, 1, 2, 3, 4)
	apitest.Scenario{Method: http.MethodPut, Path: "/v1/contact/2", Body: `{"lastName":"Lee"}`, Status: 200}.Check(t, in)
	for query, want := range map[string][]int64{
		"":                                       {1, 3, 4, 2},
		"?sortBy=contactId":                      {1, 2, 3, 4},
		"?sortBy=CONTACTID&startindex=2":         {2, 3, 4},
		"?sortBy=contactId&firstname=anna":       {1, 3, 4, 2},
		"?firstname=anna&startindex=3&maxrows=1": {4},
		"?externalCustomerId=C2":                 {2},
		"?startindex=9":                          nil,
	} {
		require.Equal(t, want, listed(t, in, "/v1/contacts"+query), query)
	}
	apitest.Scenario{Method: http.MethodGet, Path: "/v1/contacts?sortBy=name", Status: 400,
		Contains: []string{"sortBy is contactId"}}.Check(t, in)
}

// A key that reads a list page by page gets whoever stays the same once, though those
// before them change meanwhile, with a filter and without; and another key, or the same
// one from the beginning, reads its own list.
//
// spec: contact-sort
func TestPagesLoseNobody(t *testing.T) {
	t.Parallel()
	for _, filter := range []string{"", "firstname=anna&"} {
		in := apitest.New(t)
		save(t, in, 1, 2, 3, 4, 5, 6)
		page := func(start int) []int64 {
			return listed(t, in, fmt.Sprint("/v1/contacts?", filter, "maxrows=2&startindex=", start))
		}
		require.Equal(t, []int64{1, 2}, page(1))
		w := in.Call(http.MethodPut, "/v1/contact/1", `{"lastName":"Lee"}`)
		require.Equal(t, http.StatusOK, w.Code, w.Body)
		require.Equal(t, []int64{3, 4}, page(3), "2 has moved to the first place")
		require.Equal(t, []int64{3, 4}, page(3), "once more")
		require.Equal(t, []int64{5, 6}, page(5))
		require.Equal(t, []int64{1}, page(7), "who has changed is read again")
		require.Equal(t, []int64{2, 3}, page(1))
		require.Equal(t, []int64{4, 5}, page(3))
		require.Equal(t, []int64{6, 1}, page(5))
	}
}

// Members are in the order of their ids, or of the time of their addition, and either
// can be turned round.
//
// spec: group-order
func TestMembersAreSorted(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	save(t, in, 1, 2, 3, 4, 5)
	apitest.Scenario{Method: http.MethodPost, Path: "/manage/v1/groups", Body: `{"name":"g"}`, Status: 201}.Check(t, in)
	attach := func(id int) {
		apitest.Scenario{Method: http.MethodPost, Path: "/v1/group/1/contacts/attach", Body: fmt.Sprintf(`{"contactIds":[%d]}`, id),
			Status: 200}.Check(t, in)
	}
	for _, id := range []int{3, 1, 5, 2} {
		attach(id)
	}
	const path = "/v1/group/1/contacts"
	for query, want := range map[string][]int64{
		"": {1, 2, 3, 5}, "?asc=false": {5, 3, 2, 1}, "?asc=0&startindex=2&maxrows=2": {3, 2}, "?asc=true&startindex=4": {5},
		"?orderByTs=true": {3, 1, 5, 2}, "?orderByTs=1&asc=false": {2, 5, 1, 3}, "?asc=false&startindex=5": nil,
	} {
		require.Equal(t, want, listed(t, in, path+query), query)
	}
	require.Equal(t, []int64{3, 1}, listed(t, in, path+"?orderByTs=true&maxrows=2"))
	require.Equal(t, []int64{2, 5}, listed(t, in, path+"?orderByTs=true&asc=false&maxrows=2"))
	apitest.Scenario{Method: http.MethodPost, Path: path + "/detach", Body: `{"contactIds":[3]}`, Status: 200}.Check(t, in)
	attach(4)
	require.Equal(t, []int64{5, 2, 4}, listed(t, in, path+"?orderByTs=true&startindex=3"), "behind 1, whom the page before had last")
	require.Equal(t, []int64{1}, listed(t, in, path+"?orderByTs=true&asc=false&startindex=3"))
	apitest.Scenario{Method: http.MethodGet, Path: path + "?asc=up", Status: 400, Is: "asc must be true or false"}.Check(t, in)
}

// Typed clients of the vendor know no channel of the type telegram: it is there only
// for those who ask for it.
//
// spec: contact-channels
func TestChannelsAreThoseAskedFor(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	in.Prepare(t)
	for _, body := range []string{
		`{"externalCustomerId":"C1","channels":[{"type":"email","value":"a@x.ua"},{"type":"mobilepush","value":"tok","device":{"appId":"a"}}]}`,
	} {
		apitest.Scenario{Method: http.MethodPost, Path: "/v1/contact", Body: body, Status: 200}.Check(t, in)
	}
	grouped(t, in)
	for query, want := range map[string][]string{
		"": {"email", "mobilepush"}, "channelTypes=telegrambot": {"telegram", "telegram"},
		"channelTypes=Telegram,email": {"email", "telegram", "telegram"},
		"channelTypes=sms":            {}, "channelTypes=": {"email", "mobilepush"},
	} {
		for _, path := range []string{"/v1/contact/1", "/v1/contacts", "/v1/group/1/contacts"} {
			w := in.Call(http.MethodGet, path+"?"+query, "")
			require.Equal(t, http.StatusOK, w.Code, w.Body)
			got, text := []string{}, w.Body.Bytes()
			if text[0] == '{' {
				text = slices.Concat([]byte("["), text, []byte("]"))
			}
			var contacts []struct{ Channels []struct{ Type string } }
			require.NoError(t, json.Unmarshal(text, &contacts))
			for _, c := range contacts[0].Channels {
				got = append(got, c.Type)
			}
			require.Equal(t, want, got, path+"?"+query)
		}
	}
}

// A history is of the time between two dates; what is under way is of now.
//
// spec: history-dates history-rows
func TestHistoryBetweenDates(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	active(t, in)
	apitest.Scenario{Method: http.MethodPost, Path: "/v1/message/1/smartsend", Status: 200,
		Body: `{"recipients":{"locator":"501"}}`}.Check(t, in)
	for query, total := range map[string]string{
		"": "4", "&dateFrom=2027-01-15&dateTo=2027-01-15": "4", "&dateFrom=2027-01-15T00:00": "4", "&dateTo=2027-01-14": "0",
		"&dateFrom=2027-01-16&dateTo=2027-02-01": "0", "&dateTo=2030-01-01": "4", "&dateFrom=2000-01-01&dateTo=2030-01-01": "4",
	} {
		w := in.Call(http.MethodGet, "/v2/contacts/messages?contactId=1"+query, "")
		require.Equal(t, http.StatusOK, w.Code, w.Body)
		require.Equal(t, []string{total}, w.Header()["TotalCount"], query) //nolint:staticcheck // not canonical, on purpose
	}
	const path = "/v2/contacts/messages?contactId=1"
	apitest.RunAll(t, in, []apitest.Scenario{
		{Name: "a hundred", Method: http.MethodGet, Path: path + "&maxrows=100", Status: 200},
		{Name: "more", Method: http.MethodGet, Path: path + "&maxrows=101", Status: 400, Is: "maxrows must be a whole number from 1 to 100"},
		{Name: "turned round", Method: http.MethodGet, Path: path + "&dateFrom=2027-02-01&dateTo=2027-01-01", Status: 400,
			Is: "dateTo must not be before dateFrom"},
		{Name: "no date", Method: http.MethodGet, Path: path + "&dateFrom=soon", Status: 400, Contains: []string{"2026-03-01"}},
	})
}

// Activities are those of messages with a tag, in any case; none are about push tokens.
//
// spec: activity-tag
func TestActivityByTag(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	active(t, in)
	rows := func(query string) int {
		w := in.Call(http.MethodGet, "/v2/contacts/activity?dateFrom=2027-01-15&dateTo=2027-01-16"+query, "")
		require.Equal(t, http.StatusOK, w.Code, w.Body)
		var all []struct{ MessageName string }
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &all), w.Body)
		for _, a := range all {
			if query != "" {
				require.Equal(t, "Sale", a.MessageName)
			}
		}
		return len(all)
	}
	all := rows("")
	tagged := rows("&messageTag=B")
	require.Positive(t, tagged)
	require.Less(t, tagged, all)
	require.Equal(t, tagged, rows("&messageTag=a"))
	for _, none := range []string{"&messageTag=c", "&messageTag=a,b", "&webPushToken=x", "&mobPushToken=x"} {
		require.Zero(t, rows(none), none)
	}
}
