package access

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bellman/internal/fault"
	"bellman/internal/seal"
)

func TestReadEmail(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		" Olena@Example.COM ": "olena@example.com", "a@b": "a@b", "o'neil+x@sub.example.com": "o'neil+x@sub.example.com",
		"": "", "olena": "", "a@b@c": "", "Olena <olena@example.com>": "", "olena@example.com, petro@example.com": "", "a b@c.d": "",
		strings.Repeat("x", 251) + "@a.b": "", "a@b\x00": "", "\n": "",
	} {
		got, err := readEmail(text)
		require.Equal(t, want, got, text)
		require.Equal(t, want == "", err != nil, text)
	}
}

func TestCheckPassword(t *testing.T) {
	t.Parallel()
	owner := User{Email: "olena.kovalenko@example.com", Name: "Olena Kovalenko"}
	for password, code := range map[string]string{
		"eleven char":                      "password_short",
		"пароль одинн":                     "",
		strings.Repeat("long enough ", 22): "password_long",
		"password1234":                     "password_common",
		"qwertyuiop[]":                     "password_common",
		"aaaaaaaaaaaaaaa":                  "password_common",
		"olenakovalenko":                   "password_common",
		"Kovalenko2026":                    "password_common",
		"telegrambellman":                  "password_common",
		"123456789012345":                  "password_common",
		"seven lamps under water":          "",
		"kT9$wQ2!zL5@":                     "",
		strings.Repeat("kT9$wQ2!zL5@", 21): "",
		"\xff\xfe\xfd\xff\xfe\xfd\xff\xfe\xfd\xff\xfe\xfd": "password_illegible",
	} {
		err := checkPassword(password, owner)
		if code == "" {
			require.NoError(t, err, password)
			continue
		}
		require.True(t, fault.Is(err, code), "%q: %v", password, err)
		require.NotContains(t, err.Error(), password)
	}
}

// A hash is one that others can check, and its own, at whatever cost it was made.
func TestHashes(t *testing.T) {
	t.Parallel()
	h, ctx := newHasher(argonMemory), t.Context()
	encoded, err := h.hash(ctx, "seven lamps under water")
	require.NoError(t, err)
	require.Regexp(t, `^\$argon2id\$v=19\$m=65536,t=1,p=2\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$`, encoded)
	again, err := h.hash(ctx, "seven lamps under water")
	require.NoError(t, err)
	require.NotEqual(t, encoded, again)
	// By the reference program: echo -n password | argon2 somesalt -id -t 2 -m 16 -p 4 -e
	const foreign = "$argon2id$v=19$m=65536,t=2,p=4$c29tZXNhbHQ$GpZ3sK/oH9p7VIiV56G/64Zo/8GaUw434IimaPqxwCo"
	for _, tt := range []struct {
		password, encoded string
		want              bool
	}{
		{"seven lamps under water", encoded, true}, {"seven lamps under wateR", encoded, false}, {"", encoded, false}, {"", "", false},
		{"seven lamps under water", "", false}, {strings.Repeat("x", 1000), encoded, false}, {"password", foreign, true},
	} {
		got, err := h.matches(ctx, tt.password, tt.encoded)
		require.NoError(t, err)
		require.Equal(t, tt.want, got, "%q with %q", tt.password, tt.encoded)
	}
	for _, broken := range []string{
		"x", "$argon2id$", "$argon2i$v=19$m=64,t=1,p=1$c29tZXNhbHQ$AAAA", "$argon2id$v=18$m=64,t=1,p=1$c29tZXNhbHQ$AAAA",
		"$argon2id$v=19$m=9999999,t=1,p=1$c29tZXNhbHQ$AAAA", "$argon2id$v=19$m=64,t=0,p=1$c29tZXNhbHQ$AAAA",
		"$argon2id$v=19$m=64,t=1,p=256$c29tZXNhbHQ$AAAA", "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$", "$argon2id$v=19$m=64,t=1,p=1$?$AAAA",
	} {
		_, err := h.matches(ctx, "x", broken)
		require.Error(t, err, broken)
		require.NotContains(t, err.Error(), broken)
	}
	ended, end := context.WithCancel(ctx)
	end()
	for range cap(h.lanes) {
		h.lanes <- struct{}{}
	}
	_, err = h.hash(ended, "x")
	require.ErrorIs(t, err, context.Canceled, "who has left does not wait for a lane")
}

// Each further attempt waits at least as long as the one before, never longer than the
// bound, and never when there were few.
func TestWaitsGrow(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		n := name{free: rapid.Int64Range(0, 30).Draw(rt, "free")}
		failures := rapid.Int64Range(0, 1<<40).Draw(rt, "failures")
		now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
		after := rapid.Int64Range(0, int64(time.Hour)).Draw(rt, "after")
		wait := func(failures int64) time.Duration {
			return n.wait(Attempts{Failures: failures, LastAt: now.Add(-time.Duration(after))}, now)
		}
		require.LessOrEqual(rt, wait(failures), wait(failures+1))
		require.LessOrEqual(rt, wait(failures)+time.Duration(after), max(mostWait, time.Duration(after)))
		require.Equal(rt, failures < n.free, wait(failures) == 0 && failures < n.free)
	})
}

// The mark of a browser is of one email and one installation, and nothing else is one.
func TestDevicesAreMarked(t *testing.T) {
	t.Parallel()
	here, elsewhere := NewPeople(nil, time.Now, seal.Of(seal.NewKey())), NewPeople(nil, time.Now, seal.Of(seal.NewKey()))
	mark := here.device("a@x.test")
	require.True(t, here.isDevice("a@x.test", mark))
	for _, no := range []bool{
		here.isDevice("b@x.test", mark), elsewhere.isDevice("a@x.test", mark), here.isDevice("a@x.test", mark+"x"),
		here.isDevice("a@x.test", mark[1:]), here.isDevice("a@x.test", ""), here.isDevice("a@x.test", "."),
	} {
		require.False(t, no)
	}
	require.NotEqual(t, mark, here.device("a@x.test"))
}

