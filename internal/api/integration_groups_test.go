package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestGroups(t *testing.T) {
	t.Parallel()
	in := setup(t)
	for i := 1; i <= 3; i++ {
		in.call(http.MethodPost, "/v1/contact", fmt.Sprintf(`{"externalCustomerId":"C%d","firstName":"N%d"}`, i, i))
	}
	in.call(http.MethodPost, "/manage/v1/groups", `{"name":"Київ VIP"}`)
	in.call(http.MethodPost, "/manage/v1/groups", `{"name":"Rest"}`)
	const attach, detach, list = "/api/v1/group/1/contacts/attach", "/v1/group/1/contacts/detach", "/v1/group/1/contacts"
	for _, s := range []scenario{
		{method: http.MethodGet, path: "/v1/groups", status: 200, is: `[{"id":1,"name":"Київ VIP","type":"Static"},{"id":2,"name":"Rest","type":"Static"}]`},
		{method: http.MethodGet, path: "/v1/groups?startindex=2&maxrows=1", status: 200, is: `[{"id":2,"name":"Rest","type":"Static"}]`},
		{method: http.MethodGet, path: "/v1/groups?name=%D0%9A%D0%98%D0%87%D0%92", status: 200, contains: []string{`"id":1`}, lacks: []string{`"id":2`}},
		{method: http.MethodGet, path: "/v1/groups?maxrows=x", status: 400},
		{method: http.MethodPost, path: attach, body: `{"contactIds":["1",3,99]}`, status: 200, is: "Contacts attached: 2, not known: 1", answered: []string{"Content-Type", "application/json; charset=utf-8"}},
		{method: http.MethodPost, path: attach, body: `{"externalCustomerIds":"C2","contactIds":null}`, status: 200, is: "Contacts attached: 1, not known: 0"},
		{method: http.MethodPost, path: attach, body: `{"externalCustomerIds":["C2","C9"]}`, status: 200, is: "Contacts attached: 0, not known: 1"},
		{method: http.MethodPost, path: attach, body: `{"contactIds":[1],"externalCustomerIds":["C2"]}`, status: 400, contains: []string{"not both"}},
		{method: http.MethodPost, path: attach, body: `{}`, status: 400, contains: []string{"contactIds: "}},
		{method: http.MethodPost, path: attach, status: 400},
		{method: http.MethodPost, path: attach, body: `{"contactIds":[0]}`, status: 400, contains: []string{"contactIds[0] must be"}},
		{method: http.MethodPost, path: attach, body: `{"contactIds":[` + strings.Repeat("1,", 500) + `1]}`, status: 400, contains: []string{"500"}},
		{method: http.MethodPost, path: "/v1/group/9/contacts/attach", body: `{"contactIds":[1]}`, status: 404, is: "there is no group with this id"},
		{method: http.MethodPost, path: "/v1/group/x/contacts/attach", body: `{"contactIds":[1]}`, status: 400, contains: []string{"A group id"}},
		{method: http.MethodGet, path: list + "?startindex=2&maxrows=1", status: 200, contains: []string{`[{"id":2,`, `"firstName":"N2"`, `"groups":[{"id":1,"name":"Київ VIP","type":"Static"}]`}, lacks: []string{`"id":3`}},
		{method: http.MethodGet, path: "/v1/group/9/contacts", status: 404},
		{method: http.MethodPost, path: detach, body: `{"contactIds":2}`, status: 200, is: "Contacts detached: 1, not known: 0"},
	} {
		s.check(t, in)
	}
	w := in.call(http.MethodGet, list, "")
	require.Equal(t, []string{"2"}, w.Header()["TotalCount"]) //nolint:staticcheck // not canonical, on purpose
	require.Equal(t, "Contacts detached: 2, not known: 0", in.call(http.MethodPost, detach, "").Body.String())
	scenario{method: http.MethodGet, path: list, status: 200, is: "[]"}.check(t, in)
}

func FuzzGroup(f *testing.F) {
	in := setup(f)
	in.call(http.MethodPost, "/manage/v1/groups", `{"name":"g"}`)
	fuzzBody(f, in, http.MethodPost, "/v1/group/1/contacts/attach", `{"contactIds":[1,"2"]}`, `{"externalCustomerIds":["a"]}`, `{"contactIds":{"a":1}}`)
}
