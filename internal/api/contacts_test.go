package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const fields = "/manage/v1/fields"

func TestManagedContacts(t *testing.T) {
	t.Parallel()
	in := setup(t)
	for _, s := range []scenario{
		{method: http.MethodPost, path: fields, body: `{"name":"Card","type":"number"}`, status: 201, contains: []string{`"id":1,"name":"Card","type":"number"`}},
		{method: http.MethodPost, path: fields, body: `{"name":"CARD","type":"text"}`, status: 409, contains: []string{`"code":"field_name_taken"`, `"field":"name"`}},
		{method: http.MethodPost, path: fields, body: `{"name":"x","type":"list"}`, status: 422},
		{method: http.MethodPatch, path: fields + "/1", body: `{"name":"Картка"}`, status: 200, contains: []string{`"name":"Картка"`}},
		{method: http.MethodPatch, path: fields + "/2", body: `{"name":"x"}`, status: 404, contains: []string{`"code":"field_not_found"`}},
		{method: http.MethodGet, path: fields, status: 200, contains: []string{`"items":[{"id":1,`}},
		{method: http.MethodPost, path: contacts, status: 201,
			body: `{"externalCustomerId":"C1","email":"olena@x.ua","firstName":"Олена","lastName":"Коваль","address":{"town":"Київ"},"fields":[{"id":1,"value":"042"}],
				"orders":{"count":2,"lastAt":"2026-01-02T03:04:05Z"},"devices":[{"type":"webpush","token":"w"}],"timeZone":"Europe/Kyiv"}`,
			contains: []string{`"id":1,`, `"address":{"town":"Київ"}`, `"fields":[{"id":1,"value":"42"}]`, `"orders":{"lastAt":"2026-01-02T03:04:05Z","count":2}`,
				`"devices":[{"type":"webpush","token":"w"}]`, `"subscriptions":[]`, `"chats":[]`}},
		{method: http.MethodPost, path: contacts, body: `{"email":"OLENA@x.ua","phone":"+380501234567"}`, status: 200, contains: []string{`"id":1,`, `"phone":"+380501234567"`}},
		{method: http.MethodPost, path: contacts, body: `{}`, status: 422, contains: []string{`"code":"identifier_missing"`}},
		{method: http.MethodPost, path: contacts, body: `{"email":"x@y.z","timeZone":"Mars"}`, status: 422, contains: []string{`"code":"time_zone_unknown"`, `"field":"timeZone"`}},
		{method: http.MethodPost, path: contacts, body: `{"email":"x@y.z","fields":[{"id":1,"value":"much"}]}`, status: 422, contains: []string{`"code":"field_value_invalid"`}},
		{method: http.MethodPost, path: contacts, body: `{"externalCustomerId":"C2","firstName":"Іван"}`, status: 201},
		{method: http.MethodPatch, path: contacts + "/1", body: `{"firstName":"","fields":[{"id":1,"value":""}]}`, status: 200, contains: []string{`"fields":[]`}, lacks: []string{"firstName"}},
		{method: http.MethodPatch, path: contacts + "/1", body: `{"externalCustomerId":"C2"}`, status: 409, contains: []string{`"code":"external_customer_id_taken"`}},
		{method: http.MethodPatch, path: contacts + "/9", body: `{"firstName":"x"}`, status: 404},
		{method: http.MethodPut, path: contacts + "/1/subscriptions", body: `{"subscriptions":["news"]}`, status: 200, contains: []string{`"subscriptions":["news"]`}},
		{method: http.MethodGet, path: contacts + "?search=%D0%9A%D0%9E%D0%92", status: 200, contains: []string{`"id":1,`}, lacks: []string{`"id":2,`, "nextCursor"}},
		{method: http.MethodGet, path: contacts + "?limit=1", status: 200, contains: []string{`"items":[{"id":2,`, `"nextCursor":"Mg"`}},
		{method: http.MethodGet, path: contacts + "?limit=1&cursor=Mg", status: 200, contains: []string{`"items":[{"id":1,`}, lacks: []string{"nextCursor"}},
		{method: http.MethodDelete, path: contacts + "/2", status: 204},
		{method: http.MethodGet, path: contacts + "/2", status: 404},
		{method: http.MethodDelete, path: contacts + "/2", status: 404},
		{method: http.MethodPost, path: contacts, body: `{"externalCustomerId":"C2"}`, status: 200, contains: []string{`"id":2,`, "Іван"}},
		{method: http.MethodDelete, path: contacts + "/2?erase=true", status: 204},
		{method: http.MethodPost, path: contacts, body: `{"externalCustomerId":"C2"}`, status: 201, contains: []string{`"id":3,`}, lacks: []string{"Іван"}},
		{method: http.MethodDelete, path: fields + "/1", status: 204},
		{method: http.MethodDelete, path: fields + "/1", status: 404},
	} {
		s.check(t, in)
	}
}

