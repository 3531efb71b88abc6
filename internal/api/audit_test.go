package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/access"
	"bellman/internal/api/apitest"
	"bellman/internal/audit"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
	"bellman/internal/workspace"
)

const auditPath = "/manage/v1/audit"

// allLines returns all lines of an installation, oldest first, and fails unless they are a
// whole chain.
func allLines(t *testing.T, in *apitest.Installation) []audit.Entry {
	t.Helper()
	r, err := in.Config.Audit.Check(t.Context())
	require.NoError(t, err)
	require.True(t, r.Good(), "line %d: %s", r.BrokenID, r.Why)
	all, err := in.Store.Audit.Chain(t.Context(), 0, 100_000)
	require.NoError(t, err)
	return all
}

// short returns lines as who did what to what, and how it ended.
func short(lines []audit.Entry) (all []string) {
	for _, e := range lines {
		line := fmt.Sprintf("%d %s %s %s: %s", e.WorkspaceID, e.Actor.Kind, e.Act, e.Subject, e.Outcome)
		all = append(all, strings.TrimSpace(line+" "+e.Before+" "+e.After))
	}
	return all
}

// What people do to people, keys and settings is told with what it was and what it became.
func TestAuditTellsWhatChanged(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		in := apitest.NewOn(t, s)
		p := in.Own(t)
		for _, c := range []struct {
			method, path, body string
			status             int
		}{
			{"POST", "/keys", `{"name":"shop","scope":"full"}`, 201},
			{"PATCH", "/keys/2", `{"name":"the shop"}`, 200},
			{"POST", "/keys/2/rotate", `{"overlapHours":24}`, 200},
			{"PATCH", "/keys/99", `{"name":"x"}`, 404},
			{"DELETE", "/keys/2", ``, 204},
			{"PATCH", "/workspace", `{"phoneRegion":"UA","keeping":{"auditMonths":36}}`, 200},
			{"PATCH", "/workspace", `{"phoneRegion":"XX"}`, 422},
			{"POST", "/invitations", `{"email":"w@example.com","role":"writer"}`, 201},
			{"POST", "/bots", `{"token":"123456:AAgood"}`, 201},
			{"PATCH", "/bots/1", `{"ratePerSecond":7}`, 200},
			{"POST", "/messages", `{"name":"sale","text":"x"}`, 201},
			{"PUT", "/messages/1", `{"name":"spring sale","text":"y"}`, 200},
			{"POST", "/campaigns", `{"name":"c","botId":1,"messageId":1,"audience":{"all":true}}`, 201},
			{"POST", "/campaigns/1/launch", `{}`, 200},
			{"POST", "/contacts", `{"firstName":"Olena","externalCustomerId":"C1"}`, 201},
			{"POST", "/contacts", `{"firstName":"Olha","externalCustomerId":"C1"}`, 200},
			{"GET", "/contacts/1/export", ``, 200},
			{"DELETE", "/contacts/1?erase=true", ``, 204},
			{"POST", "/workspaces", `{"name":"second"}`, 201},
			{"PUT", "/workspace/name", `{"name":"first"}`, 200},
			{"GET", "/keys", ``, 200},
			{"POST", "/groups", `{"name":"g"}`, 201},
			{"POST", "/groups", `{"name":"g"}`, 409},
			{"POST", "/messages/check", `{"text":"x"}`, 200},
			{"DELETE", "/session", ``, 204},
		} {
			w := p.Call(c.method, "/manage/v1"+c.path, c.body)
			require.Equal(t, c.status, w.Code, "%s %s: %s", c.method, c.path, w.Body)
		}
		settings := `{"auditMonths":%d,"eventsMonths":13,"identityMatch":"first","phoneRegion":"%s","recipientsMonths":13,"timeZone":"",` +
			`"utm_campaign":"$messageName","utm_content":"$contactId","utm_medium":"$mediaType","utm_source":"bellman-$type"}`
		all := allLines(t, in)
		require.Equal(t, []string{
			`1 user sign-in sessions/1: done`,
			`1 user create-key keys/2: done  {"name":"shop","scope":"full"}`,
			`1 user update-key keys/2: done {"name":"shop","scope":"full"} {"name":"the shop","scope":"full"}`,
			`1 user rotate-key keys/2: done  {"name":"the shop","overlapHours":24,"scope":"full"}`,
			`1 user revoke-key keys/2: done {"name":"the shop","scope":"full"}`,
			`1 user update-workspace workspace: done ` + fmt.Sprintf(settings, 24, "") + ` ` + fmt.Sprintf(settings, 36, "UA"),
			`1 user invite invitations/1: done  {"email":"w@example.com","role":"writer"}`,
			`1 user connect-bot bots/1: done  {"telegramId":123456,"username":"` + username(t, in) + `"}`,
			`1 user update-bot bots/1: done {"paidBroadcast":false,"ratePerSecond":0} {"paidBroadcast":false,"ratePerSecond":7}`,
			`1 user create-message messages/1: done  {"name":"sale"}`,
			`1 user update-message messages/1: done {"name":"sale"} {"name":"spring sale"}`,
			`1 user create-campaign campaigns/1: done`,
			`1 user launch-campaign campaigns/1: done {"campaignBy":"Owner","messageBy":"Owner"} ` +
				`{"bot":"` + username(t, in) + `","name":"c","peopleAtMost":0}`,
			`1 user save-contact contacts/1: done`,
			`1 user save-contact contacts/1: done`,
			`1 user export-contact contacts/1: done`,
			`1 user delete-contact contacts/1: done  {"erased":true}`,
			`1 user create-workspace workspaces/2: done  {"name":"second"}`,
			`1 user rename-workspace workspace: done {"name":"default"} {"name":"first"}`,
			`1 user create-group groups/1: done`,
			`1 user sign-out session: done`,
		}, short(all))
		for _, e := range all {
			require.Equal(t, "192.0.2.1", e.Address)
			require.Equal(t, "owner@people.test", e.Actor.Name)
			require.EqualValues(t, 1, e.Actor.ID)
		}
	})
}

