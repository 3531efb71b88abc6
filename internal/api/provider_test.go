package api_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/access"
	"bellman/internal/api/apitest"
	"bellman/internal/api/oidctest"
	"bellman/internal/outbound"
	"bellman/internal/seal"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
	"bellman/internal/workspace"
)

const (
	providersPath = "/manage/v1/providers"
	enterProvider = sessionPath + "/provider"
	confirmThere  = sessionPath + "/confirm/provider"
	myProviders   = "/manage/v1/me/providers"
)

// The people whom the providers of these tests know.
var (
	olena = oidctest.Person{Subject: "olena", Email: "Olena@Corp.test", Verified: true, Name: "Olena  Kovalenko"}
	petro = oidctest.Person{Subject: "petro", Email: "petro@corp.test", Verified: true, Name: "Petro"}
)

// company is an installation with an owner and a provider.
type company struct {
	*apitest.Installation
	owner *apitest.Person
	// later is by how much the clock of the installation is ahead of the provider's.
	later time.Duration
	id    int64
}

// founded returns a company whose provider gives the role of a writer to corp.test.
func founded(t *testing.T, s *store.DB, issuer string) *company {
	t.Helper()
	c := &company{Installation: apitest.NewOn(t, s)}
	clock := func() time.Time { return time.Now().Add(c.later) }
	people := access.NewPeople(s.People, clock, seal.Of(seal.NewKey())).WithHashMemory(apitest.HashMemory)
	c.Config.People = people.WithProviders(outbound.NewIssuers(time.Now))
	c.Config.Keys = access.NewKeys(s.Keys, clock, nil)
	c.Config.Now = clock
	c.Rebuild(t)
	c.owner = c.Own(t)
	c.id = c.provide(t, "Corp", issuer)
	return c
}

func sqlite(t *testing.T) *store.DB {
	t.Helper()
	return storetest.Open(t, storetest.SQLite(t))
}

// provide makes a provider and returns its id.
func (c *company) provide(t *testing.T, name, issuer string) int64 {
	t.Helper()
	w := c.owner.Call(http.MethodPost, providersPath, providerBody(name, issuer, `"domains":[{"domain":"Corp.test","role":"writer"}]`))
	require.Equal(t, http.StatusCreated, w.Code, "%s", w.Body)
	require.NotContains(t, w.Body.String(), "a secret")
	return apitest.Field[int64](t, w, "id")
}

func providerBody(name, issuer, more string) string {
	return fmt.Sprintf(`{"name":%q,"issuer":%q,"clientId":%q,"clientSecret":%q,"workspaceId":1,%s}`,
		name, issuer, oidctest.ClientID, oidctest.Secret, more)
}

// leave sends a person to a provider and returns the address.
func leave(t *testing.T, p *apitest.Person, path string, id int64, link string) string {
	t.Helper()
	more := ""
	if link != "" {
		more = fmt.Sprintf(`,"link":%q`, link)
	}
	w := p.Call(http.MethodPost, path+"/begin", fmt.Sprintf(`{"providerId":%d%s}`, id, more))
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	return apitest.Field[string](t, w, "address")
}

func come(p *apitest.Person, path, code, state string) *httptest.ResponseRecorder {
	return p.Call(http.MethodPost, path, fmt.Sprintf(`{"code":%q,"state":%q}`, code, state))
}

// travel sends a person to a provider and back.
func travel(t *testing.T, p *apitest.Person, b *oidctest.Browser, path string, id int64, subject, link string) *httptest.ResponseRecorder {
	t.Helper()
	back := b.Walk(t, leave(t, p, path, id, link), subject)
	return come(p, path, back.Get("code"), back.Get("state"))
}

// enter has a stranger sign in by a provider.
func (c *company) enter(t *testing.T, subject, link string) (*apitest.Person, *httptest.ResponseRecorder) {
	t.Helper()
	p := c.Stranger()
	return p, travel(t, p, oidctest.NewBrowser(t), enterProvider, c.id, subject, link)
}

func refusedAs(t *testing.T, w *httptest.ResponseRecorder, status int, code string) {
	t.Helper()
	require.Equal(t, status, w.Code, w.Body)
	require.Equal(t, code, apitest.Field[string](t, w, "code"))
}

