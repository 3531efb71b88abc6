package entry

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Each language says the same things, and the page speaks of no word that none has.
func TestWordsAreComplete(t *testing.T) {
	t.Parallel()
	text := string(script)
	begin, end := strings.Index(text, "const words = {"), strings.Index(text, "\n};\n")
	require.Positive(t, begin)
	catalogue := text[begin:end]
	languages := regexp.MustCompile(`(?m)^  (\w\w): \{$`).FindAllStringSubmatchIndex(catalogue, -1)
	require.Len(t, languages, 3)
	key := regexp.MustCompile(`(?m)^ {4,6}(\w+):|[{,] (\w+):`)
	var all []map[string]bool
	for i, at := range languages {
		until := len(catalogue)
		if i+1 < len(languages) {
			until = languages[i+1][0]
		}
		words := map[string]bool{}
		for _, m := range key.FindAllStringSubmatch(catalogue[at[1]:until], -1) {
			words[m[1]+m[2]] = true
		}
		all = append(all, words)
		require.Equal(t, all[0], words, catalogue[at[2]:at[3]])
	}
	require.Greater(t, len(all[0]), 40)
	for _, m := range regexp.MustCompile(`data-word="(\w+)"`).FindAllStringSubmatch(string(page), -1) {
		require.True(t, all[0][m[1]], m[1])
	}
	for _, m := range regexp.MustCompile(`word\.(\w+)`).FindAllStringSubmatch(text, -1) {
		require.True(t, all[0][m[1]], m[1])
	}
}
