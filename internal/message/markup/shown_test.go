package markup

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The blanks are these and no others; the first and the last of each row are.
func TestBlanksEndWhereTheyShould(t *testing.T) {
	t.Parallel()
	rows := [][2]rune{
		{'\t', '\n'}, {' ', ' '}, {0xa0, 0xa0}, {0xad, 0xad}, {0x1680, 0x1680}, {0x180e, 0x180e}, {0x2000, 0x200f}, {0x202f, 0x202f},
		{0x205f, 0x206f}, {0x2800, 0x2800}, {0x3000, 0x3000}, {0xfeff, 0xfeff}, {0xfffc, 0xfffc},
	}
	for r := rune(1); r <= 0x1ffff; r++ {
		blank := slices.ContainsFunc(rows, func(row [2]rune) bool { return r >= row[0] && r <= row[1] })
		if got := IsBlank([]byte(string(r))); got != blank && (r < 0xd800 || r > 0xdfff) {
			require.Equal(t, blank, got, "%U", r)
		}
	}
}

// shown says how Telegram shows a character inside of a text.
func shown(r rune) string {
	switch {
	case r == '\r', r >= 0x2028 && r <= 0x202e, r == 0x333, r == 0x33f, r == 0x30a:
		return ""
	case r < ' ' && r != '\n':
		return " "
	}
	return string(r)
}

// A character is shown in one way, whether it is written or named.
func TestCharactersAreShown(t *testing.T) {
	t.Parallel()
	var p Parser
	for r := rune(1); r <= 0xffff; r++ {
		if r == '<' || r == '&' || isHalf(r) {
			continue
		}
		want := "a" + shown(r) + "b"
		require.Nil(t, p.Parse([]byte("a"+string(r)+"b")))
		if string(p.Text()) != want {
			require.Equal(t, want, string(p.Text()), "%U", r)
		}
		require.Nil(t, p.Parse(fmt.Appendf(nil, "a&#x%x;b", r)))
		if string(p.Text()) != want {
			require.Equal(t, want, string(p.Text()), "%U by its number", r)
		}
	}
}

// Bytes that are no text break nothing.
func TestBytesAreShown(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"\xe2", "\xe2\x80", "a\xccb", "\xff", "\xe2\x80\xaeb"} {
		require.NotPanics(t, func() { Plain(text) })
	}
	require.Equal(t, "b", Plain("\xe2\x80\xaeb"))
	require.Equal(t, "a\xccb", Plain("a\xccb"))
}

func TestClassesOfCharacters(t *testing.T) {
	t.Parallel()
	const letters, digits = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789"
	for c := range 256 {
		c := byte(c)
		require.Equal(t, strings.IndexByte(letters, c) >= 0, isLetter(c), "%q", c)
		require.Equal(t, strings.IndexByte(digits, c) >= 0, isDigit(c), "%q", c)
		require.Equal(t, strings.IndexByte(letters+digits, c) >= 0, isAlnum(c), "%q", c)
		require.Equal(t, strings.IndexByte(" \t\n\v\r\x00", c) >= 0, IsSpace(c), "%q", c)
		want := []byte{c}
		if isLetter(c) {
			want = bytes.ToLower(want)
		}
		require.Equal(t, want, lower(nil, []byte{c}), "%q", c)
	}
}

func TestNumbersAreDecimal(t *testing.T) {
	t.Parallel()
	for _, tag := range []string{"<tg-time unix='%s'>a</tg-time>", "<tg-emoji emoji-id='%s'>a</tg-emoji>"} {
		for number, taken := range map[string]bool{"12": true, "2147483647": true, "1a": false, "a": false, "0x1": false, "": false,
			"1.5": false} {
			p := Parser{Strict: true}
			text := fmt.Sprintf(tag, number)
			require.Equal(t, taken, p.Parse([]byte(text)) == nil, text)
		}
	}
}