// Whom the provider vouches for comes in with the role of the domain, and is the same user
// ever after, whatever the provider says of the email then.
func TestEnterByProvider(t *testing.T) {
	t.Parallel()
	for name, thin := range map[string]bool{"tokens that tell all": false, "tokens that are thin": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, s *store.DB) {
				provider := oidctest.New(t, thin, olena, petro)
				c := founded(t, s, provider.Issuer)
				ways := c.Stranger().Call(http.MethodGet, sessionPath+"/providers", "")
				require.JSONEq(t, fmt.Sprintf(`[{"id":%d,"name":"Corp"}]`, c.id), string(items(t, ways)))

				browser, p := oidctest.NewBrowser(t), c.Stranger()
				w := travel(t, p, browser, enterProvider, c.id, "olena", "")
				require.Equal(t, http.StatusCreated, w.Code, "%s %s", w.Body, c.Log)
				user := apitest.Field[map[string]any](t, w, "user")
				require.Equal(t, []any{"olena@corp.test", "Olena Kovalenko", false}, []any{user["email"], user["name"], user["installer"]})
				require.Equal(t, "writer", apitest.Field[map[string]any](t, w, "workspace")["role"])
				require.NotContains(t, p.Cookies, "bellman-errand")
				require.Equal(t, http.StatusOK, p.Call(http.MethodPost, beginPasskey, "").Code, "who has just signed in there need not do it again")

				// She has no password, and nobody learns that.
				guess := c.Stranger().Call(http.MethodPost, sessionPath, `{"email":"olena@corp.test","password":""}`)
				refusedAs(t, guess, http.StatusUnauthorized, "sign_in_refused")

				// The provider knows her still, and does not ask her again: that is no confirmation.
				provider.Rotate(t)
				moved := olena
				moved.Email, moved.Verified = "elsewhere@other.test", false
				provider.Change(moved)
				c.later = time.Hour
				again := c.Stranger()
				w = travel(t, again, browser, enterProvider, c.id, "nobody is asked", "")
				require.Equal(t, http.StatusCreated, w.Code, "%s %s", w.Body, c.Log)
				require.Equal(t, user["id"], apitest.Field[map[string]any](t, w, "user")["id"])
				refusedAs(t, again.Call(http.MethodPost, beginPasskey, ""), http.StatusForbidden, "confirm_first")

				// Roles are given once: what an admin makes of them stays.
				w = c.owner.CallAnew(t)(http.MethodPatch, fmt.Sprint("/manage/v1/users/", user["id"]), `{"role":"admin"}`)
				require.Equal(t, http.StatusOK, w.Code, w.Body)
				w = travel(t, again, browser, enterProvider, c.id, "olena", "")
				require.Equal(t, "admin", apitest.Field[map[string]any](t, w, "workspace")["role"])
				var lines []string
				for _, e := range allLines(t, c.Installation) {
					if e.Act == "enter-by-provider" {
						lines = append(lines, e.Actor.Name+" "+e.Outcome+" "+e.After)
					}
				}
				require.Equal(t, []string{
					`olena@corp.test done {"email":"olena@corp.test","provider":"Corp","role":"writer"}`,
					`olena@corp.test done {"provider":"Corp"}`, `olena@corp.test done {"provider":"Corp"}`,
				}, lines)
			})
		})
	}
}

// items returns those of an answer.
func items(t *testing.T, w *httptest.ResponseRecorder) []byte {
	t.Helper()
	return apitest.Field[jsonText](t, w, "items")
}

type jsonText []byte

// UnmarshalJSON implements [json.Unmarshaler].
func (j *jsonText) UnmarshalJSON(text []byte) error {
	*j = append(jsonText(nil), text...)
	return nil
}

// Nobody comes in by an email that the provider does not vouch for, that is of a domain
// that was not named, or that is a user's.
func TestProviderStrangersStayOut(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		f := oidctest.NewForger(t)
		c := founded(t, s, f.Issuer)
		victim := c.Join(t, workspace.Default, access.Admin)
		for name, tt := range map[string]struct {
			says   oidctest.Claims
			status int
			code   string
		}{
			"unverified":         {oidctest.Claims{"email_verified": false}, 403, "email_unverified"},
			"nothing about that": {oidctest.Claims{"email_verified": nil}, 403, "email_unverified"},
			"some other word":    {oidctest.Claims{"email_verified": "yes"}, 403, "email_unverified"},
			"no email":           {oidctest.Claims{"email": "", "email_verified": true}, 403, "email_unverified"},
			"no address":         {oidctest.Claims{"email": "x@corp.test, y@corp.test"}, 403, "email_unverified"},
			"another domain":     {oidctest.Claims{"email": "x@other.test"}, 403, "domain_unknown"},
			"a part of a domain": {oidctest.Claims{"email": "x@evil-corp.test"}, 403, "domain_unknown"},
			"a subdomain":        {oidctest.Claims{"email": "x@a.corp.test"}, 403, "domain_unknown"},
			"two at signs":       {oidctest.Claims{"email": `"x@corp.test"@evil.test`}, 403, "email_unverified"},
		} {
			f.Saying(tt.says)
			f.Telling(oidctest.Claims{"sub": "forged"})
			p, w := c.enter(t, "", "")
			require.Equal(t, tt.status, w.Code, "%s: %s %s", name, w.Body, c.Log)
			require.Equal(t, tt.code, apitest.Field[string](t, w, "code"), name)
			require.NotContains(t, p.Cookies, "bellman")
		}
		// The email of a user opens nothing, also where its domain lets people in.
		w := c.owner.Call(http.MethodPatch, fmt.Sprint(providersPath, "/", c.id), `{"domains":[{"domain":"people.test","role":"agent"}]}`)
		require.Equal(t, http.StatusOK, w.Code, w.Body)
		f.Saying(oidctest.Claims{"email": strings.ToUpper(victim.Email)})
		_, w = c.enter(t, "", "")
		refusedAs(t, w, http.StatusConflict, "connect_first")
		f.Saying(oidctest.Claims{"email": "new@people.test", "email_verified": "true", "name": nil})
		_, w = c.enter(t, "", "")
		require.Equal(t, http.StatusCreated, w.Code, w.Body)
		require.Equal(t, "new@people.test", apitest.Field[map[string]any](t, w, "user")["name"])
	})
}

// invite returns the secret of an invitation.
func (c *company) invite(t *testing.T, email string) string {
	t.Helper()
	w := c.owner.CallAnew(t)(http.MethodPost, "/manage/v1/invitations", fmt.Sprintf(`{"email":%q,"role":"analyst"}`, email))
	require.Equal(t, http.StatusCreated, w.Code, w.Body)
	_, secret, _ := strings.Cut(apitest.Field[string](t, w, "link"), "#")
	return secret
}

