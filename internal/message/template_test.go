package message_test

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bellman/internal/message"
	"bellman/internal/sandbox"
)

func TestComposeBody(t *testing.T) {
	t.Parallel()
	photo, video := message.Media{Kind: message.Photo, ID: 1, Spoiler: true}, message.Media{Kind: message.Video,
		URL: "https://example.com/v.mp4"}
	for name, tt := range map[string]struct {
		content      message.Content
		method, want string
	}{
		"a text": {
			message.Text("a\n\"b\" <b>я</b>"), "sendMessage",
			`{"chat_id":5,"allow_paid_broadcast":true,"text":"a\n\"b\" <b>я</b>","parse_mode":"HTML"}`,
		},
		"options": {
			message.Content{
				Version: message.Version{Text: "x", Preview: &message.Preview{URL: "https://e.com", Large: true, Above: true}},
				Silent:  true, Protected: true, Effect: "12",
			}, "sendMessage",
			`{"chat_id":5,"allow_paid_broadcast":true,"text":"x","parse_mode":"HTML","link_preview_options":{"is_disabled":false,` +
				`"url":"https://e.com","prefer_large_media":true,"show_above_text":true},` +
				`"disable_notification":true,"protect_content":true,"message_effect_id":"12"}`,
		},
		"buttons": {
			message.Content{Version: message.Version{Text: "x", Buttons: [][]message.Button{
				{{Text: "a", URL: "https://e.com", Untracked: true, Style: "danger", Icon: "7"}, {Text: "b", CallbackData: "c"}},
				{{Text: "d", WebApp: "https://f.com"}, {Text: "g", CopyText: "h"}},
			}}}, "sendMessage",
			`{"chat_id":5,"allow_paid_broadcast":true,"text":"x","parse_mode":"HTML","reply_markup":{"inline_keyboard":[` +
				`[{"text":"a","url":"https://e.com","style":"danger","icon_custom_emoji_id":"7"},{"text":"b","callback_data":"c"}],` +
				`[{"text":"d","web_app":{"url":"https://f.com"}},{"text":"g","copy_text":{"text":"h"}}]]}}`,
		},
		"a file that goes along": {
			message.Content{Version: message.Version{Text: "x", Media: []message.Media{photo}, CaptionAbove: true}}, "sendPhoto",
			`{"chat_id":5,"allow_paid_broadcast":true,"caption":"x","parse_mode":"HTML","show_caption_above_media":true,"has_spoiler":true}`,
		},
		"a file by its address": {
			message.Content{Version: message.Version{Media: []message.Media{video}}}, "sendVideo",
			`{"chat_id":5,"allow_paid_broadcast":true,"video":"https://example.com/v.mp4"}`,
		},
		"an album": {
			message.Content{Version: message.Version{Text: "x", Media: []message.Media{photo, video}}}, "sendMediaGroup",
			`{"chat_id":5,"allow_paid_broadcast":true,"media":[{"type":"photo","media":"attach://f0",` +
				`"caption":"x","parse_mode":"HTML","has_spoiler":true},` +
				`{"type":"video","media":"https://example.com/v.mp4"}]}`,
		},
		"documents": {
			message.Content{Version: message.Version{Text: "x",
				Media: []message.Media{{Kind: message.Document, ID: 1}, {Kind: message.Document,
					ID: 2}}}}, "sendMediaGroup",
			`{"chat_id":5,"allow_paid_broadcast":true,"media":[{"type":"document","media":"attach://f0"},` +
				`{"type":"document","media":"attach://f1","caption":"x","parse_mode":"HTML"}]}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.NoError(t, tt.content.Check())
			call, err := compose(t, tt.content, message.Recipient{ChatID: 5, Paid: true})
			require.NoError(t, err)
			require.Equal(t, tt.method, call.Method)
			require.Equal(t, tt.want, string(call.Body))
			require.Equal(t, tt.content.Media, call.Media)
		})
	}
}

func TestComposeAppends(t *testing.T) {
	t.Parallel()
	template, err := message.Compile(message.Text("x{{ contact.id }}"))
	require.NoError(t, err)
	call, err := template.Compose([]byte("before"), message.Recipient{ChatID: -5})
	require.NoError(t, err)
	require.Equal(t, `before{"chat_id":-5,"text":"x0","parse_mode":"HTML"}`, string(call.Body))
}

// Each character arrives as it is written, in a text and in a field.
func TestEveryCharacterArrives(t *testing.T) {
	t.Parallel()
	for r := rune(1); r <= 0x2ff; r++ {
		text := "a" + string(r) + "b"
		want := text
		if r < ' ' && !strings.ContainsRune("\n\t\r", r) {
			want = "a b"
		}
		for _, source := range []string{text, text + "{{ data.none }}"} {
			call, err := compose(t, message.Content{Version: message.Version{
				Text:    strings.NewReplacer("&", "&amp;", "<", "&lt;").Replace(source),
				Buttons: [][]message.Button{{{Text: source, CallbackData: source, Style: source, Icon: text}}},
			}}, message.Recipient{ChatID: 1})
			require.NoError(t, err)
			v := body(t, call)
			require.Equal(t, strings.NewReplacer("&", "&amp;", "<", "&lt;").Replace(want), v["text"], "%U", r)
			button := v["reply_markup"].(map[string]any)["inline_keyboard"].([]any)[0].([]any)[0].(map[string]any)
			require.Equal(t, map[string]any{"text": want, "callback_data": want, "style": source, "icon_custom_emoji_id": text}, button,
				"%U", r)
		}
	}
}

// spec: tg-web-app
func TestMiniAppIsForPrivateChats(t *testing.T) {
	t.Parallel()
	button := message.Button{Text: "Shop", WebApp: "https://app.example"}
	content := message.Content{Version: message.Version{Text: "x", Buttons: [][]message.Button{{button}}}}
	call, err := compose(t, content, message.Recipient{ChatID: 5})
	require.NoError(t, err)
	require.Contains(t, string(call.Body), `[{"text":"Shop","web_app":{"url":"https://app.example"}}]`)
	_, err = compose(t, content, message.Recipient{ChatID: -5})
	requireFault(t, err, "button_private_only", "buttons[0][0].webApp", "private chats only")
}

// spec: tg-effect
func TestEffectIsForPrivateChats(t *testing.T) {
	t.Parallel()
	call, err := compose(t, message.Content{Version: message.Version{Text: "x"}, Effect: "12"}, message.Recipient{ChatID: -5})
	require.NoError(t, err)
	require.NotContains(t, string(call.Body), "effect")
	call, err = compose(t, message.Content{Version: message.Version{Text: "x"}, Effect: "12"}, message.Recipient{ChatID: 1})
	require.NoError(t, err)
	require.Equal(t, "12", body(t, call)["message_effect_id"])
}

func TestComposeFiles(t *testing.T) {
	t.Parallel()
	video, photo := message.Media{Kind: message.Video, ID: 1}, message.Media{Kind: message.Photo, ID: 2}
	known := map[int64]message.File{}
	file := func(m message.Media) message.File { return known[m.ID] }
	single := message.Content{Version: message.Version{Media: []message.Media{video}}}
	album := message.Content{Version: message.Version{Media: []message.Media{video, photo}}}

	call, err := compose(t, single, message.Recipient{ChatID: 5, File: file})
	require.NoError(t, err)
	require.Equal(t, []message.Upload{{Field: "video", Media: video}}, call.Uploads)
	call, err = compose(t, album, message.Recipient{ChatID: 5, File: file})
	require.NoError(t, err)
	require.Equal(t, []message.Upload{{Field: "f0", Media: video}, {Field: "f1", Media: photo}}, call.Uploads)
	require.Equal(t, []message.Media{video, photo}, call.Media)

	// Telegram made an animation of the video, and such a file stands in no album.
	known[1], known[2] = message.File{ID: "A", Kind: message.Animation}, message.File{ID: "P", Kind: message.Photo}
	call, err = compose(t, single, message.Recipient{ChatID: 5, File: file})
	require.NoError(t, err)
	require.Equal(t, "sendAnimation", call.Method)
	require.Empty(t, call.Uploads)
	require.Equal(t, "A", body(t, call)["animation"])
	call, err = compose(t, album, message.Recipient{ChatID: 5, File: file})
	require.NoError(t, err)
	require.Equal(t, []message.Upload{{Field: "f0", Media: video}}, call.Uploads)
	require.Equal(t, "P", body(t, call)["media"].([]any)[1].(map[string]any)["media"])
}

func TestLinks(t *testing.T) {
	t.Parallel()
	c := message.Content{
		Version: message.Version{
			Text: `<a href="https://e.com/?a=1&amp;b=2">x</a> https://bare.com <a href="tg://user?id=1">x</a> <a href="https://t.me/x">x</a>` +
				`<A class="k" href='https://off.com' data-track="off" title=t>x</A> <a href=e.com>x</a>` +
				`{% if data.vip %}<a href="https://vip.com/{{ data.code }}">x</a>{% endif %}<a data-track=on href="{{ data.url }}">x</a>`,
			Buttons: [][]message.Button{{
				{Text: "shop", URL: "https://shop.com/{{ contact.id }}"}, {Text: "t", URL: "https://TELEGRAM.me/x"},
				{Text: "o", URL: "https://o.com", Untracked: true}, {Text: "d", CallbackData: "d"},
			}},
		},
		Language:     "en",
		Translations: map[string]message.Version{"uk": {Text: `<a href="https://uk.com">x</a>`}},
	}
	require.NoError(t, c.Check())
	template, err := message.Compile(c)
	require.NoError(t, err)
	require.True(t, template.Personal())
	require.True(t, template.Pressable())
	require.Equal(t, []message.Link{
		{Target: "https://e.com/?a=1&b=2", Language: "en"},
		{Target: "e.com", Language: "en"},
		{Target: "https://vip.com/{{ data.code }}", Personal: true, Language: "en"},
		{Target: "{{ data.url }}", Personal: true, Language: "en"},
		{Target: "https://shop.com/{{ contact.id }}", Personal: true, Button: "shop", Language: "en"},
		{Target: "https://uk.com", Language: "uk"},
	}, template.Links())

	targets := map[int]string{}
	link := func(number int, target string) string {
		targets[number] = target
		return fmt.Sprintf(`https://go.com/?"n"=%d&x`, number)
	}
	person := ann(`{"vip":true,"code":"a/b","url":"https://own.com/?q=1&r=<2>"}`)
	person.LanguageCode = "en"
	call, err := template.Compose(nil, message.Recipient{ChatID: 1, Person: person, Link: link})
	require.NoError(t, err)
	const to = `"https://go.com/?&quot;n&quot;=%d&amp;x"`
	require.Equal(t, fmt.Sprintf(`<a href=`+to+`>x</a> https://bare.com <a href="tg://user?id=1">x</a> <a href="https://t.me/x">x</a>`+
		`<A class="k" href='https://off.com' title=t>x</A> <a href=`+to+`>x</a><a href=`+to+`>x</a><a href=`+to+`>x</a>`, 0, 1, 2, 3),
		body(t,
			call)["text"])
	require.Contains(t, string(call.Body), `"url":"https://go.com/?\"n\"=4&x"`)
	require.Contains(t, string(call.Body), `"url":"https://TELEGRAM.me/x"`)
	require.Equal(t, map[int]string{
		0: "https://e.com/?a=1&b=2", 1: "http://e.com/", 2: "https://vip.com/a%2Fb", 3: "https://own.com/?q=1&r=<2>",
		4: "https://shop.com/7",
	}, targets)

	t.Run("left as they are", func(t *testing.T) {
		t.Parallel()
		call, err := template.Compose(nil, message.Recipient{ChatID: 1, Person: person})
		require.NoError(t, err)
		require.Contains(t, body(t, call)["text"], `<a href="https://e.com/?a=1&amp;b=2">`)
		require.NotContains(t, string(call.Body), "data-track")
		require.NotContains(t, string(call.Body), `\u0001`)
	})
	t.Run("into Telegram after all", func(t *testing.T) {
		t.Parallel()
		into := *person
		into.Data = json.RawMessage(`{"url":"https://t.me/x"}`)
		call, err := template.Compose(nil, message.Recipient{ChatID: 1, Person: &into, Link: func(n int,
			_ string) string {
			return strconv.Itoa(n)
		}})
		require.NoError(t, err)
		require.Contains(t, body(t, call)["text"], `<a href="https://t.me/x">x</a>`)
	})
	t.Run("untracked", func(t *testing.T) {
		t.Parallel()
		untracked := c
		untracked.Untracked = true
		template, err := message.Compile(untracked)
		require.NoError(t, err)
		require.Empty(t, template.Links())
	})
}

