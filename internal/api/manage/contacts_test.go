package manage_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/api/apitest"
)

const fields = "/manage/v1/fields"

func TestManagedContacts(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	for _, s := range []apitest.Scenario{
		{Method: http.MethodPost, Path: fields, Body: `{"name":"Card","type":"number"}`, Status: 201,
			Contains: []string{`"id":1,"name":"Card","type":"number"`}},
		{Method: http.MethodPost, Path: fields, Body: `{"name":"CARD","type":"text"}`, Status: 409,
			Contains: []string{`"code":"field_name_taken"`, `"field":"name"`}},
		{Method: http.MethodPost, Path: fields, Body: `{"name":"x","type":"list"}`, Status: 422},
		{Method: http.MethodPatch, Path: fields + "/1", Body: `{"name":"Картка"}`, Status: 200, Contains: []string{`"name":"Картка"`}},
		{Method: http.MethodPatch, Path: fields + "/2", Body: `{"name":"x"}`, Status: 404, Contains: []string{`"code":"field_not_found"`}},
		{Method: http.MethodGet, Path: fields, Status: 200, Contains: []string{`"items":[{"id":1,`}},
		{Method: http.MethodPost, Path: contacts, Status: 201,
			Body: `{"externalCustomerId":"C1","email":"olena@x.ua","firstName":"Олена","lastName":"Коваль","address":{"town":"Київ"},
				"fields":[{"id":1,"value":"042"}],
				"orders":{"count":2,"lastAt":"2026-01-02T03:04:05Z"},"devices":[{"type":"webpush","token":"w"}],"timeZone":"Europe/Kyiv"}`,
			Contains: []string{`"id":1,`, `"address":{"town":"Київ"}`, `"fields":[{"id":1,"value":"42"}]`,
				`"orders":{"lastAt":"2026-01-02T03:04:05.000Z","count":2}`,
				`"devices":[{"type":"webpush","token":"w"}]`, `"subscriptions":[]`, `"chats":[]`}},
		{Method: http.MethodPost, Path: contacts, Body: `{"email":"OLENA@x.ua","phone":"+380501234567"}`, Status: 200,
			Contains: []string{`"id":1,`, `"phone":"+380501234567"`}},
		{Method: http.MethodPost, Path: contacts, Body: `{}`, Status: 422, Contains: []string{`"code":"identifier_missing"`}},
		{Method: http.MethodPost, Path: contacts, Body: `{"email":"x@y.z","timeZone":"Mars"}`, Status: 422,
			Contains: []string{`"code":"time_zone_unknown"`, `"field":"timeZone"`}},
		{Method: http.MethodPost, Path: contacts, Body: `{"email":"x@y.z","fields":[{"id":1,"value":"much"}]}`, Status: 422,
			Contains: []string{`"code":"field_value_invalid"`}},
		{Method: http.MethodPost, Path: contacts, Body: `{"externalCustomerId":"C2","firstName":"Іван"}`, Status: 201},
		{Method: http.MethodPatch, Path: contacts + "/1", Body: `{"firstName":"","fields":[{"id":1,"value":""}]}`, Status: 200,
			Contains: []string{`"fields":[]`}, Lacks: []string{"firstName"}},
		{Method: http.MethodPatch, Path: contacts + "/1", Body: `{"externalCustomerId":"C2"}`, Status: 409,
			Contains: []string{`"code":"external_customer_id_taken"`}},
		{Method: http.MethodPatch, Path: contacts + "/9", Body: `{"firstName":"x"}`, Status: 404},
		{Method: http.MethodPut, Path: contacts + "/1/subscriptions", Body: `{"subscriptions":["news"]}`, Status: 200,
			Contains: []string{`"subscriptions":["news"]`}},
		{Method: http.MethodGet, Path: contacts + "?search=%D0%9A%D0%9E%D0%92", Status: 200, Contains: []string{`"id":1,`},
			Lacks: []string{`"id":2,`, "nextCursor"}},
		{Method: http.MethodGet, Path: contacts + "?limit=1", Status: 200, Contains: []string{`"items":[{"id":2,`, `"nextCursor":"Mg"`}},
		{Method: http.MethodGet, Path: contacts + "?limit=1&cursor=Mg", Status: 200, Contains: []string{`"items":[{"id":1,`},
			Lacks: []string{"nextCursor"}},
		{Method: http.MethodDelete, Path: contacts + "/2", Status: 204},
		{Method: http.MethodGet, Path: contacts + "/2", Status: 404},
		{Method: http.MethodDelete, Path: contacts + "/2", Status: 404},
		{Method: http.MethodPost, Path: contacts, Body: `{"externalCustomerId":"C2"}`, Status: 200, Contains: []string{`"id":2,`, "Іван"}},
		{Method: http.MethodDelete, Path: contacts + "/2?erase=true", Status: 204},
		{Method: http.MethodPost, Path: contacts, Body: `{"externalCustomerId":"C2"}`, Status: 201, Contains: []string{`"id":3,`},
			Lacks: []string{"Іван"}},
		{Method: http.MethodDelete, Path: fields + "/1", Status: 204},
		{Method: http.MethodDelete, Path: fields + "/1", Status: 404},
	} {
		s.Check(t, in)
	}
}

