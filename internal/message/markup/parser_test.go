package markup

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestShown reads texts that Telegram takes, one after another with one parser;
// the entities are counted.
func TestShown(t *testing.T) {
	t.Parallel()
	var p Parser
	for _, tt := range []struct {
		text, shown string
		entities    int
	}{
		{"", "", 0},
		{" a \n", "a", 0},
		{"a <b>b <i>c</i></b> d", "a b c d", 3},
		{"<B>a</b><b>b</>", "ab", 1},
		{"<b></b>a<b> </b>", "a", 0},
		{" <b> a </b> ", " a", 1}, // an entity keeps what is before it
		{"  <b> <i> a</i></b><b>b</b>", "  ab", 3},
		{" a <b>b</b>", "a b", 1},
		{"<b>\r</b>a<i>\u202e</i>", "a", 0}, // nor is one of which nothing is shown
		{" \n a \n ", "a", 0}, {"\t\u00a0a\u00a0\t", "\u00a0a\u00a0", 0}, {" ", "", 0}, {"\n\n", "", 0},
		{"<b x>a</b ><b\tx = 'y'\n z= \"\" >b</b\r\n><i\vx=1.2-C>c</i>", "abc", 2},
		{"&#xd7ff;&#xe000;", "\ud7ff\ue000", 0},
		{"<tg-emoji emoji-id='9223372036854775807'>a</tg-emoji><tg-emoji emoji-id=1>b</tg-emoji>", "ab", 2},
		{"1 &lt; 2 &#60; 3 &#x3c 4 &amp;&gt;&quot", "1 < 2 < 3 < 4 &>\"", 0},
		{"AT&T &copy; &", "AT&T &copy; &", 0},
		{"&#0;&#x110000;&#9999999;&#00000060;", "&#0;&#x110000;&#9999999;&#00000060;", 0},
		{"a\rb\x01c\u202ed\u0333e\tf", "ab cde f", 0},
		{"<a href=x.y>z</a><a>e.com</a><a href='q\"'>w</a>", "ze.comw", 3},
		{`<span class="tg-spoiler" x>a</span><pre><code class="language-go">b</code></pre>`, "ab", 2},
		{`<blockquote expandable>a</blockquote><tg-emoji emoji-id="5">b</tg-emoji><tg-time unix=1>c</tg-time><tg-spoiler>d</tg-spoiler>`,
			"abcd", 4},
	} {
		require.Nil(t, p.Parse([]byte(tt.text)), tt.text)
		require.Equal(t, tt.shown, string(p.Text()), tt.text)
		require.Equal(t, tt.entities, p.Entities(), tt.text)
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
		"<tg-emoji emoji-id=007>a</tg-emoji>": "0 html_emoji_invalid", "<tg-emoji emoji-id='+7'>a</tg-emoji>": "0 html_emoji_invalid",
		"<tg-time unix=1 format=x>a</tg-time>": "0 html_time_invalid", "<tg-time format='rt'>a</tg-time>": "0 html_time_invalid",
		"a&#xd800;b":               "1 html_reference_invalid",
		`<a href="&#xdfff;">b</a>`: "9 html_reference_invalid",
		"&#xd800;a&#xdfff;":        "0 html_reference_invalid", `a<a href="&#xd800;">&#xd800;</a>`: "10 html_reference_invalid",
		"a&#xdfff;": "1 html_reference_invalid", "<tg-emoji>&#xd800;</tg-emoji>": "0 html_emoji_invalid",
		"<tg-emoji emoji-id='9223372036854775808'>a</tg-emoji>": "0 html_emoji_invalid",
		"<b>x</b x>": "4 html_tag_incomplete", "<b>x</ b>": "4 html_tag_incomplete", "<b>x</": "4 html_tag_incomplete",
		"<b><i>a</i></i>": "11 html_end_tag_unmatched", "<b>a</b></b>": "8 html_end_tag_unexpected",
		"<b x/>": "4 html_attribute_invalid", "<b x\"y>": "4 html_attribute_invalid", "<b x'y>": "4 html_attribute_invalid",
		"<b =1>": "3 html_attribute_invalid", "<b x=1y=2>": "5 html_attribute_invalid", "<b x=1'>": "5 html_attribute_invalid",
		"<b\fx>a</b>": "0 html_tag_unknown", "<b ": "0 html_tag_incomplete", "<b x ": "0 html_tag_incomplete",
		"<b x='y'": "0 html_tag_incomplete",
		"<b x=y":   "0 html_tag_incomplete", "a<1": "1 html_less_than", "a<>": "1 html_less_than", "a<é>": "1 html_less_than",
		"<?x>": "0 html_tag_unknown", "<bold>a</bold>": "0 html_tag_unknown", "<z>": "0 html_tag_unknown",
		"<span class='tg-'>a</span>": "0 html_span_invalid", "<span title='tg-spoiler'>a</span>": "0 html_span_invalid",
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
	entities := func(n int) string { return strings.Repeat("<b>x</b> ", n) }
	for text, want := range map[string]string{
		"a&nbsp;b": "1 html_reference_unknown", "a&nbsp b&;&1;": "", "&lt;": "", entities(100): "",
		entities(101):                   "0 html_entities_too_many",
		strings.Repeat("<b>x</b>", 101): "", strings.Repeat("<b><i>x</i></b>y", 50): "",
		"<b>" + strings.Repeat("<i>x</i>y", 51) + "</b>": "0 html_entities_too_many",
		"<tg-time>a</tg-time>":                           "0 html_time_invalid", "<tg-time unix=soon>a</tg-time>": "0 html_time_invalid",
		"<tg-time unix=2147483648>a</tg-time>": "0 html_time_invalid", "<tg-time unix=0>a</tg-time>": "0 html_time_invalid",
		"<tg-time unix=1 format=R>a</tg-time>": "", "<tg-time unix=1 format=wDtTd>a</tg-time>": "", "<tg-time unix=1 format=''>a</tg-time>": "",
		"<a href=good><code>a</code></a>": "13 html_mark_dropped", "<pre>a<a href=good>b</a></pre>": "6 html_mark_dropped",
		"<a href=good>a<blockquote>b</blockquote></a>": "14 html_mark_dropped", "<a href=good><blockquote>b</blockquote></a>": "",
		"<tg-spoiler><code>a</code></tg-spoiler>": "12 html_mark_dropped", "<b>a <code>b</code></b>": "5 html_mark_dropped",
		"<code><b>a</b></code>": "6 html_mark_dropped", "<b><tg-time unix=1>a</tg-time></b>": "3 html_mark_dropped",
		"<blockquote>a<blockquote>b</blockquote></blockquote>": "13 html_mark_dropped", "<a href=good><a>good</a></a>": "13 html_mark_dropped",
		"<a href=good>a<tg-emoji emoji-id=5>b</tg-emoji></a>": "14 html_mark_dropped", "<pre>a<code>b</code></pre>": "",
		"<code class=language-go><pre>a</pre></code>": "", "<code>a<pre>b</pre></code>": "",
		"<blockquote><b>a<code></code></b><pre>b</pre><a href=good>c</a></blockquote>": "", "<b>a<blockquote>b</blockquote></b>": "",
		"<b><b>a</b></b>": "", "<a href=good><i>a</i></a>": "",
		"x<a href=good>a</a>": "", "x<a href=\"&#98;\">a</a>": "1 link_invalid", "<a>good</a>": "", "<a>bad</a>": "0 link_invalid",
		"<a href=bad></a>": "", "a&b;&nbsp;": "1 html_reference_unknown", "<a href=good>bad</a>": "",
	} {
		p := Parser{Strict: true, CheckAddress: address}
		f := p.Parse([]byte(text))
		if want == "" {
			require.Nil(t, f, text)
		} else {
			require.NotNil(t, f, text)
			require.Equal(t, want, fmt.Sprintf("%d %s", f.At, f.Code), text)
		}
		lenient := Parser{CheckAddress: address}
		require.Nil(t, lenient.Parse([]byte(text)), text)
	}
	asksNobody := Parser{Strict: true}
	require.Nil(t, asksNobody.Parse([]byte("<a href=bad>a</a>")))
}

// All flaws are found at once, each once: what comes of another one is none.
func TestAllFlaws(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"a <b>b</b>": "", "<br>a<br>": "0 html_tag_unknown 5 html_tag_unknown", "<p>a</p>": "0 html_tag_unknown",
		"<b><font>a</font></b>": "3 html_tag_unknown", "1 < 2 &nbsp; <br>": "2 html_less_than 6 html_reference_unknown 13 html_tag_unknown",
		"<b><i>a</b></i>": "7 html_end_tag_unmatched", "<b><i>a</b> <u>b</i>c</u></b>": "7 html_end_tag_unmatched 25 html_end_tag_unexpected",
		"<b>a</strong><br>": "4 html_end_tag_unmatched 13 html_tag_unknown", "</b>a</i>": "0 html_end_tag_unexpected 5 html_end_tag_unexpected",
		"<span>a</span><br>": "0 html_span_invalid 14 html_tag_unknown", "<b / >a</b><br>": "3 html_attribute_invalid 11 html_tag_unknown",
		"<b>a<br": "4 html_tag_unknown 0 html_tag_unclosed", "<b x='": "0 html_tag_incomplete",
		"<br>a</b": "0 html_tag_unknown 5 html_end_tag_unexpected",
		"<tg-emoji>a</tg-emoji> <tg-time>b</tg-time> <a>c</a>": "0 html_emoji_invalid 23 html_time_invalid 44 link_invalid",
		"<b><code>a</code></b> <i><code>b</code></i>":          "3 html_mark_dropped 25 html_mark_dropped", "<": "0 html_less_than",
		strings.Repeat("<br>", 60): strings.TrimSpace(strings.Repeat("html_tag_unknown ", 51)),
	} {
		p := Parser{Strict: true, CheckAddress: func(string) string { return "bad" }}
		var found []string
		for _, f := range p.ParseAll([]byte(text)) {
			if len(text) == 240 {
				found = append(found, f.Code)
				continue
			}
			found = append(found, fmt.Sprintf("%d %s", f.At, f.Code))
		}
		require.Equal(t, want, strings.Join(found, " "), text)
	}
	// The next text is read as if there had been none before.
	p := Parser{Strict: true}
	require.Len(t, p.ParseAll([]byte("<p>a</p><i>")), 2)
	require.Len(t, p.ParseAll([]byte("</p>")), 1)
	require.NotNil(t, p.Parse([]byte("<br><br>")))
}