// username returns that of the first bot.
func username(t *testing.T, in *apitest.Installation) string {
	t.Helper()
	b, err := in.Config.Bots.Get(t.Context(), workspace.Default, 1)
	require.NoError(t, err)
	return b.Username
}

// Who comes in is told, and who tries to; and what somebody may not do.
func TestAuditTellsRefusals(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	in.Own(t)
	writer := in.Join(t, workspace.Default, access.Writer)
	before := len(allLines(t, in))
	sign := func(password string) int {
		body := fmt.Sprintf(`{"email":%q,"password":%q}`, writer.Email, password)
		return in.Stranger().Call(http.MethodPost, sessionPath, body).Code
	}
	require.Equal(t, http.StatusUnauthorized, sign("wrong wrong wrong"))
	require.Equal(t, http.StatusCreated, sign(apitest.Password))
	require.Equal(t, http.StatusForbidden, writer.Call(http.MethodGet, "/manage/v1/keys", "").Code)
	require.Equal(t, http.StatusForbidden, writer.Call(http.MethodPost, "/manage/v1/campaigns/7/launch", "{}").Code)
	require.Equal(t, http.StatusForbidden, writer.Call(http.MethodPost, sessionPath+"/confirm", `{"password":"wrong"}`).Code)
	require.Equal(t, http.StatusUnauthorized, in.Call(http.MethodGet, "/manage/v1/keys", "", "Authorization", "Bearer bellman_x").Code)
	require.Equal(t, http.StatusUnauthorized, in.Call(http.MethodGet, "/manage/v1/keys", "", "Authorization", "").Code, "which tries nothing")
	require.Equal(t, http.StatusUnauthorized, in.Call(http.MethodGet, "/v1/groups", "", "Authorization", "Bearer bellman_y").Code)
	require.Equal(t, []string{
		`0 nobody sign-in session: sign_in_refused`,
		`1 user sign-in sessions/3: done`,
		`1 user list-keys keys: role_too_narrow`,
		`1 user launch-campaign campaigns/7: role_too_narrow`,
		`1 user confirm-session session: password_wrong`,
		`0 nobody list-keys keys: unauthorized`,
	}, short(allLines(t, in)[before:])[:6])
	require.Equal(t, writer.Email, allLines(t, in)[before].Actor.Name, "whom somebody wanted to be")
}

