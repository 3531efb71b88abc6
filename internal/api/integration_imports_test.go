package api_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/job"
)

func jobOf(id int64) job.Job { return job.Job{ID: id, Attempt: 1} }

// sessionOf returns the session of an import that was accepted.
func sessionOf(tb testing.TB, body string) string {
	tb.Helper()
	var answer struct{ AsyncSessionID string }
	require.NoError(tb, json.Unmarshal([]byte(body), &answer), body)
	return answer.AsyncSessionID
}

func TestImport(t *testing.T) {
	t.Parallel()
	in := setup(t)
	in.call(http.MethodPost, "/v1/contact", `{"channels":{"type":"email","value":"known@x.ua"},"firstName":"Old","lastName":"Stays"}`)
	w := in.call(http.MethodPost, "/api/v1/contacts/", `{"dedupeOn":"email","contactFields":"firstName","groupNames":["Customers"],"groupNamesExclude":["Nobody"],
		"restoreDeleted":"true","eventKeyForNewContacts":"newContact","customFieldsIDs":null,"unknown":1,
		"contacts":[{"channels":[{"type":"email","value":"known@x.ua"}],"firstName":"New","lastName":"Ignored"},
			{"channels":[{"type":"email","value":"o'brien@x.ua"},{"type":"sms","value":"+380501234567"}],"externalCustomerId":5},
			{"channels":[{"type":"email","value":"rubbish"}]},{"externalCustomerId":"C2"}]}`)
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	session := sessionOf(t, w.Body.String())
	require.JSONEq(t, `{"asyncSessionId":"`+session+`","id":0,"failedContacts":[]}`, w.Body.String())
	status := "/v1/importstatus/" + session
	scenario{method: http.MethodGet, path: status, status: 200, contains: []string{
		`"status":"STARTED","timestamp":"2027-`, `"mapping":[],"failedContacts":[]`,
	}}.check(t, in)

	done := in.importOf(t, 1, session)
	require.Contains(t, done, `"status":"FINISHED"`)
	require.Contains(t, done, `"description":"created: 2, updated: 1, skipped: 0, failed: 1"`)
	require.Contains(t, done, `"mapping":[{"dedupeValue":"known@x.ua","contactId":1},{"dedupeValue":"o'brien@x.ua","contactId":2},{"dedupeValue":"C2","contactId":3}]`)
	require.Contains(t, done, `"failedContacts":[{"index":2,"dedupeValue":"rubbish","error":"email: this is not an email address"}]`)
	for _, s := range []scenario{
		{path: "/v1/contact/1", status: 200, contains: []string{`"firstName":"New","lastName":"Stays"`, `"name":"Customers"`}},
		{path: "/v1/groups", status: 200, is: `[{"id":1,"name":"Customers","type":"Static"}]`},
		{path: "/manage/v1/events", status: 200, lacks: []string{`"contactId":1`}, contains: []string{
			`"eventTypeKey":"newContact","keyValue":"+380501234567","contactId":2,"params":{"contactId":2,"EmailAddress":"o'brien@x.ua","SMS":"+380501234567"}`,
			`"eventTypeKey":"newContact","keyValue":"3","contactId":3,"params":{"contactId":3,"EmailAddress":"","SMS":""}`,
		}},
	} {
		s.method = http.MethodGet
		s.check(t, in)
	}
	// Once more changes nothing.
	require.Equal(t, done, in.importOf(t, 1, session))
}

