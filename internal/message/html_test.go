package message_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/fault"
	"bellman/internal/message"
)

// requireFault checks the code, the field and a part of the sentence of a fault.
func requireFault(t *testing.T, err error, code, field, part string) {
	t.Helper()
	var f *fault.Error
	require.ErrorAs(t, err, &f)
	require.Equal(t, fault.Invalid, f.Kind)
	require.Equal(t, code, f.Code, f.Message)
	require.Equal(t, field, f.Field)
	require.Contains(t, f.Message, part)
}

func TestTextAccepted(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"Hello", "AT&T & Co", "1 &lt; 2 &#60; 3", "<b>a <i>b <u>c</u></i></b>", "<B>a</b>", "<b>a</>",
		"<code class=\"language-go\">x</code>",
		"<a href='https://example.com/?a=1&amp;b=2'>x</a>", "<a href=\"tg://user?id=1\">x</a>", "<a href=\"https://t.me/x\">x</a>",
		`<a href="https://example.com" data-track="off">x</a>`, `<span class="tg-spoiler">x</span>`, "<tg-spoiler>x</tg-spoiler>",
		"<blockquote expandable>x</blockquote>", `<tg-emoji emoji-id="5368324170671202286">👍</tg-emoji>`, "שלום, <b>עולם</b>",
		"{\"a\":{\"b\":1}}", strings.Repeat("😀", 4096), strings.Repeat(" ", 100) + strings.Repeat("a", 4096),
		strings.Repeat("<b>x</b>", 100), "a\uFFFDb",
	} {
		require.NoError(t, message.Text(text).Check(), text)
	}
}

// spec: tg-text tg-html
func TestTextRefused(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ text, code, part string }{
		"nothing":       {"", "text_missing", "write the text"},
		"white space":   {" \n ", "text_missing", "empty"},
		"invisible":     {"\u200b\u2060", "text_missing", "empty"},
		"mark-up alone": {"<b></b>", "text_missing", "empty"},
		"a line break": {"one<br>two", "html_tag_unknown",
			`line 1, column 4: <br> is not a tag that Telegram knows; write a line break as a new line`},
		"on the second line":   {"один\nдва<p>", "html_tag_unknown", "line 2, column 4: <p>"},
		"a script":             {"<script>x</script>", "html_tag_unknown", "<script>"},
		"a comparison":         {"a < b", "html_less_than", "column 3: \"<\" begins a tag; write &lt;"},
		"a heart":              {"I <3 you", "html_less_than", "&lt;"},
		"an open end":          {"<b>bold", "html_tag_unclosed", "column 1: <b> is never closed; write </b>"},
		"an unfinished tag":    {"<b", "html_tag_incomplete", "no \">\""},
		"an unfinished end":    {"<b>x</b", "html_tag_incomplete", "</b"},
		"wrong order":          {"<b><i>x</b></i>", "html_end_tag_unmatched", "column 8: </b> stands where </i> should"},
		"a stray end":          {"x</b>", "html_end_tag_unexpected", "column 2: </b> closes nothing"},
		"a span":               {"<span>x</span>", "html_span_invalid", "tg-spoiler"},
		"an attribute's slash": {"<b />x</b>", "html_attribute_invalid", "column 4"},
		"a value's sign":       {"<a href=https://x.y>x</a>", "html_attribute_invalid", "quotes"},
		"an emoji without id":  {"<tg-emoji>x</tg-emoji>", "html_emoji_invalid", "emoji-id"},
		"a time without time":  {`<tg-time unix="soon">x</tg-time>`, "html_time_invalid", "unix"},
		"half a character":     {"x &#xD83D; y", "html_reference_invalid", "column 3"},
		"a name for browsers": {"a&nbsp;b", "html_reference_unknown",
			"column 2: Telegram knows only &lt; &gt; &amp; &quot; and shows &nbsp;"},
		"a script in a link":   {`<a href="javascript:alert(1)">x</a>`, "link_invalid", `"javascript:" is not a kind of address`},
		"a script in disguise": {`<a href="&#106;avascript:alert(1)">x</a>`, "link_invalid", "javascript"},
		"a word for a link":    {`<a href="shop">x</a>`, "link_invalid", "such as example.com"},
		"turned around":        {"abc\u202egnp.exe", "text_direction", "column 4: an invisible character (U+202E)"},
		"NUL":                  {"a\x00b", "text_invalid", "column 2"},
		"no UTF-8":             {"a\xed\xa0\x80b", "text_invalid", "column 2: this is no text"},
		"an emoji too many":    {strings.Repeat("😀", 4097), "text_too_long", "4097 characters; Telegram takes 4096"},
		"many bytes":           {strings.Repeat("<b>x</b>", 4097), "text_too_long", "32776 bytes"},
		"5 MB":                 {strings.Repeat("a", 5<<20), "text_too_long", "5242880 bytes"},
		"a hundred and one":    {strings.Repeat("<b>x</b> ", 101), "html_entities_too_many", "101"},
		"an emoji's number":    {`<tg-emoji emoji-id="007">x</tg-emoji>`, "html_emoji_invalid", "emoji-id"},
		"a time's format":      {`<tg-time unix="1" format="x">x</tg-time>`, "html_time_invalid", `"x" is none`},
		"a link around code": {`<a href="e.com"><code>x</code></a>`, "html_mark_dropped",
			"column 17: Telegram does not show <a> and <code> together"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			requireOnlyFault(t, message.Text(tt.text), tt.code, "text", tt.part)
		})
	}
}

