package markup

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReferences(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"&": "&", "&#": "&#", "&#x": "&#x", "&;": "&;", "&#;": "&#;", "&#x;": "&#x;",
		"&lt": "<", "&lt;": "<", "&lt;;": "<;", "&ltx;": "&ltx;", "&l": "&l", "&LT;": "&LT;",
		"&#65": "A", "&#65;": "A", "&#65;;": "A;", "&#65a;": "Aa;", "&#x41;": "A", "&#X41;": "&#X41;", "&#x4g;": "\x04g;",
		"&#xaF;": "\u00af", "&#x1F600;": "😀",
		"&#x10ffff;": "&#x10ffff;", "&#x10fffe;": "\U0010fffe", "&#0000065;": "A", "&#00000065;": "&#00000065;",
	} {
		require.Equal(t, want, Decode([]byte(text)), text)
		for _, before := range []string{"x", "a long text before it "} {
			require.Equal(t, before+want, Decode([]byte(before + text + "y")[:len(before+text)]), text)
		}
	}
}

func TestDigits(t *testing.T) {
	t.Parallel()
	for c := range 256 {
		want, err := strconv.ParseUint(string([]byte{byte(c)}), 16, 8)
		if err != nil {
			want = 16
		}
		require.EqualValues(t, want, digit(byte(c)), "%q", c)
	}
}

// Only what looks like the name of a character, to its semicolon, is held against
// who wrote it.
func TestOtherReferences(t *testing.T) {
	t.Parallel()
	for text, flawed := range map[string]bool{
		"&nbsp;": true, "&a;": true, "&a1;": true, "&frac12;": true, "x&nbsp;y": true,
		"&": false, "&;": false, "&1;": false, "&1a;": false, "&nbsp": false, "&nbsp ;": false, "AT&T": false, "a & b;": false,
	} {
		p := Parser{Strict: true}
		f := p.Parse([]byte(text))
		if flawed {
			require.NotNil(t, f, text)
			require.Equal(t, "html_reference_unknown", f.Code, text)
		} else {
			require.Nil(t, f, text)
		}
	}
}

// A text may end anywhere.
func TestCutText(t *testing.T) {
	t.Parallel()
	const text = `a &lt; &#60; &#x3c; &nbsp; <b class='x' y=z>c</b><a href="https://e.com/&#x41;">d</a><tg-time unix=1>e</tg-time></b>`
	for strict := range 2 {
		for n := range len(text) + 1 {
			p := Parser{Strict: strict == 1}
			require.NotPanics(t, func() { p.Parse([]byte(text)[:n:n]) }, text[:n])
		}
	}
}
