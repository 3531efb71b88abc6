package track

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/seal"
)

// A code is valid as long as somebody has the message that contains it: codes of
// earlier versions of this program are read by this one.
func TestCodesOfOldAreRead(t *testing.T) {
	t.Parallel()
	s := NewSigner(seal.Of(bytes.Repeat([]byte{1}, 32)))
	for text, want := range map[string]Code{
		"AahGwIQ9gIl6BiK02rikrY-h":                        {CampaignID: 9000, Seq: 1_000_000, ContactID: 2_000_000, Link: 3},
		"AQECAwlodHRwczovL3Nob3AuZXhhbXBsZS83kp5tPmQvbCk": {CampaignID: 1, Seq: 2, ContactID: 3, Link: 4, Target: "https://shop.example/7"},
	} {
		got, err := s.Read(text)
		require.NoError(t, err)
		require.Equal(t, want, got)
		require.Equal(t, text, s.Mint(want))
	}
}

// Signed bytes that this program does not understand are no code.
func TestSignedIsNotEnough(t *testing.T) {
	t.Parallel()
	s := NewSigner(seal.Of(bytes.Repeat([]byte{1}, 32)))
	read := func(said string) (Code, error) {
		return s.Read(codeEncoding.EncodeToString(append([]byte(said), s.macs()[0].Get().(*mac).sign([]byte(said))...)))
	}
	got, err := read("\x01\x05\x06\x07\x08")
	require.NoError(t, err)
	require.Equal(t, Code{CampaignID: 5, Seq: 6, ContactID: 7, Link: 4}, got)
	got, err = read("\x01\x05\x06\x07\x09x")
	require.NoError(t, err)
	require.Equal(t, Code{CampaignID: 5, Seq: 6, ContactID: 7, Link: 4, Target: "x"}, got)
	tooLarge := string(bytes.Repeat([]byte{0xff}, binary.MaxVarintLen64)) + "\x01"
	for name, said := range map[string]string{
		"nothing": "", "a version": "\x01", "an older version": "\x00\x05\x06\x07\x08", "a newer version": "\x02\x05\x06\x07\x08",
		"three numbers": "\x01\x05\x06\x07", "a number that goes on": "\x01\x05\x06\x07\x88",
		"a number too large":     "\x01\x05\x06" + tooLarge + "\x08",
		"a target not announced": "\x01\x05\x06\x07\x08x", "no target": "\x01\x05\x06\x07\x09",
	} {
		got, err := read(said)
		require.ErrorIs(t, err, ErrCode, name)
		require.Zero(t, got, name)
	}
	_, err = s.Read("AAAA")
	require.ErrorIs(t, err, ErrCode, "shorter than a signature")
}

// A text that is longer than the longest code is not read.
func TestLongestCode(t *testing.T) {
	t.Parallel()
	s := NewSigner(seal.Of(bytes.Repeat([]byte{1}, 32)))
	longest := Code{Target: strings.Repeat("x", MaxCode/4*3-5-macSize)}
	text := s.Mint(longest)
	require.Len(t, text, MaxCode)
	got, err := s.Read(text)
	require.NoError(t, err)
	require.Equal(t, longest, got)
	longest.Target += "x"
	_, err = s.Read(s.Mint(longest))
	require.ErrorIs(t, err, ErrCode)
}

// Browsers are cached, and the cache is cleared before it is too large. The part of
// a User-Agent that is not examined makes no difference.
func TestAgentsAreRemembered(t *testing.T) {
	t.Parallel()
	var a agents
	for range 2 {
		require.Equal(t, visitor{"Chrome", true}, a.of(chrome))
		require.Equal(t, visitor{"", false}, a.of("curl/8.9.1"))
	}
	require.Len(t, a.known, 2)
	long := strings.Repeat("x ", maxAgent/2)
	require.Equal(t, visitor{"", true}, a.of(long+"bot/"))
	require.Equal(t, visitor{"", true}, a.of(long+"curl/"))
	require.Len(t, a.known, 3)
	_, person := Agent(long + "bot/")
	require.True(t, person)
	_, person = Agent(long[:maxAgent-len("curl/")] + "curl/")
	require.False(t, person)

	for i := range maxAgents - 3 {
		a.of(string(rune(0x10000 + i)))
	}
	require.Len(t, a.known, maxAgents)
	require.Equal(t, visitor{"Chrome", true}, a.of(chrome))
	require.Len(t, a.known, maxAgents, "known ones are no more")
	a.of("one more")
	require.Len(t, a.known, 1)
}
