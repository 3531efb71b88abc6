package liquid

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestDeepExpressions reads and renders expressions that are as deep as a
// message is long.
func TestDeepExpressions(t *testing.T) {
	t.Parallel()
	const depth = 5000
	for name, source := range map[string]string{
		"parentheses": "{{ " + strings.Repeat("(", depth) + "1" + strings.Repeat(")", depth) + " }}",
		"brackets":    "{{ " + strings.Repeat("data[", depth) + "1" + strings.Repeat("]", depth) + " }}1",
		"relations":   "{% if true" + strings.Repeat(" and true", depth) + " %}1{% endif %}",
		"properties":  "{{ data" + strings.Repeat(".a", depth) + " }}1",
	} {
		got, err := renderText(source, "{}")
		require.NoError(t, err, name)
		require.Equal(t, "1", got, name)
	}
	for _, source := range []string{strings.Repeat("(", depth), strings.Repeat("data[", depth), strings.Repeat("{% if ", depth)} {
		require.NotEmpty(t, flawsOf("{{ "+source+" }}"))
	}
}
