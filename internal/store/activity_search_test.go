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

// Among recipients many of whom were erased, those who are left are found, and nobody else.
func TestSearchPassesOverNobody(t *testing.T) {
	t.Parallel()
	for _, beside := range []int{1, 1000} {
		rapid.Check(t, func(rt *rapid.T) {
			last := rapid.Int64Range(1, 300).Draw(rt, "recipients")
			gone := map[int64]bool{}
			for range rapid.Int64Range(0, 2*last).Draw(rt, "erasures") {
				gone[rapid.Int64Range(1, last).Draw(rt, "gone")] = true
			}
			f := search{wanted: rapid.Int64Range(1, last).Draw(rt, "wanted"), low: 1, high: last}
			want := !gone[f.wanted]
			found := false
			for rounds := int64(0); f.low <= f.high; rounds++ {
				require.LessOrEqual(rt, rounds, last)
				seqs := f.probes(beside)
				if len(seqs) == 0 {
					break
				}
				for _, seq := range seqs {
					require.False(rt, f.nobody[seq], "it is asked for once")
					value := seq
					if gone[seq] {
						value = 0
					}
					found = f.narrow(seq, value) || found
				}
			}
			require.Equal(rt, want, found)
		})
	}
}
