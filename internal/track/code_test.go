package track_test

import (
	"bytes"
	"math"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bellman/internal/seal"
	"bellman/internal/track"
)

func newSigner(tb testing.TB, fill byte) *track.Signer {
	tb.Helper()
	return track.NewSigner(seal.Of(bytes.Repeat([]byte{fill}, 32)))
}

var anyCode = rapid.Custom(func(t *rapid.T) track.Code {
	return track.Code{
		CampaignID: rapid.Int64Min(0).Draw(t, "campaign"), Seq: rapid.Int64Min(0).Draw(t, "seq"),
		ContactID: rapid.Int64Min(0).Draw(t, "contact"), Link: rapid.IntRange(0, 200).Draw(t, "link"),
		Target: rapid.SampledFrom([]string{"", "", "https://shop.example/", "https://магазин.example/?q=1#x\x00"}).Draw(t, "target"),
	}
})

func TestCodeSaysWhatWasMinted(t *testing.T) {
	t.Parallel()
	s := newSigner(t, 1)
	rapid.Check(t, func(t *rapid.T) {
		c := anyCode.Draw(t, "code")
		text := s.Mint(c)
		require.Equal(t, text, url.PathEscape(text))
		got, err := s.Read(text)
		require.NoError(t, err)
		require.Equal(t, c, got)
	})
}

func TestCodeIsShort(t *testing.T) {
	t.Parallel()
	s := newSigner(t, 1)
	require.Len(t, s.Mint(track.Code{CampaignID: 9000, Seq: 1_000_000, ContactID: 2_000_000, Link: 3}), 24)
	longest := track.Code{
		CampaignID: math.MaxInt64, Seq: math.MaxInt64, ContactID: math.MaxInt64, Link: 100, Target: strings.Repeat("x", 4096),
	}
	text := s.Mint(longest)
	require.LessOrEqual(t, len(text), track.MaxCode)
	got, err := s.Read(text)
	require.NoError(t, err)
	require.Equal(t, longest, got)
}

// However a code is damaged, it does not become another code.
func TestDamagedCodeIsNone(t *testing.T) {
	t.Parallel()
	s := newSigner(t, 1)
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+/. \r\n\x00é"
	rapid.Check(t, func(t *rapid.T) {
		text := s.Mint(anyCode.Draw(t, "code"))
		at := rapid.IntRange(0, len(text)-1).Draw(t, "at")
		with := string(rapid.SampledFrom([]rune(alphabet)).Draw(t, "with"))
		damaged := rapid.SampledFrom([]string{
			text[:at] + with + text[at+1:], // changed
			text[:at] + with + text[at:],   // longer
			text[:at] + text[at+1:],        // shorter
			text[:at],                      // cut off
			text + with,
			strings.ToLower(text),
			strings.ToUpper(text),
		}).Draw(t, "damaged")
		if damaged == text {
			return
		}
		_, err := s.Read(damaged)
		require.ErrorIs(t, err, track.ErrCode)
	})
}

func TestCodeOfAnotherKeyIsNone(t *testing.T) {
	t.Parallel()
	_, err := newSigner(t, 1).Read(newSigner(t, 2).Mint(track.Code{CampaignID: 1, Seq: 1}))
	require.ErrorIs(t, err, track.ErrCode)
}

func FuzzRead(f *testing.F) {
	s := newSigner(f, 1)
	for _, c := range []track.Code{{}, {CampaignID: 1, Seq: 2, ContactID: 3, Link: 4}, {CampaignID: 1, Target: "https://shop.example/"}} {
		f.Add(s.Mint(c))
	}
	f.Add("")
	f.Add(strings.Repeat("A", track.MaxCode+1))
	f.Fuzz(func(t *testing.T, text string) {
		c, err := s.Read(text)
		if err != nil {
			require.ErrorIs(t, err, track.ErrCode)
			require.Zero(t, c)
			return
		}
		require.Equal(t, text, s.Mint(c), "a code has one spelling")
	})
}

func BenchmarkMint(b *testing.B) {
	s := newSigner(b, 1)
	c := track.Code{CampaignID: 9000, Seq: 1_000_000, ContactID: 2_000_000, Link: 3}
	b.ReportAllocs()
	for b.Loop() {
		s.Mint(c)
	}
}

func BenchmarkRead(b *testing.B) {
	s := newSigner(b, 1)
	text := s.Mint(track.Code{CampaignID: 9000, Seq: 1_000_000, ContactID: 2_000_000, Link: 3})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Read(text); err != nil {
			b.Fatal(err)
		}
	}
}

// ring is keys of an installation, of which the last one signs.
type ring struct {
	keys [][]byte
	turn uint64
}

func (r *ring) Turn() uint64 { return r.turn }

func (r *ring) Derive(purpose string) (all [][]byte, turn uint64) {
	for _, key := range slices.Backward(r.keys) {
		one, _ := seal.Of(key).Derive(purpose)
		all = append(all, one...)
	}
	return all, r.turn
}

// Codes of every key of the ring are read, and those of a key that is in it no more are
// none.
func TestCodesOutliveTheirKey(t *testing.T) {
	t.Parallel()
	r := &ring{keys: [][]byte{bytes.Repeat([]byte{1}, 32)}}
	s := track.NewSigner(r)
	var codes []string
	c := track.Code{CampaignID: 9, Seq: 8, ContactID: 7, Link: 6, Target: "https://shop.example/"}
	for i := range 5 {
		codes = append(codes, s.Mint(c))
		r.keys, r.turn = append(r.keys, bytes.Repeat([]byte{byte(i + 2)}, 32)), r.turn+1
	}
	require.Equal(t, newSigner(t, 1).Mint(c), codes[0])
	require.Equal(t, newSigner(t, 5).Mint(c), codes[4], "the first key of the ring signs")
	for _, code := range codes {
		got, err := s.Read(code)
		require.NoError(t, err)
		require.Equal(t, c, got)
		_, err = s.Read(code[:len(code)-1] + "_")
		require.ErrorIs(t, err, track.ErrCode)
	}
	r.keys, r.turn = r.keys[1:], r.turn+1
	_, err := s.Read(codes[0])
	require.ErrorIs(t, err, track.ErrCode)
	_, err = s.Read(codes[1])
	require.NoError(t, err)
}

func BenchmarkReadOfTheOldestOfFive(b *testing.B) {
	r := &ring{}
	for i := range 5 {
		r.keys = append(r.keys, bytes.Repeat([]byte{byte(i + 1)}, 32))
	}
	s := track.NewSigner(r)
	text := newSigner(b, 1).Mint(track.Code{CampaignID: 9000, Seq: 1_000_000, ContactID: 2_000_000, Link: 3})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Read(text); err != nil {
			b.Fatal(err)
		}
	}
}
