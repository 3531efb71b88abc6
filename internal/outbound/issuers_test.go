package outbound_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/access"
	"bellman/internal/api/oidctest"
	"bellman/internal/fault"
	"bellman/internal/outbound"
)

// What an issuer has said is good for an hour, that it has not answered for seconds; a
// check asks it anew in any case.
func TestIssuersAreRemembered(t *testing.T) {
	t.Parallel()
	f := oidctest.NewForger(t)
	now := time.Now()
	issuers := outbound.NewIssuers(func() time.Time { return now })
	address := func() (string, error) {
		return issuers.Address(t.Context(), access.Client{Issuer: f.Issuer, ID: oidctest.ClientID, Redirect: oidctest.Redirect}, access.Question{
			State: "enter.x", Nonce: "n", Verifier: "a verifier that is long enough for its purpose",
		})
	}
	first, err := address()
	require.NoError(t, err)
	f.Describing(oidctest.Claims{"issuer": "https://another.test"})
	now = now.Add(time.Hour - time.Second)
	again, err := address()
	require.NoError(t, err)
	require.Equal(t, first, again)
	now = now.Add(time.Second)
	_, err = address()
	require.Equal(t, fault.Unavailable, fault.KindOf(err))
	f.Repent()
	_, err = address()
	require.Error(t, err, "it was asked a moment ago")
	now = now.Add(5 * time.Second)
	_, err = address()
	require.NoError(t, err)
	f.Describing(oidctest.Claims{"issuer": "https://another.test"})
	require.Equal(t, fault.Invalid, fault.KindOf(issuers.Check(t.Context(), f.Issuer)))
	f.Describing(oidctest.Claims{"authorization_endpoint": f.Issuer + "/another"})
	require.NoError(t, issuers.Check(t.Context(), f.Issuer))
	again, err = address()
	require.NoError(t, err)
	require.Contains(t, again, "/another?")
	// A clock that is set back does not make it good for longer.
	now = now.Add(-2 * time.Hour)
	f.Repent()
	again, err = address()
	require.NoError(t, err)
	require.Equal(t, first, again)
}

// A question has all that ties the answer to it, and neither the verifier nor the secret.
func TestQuestionsAreTied(t *testing.T) {
	t.Parallel()
	f := oidctest.NewForger(t)
	for _, anew := range []bool{false, true} {
		issuers := outbound.NewIssuers(time.Now)
		client := access.Client{Issuer: f.Issuer, ID: oidctest.ClientID, Secret: oidctest.Secret, Redirect: oidctest.Redirect}
		// The example of RFC 7636, appendix B.
		text, err := issuers.Address(t.Context(), client, access.Question{
			State: "s", Nonce: "n", Verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", Anew: anew,
		})
		require.NoError(t, err)
		u, err := url.Parse(text)
		require.NoError(t, err)
		want := url.Values{
			"client_id": {oidctest.ClientID}, "redirect_uri": {oidctest.Redirect}, "response_type": {"code"}, "scope": {"openid email profile"},
			"state": {"s"}, "nonce": {"n"}, "code_challenge": {"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"}, "code_challenge_method": {"S256"},
		}
		if anew {
			want["prompt"], want["max_age"] = []string{"login"}, []string{"0"}
			want["claims"] = []string{`{"id_token":{"auth_time":{"essential":true}}}`}
		}
		require.Equal(t, want, u.Query())
	}
}

// A provider that knows no Basic gets the secret in the body, and is asked once: a code is
// good once.
func TestSecretsAreSentAsTheProviderWants(t *testing.T) {
	t.Parallel()
	f := oidctest.NewForger(t)
	var sent []string
	f.Answering(func(w http.ResponseWriter, r *http.Request, _ func()) {
		_, inHeader, _ := r.BasicAuth()
		sent = append(sent, inHeader+"|"+r.FormValue("client_secret"))
		w.WriteHeader(http.StatusBadRequest)
	})
	for _, tt := range []struct {
		methods any
		sent    string
	}{
		{nil, "s|"}, {[]string{"client_secret_post"}, "|s"}, {[]string{"client_secret_post", "client_secret_basic"}, "s|"},
	} {
		sent = nil
		f.Describing(oidctest.Claims{"token_endpoint_auth_methods_supported": tt.methods})
		client := access.Client{Issuer: f.Issuer, ID: "c", Secret: "s"}
		_, err := outbound.NewIssuers(time.Now).Redeem(t.Context(), client, access.Question{}, "code")
		require.Equal(t, fault.Unauthorized, fault.KindOf(err))
		require.Equal(t, []string{tt.sent}, sent)
	}
}