// A fault is found where its author wrote it, whatever stands before it.
func TestFaultsHaveTheirPlaces(t *testing.T) {
	t.Parallel()
	for text, place := range map[string]string{
		"<br>": "line 1, column 1:", "{{ data.x }}<br>": "line 1, column 13:", "é{{ data.x }}é{{ data.y }}<br>": "line 1, column 27:",
		"{% if data.x %}ab{% endif %}c<br>": "line 1, column 30:", "a{% if data.x %}b<br>{% endif %}": "line 1, column 18:",
		"{% if data.x %}{{ data.y }}{% else %}a\n<br>{% endif %}":             "line 2, column 1:",
		"<b>{{ data.x }}{% if data.x %}</b>{% endif %}":                       "line 1, column 1:",
		"{% for i in data.x %}a{% else %}b<br>{% endfor %}":                   "line 1, column 34:",
		"{% case data.x %}{% when 1 %}a{% when 2 %}<br>{% endcase %}":         "line 1, column 43:",
		"{% if data.x %}{% if data.y %}a{% else %}<br>{% endif %}{% endif %}": "line 1, column 42:",
		"{% comment %}<p>{% endcomment %}<br>":                                "line 1, column 33:",
	} {
		faults := message.Text(text).Faults()
		require.Len(t, faults, 1, text)
		require.Contains(t, faults[0].Message, place, text)
	}
}

// spec: tg-caption
func TestCaption(t *testing.T) {
	t.Parallel()
	photo := []message.Media{{Kind: message.Photo, ID: 1}}
	with := func(text string) message.Content {
		return message.Content{Version: message.Version{Text: text, Media: photo}}
	}
	require.NoError(t, with("").Check())
	require.NoError(t, with(strings.Repeat("я", 1024)).Check())
	requireFault(t, with(strings.Repeat("я", 1025)).Check(), "text_too_long", "text", "with media Telegram takes 1024")
}

func TestFaults(t *testing.T) {
	t.Parallel()
	faults := message.Content{
		Version:      message.Version{Text: "<br>", Buttons: [][]message.Button{{{Text: " ", URL: "javascript:x"}}}},
		Translations: map[string]message.Version{"uk": {Text: "<b>"}},
	}.Faults()
	var found []string
	for _, f := range faults {
		found = append(found, f.Field+" "+f.Code)
	}
	require.Equal(t, []string{
		"text html_tag_unknown", "buttons[0][0].text button_text_missing", "buttons[0][0].url link_invalid",
		"translations.uk.text html_tag_unclosed",
	}, found)
}
