package message_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/fault"
	"bellman/internal/message"
)

// TestLimits goes to each limit of a message, and one step beyond.
func TestLimits(t *testing.T) {
	t.Parallel()
	button := func(b message.Button) message.Content {
		return message.Content{Version: message.Version{Text: "x", Buttons: [][]message.Button{{b}}}}
	}
	tags := func(tags ...string) message.Content {
		return message.Content{Version: message.Version{Text: "x"}, Tags: tags}
	}
	caption := func(n int) message.Content {
		return message.Content{Version: message.Version{Text: strings.Repeat("я", n), Media: []message.Media{{Kind: message.Photo, ID: 1}}}}
	}
	translations := func(n int) message.Content {
		c := message.Content{Version: message.Version{Text: "x"}, Translations: make(map[string]message.Version)}
		for i := range n {
			c.Translations[fmt.Sprintf("en-x-%03d", i+100)] = message.Version{Text: "x"}
		}
		return c
	}
	language := func(tag string) message.Content {
		return message.Content{Version: message.Version{Text: "x"}, Language: tag}
	}
	const tag35 = "en-x-aaaaaaaa-bbbbbbbb-cccccccc-ddd"
	require.Len(t, tag35, message.MaxLanguage)
	album := func(n int) message.Content {
		return message.Content{Version: message.Version{Media: slices.Repeat([]message.Media{{Kind: message.Photo, ID: 1}}, n)}}
	}
	for name, tt := range map[string]struct {
		within, beyond message.Content
		code           string
	}{
		"a text": {message.Text(strings.Repeat("я", 4096)), message.Text(strings.Repeat("я", 4097)), "text_too_long"},
		"mark-up": {
			message.Text("<b>x</b>" + strings.Repeat(" ", message.MaxRawText-8)), message.Text("<b>x</b>" + strings.Repeat(" ",
				message.MaxRawText-7)), "text_too_long",
		},
		"entities":  {message.Text(strings.Repeat("<b>x</b> ", 100)), message.Text(strings.Repeat("<b>x</b> ", 101)), "html_entities_too_many"},
		"a caption": {caption(1024), caption(1025), "text_too_long"},
		"an album":  {album(10), album(11), "media_too_many"},
		"a button": {button(message.Button{Text: strings.Repeat("я", 256), CopyText: "x"}),
			button(message.Button{Text: strings.Repeat("я", 257), CopyText: "x"}), "button_text_too_long"},
		"a copied text": {button(message.Button{Text: "x", CopyText: strings.Repeat("я", 256)}), button(message.Button{Text: "x",
			CopyText: strings.Repeat("я", 257)}), "button_copy_invalid"},
		"callback data": {
			button(message.Button{Text: "x", CallbackData: strings.Repeat("я", 32)}), button(message.Button{Text: "x",
				CallbackData: strings.Repeat("я", 32) + "x"}), "button_data_invalid",
		},
		"an address": {
			button(message.Button{Text: "x", URL: "https://example.com/" + strings.Repeat("x", 2048-20)}), button(message.Button{Text: "x",
				URL: "https://example.com/" + strings.Repeat("x", 2048-19)}), "link_invalid",
		},
		"tags":         {tags(slices.Repeat([]string{"x"}, 20)...), tags(slices.Repeat([]string{"x"}, 21)...), "tags_too_many"},
		"a tag":        {tags(strings.Repeat("я", 50)), tags(strings.Repeat("я", 51)), "tag_invalid"},
		"translations": {translations(50), translations(51), "translations_too_many"},
		"a language":   {language(tag35), language(tag35 + "d"), "language_invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.NoError(t, tt.within.Check())
			err := tt.beyond.Check()
			require.True(t, fault.Is(err, tt.code), err)
		})
	}
}

// TestLimitsOfComposed goes to the limits of what values can make of a message.
func TestLimitsOfComposed(t *testing.T) {
	t.Parallel()
	link := func(length int) func(int, string) string {
		return func(int, string) string { return "https://" + strings.Repeat("x", length-len("https://")) }
	}
	times := func(n int) string {
		return fmt.Sprintf(`{"x":[%s0],"s":%q}`, strings.Repeat("0,", n-1), strings.Repeat("&", 4096))
	}
	loop := message.Text(`{% for i in data.x %}<a href="https://e.com">x</a>{% endfor %}`)
	for name, tt := range map[string]struct {
		content message.Content
		data    string
		to      message.Recipient
		code    string
	}{
		// 64 links of 512 bytes are as much as Telegram takes.
		"mark-up":      {loop, times(64), message.Recipient{Link: link(512 - len(`<a href="">x</a>`))}, ""},
		"more mark-up": {loop, times(64), message.Recipient{Link: link(512 - len(`<a href="">x</a>`) + 1)}, "text_too_long"},
		"mark-up as it is": {message.Text("{{ data.s }}{% for i in data.x %}<a href=\"https://e.com/" + strings.Repeat("x",
			200) + "\">{{ nil }}</a>{% endfor %}"), times(51), message.Recipient{}, ""},
		"more as it is": {message.Text("{{ data.s }}{% for i in data.x %}<a href=\"https://e.com/" + strings.Repeat("x",
			200) + "\">{{ nil }}</a>{% endfor %}"), times(80), message.Recipient{}, "text_too_long"},
		"entities":         {loop, times(100), message.Recipient{}, ""},
		"more entities":    {loop, times(101), message.Recipient{}, ""},
		"characters":       {message.Text("{{ data.s }}"), times(1), message.Recipient{}, ""},
		"a character more": {message.Text("{{ data.s }}x"), times(1), message.Recipient{}, "text_too_long"},
		"data":             {message.Text("x{{ data.y }}"), `{"x":"` + strings.Repeat("x", message.MaxData-8) + `"}`, message.Recipient{}, ""},
		"more data": {message.Text("x{{ data.y }}"), `{"x":"` + strings.Repeat("x", message.MaxData-7) + `"}`, message.Recipient{},
			"data_invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.to.ChatID, tt.to.Person = 1, ann(tt.data)
			call, err := compose(t, tt.content, tt.to)
			if tt.code != "" {
				require.True(t, fault.Is(err, tt.code), err)
				return
			}
			require.NoError(t, err)
			require.LessOrEqual(t, len(body(t, call)["text"].(string)), message.MaxRawText)
		})
	}
}

