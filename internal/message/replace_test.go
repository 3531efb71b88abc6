package message_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/fault"
	"bellman/internal/message"
)

// What takes the place of a message has its number, and nothing of how a new one arrives.
//
// spec: tg-edit
func TestEditsAreWritten(t *testing.T) {
	t.Parallel()
	photo := message.Media{Kind: message.Photo, ID: 5}
	known := func(m message.Media) message.File { return message.File{ID: "F" + string(m.Kind), Kind: m.Kind} }
	for name, tt := range map[string]struct {
		content message.Content
		to      message.Recipient
		method  string
		body    string
		uploads int
	}{
		"a text": {
			message.Content{Version: message.Version{Text: "<b>9</b>"}, Silent: true, Protected: true, Effect: "5104841245755180586"},
			message.Recipient{},
			"editMessageText", `{"chat_id":7,"message_id":8,"text":"<b>9</b>","parse_mode":"HTML"}`, 0,
		},
		"a text with a name, a preview and a button": {
			message.Content{Version: message.Version{
				Text: "{{ contact.firstName }}, 9", Preview: &message.Preview{Disabled: true},
				Buttons: [][]message.Button{{{Text: "Buy", CallbackData: "b"}}},
			}},
			message.Recipient{Person: &message.Person{FirstName: "Ann"}},
			"editMessageText", `{"chat_id":7,"message_id":8,"text":"Ann, 9","parse_mode":"HTML","link_preview_options":{"is_disabled":true},
				"reply_markup":{"inline_keyboard":[[{"text":"Buy","callback_data":"b"}]]}}`, 0,
		},
		"a file that the bot has sent": {
			message.Content{Version: message.Version{Text: "9", Media: []message.Media{photo}, CaptionAbove: true}},
			message.Recipient{File: known},
			"editMessageMedia", `{"chat_id":7,"message_id":8,"media":{"type":"photo","media":"Fphoto","caption":"9","parse_mode":"HTML",
				"show_caption_above_media":true}}`, 0,
		},
		"a file that the bot has never sent": {
			message.Content{Version: message.Version{Media: []message.Media{{Kind: message.Video, ID: 5, Spoiler: true}}}},
			message.Recipient{},
			"editMessageMedia", `{"chat_id":7,"message_id":8,"media":{"type":"video","media":"attach://video","has_spoiler":true}}`, 1,
		},
		"a file of an address": {
			message.Content{Version: message.Version{Media: []message.Media{{Kind: message.Document, URL: "https://x.ua/a.pdf"}}}},
			message.Recipient{},
			"editMessageMedia", `{"chat_id":7,"message_id":8,"media":{"type":"document","media":"https://x.ua/a.pdf"}}`, 0,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			template, err := message.CompileEdit(tt.content)
			require.NoError(t, err)
			tt.to.ChatID, tt.to.MessageID = 7, 8
			call, err := template.Compose(nil, tt.to)
			require.NoError(t, err)
			require.Equal(t, tt.method, call.Method)
			require.JSONEq(t, tt.body, string(call.Body))
			require.Len(t, call.Uploads, tt.uploads)
			require.Equal(t, tt.content.Media, call.Media)
		})
	}
}

// Links of an edited message count as those of a new one.
func TestLinksOfEditsAreCounted(t *testing.T) {
	t.Parallel()
	template, err := message.CompileEdit(message.Text(`<a href="https://x.ua">x</a>`))
	require.NoError(t, err)
	require.Len(t, template.Links(), 1)
	call, err := template.Compose(nil, message.Recipient{ChatID: 7, MessageID: 8, Link: func(int, string) string { return "https://r.ua/c" }})
	require.NoError(t, err)
	require.JSONEq(t, `{"chat_id":7,"message_id":8,"text":"<a href=\"https://r.ua/c\">x</a>","parse_mode":"HTML"}`, string(call.Body))
}

// spec: tg-edit
func TestWhatCannotTakeThePlace(t *testing.T) {
	t.Parallel()
	of := func(kinds ...message.Kind) message.Version {
		v := message.Version{Text: "x"}
		for _, k := range kinds {
			v.Media = append(v.Media, message.Media{Kind: k, ID: 1})
		}
		return v
	}
	in := func(v message.Version, translations ...message.Version) message.Content {
		c := message.Content{Version: v}
		for i, v := range translations {
			if c.Translations == nil {
				c.Translations = map[string]message.Version{}
			}
			c.Translations[[]string{"uk", "ru"}[i]] = v
		}
		return c
	}
	text, photo, video, voice, album := of(), of(message.Photo), of(message.Video), of(message.Voice), of(message.Photo, message.Video)
	for _, tt := range []struct {
		was, is message.Content
		code    string
	}{
		{in(text), in(text), ""},
		{in(text), in(text, text), ""},
		{in(photo), in(video), ""},
		{in(photo, video), in(of(message.Audio), of(message.Document)), ""},
		{in(text), in(photo), "edit_kind"},
		{in(photo), in(text), "edit_kind"},
		{in(text, photo), in(text), "edit_mixed"},
		{in(text), in(text, photo), "edit_mixed"},
		{in(photo, text), in(photo, text), "edit_mixed"},
		{in(voice), in(voice), "edit_voice"},
		{in(photo), in(photo, voice), "edit_voice"},
		{in(photo), in(album), "edit_album"},
		{in(photo), in(photo, album), "edit_album"},
	} {
		err := tt.was.CheckEdit(tt.is)
		if tt.code == "" {
			require.NoError(t, err)
			continue
		}
		require.True(t, fault.Is(err, tt.code), "%s: %v", tt.code, err)
		require.Equal(t, fault.Invalid, fault.KindOf(err))
	}
	require.True(t, in(text, album).HasAlbum())
	require.False(t, in(text, photo).HasAlbum())
}
