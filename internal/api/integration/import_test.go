package integration_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/api/apitest"
)

// sessionOf returns the session of an import that was accepted.
func sessionOf(tb testing.TB, body string) string {
	tb.Helper()
	var answer struct{ AsyncSessionID string }
	require.NoError(tb, json.Unmarshal([]byte(body), &answer), body)
	return answer.AsyncSessionID
}

// spec: import-async
func TestImport(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	in.Call(http.MethodPost, "/v1/contact", `{"channels":{"type":"email","value":"known@x.ua"},"firstName":"Old","lastName":"Stays"}`)
	w := in.Call(http.MethodPost, "/api/v1/contacts/", `{"dedupeOn":"email","contactFields":"firstName","groupNames":["Customers"],
		"groupNamesExclude":["Nobody"],
		"restoreDeleted":"true","eventKeyForNewContacts":"newContact","customFieldsIDs":null,"unknown":1,
		"contacts":[{"channels":[{"type":"email","value":"known@x.ua"}],"firstName":"New","lastName":"Ignored"},
			{"channels":[{"type":"email","value":"o'brien@x.ua"},{"type":"sms","value":"+380501234567"}],"externalCustomerId":5},
			{"channels":[{"type":"email","value":"rubbish"}]},{"externalCustomerId":"C2"}]}`)
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	session := sessionOf(t, w.Body.String())
	require.JSONEq(t, `{"asyncSessionId":"`+session+`","id":0,"failedContacts":[]}`, w.Body.String())
	status := "/v1/importstatus/" + session
	apitest.Scenario{Method: http.MethodGet, Path: status, Status: 200, Contains: []string{
		`"status":"STARTED","timestamp":"2027-`, `"mapping":[],"failedContacts":[]`,
	}}.Check(t, in)

	done := importOf(t, in, 1, session)
	require.Contains(t, done, `"status":"FINISHED"`)
	require.Contains(t, done, `"description":"created: 2, updated: 1, skipped: 0, failed: 1"`)
	require.Contains(t, done,
		`"mapping":[{"dedupeValue":"known@x.ua","contactId":1},{"dedupeValue":"o'brien@x.ua","contactId":2},{"dedupeValue":"C2","contactId":3}]`)
	require.Contains(t, done, `"failedContacts":[{"index":2,"dedupeValue":"rubbish","error":"email: this is not an email address"}]`)
	for _, s := range []apitest.Scenario{
		{Path: "/v1/contact/1", Status: 200, Contains: []string{`"firstName":"New","lastName":"Stays"`, `"name":"Customers"`}},
		{Path: "/v1/groups", Status: 200, Is: `[{"id":1,"name":"Customers","type":"Static"}]`},
		{Path: "/manage/v1/events", Status: 200, Lacks: []string{`"contactId":1`}, Contains: []string{
			`"eventTypeKey":"newContact","keyValue":"+380501234567","contactId":2,"params":{"contactId":2,"EmailAddress":"o'brien@x.ua",` +
				`"SMS":"+380501234567"}`,
			`"eventTypeKey":"newContact","keyValue":"3","contactId":3,"params":{"contactId":3,"EmailAddress":"","SMS":""}`,
		}},
	} {
		s.Method = http.MethodGet
		s.Check(t, in)
	}
	require.NotContains(t, done, "leftOut")
	// A repetition changes nothing.
	require.Equal(t, done, importOf(t, in, 1, session))
}

