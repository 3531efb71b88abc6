package message_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/message"
)

// dated is content that speaks of now in two languages.
func dated() message.Content {
	const text = `{{ now | date: "%A, %-d %B %Y" }}`
	return message.Content{
		Version:  message.Version{Text: text, Buttons: [][]message.Button{{{Text: `{{ "now" | date: "%-d %B" }}`, URL: "https://t.me/x"}}}},
		Language: "en", Translations: map[string]message.Version{"uk": {Text: text}},
	}
}

// A text that speaks of now is written as of the time of sending, with the names of
// the language of its version, whatever the language of the person.
func TestNowIsTheTimeOfSending(t *testing.T) {
	t.Parallel()
	template, err := message.Compile(dated())
	require.NoError(t, err)
	at := time.Date(2026, time.January, 5, 18, 4, 9, 0, time.UTC)
	for language, want := range map[string]string{
		"uk-UA": "понеділок, 5 січня 2026", "en": "Monday, 5 January 2026", "de": "Monday, 5 January 2026",
	} {
		call, err := template.Compose(nil, message.Recipient{ChatID: 1, Now: at, Person: &message.Person{LanguageCode: language}})
		require.NoError(t, err)
		require.Contains(t, string(call.Body), `"`+want+`"`, language)
	}
	call, err := template.Compose(nil, message.Recipient{ChatID: 1, Now: at.AddDate(0, 0, 1), Person: &message.Person{}})
	require.NoError(t, err)
	require.Contains(t, string(call.Body), "Tuesday, 6 January 2026")
	require.Contains(t, string(call.Body), `"6 January"`, "in a button too")
}

func TestPreviewIsOfNow(t *testing.T) {
	t.Parallel()
	s := &fakeStore{}
	service := message.New(s, s, func() time.Time { return time.Date(2026, time.May, 3, 0, 0, 0, 0, time.UTC) })
	m, err := service.Create(t.Context(), 1, "m", dated())
	require.NoError(t, err)
	shown, err := service.Preview(t.Context(), 1, m.ID, message.Person{Language: "uk"})
	require.NoError(t, err)
	require.Contains(t, string(shown.Parameters), `"text":"неділя, 3 травня 2026"`)
}