func TestImportFaults(t *testing.T) {
	t.Parallel()
	in := setup(t)
	one := func(members string) string {
		return `{"contacts":[{"channels":[{"type":"email","value":"a@b.c"}]}],"dedupeOn":"email"` + members + `}`
	}
	for _, s := range []scenario{
		{body: ``, is: "Contacts must be specified"},
		{body: `{}`, is: "Contacts must be specified"},
		{body: `{"contacts":[],"dedupeOn":"email"}`, is: "Contacts must be specified"},
		{body: `{"contacts":null,"dedupeOn":"email"}`, is: "Contacts must be specified"},
		{body: `{"contacts":"x"}`, is: "contacts must be an array"},
		{body: `{"contacts":[{"externalCustomerId":"a"},{"firstName":{}}],"dedupeOn":"email"}`, is: "contacts[1].firstName must be a string"},
		{body: `{"contacts":[` + strings.Repeat(`{},`, 3000) + `{}],"dedupeOn":"email"}`, is: "At most 3000 contacts per request"},
		{body: `{"contacts":[{}]}`, contains: []string{"dedupeOn: write email, sms"}},
		{body: one(`,"dedupeOn":"name"`), contains: []string{"dedupeOn: "}},
		{body: one(`,"dedupeOn":"fieldId"`), contains: []string{"fieldId: there is no custom field 0"}},
		{body: one(`,"contactFields":["firstName","shoeSize"]`), contains: []string{"contactFields: "}},
		{body: one(`,"customFieldsIDs":[null]`), is: "customFieldsIDs[0] must be an id"},
		{body: one(`,"groupNames":[" "]`), contains: []string{"groupNames[0]: "}},
		{body: one(`,"groupNamesExclude":["` + strings.Repeat("x", 201) + `"]`), contains: []string{"groupNamesExclude[0]: "}},
		{body: one(`,"restoreDeleted":"perhaps"`), is: "restoreDeleted must be true or false"},
		{body: one(`,"eventKeyForNewContacts":"a|b"`), contains: []string{"eventKeyForNewContacts: "}},
		{body: one(`,"eventKeyForNewContacts":"` + strings.Repeat("x", 101) + `"`), contains: []string{"eventKeyForNewContacts: "}},
		{path: "/v1/contacts/upload", is: "Link must be specified"},
		{path: "/v1/contacts/upload", body: `{"link":"ftp://example.com/a.csv","dedupeOn":"email"}`, contains: []string{"link: write an address"}},
		{path: "/v1/contacts/upload", body: `{"link":"https://example.com/a.csv"}`, contains: []string{"dedupeOn: "}},
		{method: http.MethodGet, path: "/v1/importstatus/none", status: 404, contains: []string{"there is no import"}},
		{method: http.MethodGet, path: "/v1/importstatus/\x00", status: 404},
		{method: http.MethodGet, path: "/v1/importstatus/\xff", status: 404},
	} {
		if s.method == "" {
			s.method, s.status = http.MethodPost, 400
		}
		if s.path == "" {
			s.path = "/v1/contacts"
		}
		s.check(t, in)
	}
	scenario{method: http.MethodGet, path: "/v1/contacts", status: 200, is: "[]"}.check(t, in)
}

// A body of 16 MiB is taken; a link into the server's own network is not followed.
func TestImportLargeAndPrivate(t *testing.T) {
	t.Parallel()
	in := setup(t)
	w := in.call(http.MethodPost, "/v1/contacts", `{"dedupeOn":"email","contacts":{"externalCustomerId":"C","x":"`+strings.Repeat("x", 10<<20)+`"}}`)
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	scenario{method: http.MethodPost, path: "/v1/contacts", body: `{"x":"` + strings.Repeat("x", 16<<20) + `"}`, status: 413, contains: []string{"16 MiB"}}.check(t, in)

	w = in.call(http.MethodPost, "/v1/contacts/upload", `{"dedupeOn":"email","link":"http://user:secret@127.0.0.1:1/a.csv"}`)
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	session := sessionOf(t, w.Body.String())
	require.JSONEq(t, `{"asyncSessionId":"`+session+`","importId":"`+session+`","valid":true,"message":""}`, w.Body.String())
	status := in.importOf(t, 2, session)
	require.Contains(t, status, `"status":"ERROR"`)
	require.Contains(t, status, "private network")
	require.NotContains(t, status+in.log.String(), "secret")
}

func FuzzImport(f *testing.F) {
	in := setup(f)
	fuzzBody(f, in, http.MethodPost, "/v1/contacts",
		`{"contacts":[{"channels":[{"type":"email","value":"a@b.c"}],"fields":[{"id":1,"value":"x"}]}],"dedupeOn":"email","contactFields":["firstName"],"customFieldsIDs":[1],"groupNames":["x"]}`,
		`{"contacts":{"id":1},"dedupeOn":"fieldId","fieldId":"1","restoreDeleted":1}`)
}

func FuzzUpload(f *testing.F) {
	in := setup(f)
	fuzzBody(f, in, http.MethodPost, "/v1/contacts/upload", `{"link":"https://x.ua/a.csv","dedupeOn":"email"}`, `{"link":"http://[::1]:0/%zz"}`)
}
