package outbound

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/access"
)

// said is an answer of a provider.
type said string

// Claims decodes it.
func (s said) Claims(v any) error { return json.Unmarshal([]byte(s), v) }

const (
	google = "https://accounts.google.com"
	entra  = "https://login.microsoftonline.com/9f1f0bb0-0000-4000-8000-000000000000/v2.0"
	anyone = "https://id.corp.test/realms/corp"
)

// Each provider has its own way to say that an email is the person's.
func TestWhoVouches(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		issuer, says string
		vouched      bool
	}{
		{anyone, `"email_verified":true`, true},
		{anyone, `"email_verified":"true"`, true},
		{anyone, `"email_verified":"True"`, false},
		{anyone, `"email_verified":"false"`, false},
		{anyone, `"email_verified":[true]`, false},
		{anyone, `"email_verified":null`, false},
		{anyone, `"name":"x"`, false},
		{anyone, `"xms_edov":true`, false},
		{google, `"email_verified":true`, false},
		{google, `"email_verified":true,"hd":"corp.test"`, true},
		{google, `"email_verified":false,"hd":"corp.test"`, false},
		{google, `"email":"Olena@Gmail.com","email_verified":true`, true},
		{google, `"email":"olena@notgmail.com","email_verified":true`, false},
		{entra, `"xms_edov":"1"`, true},
		{entra, `"xms_edov":1`, true},
		{entra, `"xms_edov":true`, true},
		{entra, `"xms_edov":"0"`, false},
		{entra, `"name":"x"`, false},
	} {
		c, err := readClaims(said(`{"sub":"s","email":"x@corp.test",` + tt.says + `}`))
		require.NoError(t, err)
		require.Equal(t, tt.vouched, c.identity(tt.issuer).Verified, "%s %s", tt.issuer, tt.says)
	}
}

// Whatever a provider says, nobody is without a subject, and no time is beyond reason.
func FuzzClaims(f *testing.F) {
	for _, seed := range []string{
		`{"sub":"s"}`, `{"sub":"s","email":"a@b.c","email_verified":"true","auth_time":1700000000,"hd":"b.c","xms_edov":1}`,
		`{"sub":7}`, `{"sub":"\u0000"}`, `{"sub":"s","auth_time":1e300}`, `{"sub":"s","auth_time":"x"}`, `[]`, `null`, `{"sub":"s","sub":""}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := readClaims(said(text))
		if err != nil {
			return
		}
		for _, issuer := range []string{google, entra, anyone, "", "::"} {
			who := c.identity(issuer)
			require.NotEmpty(t, who.Subject)
			require.LessOrEqual(t, len(who.Subject), maxSubject)
			require.True(t, who.AuthAt.IsZero() || who.AuthAt.After(time.Unix(0, 0)) && who.AuthAt.Year() < 40_000)
			require.False(t, issuer == "" && who.Verified && !bool(c.Verified))
			require.IsType(t, access.Identity{}, who)
		}
	})
}
