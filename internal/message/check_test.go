package message_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/message"
)

// requireOnlyFault has content with one fault, or with none, when the code is empty.
func requireOnlyFault(t *testing.T, c message.Content, code, field, part string) {
	t.Helper()
	faults := c.Faults()
	if code == "" {
		require.Empty(t, faults)
		return
	}
	require.Len(t, faults, 1, "%v", faults)
	requireFault(t, faults[0], code, field, part)
}

// spec: tg-callback-data
func TestButtons(t *testing.T) {
	t.Parallel()
	ok := message.Button{Text: "x", URL: "https://example.com"}
	row := func(n int) []message.Button { return slices.Repeat([]message.Button{ok}, n) }
	for name, tt := range map[string]struct {
		buttons           [][]message.Button
		code, field, part string
	}{
		"none": {[][]message.Button{}, "", "", ""},
		"all kinds": {[][]message.Button{{ok}, {{Text: "a", CallbackData: "x"}, {Text: "b", WebApp: "https://example.com"},
			{Text: "c", CopyText: "x"}}}, "", "", ""},
		"looks":        {[][]message.Button{{{Text: "a", URL: "tg://resolve?domain=x", Style: "danger", Icon: "536"}}}, "", "", ""},
		"full":         {slices.Concat(slices.Repeat([][]message.Button{row(8)}, 12), [][]message.Button{row(4)}), "", "", ""},
		"an empty row": {[][]message.Button{{ok}, {}}, "buttons_row_empty", "buttons[1]", "no buttons"},
		"nine rows, one of nine": {slices.Concat(slices.Repeat([][]message.Button{row(8)}, 8), [][]message.Button{row(9)}),
			"buttons_too_many", "buttons[8]",
			"9 buttons; Telegram shows 8 in a row"},
		"a hundred and one": {slices.Concat(slices.Repeat([][]message.Button{row(8)}, 12), [][]message.Button{row(5)}), "buttons_too_many",
			"buttons", "101"},
		"no text": {[][]message.Button{{{URL: "https://example.com"}}}, "button_text_missing", "buttons[0][0].text",
			"needs a text"},
		"a long text": {[][]message.Button{{{Text: strings.Repeat("x", 257), URL: "https://example.com"}}}, "button_text_too_long",
			"buttons[0][0].text", "257"},
		"a turned text": {[][]message.Button{{{Text: "a\u202eb", URL: "https://example.com"}}}, "text_direction", "buttons[0][0].text",
			"column 2"},
		"no action": {[][]message.Button{{ok, {Text: "x"}}}, "button_action_invalid", "buttons[0][1]", "one thing"},
		"two actions": {[][]message.Button{{{Text: "x", URL: "https://example.com", CopyText: "x"}}}, "button_action_invalid",
			"buttons[0][0]", "one thing"},
		"a script": {[][]message.Button{{{Text: "x", URL: "javascript:alert(1)"}}}, "link_invalid", "buttons[0][0].url",
			`"javascript:" is not a kind of address that Telegram opens`},
		"a mail": {[][]message.Button{{{Text: "x", URL: "mailto:a@b.c"}}}, "link_invalid", "buttons[0][0].url", `"mailto:"`},
		"a turned address": {[][]message.Button{{{Text: "x", URL: "https://example.com/\u202egnp"}}}, "text_direction",
			"buttons[0][0].url", "column 21"},
		"a long address": {[][]message.Button{{{Text: "x", URL: "https://example.com/" + strings.Repeat("x", 2048)}}}, "link_invalid",
			"buttons[0][0].url", "2048"},
		"data": {[][]message.Button{{{Text: "x", CallbackData: strings.Repeat("я", 33)}}}, "button_data_invalid",
			"buttons[0][0].callbackData", "66 bytes"},
		"an app in the open": {[][]message.Button{{{Text: "x", WebApp: "http://example.com"}}}, "link_invalid", "buttons[0][0].webApp",
			"https"},
		"an app without scheme": {[][]message.Button{{{Text: "x", WebApp: "example.com"}}}, "link_invalid", "buttons[0][0].webApp",
			"https"},
		"a long copy": {[][]message.Button{{{Text: "x", CopyText: strings.Repeat("x", 257)}}}, "button_copy_invalid",
			"buttons[0][0].copyText", "257"},
		"a style": {[][]message.Button{{{Text: "x", CopyText: "x", Style: "pink"}}}, "button_style_invalid",
			"buttons[0][0].style", "pink"},
		"an app that comes whole": {[][]message.Button{{{Text: "x", WebApp: "{{ data.url }}"}}}, "", "", ""},
		"a text for some": {[][]message.Button{{{Text: "{% if data.x %}x{% endif %}", CopyText: "{% if data.x %}x{% endif %}"}}},
			"", "", ""},
		"a long text for some": {[][]message.Button{{{Text: "{% if data.x %}x{% else %}" + strings.Repeat("x", 257) + "{% endif %}",
			CopyText: "x"}}},
			"button_text_too_long", "buttons[0][0].text", "257"},
		"three actions": {[][]message.Button{{{Text: "x", CallbackData: "x", WebApp: "https://example.com", CopyText: "x"}}},
			"button_action_invalid",
			"buttons[0][0]", "one thing"},
		"an icon too large": {[][]message.Button{{{Text: "x", CopyText: "x", Icon: "9223372036854775808"}}}, "button_icon_invalid",
			"buttons[0][0].icon", "number"},
		"an icon": {[][]message.Button{{{Text: "x", CopyText: "x", Icon: "👍"}}}, "button_icon_invalid", "buttons[0][0].icon",
			"number"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			requireOnlyFault(t, message.Content{Version: message.Version{Text: "x", Buttons: tt.buttons}}, tt.code, tt.field, tt.part)
		})
	}
}