// fuzzed are the keys in every process of a fuzzer.
var fuzzed = seal.Of(bytes.Repeat([]byte{1}, seal.KeySize))

func FuzzDevice(f *testing.F) {
	p := NewPeople(nil, time.Now, fuzzed)
	f.Add(p.device("a@x.test"))
	f.Add(".")
	f.Fuzz(func(t *testing.T, device string) {
		random, mark, _ := strings.Cut(device, ".")
		if p.isDevice("a@x.test", device) && mark != p.sign(deviceText("a@x.test", random)) {
			t.Errorf("%q is a mark", device)
		}
	})
}

func TestCutText(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		text, most := rapid.String().Draw(rt, "text"), rapid.IntRange(0, 20).Draw(rt, "most")
		got := cutText(text, most)
		require.True(rt, strings.HasPrefix(text, got))
		require.LessOrEqual(rt, len(got), most)
		require.Equal(rt, utf8.ValidString(text), utf8.ValidString(got))
		require.Less(rt, min(len(text), most)-len(got), utf8.UTFMax)
	})
}

// What is remembered is so for a second, and not after it was forgotten, even when it was
// being read meanwhile.
func TestMemo(t *testing.T) {
	t.Parallel()
	var (
		m     memo[int]
		reads int
		now   = time.Unix(1_000_000, 0)
	)
	read := func() (int, error) { reads++; return reads, nil }
	get := func(at time.Duration) int {
		v, err := m.get("x", now.Add(at), read)
		require.NoError(t, err)
		return v
	}
	for _, tt := range []struct {
		at   time.Duration
		want int
	}{{0, 1}, {time.Millisecond, 1}, {999 * time.Millisecond, 1}, {time.Second, 2}, {1500 * time.Millisecond, 2}} {
		require.Equal(t, tt.want, get(tt.at), tt.at)
	}
	require.Equal(t, 3, get(-time.Minute), "the clock was set back")
	m.forget()
	require.Equal(t, 4, get(-time.Minute))
	_, err := m.get("y", now, func() (int, error) { m.forget(); return 0, nil })
	require.NoError(t, err)
	require.Empty(t, m.entries)
	_, err = m.get("z", now, func() (int, error) { return 0, fmt.Errorf("x") })
	require.Error(t, err)
	require.Empty(t, m.entries)
	for i := range mostRemembered + 5 {
		_, err := m.get(fmt.Sprint(i), now, read)
		require.NoError(t, err)
	}
	require.Len(t, m.entries, 5)
}

func TestUsesAreKeptUntilTheyAreWritten(t *testing.T) {
	t.Parallel()
	var u uses
	now := time.Unix(1_000_000, 0)
	u.note(1, time.Time{}, now)
	u.note(2, now.Add(-59*time.Second), now)
	u.note(3, now.Add(-time.Minute), now)
	failing := func(context.Context, map[int64]time.Time) error {
		u.note(1, time.Time{}, now.Add(time.Minute))
		return fmt.Errorf("x")
	}
	require.Error(t, u.flush(t.Context(), failing))
	var mu sync.Mutex
	var got map[int64]time.Time
	write := func(_ context.Context, all map[int64]time.Time) error {
		mu.Lock()
		defer mu.Unlock()
		got = all
		return nil
	}
	require.NoError(t, u.flush(t.Context(), write))
	require.Equal(t, map[int64]time.Time{1: now.Add(time.Minute), 3: now}, got)
	got = nil
	require.NoError(t, u.flush(t.Context(), write))
	require.Nil(t, got)
}

// Each role may do what the ones below it may, but for the last two, which are beside
// each other; nobody gives a role above the own one.
func TestRoles(t *testing.T) {
	t.Parallel()
	for i, role := range Roles {
		require.NoError(t, role.Check())
		require.Contains(t, role.Rights(), Self)
		require.NotContains(t, role.Rights(), Install)
		for j, other := range Roles {
			for _, right := range other.Rights() {
				if i < j && i < 3 {
					require.Contains(t, role.Rights(), right, "%s, which %s has", role, other)
				}
			}
			require.Equal(t, role == Owner || role == Admin && other != Owner, role.mayGive(other), "%s by %s", other, role)
		}
	}
	require.Error(t, Role("king").Check())
	require.Error(t, Role("").Check())
	for _, c := range []Caller{{}, {User: &User{}}, {Key: &Key{}}, {Key: &Key{Scope: ScopeEvents}}} {
		rights := slices.DeleteFunc(slices.Clone(c.Rights()), func(r Right) bool { return r == Self })
		require.Empty(t, rights)
		for right := range deeds {
			require.Error(t, c.Allow(right))
		}
	}
	for _, right := range append(Owner.Rights(), Install) {
		require.NoError(t, Caller{User: &User{Installer: true}}.Allow(right))
		if right != Self {
			require.NotEmpty(t, deeds[right], "what is refused without %s", right)
		}
	}
}

func FuzzCeremony(f *testing.F) {
	p := NewPeople(nil, func() time.Time { return time.Unix(1_000_000_000, 0) }, fuzzed)
	made, err := p.ceremony(struct{}{}, &webauthn.SessionData{Challenge: "challenge"})
	require.NoError(f, err)
	f.Add(made.Text)
	f.Add(made.Text + "A")
	f.Add("." + p.sign(ceremonyText("")))
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := p.read(text); err == nil && text != made.Text {
			t.Errorf("%q was begun here", text)
		}
	})
}
