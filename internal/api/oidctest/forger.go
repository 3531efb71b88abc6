package oidctest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/require"
)

// NewBrowser returns a browser without cookies.
func NewBrowser(tb testing.TB) *Browser {
	tb.Helper()
	jar, err := cookiejar.New(nil)
	require.NoError(tb, err)
	return &Browser{&http.Client{
		Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Claims are what a token says.
type Claims = map[string]any

// Forger is a provider that says whatever a test wants. Unless it is changed, what it says
// is right.
type Forger struct {
	// Issuer is its address.
	Issuer string
	mu     sync.Mutex
	key    *ecdsa.PrivateKey
	// asked are the queries with which browsers came, by the codes that they got.
	asked map[string]url.Values
	tale
}

// tale is what a forger says otherwise than it should.
type tale struct {
	claims   Claims
	sign     func(f *Forger, claims Claims) string
	document Claims
	token    func(w http.ResponseWriter, r *http.Request, right func())
	keys     int
	info     Claims
	params   Claims
}

// NewForger returns a forger, until the test ends.
func NewForger(tb testing.TB) *Forger {
	tb.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(tb, err)
	f := &Forger{key: private, asked: map[string]url.Values{}}
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	tb.Cleanup(server.Close)
	f.Issuer = server.URL
	mux.HandleFunc("GET /.well-known/openid-configuration", f.describe)
	mux.HandleFunc("GET /auth", f.authorize)
	mux.HandleFunc("POST /token", f.answer)
	mux.HandleFunc("GET /keys", f.publish)
	mux.HandleFunc("GET /info", func(w http.ResponseWriter, _ *http.Request) { write(w, f.told().info) })
	return f
}

// Saying changes the claims of the tokens; nil takes one out.
func (f *Forger) Saying(c Claims) { f.set(func(t *tale) { t.claims = c }) }

// SignedBy changes how tokens are signed.
func (f *Forger) SignedBy(sign func(f *Forger, claims Claims) string) {
	f.set(func(t *tale) { t.sign = sign })
}

// Describing changes the discovery document; nil takes something out.
func (f *Forger) Describing(c Claims) { f.set(func(t *tale) { t.document = c }) }

// Answering answers calls for a token; right answers as it should be.
func (f *Forger) Answering(token func(w http.ResponseWriter, r *http.Request, right func())) {
	f.set(func(t *tale) { t.token = token })
}

// Hiding answers calls for its keys with a status; 0 for 200.
func (f *Forger) Hiding(status int) { f.set(func(t *tale) { t.keys = status }) }

// Telling answers calls for what is known of a person.
func (f *Forger) Telling(info Claims) { f.set(func(t *tale) { t.info = info }) }

// Adding adds parameters to what browsers are sent back with.
func (f *Forger) Adding(params Claims) { f.set(func(t *tale) { t.params = params }) }

// Repent makes it say again what is right.
func (f *Forger) Repent() { f.set(func(t *tale) { *t = tale{} }) }

func (f *Forger) set(change func(t *tale)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(&f.tale)
}

func (f *Forger) told() tale {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.tale
}

func write(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	// A client that has left needs no answer.
	_ = json.NewEncoder(w).Encode(value)
}

func changed(right, change Claims) Claims {
	out := maps.Clone(right)
	maps.Copy(out, change)
	maps.DeleteFunc(out, func(_ string, value any) bool { return value == nil })
	return out
}

func (f *Forger) describe(w http.ResponseWriter, _ *http.Request) {
	write(w, changed(Claims{
		"issuer": f.Issuer, "authorization_endpoint": f.Issuer + "/auth", "token_endpoint": f.Issuer + "/token", "jwks_uri": f.Issuer + "/keys",
		"userinfo_endpoint": f.Issuer + "/info", "id_token_signing_alg_values_supported": []string{"ES256"},
	}, f.told().document))
}

func (f *Forger) authorize(w http.ResponseWriter, r *http.Request) {
	code := rand.Text()
	f.mu.Lock()
	f.asked[code] = r.URL.Query()
	params := f.params
	f.mu.Unlock()
	back := url.Values{"code": {code}, "state": {r.FormValue("state")}}
	for name, value := range params {
		back.Set(name, value.(string))
	}
	http.Redirect(w, r, r.FormValue("redirect_uri")+"?"+back.Encode(), http.StatusFound)
}

func (f *Forger) answer(w http.ResponseWriter, r *http.Request) {
	told := f.told()
	right := func() {
		f.mu.Lock()
		asked, ok := f.asked[r.FormValue("code")]
		f.mu.Unlock()
		if !ok {
			w.WriteHeader(http.StatusBadRequest)
			write(w, Claims{"error": "invalid_grant"})
			return
		}
		now := time.Now().Unix()
		claims := changed(Claims{
			"iss": f.Issuer, "aud": ClientID, "sub": "forged", "exp": now + 60, "iat": now, "nonce": asked.Get("nonce"),
			"email": "forged@corp.test", "email_verified": true, "name": "Forged", "auth_time": now,
		}, told.claims)
		sign := told.sign
		if sign == nil {
			sign = Signed
		}
		write(w, Claims{"access_token": rand.Text(), "token_type": "Bearer", "id_token": sign(f, claims)})
	}
	if told.token != nil {
		told.token(w, r, right)
		return
	}
	right()
}

func (f *Forger) publish(w http.ResponseWriter, _ *http.Request) {
	if status := f.told().keys; status != 0 {
		w.WriteHeader(status)
		return
	}
	write(w, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: &f.key.PublicKey, KeyID: "k", Algorithm: "ES256", Use: "sig"}}})
}

// Signed signs claims as it should be.
func Signed(f *Forger, claims Claims) string { return sign(jose.ES256, f.key, claims) }

// SignedByAnother signs claims with another key under the same name.
func SignedByAnother(_ *Forger, claims Claims) string {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	return sign(jose.ES256, private, claims)
}

// SignedBySecret signs claims with the secret of the client, as HS256.
func SignedBySecret(_ *Forger, claims Claims) string {
	return sign(jose.HS256, []byte(strings.Repeat(Secret, 2)), claims)
}

// Unsigned writes claims with the algorithm none.
func Unsigned(_ *Forger, claims Claims) string {
	body, err := json.Marshal(claims)
	if err != nil {
		panic(err)
	}
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(`{"alg":"none"}`)) + "." + encode(body) + "."
}

func sign(algorithm jose.SignatureAlgorithm, key any, claims Claims) string {
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: jose.JSONWebKey{Key: key, KeyID: "k"}}, nil)
	if err != nil {
		panic(err)
	}
	body, err := json.Marshal(claims)
	if err != nil {
		panic(err)
	}
	signed, err := signer.Sign(body)
	if err != nil {
		panic(err)
	}
	text, err := signed.CompactSerialize()
	if err != nil {
		panic(err)
	}
	return text
}