func TestLanguageOfPerson(t *testing.T) {
	t.Parallel()
	version := func(text string) message.Version { return message.Version{Text: text} }
	template, err := message.Compile(message.Content{Version: version("default"), Language: "en", Translations: map[string]message.Version{
		"uk": version("uk"), "pt-BR": version("br"), "zh-Hant": version("zh"),
	}})
	require.NoError(t, err)
	require.True(t, template.Personal())
	for tag, want := range map[string]string{
		"": "default", "en-GB": "default", "de": "default", "uk": "uk", "uk-UA": "uk", "UK_ua": "uk", "pt-br": "br", "pt": "default",
		"zh-Hant-TW": "zh", "ukr": "default", strings.Repeat("uk-", 100): "default",
	} {
		for _, p := range []*message.Person{{LanguageCode: tag}, {LanguageCode: "uk", Language: tag}} {
			if tag == "" && p.LanguageCode != "" {
				continue
			}
			call, err := template.Compose(nil, message.Recipient{ChatID: 1, Person: p})
			require.NoError(t, err)
			require.Equal(t, want, body(t, call)["text"], tag)
		}
	}
	call, err := template.Compose(nil, message.Recipient{ChatID: 1})
	require.NoError(t, err)
	require.Equal(t, "default", body(t, call)["text"])
}

