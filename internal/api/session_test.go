package api_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/access"
	"bellman/internal/api/apitest"
	"bellman/internal/seal"
	"bellman/internal/workspace"
)

const sessionPath = "/manage/v1/session"

// clocked is an installation whose clock stands still until it is set.
func clocked(t *testing.T) (*apitest.Installation, *time.Time) {
	t.Helper()
	in := apitest.New(t)
	now := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	sealer := seal.Of(seal.NewKey())
	in.Config.People = access.NewPeople(in.Store.People, clock, sealer).WithHashMemory(apitest.HashMemory)
	in.Config.Keys = access.NewKeys(in.Store.Keys, clock, nil)
	in.Config.Workspaces = workspace.New(in.Store.Workspaces, clock)
	in.Config.Now = clock
	in.Rebuild(t)
	return in, &now
}

func TestSessionLives(t *testing.T) {
	t.Parallel()
	in, now := clocked(t)
	p := in.Own(t)
	require.Equal(t, http.StatusOK, p.Call(http.MethodGet, sessionPath, "").Code)

	// It ends when it is not used for a day; used again and again, after two weeks.
	for range 13 {
		*now = now.Add(23 * time.Hour)
		require.Equal(t, http.StatusOK, p.Call(http.MethodGet, sessionPath, "").Code)
		require.NoError(t, in.Config.People.Flush(t.Context()))
	}
	*now = now.Add(25 * time.Hour)
	w := p.Call(http.MethodGet, sessionPath, "")
	require.Equal(t, http.StatusUnauthorized, w.Code, w.Body)
	require.Contains(t, w.Body.String(), "session_ended")
	p.SignIn(t)
	for range 14 {
		*now = now.Add(23 * time.Hour)
		require.Equal(t, http.StatusOK, p.Call(http.MethodGet, sessionPath, "").Code)
		require.NoError(t, in.Config.People.Flush(t.Context()))
	}
	*now = now.Add(15 * time.Hour)
	require.Equal(t, http.StatusUnauthorized, p.Call(http.MethodGet, sessionPath, "").Code)
}

// What gives power to others, or cannot be taken back, asks for the password again after
// a quarter of an hour; that gives the session another token.
func TestDangerousCallsAskForThePassword(t *testing.T) {
	t.Parallel()
	in, now := clocked(t)
	p := in.Own(t)
	create := func() int { return p.Call(http.MethodPost, "/manage/v1/keys", `{"name":"k","scope":"full"}`).Code }
	require.Equal(t, http.StatusCreated, create())
	*now = now.Add(15 * time.Minute)
	require.Equal(t, http.StatusForbidden, create())
	require.Equal(t, http.StatusOK, p.Call(http.MethodGet, "/manage/v1/keys", "").Code)
	w := p.Call(http.MethodPost, sessionPath+"/confirm", `{"password":"wrong"}`)
	require.Equal(t, http.StatusForbidden, w.Code, w.Body)
	require.Equal(t, http.StatusForbidden, create())
	old := p.Cookies["bellman"]
	w = p.Call(http.MethodPost, sessionPath+"/confirm", fmt.Sprintf(`{"password":%q}`, apitest.Password))
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	require.Equal(t, http.StatusCreated, create())
	require.NotEqual(t, old, p.Cookies["bellman"])
	p.Cookies["bellman"] = old
	require.Equal(t, http.StatusUnauthorized, p.Call(http.MethodGet, sessionPath, "").Code)
}

