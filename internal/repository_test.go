package internal_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestRepositoryHoldsText finds programs, databases and other built files that were
// added to git by mistake: everything in it is text of a bearable size, but for what
// tests read and the pictures of the documentation. What property tests leave behind when they fail belongs to one machine.
func TestRepositoryHoldsText(t *testing.T) {
	t.Parallel()
	const most = 1 << 20
	cmd := exec.CommandContext(t.Context(), "git", "ls-files", "-z")
	cmd.Dir = ".."
	out, err := cmd.Output()
	require.NoError(t, err)
	names := strings.Split(strings.TrimRight(string(out), "\x00"), "\x00")
	require.Contains(t, names, "README.md")
	for _, name := range names {
		require.NotContains(t, name, "testdata/rapid/", "rapid wrote this when a test failed")
		text, err := os.ReadFile("../" + name)
		if os.IsNotExist(err) {
			continue // removed, and not committed yet
		}
		require.NoError(t, err)
		require.LessOrEqual(t, len(text), most, "%s is too large for git", name)
		if !strings.Contains(name, "testdata/") && !strings.HasPrefix(name, "docs/pictures/") {
			require.NotContains(t, string(text[:min(len(text), 8192)]), "\x00", "%s is no text", name)
		}
	}
}