func TestChatsOfBots(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	in.Prepare(t)
	chat := bots + "/1/chats/-502"
	for _, s := range []apitest.Scenario{
		{Method: http.MethodGet, Path: chat, Status: 200, Contains: []string{`"chatId":-502,"contactId":1,"active":true,"createdAt"`}},
		{Method: http.MethodPatch, Path: chat, Body: `{"mutedUntil":"2050-01-01T00:00:00Z"}`, Status: 200,
			Contains: []string{`"active":true,"mutedUntil":"2050-01-01T00:00:00.000Z"`}},
		{Method: http.MethodPatch, Path: chat, Body: `{"active":false}`, Status: 200,
			Contains: []string{`"active":false,"mutedUntil":"2050-01-01T00:00:00.000Z"`}},
		{Method: http.MethodGet, Path: contacts + "/1", Status: 200,
			Contains: []string{`"chatId":-502,"contactId":1,"active":false,"mutedUntil":"2050-01-01T00:00:00.000Z"`}},
		{Method: http.MethodPatch, Path: chat, Body: `{"mutedUntil":"2001-01-01T00:00:00Z","active":true}`, Status: 200,
			Contains: []string{`"active":true,"createdAt"`}},
		{Method: http.MethodPatch, Path: bots + "/1/chats/9", Body: `{"active":true}`, Status: 404,
			Contains: []string{`"code":"chat_not_found"`}},
		{Method: http.MethodGet, Path: bots + "/2/chats/501", Status: 404, Contains: []string{`"code":"bot_not_found"`}},
		{Method: http.MethodGet, Path: bots + "/1/chats/x", Status: 422},
	} {
		s.Check(t, in)
	}
}

func TestContactsInPages(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	for i := range 5 {
		w := in.Call(http.MethodPost, contacts, fmt.Sprintf(`{"externalCustomerId":"P%d"}`, i))
		require.Equal(t, http.StatusCreated, w.Code, w.Body)
	}
	var ids []int64
	for cursor, more := "", true; more; {
		w := in.Call(http.MethodGet, contacts+"?limit=2&search=P&cursor="+cursor, "")
		require.Equal(t, http.StatusOK, w.Code, w.Body)
		for _, c := range apitest.Field[[]struct{ ID int64 }](t, w, "items") {
			ids = append(ids, c.ID)
		}
		if more = strings.Contains(w.Body.String(), "nextCursor"); more {
			cursor = apitest.Field[string](t, w, "nextCursor")
		}
	}
	require.Equal(t, []int64{5, 4, 3, 2, 1}, ids)
}

func FuzzManagedContact(f *testing.F) {
	in := apitest.New(f)
	in.Call(http.MethodPost, fields, `{"name":"Card","type":"date"}`)
	apitest.FuzzBody(f, in, http.MethodPost, contacts,
		`{"externalCustomerId":"x","phone":"1","address":{"town":"x"},"fields":[{"id":1,"value":"2026-01-01"}],"devices":[{"type":"webpush",`+
			`"token":"w"}]}`,
		`{"email":"a@b.c","orders":{"count":-1,"lastAt":"0000-01-01T00:00:00Z"},"languageCode":"\u0000"}`, `[]`)
}