// A keyboard has a size in all, which is known when each recipient's addresses are.
func TestKeyboardsHaveASize(t *testing.T) {
	t.Parallel()
	// keyboard has so many buttons, each with a text and an address of some length.
	keyboard := func(buttons, text int, address string, untracked bool) message.Content {
		c := message.Content{Version: message.Version{Text: "x"}}
		for range buttons {
			b := message.Button{Text: strings.Repeat("x", text), URL: address, Untracked: untracked}
			c.Buttons = append(c.Buttons, []message.Button{b})
		}
		return c
	}
	// With all around it one of these buttons takes 100 bytes: `[{"text":"…","url":"…"}],`.
	const address = "https://shop.example/"
	text := 100 - len(`[{"text":"","url":""}],`) - len(address)
	const around = len(`{"inline_keyboard":[]}`) - len(`,`)
	require.NoError(t, keyboard(99, text, address, true).Check())
	fits := keyboard(99, text, address, true)
	fits.Buttons[0][0].Text += strings.Repeat("x", 100-around)
	require.NoError(t, fits.Check())
	fits.Buttons[0][0].Text += "x"
	requireFault(t, fits.Check(), "buttons_too_long", "buttons", "the buttons take 10001 bytes with their addresses, Telegram takes 10000")
	// An address that is counted becomes longer.
	requireFault(t, keyboard(99, text, address, false).Check(), "buttons_too_long", "buttons", "leave some uncounted")
	whole := keyboard(99, text, address, false)
	whole.Untracked = true
	require.NoError(t, whole.Check())

	counted := keyboard(50, text, address, false)
	require.NoError(t, counted.Check())
	link := func(length int) func(int, string) string {
		return func(int, string) string { return strings.Repeat("x", length) }
	}
	most := (10_000-around)/50 - (100 - len(address))
	call, err := compose(t, counted, message.Recipient{ChatID: 1, Link: link(most)})
	require.NoError(t, err)
	require.Len(t, body(t, call)["reply_markup"].(map[string]any)["inline_keyboard"], 50)
	_, err = compose(t, counted, message.Recipient{ChatID: 1, Link: link(most + 1)})
	requireFault(t, err, "buttons_too_long", "buttons", "Telegram takes 10000")
	valued := keyboard(2, 1, "https://shop.example/?{{ data.q }}", true)
	require.NoError(t, valued.Check())
	_, err = compose(t, valued, message.Recipient{ChatID: 1, Person: ann(`{"q":"` + strings.Repeat("x", 1900) + `"}`)})
	require.NoError(t, err)
	valued = keyboard(6, 1, "https://shop.example/?{{ data.q }}", true)
	_, err = compose(t, valued, message.Recipient{ChatID: 1, Person: ann(`{"q":"` + strings.Repeat("x", 1900) + `"}`)})
	requireFault(t, err, "buttons_too_long", "buttons", "Telegram takes 10000")
}

// TestFaultsAreBounded lists no more than fifty.
func TestFaultsAreBounded(t *testing.T) {
	t.Parallel()
	text := func(n int) message.Content {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "{{ x%d }}", i)
		}
		return message.Text(b.String())
	}
	require.Len(t, text(50).Faults(), 50)
	require.Len(t, text(51).Faults(), 50)
	require.Len(t, message.Text("<br>{% if data.x %}{% else %}{% endif %}").Faults(), 1, "each once")
}

// TestEachArmIsChecked finds what is wrong in any one of 64 combinations of arms.
func TestEachArmIsChecked(t *testing.T) {
	t.Parallel()
	for _, source := range []string{
		strings.Repeat("{% if data.x %}a{% else %}", 6) + "<br>" + strings.Repeat("{% endif %}", 6),
		strings.Repeat("{% if data.x %}", 6) + "<br>" + strings.Repeat("{% endif %}", 6),
		"{% case data.x %}" + strings.Repeat("{% when 1 %}a", 63) + "{% else %}<br>{% endcase %}",
		"x{% case data.x %}{% when 1 %}<br>{% endcase %}", "{% for i in data.x %}a{% else %}<br>{% endfor %}",
		"x{% capture y %}<br>{% endcapture %}",
		"x{% unless data.x %}{% else %}<br>{% endunless %}",
	} {
		requireFault(t, message.Text(source).Check(), "html_tag_unknown", "text", "<br>")
	}
	// What stands before the first {% when %} is never shown.
	require.NoError(t, message.Text("x{% case data.x %}<br>{% when 1 %}{% endcase %}").Check())
}

// TestCompileRefusesEverywhere has a fault, and no more, for what cannot be read.
func TestCompileRefusesEverywhere(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("{% if data.x %}", 9) + strings.Repeat("{% endif %}", 9)
	for _, b := range []message.Button{{Text: "x", URL: deep}, {Text: deep, URL: "https://e.com"}, {Text: "x", WebApp: deep}, {Text: "x",
		CopyText: deep}} {
		_, err := message.Compile(message.Content{Version: message.Version{Text: "x", Buttons: [][]message.Button{{b}}}})
		require.True(t, fault.Is(err, "liquid_too_much"), err)
	}
}
