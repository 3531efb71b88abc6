package sandbox

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func TestHTMLFaults(t *testing.T) {
	t.Parallel()
	// The emoji take four bytes each, so that the offsets are seen to be bytes: the tag begins at 10.
	const front = "😀 😀 "
	for _, c := range []struct{ src, want string }{
		{"<b", "Unclosed start tag at byte offset 10"},
		{"<", "Unclosed start tag at byte offset 10"},
		{"<br>", `Unsupported start tag "br" at byte offset 10`},
		{"<BR/>", `Unsupported start tag "br/" at byte offset 10`},
		{"a < b", `Unsupported start tag "" at byte offset 12`},
		{"<p class=x>y</p>", `Unsupported start tag "p" at byte offset 10`},
		{"<i =x>y</i>", `Empty attribute name in the tag "i" at byte offset 10`},
		{"<a href=\"x\"y\">z</a>", `Empty attribute name in the tag "a" at byte offset 10`},
		{"<a /href=x>y</a>", `Empty attribute name in the tag "a" at byte offset 10`},
		{"<i x", `Unclosed start tag "i" at byte offset 10`},
		{"<i x = ", `Unclosed start tag "i" at byte offset 10`},
		{"<i x = 1-.z,>y</i>", "Unexpected end of name token at byte offset 17"},
		{"<i x = 'y>z</i>", "Unclosed start tag at byte offset 10"},
		{`<i x = "y"`, "Unclosed start tag at byte offset 10"},
		{"<i x>y", `Can't find end tag corresponding to start tag "i"`},
		{"<B><i>x</i>", `Can't find end tag corresponding to start tag "b"`},
		{"</b>", "Unexpected end tag at byte offset 10"},
		{"<b></b></", "Unexpected end tag at byte offset 17"},
		{"<b>x</b ", "Unclosed end tag at byte offset 14"},
		{"<b>x</b y>", "Unclosed end tag at byte offset 14"},
		{"<b>x</I>", `Unmatched end tag at byte offset 14, expected "</b>", found "</i>"`},
		{"<b>x</strong>", `Unmatched end tag at byte offset 14, expected "</b>", found "</strong>"`},
		{"<span>x</span>", `Tag "span" must have class "tg-spoiler" at byte offset 10`},
		{"<span class=spoiler>x</span>", `Tag "span" must have class "tg-spoiler" at byte offset 10`},
		{"<tg-emoji>x</tg-emoji>", "Invalid custom emoji identifier specified"},
		{"<tg-emoji emoji-id=0>x</tg-emoji>", "Invalid custom emoji identifier specified"},
		{"<tg-emoji emoji-id='9999999999999999999'>x</tg-emoji>", "Invalid custom emoji identifier specified"},
		{"<tg-emoji emoji-id='007'>x</tg-emoji>", "Invalid custom emoji identifier specified"},
		{"<tg-emoji emoji-id='+7'>x</tg-emoji>", "Invalid custom emoji identifier specified"},
		{"<tg-time unix=1 format=x>x</tg-time>", "Invalid date format used"},
		{"<tg-time format='r '>x</tg-time>", "Invalid date format used"},
		{"<tg-time format=rt>x</tg-time>", "Invalid date format used"},
		{"<tg-time format=x></tg-time>", ""},
		{"<tg-emoji></tg-emoji>", ""},
		{"&#xD800;", "Text contains invalid Unicode characters after decoding HTML entities, check for unmatched surrogate code units"},
		{"<b>x\x00</b>", ""},
		{"<b\x00>x</b>", "Unclosed start tag at byte offset 10"},
	} {
		p := htmlParser{}
		err := p.parse([]byte(front + c.src))
		if c.want == "" {
			require.NoError(t, err, "%q", c.src)
			continue
		}
		require.EqualError(t, err, c.want, "%q", c.src)
	}
}

