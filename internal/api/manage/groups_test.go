package manage_test

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/access"
	"bellman/internal/api/auth"
	"bellman/internal/api/manage"
	"bellman/internal/api/surface"
	"bellman/internal/audience"
	"bellman/internal/audit"
	"bellman/internal/bot"
	"bellman/internal/campaign"
	"bellman/internal/contact"
	"bellman/internal/event"
	"bellman/internal/message"
	"bellman/internal/store/storetest"
	"bellman/internal/workspace"
)

// crowd is a management API with a bot, a message and three contacts, C-1 to
// C-3, each with a chat.
func crowd(t *testing.T) (l library, contactIDs []int64) {
	t.Helper()
	s := storetest.Open(t, storetest.SQLite(t))
	now := func() time.Time { return time.Unix(1_800_000_000, 0) }
	keys := access.NewKeys(s.Keys, now, nil)
	key, err := keys.CreateKey(t.Context(), workspace.Default, "test", access.ScopeFull)
	require.NoError(t, err)
	b, err := s.Bots.Save(t.Context(), bot.Bot{WorkspaceID: 1, AppUUID: "00000000-0000-4000-8000-000000000005", TelegramID: 5,
		Username: "b", Name: "b", SealedToken: []byte("x"), State: bot.Active, CreatedAt: now(), UpdatedAt: now()})
	require.NoError(t, err)
	results, err := contact.New(s.Contacts, now).AddTokens(t.Context(), workspace.Workspace{ID: 1}, b.ID, []contact.Token{
		{ChatID: 11, ExternalCustomerID: "C-1"}, {ChatID: 12, ExternalCustomerID: "C-2"}, {ChatID: 13, ExternalCustomerID: "C-3"}})
	require.NoError(t, err)
	for _, r := range results {
		contactIDs = append(contactIDs, r.ContactID)
	}
	messages := message.New(s.Messages, nil, now)
	_, err = messages.Create(t.Context(), 1, "m", message.Text("hi"))
	require.NoError(t, err)
	return library{manage.New(surface.Services{
		Keys: keys, Now: now, Audit: audit.New(s.Audit, now, slog.New(slog.DiscardHandler)),
		Door: auth.NewDoor(keys, nil, "", slog.New(slog.DiscardHandler)), Workspaces: workspace.New(s.Workspaces, time.Now),
		Bots: bot.New(s.Bots, nil, nil, now, nil), Groups: audience.New(s.Groups, now), Contacts: contact.New(s.Contacts, now),
		Events:    event.New(s.Events, now),
		Campaigns: campaign.New(s.Campaigns, messages, now, func() {}), Log: slog.New(slog.DiscardHandler),
	}), s, key}, contactIDs
}

// expect makes a call and returns its answer, which has the status.
func (l library) expect(t *testing.T, status int, method, path, body string) map[string]any {
	t.Helper()
	var sent io.Reader
	if body != "" {
		sent = strings.NewReader(body)
	}
	w := l.call(method, "/manage/v1"+path, sent, "Content-Type", "application/json")
	require.Equal(t, status, w.Code, w.Body)
	if w.Body.Len() == 0 {
		return nil
	}
	return view(t, w)
}