func TestCompileRefused(t *testing.T) {
	t.Parallel()
	_, err := message.Compile(message.Content{Translations: map[string]message.Version{"uk": {Text: "{{ x }}"}}})
	requireFault(t, err, "liquid_variable_unknown", "translations.uk.text", "line 1, column 4")
}

// TestValuesStayValues merges anything into a message: it stays the text that it
// is, and adds nothing else.
func TestValuesStayValues(t *testing.T) {
	t.Parallel()
	sandbox := sandbox.New(sandbox.Options{})
	t.Cleanup(func() { require.NoError(t, sandbox.Close()) })
	template, err := message.Compile(message.Content{Version: message.Version{
		Text: `Hi <b>{{ data.x }}</b>, <a title="{{ data.x }}" href="https://e.com/{{ data.x }}?q={{ data.x }}#{{ data.x }}">see</a>` +
			`{% if data.x %}{% assign y = data.x | prepend: "<" %}{{ y }}{% for z in data.list %}{{ z }}{% endfor %}{% endif %}`,
		Buttons: [][]message.Button{{{Text: "b{{ data.x }}", URL: "https://e.com/?q={{ data.x }}"}}},
	}})
	require.NoError(t, err)
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.OneOf(
			rapid.StringOfN(rapid.RuneFrom([]rune("<>&\"'/=ab {}%\n\x01\u202e\u200b#?:;😀")), 0, 30, -1), rapid.StringN(0, 30, -1),
		).Draw(t, "value")
		data, err := json.Marshal(map[string]any{"x": value, "list": []string{value}})
		require.NoError(t, err)
		count := 0
		call, err := template.Compose(nil, message.Recipient{ChatID: 1, Person: &message.Person{Data: data}, Link: func(_ int,
			target string) string {
			count++
			require.True(t, strings.HasPrefix(target, "https://e.com/"), target)
			require.LessOrEqual(t, strings.Count(target, "?"), 1)
			require.NotContains(t, target, "&")
			require.NotContains(t, target, " ")
			return "https://go.com"
		}})
		require.NoError(t, err)
		require.Equal(t, 2, count)
		require.Empty(t, sandbox.Verdict(call.Method, call.Body))
		text := body(t, call)["text"].(string)
		require.Equal(t, 2, strings.Count(text, "</"), text)
		require.Equal(t, 4, strings.Count(text, "<"), text)
		want := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\u202d", "", "\u202e", "").Replace(value)
		require.Contains(t, message.Plain(text), message.Plain("Hi "+want+", see"))
	})
}