func TestSessionsAreListedAndEnded(t *testing.T) {
	t.Parallel()
	in, now := clocked(t)
	desk := in.Own(t)
	phone, lost := in.Stranger(), in.Stranger()
	for _, p := range []*apitest.Person{phone, lost} {
		*now = now.Add(time.Minute)
		p.Email = desk.Email
		p.SignIn(t)
	}
	w := desk.Call(http.MethodGet, "/manage/v1/sessions", "")
	items := apitest.Field[[]map[string]any](t, w, "items")
	require.Len(t, items, 3)
	require.Equal(t, []any{false, false, true}, []any{items[0]["current"], items[1]["current"], items[2]["current"]})
	require.Equal(t, "192.0.2.1", items[0]["address"])

	stranger := in.Join(t, workspace.Default, access.Analyst)
	path := fmt.Sprint("/manage/v1/sessions/", items[0]["id"])
	require.Equal(t, http.StatusNotFound, stranger.Call(http.MethodDelete, path, "").Code, "of somebody else")
	require.Equal(t, http.StatusNoContent, desk.Call(http.MethodDelete, path, "").Code)
	require.Equal(t, http.StatusUnauthorized, lost.Call(http.MethodGet, sessionPath, "").Code)
	require.Equal(t, http.StatusNoContent, desk.Call(http.MethodDelete, "/manage/v1/sessions", "").Code)
	require.Equal(t, http.StatusUnauthorized, phone.Call(http.MethodGet, sessionPath, "").Code)
	require.Equal(t, http.StatusOK, stranger.Call(http.MethodGet, sessionPath, "").Code)
	require.Equal(t, http.StatusNoContent, desk.Call(http.MethodDelete, sessionPath, "").Code)
	require.Empty(t, desk.Cookies["bellman"])
	require.Equal(t, http.StatusUnauthorized, desk.Call(http.MethodGet, sessionPath, "").Code)
}

// Who signs in again in the same browser leaves no session behind.
func TestSigningInEndsTheSessionBefore(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	p := in.Own(t)
	before := p.Cookies["bellman"]
	p.SignIn(t)
	require.Len(t, apitest.Field[[]any](t, p.Call(http.MethodGet, "/manage/v1/sessions", ""), "items"), 1)
	p.Cookies["bellman"] = before
	require.Equal(t, http.StatusUnauthorized, p.Call(http.MethodGet, sessionPath, "").Code)
}

// A call may name the workspace that it is about, whatever the session has chosen: two
// tabs may show two of them.
func TestCallsNameTheirWorkspace(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	installer, writer := in.Own(t), in.Join(t, workspace.Default, access.Writer)
	second := fmt.Sprint(apitest.Field[int64](t, installer.Call(http.MethodPost, "/manage/v1/workspaces", `{"name":"second"}`), "id"))
	key, err := in.Config.Keys.CreateKey(t.Context(), workspace.Default, "k", access.ScopeFull)
	require.NoError(t, err)
	for _, tt := range []struct {
		call   func(method, path, body string, header ...string) *httptest.ResponseRecorder
		at     string
		status int
		code   string
	}{
		{installer.Call, "1", 200, ""}, {installer.Call, second, 200, ""}, {installer.Call, "99", 404, "workspace_not_found"},
		{installer.Call, "x", 422, "workspace_header_invalid"}, {installer.Call, "-1", 422, "workspace_header_invalid"},
		{writer.Call, "1", 200, ""}, {writer.Call, second, 403, "no_role_here"}, {writer.Call, "99", 404, "workspace_not_found"},
		{in.Call, "1", 200, ""}, {in.Call, second, 200, ""}, {in.Call, "99", 404, "workspace_not_found"},
	} {
		w := tt.call(http.MethodGet, "/manage/v1/bots", "", "X-Workspace", tt.at)
		require.Equal(t, tt.status, w.Code, "%s: %s", tt.at, w.Body)
		require.Contains(t, w.Body.String(), tt.code)
	}
	w := in.Call(http.MethodGet, "/v1/version", "", "X-Workspace", second, "Authorization", "Bearer "+key)
	require.Equal(t, http.StatusForbidden, w.Code, w.Body)
	require.Equal(t, http.StatusOK, in.Call(http.MethodGet, "/v1/version", "", "X-Workspace", "1", "Authorization", "Bearer "+key).Code)
	w = installer.Call(http.MethodPost, "/manage/v1/groups", `{"name":"there"}`, "X-Workspace", second)
	require.Equal(t, http.StatusCreated, w.Code, w.Body)
	require.NotContains(t, installer.Call(http.MethodGet, "/manage/v1/groups", "").Body.String(), "there")
	require.Contains(t, installer.Call(http.MethodGet, "/manage/v1/groups", "", "X-Workspace", second).Body.String(), "there")
}