func TestGroups(t *testing.T) {
	t.Parallel()
	l, ids := crowd(t)
	g := l.expect(t, http.StatusCreated, http.MethodPost, "/groups", `{"name":"Постійні"}`)
	require.Equal(t, map[string]any{"id": 1.0, "name": "Постійні", "members": 0.0, "createdAt": "2027-01-15T08:00:00.000Z"}, g)
	problem := l.expect(t, http.StatusConflict, http.MethodPost, "/groups", `{"name":"ПОСТІЙНІ"}`)
	require.Equal(t, "group_name_taken", problem["code"])
	require.Equal(t, "name", problem["field"])
	l.expect(t, http.StatusCreated, http.MethodPost, "/groups", `{"name":"other"}`)

	c := l.expect(t, http.StatusOK, http.MethodPost, "/groups/1/attach", fmt.Sprintf(`{"contactIds":[%d,%d,99]}`, ids[0], ids[2]))
	require.Equal(t, map[string]any{"changed": 2.0, "unknownContactIds": []any{99.0}, "unknownExternalCustomerIds": []any{}}, c)
	c = l.expect(t, http.StatusOK, http.MethodPost, "/groups/1/attach", `{"externalCustomerIds":["C-2","nobody"]}`)
	require.Equal(t, map[string]any{"changed": 1.0, "unknownContactIds": []any{}, "unknownExternalCustomerIds": []any{"nobody"}}, c)
	require.EqualValues(t, 3, l.expect(t, http.StatusOK, http.MethodGet, "/groups/1", "")["members"])

	first := l.expect(t, http.StatusOK, http.MethodGet, "/groups/1/contacts?limit=2", "")
	require.Equal(t, ids[:2], membersIn(first))
	rest := l.expect(t, http.StatusOK, http.MethodGet, fmt.Sprint("/groups/1/contacts?limit=2&cursor=", first["nextCursor"]), "")
	require.Equal(t, ids[2:], membersIn(rest))
	require.NotContains(t, rest, "nextCursor")
	some := l.expect(t, http.StatusOK, http.MethodGet, "/groups/1/contacts?search=C-2&total=true", "")
	require.Equal(t, ids[1:2], membersIn(some))
	require.Equal(t, map[string]any{"count": 1.0}, some["total"])
	who := some["items"].([]any)[0].(map[string]any)["contact"].(map[string]any)
	require.Equal(t, "C-2", who["externalCustomerId"])
	require.Equal(t, []any{map[string]any{"id": 1.0, "name": "Постійні"}}, who["groups"])
	require.Len(t, who["chats"], 1)

	c = l.expect(t, http.StatusOK, http.MethodPost, "/groups/1/detach", `{"externalCustomerIds":["C-2"]}`)
	require.EqualValues(t, 1, c["changed"])
	for body, code := range map[string]string{
		`{}`: "contacts_missing", `{"contactIds":[]}`: "contacts_missing",
		`{"contactIds":[1],"externalCustomerIds":["C-1"]}`: "contacts_ambiguous", `{"contactIds":null}`: "contacts_missing",
	} {
		require.Equal(t, code, l.expect(t, http.StatusUnprocessableEntity, http.MethodPost, "/groups/1/detach", body)["code"], body)
	}
	require.EqualValues(t, 2, l.expect(t, http.StatusOK, http.MethodPost, "/groups/1/empty", "")["changed"])

	require.Equal(t, "Regulars", l.expect(t, http.StatusOK, http.MethodPatch, "/groups/1", `{"name":"Regulars"}`)["name"])
	require.Len(t, l.expect(t, http.StatusOK, http.MethodGet, "/groups", "")["items"], 2)
	require.Len(t, l.expect(t, http.StatusOK, http.MethodGet, "/groups?name=REG", "")["items"], 1)
	require.NotEmpty(t, l.expect(t, http.StatusOK, http.MethodGet, "/groups?limit=1", "")["nextCursor"])
	l.expect(t, http.StatusNoContent, http.MethodDelete, "/groups/1", "")
	for _, call := range [][3]string{
		{http.MethodGet, "/groups/1", ""}, {http.MethodDelete, "/groups/1", ""}, {http.MethodPatch, "/groups/1", `{"name":"x"}`},
		{http.MethodGet, "/groups/1/contacts", ""}, {http.MethodPost, "/groups/1/empty", ""},
		{http.MethodPost, "/groups/1/attach", `{"contactIds":[1]}`},
	} {
		require.Equal(t, "group_not_found", l.expect(t, http.StatusNotFound, call[0], call[1], call[2])["code"], call)
	}
}

func membersIn(page map[string]any) (ids []int64) {
	for _, i := range page["items"].([]any) {
		ids = append(ids, int64(i.(map[string]any)["contactId"].(float64)))
	}
	return ids
}

