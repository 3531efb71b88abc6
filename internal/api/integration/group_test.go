package integration_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/api/apitest"
)

func TestGroups(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	for i := 1; i <= 3; i++ {
		in.Call(http.MethodPost, "/v1/contact", fmt.Sprintf(`{"externalCustomerId":"C%d","firstName":"N%d"}`, i, i))
	}
	in.Call(http.MethodPost, "/manage/v1/groups", `{"name":"Київ VIP"}`)
	in.Call(http.MethodPost, "/manage/v1/groups", `{"name":"Rest"}`)
	const attach, detach, list = "/api/v1/group/1/contacts/attach", "/v1/group/1/contacts/detach", "/v1/group/1/contacts"
	for _, s := range []apitest.Scenario{
		{Method: http.MethodGet, Path: "/v1/groups", Status: 200,
			Is: `[{"id":1,"name":"Київ VIP","type":"Static"},{"id":2,"name":"Rest","type":"Static"}]`},
		{Method: http.MethodGet, Path: "/v1/groups?startindex=2&maxrows=1", Status: 200, Is: `[{"id":2,"name":"Rest","type":"Static"}]`},
		{Method: http.MethodGet, Path: "/v1/groups?name=%D0%9A%D0%98%D0%87%D0%92", Status: 200, Contains: []string{`"id":1`},
			Lacks: []string{`"id":2`}},
		{Method: http.MethodGet, Path: "/v1/groups?maxrows=x", Status: 400},
		{Method: http.MethodPost, Path: attach, Body: `{"contactIds":["1",3,99]}`, Status: 200, Is: "Contacts attached: 2, not known: 1",
			Answered: []string{"Content-Type", "application/json; charset=utf-8"}},
		{Method: http.MethodPost, Path: attach, Body: `{"externalCustomerIds":"C2","contactIds":null}`, Status: 200,
			Is: "Contacts attached: 1, not known: 0"},
		{Method: http.MethodPost, Path: attach, Body: `{"externalCustomerIds":["C2","C9"]}`, Status: 200,
			Is: "Contacts attached: 0, not known: 1"},
		{Method: http.MethodPost, Path: attach, Body: `{"contactIds":[1],"externalCustomerIds":["C2"]}`, Status: 400,
			Contains: []string{"not both"}},
		{Method: http.MethodPost, Path: attach, Body: `{}`, Status: 400, Contains: []string{"contactIds: "}},
		{Method: http.MethodPost, Path: attach, Status: 400},
		{Method: http.MethodPost, Path: attach, Body: `{"contactIds":[0]}`, Status: 400, Contains: []string{"contactIds[0] must be"}},
		{Method: http.MethodPost, Path: attach, Body: `{"contactIds":[` + strings.Repeat("1,", 500) + `1]}`, Status: 400,
			Contains: []string{"500"}},
		{Method: http.MethodPost, Path: "/v1/group/9/contacts/attach", Body: `{"contactIds":[1]}`, Status: 404,
			Is: "Not found: there is no group with this id"},
		{Method: http.MethodPost, Path: "/v1/group/x/contacts/attach", Body: `{"contactIds":[1]}`, Status: 400, Contains: []string{"A group id"}},
		{Method: http.MethodGet, Path: list + "?startindex=2&maxrows=1", Status: 200,
			Contains: []string{`[{"id":2,`, `"firstName":"N2"`, `"groups":[{"id":1,"name":"Київ VIP","type":"Static"}]`}, Lacks: []string{`"id":3`}},
		{Method: http.MethodGet, Path: "/v1/group/9/contacts", Status: 404},
		{Method: http.MethodPost, Path: detach, Body: `{"contactIds":2}`, Status: 200, Is: "Contacts detached: 1, not known: 0"},
	} {
		s.Check(t, in)
	}
	w := in.Call(http.MethodGet, list, "")
	require.Equal(t, []string{"2"}, w.Header()["TotalCount"]) //nolint:staticcheck // not canonical, on purpose
	require.Equal(t, "Contacts detached: 2, not known: 0", in.Call(http.MethodPost, detach, "").Body.String())
	apitest.Scenario{Method: http.MethodGet, Path: list, Status: 200, Is: "[]"}.Check(t, in)
}

func FuzzGroup(f *testing.F) {
	in := apitest.New(f)
	in.Call(http.MethodPost, "/manage/v1/groups", `{"name":"g"}`)
	apitest.FuzzBody(f, in, http.MethodPost, "/v1/group/1/contacts/attach", `{"contactIds":[1,"2"]}`, `{"externalCustomerIds":["a"]}`,
		`{"contactIds":{"a":1}}`)
}