// Among 3000 contacts one that is no contact at all fails alone, whatever it is, and one
// whose values have the wrong form keeps the others.
func TestImportOfAnyForm(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	in.Call(http.MethodPost, "/v1/contact",
		`{"externalCustomerId":"C1","firstName":"Anna","channels":[{"type":"sms","value":"+380501111111"}]}`)
	w := in.Call(http.MethodPost, "/v1/contacts", `{"dedupeOn":"email","contactFields":[null],"contacts":[
		5, "x", null, [], {}, {"externalCustomerId":{}}, {"externalCustomerId":"C9","channels":7},
		{"externalCustomerId":"C1","firstName":{},"lastName":["x"],"address":[],"ordersInfo":{"count":"many"},"fields":[{"id":"x","value":1},5],
			"channels":[{"type":"email","value":"a@x.ua"},{"type":"sms","value":{}},{"type":"email","value":"b@x.ua"},{"type":7.5}]},
		{"id":0,"externalCustomerId":55.0,"ordersInfo":{"lastDate":"31.12.2026","count":2.0},"groups":[{"name":"ignored"}]}]}`)
	done := importOf(t, in, 1, sessionOf(t, w.Body.String()))
	require.Contains(t, done, `"description":"created: 2, updated: 1, skipped: 0, failed: 6"`)
	for _, failed := range []string{
		`"failedContacts":[{"index":0,"error":"write a JSON object"},{"index":1,"error":"write a JSON object"},`,
		`{"index":2,"error":"channels: send what contacts are recognised by: email"},{"index":3,"error":"write a JSON object"},`,
		`{"index":5,"error":"externalCustomerId: write a string"}],`,
		`{"index":6,"dedupeValue":"C9","error":"channels: write an array"},`,
	} {
		require.Contains(t, done, failed)
	}
	for _, left := range []string{
		"firstName: write a string", "lastName: write a string", "address: write a JSON object", "ordersInfo.count: write a whole number",
		"fields[0].id: write a whole number from 1 to 9007199254740991", "fields[1]: write a JSON object", "channels[1].value: write a string",
		"channels[3].type: write a string",
	} {
		require.Contains(t, done, `{"index":7,"dedupeValue":"a@x.ua","error":"`+left+`"}`)
	}
	apitest.Scenario{Method: http.MethodGet, Path: "/v1/contact/1", Status: 200, Contains: []string{
		`"firstName":"Anna"`, `"value":"a@x.ua"`, `"value":"+380501111111"`,
	}}.Check(t, in)
	apitest.Scenario{Method: http.MethodGet, Path: "/manage/v1/contacts/3", Status: 200, Contains: []string{
		`"externalCustomerId":"55"`, `"orders":{"lastAt":"2026-12-31T00:00:00.000Z","count":2}`,
	}}.Check(t, in)
}

// A value that cannot be read does not cost the contact: the others are imported, and
// the status names it. With dedupeOn externalCustomerId an id that nobody has goes to
// the contact with the email.
func TestImportLeavesOut(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	in.Call(http.MethodPost, "/v1/contact", `{"channels":[{"type":"email","value":"a@x.ua"}],"firstName":"Anna"}`)
	w := in.Call(http.MethodPost, "/v1/contacts", `{"dedupeOn":"externalCustomerId","contacts":[{"externalCustomerId":"C1",
		"channels":[{"type":"email","value":"a@x.ua"},{"type":"sms","value":"0501234567"}],"firstName":"Olena","timeZone":"Kyiv"},
		{"externalCustomerId":"C2","channels":[{"type":"email","value":"none"}],"firstName":"  "}]}`)
	done := importOf(t, in, 1, sessionOf(t, w.Body.String()))
	require.Contains(t, done, `"description":"created: 1, updated: 1, skipped: 0, failed: 0"`)
	require.Contains(t, done, `"leftOut":[{"index":0,"dedupeValue":"C1","error":"phone: this phone has no country code`)
	require.Contains(t, done, `{"index":0,"dedupeValue":"C1","error":"timeZone: `)
	require.Contains(t, done, `{"index":1,"dedupeValue":"C2","error":"email: `)
	apitest.Scenario{Method: http.MethodGet, Path: "/v1/contact/1", Status: 200, Contains: []string{
		`"firstName":"Olena"`, `"externalCustomerId":"C1"`,
	}}.Check(t, in)
	apitest.Scenario{Method: http.MethodGet, Path: "/v1/contact/2", Status: 200, Lacks: []string{"firstName"}}.Check(t, in)
	apitest.Scenario{Method: http.MethodPost, Path: "/manage/v1/contacts",
		Body: `{"externalCustomerId":"C2","email":"a@x.ua","phone":"+380501234567"}`, Status: 200, Lacks: []string{"leftOut"}}.Check(t, in)
	apitest.Scenario{Method: http.MethodPost, Path: "/manage/v1/contacts", Body: `{"email":"b@x.ua"}`, Status: 201}.Check(t, in)
	apitest.Scenario{Method: http.MethodPost, Path: "/manage/v1/contacts", Body: `{"email":"b@x.ua","phone":"+380501234567"}`,
		Status: 200, Contains: []string{`"leftOut":[{"field":"phone","code":"phone_taken"`}}.Check(t, in)
	apitest.Scenario{Method: http.MethodPatch, Path: "/manage/v1/contacts/3", Body: `{"phone":"+380501234567"}`,
		Status: 409, Contains: []string{`"code":"phone_taken"`}}.Check(t, in)
}

