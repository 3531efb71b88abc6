package access

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/fault"
)

// keyed is a service that has a key and a clock, and nothing else.
func keyed(key string, now time.Time) *People {
	return &People{key: []byte(key), now: func() time.Time { return now }}
}

// signed returns what a browser keeps of a text.
func signed(p *People, text string) string {
	content := base64.RawURLEncoding.EncodeToString([]byte(text))
	return content + "." + p.derive("errand", content)
}

// What is derived from an errand for one purpose is of use for no other one, and another
// installation derives other things.
func TestErrandsAreTied(t *testing.T) {
	t.Parallel()
	now := time.UnixMilli(1_700_000_000_000)
	p, other := keyed("key", now), keyed("another", now)
	text := signed(p, `{"kind":"confirm","provider":1,"session":2,"random":"x","at":1700000000000}`)
	e, content, err := p.readErrand(text)
	require.NoError(t, err)
	require.Equal(t, errand{Kind: ConfirmErrand, ProviderID: 1, SessionID: 2, Random: "x", At: 1_700_000_000_000}, e)
	_, _, err = other.readErrand(text)
	require.ErrorIs(t, err, ErrErrand)
	q := p.question(e, content)
	require.True(t, q.Anew)
	require.GreaterOrEqual(t, len(q.Verifier), 43, "RFC 7636, section 4.1")
	seen := map[string]bool{}
	_, signature, _ := strings.Cut(text, ".")
	state := strings.TrimPrefix(q.State, "confirm.")
	theirs := other.question(e, content)
	for _, derived := range []string{signature, state, q.Nonce, q.Verifier, theirs.State, theirs.Nonce, theirs.Verifier} {
		require.False(t, seen[derived])
		seen[derived] = true
	}
	for after, over := range map[time.Duration]bool{0: false, ErrandLasts - 1: false, ErrandLasts: true, 24 * time.Hour: true} {
		_, _, err := keyed("key", now.Add(after)).readErrand(text)
		require.Equal(t, over, err != nil, after)
	}
}

// Whatever a browser sends in place of what it has kept is an errand that is over, unless
// it was signed here.
func FuzzErrand(f *testing.F) {
	p := keyed("key", time.UnixMilli(1_700_000_000_000))
	good := signed(p, `{"kind":"enter","provider":1,"random":"x","at":1700000000000}`)
	for _, seed := range []string{"", ".", good, good + "x", good[1:], "e30." + p.derive("errand", "e3"), signed(p, "{"), signed(p, "null")} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		_, content, err := p.readErrand(text)
		before, after, _ := strings.Cut(text, ".")
		if after != p.derive("errand", before) {
			require.True(t, fault.Is(err, ErrErrand.Code))
		}
		require.Equal(t, err != nil, content == "")
	})
}

func TestProviderNumbers(t *testing.T) {
	t.Parallel()
	// No secret of a provider opens as one of a user: ids are far below the distance.
	require.Greater(t, providerNumber(0)-factorNumber(1<<50), int64(1<<60))
	require.Less(t, providerNumber(1<<50), -int64(1<<60))
}