// A change of what somebody may do, or of the password, ends their sessions.
func TestChangesEndSessions(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	owner, writer := in.Own(t), in.Join(t, workspace.Default, access.Writer)
	id := apitest.Field[map[string]any](t, writer.Call(http.MethodGet, sessionPath, ""), "user")["id"]
	user := fmt.Sprint("/manage/v1/users/", id)
	require.Equal(t, http.StatusOK, owner.Call(http.MethodPatch, user, `{"role":"analyst"}`).Code)
	require.Equal(t, http.StatusUnauthorized, writer.Call(http.MethodGet, sessionPath, "").Code)
	writer.SignIn(t)
	require.Equal(t, http.StatusForbidden, writer.Call(http.MethodPost, "/manage/v1/messages", `{"name":"m","text":"x"}`).Code)

	elsewhere := in.Stranger()
	elsewhere.Email = writer.Email
	elsewhere.SignIn(t)
	change := func(present, next string) (int, string) {
		w := writer.Call(http.MethodPost, "/manage/v1/me/password", fmt.Sprintf(`{"password":%q,"newPassword":%q}`, present, next))
		return w.Code, w.Body.String()
	}
	status, body := change("wrong", "another long password, really")
	require.Equal(t, http.StatusForbidden, status, body)
	status, body = change(apitest.Password, "short")
	require.Equal(t, http.StatusUnprocessableEntity, status)
	require.Contains(t, body, `"field":"newPassword"`)
	status, body = change(apitest.Password, "another long password, really")
	require.Equal(t, http.StatusOK, status, body)
	require.Equal(t, http.StatusOK, writer.Call(http.MethodGet, sessionPath, "").Code)
	require.Equal(t, http.StatusUnauthorized, elsewhere.Call(http.MethodGet, sessionPath, "").Code)

	require.Equal(t, http.StatusNoContent, owner.Call(http.MethodDelete, user, "").Code)
	require.Equal(t, http.StatusUnauthorized, writer.Call(http.MethodGet, sessionPath, "").Code)
	w := writer.Call(http.MethodPost, sessionPath, fmt.Sprintf(`{"email":%q,"password":"another long password, really"}`, writer.Email))
	require.Equal(t, http.StatusForbidden, w.Code, w.Body)
	require.Contains(t, w.Body.String(), "no_workspace")
}

// Cookies go over HTTPS, with the prefix that keeps other hosts from setting them, and
// over HTTP on the browser's own machine alone.
func TestCookiesNeedHTTPS(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	in.Config.Proxies = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
	in.Config.Public = "https://links.test"
	in.Rebuild(t)
	p := in.Own(t)
	body := fmt.Sprintf(`{"email":%q,"password":%q}`, p.Email, apitest.Password)
	const secure = "bellman=x; Path=/; Max-Age=1209600; HttpOnly; Secure; SameSite=Strict"
	for name, tt := range map[string]struct {
		host   string
		header []string
		cookie string
	}{
		"localhost":         {"localhost:8080", nil, "bellman=x; Path=/; Max-Age=1209600; HttpOnly; SameSite=Strict"},
		"this machine":      {"127.0.0.1:8080", nil, "bellman=x; Path=/; Max-Age=1209600; HttpOnly; SameSite=Strict"},
		"this machine, v6":  {"[::1]:8080", nil, "bellman=x; Path=/; Max-Age=1209600; HttpOnly; SameSite=Strict"},
		"another machine":   {"bellman.test", nil, ""},
		"a proxy's word":    {"bellman.test", []string{"X-Forwarded-Proto", "https"}, "__Host-" + secure},
		"a proxy over HTTP": {"bellman.test", []string{"X-Forwarded-Proto", "http"}, ""},
		"the last proxy":    {"bellman.test", []string{"X-Forwarded-Proto", "https, http"}, ""},
		"the public host":   {"links.test", nil, "__Host-" + secure},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := in.Call(http.MethodPost, sessionPath, body, append([]string{"Authorization", "", ":host", tt.host}, tt.header...)...)
			if tt.cookie == "" {
				require.Equal(t, http.StatusForbidden, w.Code, w.Body)
				require.Contains(t, w.Body.String(), "https_needed")
				require.Empty(t, w.Result().Cookies())
				return
			}
			require.Equal(t, http.StatusCreated, w.Code, w.Body)
			set := w.Result().Cookies()
			require.Len(t, set, 2)
			set[0].Value = "x"
			require.Equal(t, tt.cookie, set[0].String())
		})
	}
}