func TestInvitationsByProvider(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		anna := oidctest.Person{Subject: "anna", Email: "anna@else.test", Verified: true}
		provider := oidctest.New(t, false, olena, petro, anna)
		c := founded(t, s, provider.Issuer)
		link := c.invite(t, "anna@else.test")

		_, w := c.enter(t, "petro", link)
		refusedAs(t, w, http.StatusForbidden, "invited_another")
		_, w = c.enter(t, "anna", "")
		refusedAs(t, w, http.StatusForbidden, "domain_unknown")
		p, w := c.enter(t, "anna", link)
		require.Equal(t, http.StatusCreated, w.Code, "%s %s", w.Body, c.Log)
		require.Equal(t, "analyst", apitest.Field[map[string]any](t, w, "workspace")["role"])
		mine := times.ReplaceAllString(string(items(t, p.Call(http.MethodGet, myProviders, ""))), "")
		require.JSONEq(t, fmt.Sprintf(`[{"providerId":%d,"name":"Corp","email":"anna@else.test"}]`, c.id), mine)
		w = c.Stranger().Call(http.MethodPost, enterProvider+"/begin", fmt.Sprintf(`{"providerId":%d,"link":%q}`, c.id, link))
		refusedAs(t, w, http.StatusNotFound, "link_invalid")

		// Who is a user already joins another workspace, when the account is connected.
		second := apitest.Field[int64](t, c.owner.Call(http.MethodPost, "/manage/v1/workspaces", `{"name":"second"}`), "id")
		elsewhere := func(email string) string {
			body := fmt.Sprintf(`{"email":%q,"role":"agent"}`, email)
			w := c.owner.Call(http.MethodPost, "/manage/v1/invitations", body, "X-Workspace", fmt.Sprint(second))
			require.Equal(t, http.StatusCreated, w.Code, w.Body)
			_, secret, _ := strings.Cut(apitest.Field[string](t, w, "link"), "#")
			return secret
		}
		again := elsewhere("anna@else.test")
		_, w = c.enter(t, "anna", again)
		require.Equal(t, http.StatusCreated, w.Code, w.Body)
		require.EqualValues(t, second, apitest.Field[map[string]any](t, w, "workspace")["id"])
		_, w = c.enter(t, "petro", elsewhere("nobody@else.test"))
		refusedAs(t, w, http.StatusForbidden, "invited_another")

		known := c.Join(t, workspace.Default, access.Writer)
		provider.Change(oidctest.Person{Subject: "thief", Email: known.Email, Verified: true})
		_, w = c.enter(t, "thief", elsewhere(known.Email))
		refusedAs(t, w, http.StatusConflict, "connect_first")

		// A link for a new password is no invitation.
		w = c.owner.Call(http.MethodPost, "/manage/v1/users/2/reset", "")
		_, secret, _ := strings.Cut(apitest.Field[string](t, w, "link"), "#")
		w = c.Stranger().Call(http.MethodPost, enterProvider+"/begin", fmt.Sprintf(`{"providerId":%d,"link":%q}`, c.id, secret))
		refusedAs(t, w, http.StatusNotFound, "link_invalid")
		// With it, who came by the provider gets a password, and may let the provider be.
		w = p.Call(http.MethodPost, "/manage/v1/links/accept", fmt.Sprintf(`{"link":%q,"password":%q}`, secret, apitest.Password))
		require.Equal(t, http.StatusCreated, w.Code, w.Body)
		require.Equal(t, http.StatusNoContent, p.Call(http.MethodDelete, fmt.Sprint(myProviders, "/", c.id), "").Code)
	})
}

// times are the members of answers that say when something was.
var times = regexp.MustCompile(`,"(createdAt|usedAt)":"[^"]*"`)