func TestChatsOfBots(t *testing.T) {
	t.Parallel()
	in := setup(t)
	in.ready(t)
	chat := bots + "/1/chats/-502"
	for _, s := range []scenario{
		{method: http.MethodGet, path: chat, status: 200, contains: []string{`"chatId":-502,"contactId":1,"active":true,"createdAt"`}},
		{method: http.MethodPatch, path: chat, body: `{"mutedUntil":"2050-01-01T00:00:00Z"}`, status: 200, contains: []string{`"active":true,"mutedUntil":"2050-01-01T00:00:00Z"`}},
		{method: http.MethodPatch, path: chat, body: `{"active":false}`, status: 200, contains: []string{`"active":false,"mutedUntil":"2050-01-01T00:00:00Z"`}},
		{method: http.MethodGet, path: contacts + "/1", status: 200, contains: []string{`"chatId":-502,"contactId":1,"active":false,"mutedUntil":"2050-01-01T00:00:00Z"`}},
		{method: http.MethodPatch, path: chat, body: `{"mutedUntil":"2001-01-01T00:00:00Z","active":true}`, status: 200, contains: []string{`"active":true,"createdAt"`}},
		{method: http.MethodPatch, path: bots + "/1/chats/9", body: `{"active":true}`, status: 404, contains: []string{`"code":"chat_not_found"`}},
		{method: http.MethodGet, path: bots + "/2/chats/501", status: 404, contains: []string{`"code":"bot_not_found"`}},
		{method: http.MethodGet, path: bots + "/1/chats/x", status: 422},
	} {
		s.check(t, in)
	}
}

func TestContactsInPages(t *testing.T) {
	t.Parallel()
	in := setup(t)
	for i := range 5 {
		w := in.call(http.MethodPost, contacts, fmt.Sprintf(`{"externalCustomerId":"P%d"}`, i))
		require.Equal(t, http.StatusCreated, w.Code, w.Body)
	}
	var ids []int64
	for cursor, more := "", true; more; {
		w := in.call(http.MethodGet, contacts+"?limit=2&search=P&cursor="+cursor, "")
		require.Equal(t, http.StatusOK, w.Code, w.Body)
		for _, c := range field[[]struct{ ID int64 }](t, w, "items") {
			ids = append(ids, c.ID)
		}
		if more = strings.Contains(w.Body.String(), "nextCursor"); more {
			cursor = field[string](t, w, "nextCursor")
		}
	}
	require.Equal(t, []int64{5, 4, 3, 2, 1}, ids)
}

func FuzzManagedContact(f *testing.F) {
	in := setup(f)
	in.call(http.MethodPost, fields, `{"name":"Card","type":"date"}`)
	fuzzBody(f, in, http.MethodPost, contacts,
		`{"externalCustomerId":"x","phone":"1","address":{"town":"x"},"fields":[{"id":1,"value":"2026-01-01"}],"devices":[{"type":"webpush","token":"w"}]}`,
		`{"email":"a@b.c","orders":{"count":-1,"lastAt":"0000-01-01T00:00:00Z"},"languageCode":"\u0000"}`, `[]`)
}