// A page of another origin has a browser change nothing, and sign in nowhere.
func TestForeignPagesUseNoSession(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	p := in.Own(t)
	body := fmt.Sprintf(`{"email":%q,"password":%q}`, p.Email, apitest.Password)
	for _, header := range [][]string{
		{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.test"}, {"Origin", "null"},
		{"Origin", "http://localhost.evil.test"},
	} {
		for _, call := range []struct{ method, path, body string }{
			{http.MethodPost, "/manage/v1/groups", `{"name":"g"}`}, {http.MethodDelete, sessionPath, ""}, {http.MethodPost, sessionPath, body},
			{http.MethodPatch, "/manage/v1/me", `{"name":"x"}`},
		} {
			w := p.Call(call.method, call.path, call.body, header...)
			require.Equal(t, http.StatusForbidden, w.Code, "%v %v", header, call)
			require.Contains(t, w.Body.String(), "page_of_another_origin")
		}
	}
	require.Equal(t, http.StatusCreated, p.Call(http.MethodPost, "/manage/v1/groups", `{"name":"g"}`, "Origin", "http://localhost").Code)
}

// After some wrong passwords each further one has to wait, twice as long as the one
// before; who waits is not asked for the password. It is the same for those who are
// nobody.
func TestWrongPasswordsHaveToWait(t *testing.T) {
	t.Parallel()
	for name, email := range map[string]string{"a user": "owner@people.test", "nobody": "nobody@people.test"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in, now := clocked(t)
			owner := in.Own(t)
			guess := func(password string) (status int, wait time.Duration) {
				w := in.Stranger().Call(http.MethodPost, sessionPath, fmt.Sprintf(`{"email":%q,"password":%q}`, email, password))
				seconds, _ := strconv.Atoi(w.Header().Get("Retry-After"))
				return w.Code, time.Duration(seconds) * time.Second
			}
			for range 5 {
				status, _ := guess("wrong")
				require.Equal(t, http.StatusUnauthorized, status)
			}
			began, tried := *now, 0
			for want := time.Second; now.Sub(began) < 12*time.Hour; want = min(2*want, 15*time.Minute) {
				for _, password := range []string{"wrong", apitest.Password} {
					status, wait := guess(password)
					require.Equal(t, http.StatusTooManyRequests, status)
					require.Equal(t, want, wait)
				}
				*now = now.Add(want)
				status, _ := guess("wrong")
				require.Equal(t, http.StatusUnauthorized, status)
				tried++
			}
			require.Less(t, tried, 70, "in half a day")
			// The owner's own browser is not kept waiting by what others do.
			owner.SignIn(t)
			// A day without attempts, and all is forgotten.
			*now = now.Add(24 * time.Hour)
			status, _ := guess(apitest.Password)
			require.Equal(t, map[bool]int{true: http.StatusCreated, false: http.StatusUnauthorized}[name == "a user"], status)
		})
	}
}

// A thousand passwords against one account, and against as many, at once: most are not
// even looked at.
func TestAThousandWrongPasswords(t *testing.T) {
	t.Parallel()
	for name, email := range map[string]string{"one": "owner@people.test", "many": "user%d@people.test"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in, _ := clocked(t)
			in.Own(t)
			statuses := make(chan int, 1000)
			var lanes = make(chan struct{}, 20)
			for i := range 1000 {
				lanes <- struct{}{}
				go func() {
					defer func() { <-lanes }()
					address := email
					if strings.Contains(address, "%d") {
						address = fmt.Sprintf(email, i)
					}
					statuses <- in.Stranger().Call(http.MethodPost, sessionPath, fmt.Sprintf(`{"email":%q,"password":"wrong"}`, address)).Code
				}()
			}
			counts := map[int]int{}
			for range 1000 {
				counts[<-statuses]++
			}
			looked := map[string]int{"one": 5, "many": 20}[name]
			require.Equal(t, map[int]int{http.StatusUnauthorized: looked, http.StatusTooManyRequests: 1000 - looked}, counts)
		})
	}
}

