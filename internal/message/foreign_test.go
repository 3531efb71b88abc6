package message_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/fault"
	"bellman/internal/message"
)

// leftOver is content of another system, in each field that may have some.
func leftOver() message.Content {
	return message.Content{
		Version: message.Version{
			Text: "**Hi** $!data.get('name')", Preview: &message.Preview{URL: "https://x.y/%EMAIL%"},
			Buttons: [][]message.Button{{
				{Text: "{name}", URL: "https://x.y/$!data.get('a')"}, {Text: "x", CopyText: "%PROMO_CODE%"},
				{Text: "y", CallbackData: "buy|$!data.get('id')"}, {Text: "z", WebApp: "https://x.y/${id}"},
			}},
		},
		Translations: map[string]message.Version{"uk": {Text: "%FIRSTNAME%"}},
	}
}

// Every field is looked through, and everything is told at once.
func TestForeignSyntaxIsRefused(t *testing.T) {
	t.Parallel()
	var fields []string
	for _, f := range leftOver().Faults() {
		require.Equal(t, "foreign_syntax", f.Code, f)
		fields = append(fields, f.Field)
	}
	require.Equal(t, []string{
		"text", "text", "buttons[0][0].text", "buttons[0][0].url", "buttons[0][1].copyText", "buttons[0][2].callbackData",
		"buttons[0][3].webApp", "preview.url", "translations.uk.text",
	}, fields)
	require.NoError(t, message.Text("{% raw %}**Hi** $!data.get('name'){% endraw %} 5 % of $100").Check())
	// What is wrong with the Liquid is told as well.
	faults := message.Text("{name} {{ x }}").Faults()
	require.Len(t, faults, 2)
	require.Equal(t, "liquid_variable_unknown", faults[1].Code)
}

// A message that was saved by older rules is sent.
func TestForeignSyntaxOfOldIsSent(t *testing.T) {
	t.Parallel()
	s := &fakeStore{}
	service := message.New(s, s, time.Now)
	m, err := service.Create(t.Context(), 1, "m", message.Text("x"))
	require.NoError(t, err)
	_, err = service.Update(t.Context(), 1, m.ID, "m", leftOver())
	require.True(t, fault.Is(err, "foreign_syntax"), err)
	s.messages[0].Content = leftOver()
	_, err = service.Checked(t.Context(), 1, m.ID)
	require.NoError(t, err)
}

func TestTranslate(t *testing.T) {
	t.Parallel()
	content := leftOver()
	got, left := message.Translate(content)
	require.Equal(t, leftOver(), content, "what was given stays")
	require.Len(t, left, 1)
	require.Equal(t, "buttons[0][1].copyText", left[0].Field)
	require.Equal(t, "<b>Hi</b> {{ data.name }}", got.Text)
	require.Equal(t, "https://x.y/{{ contact.email }}", got.Preview.URL)
	require.Equal(t, [][]message.Button{{
		{Text: "{{ contact.firstName }}", URL: "https://x.y/{{ data.a }}"}, {Text: "x", CopyText: "%PROMO_CODE%"},
		{Text: "y", CallbackData: "buy|{{ data.id }}"}, {Text: "z", WebApp: "https://x.y/{{ data.id }}"},
	}}, got.Buttons)
	require.Equal(t, "{{ contact.firstName }}", got.Translations["uk"].Text)
	got.Buttons[0][1].CopyText = "SALE"
	require.NoError(t, got.Check())
	got, left = message.Translate(message.Text("x"))
	require.Empty(t, left)
	require.Equal(t, message.Text("x"), got)
}