// spec: tg-album
func TestMedia(t *testing.T) {
	t.Parallel()
	photo, video, document := message.Media{Kind: message.Photo, ID: 1},
		message.Media{Kind: message.Video, URL: "https://example.com/v.mp4"},
		message.Media{Kind: message.Document, ID: 2}
	url := func(u string) []message.Media { return []message.Media{{Kind: message.Photo, URL: u}} }
	for name, tt := range map[string]struct {
		media             []message.Media
		code, field, part string
	}{
		"one":                     {[]message.Media{{Kind: message.Animation, ID: 1, Spoiler: true}}, "", "", ""},
		"photos and videos":       {[]message.Media{photo, video, photo}, "", "", ""},
		"documents":               {slices.Repeat([]message.Media{document}, 10), "", "", ""},
		"eleven":                  {slices.Repeat([]message.Media{photo}, 11), "media_too_many", "media", "11 files; Telegram takes 10"},
		"a document with a photo": {[]message.Media{photo, document}, "media_album_invalid", "media[1].kind", "photo and document"},
		"a voice in an album": {[]message.Media{photo, {Kind: message.Voice, ID: 3}}, "media_album_invalid", "media[1].kind",
			"voice cannot"},
		"an animation first": {[]message.Media{{Kind: message.Animation, ID: 3}, photo}, "media_album_invalid", "media[0].kind",
			"animation cannot"},
		"an unknown kind": {[]message.Media{{Kind: "sticker", ID: 1}}, "media_kind_invalid", "media[0].kind", "sticker"},
		"no source":       {[]message.Media{{Kind: message.Photo}}, "media_source_invalid", "media[0]", "either"},
		"two sources": {[]message.Media{{Kind: message.Photo, ID: 1, URL: "https://example.com/x"}}, "media_source_invalid",
			"media[0]", "either"},
		"an unknown kind first": {[]message.Media{{Kind: "sticker", ID: 1}, photo, document}, "media_kind_invalid", "media[0].kind",
			"sticker"},
		"an unknown kind later": {[]message.Media{photo, {Kind: "sticker", ID: 1}, video}, "media_kind_invalid", "media[1].kind",
			"sticker"},
		"a photo after it": {[]message.Media{photo, video, document}, "media_album_invalid", "media[2].kind", "photo and document"},
		"a negative id":    {[]message.Media{{Kind: message.Photo, ID: -1}}, "media_not_found", "media[0].id", "-1"},
		"a hidden sound": {[]message.Media{{Kind: message.Audio, ID: 1, Spoiler: true}}, "media_spoiler_invalid", "media[0].spoiler",
			"hidden"},
		"a personal address": {url("https://example.com/{{ contact.id }}.jpg"), "media_url_invalid", "media[0].url", "without Liquid"},
		"no scheme":          {url("example.com/x.jpg"), "media_url_invalid", "media[0].url", "https://"},
		"a link of Telegram": {url("tg://user?id=1"), "media_url_invalid", "media[0].url", "https://"},
		"this machine":       {url("http://127.0.0.1/x.jpg"), "media_url_invalid", "media[0].url", "outside"},
		"this network":       {url("http://192.168.1.7:8080/x.jpg"), "media_url_invalid", "media[0].url", "outside"},
		"a name inside":      {url("http://files.internal/x.jpg"), "media_url_invalid", "media[0].url", "outside"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			requireOnlyFault(t, message.Content{Version: message.Version{Media: tt.media}}, tt.code, tt.field, tt.part)
		})
	}
}

// spec: tg-album-buttons
func TestAlbumWithButtons(t *testing.T) {
	t.Parallel()
	photo := message.Media{Kind: message.Photo, ID: 1}
	buttons := [][]message.Button{{{Text: "x", CopyText: "x"}}}
	requireOnlyFault(t, message.Content{Version: message.Version{Media: []message.Media{photo, photo}, Buttons: buttons}},
		"buttons_with_album", "buttons", "under an album")
	require.NoError(t, message.Content{Version: message.Version{Media: []message.Media{photo}, Buttons: buttons}}.Check())
}