// How long a refusal takes does not tell whether there is such a user: the password is
// hashed either way.
func TestRefusalsTakeAsLongForNobody(t *testing.T) {
	t.Parallel()
	in, now := clocked(t)
	in.Config.People.WithHashMemory(64 << 10)
	owner := in.Own(t)
	took := map[string]time.Duration{}
	for range 4 {
		for _, email := range []string{owner.Email, "nobody@people.test"} {
			*now = now.Add(25 * time.Hour)
			began := time.Now()
			w := in.Stranger().Call(http.MethodPost, sessionPath, fmt.Sprintf(`{"email":%q,"password":"wrong"}`, email))
			require.Equal(t, http.StatusUnauthorized, w.Code, w.Body)
			d := time.Since(began)
			if took[email] == 0 || d < took[email] {
				took[email] = d
			}
		}
	}
	known, unknown := took[owner.Email], took["nobody@people.test"]
	require.Greater(t, 3*unknown, known, "the shortest of each: %v and %v", known, unknown)
	require.Greater(t, 3*known, unknown)
	require.Greater(t, unknown, 10*time.Millisecond, "it was hashed")
}

func TestLinksOpenOnce(t *testing.T) {
	t.Parallel()
	in, now := clocked(t)
	owner := in.Own(t)
	invite := func(email, role string) (link string) {
		w := owner.Call(http.MethodPost, "/manage/v1/invitations", fmt.Sprintf(`{"email":%q,"role":%q}`, email, role))
		require.Equal(t, http.StatusCreated, w.Code, w.Body)
		at, secret, found := strings.Cut(apitest.Field[string](t, w, "link"), "#")
		require.True(t, found)
		require.Equal(t, "http://localhost/start", at)
		return secret
	}
	accept := func(link, password string) (*apitest.Person, int) {
		p := in.Stranger()
		return p, p.Call(http.MethodPost, "/manage/v1/links/accept", fmt.Sprintf(`{"link":%q,"name":"Petro","password":%q}`, link, password)).Code
	}
	look := func(link string) int {
		return in.Stranger().Call(http.MethodPost, "/manage/v1/links/look", fmt.Sprintf(`{"link":%q}`, link)).Code
	}
	first := invite("Petro@people.test", "writer")
	link := invite("petro@people.test", "analyst")
	require.Equal(t, http.StatusNotFound, look(first), "another one took its place")
	require.Equal(t, http.StatusOK, look(link))
	_, status := accept(link, "short")
	require.Equal(t, http.StatusUnprocessableEntity, status)
	petro, status := accept(link, apitest.Password)
	require.Equal(t, http.StatusCreated, status)
	require.Equal(t, "analyst", apitest.Field[map[string]any](t, petro.Call(http.MethodGet, sessionPath, ""), "workspace")["role"])
	require.Equal(t, http.StatusNotFound, look(link))
	_, status = accept(link, apitest.Password)
	require.Equal(t, http.StatusNotFound, status)

	// Who is known already joins with the password that is known.
	w := owner.Call(http.MethodPost, "/manage/v1/workspaces", `{"name":"second"}`)
	second := apitest.Field[int64](t, w, "id")
	require.Equal(t, http.StatusOK, owner.Call(http.MethodPatch, sessionPath, fmt.Sprintf(`{"workspaceId":%d}`, second)).Code)
	link = invite("petro@people.test", "admin")
	_, status = accept(link, "not the password of Petro")
	require.Equal(t, http.StatusUnauthorized, status)
	petro, status = accept(link, apitest.Password)
	require.Equal(t, http.StatusCreated, status)
	require.Len(t, apitest.Field[[]any](t, petro.Call(http.MethodGet, "/manage/v1/workspaces", ""), "items"), 2)

	// What is too old, or withdrawn, opens nothing.
	link = invite("maria@people.test", "agent")
	*now = now.Add(7 * 24 * time.Hour)
	require.Equal(t, http.StatusNotFound, look(link))
	owner.SignIn(t)
	owner.Call(http.MethodPatch, sessionPath, fmt.Sprintf(`{"workspaceId":%d}`, second))
	link = invite("maria@people.test", "agent")
	items := apitest.Field[[]map[string]any](t, owner.Call(http.MethodGet, "/manage/v1/invitations", ""), "items")
	require.Len(t, items, 1)
	require.NotContains(t, items[0], "link")
	require.Equal(t, http.StatusNoContent, owner.Call(http.MethodDelete, fmt.Sprint("/manage/v1/invitations/", items[0]["id"]), "").Code)
	require.Equal(t, http.StatusNotFound, look(link))
}