func TestProvidersAreConnected(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		provider := oidctest.New(t, false, olena, petro)
		c := founded(t, s, provider.Issuer)
		mine := fmt.Sprint(myProviders, "/", c.id)
		p := c.Join(t, workspace.Default, access.Agent)
		c.later = time.Hour
		w := p.Call(http.MethodPost, myProviders+"/begin", fmt.Sprintf(`{"providerId":%d}`, c.id))
		refusedAs(t, w, http.StatusForbidden, "confirm_first")
		p.SignIn(t)
		w = travel(t, p, oidctest.NewBrowser(t), myProviders, c.id, "olena", "")
		require.Equal(t, http.StatusCreated, w.Code, "%s %s", w.Body, c.Log)
		require.Equal(t, []any{"Corp", olena.Email}, []any{apitest.Field[string](t, w, "name"), apitest.Field[string](t, w, "email")})

		guest, w := c.enter(t, "olena", "")
		require.Equal(t, http.StatusCreated, w.Code, w.Body)
		require.Equal(t, p.Email, apitest.Field[map[string]any](t, w, "user")["email"], "another email is no matter")
		w = travel(t, p, oidctest.NewBrowser(t), myProviders, c.id, "petro", "")
		refusedAs(t, w, http.StatusConflict, "account_second")
		other := c.Join(t, workspace.Default, access.Agent)
		w = travel(t, other, oidctest.NewBrowser(t), myProviders, c.id, "olena", "")
		refusedAs(t, w, http.StatusConflict, "account_taken")

		// What one person has begun, another one does not end; nor does another session.
		for name, who := range map[string]*apitest.Person{"another person": other, "another session": guest} {
			back := oidctest.NewBrowser(t).Walk(t, leave(t, p, myProviders, c.id, ""), "petro")
			who.Cookies["bellman-errand"] = p.Cookies["bellman-errand"]
			w = come(who, myProviders, back.Get("code"), back.Get("state"))
			if name == "another session" {
				refusedAs(t, w, http.StatusForbidden, "confirm_first")
				continue
			}
			refusedAs(t, w, http.StatusUnprocessableEntity, "errand_over")
		}

		require.Equal(t, http.StatusNotFound, other.Call(http.MethodDelete, mine, "").Code)
		require.Equal(t, http.StatusNoContent, p.Call(http.MethodDelete, mine, "").Code)
		_, w = c.enter(t, "olena", "")
		require.Equal(t, "olena@corp.test", apitest.Field[map[string]any](t, w, "user")["email"], "she is nobody's any more")

		// The last way in stays: an account, or a passkey.
		alone, w := c.enter(t, "petro", "")
		require.Equal(t, http.StatusCreated, w.Code, w.Body)
		c.later = 0
		confirmed := travel(t, alone, oidctest.NewBrowser(t), confirmThere, c.id, "petro", "")
		require.Equal(t, http.StatusOK, confirmed.Code, "%s %s", confirmed.Body, c.Log)
		refusedAs(t, alone.Call(http.MethodDelete, mine, ""), http.StatusConflict, "last_way_in")
		d := newDevice()
		ceremony, options := begin(t, alone, beginPasskey)
		w = alone.Call(http.MethodPost, myPasskeys, response(ceremony, d.register(t, here, options), `,"name":"telephone"`))
		require.Equal(t, http.StatusCreated, w.Code, w.Body)
		require.Equal(t, http.StatusNoContent, alone.Call(http.MethodDelete, mine, "").Code)
		key := fmt.Sprint(myPasskeys, "/", apitest.Field[int64](t, w, "id"))
		refusedAs(t, alone.Call(http.MethodDelete, key, ""), http.StatusConflict, "last_way_in")
	})
}

// What is dangerous asks who has no password to sign in at the provider again, and
// believes no provider that does not say that this was just now.
func TestConfirmByProvider(t *testing.T) {
	t.Parallel()
	f := oidctest.NewForger(t)
	c := founded(t, sqlite(t), f.Issuer)
	f.Saying(oidctest.Claims{"auth_time": nil})
	p, w := c.enter(t, "", "")
	require.Equal(t, http.StatusCreated, w.Code, "%s %s", w.Body, c.Log)
	dangerous := func() *httptest.ResponseRecorder { return p.Call(http.MethodPost, beginPasskey, "") }
	refusedAs(t, dangerous(), http.StatusForbidden, "confirm_first")
	confirm := func() *httptest.ResponseRecorder {
		return travel(t, p, oidctest.NewBrowser(t), confirmThere, c.id, "", "")
	}
	for _, at := range []any{nil, 0, -1, 1, time.Now().Add(-2 * time.Minute).Unix(), 1e300} {
		f.Saying(oidctest.Claims{"auth_time": at})
		refusedAs(t, confirm(), http.StatusForbidden, "provider_not_anew")
	}
	f.Saying(oidctest.Claims{"sub": "another"})
	refusedAs(t, confirm(), http.StatusForbidden, "account_of_another")
	refusedAs(t, dangerous(), http.StatusForbidden, "confirm_first")
	f.Repent()
	address := leave(t, p, confirmThere, c.id, "")
	require.Contains(t, address, "prompt=login")
	require.Contains(t, address, "max_age=0")
	before := p.Cookies["bellman"]
	w = confirm()
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	require.NotEqual(t, before, p.Cookies["bellman"])
	require.Equal(t, http.StatusOK, dangerous().Code)

	// A token of the time to come confirms nothing beyond now.
	f.Saying(oidctest.Claims{"auth_time": time.Now().Add(time.Hour).Unix()})
	_, w = c.enter(t, "", "")
	until, err := time.Parse(time.RFC3339, apitest.Field[string](t, w, "confirmedUntil"))
	require.NoError(t, err)
	require.WithinDuration(t, time.Now().Add(15*time.Minute), until, time.Minute)
}