func TestHTML(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ src, text, entities string }{
		{"plain", "plain", `[]`},
		{"&lt;&gt;&amp;&quot;&nbsp;&apos;&LT;&", "<>&\"&nbsp;&apos;&LT;&", `[]`},
		{"&lt&gt&#33&#x21;&#x1F600;&#0;&#1114111;&#12345678;&#x0000041;", "<>!!😀&#0;&#1114111;&#12345678;&#x0000041;", `[]`},
		{"😀<b>😀</b>", "😀😀", `[{"offset":2,"length":2,"type":"bold"}]`},
		{"<b>b</b><strong>b</strong>", "bb", `[{"offset":0,"length":2,"type":"bold"}]`},
		{
			"<i>1</i> <em>2</em> <u>3</u> <ins>4</ins> <s>5</s> <strike>6</strike> <del>7</del>", "1 2 3 4 5 6 7",
			`[{"offset":0,"length":1,"type":"italic"},{"offset":2,"length":1,"type":"italic"},
			  {"offset":4,"length":1,"type":"underline"},{"offset":6,"length":1,"type":"underline"},
			  {"offset":8,"length":1,"type":"strikethrough"},{"offset":10,"length":1,"type":"strikethrough"},
			  {"offset":12,"length":1,"type":"strikethrough"}]`,
		},
		{
			"<tg-spoiler>1</tg-spoiler><span class='tg-spoiler'> 2</span>", "1 2",
			`[{"offset":0,"length":3,"type":"spoiler"}]`,
		},
		{"<B>x</ b>", "", "error"},
		{"<B>x</b >y</>", "", "error"},
		{"<B>x</b >", "x", `[{"offset":0,"length":1,"type":"bold"}]`},
		{"<b>x</>", "x", `[{"offset":0,"length":1,"type":"bold"}]`},
		{"<b class=x nothing>x</b>", "x", `[{"offset":0,"length":1,"type":"bold"}]`},
		{"<b><i>x</i></b>", "x", `[{"offset":0,"length":1,"type":"bold"},{"offset":0,"length":1,"type":"italic"}]`},
		{"<i><b>x</b></i>", "x", `[{"offset":0,"length":1,"type":"bold"},{"offset":0,"length":1,"type":"italic"}]`},
		{"<b></b>x", "x", `[]`},
		{"<a href='https://e.com/?a=1&amp;b=2'>x</a>", "x", `[{"offset":0,"length":1,"type":"text_link","url":"https://e.com/?a=1&b=2"}]`},
		{"<a>e.com</a>", "e.com", `[{"offset":0,"length":5,"type":"text_link","url":"http://e.com/"}]`},
		{"<a href=javascript:x>x</a>", "", "error"},
		{"<a href='javascript:x'>x</a>", "x", `[]`},
		{"<a href='tg://user?id=5'>x</a>", "x",
			`[{"offset":0,"length":1,"type":"text_mention","user":{"id":5,"is_bot":false,"first_name":"Person 5"}}]`},
		{"<code>x</code>", "x", `[{"offset":0,"length":1,"type":"code"}]`},
		{"<code class='language-go'>x</code>", "x", `[{"offset":0,"length":1,"type":"code"}]`},
		{"<pre>x</pre>", "x", `[{"offset":0,"length":1,"type":"pre"}]`},
		{"<pre><code class='language-go'>x</code></pre>", "x", `[{"offset":0,"length":1,"type":"pre","language":"go"}]`},
		{"<code class='language-go'><pre>x</pre></code>", "x", `[{"offset":0,"length":1,"type":"pre","language":"go"}]`},
		{"<b>a<code>b</code>c</b>", "abc",
			`[{"offset":0,"length":1,"type":"bold"},{"offset":1,"length":1,"type":"code"},{"offset":2,"length":1,"type":"bold"}]`},
		{"<blockquote>x</blockquote>", "x", `[{"offset":0,"length":1,"type":"blockquote"}]`},
		{"<blockquote expandable>x</blockquote>", "x", `[{"offset":0,"length":1,"type":"expandable_blockquote"}]`},
		{"<blockquote>x<blockquote>y</blockquote></blockquote>", "xy", `[{"offset":0,"length":2,"type":"blockquote"}]`},
		{"<tg-emoji emoji-id='5368324170671202286'>👍</tg-emoji>", "👍",
			`[{"offset":0,"length":2,"type":"custom_emoji","custom_emoji_id":"5368324170671202286"}]`},
		{"<tg-time unix=1647531900 format='r'>then</tg-time>", "then",
			`[{"offset":0,"length":4,"type":"date_time","unix_time":1647531900,"date_time_format":"r"}]`},
		{"<tg-time unix='12 May' format='TwDt'>x</tg-time>", "x",
			`[{"offset":0,"length":1,"type":"date_time","unix_time":12,"date_time_format":"wDt"}]`},
		{"<tg-time unix=4294967297 format=''>x</tg-time>", "x",
			`[{"offset":0,"length":1,"type":"date_time","unix_time":1,"date_time_format":""}]`},
		{"<tg-time>a</tg-time><tg-time unix=0>b</tg-time><tg-time unix=-1>c</tg-time><tg-time unix=soon>d</tg-time>", "abcd", `[]`},
		{"<tg-time unix=2147483648>a</tg-time>", "a", `[]`},
		{"<b>a<tg-time unix=1>b</tg-time></b>", "ab",
			`[{"offset":0,"length":1,"type":"bold"},{"offset":1,"length":1,"type":"date_time","unix_time":1,"date_time_format":""}]`},
		{"<b>a <i>b</i> c</b>", "a b c", `[{"offset":0,"length":2,"type":"bold"},{"offset":2,"length":3,"type":"bold"},
			{"offset":2,"length":1,"type":"italic"}]`},
		{"<b>a</b><a href='e.com'>b</a><b>c</b>", "abc", `[{"offset":0,"length":1,"type":"bold"},
			{"offset":1,"length":1,"type":"text_link","url":"http://e.com/"},{"offset":2,"length":1,"type":"bold"}]`},
		{"<b>a<blockquote>b</blockquote>c</b>", "abc", `[{"offset":0,"length":1,"type":"bold"},{"offset":1,"length":1,"type":"blockquote"},
			{"offset":1,"length":1,"type":"bold"},{"offset":2,"length":1,"type":"bold"}]`},
		{"<tg-spoiler><code>x</code></tg-spoiler>", "x", `[{"offset":0,"length":1,"type":"code"}]`},
		{"<code><i>x</i></code>", "x", `[{"offset":0,"length":1,"type":"code"}]`},
		{"<pre><code>x</code></pre>", "x", `[{"offset":0,"length":1,"type":"pre"}]`},
		{"<a href='e.com'><code>x</code></a>", "x", `[{"offset":0,"length":1,"type":"code"}]`},
		{"<a href='e.com'>x<code>y</code></a>", "xy", `[{"offset":0,"length":2,"type":"text_link","url":"http://e.com/"}]`},
		{"<pre>x<a href='e.com'>y</a></pre>", "xy", `[{"offset":0,"length":2,"type":"pre"}]`},
		{"<a href='e.com'><blockquote>x</blockquote></a>", "x",
			`[{"offset":0,"length":1,"type":"blockquote"},{"offset":0,"length":1,"type":"text_link","url":"http://e.com/"}]`},
		{"<a href='e.com'>x<blockquote>y</blockquote></a>", "xy", `[{"offset":1,"length":1,"type":"blockquote"}]`},
		{"<a href='e.com'><blockquote>x</blockquote>y</a>", "xy", `[{"offset":0,"length":1,"type":"blockquote"}]`},
		{"<a href='e.com'><tg-emoji emoji-id=5>x</tg-emoji></a>", "x", `[{"offset":0,"length":1,"type":"text_link","url":"http://e.com/"}]`},
		{"<blockquote>a<pre>b</pre></blockquote>", "ab", `[{"offset":0,"length":2,"type":"blockquote"},{"offset":1,"length":1,"type":"pre"}]`},
		{"<a href=' e.com'>x</a>", "x", `[]`},
		{" \n<b> x </b> \n", " x", `[{"offset":0,"length":2,"type":"bold"}]`},
		{"  <b>x</b>", "x", `[{"offset":0,"length":1,"type":"bold"}]`},
		{"a\r\nb\tc", "a\nb c", `[]`},
		{"x\r<b>😀</b>\r<i>y</i>", "x😀y", `[{"offset":1,"length":2,"type":"bold"},{"offset":3,"length":1,"type":"italic"}]`},
		{"a\u202e<b>b</b>", "ab", `[{"offset":1,"length":1,"type":"bold"}]`},
	} {
		p := htmlParser{}
		f, err := p.format([]byte(c.src), []byte("HTML"), nil)
		if c.entities == "error" {
			require.Error(t, err, c.src)
			continue
		}
		require.NoError(t, err, c.src)
		require.NoError(t, f.finish(maxTextLength), c.src)
		require.JSONEq(t, c.entities, string(appendEntities(nil, f.entities)), c.src)
		require.Equal(t, c.text, string(f.text), c.src)
	}
}