// Who signs in where somebody else had is told as who signs in.
func TestAuditTellsWhoEnters(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	owner, writer := in.Own(t), in.Join(t, workspace.Default, access.Writer)
	before := owner.Email
	owner.Email = writer.Email
	owner.SignIn(t)
	all := allLines(t, in)
	last := all[len(all)-1]
	require.Equal(t, []any{"sign-in", audit.Done, writer.Email}, []any{last.Act, last.Outcome, last.Actor.Name})
	require.NotEqual(t, before, last.Actor.Name)
}

// A flood of wrong keys is a few lines and a number.
func TestAuditIsNotFlooded(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	for range 1000 {
		in.Call(http.MethodGet, "/v1/groups", "", "Authorization", "Bearer bellman_y")
	}
	lines := allLines(t, in)
	require.NotEmpty(t, lines)
	// The clock of tests goes on by a second with each look at it: a quarter of an hour.
	require.Less(t, len(lines), 1000/4)
	told := 0
	for _, e := range lines {
		if e.Outcome != "refused_too_often" {
			told++
			continue
		}
		var after struct{ Refusals int }
		require.NoError(t, json.Unmarshal([]byte(e.After), &after))
		told += after.Refusals
	}
	require.InDelta(t, 1000, told, 60, "but for those of the last minute, all are counted")
}

// What is refused or fails, whatever it is, is never told as done; and what is told as
// done was.
func TestFailuresAreNotToldAsDone(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		in := furnished(t, s)
		installer := in.Own(t)
		seed(t, in, installer, "ALPHA", 1)
		call := installer.CallAnew(t)
		told, failed := 0, 0
		last := func() int64 {
			head, err := in.Store.Audit.Head(t.Context())
			require.NoError(t, err)
			return head.LastID
		}
		for _, r := range routes(t) {
			if !r.ofManage() || r.method == http.MethodGet {
				continue
			}
			for _, number := range []string{"1", "999"} {
				for _, body := range []string{"{}", `{"name":"ALPHA"}`, `{"role":"owner","password":"x","archived":true,"token":"1:x"}`, ""} {
					before := last()
					w := call(r.method, r.target(number), body)
					lines, err := in.Store.Audit.Chain(t.Context(), before+1, 100)
					require.NoError(t, err)
					for _, e := range lines {
						if e.Act == "sign-in" {
							continue // call does that when it has to
						}
						told++
						if w.Code >= 400 {
							failed++
							require.NotEqual(t, audit.Done, e.Outcome, "%s %s %s: %d %s", r.method, r.target(number), body, w.Code, w.Body)
						}
					}
				}
			}
		}
		require.Greater(t, told, 20)
		allLines(t, in)
	})
}

