package api_test

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // what authenticators use
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/access"
	"bellman/internal/api/apitest"
	"bellman/internal/workspace"
)

// shown is the code that an authenticator shows (RFC 4226, section 5.3, and RFC 6238,
// section 4), written from the text of these.
func shown(t *testing.T, secret string, at time.Time) string {
	t.Helper()
	key, err := base32.StdEncoding.DecodeString(secret)
	require.NoError(t, err)
	mac := hmac.New(sha1.New, key)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(at.Unix()/30)))
	sum := mac.Sum(nil)
	offset := sum[19] & 0xf
	return fmt.Sprintf("%06d", (binary.BigEndian.Uint32(sum[offset:])&0x7fffffff)%1_000_000)
}

// The authenticator of this test shows what RFC 6238, appendix B, says.
func TestShownCodes(t *testing.T) {
	t.Parallel()
	secret := base32.StdEncoding.EncodeToString([]byte("12345678901234567890"))
	for seconds, want := range map[int64]string{59: "287082", 1111111109: "081804", 1234567890: "005924", 2000000000: "279037"} {
		require.Equal(t, want, shown(t, secret, time.Unix(seconds, 0)))
	}
}

// again is a person in another browser.
func again(in *apitest.Installation, p *apitest.Person) *apitest.Person {
	other := in.Stranger()
	other.Email = p.Email
	return other
}

func TestAuthenticator(t *testing.T) {
	t.Parallel()
	in, now := clocked(t)
	p := in.Own(t)
	signIn := func(code string) (int, string) {
		w := again(in, p).Enter(code)
		return w.Code, w.Body.String()
	}
	refused := func(code, fault string) {
		t.Helper()
		*now = now.Add(20 * time.Minute) // no attempt has to wait
		status, body := signIn(code)
		require.Equal(t, http.StatusUnauthorized, status, body)
		require.Contains(t, body, `"code":"`+fault+`"`)
	}
	taken := func(code string) {
		t.Helper()
		status, body := signIn(code)
		require.Equal(t, http.StatusCreated, status, body)
	}
	// Nothing is asked for until a code was seen.
	require.Equal(t, http.StatusConflict, p.Call(http.MethodPost, "/manage/v1/me/authenticator/confirm", `{"code":"123456"}`).Code)
	w := p.Call(http.MethodPost, "/manage/v1/me/authenticator", "")
	require.Equal(t, http.StatusCreated, w.Code, w.Body)
	secret := apitest.Field[string](t, w, "secret")
	address, err := url.Parse(apitest.Field[string](t, w, "address"))
	require.NoError(t, err)
	require.Equal(t, "otpauth://totp/Bellman:owner@people.test", address.Scheme+"://"+address.Host+address.Path)
	require.Equal(t, secret, address.Query().Get("secret"))
	taken("")
	elsewhere := again(in, p)
	elsewhere.SignIn(t)
	confirm := func(code string) (int, []string) {
		w := p.Call(http.MethodPost, "/manage/v1/me/authenticator/confirm", fmt.Sprintf(`{"code":%q}`, code))
		if w.Code != http.StatusOK {
			return w.Code, nil
		}
		return w.Code, apitest.Field[[]string](t, w, "recoveryCodes")
	}
	status, _ := confirm("000000")
	require.Equal(t, http.StatusForbidden, status)
	require.Equal(t, http.StatusOK, p.Call(http.MethodGet, sessionPath, "").Code)
	status, recovery := confirm(shown(t, secret, *now))
	require.Equal(t, http.StatusOK, status)
	require.Len(t, recovery, 10)
	require.Equal(t, http.StatusUnauthorized, elsewhere.Call(http.MethodGet, sessionPath, "").Code)

	refused("", "code_needed")
	refused("123", "code_wrong")
	refused("abcdef", "code_wrong")
	// One step before and after, each once and never back.
	*now = now.Add(time.Hour)
	taken(shown(t, secret, now.Add(-30*time.Second)))
	taken(shown(t, secret, *now))
	status, body := signIn(shown(t, secret, *now))
	require.Equal(t, http.StatusUnauthorized, status, body)
	taken(shown(t, secret, now.Add(30*time.Second)))
	*now = now.Add(time.Hour)
	status, _ = signIn(shown(t, secret, now.Add(-time.Minute)))
	require.Equal(t, http.StatusUnauthorized, status)
	status, _ = signIn(shown(t, secret, now.Add(time.Minute)))
	require.Equal(t, http.StatusUnauthorized, status)

	// A recovery code is good once, however it is written.
	*now = now.Add(time.Hour)
	taken(" " + recovery[3] + " ")
	refused(recovery[3], "code_wrong")
	taken(recovery[4])

	// It is asked for where the password is.
	*now = now.Add(time.Hour)
	code := shown(t, secret, *now)
	w = p.Call(http.MethodPost, sessionPath, fmt.Sprintf(`{"email":%q,"password":%q,"code":%q}`, p.Email, apitest.Password, code))
	require.Equal(t, http.StatusCreated, w.Code, w.Body)
	*now = now.Add(time.Hour)
	w = p.Call(http.MethodPost, sessionPath+"/confirm", fmt.Sprintf(`{"password":%q}`, apitest.Password))
	require.Equal(t, http.StatusForbidden, w.Code)
	require.Contains(t, w.Body.String(), "code_needed")
	code = shown(t, secret, *now)
	w = p.Call(http.MethodPost, sessionPath+"/confirm", fmt.Sprintf(`{"password":%q,"code":%q}`, apitest.Password, code))
	require.Equal(t, http.StatusOK, w.Code, w.Body)

	w = p.Call(http.MethodPost, "/manage/v1/me/recovery-codes", "")
	require.Equal(t, http.StatusCreated, w.Code, w.Body)
	refused(recovery[5], "code_wrong")
	taken(apitest.Field[[]string](t, w, "recoveryCodes")[0])

	// A link for a new password is not enough either; who is able to help may take it away.
	link, err := in.Config.People.ResetByCommand(t.Context(), p.Email, false)
	require.NoError(t, err)
	accept := func(code string) int {
		return in.Stranger().Call(http.MethodPost, "/manage/v1/links/accept",
			fmt.Sprintf(`{"link":%q,"password":"six lamps under water","code":%q}`, link, code)).Code
	}
	require.Equal(t, http.StatusUnauthorized, accept(""))
	*now = now.Add(20 * time.Minute)
	require.Equal(t, http.StatusCreated, accept(shown(t, secret, *now)))
}

