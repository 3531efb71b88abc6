package message_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/fault"
	"bellman/internal/message"
)

// A value is written as the place asks for where it stands: as text, as the value
// of an attribute, or as one part of an address.
func TestValuesAreWrittenForTheirPlace(t *testing.T) {
	t.Parallel()
	const asText, asPart = `a b&quot;/&lt;`, `a%20b%22%2F%3C`
	data, err := json.Marshal(map[string]any{"x": `a b"/<`, "u": "https://e.com/?a=1&b=2", "yes": true})
	require.NoError(t, err)
	person := &message.Person{Data: data}
	for text, want := range map[string]string{
		`{{ data.x }}`:                                       asText,
		`<b title="{{ data.x }}">x</b>`:                      `<b title="` + asText + `">x</b>`,
		`<a title="{{ data.x }}" href="https://e.com">x</a>`: `<a title="` + asText + `" href="https://e.com">x</a>`,
		`<b href="{{ data.x }}">x</b>`:                       `<b href="` + asText + `">x</b>`,
		`<a href="https://e.com/{{ data.x }}">x</a>`:         `<a href="https://e.com/` + asPart + `">x</a>`,
		`<A href='https://e.com/{{ data.x }}'>x</A>`:         `<A href='https://e.com/` + asPart + `'>x</A>`,
		"<a\n href = \"https://e.com/{{ data.x }}\">x</a>":   "<a\n href = \"https://e.com/" + asPart + "\">x</a>",
		`<a k='>' l=m href="e.com/{{ data.x }}">` +
			`{{ data.x }}</a>`: `<a k='>' l=m href="e.com/` + asPart + `">` + asText + `</a>`,
		`<a href="https://e.com/'{{ data.x }}">x</a>`:                          `<a href="https://e.com/'` + asPart + `">x</a>`,
		`<a href="{{ data.u }}">x</a>`:                                         `<a href="https://e.com/?a=1&amp;b=2">x</a>`,
		`<a href="https://e.com/a {{ data.x }}">x</a>`:                         `<a href="https://e.com/a ` + asPart + `">x</a>`,
		`<a href=" {{ data.u }}">x</a>`:                                        `<a href="https://e.com/?a=1&amp;b=2">x</a>`,
		`<a href="{{ data.u }}&{{ data.x }}">x</a>`:                            `<a href="https://e.com/?a=1&amp;b=2&` + asPart + `">x</a>`,
		`<a href="{{ data.none }}{{ data.u }}">x</a>`:                          `<a href="https%3A%2F%2Fe.com%2F%3Fa%3D1%26b%3D2">x</a>`,
		`<a href="{% if data.yes %}{{ data.u }}{% endif %}{{ data.x }}">x</a>`: `<a href="https://e.com/?a=1&amp;b=2` + asPart + `">x</a>`,
		`<a href="{% if data.yes %}{% else %}{% endif %}{{ data.u }}">x</a>`:   `<a href="https://e.com/?a=1&amp;b=2">x</a>`,
		`<a href="{% assign y = data.u %}{{ y }}">x</a>`:                       `<a href="https://e.com/?a=1&amp;b=2">x</a>`,
		`<a href="{% for i in (1..2) %}{{ data.x }}{% endfor %}">x</a>`:        `<a href="` + asPart + asPart + `">x</a>`,
		`<a href="{% if data.yes %}https://e.com/{{ data.x }}` +
			`{% else %}{{ data.u }}{% endif %}">x</a>`: `<a href="https://e.com/` + asPart + `">x</a>`,
		`{% if data.yes %}<a href="https://e.com/` +
			`{% else %}<a href="https://f.com/{% endif %}{{ data.x }}">x</a>`: `<a href="https://e.com/` + asPart + `">x</a>`,
		`<b>x</b>{{ data.x }}`:                       `<b>x</b>` + asText,
		`<a href="https://e.com">x</a> {{ data.x }}`: `<a href="https://e.com">x</a> ` + asText,
	} {
		call, err := compose(t, message.Text(text), message.Recipient{ChatID: 1, Person: person})
		require.NoError(t, err, text)
		require.Equal(t, want, body(t, call)["text"], text)
	}
	for _, text := range []string{
		"<{{ data.x }}>x</a>", "<a{{ data.x }}>x</a>", "<a {{ data.x }}>x</a>", "<a href{{ data.x }}>x</a>", "<a href={{ data.x }}>x</a>",
		"<a href= {{ data.x }}>x</a>", "<a href=x{{ data.x }}>x</a>", `<a href="x" {{ data.x }}>x</a>`, `<a href {{ data.x }}>x</a>`,
		"<b>x</b{{ data.x }}>",
		"x{% if data.x %}<b {{ data.x }}>{% endif %}", "{% case 1 %}{% when 1 %}<b {{ data.x }}>{% endcase %}",
	} {
		requireFault(t, message.Text(text).Check(), "liquid_in_tag", "text", "a value cannot stand here in a tag")
	}
}