// Who could take over somebody with more power cannot make the link with which that would
// go.
func TestResetLinks(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	installer := in.Own(t)
	people := map[string]*apitest.Person{"installer": installer}
	ids := map[string]any{}
	for _, role := range access.Roles {
		people[string(role)] = in.Join(t, workspace.Default, role)
	}
	for name, p := range people {
		ids[name] = apitest.Field[map[string]any](t, p.Call(http.MethodGet, sessionPath, ""), "user")["id"]
	}
	for by, allowed := range map[string]string{
		"installer": "installer owner admin marketer writer agent analyst", "owner": "owner admin marketer writer agent analyst",
		"admin": "admin marketer writer agent analyst", "marketer": "", "analyst": "",
	} {
		for whom, id := range ids {
			people[by].SignIn(t)
			w := people[by].Call(http.MethodPost, fmt.Sprintf("/manage/v1/users/%v/reset", id), "")
			require.Equal(t, strings.Contains(" "+allowed+" ", " "+whom+" "), w.Code == http.StatusCreated, "%s by %s: %s", whom, by, w.Body)
		}
	}
	w := people["admin"].Call(http.MethodPost, fmt.Sprintf("/manage/v1/users/%v/reset", ids["writer"]), "")
	_, link, _ := strings.Cut(apitest.Field[string](t, w, "link"), "#")
	fresh := in.Stranger()
	w = fresh.Call(http.MethodPost, "/manage/v1/links/accept", fmt.Sprintf(`{"link":%q,"password":"a new one for the writer"}`, link))
	require.Equal(t, http.StatusCreated, w.Code, w.Body)
	require.Equal(t, http.StatusUnauthorized, people["writer"].Call(http.MethodGet, sessionPath, "").Code)
	require.Equal(t, http.StatusOK, fresh.Call(http.MethodGet, sessionPath, "").Code)
}

func TestRolesHaveALadder(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	owner, admin := in.Join(t, workspace.Default, access.Owner), in.Join(t, workspace.Default, access.Admin)
	writer := in.Join(t, workspace.Default, access.Writer)
	user := func(p *apitest.Person) string {
		return fmt.Sprint("/manage/v1/users/", apitest.Field[map[string]any](t, p.Call(http.MethodGet, sessionPath, ""), "user")["id"])
	}
	mine, theirs, low := user(owner), user(admin), user(writer)
	for _, tt := range []struct {
		by     *apitest.Person
		method string
		path   string
		role   string
		status int
		code   string
	}{
		{admin, http.MethodPatch, low, "owner", 403, "owners_only"},
		{admin, http.MethodPatch, mine, "writer", 403, "owners_only"},
		{admin, http.MethodDelete, mine, "", 403, "owners_only"},
		{admin, http.MethodPost, "/manage/v1/invitations", "owner", 403, "owners_only"},
		{owner, http.MethodPatch, mine, "admin", 409, "last_owner"},
		{owner, http.MethodDelete, mine, "", 409, "last_owner"},
		{owner, http.MethodPatch, "/manage/v1/users/999", "admin", 404, "user_not_found"},
		{admin, http.MethodPatch, low, "marketer", 200, ""},
		{owner, http.MethodPatch, theirs, "owner", 200, ""},
		{owner, http.MethodDelete, mine, "", 204, ""},
	} {
		body := ""
		if tt.role != "" {
			body = fmt.Sprintf(`{"role":%q}`, tt.role)
		}
		if tt.method == http.MethodPost {
			body = fmt.Sprintf(`{"email":"x@people.test","role":%q}`, tt.role)
		}
		w := tt.by.CallAnew(t)(tt.method, tt.path, body)
		require.Equal(t, tt.status, w.Code, "%s %s: %s", tt.method, tt.path, w.Body)
		require.Contains(t, w.Body.String(), tt.code)
	}
}

