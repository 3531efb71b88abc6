package markup

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestShown reads texts that Telegram takes; the entities are counted.
func TestShown(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text, shown string
		entities    int
	}{
		{"", "", 0},
		{" a \n", "a", 0},
		{"a <b>b <i>c</i></b> d", "a b c d", 2},
		{"<B>a</b><b>b</>", "ab", 2},
		{"<b></b>a<b> </b>", "a", 1},
		{" <b> a </b> ", " a", 1}, // an entity keeps what is before it
		{"1 &lt; 2 &#60; 3 &#x3c 4 &amp;&gt;&quot", "1 < 2 < 3 < 4 &>\"", 0},
		{"AT&T &copy; &", "AT&T &copy; &", 0},
		{"&#0;&#x110000;&#9999999;&#00000060;", "&#0;&#x110000;&#9999999;&#00000060;", 0},
		{"a\rb\x01c\u202ed\u0333e\tf", "ab cde f", 0},
		{"<a href=x.y>z</a><a>e.com</a><a href='q\"'>w</a>", "ze.comw", 3},
		{`<span class="tg-spoiler" x>a</span><pre><code class="language-go">b</code></pre>`, "ab", 3},
		{`<blockquote expandable>a</blockquote><tg-emoji emoji-id="5">b</tg-emoji><tg-time unix=1>c</tg-time><tg-spoiler>d</tg-spoiler>`,
			"abcd", 4},
	} {
		var p Parser
		require.Nil(t, p.Parse([]byte(tt.text)), tt.text)
		require.Equal(t, tt.shown, string(p.Text()), tt.text)
		require.Equal(t, tt.entities, p.entities, tt.text)
	}
}

func TestFlaws(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"a<br>": "1 html_tag_unknown", "a<": "1 html_less_than", "a<3": "1 html_less_than", "<!--x-->": "0 html_tag_unknown",
		"<b>a": "0 html_tag_unclosed", "<b>a<i>b": "4 html_tag_unclosed", "<b": "0 html_tag_incomplete", "<b x": "0 html_tag_incomplete",
		"<b x=": "0 html_tag_incomplete", "<b x='y": "0 html_tag_incomplete", "<b>x</b": "4 html_tag_incomplete",
		"</b>":        "0 html_end_tag_unexpected",
		"<b><i>a</b>": "7 html_end_tag_unmatched", "<b/>": "0 html_tag_unknown", "<b / >": "3 html_attribute_invalid",
		"<b x=a/b>c</b>": "5 html_attribute_invalid",
		"<span>a</span>": "0 html_span_invalid", `<span class="tg-x">a</span>`: "0 html_span_invalid",
		`<span class="spoiler">a</span>`: "0 html_span_invalid",
		"<tg-emoji>a</tg-emoji>":         "0 html_emoji_invalid", "<tg-emoji emoji-id=0>a</tg-emoji>": "0 html_emoji_invalid",
		"<tg-time unix=2147483648>a</tg-time>": "0 html_time_invalid", "a&#xd800;b": "1 html_reference_invalid",
		`<a href="&#xdfff;">b</a>`: "9 html_reference_invalid",
	} {
		for _, strict := range []bool{false, true} {
			p := Parser{Strict: strict}
			f := p.Parse([]byte(text))
			require.NotNil(t, f, text)
			require.Equal(t, want, fmt.Sprintf("%d %s", f.At, f.Code), text)
		}
	}
}

// TestStrict refuses what Telegram takes and does not show as it was meant.
func TestStrict(t *testing.T) {
	t.Parallel()
	address := func(address string) string {
		if address == "good" {
			return ""
		}
		return "bad: " + address
	}
	entities := func(n int) string { return strings.Repeat("<b>x</b>", n) }
	for text, want := range map[string]string{
		"a&nbsp;b": "1 html_reference_unknown", "a&nbsp b&;&1;": "", "&lt;": "", entities(100): "", entities(101): "0 html_entities_too_many",
		"x<a href=good>a</a>": "", "x<a href=\"&#98;\">a</a>": "1 link_invalid", "<a>good</a>": "", "<a>bad</a>": "0 link_invalid",
		"<a href=bad></a>": "",
	} {
		p := Parser{Strict: true, CheckAddress: address}
		f := p.Parse([]byte(text))
		if want == "" {
			require.Nil(t, f, text)
		} else {
			require.NotNil(t, f, text)
			require.Equal(t, want, fmt.Sprintf("%d %s", f.At, f.Code), text)
		}
		var lenient Parser
		require.Nil(t, lenient.Parse([]byte(text)), text)
	}
}

// TestRewrite replaces the addresses of numbered links and drops the attributes
// that are not Telegram's.
func TestRewrite(t *testing.T) {
	t.Parallel()
	number := func(n int) string { return fmt.Sprintf(" %s=%d", NumberAttribute, n) }
	for text, want := range map[string]string{
		"a <b>b</b>":        "a <b>b</b>",
		`<a href="x">y</a>`: `<a href="x">y</a>`,
		`<a` + number(0) + ` href="x&amp;y">z</a>`:                              `<a href=[0 x&y "x&amp;y"]>z</a>`,
		`<a k=1 href=x` + number(12) + ` l>z</a>`:                               `<a k=1 href=[12 x x] l>z</a>`,
		`<a` + number(3) + `>z</a>`:                                             `<a>z</a>`,
		`<a data-track="off" href='x'>z</a>`:                                    `<a href='x'>z</a>`,
		`<a href='x'` + "\n" + `data-track>z</a>`:                               `<a href='x'>z</a>`,
		`<b data-track=off>z</b>`:                                               `<b data-track=off>z</b>`,
		`<a` + number(1) + ` href="x">y</a><a` + number(2) + ` href="z">w</a>!`: `<a href=[1 x "x"]>y</a><a href=[2 z "z"]>w</a>!`,
	} {
		var p Parser
		require.Nil(t, p.Parse([]byte(text)), text)
		var out strings.Builder
		p.Rewrite(func(part []byte) { out.Write(part) }, func(a Anchor, written []byte) {
			fmt.Fprintf(&out, "[%d %s %s]", a.Number, p.Target(a), written)
		})
		require.Equal(t, want, out.String(), text)
	}
}

func TestEscape(t *testing.T) {
	t.Parallel()
	text := `a <b> & "c" 'd'`
	escaped := AppendEscaped(nil, text)
	require.Equal(t, `a &lt;b&gt; &amp; &quot;c&quot; 'd'`, string(escaped))
	require.Equal(t, text, Decode(escaped))
	require.Equal(t, text, Plain(string(escaped)))
	require.Equal(t, "a & b &x; <", Decode([]byte("a & b &x; &#60")))
}

func TestIsBlank(t *testing.T) {
	t.Parallel()
	require.True(t, IsBlank([]byte(" \n\t\u00a0\u200b\u2060\ufeff")))
	require.False(t, IsBlank([]byte(" . ")))
}