// Who has seen another name than the group has now is told that, and changes nothing.
func TestGroupsChangedMeanwhile(t *testing.T) {
	t.Parallel()
	l, _ := crowd(t)
	send := func(status int, method, body, tag string) (map[string]any, string) {
		w := l.call(method, "/manage/v1/groups/1", strings.NewReader(body), "Content-Type", "application/json", "If-Match", tag)
		require.Equal(t, status, w.Code, w.Body)
		if w.Body.Len() == 0 {
			return nil, ""
		}
		return view(t, w), w.Header().Get("ETag")
	}
	w := l.call(http.MethodPost, "/manage/v1/groups", strings.NewReader(`{"name":"a"}`), "Content-Type", "application/json")
	require.Equal(t, http.StatusCreated, w.Code)
	first := w.Header().Get("ETag")
	_, got := send(http.StatusOK, http.MethodGet, "", "")
	require.Equal(t, first, got)
	_, second := send(http.StatusOK, http.MethodPatch, `{"name":"b"}`, first)
	require.NotEqual(t, first, second)
	for _, method := range []string{http.MethodPatch, http.MethodDelete} {
		p, _ := send(http.StatusPreconditionFailed, method, `{"name":"c"}`, first)
		require.Equal(t, "changed_meanwhile", p["code"])
		require.Equal(t, "b", p["current"].(map[string]any)["name"])
	}
	send(http.StatusNoContent, http.MethodDelete, "", second)
}

func TestGroupsInOrder(t *testing.T) {
	t.Parallel()
	l, ids := crowd(t)
	for _, name := range []string{"beta", "Alpha", "gamma ray", "Gamma"} {
		l.expect(t, http.StatusCreated, http.MethodPost, "/groups", fmt.Sprintf(`{"name":%q}`, name))
	}
	l.expect(t, http.StatusOK, http.MethodPost, "/groups/1/attach", fmt.Sprintf(`{"contactIds":[%d]}`, ids[0]))
	l.expect(t, http.StatusOK, http.MethodPost, "/groups/4/attach", fmt.Sprintf(`{"contactIds":[%d,%d]}`, ids[0], ids[1]))
	cursors := map[string]any{}
	for sort, want := range map[string][]string{
		"createdAt": {"beta", "Alpha", "gamma ray", "Gamma"}, "-createdAt": {"Gamma", "gamma ray", "Alpha", "beta"},
		"name": {"Alpha", "beta", "Gamma", "gamma ray"}, "-name": {"gamma ray", "Gamma", "beta", "Alpha"},
		"members": {"Alpha", "gamma ray", "beta", "Gamma"}, "-members": {"Gamma", "beta", "gamma ray", "Alpha"},
	} {
		var got []string
		for cursor, more := "", true; more; {
			p := l.expect(t, http.StatusOK, http.MethodGet, "/groups?total=true&limit=1&sort="+sort+"&cursor="+cursor, "")
			require.Equal(t, map[string]any{"count": 4.0}, p["total"])
			got = append(got, p["items"].([]any)[0].(map[string]any)["name"].(string))
			cursor, more = p["nextCursor"].(string)
			if cursors[sort] == nil {
				cursors[sort] = cursor
			}
		}
		require.Equal(t, want, got, sort)
	}
	for _, sort := range []string{"name", "members", "createdAt"} {
		p := l.expect(t, http.StatusUnprocessableEntity, http.MethodGet, fmt.Sprint("/groups?sort=", sort, "&cursor=", cursors["-name"]), "")
		require.Equal(t, "cursor_invalid", p["code"], sort)
	}
	p := l.expect(t, http.StatusOK, http.MethodGet, "/groups?total=true&search=GAMMA&sort=-name", "")
	require.Len(t, p["items"], 2)
	require.Equal(t, map[string]any{"count": 2.0}, p["total"])
}

