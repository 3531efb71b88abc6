package store_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bellman/internal/store"
	"bellman/internal/store/storetest"
)

// bulkText draws what no engine changes: NUL is stored by none of them.
func bulkText(t *rapid.T, name string) string {
	return rapid.OneOf(rapid.StringN(0, 12, -1), rapid.StringOfN(rapid.SampledFrom([]rune("a\"\\],[{\n\u2028é😀")), 0, 9, -1)).
		Filter(func(s string) bool { return !strings.Contains(s, "\x00") }).Draw(t, name)
}

func TestBulkInputIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		rapid.Check(t, func(rt *rapid.T) {
			rows := make([]store.BulkRow, rapid.IntRange(0, 5).Draw(rt, "rows"))
			words := make([]string, len(rows))
			var numbers []int64
			for i := range rows {
				rows[i] = store.BulkRow{
					Number: rapid.Int64().Draw(rt, "number"), Text: bulkText(rt, "text"), Word: bulkText(rt, "word"),
					HasFloat: rapid.Bool().Draw(rt, "has"),
				}
				if rows[i].HasFloat {
					rows[i].Float = rapid.Float64().Draw(rt, "float")
				}
				words[i], numbers = rows[i].Word, append(numbers, rows[i].Number)
			}
			got, err := s.BulkForTest(rt.Context(), rows)
			require.NoError(rt, err)
			require.ElementsMatch(rt, rows, got)
			gotNumbers, gotWords, err := s.ListsForTest(rt.Context(), numbers, words)
			require.NoError(rt, err)
			require.ElementsMatch(rt, numbers, gotNumbers)
			require.ElementsMatch(rt, words, gotWords)
		})
	})
}

func TestWhatIsNoBulkInputIsAnError(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, storetest.SQLite(t))
	for _, text := range []string{`[]`, `[1]`, `[[1,2]]`, `["a","b"]`, `[null]`} {
		_, err := s.InputForTest(t.Context(), text)
		require.NoError(t, err, text)
	}
	for _, text := range []string{
		``, `x`, `{}`, `[`, `[1`, `[1,`, `[1,]`, `[1]]`, `[1] `, `[x]`, `["a`, `["a\"]`, `["\x"]`, `["a"`, `["a"b]`,
		`[[]]`, `[[1]`, `[[1,2],]`, `[[1]x]`,
	} {
		_, err := s.InputForTest(t.Context(), text)
		require.Error(t, err, text)
	}
}
