package internal_test

import (
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// contract is the document that lists the rules of others that Bellman keeps. The
// code that keeps a rule, and the test that proves it, carry the rule's id in a
// comment: spec, a colon, and one or more ids.
const contract = "../docs/contract.md"

// TestContractIsKept fails for a rule without code, a rule without a test, and a
// mark without a rule.
func TestContractIsKept(t *testing.T) {
	t.Parallel()
	kept := slices.Concat(rulesIn(t, "## The vendor's rules"), rulesIn(t, "## Telegram's rules"))
	code, tests := marks(t)
	assert.Empty(t, less(kept, code), "rules of %s that no code is marked with", contract)
	assert.Empty(t, less(kept, tests), "rules of %s that no test is marked with", contract)
	assert.Empty(t, less(slices.Concat(code, tests), kept), "marks that are no rules of %s", contract)
	require.Len(t, unique(kept), len(kept), "%s names a rule twice", contract)
	for _, id := range rulesIn(t, "## Not kept") {
		require.NotContains(t, kept, id, "%s: a rule is kept or not", contract)
	}
}

// TestContractMarks has the forms of a mark.
func TestContractMarks(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"// spec: tg-text": {"tg-text"},
		"//\n// spec: tg-text tg-caption\nconst x = 1": {"tg-text", "tg-caption"},
		"\tuntil := forever // spec: mute-forever":     {"mute-forever"},
		"// spec: a\n// spec: b c":                     {"a", "b", "c"},
		"// see the spec: it is long.":                 nil,
		`"// spec: no"`:                                nil,
	} {
		require.Equal(t, want, marksIn(text), text)
	}
}

var mark = regexp.MustCompile(`(?m)^[^"\n]*// spec:((?: [a-z0-9-]+)+)$`)

func marksIn(text string) (ids []string) {
	for _, m := range mark.FindAllStringSubmatch(text, -1) {
		ids = append(ids, strings.Fields(m[1])...)
	}
	return ids
}

// marks returns the ids that the tree's code carries, and those of its tests.
func marks(t *testing.T) (code, tests []string) {
	t.Helper()
	for _, root := range []string{".", "../cmd", "../test"} {
		require.NoError(t, filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
			switch {
			case err != nil || filepath.Ext(path) != ".go" || path == "contract_test.go":
				return err
			case strings.HasSuffix(path, "_test.go"):
				tests = append(tests, marksIn(read(t, path))...)
			default:
				code = append(code, marksIn(read(t, path))...)
			}
			return nil
		}))
	}
	return unique(code), unique(tests)
}

// rulesIn returns the ids of the table below the heading.
func rulesIn(t *testing.T, heading string) []string {
	t.Helper()
	return found(t, section(t, contract, heading), "(?m)^\\| `([a-z0-9-]+)` \\|")
}

// less returns the texts that are not among those.
func less(texts, those []string) []string {
	return slices.DeleteFunc(slices.Clone(texts), func(s string) bool { return slices.Contains(those, s) })
}

// unique returns the texts sorted, each once.
func unique(texts []string) []string { return slices.Compact(slices.Sorted(slices.Values(texts))) }
