package access

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/fault"
	"bellman/internal/seal"
)

// at is a service that has a key and a clock, and nothing else.
func at(key Sealer, now time.Time) *People {
	return NewPeople(nil, func() time.Time { return now }, key)
}

// kept returns what a browser keeps of a text.
func kept(p *People, text string) string {
	content := base64.RawURLEncoding.EncodeToString([]byte(text))
	return content + "." + p.sign(errandText(content))
}

// What is derived from an errand for one purpose tells nothing of another one, and is of
// that errand; another installation knows nothing of it.
func TestErrandsAreTied(t *testing.T) {
	t.Parallel()
	now, key := time.UnixMilli(1_700_000_000_000), seal.Of(seal.NewKey())
	p := at(key, now)
	text := kept(p, `{"kind":"confirm","provider":1,"session":2,"random":"x","at":1700000000000}`)
	e, err := p.readErrand(text)
	require.NoError(t, err)
	require.Equal(t, errand{Kind: ConfirmErrand, ProviderID: 1, SessionID: 2, Random: "x", At: 1_700_000_000_000}, e)
	_, err = at(seal.Of(seal.NewKey()), now).readErrand(text)
	require.ErrorIs(t, err, ErrErrand)
	q, other := e.question(), errand{Kind: ConfirmErrand, Random: "y"}.question()
	require.True(t, q.Anew)
	require.GreaterOrEqual(t, len(q.Verifier), 43, "RFC 7636, section 4.1")
	seen := map[string]bool{}
	for _, derived := range []string{strings.TrimPrefix(q.State, "confirm."), q.Nonce, q.Verifier, other.State, other.Nonce, other.Verifier} {
		require.False(t, seen[derived])
		seen[derived] = true
	}
	for after, over := range map[time.Duration]bool{0: false, ErrandLasts - 1: false, ErrandLasts: true, 24 * time.Hour: true} {
		_, err := at(key, now.Add(after)).readErrand(text)
		require.Equal(t, over, err != nil, after)
	}
}

// Whatever a browser sends in place of what it has kept is an errand that is over, unless
// it was signed here.
func FuzzErrand(f *testing.F) {
	p := at(seal.Of(seal.NewKey()), time.UnixMilli(1_700_000_000_000))
	good := kept(p, `{"kind":"enter","provider":1,"random":"x","at":1700000000000}`)
	for _, seed := range []string{"", ".", good, good + "x", good[1:], "e30." + p.sign(errandText("e3")), kept(p, "{"), kept(p, "null")} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		_, err := p.readErrand(text)
		content, mark, _ := strings.Cut(text, ".")
		if mark != p.sign(errandText(content)) {
			require.True(t, fault.Is(err, ErrErrand.Code))
		}
	})
}

func TestProviderNumbers(t *testing.T) {
	t.Parallel()
	// No secret of a provider opens as one of a user: ids are far below the distance.
	require.Greater(t, ProviderNumber(0)-FactorNumber(1<<50), int64(1<<60))
	require.Less(t, ProviderNumber(1<<50), -int64(1<<60))
}