// What comes back late, twice, in another browser, for another end, or otherwise than it
// was asked, opens nothing.
func TestErrandIsRefused(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		provider := oidctest.New(t, false, olena, petro)
		c := founded(t, s, provider.Issuer)
		ask := func() (p *apitest.Person, code, state string) {
			p = c.Stranger()
			back := oidctest.NewBrowser(t).Walk(t, leave(t, p, enterProvider, c.id, ""), "olena")
			return p, back.Get("code"), back.Get("state")
		}
		over := func(w *httptest.ResponseRecorder) {
			t.Helper()
			refusedAs(t, w, http.StatusUnprocessableEntity, "errand_over")
		}
		p, code, state := ask()
		errand := p.Cookies["bellman-errand"]
		w := come(p, enterProvider, code, state)
		require.Equal(t, http.StatusCreated, w.Code, "%s %s", w.Body, c.Log)
		p.Cookies["bellman-errand"] = errand
		refusedAs(t, come(p, enterProvider, code, state), http.StatusUnauthorized, "provider_refused")

		_, code, state = ask()
		over(come(c.Stranger(), enterProvider, code, state))
		other, _, _ := ask()
		over(come(other, enterProvider, code, state))

		p, code, state = ask()
		errand = p.Cookies["bellman-errand"]
		for _, bad := range []string{"", ".", "enter.", state + "x", strings.ToUpper(state), "confirm" + state[5:], state[1:]} {
			over(come(p, enterProvider, code, bad))
		}
		for _, bad := range []string{"", ".", "x.y", errand[1:], errand + "x", "e30." + errand[len(errand)-43:]} {
			p.Cookies["bellman-errand"] = bad
			over(come(p, enterProvider, code, state))
		}
		p.Cookies["bellman-errand"] = errand
		over(come(c.owner, confirmThere, code, state))
		c.owner.Cookies["bellman-errand"] = errand
		over(come(c.owner, confirmThere, code, state))
		over(come(c.owner, myProviders, code, state))
		c.later = 10 * time.Minute
		over(come(p, enterProvider, code, state))
		c.later = 0
		require.Equal(t, http.StatusCreated, come(p, enterProvider, code, state).Code, "all that has used nothing up")

		// A code that another browser has got answers another question.
		_, stolen, _ := ask()
		p, _, state = ask()
		refusedAs(t, come(p, enterProvider, stolen, state), http.StatusUnauthorized, "provider_refused")

		// A provider that takes a code twice does not help either.
		f := oidctest.NewForger(t)
		id := c.provide(t, "Forger", f.Issuer)
		p = c.Stranger()
		back := oidctest.NewBrowser(t).Walk(t, leave(t, p, enterProvider, id, ""), "")
		errand = p.Cookies["bellman-errand"]
		require.Equal(t, http.StatusCreated, come(p, enterProvider, back.Get("code"), back.Get("state")).Code)
		p.Cookies["bellman-errand"] = errand
		over(come(p, enterProvider, back.Get("code"), back.Get("state")))
	})
}

// The cookie is what [TestCookiesNeedHTTPS] asks of others, and does not last.
func TestErrandCookie(t *testing.T) {
	t.Parallel()
	provider := oidctest.New(t, false, olena)
	c := founded(t, sqlite(t), provider.Issuer)
	body := fmt.Sprintf(`{"providerId":%d}`, c.id)
	w := c.Stranger().Call(http.MethodPost, enterProvider+"/begin", body, ":host", "bellman.test")
	refusedAs(t, w, http.StatusForbidden, "https_needed")
	c.Config.Public = "https://bellman.test"
	c.Rebuild(t)
	w = c.Stranger().Call(http.MethodPost, enterProvider+"/begin", body, ":host", "bellman.test")
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	require.Contains(t, apitest.Field[string](t, w, "address"), "redirect_uri=https%3A%2F%2Fbellman.test%2Fstart%2Fprovider&")
	cookies := w.Result().Cookies()
	require.Len(t, cookies, 1)
	cookie := cookies[0]
	require.Equal(t, []any{"__Host-bellman-errand", "/", 600, true, true, http.SameSiteStrictMode},
		[]any{cookie.Name, cookie.Path, cookie.MaxAge, cookie.HttpOnly, cookie.Secure, cookie.SameSite})
}

