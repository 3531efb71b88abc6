package message_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/fault"
	"bellman/internal/message"
	"bellman/internal/sandbox"
)

// cant is what the Bot API says before TDLib's words about a text.
const cant = "Bad Request: can't parse entities: "

// verdicts are texts with what Telegram does with them by TDLib's source: the words
// of its refusal, or the entities that it makes, by type. ours is the code of the
// fault here; empty where the text passes.
//
// The source of each part is named in it: MessageEntity.cpp, unless another file is.
var verdicts = []struct {
	text, refusal, entities, ours string
}{
	// parse_html, start tags.
	{"<b>x</b>", "", "bold", ""},
	{"<STRONG>x</strong>", "", "bold", ""},
	{"<em>x</em><ins>y</ins><del>z</del>", "", "italic underline strikethrough", ""},
	{"<strike>x</strike>", "", "strikethrough", ""},
	{"<tg-spoiler>x</tg-spoiler>", "", "spoiler", ""},
	{`<span class="tg-spoiler">x</span>`, "", "spoiler", ""},
	{"<b class=y id='z' hidden>x</b>", "", "bold", ""},
	{"<b\n\t\v>x</b>", "", "bold", ""},
	{"<br>", `Unsupported start tag "br" at byte offset 0`, "", "html_tag_unknown"},
	{"x<p>y</p>", `Unsupported start tag "p" at byte offset 1`, "", "html_tag_unknown"},
	{"<spoiler>x</spoiler>", `Unsupported start tag "spoiler" at byte offset 0`, "", "html_tag_unknown"},
	{"<!-- x -->", `Unsupported start tag "!--" at byte offset 0`, "", "html_tag_unknown"},
	{"1 < 2", `Unsupported start tag "" at byte offset 2`, "", "html_less_than"},
	{"<3", "Unclosed start tag at byte offset 0", "", "html_less_than"},
	{"x <b", "Unclosed start tag at byte offset 2", "", "html_tag_incomplete"},
	{"<b x", `Unclosed start tag "b" at byte offset 0`, "", "html_tag_incomplete"},
	{"<b x=", `Unclosed start tag "b" at byte offset 0`, "", "html_tag_incomplete"},
	{"<b x='y", "Unclosed start tag at byte offset 0", "", "html_tag_incomplete"},
	{"<b />x</b>", `Empty attribute name in the tag "b" at byte offset 0`, "", "html_attribute_invalid"},
	{"<b =y>x</b>", `Empty attribute name in the tag "b" at byte offset 0`, "", "html_attribute_invalid"},
	{"<a href=https://e.com>x</a>", "Unexpected end of name token at byte offset 8", "", "html_attribute_invalid"},
	{"<a href=e.com>x</a>", "", "text_link", ""},
	{"<span>x</span>", `Tag "span" must have class "tg-spoiler" at byte offset 0`, "", "html_span_invalid"},
	{"<span class='spoiler'>x</span>", `Tag "span" must have class "tg-spoiler" at byte offset 0`, "", "html_span_invalid"},
	// parse_html, end tags.
	{"<b>x</>", "", "bold", ""},
	{"<b>x</B\n>", "", "bold", ""},
	{"</b>", "Unexpected end tag at byte offset 0", "", "html_end_tag_unexpected"},
	{"<b>x</b", "Unclosed end tag at byte offset 4", "", "html_tag_incomplete"},
	{"<b>x</b y>", "Unclosed end tag at byte offset 4", "", "html_tag_incomplete"},
	{"<b>x</strong>", `Unmatched end tag at byte offset 4, expected "</b>", found "</strong>"`, "", "html_end_tag_unmatched"},
	{"<b><i>x</b></i>", `Unmatched end tag at byte offset 7, expected "</i>", found "</b>"`, "", "html_end_tag_unmatched"},
	{"<b>x", `Can't find end tag corresponding to start tag "b"`, "", "html_tag_unclosed"},
	// decode_html_entity.
	{"&lt;&gt;&amp;&quot;&#33;&#x21", "", "", ""},
	{"&nbsp;&apos;", "", "", "html_reference_unknown"},
	{"x &#xd800; y", "Text contains invalid Unicode characters after decoding HTML entities, check for unmatched surrogate code units",
		"", "html_reference_invalid"},
	{"&#0;&#1114111;&#00000033;", "", "", ""},
	// Emoji: to_integer_safe.
	{`<tg-emoji emoji-id="5368324170671202286">x</tg-emoji>`, "", "custom_emoji", ""},
	{`<tg-emoji emoji-id="-5">x</tg-emoji>`, "", "custom_emoji", ""},
	{`<tg-emoji emoji-id="007">x</tg-emoji>`, "Invalid custom emoji identifier specified", "", "html_emoji_invalid"},
	{`<tg-emoji emoji-id="0">x</tg-emoji>`, "Invalid custom emoji identifier specified", "", "html_emoji_invalid"},
	{`<tg-emoji emoji-id=" 5">x</tg-emoji>`, "Invalid custom emoji identifier specified", "", "html_emoji_invalid"},
	{"<tg-emoji>x</tg-emoji>", "Invalid custom emoji identifier specified", "", "html_emoji_invalid"},
	{"<tg-emoji></tg-emoji>x", "", "", ""},
	// Times: to_integer, get_date_flags, and remove_empty_entities, which drops one without a date.
	{`<tg-time unix="1647531900">x</tg-time>`, "", "date_time", ""},
	{`<tg-time unix="1647531900" format="r">x</tg-time>`, "", "date_time", ""},
	{`<tg-time unix="1647531900" format="R">x</tg-time>`, "", "date_time", ""},
	{`<tg-time format="WdT" unix="1647531900">x</tg-time>`, "", "date_time", ""},
	{`<tg-time unix="1647531900" format="tTdDwW">x</tg-time>`, "", "date_time", ""},
	{`<tg-time unix="1647531900" format="rt">x</tg-time>`, "Invalid date format used", "", "html_time_invalid"},
	{`<tg-time unix="1647531900" format="%d.%m">x</tg-time>`, "Invalid date format used", "", "html_time_invalid"},
	{`<tg-time format="x">x</tg-time>`, "Invalid date format used", "", "html_time_invalid"},
	{`<tg-time unix="">x</tg-time>`, "", "", "html_time_invalid"},
	{`<tg-time unix="soon">x</tg-time>`, "", "", "html_time_invalid"},
	{`<tg-time unix="0">x</tg-time>`, "", "", "html_time_invalid"},
	{`<tg-time unix="12 May">x</tg-time>`, "", "date_time", "html_time_invalid"},
	{`<tg-time unix="1647531900000">x</tg-time>`, "", "", "html_time_invalid"}, // wraps around to a negative one
	// Links: LinkManager::get_checked_link, HttpUrl.cpp parse_url. What it refuses is dropped.
	{`<a href="https://e.com">x</a>`, "", "text_link", ""},
	{`<a href="e.com/x?y#z">x</a>`, "", "text_link", ""},
	{"<a>e.com</a>", "", "text_link", ""},
	{`<a href="tg://user?id=5">x</a>`, "", "text_mention", ""},
	{`<a href="tg://resolve?domain=x">x</a>`, "", "text_link", ""},
	{`<a href="https://e.com/100%/a b">x</a>`, "", "text_link", ""},
	{`<a href="https://пошта.укр/ї">x</a>`, "", "text_link", ""},
	{`<a href="https://[::1]:80/">x</a>`, "", "text_link", ""},
	{`<a href="https://a:b@e.com">x</a>`, "", "text_link", ""},
	{`<a href="https://a@b@e.com">x</a>`, "", "", "link_invalid"},
	{`<a href="https://e .com">x</a>`, "", "", "link_invalid"},
	{`<a href="https://e.com:0">x</a>`, "", "", "link_invalid"},
	{`<a href="https://[::z]">x</a>`, "", "", "link_invalid"},
	{`<a href="https://localhost">x</a>`, "", "", "link_invalid"},
	{`<a href="javascript:alert(1)">x</a>`, "", "", "link_invalid"},
	{`<a href="ftp://e.com">x</a>`, "", "", "link_invalid"},
	{`<a href="mailto:a@e.com">x</a>`, "", "text_link", "link_invalid"}, // read as http://mailto:a@e.com/
	{"<a> e.com</a>", "", "", "link_invalid"},
	{"<a></a>x", "", "", ""},
	// Code: parse_html joins a <pre> and the language of the <code> in it.
	{"<code>x</code>", "", "code", ""},
	{`<code class="language-go">x</code>`, "", "code", ""},
	{`<pre><code class="language-go">x</code></pre>`, "", "pre", ""},
	{`<code class="language-go"><pre>x</pre></code>`, "", "pre", ""},
	{"<pre><code>x</code></pre>", "", "pre", ""},
	// fix_entities: what cannot go together.
	{`<a href="e.com"><code>x</code></a>`, "", "code", "html_mark_dropped"},
	{`<a href="e.com">x<code>y</code></a>`, "", "text_link", "html_mark_dropped"},
	{`<pre>x<a href="e.com">y</a></pre>`, "", "pre", "html_mark_dropped"},
	{`<a href="e.com">x<blockquote>y</blockquote></a>`, "", "blockquote", "html_mark_dropped"},
	{`<a href="e.com"><blockquote>y</blockquote></a>`, "", "blockquote text_link", ""},
	{`<blockquote><a href="e.com">x</a></blockquote>`, "", "blockquote text_link", ""},
	{"<tg-spoiler><code>x</code></tg-spoiler>", "", "code", "html_mark_dropped"},
	{"<b>x <code>y</code> z</b>", "", "bold code bold", "html_mark_dropped"},
	{"<code><b>x</b></code>", "", "code", "html_mark_dropped"},
	{`<b><tg-time unix="1">x</tg-time></b>`, "", "date_time", "html_mark_dropped"},
	{"<blockquote>x<blockquote>y</blockquote></blockquote>", "", "blockquote", "html_mark_dropped"},
	{`<a href="e.com">x<tg-emoji emoji-id="5">y</tg-emoji></a>`, "", "text_link", "html_mark_dropped"},
	{"<blockquote expandable>x<pre>y</pre></blockquote>", "", "expandable_blockquote pre", ""},
	// split_entities: joined where they touch, split where another begins.
	{"<b>x</b><b>y</b>", "", "bold", ""},
	{"<b>x</b> <b>y</b>", "", "bold bold", ""},
	{"<b>x<i>y</i>z</b>", "", "bold bold italic", ""},
	{"<b>x<blockquote>y</blockquote>z</b>", "", "bold blockquote bold bold", ""},
	// clean_input_string_with_entities and the trimming of fix_formatted_text.
	{" \n<b> x </b> \n", "", "bold", ""},
	{"x<b> \n</b>", "", "", ""},
	{"<b>\r</b>x", "", "", ""},
	// is_empty_string, and the lengths that the servers set.
	{" \n\u200b", "Bad Request: text must be non-empty", "", "text_missing"},
	{"<b> </b>", "Bad Request: text must be non-empty", "", "text_missing"},
	{strings.Repeat("😀", 4096), "", "", ""},
	{strings.Repeat("😀", 4097), "Bad Request: message is too long", "", "text_too_long"},
}

func TestVerdicts(t *testing.T) {
	t.Parallel()
	s := sandbox.New(sandbox.Options{})
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	c := newTelegram(t)
	for _, v := range verdicts {
		call, err := json.Marshal(map[string]any{"chat_id": 1, "text": v.text, "parse_mode": "HTML"})
		require.NoError(t, err)
		want := v.refusal
		if want != "" && !strings.HasPrefix(want, "Bad Request") {
			want = cant + want
		}
		require.Equal(t, want, s.Verdict("sendMessage", call), v.text)
		if v.refusal == "" {
			var made []string
			_, entities := c.show(t, v.text)
			for _, e := range entities {
				made = append(made, e.Type)
			}
			require.Equal(t, v.entities, strings.Join(made, " "), v.text)
		}
		err = message.Text(v.text).Check()
		if v.ours == "" {
			require.NoError(t, err, v.text)
			continue
		}
		require.True(t, fault.Is(err, v.ours), "%s: %v", v.text, err)
	}
}
