package manage_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/api/apitest"
	"bellman/internal/store/storetest"
)

// sendFile sends a file as the body of an import.
func sendFile(in *apitest.Installation, query string, body io.Reader) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "/manage/v1/imports?"+query, body)
	r.SetBasicAuth("any", in.Key)
	r.Header.Set("Content-Type", "text/csv")
	w := httptest.NewRecorder()
	in.Handler.ServeHTTP(w, r)
	return w
}

// A file is uploaded, as the body or in a form, and imported; its failures are told
// in pages.
func TestUploadOfContacts(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	w := sendFile(in, "dedupeOn=email&group=A%2CB&group=C&column=ID%3DexternalCustomerId",
		strings.NewReader("ID;Email;Hat\nx1;a@x.ua;1\nx2;bad\nx3;\"b@x.ua\nx4;c@x.ua;\n"))
	require.Equal(t, http.StatusAccepted, w.Code, w.Body)
	var v struct{ ID, State string }
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &v))
	require.Equal(t, "started", v.State)
	i, err := in.Config.Imports.Find(t.Context(), 1, v.ID)
	require.NoError(t, err)
	require.NoError(t, in.Config.Imports.Run(t.Context(), storetest.TakeImport(t, in.Store, i.ID)))

	path := "/manage/v1/imports/" + v.ID
	apitest.Scenario{Method: http.MethodGet, Path: path, Status: 200, Contains: []string{
		`"state":"finished"`, `"created":3,"updated":0,"skipped":0,"failed":1,"unknownColumns":["Hat"]`,
	}}.Check(t, in)
	apitest.Scenario{Method: http.MethodGet, Path: "/v1/groups", Status: 200, Contains: []string{`"A,B"`, `"C"`}}.Check(t, in)
	apitest.Scenario{Method: http.MethodGet, Path: "/v1/contacts?externalCustomerId=x4", Status: 200,
		Contains: []string{"c@x.ua"}}.Check(t, in)
	cursor := ""
	for _, want := range []string{`"row":3,"value":"bad","code":"email_invalid"`, `"row":4,"code":"row_broken","error":"line 4: its quotes`} {
		w := in.Call(http.MethodGet, path+"/failures?limit=1"+cursor, "")
		require.Equal(t, http.StatusOK, w.Code, w.Body)
		require.Contains(t, w.Body.String(), want)
		var page struct{ NextCursor string }
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &page))
		cursor = "&cursor=" + page.NextCursor
	}
	require.Equal(t, "&cursor=", cursor)

	body, contentType := form(t, [3]string{"file", "a.csv", "Email\nd@x.ua\n"})
	r := httptest.NewRequest(http.MethodPost, "/manage/v1/imports?dedupeOn=email", body)
	r.SetBasicAuth("any", in.Key)
	r.Header.Set("Content-Type", contentType)
	w = httptest.NewRecorder()
	in.Handler.ServeHTTP(w, r)
	require.Equal(t, http.StatusAccepted, w.Code, w.Body)
}

// What is wrong with a file is said at once.
func TestUploadOfContactsRefused(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	for _, tt := range []struct {
		query, text, says string
	}{
		{"", "Email\na@x.ua", "dedupeOn"}, {"dedupeOn=email", "", "it is empty"}, {"dedupeOn=email", "Hat\n1\n", "no column that is known"},
		{"dedupeOn=email", "Email\n", "no rows"}, {"dedupeOn=email&column=Email", "Email\na@x.ua", "NAME=MEANING"},
		{"dedupeOn=email&column=X%3Dcity", "Email\na@x.ua", "no column"}, {"dedupeOn=email&column=Email%3DHat", "Email\n", "is no column"},
		{"dedupeOn=fieldId", "Email\na@x.ua", "custom field"}, {"dedupeOn=email&group=+", "Email\na@x.ua", "groupNames[0]"},
	} {
		w := sendFile(in, tt.query, strings.NewReader(tt.text))
		require.Equal(t, http.StatusUnprocessableEntity, w.Code, "%s: %s", tt.query, w.Body)
		require.Contains(t, w.Body.String(), tt.says, tt.query)
	}
	for _, path := range []string{"", "/failures"} {
		w := in.Call(http.MethodGet, "/manage/v1/imports/0198c1b0-3c55-7d9e-8f4e-0e6f6e1a2b3c"+path, "")
		require.Equal(t, http.StatusNotFound, w.Code, w.Body)
	}
}