// Whatever a text is, all of its flaws are found, the first among them.
func FuzzAllFlaws(f *testing.F) {
	for _, text := range []string{"<b><i>a</b></i>", "<br", "</", "<b x=", "&nbsp;<", "<b></>", "<a href='x'>y", "</b></", "<p></p></p>"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, all := Parser{Strict: true}, Parser{Strict: true}
		first, flaws := p.Parse([]byte(text)), all.ParseAll([]byte(text))
		if first == nil {
			require.Empty(t, flaws)
			return
		}
		require.NotEmpty(t, flaws)
		require.Equal(t, first, flaws[0])
		require.LessOrEqual(t, len(flaws), maxFlaws+1)
	})
}

// What is wrong is said with what to do.
func TestFlawsSayWhatToDo(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"<br>":       "<br> is not a tag that Telegram knows; write a line break as a new line",
		"<H1>a</H1>": "<h1> is not a tag that Telegram knows; use <b>",
		"<x>":        "<x> is not a tag that Telegram knows; take it out, or write &lt; for the sign itself",
		"a < b":      `write &lt; for the sign itself`,
		"<b />":      `the tag <b has a "/" where an attribute should be; take it out`,
		"<b x=/>":    "put the value of an attribute in quotes",
		"<b>a":       "<b> is never closed; write </b> where it ends", "</i>": "</i> closes nothing",
		"<b>a</i>": "</i> stands where </b> should",
		"<B>a</B":  `the tag </b has no ">" at its end`, "<I": `the tag <i has no ">" at its end`,
		"a&nbsp;b":                                             "shows &nbsp; as it is written",
		"<tg-time unix=1 format=x>a</tg-time>":                 `the format of a <tg-time> is r, or some of the letters w d D t T; "x" is none`,
		"<b>a<code>b</code></b>":                               "<b> and <code> together: close <b> before it, and open it again after",
		"<a>x<blockquote>b</blockquote></a>":                   "does not show <a> and <blockquote> together: put the <a> into the quote",
		"<blockquote>a<blockquote>b</blockquote></blockquote>": "take the inner one out",
		"<a><code>x</code></a>":                                "put one after the other",
	} {
		p := Parser{Strict: true}
		f := p.Parse([]byte(text))
		require.NotNil(t, f, text)
		require.Contains(t, f.Reason, want, text)
	}
}