// The same code, or recovery code, sent many times at once, is taken once.
func TestCodesAreTakenOnceAtOnce(t *testing.T) {
	t.Parallel()
	in, now := clocked(t)
	p := in.Own(t)
	w := p.Call(http.MethodPost, "/manage/v1/me/authenticator", "")
	secret := apitest.Field[string](t, w, "secret")
	w = p.Call(http.MethodPost, "/manage/v1/me/authenticator/confirm", fmt.Sprintf(`{"code":%q}`, shown(t, secret, *now)))
	recovery := apitest.Field[[]string](t, w, "recoveryCodes")
	*now = now.Add(time.Hour)
	for _, code := range []string{shown(t, secret, *now), recovery[0]} {
		var (
			all   sync.WaitGroup
			mu    sync.Mutex
			taken int
		)
		for range 5 {
			all.Go(func() {
				w := again(in, p).Enter(code)
				mu.Lock()
				defer mu.Unlock()
				if w.Code == http.StatusCreated {
					taken++
				}
			})
		}
		all.Wait()
		require.Equal(t, 1, taken)
		*now = now.Add(25 * time.Hour)
	}
}

func TestAdminsTakeAuthenticatorsAway(t *testing.T) {
	t.Parallel()
	in, now := clocked(t)
	owner, admin := in.Join(t, workspace.Default, access.Owner), in.Join(t, workspace.Default, access.Admin)
	writer := in.Join(t, workspace.Default, access.Writer)
	for _, p := range []*apitest.Person{owner, writer} {
		w := p.Call(http.MethodPost, "/manage/v1/me/authenticator", "")
		w = p.Call(http.MethodPost, "/manage/v1/me/authenticator/confirm",
			fmt.Sprintf(`{"code":%q}`, shown(t, apitest.Field[string](t, w, "secret"), *now)))
		require.Equal(t, http.StatusOK, w.Code, w.Body)
	}
	path := func(p *apitest.Person) string {
		user := apitest.Field[map[string]any](t, p.Call(http.MethodGet, sessionPath, ""), "user")
		require.Equal(t, true, user["secondFactor"])
		return fmt.Sprintf("/manage/v1/users/%v/authenticator", user["id"])
	}
	require.Equal(t, http.StatusForbidden, admin.Call(http.MethodDelete, path(owner), "").Code)
	require.Equal(t, http.StatusNoContent, admin.Call(http.MethodDelete, path(writer), "").Code)
	writer.SignIn(t)
}