// A key is rotated with an overlap, expires, tells when it was used, and is revoked.
func TestKeysOverTheAPI(t *testing.T) {
	t.Parallel()
	in, now := clocked(t)
	owner := in.Own(t)
	opens := func(secret string) int {
		return in.Call(http.MethodGet, "/manage/v1/bots", "", "Authorization", "Bearer "+secret).Code
	}
	w := owner.Call(http.MethodPost, "/manage/v1/keys",
		`{"name":" shop ","scope":"full","note":"ask Petro","expiresAt":"2026-03-03T00:00:00Z"}`)
	require.Equal(t, http.StatusCreated, w.Code, w.Body)
	require.Equal(t, "no-store", w.Header().Get("Cache-Control"))
	first := apitest.Field[string](t, w, "secret")
	key := fmt.Sprint("/manage/v1/keys/", apitest.Field[int64](t, w, "id"))
	require.Equal(t, http.StatusOK, opens(first))
	require.NoError(t, in.Config.Keys.Flush(t.Context()))
	w = owner.Call(http.MethodGet, "/manage/v1/keys", "")
	require.NotContains(t, w.Body.String(), first)
	require.Contains(t, w.Body.String(), `"name":"shop","note":"ask Petro","scope":"full","createdAt":"2026-03-01T09:00:00.000Z",`+
		`"expiresAt":"2026-03-03T00:00:00.000Z","usedAt":"2026-03-01T09:00:00.000Z"`)

	w = owner.Call(http.MethodPost, key+"/rotate", `{"overlapHours":2}`)
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	second := apitest.Field[string](t, w, "secret")
	require.Equal(t, []int{200, 200}, []int{opens(first), opens(second)})
	*now = now.Add(2 * time.Hour)
	require.Equal(t, []int{401, 200}, []int{opens(first), opens(second)})
	owner.SignIn(t)
	w = owner.Call(http.MethodPost, key+"/rotate", `{"overlapHours":0}`)
	third := apitest.Field[string](t, w, "secret")
	require.Equal(t, []int{401, 401, 200}, []int{opens(first), opens(second), opens(third)})

	*now = time.Date(2026, 3, 3, 0, 0, 0, 0, time.UTC)
	require.Equal(t, 401, opens(third))
	owner.SignIn(t)
	require.Equal(t, http.StatusOK, owner.Call(http.MethodPatch, key, `{"name":"renamed"}`).Code, "what has expired may be renamed")
	require.Equal(t, http.StatusUnprocessableEntity, owner.Call(http.MethodPatch, key, `{"expiresAt":"2026-03-02T00:00:00Z"}`).Code)
	require.Equal(t, http.StatusOK, owner.Call(http.MethodPatch, key, `{"expiresAt":"2026-04-02T00:00:00Z"}`).Code)
	require.Equal(t, 200, opens(third))
	require.Equal(t, http.StatusNoContent, owner.Call(http.MethodDelete, key, "").Code)
	require.Equal(t, 401, opens(third))

	admin := in.Join(t, workspace.Default, access.Admin)
	require.Equal(t, http.StatusForbidden, admin.Call(http.MethodPost, "/manage/v1/keys", `{"name":"x","scope":"installation"}`).Code)
	require.Equal(t, http.StatusCreated, owner.Call(http.MethodPost, "/manage/v1/keys", `{"name":"x","scope":"installation"}`).Code)
}

