package message_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bellman/internal/fault"
	"bellman/internal/message"
	"bellman/internal/sandbox"
)

// stricter are the faults of texts that Telegram takes. In each case its readers
// would not get what the author wrote, and nobody would be told.
var stricter = map[string]string{
	"text_direction":         "Telegram leaves the character out; who writes it means to deceive, or does not know of it",
	"text_invalid":           "Telegram shows NUL as a space, and the JSON of a call has no bytes that are not UTF-8",
	"html_entities_too_many": "Telegram drops what comes after the hundredth",
	"html_reference_unknown": "Telegram shows &nbsp; as it is written",
	"html_mark_dropped":      "Telegram drops one of two marks that cannot go together",
	"html_time_invalid":      "Telegram shows the text of a time that is none",
	"foreign_syntax":         "Telegram shows the syntax of other systems as it is written",
	"link_invalid":           "Telegram drops a link that it cannot open and leaves its text",
}

// FuzzAgree holds the checks against those of the sandbox, which has a parser of
// its own: whatever passes here is accepted there, and whatever is refused there
// is refused here, but for what is stricter on purpose.
func FuzzAgree(f *testing.F) {
	for _, text := range []string{
		"Hello", "<b>20% off</b> & more", "a < b", "<br>", "<b><i>x</b></i>", `<a href="https://example.com">x</a>`,
		`<a href="javascript:alert(1)">x</a>`, `<span class="tg-spoiler">x</span>`, "<span>x</span>", "&#xd800;", "&lt;&#60;&#x3c",
		"<pre><code class=\"language-go\">x</code></pre>", "<blockquote expandable>x</blockquote>", "<tg-emoji emoji-id=\"5\">x</tg-emoji>",
		"<tg-emoji>x</tg-emoji>", "<tg-time unix=1>x</tg-time>", " \n\t ", "\u200b\u2060", "<b> </b>", "</b>", "<b", "<b x", "<b x=", "<b x=y",
		"<b x='y", "<b/>", "<b />", "<b x=1&gt;>y</b>", "<a>example.com</a>", "x\u202ey", "\r\r", "<b>\r</b>", "<a href=x.y>z</a>", "&nbsp;",
		strings.Repeat("😀", 4097), strings.Repeat("<b>x</b> ", 101), strings.Repeat("a", 4096) + " ", " <i>" + strings.Repeat("a", 4096) + "</i>",
		"  " + strings.Repeat("a", 4095) + "<b>b</b>", "<\x00>", "</>", "<b></>", "<B>x</B>", "<a href=\"https://x.y\" data-track=off>x</a>",
	} {
		f.Add(text)
	}
	for _, v := range verdicts {
		f.Add(v.text)
	}
	sandbox := sandbox.New(sandbox.Options{})
	f.Cleanup(func() { require.NoError(f, sandbox.Close()) })
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(text, "{{") || strings.Contains(text, "{%") {
			return
		}
		content := message.Text(text)
		err := content.Check()
		if err != nil && !utf8.ValidString(text) {
			return
		}
		template, failure := message.Compile(content)
		require.NoError(t, failure)
		call, failure := template.Compose(nil, message.Recipient{ChatID: 1})
		require.NoError(t, failure)
		verdict := sandbox.Verdict(call.Method, call.Body)
		switch f := (*fault.Error)(nil); {
		case err == nil:
			require.Empty(t, verdict, "%q", text)
		case verdict == "":
			require.ErrorAs(t, err, &f)
			require.Contains(t, stricter, f.Code, "%q is refused here alone: %v", text, err)
		}
	})
}

// FuzzAgreeOnAddresses holds what is said of addresses against the sandbox: what
// passes is accepted there, and what is refused there is refused here, but for what
// looks like another kind of address than it is, or is too long.
func FuzzAgreeOnAddresses(f *testing.F) {
	for _, address := range []string{
		"https://e.com", "e.com:80/x", " e.com", "https://a@b@e.com", "https://a:b@e.com:0443?x y#z", "tg:resolve?x", "tonsite://a.b", "ton:",
		"https://[::1]:80", "https://[::ffff:1.2.3.4]", "https://[::1%25]", "mailto:a@b.c", "e.com:x", ":80", "@e.com", "//e.com", "http:/e.com",
		"https://e.com\x7f", "https://пошта.укр/ї", "HTTPS://E.COM.", "..", "https://ex%61mple.com", "https://a%zz@e.com", "tg://x:80",
		"tg://[::1]",
	} {
		f.Add(address)
	}
	sandbox := sandbox.New(sandbox.Options{})
	f.Cleanup(func() { require.NoError(f, sandbox.Close()) })
	f.Fuzz(func(t *testing.T, address string) {
		if !utf8.ValidString(address) || strings.ContainsAny(address, "{\x00") || address == "" {
			return
		}
		content := pressing(address)
		err := content.Check()
		template, failure := message.Compile(content)
		require.NoError(t, failure)
		call, failure := template.Compose(nil, message.Recipient{ChatID: 1})
		require.NoError(t, failure)
		verdict := sandbox.Verdict(call.Method, call.Body)
		switch {
		case err == nil:
			require.Empty(t, verdict, "%q", address)
		case verdict == "":
			require.Regexp(t, `is not a kind of address|cannot have "%" in it|more than 2048 bytes|write the address as|turns what follows`+
				`|is not a port|is not the name of a site`, err.Error(), "%q is refused here alone", address)
		}
	})
}