// Whatever a provider forges for others than itself, or says that cannot be checked, opens
// nothing; and what it does that is right opens.
func TestForgedAnswersAreRefused(t *testing.T) {
	t.Parallel()
	f := oidctest.NewForger(t)
	c := founded(t, sqlite(t), f.Issuer)
	now := time.Now().Unix()
	for name, tt := range map[string]struct {
		forge  func()
		status int
	}{
		"what is right":          {func() {}, 201},
		"no signature":           {func() { f.SignedBy(oidctest.Unsigned) }, 401},
		"the client's secret":    {func() { f.SignedBy(oidctest.SignedBySecret) }, 401},
		"another key":            {func() { f.SignedBy(oidctest.SignedByAnother) }, 401},
		"no token":               {func() { f.SignedBy(func(*oidctest.Forger, oidctest.Claims) string { return "" }) }, 401},
		"no token at all":        {func() { f.SignedBy(func(*oidctest.Forger, oidctest.Claims) string { return "a.b.c" }) }, 401},
		"another issuer":         {func() { f.Saying(oidctest.Claims{"iss": "https://accounts.google.com"}) }, 401},
		"almost the issuer":      {func() { f.Saying(oidctest.Claims{"iss": f.Issuer + "/"}) }, 401},
		"another audience":       {func() { f.Saying(oidctest.Claims{"aud": "another"}) }, 401},
		"no audience":            {func() { f.Saying(oidctest.Claims{"aud": nil}) }, 401},
		"two, and for nobody":    {func() { f.Saying(oidctest.Claims{"aud": []string{oidctest.ClientID, "another"}}) }, 401},
		"two, for another":       {func() { f.Saying(oidctest.Claims{"aud": []string{oidctest.ClientID, "x"}, "azp": "x"}) }, 401},
		"two, for us":            {func() { f.Saying(oidctest.Claims{"aud": []string{"x", oidctest.ClientID}, "azp": oidctest.ClientID}) }, 201},
		"another nonce":          {func() { f.Saying(oidctest.Claims{"nonce": "x"}) }, 401},
		"no nonce":               {func() { f.Saying(oidctest.Claims{"nonce": nil}) }, 401},
		"expired":                {func() { f.Saying(oidctest.Claims{"exp": now - 70}) }, 401},
		"a clock that is behind": {func() { f.Saying(oidctest.Claims{"exp": now - 30}) }, 201},
		"no end":                 {func() { f.Saying(oidctest.Claims{"exp": nil}) }, 401},
		"of the time to come":    {func() { f.Saying(oidctest.Claims{"nbf": now + 3600}) }, 401},
		"no subject":             {func() { f.Saying(oidctest.Claims{"sub": ""}) }, 401},
		"a huge subject":         {func() { f.Saying(oidctest.Claims{"sub": strings.Repeat("x", 1001)}) }, 401},
		"a zero in the subject":  {func() { f.Saying(oidctest.Claims{"sub": "a\x00b"}) }, 401},
		"an email that is none":  {func() { f.Saying(oidctest.Claims{"email": 7}) }, 401},
		"another person's email": {func() {
			f.Saying(oidctest.Claims{"email": nil})
			f.Telling(oidctest.Claims{"sub": "another", "email": "x@corp.test", "email_verified": true})
		}, 401},
		"keys that are not there": {func() { f.Hiding(503); c.Config.People.WithProviders(outbound.NewIssuers(time.Now)) }, 503},
		"a failure":               {func() { f.Answering(status(500, "")) }, 503},
		"a huge answer":           {func() { f.Answering(status(200, strings.Repeat(" ", 2<<20))) }, 503},
		"no answer of the kind":   {func() { f.Answering(status(200, "<html>")) }, 503},
		"we are nobody there":     {func() { f.Answering(status(401, `{"error":"invalid_client"}`)) }, 503},
		"the code is refused":     {func() { f.Answering(status(400, `{"error":"invalid_grant","error_description":"MARK"}`)) }, 401},
		"a redirect":              {func() { f.Answering(status(307, "")) }, 401},
	} {
		f.Repent()
		c.later += 25 * time.Hour // no attempt is counted with the one before
		tt.forge()
		p, w := c.enter(t, "", "")
		require.Equal(t, tt.status, w.Code, "%s: %s %s", name, w.Body, c.Log)
		require.NotContains(t, c.Log.String(), "MARK")
		if tt.status != 201 {
			require.NotContains(t, p.Cookies, "bellman", name)
			codes := []string{"provider_refused", "provider_unavailable", "provider_refuses_us"}
			require.Contains(t, codes, apitest.Field[string](t, w, "code"), name)
		}
	}
	// The response names its issuer (RFC 9207).
	f.Repent()
	for issuer, status := range map[string]int{f.Issuer: 201, "https://another.test": 401, "": 201} {
		p := c.Stranger()
		back := oidctest.NewBrowser(t).Walk(t, leave(t, p, enterProvider, c.id, ""), "")
		w := p.Call(http.MethodPost, enterProvider, fmt.Sprintf(`{"code":%q,"state":%q,"iss":%q}`, back.Get("code"), back.Get("state"), issuer))
		require.Equal(t, status, w.Code, "%s: %s", issuer, w.Body)
	}
	f.Describing(oidctest.Claims{"authorization_response_iss_parameter_supported": true})
	c.Config.People.WithProviders(outbound.NewIssuers(time.Now))
	_, w := c.enter(t, "", "")
	refusedAs(t, w, http.StatusUnauthorized, "provider_refused")
}

func status(status int, body string) func(http.ResponseWriter, *http.Request, func()) {
	return func(w http.ResponseWriter, _ *http.Request, _ func()) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(status)
		// A client that has had enough needs no more.
		_, _ = w.Write([]byte(body))
	}
}

// The subjects of two providers have nothing to do with each other.
func TestSubjectsAreOfTheirProviders(t *testing.T) {
	t.Parallel()
	one, two := oidctest.NewForger(t), oidctest.NewForger(t)
	c := founded(t, sqlite(t), one.Issuer)
	first, second := c.id, c.provide(t, "Other", two.Issuer)
	_, w := c.enter(t, "", "")
	require.Equal(t, http.StatusCreated, w.Code, w.Body)
	c.id = second
	_, w = c.enter(t, "", "")
	refusedAs(t, w, http.StatusConflict, "connect_first")
	two.Saying(oidctest.Claims{"email": "another@corp.test"})
	_, w = c.enter(t, "", "")
	require.Equal(t, "another@corp.test", apitest.Field[map[string]any](t, w, "user")["email"])
	// Nor is what the one has said of use to the other.
	p := c.Stranger()
	ours := oidctest.NewBrowser(t).Walk(t, leave(t, p, enterProvider, first, ""), "")
	theirs := oidctest.NewBrowser(t).Walk(t, leave(t, c.Stranger(), enterProvider, second, ""), "")
	refusedAs(t, come(p, enterProvider, theirs.Get("code"), ours.Get("state")), http.StatusUnauthorized, "provider_refused")
}

// Attempts are counted by address, but for those of which a provider knows nothing because
// it is away.
func TestAttemptsByProviderAreCounted(t *testing.T) {
	t.Parallel()
	f := oidctest.NewForger(t)
	c := founded(t, sqlite(t), f.Issuer)
	f.Answering(status(503, ""))
	p := c.Stranger()
	attempt := func() *httptest.ResponseRecorder {
		back := oidctest.NewBrowser(t).Walk(t, leave(t, p, enterProvider, c.id, ""), "")
		return come(p, enterProvider, back.Get("code"), back.Get("state"))
	}
	for range 22 {
		refusedAs(t, attempt(), http.StatusServiceUnavailable, "provider_unavailable")
	}
	for range 20 {
		refusedAs(t, come(p, enterProvider, "x", "enter.x"), http.StatusUnprocessableEntity, "errand_over")
	}
	f.Repent()
	c.later = 0
	w := come(p, enterProvider, "x", "enter.x")
	refusedAs(t, w, http.StatusTooManyRequests, "sign_in_too_often")
	require.NotEmpty(t, w.Header().Get("Retry-After"))
}

