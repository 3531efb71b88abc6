package message_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/message"
)

func TestLanguageOfTheVersion(t *testing.T) {
	t.Parallel()
	const longest = "en-x-aaaaaaaa-bbbbbbbb-cccccccc-ddd"
	languages := message.Content{Language: "zh-Hant", Translations: map[string]message.Version{
		"zh": {Text: "x"}, "pt-BR": {Text: "x"}, "iw": {Text: "x"}, "en": {Text: "x"}, "az": {Text: "x"}, longest: {Text: "x"},
	}}.Languages()
	for wanted, want := range map[string]string{
		"":            "zh-Hant",
		"fr":          "zh-Hant",
		"en":          "en",
		"EN_gb":       "en",
		"pt":          "zh-Hant",
		"pt-br":       "pt-BR",
		"zh-Hans":     "zh",
		"zh-Hant-TW":  "zh-Hant", // also the version for everybody is the nearest to somebody
		"he":          "iw",      // two tags of one language
		"AZ_az":       "az",
		longest:       longest,
		longest + "d": "zh-Hant",
		"en-":         "en",
		"-":           "zh-Hant",
	} {
		require.Equal(t, want, languages.Of(wanted), wanted)
	}
	require.Empty(t, message.Text("x").Languages().Of("en"), "not said")
	require.Empty(t, message.Languages{}.Of("en"))
	require.Equal(t, "en", message.Content{Language: "en"}.Languages().Of("a-tag-that-is-longer-than-any-of-a-message"))
}