// TestWhatPassesIsAccepted checks whole messages, of parts that are right and
// parts that are not: what passes is accepted by the sandbox.
func TestWhatPassesIsAccepted(t *testing.T) {
	t.Parallel()
	sandbox := sandbox.New(sandbox.Options{})
	t.Cleanup(func() { require.NoError(t, sandbox.Close()) })
	file := func(m message.Media) message.File {
		return message.File{ID: "sandbox-" + string(m.Kind) + "-1", Kind: m.Kind}
	}
	passed := 0
	rapid.Check(t, func(t *rapid.T) {
		c := drawContent(t)
		if c.Check() != nil {
			return
		}
		passed++
		call, err := compose(t, c, message.Recipient{ChatID: 1, File: file})
		require.NoError(t, err)
		require.Empty(t, sandbox.Verdict(call.Method, call.Body), "%s %s", call.Method, call.Body)
	})
	require.Positive(t, passed)
}

func drawContent(t *rapid.T) message.Content {
	kind := rapid.SampledFrom([]message.Kind{
		message.Photo, message.Video, message.Animation, message.Document, message.Audio, message.Voice,
	})
	button := rapid.Custom(func(t *rapid.T) message.Button {
		b := message.Button{
			Text:  rapid.SampledFrom([]string{"shop", "  x ", "😀", "\u200b"}).Draw(t, "text"),
			Style: rapid.SampledFrom([]string{"", "danger", "success", "primary"}).Draw(t, "style"),
			Icon:  rapid.SampledFrom([]string{"", "536"}).Draw(t, "icon"),
		}
		switch rapid.IntRange(0, 3).Draw(t, "action") {
		case 0:
			b.URL = drawAddress(t)
		case 1:
			b.CallbackData = rapid.StringN(1, 20, 64).Draw(t, "data")
		case 2:
			b.WebApp = drawAddress(t)
		default:
			b.CopyText = rapid.StringN(1, 256, -1).Draw(t, "copy")
		}
		return b
	})
	c := message.Content{Version: message.Version{
		Text: rapid.SampledFrom([]string{"", "x", "<b>x</b>", strings.Repeat("я", 1025), "<a href=\"https://e.com\">x</a>"}).Draw(t,
			"text"),
		CaptionAbove: rapid.Bool().Draw(t, "above"),
		Buttons:      rapid.SliceOfN(rapid.SliceOfN(button, 1, 3), 0, 3).Draw(t, "buttons"),
	}}
	for range rapid.SampledFrom([]int{0, 0, 1, 1, 2, 3}).Draw(t, "files") {
		c.Media = append(c.Media, message.Media{Kind: kind.Draw(t, "kind"), ID: 1, Spoiler: rapid.IntRange(0, 3).Draw(t, "spoiler") == 0})
	}
	if rapid.Bool().Draw(t, "preview") {
		c.Preview = &message.Preview{Small: rapid.Bool().Draw(t, "small"), URL: drawAddress(t)}
	}
	if rapid.Bool().Draw(t, "effect") {
		c.Effect = "5104841245755180586"
	}
	return c
}

func drawAddress(t *rapid.T) string {
	return rapid.SampledFrom([]string{"", "https://", "http://", "HTTPS:/", "tg://", "ton:", "tonsite://", "ftp://", "//", "javascript:",
		"a:b@"}).Draw(t, "scheme") +
		rapid.OneOf(
			rapid.SampledFrom([]string{"example.com", "e.com:80", "e.com:0", "e.com:x", "user@e.com", "[::1]", "[x]", "localhost", "пошта.укр",
				"e.com.", ".", "a_b"}),
			rapid.StringOfN(rapid.RuneFrom([]rune("ab.:@[]/?#% _-<é\x7f")), 1, 8, -1),
		).Draw(t, "host") + rapid.SampledFrom([]string{"", "/", "?q=1", "#x", "/a b", "/ї"}).Draw(t, "path")
}