func TestEntityCap(t *testing.T) {
	t.Parallel()
	p := htmlParser{}
	f, err := p.format([]byte(strings.Repeat("<b>x</b> ", 150)), []byte("HTML"), nil)
	require.NoError(t, err)
	require.NoError(t, f.finish(maxTextLength))
	require.Len(t, f.entities, maxEntities)
}

func TestLinks(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"httP://Example.com?1#X":          "http://example.com/?1#X",
		"httPs://Example.com/?1#X":        "https://example.com/?1#X",
		"example.com":                     "http://example.com/",
		"http://example.com:0000000001":   "http://example.com:1/",
		"http://user:pass@example.com/x":  "http://user:pass@example.com/x",
		"http://[2001:db8::1]:80/":        "http://[2001:db8::1]:80/",
		"tg://resolve?domain=x":           "tg://resolve?domain=x",
		"TG:_":                            "tg://_/",
		"tOn://wallet":                    "ton://wallet/",
		"tonsite://site.ton/x":            "tonsite://site.ton/x",
		"http://приклад.укр":              "http://приклад.укр/",
		"":                                "",
		"not-a-url":                       "",
		"http://localhost":                "",
		"https://.":                       "",
		"https://":                        "",
		"http://example.com:0":            "",
		"http://example.com:-1":           "",
		"http://example.com:65536":        "",
		"http://exa mple.com":             "",
		"http://example.com/a b\n ":       "http://example.com/a%20b",
		"http://example.com#\x00\t":       "http://example.com/#",
		"http://example.com/100%/x%zz":    "http://example.com/100%/x%zz",
		" http://example.com":             "",
		"http://example.com ":             "",
		"http:// example.com":             "",
		"https://a@b@example.com":         "",
		"https://a%4@example.com":         "",
		"https://a%40b:c:d@example.com":   "https://a%40b:c:d@example.com/",
		"@example.com":                    "http://example.com/",
		"http://ex%61mple.com":            "http://ex%61mple.com/",
		"http://ex%6mple.com":             "",
		"http://it's.example.com":         "http://it's.example.com/",
		"http://a:b:80.com":               "",
		"http://[::1":                     "",
		"http://[::1].com":                "",
		"http://[1.2.3.4]":                "",
		"http://example.com\x7f":          "",
		"..":                              "http://../",
		"tg:x y":                          "",
		"tg:x?a b":                        "tg://x?a%20b",
		"http://[::z]":                    "",
		"http:example.com":                "",
		"sftp://example.com":              "",
		"javascript:alert(1)":             "",
		"mailto:a@example.com":            "http://mailto:a@example.com/", // read as a user's name and password
		"tg:example.com":                  "",
		"tg:test@x":                       "",
		"tg:x:80":                         "",
		"tg://http://example.com":         "",
		"tg:[2001:db8:0:0:0:ff00:42:832]": "",
	} {
		got, err := checkLink(address, false)
		require.Equal(t, want == "", err != nil, "%q: %v", address, err)
		require.Equal(t, want, got)
	}
	for _, address := range []string{"bad", "http://example.com", "tg://resolve?domain=x"} {
		_, err := checkLink(address, true)
		require.EqualError(t, err, "URL '"+address+"' is invalid: Only HTTPS links are allowed")
	}
}