// The address of a button, of a Mini App and of a preview may come whole; after its
// beginning a value is one part of it.
func TestValuesInFieldsThatAreAddresses(t *testing.T) {
	t.Parallel()
	person := ann(`{"u":"https://e.com/?a=1&b=2","x":"a b/"}`)
	for source, want := range map[string]string{
		"{{ data.u }}": "https://e.com/?a=1&b=2", " {{ data.u }}": "https://e.com/?a=1&b=2",
		"{{ data.u }}{{ data.x }}":                                                   "https://e.com/?a=1&b=2a%20b%2F",
		"https://e.com/{{ data.x }}":                                                 "https://e.com/a%20b%2F",
		"{% if data.x %}{{ data.u }}{% else %}{{ data.u }}{% endif %}":               "https://e.com/?a=1&b=2",
		"{% if data.x %}{{ data.u }}{% else %}https://f.com/{% endif %}{{ data.x }}": "https://e.com/?a=1&b=2a%20b%2F",
		"https://{% for i in (1..2) %}{{ data.x | slice: 0 }}{% endfor %}.com":       "https://aa.com",
		"https://e.com/{% if data.x %}{{ data.x }}{% endif %}":                       "https://e.com/a%20b%2F",
	} {
		c := message.Content{Version: message.Version{
			Text: "x", Preview: &message.Preview{URL: source},
			Buttons: [][]message.Button{{{Text: "x", URL: source}, {Text: "x", WebApp: source}}},
		}}
		require.NoError(t, c.Check(), source)
		call, err := compose(t, c, message.Recipient{ChatID: 1, Person: person})
		require.NoError(t, err, source)
		v := body(t, call)
		row := v["reply_markup"].(map[string]any)["inline_keyboard"].([]any)[0].([]any)
		require.Equal(t, want, row[0].(map[string]any)["url"], source)
		require.Equal(t, want, row[1].(map[string]any)["web_app"].(map[string]any)["url"], source)
		require.Equal(t, want, v["link_preview_options"].(map[string]any)["url"], source)
	}
}

// After a block an address has begun if any of its arms begins it.
func TestAddressesBegunInABlock(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		"{% if data.x %}{{ data.u }}{% else %}{% endif %}{{ data.x }}":    "https://e.com/?a=1a%20b%2F",
		"{% if data.none %}{% else %}{{ data.u }}{% endif %}{{ data.x }}": "https://e.com/?a=1a%20b%2F",
		"{% if data.none %}https://f.com/{% endif %}{{ data.u }}":         "https%3A%2F%2Fe.com%2F%3Fa%3D1",
		"{% if data.x %} {% endif %}{{ data.u }}":                         "https://e.com/?a=1",
	} {
		call, err := compose(t, message.Text(`<a href="`+source+`">x</a>`), message.Recipient{ChatID: 1,
			Person: ann(`{"u":"https://e.com/?a=1","x":"a b/"}`)})
		require.NoError(t, err, source)
		require.Equal(t, `<a href="`+want+`">x</a>`, body(t, call)["text"], source)
		template, err := message.Compile(message.Content{Version: message.Version{
			Text: "x", Buttons: [][]message.Button{{{Text: "x", URL: source}}}},
		})
		require.NoError(t, err)
		call, err = template.Compose(nil, message.Recipient{ChatID: 1, Person: ann(`{"u":"https://e.com/?a=1","x":"a b/"}`)})
		if strings.HasPrefix(want, "https%") {
			require.True(t, fault.Is(err, "link_invalid"), "a site is no part of an address: %v", err)
			continue
		}
		require.NoError(t, err, source)
		row := body(t, call)["reply_markup"].(map[string]any)["inline_keyboard"].([]any)[0].([]any)
		require.Equal(t, want, row[0].(map[string]any)["url"], source)
	}
}