// brokenOff is a body whose sender went away.
type brokenOff struct{ io.Reader }

func (b brokenOff) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// Nobody is imported from a file that does not arrive whole.
func TestUploadOfContactsBreaksOff(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	var text strings.Builder
	text.WriteString("Email\n")
	for n := range 4000 {
		fmt.Fprintf(&text, "p%d@x.ua\n", n)
	}
	w := sendFile(in, "dedupeOn=email", brokenOff{strings.NewReader(text.String())})
	require.Equal(t, http.StatusBadRequest, w.Code, w.Body)
	require.Contains(t, w.Body.String(), "body_incomplete")
	taken, err := in.Store.Imports.TakeImports(t.Context(), "other", true, time.Unix(1<<40, 0), time.Minute, 5)
	require.NoError(t, err)
	require.Empty(t, taken)
	apitest.Scenario{Method: http.MethodGet, Path: "/v1/contacts", Status: 200, Is: "[]"}.Check(t, in)
}

// runImport carries an import out, or back.
func runImport(t *testing.T, in *apitest.Installation, session string) {
	t.Helper()
	i, err := in.Config.Imports.Find(t.Context(), 1, session)
	require.NoError(t, err)
	taken, err := in.Store.Imports.TakeUndos(t.Context(), "test", time.UnixMilli(1<<53), time.Hour, 10)
	require.NoError(t, err)
	if len(taken) == 0 {
		taken = append(taken, storetest.TakeImport(t, in.Store, i.ID))
	}
	require.NoError(t, in.Config.Imports.Run(t.Context(), taken[0]))
}

func sessionOf(t *testing.T, w *httptest.ResponseRecorder) string {
	t.Helper()
	require.Equal(t, http.StatusAccepted, w.Code, w.Body)
	var v struct{ ID string }
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &v))
	return v.ID
}

