package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/descope/virtualwebauthn"
	"github.com/stretchr/testify/require"

	"bellman/internal/access"
	"bellman/internal/api/apitest"
	"bellman/internal/workspace"
)

// here is the address that people of tests have in their browsers.
var here = virtualwebauthn.RelyingParty{Name: "Bellman", ID: "localhost", Origin: "http://localhost"}

// A device holds passkeys.
type device struct {
	virtualwebauthn.Authenticator
	key virtualwebauthn.Credential
	// uncounted says that it does not count its uses, as those whose keys are in a cloud.
	uncounted bool
}

func newDevice() *device {
	return &device{Authenticator: virtualwebauthn.NewAuthenticator(), key: newCredential()}
}

// coseKey is the length of a public key on P-256 as devices write it (RFC 9053, section 7.1),
// with two coordinates of 32 bytes each.
const coseKey = 77

// newCredential returns a fresh key. The library leaves out the zeros with which the
// coordinates of one in 128 begin, and what is shorter is no key.
func newCredential() virtualwebauthn.Credential {
	for {
		c := virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2)
		if len(c.Key.AttestationData()) == coseKey {
			return c
		}
	}
}

// begin begins a ceremony and returns its text and what is asked.
func begin(t *testing.T, p *apitest.Person, path string) (ceremony, options string) {
	t.Helper()
	w := p.Call(http.MethodPost, path, "")
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	return apitest.Field[string](t, w, "ceremony"), string(apitest.Field[json.RawMessage](t, w, "options"))
}

// register answers what is asked when a passkey is made.
func (d *device) register(t *testing.T, rp virtualwebauthn.RelyingParty, options string) string {
	t.Helper()
	parsed, err := virtualwebauthn.ParseAttestationOptions(options)
	require.NoError(t, err)
	d.Options.UserHandle = []byte(parsed.UserID)
	d.AddCredential(d.key)
	return virtualwebauthn.CreateAttestationResponse(rp, d.Authenticator, d.key, *parsed)
}

// answer answers what is asked when somebody enters.
func (d *device) answer(t *testing.T, rp virtualwebauthn.RelyingParty, options string) string {
	t.Helper()
	parsed, err := virtualwebauthn.ParseAssertionOptions(options)
	require.NoError(t, err)
	if !d.uncounted {
		d.key.Counter++
	}
	return virtualwebauthn.CreateAssertionResponse(rp, d.Authenticator, d.key, *parsed)
}

func response(ceremony, credential, more string) string {
	return fmt.Sprintf(`{"ceremony":%q,"credential":%s%s}`, ceremony, credential, more)
}

const (
	beginPasskey = "/manage/v1/me/passkeys/begin"
	myPasskeys   = "/manage/v1/me/passkeys"
	beginEntry   = "/manage/v1/session/passkey/begin"
	enterPasskey = "/manage/v1/session/passkey"
)

func TestPasskeys(t *testing.T) {
	t.Parallel()
	in, now := clocked(t)
	p, d := in.Own(t), newDevice()
	ceremony, options := begin(t, p, beginPasskey)
	body := response(ceremony, d.register(t, here, options), `,"name":"telephone"`)
	w := p.Call(http.MethodPost, myPasskeys, body)
	require.Equal(t, http.StatusCreated, w.Code, w.Body)
	w = p.Call(http.MethodPost, myPasskeys, body)
	require.Equal(t, http.StatusUnprocessableEntity, w.Code, "the same answer again: %s", w.Body)
	ceremony, options = begin(t, p, beginPasskey)
	w = p.Call(http.MethodPost, myPasskeys, response(ceremony, d.register(t, here, options), `,"name":"again"`))
	require.Equal(t, http.StatusConflict, w.Code, "the same key again: %s", w.Body)

	enter := func() (*apitest.Person, int, string) {
		guest := in.Stranger()
		ceremony, options := begin(t, guest, beginEntry)
		w := guest.Call(http.MethodPost, enterPasskey, response(ceremony, d.answer(t, here, options), ""))
		return guest, w.Code, w.Body.String()
	}
	guest, status, text := enter()
	require.Equal(t, http.StatusCreated, status, text)
	user := apitest.Field[map[string]any](t, guest.Call(http.MethodGet, sessionPath, ""), "user")
	require.Equal(t, p.Email, user["email"])

	// It takes the place of the password where that is asked for again, for its own user.
	*now = now.Add(time.Hour)
	require.Equal(t, http.StatusForbidden, guest.Call(http.MethodPost, "/manage/v1/keys", `{"name":"k","scope":"full"}`).Code)
	ceremony, options = begin(t, guest, beginEntry)
	answered := response(ceremony, d.answer(t, here, options), "")
	other := in.Join(t, workspace.Default, access.Admin)
	require.Equal(t, http.StatusForbidden, other.Call(http.MethodPost, sessionPath+"/confirm/passkey", answered).Code)
	ceremony, options = begin(t, guest, beginEntry)
	w = guest.Call(http.MethodPost, sessionPath+"/confirm/passkey", response(ceremony, d.answer(t, here, options), ""))
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	require.Equal(t, http.StatusCreated, guest.Call(http.MethodPost, "/manage/v1/keys", `{"name":"k","scope":"full"}`).Code)

	// A key that comes to be kept in a cloud after it was made is the same key.
	d.Options.BackupEligible, d.Options.BackupState = true, true
	_, status, text = enter()
	require.Equal(t, http.StatusCreated, status, text)

	items := apitest.Field[[]map[string]any](t, guest.Call(http.MethodGet, myPasskeys, ""), "items")
	require.Len(t, items, 1)
	require.Equal(t, "telephone", items[0]["name"])
	require.NotEmpty(t, items[0]["usedAt"])
	path := fmt.Sprint(myPasskeys, "/", items[0]["id"])
	require.Equal(t, http.StatusNotFound, other.Call(http.MethodDelete, path, "").Code)
	require.Equal(t, http.StatusNoContent, guest.Call(http.MethodDelete, path, "").Code)
	_, status, text = enter()
	require.Equal(t, http.StatusUnauthorized, status, text)
}

