package workspace

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Names of zones are cached; other texts are not, so that nobody can fill the
// memory.
func TestZonesRememberNames(t *testing.T) {
	t.Parallel()
	var z zoneNames
	for range 2 {
		require.True(t, z.known("Europe/Kyiv"))
		require.False(t, z.known("Europe/Nowhere"))
		require.False(t, z.known(strings.Repeat("x", 65)))
		for _, name := range []string{"Europe/Kyiv`", "a:b", "Europe@", "Etc[", "Etc{", "a b"} {
			require.False(t, z.known(name))
		}
	}
	n := 0
	z.names.Range(func(any, any) bool { n++; return true })
	require.Equal(t, 1, n)
	for _, edge := range "azAZ09/_+-" {
		require.False(t, notZone(edge))
	}
	for _, beyond := range "`{@[:." {
		require.True(t, notZone(beyond), string(beyond))
	}
}
