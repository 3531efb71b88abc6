package fault_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/fault"
)

func TestFlaw(t *testing.T) {
	t.Parallel()
	const source = "один\nдва <br>"
	at := strings.Index(source, "<")
	f := fault.Flawf(at, "html_tag_unknown", "there is no %s", "<br>")
	placed := f.In("text", source)
	require.Equal(t, &fault.Error{
		Kind: fault.Invalid, Code: "html_tag_unknown", Field: "text", Message: "line 2, column 5: there is no <br>",
	}, placed)
	require.Equal(t, "there is no <br>", f.Of("text").Message)
	require.Equal(t, "text", f.Of("text").Field)
	for at, want := range map[int]string{-1: "line 1, column 1: ", 0: "line 1, column 1: ", 8: "line 1, column 5: ",
		9: "line 2, column 1: ", 999: "line 2, column 9: "} {
		require.Equal(t, want, (&fault.Flaw{At: at}).In("", source).Message)
	}
}

func TestSnippet(t *testing.T) {
	t.Parallel()
	require.Equal(t, strings.Repeat("😀", 40), fault.Snippet(strings.Repeat("😀", 40)))
	require.Equal(t, strings.Repeat("😀", 40)+"…", fault.Snippet(strings.Repeat("😀", 40)+"a"))
	require.Equal(t, "a\uFFFDb", fault.Snippet([]byte("a\xffb")))
	require.Empty(t, fault.Snippet(""))
}