func TestProvidersAreChecked(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	owner, f := in.Own(t), oidctest.NewForger(t)
	dead := httptest.NewServer(nil)
	dead.Close()
	huge := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(strings.Repeat(" ", 2<<20)))
	}))
	t.Cleanup(huge.Close)
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) }))
	t.Cleanup(page.Close)
	for issuer, sentence := range map[string]string{
		dead.URL:                              "it does not answer: dial tcp",
		huge.URL:                              "larger than 1 MiB",
		page.URL:                              "not as an OpenID Connect provider",
		f.Issuer + "/":                        "names itself",
		"http://169.254.169.254":              "begins with https://",
		"https://169.254.169.254":             "kept for clouds",
		"http://corp.test":                    "begins with https://",
		"https://user:x@corp.test":            "write the issuer's address",
		"https://corp.test?x=y":               "write the issuer's address",
		"corp.test":                           "write the issuer's address",
		"javascript:alert(1)":                 "write the issuer's address",
		"file:///etc/passwd":                  "write the issuer's address",
		"https://" + strings.Repeat("x", 600): "write the issuer's address",
	} {
		w := owner.Call(http.MethodPost, providersPath, providerBody("P", issuer, `"domains":[]`))
		require.Equal(t, http.StatusUnprocessableEntity, w.Code, "%s: %s", issuer, w.Body)
		require.Equal(t, "issuer", apitest.Field[string](t, w, "field"), w.Body)
		require.Contains(t, apitest.Field[string](t, w, "detail"), sentence, issuer)
	}
	for document, sentence := range map[*oidctest.Claims]string{
		{"issuer": "https://login.microsoftonline.com/{tenantid}/v2.0"}: "write the issuer of your own",
		{"token_endpoint": "http://corp.test/token"}:                    "its token_endpoint is no address of HTTPS",
		{"authorization_endpoint": "javascript:alert(1)"}:               "its authorization_endpoint is no address of HTTPS",
		{"jwks_uri": nil}: "its jwks_uri is no address of HTTPS",
		{"issuer": 7}:     "not as an OpenID Connect provider",
	} {
		f.Describing(*document)
		w := owner.Call(http.MethodPost, providersPath, providerBody("P", f.Issuer, `"domains":[]`))
		require.Equal(t, http.StatusUnprocessableEntity, w.Code, w.Body)
		require.Contains(t, apitest.Field[string](t, w, "detail"), sentence)
	}
	f.Repent()
	for more, field := range map[string]string{
		`"domains":[{"domain":"corp","role":"writer"}]`:                                      "domains",
		`"domains":[{"domain":"a b.test","role":"writer"}]`:                                  "domains",
		`"domains":[{"domain":"x@corp.test","role":"writer"}]`:                               "domains",
		`"domains":[{"domain":"corp.test","role":"owner"}]`:                                  "domains[0].role",
		`"domains":[{"domain":"a.test","role":"writer"},{"domain":"A.test","role":"admin"}]`: "domains",
		`"domains":[],"x":1`: "x",
	} {
		w := owner.Call(http.MethodPost, providersPath, providerBody("P", f.Issuer, more))
		require.Equal(t, http.StatusUnprocessableEntity, w.Code, "%s: %s", more, w.Body)
		require.Equal(t, field, apitest.Field[string](t, w, "field"), w.Body)
	}
	body := strings.Replace(providerBody("P", f.Issuer, `"domains":[]`), `"workspaceId":1`, `"workspaceId":99`, 1)
	refusedAs(t, owner.Call(http.MethodPost, providersPath, body), http.StatusUnprocessableEntity, "workspace_unknown")
	body = providerBody("P", f.Issuer, `"domains":[]`)
	require.Equal(t, http.StatusCreated, owner.Call(http.MethodPost, providersPath, body).Code)
	refusedAs(t, owner.Call(http.MethodPost, providersPath, body), http.StatusConflict, "provider_taken")
}