// Nothing by which somebody could be let in, or could speak for somebody, is in the log.
func TestNoSecretIsAudited(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		in := furnished(t, s)
		office := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		t.Cleanup(office.Close)
		p := in.Own(t)
		secrets := map[string]string{"password": apitest.Password, "key of the test": in.Key}
		take := func(name string, w *httptest.ResponseRecorder, field string) string {
			require.Less(t, w.Code, 300, "%s: %s", name, w.Body)
			secrets[name] = apitest.Field[string](t, w, field)
			_, behind, found := strings.Cut(secrets[name], "#")
			if found {
				secrets[name] = behind
			}
			return secrets[name]
		}
		call := func(method, path, body string) *httptest.ResponseRecorder {
			return p.Call(method, "/manage/v1"+path, body)
		}
		take("key", call("POST", "/keys", `{"name":"k","scope":"full"}`), "secret")
		take("rotated key", call("POST", "/keys/2/rotate", `{"overlapHours":1}`), "secret")
		link := take("invitation", call("POST", "/invitations", `{"email":"w@example.com","role":"writer"}`), "link")
		guest := in.Stranger()
		w := guest.Call("POST", "/manage/v1/links/accept", fmt.Sprintf(`{"link":%q,"name":"W","password":"MARK of a guest, long"}`, link))
		require.Equal(t, http.StatusCreated, w.Code, w.Body)
		secrets["session"], secrets["device"] = guest.Cookies["bellman"], guest.Cookies["bellman-device"]
		link = take("reset", call("POST", "/users/2/reset", ""), "link")
		w = in.Stranger().Call("POST", "/manage/v1/links/accept", fmt.Sprintf(`{"link":%q,"password":"MARK of another, long"}`, link))
		require.Equal(t, http.StatusCreated, w.Code, w.Body)
		require.Equal(t, http.StatusCreated, call("POST", "/bots", `{"token":"123456:AAgood"}`).Code)
		secrets["bot"] = "AAgood"
		hook := call("POST", "/webhooks", fmt.Sprintf(`{"name":"w","url":"%s/MARK?token=MARK","login":"l","password":"MARK"}`, office.URL))
		require.Equal(t, http.StatusCreated, hook.Code, hook.Body)
		require.Equal(t, http.StatusOK, call("PATCH", "/webhooks/1", fmt.Sprintf(`{"url":"%s/MARK/2","password":"MARK again"}`, office.URL)).Code)
		take("webhook", call("POST", "/webhooks/1/secret", ""), "secret")
		w = call("POST", "/me/password", fmt.Sprintf(`{"password":%q,"newPassword":"MARK of the owner, long"}`, apitest.Password))
		require.Equal(t, http.StatusOK, w.Code, w.Body)
		require.Equal(t, http.StatusOK, call("POST", "/session/confirm", `{"password":"MARK of the owner, long"}`).Code)
		secrets["own session"] = p.Cookies["bellman"]
		authenticator := take("authenticator", call("POST", "/me/authenticator", ""), "secret")
		w = call("POST", "/me/authenticator/confirm", fmt.Sprintf(`{"code":%q}`, shown(t, authenticator, in.Config.Now())))
		require.Equal(t, http.StatusOK, w.Code, w.Body)
		for i, code := range apitest.Field[[]string](t, w, "recoveryCodes") {
			secrets[fmt.Sprint("recovery code ", i)] = code
		}
		require.Contains(t, secrets, "recovery code 9")
		// Wrong ones may be right elsewhere.
		call("POST", "/session/confirm", `{"password":"MARK"}`)
		call("POST", "/session", `{"email":"owner@people.test","password":"MARK"}`)
		call("POST", "/bots", `{"token":"1:MARK"}`)
		in.Call("GET", "/v1/groups", "", "Authorization", "Bearer MARK")
		in.Call("GET", "/manage/v1/keys?x=MARK", "", "Authorization", "Basic TUFSSzpNQVJL")
		in.Stranger().Call("POST", "/manage/v1/links/accept", `{"link":"MARK","password":"MARK"}`)
		secrets["mark"] = "MARK"
		all := fmt.Sprint(allLines(t, in))
		require.Contains(t, all, "connect-bot")
		require.Contains(t, all, "rotate-webhook-secret")
		for name, secret := range secrets {
			require.NotEmpty(t, secret, name)
			require.NotContains(t, all, secret, name)
		}
	})
}