// An archived workspace is closed for its keys and people, keeps everything, and opens
// again.
func TestWorkspaceIsArchived(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	in.Prepare(t)
	installer, writer := in.Own(t), in.Join(t, workspace.Default, access.Writer)
	key, err := in.Config.Keys.CreateKey(t.Context(), workspace.Default, "k", access.ScopeFull)
	require.NoError(t, err)
	archive := func(archived bool) int {
		return installer.Call(http.MethodPut, "/manage/v1/workspace/archived", fmt.Sprintf(`{"archived":%v}`, archived)).Code
	}
	w := in.Call(http.MethodPost, "/manage/v1/campaigns", `{"name":"n","botId":1,"messageId":1,"audience":{"all":true}}`)
	campaign := fmt.Sprint("/manage/v1/campaigns/", apitest.Field[int64](t, w, "id"))
	require.Equal(t, http.StatusOK, in.Call(http.MethodPost, campaign+"/launch", `{}`).Code)
	require.Equal(t, http.StatusConflict, archive(true), "a campaign goes out")
	require.Equal(t, http.StatusOK, in.Call(http.MethodPost, campaign+"/cancel", "").Code)
	require.Equal(t, http.StatusOK, archive(true))
	for _, path := range []string{"/manage/v1/bots", "/v1/version"} {
		require.Equal(t, http.StatusForbidden, in.Call(http.MethodGet, path, "", "Authorization", "Bearer "+key).Code, path)
	}
	require.Equal(t, http.StatusForbidden, writer.Call(http.MethodGet, "/manage/v1/bots", "").Code)
	require.Equal(t, http.StatusOK, writer.Call(http.MethodGet, sessionPath, "").Code)
	require.Equal(t, http.StatusOK, archive(false))
	require.Equal(t, http.StatusOK, in.Call(http.MethodGet, "/manage/v1/bots", "", "Authorization", "Bearer "+key).Code)
	require.Equal(t, http.StatusOK, writer.Call(http.MethodGet, "/manage/v1/bots", "").Code)
	require.Equal(t, http.StatusConflict, installer.Call(http.MethodPost, "/manage/v1/workspaces", `{"name":"default"}`).Code)
}

// Who may choose a password is told how hard it is to guess for who knows them; nobody else
// has one judged.
func TestPasswordsAreJudged(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	link, err := in.Config.People.MakeOwnerLink(t.Context())
	require.NoError(t, err)
	const path = "/manage/v1/password/strength"
	judge := func(p *apitest.Person, link, password string) *httptest.ResponseRecorder {
		const form = `{"link":%q,"name":"Olena Shevchenko","email":"ola@seven.example","password":%q}`
		return p.Call(http.MethodPost, path, fmt.Sprintf(form, link, password))
	}
	for password, want := range map[string]string{
		"short": `"strength":"weak","code":"password_short"`, "password1234": `"strength":"weak","code":"password_common"`,
		"olena.shevchenko": `"code":"password_common"`, "qwZ7 olena lamp": `"strength":"good"`,
		"seven lamps under the cold water": `"strength":"strong"`,
	} {
		w := judge(in.Stranger(), link, password)
		require.Equal(t, http.StatusOK, w.Code, w.Body)
		require.Contains(t, w.Body.String(), want, password)
	}
	w := judge(in.Stranger(), "wrong", "seven lamps under water")
	require.Equal(t, http.StatusNotFound, w.Code, w.Body)
	p := in.Own(t)
	w = judge(p, "", "owner@people.test")
	require.Contains(t, w.Body.String(), "password_common", "the name of who has signed in is known")
}

// Admins sign people out everywhere, as far as they could give their roles.
func TestSessionsOfOthersEnd(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	owner := in.Join(t, workspace.Default, access.Owner)
	admin, other := in.Join(t, workspace.Default, access.Admin), in.Join(t, workspace.Default, access.Marketer)
	end := func(who, whose *apitest.Person) int {
		w := whose.Call(http.MethodGet, "/manage/v1/me", "")
		require.Equal(t, http.StatusOK, w.Code, w.Body)
		path := fmt.Sprintf("/manage/v1/users/%d/sessions", int64(apitest.Field[float64](t, w, "id")))
		return who.Call(http.MethodDelete, path, "").Code
	}
	require.Equal(t, http.StatusForbidden, end(admin, owner))
	require.Equal(t, http.StatusOK, owner.Call(http.MethodGet, sessionPath, "").Code)
	require.Equal(t, http.StatusNoContent, end(admin, other))
	require.Equal(t, http.StatusUnauthorized, other.Call(http.MethodGet, sessionPath, "").Code)
	require.Equal(t, http.StatusOK, admin.Call(http.MethodGet, sessionPath, "").Code)
	other.SignIn(t)
	require.Equal(t, http.StatusNoContent, end(owner, admin))
}
