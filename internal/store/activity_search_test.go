package store

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// A search ends where the value is, or nowhere when there is none, after few rounds,
// however many recipients there are and however many searches go on beside it.
func TestSearchFindsTheValue(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ beside, rounds int }{"one": {1, 5}, "some": {10, 8}, "many": {1000, 10}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(rt *rapid.T) {
				// The value of each recipient is three times its number.
				last := rapid.Int64Range(1, 1_000_000).Draw(rt, "recipients")
				f := search{wanted: rapid.Int64Range(0, 3*last+3).Draw(rt, "wanted"), low: 1, high: last}
				var found []int64
				rounds := 0
				for ; f.low <= f.high; rounds++ {
					low, high := f.low, f.high
					for _, seq := range f.probes(tt.beside) {
						require.True(rt, low <= seq && seq <= high, "%d of %d to %d", seq, low, high)
						if f.narrow(seq, 3*seq) {
							found = append(found, seq)
						}
					}
				}
				require.LessOrEqual(rt, rounds, tt.rounds)
				want := []int64{f.wanted / 3}
				if f.wanted%3 != 0 || f.wanted < 3 || f.wanted > 3*last {
					want = nil
				}
				require.Equal(rt, want, found)
			})
		})
	}
}