// Links are found wherever Telegram finds them, and nowhere else.
func TestLinksAreFound(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`<a href="https://e.com">x</a>`:                       `<a href="0 https://e.com/">x</a>`,
		"<a\nhref='https://e.com'\n>x</a>":                    "<a\nhref=\"0 https://e.com/\"\n>x</a>",
		`<A x href = "https://e.com" >x</A>`:                  `<A x href = "0 https://e.com/" >x</A>`,
		`<a x=y href=e.com>x</a>`:                             `<a x=y href="0 http://e.com/">x</a>`,
		`<a href=e.com x=y>x</a>`:                             `<a href="0 http://e.com/" x=y>x</a>`,
		`<a x='>' y="'" href="https://e.com">x</a>`:           `<a x='>' y="'" href="0 https://e.com/">x</a>`,
		`<a href="https://e.com"data-track="on">x</a>`:        `<a href="0 https://e.com/">x</a>`,
		`<a href="https://e.com" data-track="OFF">x</a>`:      `<a href="https://e.com">x</a>`,
		`<a data-track=off href="https://e.com">x</a>`:        `<a href="https://e.com">x</a>`,
		`<a data-track href="https://e.com">x</a>`:            `<a href="0 https://e.com/">x</a>`,
		`<a data-tracks="off" href="https://e.com">x</a>`:     `<a data-tracks="off" href="0 https://e.com/">x</a>`,
		`<a hrefs="https://e.com">x</a>`:                      `<a hrefs="https://e.com">x</a>`,
		`<a href>https://e.com</a>`:                           `<a href>https://e.com</a>`,
		`<b href="https://e.com">x</b>`:                       `<b href="https://e.com">x</b>`,
		`x &lt;a href="https://e.com"&gt;`:                    `x &lt;a href="https://e.com"&gt;`,
		`<a href="https://e.com">x</a>y<a href="f.com">z</a>`: `<a href="0 https://e.com/">x</a>y<a href="1 http://f.com/">z</a>`,
		`<b title="<a href='https://e.com'>">x</b>`:           `<b title="<a href='https://e.com'>">x</b>`,
		`{% if true %}<a href="https://e.com">` +
			`{% else %}<a href="https://f.com">{% endif %}x</a>`: `<a href="0 https://e.com/">x</a>`,
		`{% if false %}<a href="https://e.com">` +
			`{% else %}<a href="https://f.com">{% endif %}x</a>`: `<a href="1 https://f.com/">x</a>`,
		`<a href="https://e.com{% if true %}/y{% endif %}">x</a>`: `<a href="0 https://e.com/y">x</a>`,
	} {
		call, err := compose(t, message.Text(text), message.Recipient{ChatID: 1, Link: func(number int, target string) string {
			return fmt.Sprint(number, " ", target)
		}})
		require.NoError(t, err, text)
		require.Equal(t, want, body(t, call)["text"], text)
	}
	for address, want := range map[string]string{
		"https://e.com/?a=1&b": "0 https://e.com/?a=1&b", " e.com": "0 http://e.com/", "https://t.me/x": "https://t.me/x",
		"https://e.com/{{ data.none }}": "0 https://e.com/",
	} {
		template, err := message.Compile(pressing(address))
		require.NoError(t, err)
		for link, want := range map[bool]string{true: want, false: strings.TrimSpace(strings.ReplaceAll(address, "{{ data.none }}", ""))} {
			to := message.Recipient{ChatID: 1}
			if link {
				to.Link = func(number int, target string) string { return fmt.Sprint(number, " ", target) }
			}
			call, err := template.Compose(nil, to)
			require.NoError(t, err, address)
			button := body(t, call)["reply_markup"].(map[string]any)["inline_keyboard"].([]any)[0].([]any)[0]
			require.Equal(t, map[string]any{"text": "x", "url": want}, button, address)
		}
	}
	for text, want := range map[string]message.Link{
		`<a href="https://e.com/?a&amp;b">x</a>`: {Target: "https://e.com/?a&b"},
		`<a href="https://e.com/{{ data.x }}">x</a>`: {Target: "https://e.com/{{ data.x }}",
			Personal: true},
		`<a href="https://e.com/{% if data.x %}y{% else %}z{% endif %}">x</a>`: {
			Target: "https://e.com/{% if data.x %}y{% else %}z{% endif %}", Personal: true,
		},
		`<a title="{{ data.x }}{% if data.x %}{% endif %}" href="https://e.com">x</a>`: {Target: "https://e.com"},
		`<a href="https://e.com">{{ data.x }}</a>`:                                     {Target: "https://e.com"},
		`{% if data.x %}<a href="https://e.com">x</a>{% endif %}`:                      {Target: "https://e.com"},
	} {
		template, err := message.Compile(message.Text(text))
		require.NoError(t, err)
		require.Equal(t, []message.Link{want}, template.Links(), text)
	}
}