// Each workspace sees its own lines, and who makes workspaces those of the installation.
func TestLinesOfWorkspaces(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	installer := in.Own(t)
	second := apitest.Field[int64](t, installer.Call(http.MethodPost, "/manage/v1/workspaces", `{"name":"second"}`), "id")
	one, two := in.Join(t, workspace.Default, access.Owner), in.Join(t, second, access.Admin)
	for name, p := range map[string]*apitest.Person{"ALPHA": one, "OMEGA": two} {
		require.Equal(t, http.StatusCreated, p.Call(http.MethodPost, "/manage/v1/keys", `{"name":"`+name+`","scope":"full"}`).Code)
	}
	in.Stranger().Call(http.MethodPost, sessionPath, `{"email":"nobody@example.com","password":"x"}`)
	two.Call(http.MethodGet, "/manage/v1/keys", "", "X-Workspace", "1")
	for name, tt := range map[string]struct {
		p        *apitest.Person
		has, not string
	}{"one": {one, "ALPHA", "OMEGA"}, "two": {two, "OMEGA", "ALPHA"}} {
		for _, path := range []string{"?limit=500", "/export"} {
			w := tt.p.Call(http.MethodGet, auditPath+path, "")
			require.Equal(t, http.StatusOK, w.Code, w.Body)
			require.Contains(t, w.Body.String(), tt.has, name)
			require.NotContains(t, w.Body.String(), tt.not, name)
			require.NotContains(t, w.Body.String(), "nobody@example.com", name)
		}
		require.NotContains(t, one.Call(http.MethodGet, auditPath, "").Body.String(), two.Email)
		require.Equal(t, http.StatusForbidden, tt.p.Call(http.MethodGet, auditPath+"?installation=true", "").Code)
	}
	w := installer.Call(http.MethodGet, auditPath+"?installation=true", "")
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	require.Contains(t, w.Body.String(), "nobody@example.com")
	require.Contains(t, w.Body.String(), "no_role_here")
	w = installer.Call(http.MethodGet, auditPath+"/check", "")
	require.True(t, apitest.Field[bool](t, w, "good"), w.Body)

	// A page after the other is the whole list, and the export of it tells of itself.
	var paged []string
	for cursor := ""; ; {
		w := one.Call(http.MethodGet, auditPath+"?limit=2&cursor="+cursor, "")
		for _, item := range apitest.Field[[]map[string]any](t, w, "items") {
			paged = append(paged, fmt.Sprint(item["hash"]))
		}
		if !strings.Contains(w.Body.String(), "nextCursor") {
			break
		}
		cursor = apitest.Field[string](t, w, "nextCursor")
	}
	w = one.Call(http.MethodGet, auditPath+"/export", "")
	require.Equal(t, "application/x-ndjson", w.Header().Get("Content-Type"))
	var exported []string
	for i, line := range strings.Split(strings.TrimSpace(w.Body.String()), "\n") {
		var e map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &e))
		if i == 0 {
			require.Equal(t, "export-audit", e["act"])
			continue
		}
		exported = append(exported, fmt.Sprint(e["hash"]))
	}
	require.Equal(t, paged, exported)
}

// The integration API is not audited, but for what takes something away from people, and
// for broadcasts.
func TestSystemsAreAuditedWhereItMatters(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	in.Prepare(t)
	before := len(allLines(t, in))
	for _, c := range []struct {
		method, path, body string
		status             int
	}{
		{"POST", "/v1/contact", `{"contact":{"externalCustomerId":"C2","firstName":"O"}}`, 200},
		{"POST", "/manage/v1/contacts", `{"externalCustomerId":"C3"}`, 201},
		{"POST", "/v1/event", `{"eventTypeKey":"e","keyValue":"C2"}`, 200},
		{"POST", "/manage/v1/messages/1/send", `{"botId":1,"recipients":[{"token":"501"}]}`, 200},
		{"DELETE", "/v1/contact/2", ``, 200},
		{"DELETE", "/v1/contact/99", ``, 404},
		{"DELETE", "/v1/contact?externalCustomerId=C3&erase=true", ``, 200},
	} {
		w := in.Call(c.method, c.path, c.body)
		require.Equal(t, c.status, w.Code, "%s %s: %s", c.method, c.path, w.Body)
	}
	require.Equal(t, []string{
		`1 key delete-contact contacts/2: done`,
		`1 key delete-contact contacts/3: done  {"erased":true}`,
	}, short(allLines(t, in)[before:]))
}

// A request that is repeated under its key is told once.
func TestRepetitionsAreToldOnce(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	for range 3 {
		w := in.Call(http.MethodPost, "/manage/v1/groups", `{"name":"g"}`, "Idempotency-Key", "k")
		require.Equal(t, http.StatusCreated, w.Code, w.Body)
	}
	require.Equal(t, []string{`1 key create-group groups/1: done`}, short(allLines(t, in)))
}