func FuzzHTML(f *testing.F) {
	for _, seed := range []string{
		"", "x", "<b>😀</b>", "<a href='https://e.com'>x</a>", "&#x1F600;&lt", "<pre><code class=\"language-go\">x</code></pre>",
		"<b>a<code>b</code>c</b>", "<blockquote expandable>\r\n\u202e x</blockquote>", "<i x=", "</", "&#xD800;", "<b\x00",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, src string) {
		p := htmlParser{}
		formatted, err := p.format([]byte(src), []byte("HTML"), nil)
		if err != nil {
			return
		}
		checkSpans(t, formatted)
		if formatted.finish(maxTextLength) != nil {
			return
		}
		require.NotEmpty(t, formatted.text)
		require.LessOrEqual(t, utf8.RuneCount(formatted.text), maxTextLength)
		require.LessOrEqual(t, len(formatted.entities), maxEntities)
		checkSpans(t, formatted)
		require.True(t, json.Valid(appendEntities(nil, formatted.entities)))
	})
}

// checkSpans checks that every entity covers whole characters of the text.
func checkSpans(t *testing.T, f formatted) {
	t.Helper()
	require.True(t, utf8.Valid(f.text))
	units := utf16.Encode([]rune(string(f.text)))
	for _, e := range f.entities {
		require.GreaterOrEqual(t, e.offset, 0)
		require.Positive(t, e.length)
		require.LessOrEqual(t, e.end(), len(units))
		for _, at := range []int{e.offset, e.end()} {
			inside := at < len(units) && units[at] >= 0xdc00 && units[at] <= 0xdfff
			require.False(t, inside, "an entity ends within a surrogate pair")
		}
	}
}