// What is answered late, twice, for another place, by who was not seen, by a copy of the
// key, or with something changed, opens nothing.
func TestPasskeyIsRefused(t *testing.T) {
	t.Parallel()
	in, now := clocked(t)
	p, d := in.Own(t), newDevice()
	d.uncounted = true
	ceremony, options := begin(t, p, beginPasskey)
	w := p.Call(http.MethodPost, myPasskeys, response(ceremony, d.register(t, here, options), `,"name":"telephone"`))
	require.Equal(t, http.StatusCreated, w.Code, w.Body)
	send := func(ceremony, credential string) int {
		w := in.Stranger().Call(http.MethodPost, enterPasskey, response(ceremony, credential, ""))
		require.NotEqual(t, http.StatusInternalServerError, w.Code, "%s %s", w.Body, in.Log)
		return w.Code
	}
	asked := func() (string, string) { return begin(t, in.Stranger(), beginEntry) }

	ceremony, options = asked()
	once := d.answer(t, here, options)
	require.Equal(t, http.StatusCreated, send(ceremony, once))
	require.Equal(t, http.StatusUnprocessableEntity, send(ceremony, once), "twice")

	ceremony, options = asked()
	late := d.answer(t, here, options)
	*now = now.Add(5 * time.Minute)
	require.Equal(t, http.StatusUnprocessableEntity, send(ceremony, late), "late")

	for name, rp := range map[string]virtualwebauthn.RelyingParty{
		"another place":  {Name: "x", ID: "evil.test", Origin: "https://evil.test"},
		"another origin": {Name: "x", ID: "localhost", Origin: "http://evil.test"},
	} {
		ceremony, options = asked()
		require.Equal(t, http.StatusUnauthorized, send(ceremony, d.answer(t, rp, options)), name)
	}
	ceremony, _ = asked()
	_, others := asked()
	require.Equal(t, http.StatusUnauthorized, send(ceremony, d.answer(t, here, others)), "the answer to another question")

	d.Options.UserNotVerified = true
	ceremony, options = asked()
	require.Equal(t, http.StatusUnauthorized, send(ceremony, d.answer(t, here, options)), "nobody was seen")
	d.Options.UserNotVerified = false

	for _, use := range []struct {
		counter uint32
		status  int
	}{{7, 201}, {6, 401}, {7, 401}, {0, 401}, {9, 201}} {
		d.key.Counter = use.counter
		ceremony, options = asked()
		require.Equal(t, use.status, send(ceremony, d.answer(t, here, options)), "a copy counts backwards: %d", use.counter)
	}
	d.uncounted = false

	stranger := newDevice()
	stranger.Options.UserHandle = d.Options.UserHandle
	ceremony, options = asked()
	require.Equal(t, http.StatusUnauthorized, send(ceremony, stranger.answer(t, here, options)), "a key that nobody knows")
	stranger.key.ID = d.key.ID
	ceremony, options = asked()
	require.Equal(t, http.StatusUnauthorized, send(ceremony, stranger.answer(t, here, options)), "the name of another key")

	ceremony, options = asked()
	good := d.answer(t, here, options)
	for _, bad := range []string{"", ".", "x.y", ceremony[1:], ceremony + "x", strings.ToUpper(ceremony)} {
		require.Equal(t, http.StatusUnprocessableEntity, send(bad, good), "the ceremony %q", bad)
	}
	for _, bad := range []string{"{}", "null", `"x"`, "[]", `{"id":"x","rawId":"x","type":"public-key","response":{}}`} {
		require.Equal(t, http.StatusUnprocessableEntity, send(ceremony, bad), bad)
	}
	require.Equal(t, http.StatusCreated, send(ceremony, good))
}