// spec: import-limit
func TestImportFaults(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	one := func(members string) string {
		return `{"contacts":[{"channels":[{"type":"email","value":"a@b.c"}]}],"dedupeOn":"email"` + members + `}`
	}
	for _, s := range []apitest.Scenario{
		{Body: ``, Is: "Contacts must be specified"},
		{Body: `{}`, Is: "Contacts must be specified"},
		{Body: `{"contacts":[],"dedupeOn":"email"}`, Is: "Contacts must be specified"},
		{Body: `{"contacts":null,"dedupeOn":"email"}`, Is: "Contacts must be specified"},
		{Body: `{"contacts":"x"}`, Is: "contacts must be an array"},
		{Body: `{"contacts":[` + strings.Repeat(`{},`, 3000) + `{}],"dedupeOn":"email"}`, Is: "At most 3000 contacts per request"},
		{Body: `{"contacts":[{}]}`, Contains: []string{"dedupeOn: write email, sms"}},
		{Body: one(`,"dedupeOn":"name"`), Contains: []string{"dedupeOn: "}},
		{Body: one(`,"dedupeOn":"fieldId"`), Contains: []string{"fieldId: there is no custom field 0"}},
		{Body: one(`,"contactFields":["firstName","shoeSize"]`), Contains: []string{"contactFields: "}},
		{Body: one(`,"customFieldsIDs":[null]`), Is: "customFieldsIDs[0] must be an id"},
		{Body: one(`,"groupNames":[" "]`), Contains: []string{"groupNames[0]: "}},
		{Body: one(`,"groupNamesExclude":["` + strings.Repeat("x", 201) + `"]`), Contains: []string{"groupNamesExclude[0]: "}},
		{Body: one(`,"restoreDeleted":"perhaps"`), Is: "restoreDeleted must be true or false"},
		{Body: one(`,"eventKeyForNewContacts":"a|b"`), Contains: []string{"eventKeyForNewContacts: "}},
		{Body: one(`,"eventKeyForNewContacts":"` + strings.Repeat("x", 101) + `"`), Contains: []string{"eventKeyForNewContacts: "}},
		{Path: "/v1/contacts/upload", Is: "Link must be specified"},
		{Path: "/v1/contacts/upload", Body: `{"link":"ftp://example.com/a.csv","dedupeOn":"email"}`,
			Contains: []string{"link: write an address"}},
		{Path: "/v1/contacts/upload", Body: `{"link":"https://example.com/a.csv"}`, Contains: []string{"dedupeOn: "}},
		{Method: http.MethodGet, Path: "/v1/importstatus/none", Status: 404, Contains: []string{"there is no import"}},
		{Method: http.MethodGet, Path: "/v1/importstatus/\x00", Status: 400},
		{Method: http.MethodGet, Path: "/v1/importstatus/\xff", Status: 400},
	} {
		if s.Method == "" {
			s.Method, s.Status = http.MethodPost, 400
		}
		if s.Path == "" {
			s.Path = "/v1/contacts"
		}
		s.Check(t, in)
	}
	apitest.Scenario{Method: http.MethodGet, Path: "/v1/contacts", Status: 200, Is: "[]"}.Check(t, in)
}

// A body of 16 MiB is accepted; a link into the server's own network is not
// followed.
func TestImportLargeAndPrivate(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	w := in.Call(http.MethodPost, "/v1/contacts",
		`{"dedupeOn":"email","contacts":{"externalCustomerId":"C","x":"`+strings.Repeat("x", 10<<20)+`"}}`)
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	apitest.Scenario{Method: http.MethodPost, Path: "/v1/contacts", Body: `{"x":"` + strings.Repeat("x", 16<<20) + `"}`, Status: 413,
		Contains: []string{"16 MiB"}}.Check(t, in)

	w = in.Call(http.MethodPost, "/v1/contacts/upload", `{"dedupeOn":"email","link":"http://user:secret@127.0.0.1:1/a.csv"}`)
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	session := sessionOf(t, w.Body.String())
	require.JSONEq(t, `{"asyncSessionId":"`+session+`","importId":"`+session+`","valid":true,"message":""}`, w.Body.String())
	status := importOf(t, in, 2, session)
	require.Contains(t, status, `"status":"ERROR"`)
	require.Contains(t, status, "private network")
	require.NotContains(t, status+in.Log.String(), "secret")
}

func FuzzImport(f *testing.F) {
	in := apitest.New(f)
	apitest.FuzzBody(f, in, http.MethodPost, "/v1/contacts",
		`{"contacts":[{"channels":[{"type":"email","value":"a@b.c"}],"fields":[{"id":1,"value":"x"}]}],"dedupeOn":"email",`+
			`"contactFields":["firstName"],"customFieldsIDs":[1],"groupNames":["x"]}`,
		`{"contacts":{"id":1},"dedupeOn":"fieldId","fieldId":"1","restoreDeleted":1}`)
}

func FuzzUpload(f *testing.F) {
	in := apitest.New(f)
	apitest.FuzzBody(f, in, http.MethodPost, "/v1/contacts/upload", `{"link":"https://x.ua/a.csv","dedupeOn":"email"}`,
		`{"link":"http://[::1]:0/%zz"}`)
}