// A file is tried, imported and taken back; lists and files tell what became of it.
func TestImportsFromALookToAnUndo(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	text := "Пошта;Телефон;Hat\na@x.ua;0501234567;=1+1\nbad;;\"a;b\"\n"
	r := httptest.NewRequest(http.MethodPost, "/manage/v1/imports/look", strings.NewReader(text))
	r.SetBasicAuth("any", in.Key)
	w := httptest.NewRecorder()
	in.Handler.ServeHTTP(w, r)
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	require.JSONEq(t, `{"encoding":"utf-8","delimiter":";","dedupeOn":"email_or_sms","columns":[
		{"name":"Пошта","means":"email","sure":"likely","samples":["a@x.ua","bad"]},
		{"name":"Телефон","means":"phone","sure":"likely","samples":["0501234567"]},
		{"name":"Hat","means":"ignore","sure":"unknown","samples":["=1+1","a;b"]}],
		"rows":[{"row":2,"cells":["a@x.ua","0501234567","=1+1"]},{"row":3,"cells":["bad","","a;b"]}]}`,
		withoutSchema(t, w.Body.Bytes()))

	query := "dedupeOn=email&name=my+people.csv&column=" + "%D0%9F%D0%BE%D1%88%D1%82%D0%B0%3Demail&column=Hat%3Dignore"
	dry := sessionOf(t, sendFile(in, query+"&dryRun=true", strings.NewReader(text)))
	runImport(t, in, dry)
	for path, contains := range map[string][]string{
		"/manage/v1/imports/" + dry: {
			`"state":"finished"`, `"created":1,"updated":0,"skipped":0,"failed":1`, `"dryRun":true`, `"fileName":"my people.csv"`,
			`"phase":"over","rows":2,"of":2`, `"percent":100`, `"startedBy":{"kind":"key"`, `"unknownColumns":["Телефон"]`,
		},
		"/manage/v1/imports/" + dry + "/failures": {`"row":3,"value":"bad","code":"email_invalid"`},
		"/v1/contacts": {"[]"},
	} {
		apitest.Scenario{Method: http.MethodGet, Path: path, Status: 200, Contains: contains}.Check(t, in)
	}
	w = in.Call(http.MethodGet, "/manage/v1/imports/"+dry+"/failures.csv", "")
	require.Equal(t, http.StatusOK, w.Code)
	require.Equal(t, `attachment; filename="my people refused.csv"`, w.Header().Get("Content-Disposition"))
	require.Equal(t, "\ufeffПошта,Телефон,Hat,row,reason\r\nbad,,a;b,3,email: this is not an email address\r\n", w.Body.String())

	done := sessionOf(t, sendFile(in, query, strings.NewReader(text+"=bad;1;@x\n")))
	apitest.Scenario{Method: http.MethodPost, Path: "/manage/v1/imports/" + done + "/undo", Status: 409,
		Contains: []string{"import_running"}}.Check(t, in)
	runImport(t, in, done)
	w = in.Call(http.MethodGet, "/manage/v1/imports/"+done+"/failures.csv", "")
	require.Contains(t, w.Body.String(), "\r\n'=bad,1,'@x,4,")
	apitest.Scenario{Method: http.MethodPost, Path: "/manage/v1/imports/" + dry + "/undo", Status: 409,
		Contains: []string{"import_dry"}}.Check(t, in)
	apitest.Scenario{Method: http.MethodPost, Path: "/manage/v1/imports/" + done + "/undo", Status: 202,
		Contains: []string{`"undo":{"state":"running","removed":0`}}.Check(t, in)
	runImport(t, in, done)
	apitest.Scenario{Method: http.MethodGet, Path: "/manage/v1/imports/" + done, Status: 200,
		Contains: []string{`"undo":{"state":"done","removed":1,"stayed":{"chat":0,"event":0,"group":0,"changed":0},"left":0}`}}.Check(t, in)
	apitest.Scenario{Method: http.MethodGet, Path: "/v1/contacts", Status: 200, Is: "[]"}.Check(t, in)

	w = in.Call(http.MethodGet, "/manage/v1/imports?total=true&limit=1", "")
	var page struct {
		Items      []struct{ ID string }
		NextCursor string
		Total      struct{ Count int }
	}
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &page))
	require.Equal(t, done, page.Items[0].ID)
	require.Equal(t, 2, page.Total.Count)
	apitest.Scenario{Method: http.MethodGet, Path: "/manage/v1/imports?cursor=" + page.NextCursor, Status: 200,
		Contains: []string{dry}, Lacks: []string{done}}.Check(t, in)
	apitest.Scenario{Method: http.MethodGet, Path: "/manage/v1/imports?state=started&state=failed", Status: 200,
		Contains: []string{`"items":[]`}}.Check(t, in)
	apitest.Scenario{Method: http.MethodGet, Path: "/manage/v1/imports?state=finished&state=failed", Status: 200,
		Contains: []string{done, dry}}.Check(t, in)
	r = httptest.NewRequest(http.MethodPost, "/manage/v1/imports/look", strings.NewReader(strings.Repeat("x", 2<<20)))
	r.SetBasicAuth("any", in.Key)
	w = httptest.NewRecorder()
	in.Handler.ServeHTTP(w, r)
	require.Equal(t, http.StatusRequestEntityTooLarge, w.Code, w.Body)
}

// withoutSchema drops the address of the schema from an answer.
func withoutSchema(t *testing.T, body []byte) string {
	t.Helper()
	var v map[string]any
	require.NoError(t, json.Unmarshal(body, &v))
	delete(v, "$schema")
	text, err := json.Marshal(v)
	require.NoError(t, err)
	return string(text)
}