// TestRewrite replaces the addresses of numbered links and drops the attributes
// that are not Telegram's.
func TestRewrite(t *testing.T) {
	t.Parallel()
	number := func(n int) string { return fmt.Sprintf(" %s=%d", NumberAttribute, n) }
	var p Parser
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
		`<a   data-track=off  href='x'>z</a>`:                                   `<a  href='x'>z</a>`,
		`<a href=X.Y` + number(4) + ` data-track=on>z</a>`:                      `<a href=[4 x.y X.Y]>z</a>`,
		`<a` + number(4) + ` data-track=on href=x>z</a>`:                        `<a href=[4 x x]>z</a>`,
		`<a data-track=on href=x` + number(4) + `>z</a>`:                        `<a href=[4 x x]>z</a>`,
		`<a href="a&amp;b&lt;c&x&quot;'"` + number(5) + `>z</a>`:                `<a href=[5 a&b<c&x"' "a&amp;b&lt;c&x&quot;'"]>z</a>`,
		`<a href='1'>y</a> <a href='2'` + number(6) + `></a><a>w</a><b>v</b>`:   `<a href='1'>y</a> <a href=[6 2 '2']></a><a>w</a><b>v</b>`,
		`<a data-track href='x'>z</a>`:                                          `<a href='x'>z</a>`,
		`<a data-track="off"href='x'>z</a>`:                                     `<a href='x'>z</a>`,
		`<a data-track = "off"  href='x'>z</a>`:                                 `<a  href='x'>z</a>`,
		`<a` + number(7) + ` data-track href=x>z</a>`:                           `<a href=[7 x x]>z</a>`,
		`<a href="x"data-track="off"k>z</a>`:                                    `<a href="x"k>z</a>`,
		"":                                                                      "",
	} {
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
	require.True(t, IsBlank(nil))
	require.False(t, IsBlank([]byte(" . ")))
	require.False(t, IsBlank([]byte(". ")))
	require.False(t, IsBlank([]byte(" .")))
}

func TestPlain(t *testing.T) {
	t.Parallel()
	require.Equal(t, "a & b", Plain(" <b>a</b> &amp; b "))
	require.Equal(t, "<p>a &amp; b", Plain("<p>a &amp; b"))
}