func TestLanguages(t *testing.T) {
	t.Parallel()
	text := message.Version{Text: "x"}
	many := make(map[string]message.Version)
	for i := range 51 {
		many[fmt.Sprintf("en-x-%03d", i+100)] = text
	}
	for name, tt := range map[string]struct {
		language          string
		translations      map[string]message.Version
		code, field, part string
	}{
		"some":   {"en", map[string]message.Version{"uk": text, "pt-BR": text, "zh-Hant": text}, "", "", ""},
		"no tag": {"Ukrainian!", nil, "language_invalid", "language", "Ukrainian!"},
		"no tag either": {"", map[string]message.Version{"ukrainian-language": text}, "language_invalid",
			"translations.ukrainian-language", "uk or pt-BR"},
		"no language":   {"und", nil, "language_invalid", "language", `"und" is not a language`},
		"the default's": {"uk", map[string]message.Version{"uk": text}, "language_taken", "translations.uk", "another version in uk"},
		"one under two tags": {"", map[string]message.Version{"pt-BR": text, "pt-br": text}, "language_taken", "translations.pt-br",
			"pt-BR"},
		"empty": {"", map[string]message.Version{"uk": {}}, "text_missing", "translations.uk.text", "write the text"},
		"many":  {"", many, "translations_too_many", "translations", "51"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := message.Content{Version: text, Language: tt.language, Translations: tt.translations}
			requireOnlyFault(t, c, tt.code, tt.field, tt.part)
		})
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	text := message.Version{Text: "x"}
	for name, tt := range map[string]struct {
		content           message.Content
		code, field, part string
	}{
		"a small preview": {message.Content{Version: message.Version{Text: "x", Preview: &message.Preview{Small: true}}}, "", "", ""},
		"a large preview": {message.Content{Version: message.Version{Text: "x", Preview: &message.Preview{Large: true}}}, "", "", ""},
		"no effect 0":     {message.Content{Version: text, Effect: "0"}, "effect_invalid", "effect", "number"},
		"no effect below": {message.Content{Version: text, Effect: "-5"}, "effect_invalid", "effect", "number"},
		"a sign":          {message.Content{Version: text, Effect: "+5"}, "effect_invalid", "effect", "number"},
		"the last effect": {message.Content{Version: text, Effect: "9223372036854775807"}, "", "", ""},
		"one too many":    {message.Content{Version: text, Effect: "9223372036854775808"}, "effect_invalid", "effect", "number"},
		"a turned tag":    {message.Content{Version: text, Tags: []string{"a", "b", "a\u202eb"}}, "tag_invalid", "tags[2]", "50"},
		"an unseen tag":   {message.Content{Version: text, Tags: []string{"a\x01"}}, "tag_invalid", "tags[0]", "50"},
		"an effect":       {message.Content{Version: text, Effect: "fire"}, "effect_invalid", "effect", "number"},
		"many tags":       {message.Content{Version: text, Tags: make([]string, 21)}, "tags_too_many", "tags", "21"},
		"an empty tag":    {message.Content{Version: text, Tags: []string{"a", " "}}, "tag_invalid", "tags[1]", "50"},
		"a long tag":      {message.Content{Version: text, Tags: []string{strings.Repeat("я", 51)}}, "tag_invalid", "tags[0]", "50"},
		"both sizes": {message.Content{Version: message.Version{Text: "x", Preview: &message.Preview{Small: true, Large: true}}},
			"preview_invalid", "preview", "choose"},
		"a wrong preview": {message.Content{Version: message.Version{Text: "x", Preview: &message.Preview{URL: "ftp://x.y"}}},
			"link_invalid",
			"preview.url", "ftp"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			requireOnlyFault(t, tt.content, tt.code, tt.field, tt.part)
		})
	}
	require.NoError(t, message.Content{Version: text, Effect: "5104841245755180586", Tags: []string{"sale"}}.Check())
}

// FuzzCheck lets anything that can be stored be checked and, as far as it can
// be compiled, be written for somebody: nothing may panic, and what passes is
// JSON.
func FuzzCheck(f *testing.F) {
	for _, c := range []message.Content{
		typical(),
		{Version: message.Version{Text: "{% for x in data.y %}{{ x }}{% endfor %}", Media: []message.Media{{Kind: "photo", ID: 1}}}},
		{Version: message.Version{Text: "{% if a %}<a href=\"{{ data.b }}\">{% else %}{% raw %}{{{% endraw %}"}, Language: "en"},
		{Version: message.Version{Text: "{%- case contact.id -%}{% when 1, 2 %}x{% endcase %}{{ 'a' | append: data['b c'][0].d }}"}},
	} {
		stored, err := c.Encode()
		require.NoError(f, err)
		f.Add(stored, `{"order":{"total":1.5,"items":[1,"<b>",null]}}`)
	}
	f.Fuzz(func(t *testing.T, stored, data string) {
		c, err := message.Decode(stored)
		if err != nil {
			return
		}
		fine := c.Check() == nil
		template, err := message.Compile(c)
		if fine {
			require.NoError(t, err, stored)
		}
		if err != nil {
			return
		}
		for _, p := range []*message.Person{nil, {FirstName: "<&\">", Data: json.RawMessage(data)}} {
			link := func(int, string) string { return "https://x.y/?a=\"&b" }
			call, err := template.Compose(nil, message.Recipient{ChatID: 1, Person: p, Link: link})
			if err == nil && fine {
				require.True(t, json.Valid(call.Body), "%s", call.Body)
			}
		}
	})
}