// A provider that is changed works as it says now; one that is off, or gone, lets nobody
// in and signs those out who came by it.
func TestProvidersAreManaged(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		provider := oidctest.New(t, false, olena, petro)
		c := founded(t, s, provider.Issuer)
		path := fmt.Sprint(providersPath, "/", c.id)
		p, w := c.enter(t, "olena", "")
		require.Equal(t, http.StatusCreated, w.Code, w.Body)
		w = travel(t, c.owner, oidctest.NewBrowser(t), myProviders, c.id, "petro", "")
		require.Equal(t, http.StatusCreated, w.Code, w.Body)
		here := func(p *apitest.Person) int { return p.Call(http.MethodGet, sessionPath, "").Code }

		w = c.owner.Call(http.MethodPatch, path, `{"name":"Corporation","clientSecret":"another"}`)
		require.Equal(t, http.StatusOK, w.Code, w.Body)
		_, w = c.enter(t, "olena", "")
		refusedAs(t, w, http.StatusServiceUnavailable, "provider_refuses_us")
		require.Equal(t, http.StatusOK, here(p))
		w = c.owner.Call(http.MethodPatch, path, fmt.Sprintf(`{"clientSecret":%q,"domains":[]}`, oidctest.Secret))
		require.Equal(t, http.StatusOK, w.Code, w.Body)
		_, w = c.enter(t, "olena", "")
		require.Equal(t, http.StatusCreated, w.Code, "it lets those in whom it has let in before")
		require.Equal(t, http.StatusUnprocessableEntity, c.owner.Call(http.MethodPatch, path, `{"issuer":"https://x.test"}`).Code)
		refusedAs(t, c.owner.Call(http.MethodPatch, path, `{"workspaceId":99}`), http.StatusUnprocessableEntity, "workspace_unknown")
		require.Equal(t, http.StatusNotFound, c.owner.Call(http.MethodPatch, providersPath+"/99", `{}`).Code)

		waits := c.Stranger()
		back := oidctest.NewBrowser(t).Walk(t, leave(t, waits, enterProvider, c.id, ""), "olena")
		require.Equal(t, http.StatusOK, c.owner.Call(http.MethodPatch, path, `{"enabled":false}`).Code)
		require.Equal(t, http.StatusUnauthorized, here(p))
		require.Equal(t, http.StatusOK, here(c.owner), "who turns it off stays")
		refusedAs(t, come(waits, enterProvider, back.Get("code"), back.Get("state")), http.StatusNotFound, "provider_not_found")
		w = c.Stranger().Call(http.MethodPost, enterProvider+"/begin", fmt.Sprintf(`{"providerId":%d}`, c.id))
		refusedAs(t, w, http.StatusNotFound, "provider_not_found")
		require.JSONEq(t, `[]`, string(items(t, c.Stranger().Call(http.MethodGet, sessionPath+"/providers", ""))))

		require.Equal(t, http.StatusOK, c.owner.Call(http.MethodPatch, path, `{"enabled":true}`).Code)
		p, w = c.enter(t, "olena", "")
		require.Equal(t, http.StatusCreated, w.Code, w.Body)
		w = c.owner.Call(http.MethodDelete, path, "")
		refusedAs(t, w, http.StatusConflict, "provider_needed")
		require.Contains(t, w.Body.String(), "1 people have no other way")
		require.Equal(t, http.StatusOK, here(p))
		require.Equal(t, http.StatusNoContent, c.owner.Call(http.MethodDelete, path+"?force=true", "").Code)
		require.Equal(t, http.StatusUnauthorized, here(p))
		require.Equal(t, http.StatusOK, here(c.owner))
		require.Equal(t, http.StatusNotFound, c.owner.Call(http.MethodDelete, path, "").Code)
		// Under another number the same provider knows nobody.
		c.id = c.provide(t, "Corporation", provider.Issuer)
		_, w = c.enter(t, "olena", "")
		refusedAs(t, w, http.StatusConflict, "connect_first")
	})
}

// A provider that is away is said to be, and is asked again when it is back.
func TestProviderIsAway(t *testing.T) {
	t.Parallel()
	provider := oidctest.New(t, false, olena)
	c := founded(t, sqlite(t), provider.Issuer)
	p := c.Stranger()
	back := oidctest.NewBrowser(t).Walk(t, leave(t, p, enterProvider, c.id, ""), "olena")
	provider.Close()
	refusedAs(t, come(p, enterProvider, back.Get("code"), back.Get("state")), http.StatusServiceUnavailable, "provider_unavailable")
	c.Config.People.WithProviders(outbound.NewIssuers(time.Now))
	w := c.Stranger().Call(http.MethodPost, enterProvider+"/begin", fmt.Sprintf(`{"providerId":%d}`, c.id))
	refusedAs(t, w, http.StatusServiceUnavailable, "provider_unavailable")
}

// Nothing by which somebody could speak for a person or for this installation is in a log,
// in the audit log, or, but sealed, in the database.
func TestNoSecretOfProvidersIsTold(t *testing.T) {
	t.Parallel()
	path := storetest.SQLite(t)
	f := oidctest.NewForger(t)
	var secrets []string
	f.SignedBy(func(f *oidctest.Forger, c oidctest.Claims) string {
		signed := oidctest.Signed(f, c)
		secrets = append(secrets, signed, c["nonce"].(string))
		return signed
	})
	c := founded(t, storetest.Open(t, path), f.Issuer)
	for _, to := range []string{enterProvider, confirmThere, enterProvider} {
		p := c.Stranger()
		if to == confirmThere {
			p = c.owner
		}
		back := oidctest.NewBrowser(t).Walk(t, leave(t, p, to, c.id, ""), "")
		secrets = append(secrets, back.Get("code"), back.Get("state"), p.Cookies["bellman-errand"])
		come(p, to, back.Get("code"), back.Get("state"))
		f.Saying(oidctest.Claims{"nonce": "a nonce that is wrong"})
	}
	secrets = append(secrets, oidctest.Secret)
	require.Greater(t, len(secrets), 12)
	lines := strings.Join(short(allLines(t, c.Installation)), "\n")
	require.Contains(t, lines, "nobody enter-by-provider session: provider_refused")
	require.Contains(t, c.Log.String(), "what a provider answered was refused")
	stored := values(t, path)
	require.NotEmpty(t, stored["providers"])
	require.NotEmpty(t, stored["accounts"])
	told := fmt.Sprint(lines, c.Log.String(), stored)
	for _, secret := range secrets {
		require.NotContains(t, told, secret)
	}
}
