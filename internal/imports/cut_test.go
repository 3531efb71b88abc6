package imports

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/contact"
)

// Parts have up to 500 contacts, fewer when these are large, and together all of them
// in their order.
func TestContactsAreCutIntoParts(t *testing.T) {
	t.Parallel()
	small, large := contact.Profile{Email: new("a@x.ua")}, contact.Profile{Fields: map[int64]string{1: strings.Repeat("x", 200<<10)}}
	for _, c := range []struct {
		of    contact.Profile
		n     int
		parts []int
	}{
		{small, 1, []int{1}}, {small, 500, []int{500}}, {small, 501, []int{500, 1}}, {small, 1700, []int{500, 500, 500, 200}},
		{large, 7, []int{3, 3, 1}},
	} {
		parts, err := partsOf(slices.Repeat([]contact.Profile{c.of}, c.n))
		require.NoError(t, err)
		var sizes []int
		next := 0
		for _, text := range parts {
			var items []item
			require.NoError(t, json.Unmarshal(text, &items))
			sizes = append(sizes, len(items))
			for _, it := range items {
				require.Equal(t, item{Profile: c.of, Index: next}, it)
				next++
			}
		}
		require.Equal(t, c.parts, sizes)
	}
}

// A part ends before it gets too large for a transaction.
func TestPartsAreBounded(t *testing.T) {
	t.Parallel()
	row := "a@x.ua," + strings.Repeat("x", 100_000) + "\n" // a fifth of a part
	f := open(t, "Email,City\n"+strings.Repeat(row, 16), contact.ImportOptions{})
	var sizes []int
	for {
		items, err := f.read(partItems)
		require.NoError(t, err)
		if len(items) == 0 {
			break
		}
		sizes = append(sizes, len(items))
	}
	require.Equal(t, []int{6, 6, 4}, sizes)
}