func TestUsesOfGroups(t *testing.T) {
	t.Parallel()
	l, ids := crowd(t)
	l.expect(t, http.StatusCreated, http.MethodPost, "/groups", `{"name":"to"}`)
	l.expect(t, http.StatusCreated, http.MethodPost, "/groups", `{"name":"other"}`)
	l.expect(t, http.StatusOK, http.MethodPost, "/groups/1/attach", fmt.Sprintf(`{"contactIds":[%d]}`, ids[0]))
	for i, audience := range []string{
		`{"groups":[1]}`, `{"all":true}`, `{"all":true,"excludedGroups":[1]}`, `{"groups":[2]}`, `{"groups":[2,1]}`,
	} {
		body := fmt.Sprintf(`{"name":"c%d","botId":1,"messageId":1,"audience":%s}`, i+1, audience)
		l.expect(t, http.StatusCreated, http.MethodPost, "/campaigns", body)
	}
	l.expect(t, http.StatusOK, http.MethodPost, "/campaigns/1/launch", "")
	first := l.expect(t, http.StatusOK, http.MethodGet, "/groups/1/uses?limit=2", "")
	require.Equal(t, []any{
		map[string]any{"campaignId": 5.0, "name": "c5", "state": "draft"},
		map[string]any{"campaignId": 3.0, "name": "c3", "state": "draft", "excluded": true},
	}, first["items"])
	rest := l.expect(t, http.StatusOK, http.MethodGet, fmt.Sprint("/groups/1/uses?limit=2&cursor=", first["nextCursor"]), "")
	require.Equal(t, map[string]any{"items": []any{map[string]any{"campaignId": 1.0, "name": "c1", "state": "launching"}}}, rest)
	require.Equal(t, "group_not_found", l.expect(t, http.StatusNotFound, http.MethodGet, "/groups/9/uses", "")["code"])
}

func TestBroadcastToGroups(t *testing.T) {
	t.Parallel()
	l, ids := crowd(t)
	l.expect(t, http.StatusCreated, http.MethodPost, "/groups", `{"name":"to"}`)
	l.expect(t, http.StatusCreated, http.MethodPost, "/groups", `{"name":"without"}`)
	l.expect(t, http.StatusOK, http.MethodPost, "/groups/1/attach", fmt.Sprintf(`{"contactIds":[%d,%d]}`, ids[0], ids[1]))
	l.expect(t, http.StatusOK, http.MethodPost, "/groups/2/attach", fmt.Sprintf(`{"contactIds":[%d]}`, ids[1]))
	body := func(audience string) string {
		return `{"name":"c","botId":1,"messageId":1,"audience":` + audience + `}`
	}

	c := l.expect(t, http.StatusCreated, http.MethodPost, "/campaigns", body(`{"groups":[1],"excludedGroups":[2]}`))
	require.Equal(t, map[string]any{"groups": []any{1.0}, "excludedGroups": []any{2.0}}, c["audience"])
	for audience, want := range map[string][2]string{
		`{}`:                                 {"audience_missing", "audience"},
		`{"excludedGroups":[2]}`:             {"audience_missing", "audience"},
		`{"all":true,"groups":[1]}`:          {"audience_ambiguous", "audience.groups"},
		`{"groups":[1,77]}`:                  {"group_not_found", "audience.groups[1]"},
		`{"all":true,"excludedGroups":[77]}`: {"group_not_found", "audience.excludedGroups[0]"},
	} {
		status := http.StatusUnprocessableEntity
		if want[0] == "group_not_found" {
			status = http.StatusNotFound
		}
		p := l.expect(t, status, http.MethodPost, "/campaigns", body(audience))
		require.Equal(t, want, [2]string{fmt.Sprint(p["code"]), fmt.Sprint(p["field"])}, audience)
	}
	require.EqualValues(t, 1, l.expect(t, http.StatusOK, http.MethodGet, "/campaigns/1/check", "")["recipients"])
	l.expect(t, http.StatusOK, http.MethodPost, "/campaigns/1/launch", "")
	require.Equal(t, "group_in_use", l.expect(t, http.StatusConflict, http.MethodDelete, "/groups/2", "")["code"])
	l.expect(t, http.StatusOK, http.MethodPost, "/campaigns/1/cancel", "")
	l.expect(t, http.StatusNoContent, http.MethodDelete, "/groups/2", "")
}