// What somebody's message was written with is gone before the next one's, also
// when theirs could not be written.
func TestNobodyGetsAnothersValues(t *testing.T) {
	t.Parallel()
	template, err := message.Compile(message.Content{Version: message.Version{
		Text: "{{ contact.firstName }}{{ data.x }}", Media: []message.Media{{Kind: message.Photo, ID: 1}},
		Buttons: [][]message.Button{{{Text: "x", URL: "{{ data.url }}"}}},
	}})
	require.NoError(t, err)
	upload := []message.Upload{{Field: "photo", Media: message.Media{Kind: message.Photo, ID: 1}}}
	for range 3 {
		_, err = template.Compose(nil, message.Recipient{ChatID: 1, Person: &message.Person{
			FirstName: "Ann", Data: json.RawMessage(`{"x":"secret","url":"javascript:x"}`),
		}, Link: func(int, string) string { return "https://go.com" }})
		require.Error(t, err)
		call, err := template.Compose(nil, message.Recipient{ChatID: 2, Person: &message.Person{
			FirstName: "Bob", Data: json.RawMessage(`{"url":"https://e.com"}`),
		}})
		require.NoError(t, err)
		require.Equal(t, "Bob", body(t, call)["caption"])
		require.Contains(t, string(call.Body), `"url":"https://e.com"`)
		require.Equal(t, upload, call.Uploads)
		call, err = template.Compose(nil, message.Recipient{ChatID: 3, Link: func(int, string) string { return "https://go.com" }})
		require.Error(t, err, "%s", call.Body)
	}
}

// TestComposeConcurrently shares one template, as senders do.
func TestComposeConcurrently(t *testing.T) {
	t.Parallel()
	template, err := message.Compile(typical())
	require.NoError(t, err)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for range 200 {
				to := typicalRecipient()
				name := "name" + strconv.Itoa(i)
				to.Person.FirstName = name
				call, err := template.Compose(nil, to)
				if err != nil || !strings.Contains(string(call.Body), "Hi "+name+"!") {
					t.Errorf("%s: %v", call.Body, err)
				}
			}
		})
	}
	all.Wait()
}

func TestPlain(t *testing.T) {
	t.Parallel()
	require.Equal(t, "a < b bold & more", message.Plain(" a &lt; b <b>bold</b> &amp; more\n"))
	require.Equal(t, "a <br> b", message.Plain("a <br> b"))
}
