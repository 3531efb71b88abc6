package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const subject = `package subject

type counter struct{ n int }

func (c *counter) add(step int, twice bool) (int, error) {
	if step < 3 && !twice {
		c.n += step
	}
	switch {
	case twice:
		c.n++
		println()
	}
	err := error(nil)
	return c.n, err
}
`

func TestMutants(t *testing.T) {
	t.Parallel()
	found, err := mutantsOf("subject.go", []byte(subject))
	require.NoError(t, err)
	var changes []string
	for _, m := range found {
		require.Equal(t, "counter.add", m.function)
		changes = append(changes, m.change())
	}
	require.ElementsMatch(t, []string{
		"all it does -> nothing",
		"step < 3 && !twice -> !(step < 3 && !twice)",
		"step < 3 && !twice -> step < 3 || !twice",
		"step < 3 && !twice -> step < 3",
		"step < 3 && !twice -> !twice",
		"step < 3 -> step <= 3",
		"3 -> 4",
		"!twice -> twice",
		"c.n += step -> nothing",
		"case twice: c.n++ println() -> nothing",
		"c.n++ -> nothing",
		"println() -> nothing",
		"return c.n, err -> return c.n, nil",
	}, changes)
}

// module writes a module with a function and a test of it that misses a case.
func module(t *testing.T) (folder string) {
	t.Helper()
	folder = t.TempDir()
	for name, text := range map[string]string{
		"go.mod":         "module subject\n\ngo 1.26\n",
		"small_plan9.go": "package subject\n\nfunc big(n int) bool { return n > 3 }\n",
		"small.go":       "package subject\n\nfunc small(n int) bool { return n < 3 }\n",
		"small_test.go": `package subject

import "testing"

func TestSmall(t *testing.T) {
	if !small(1) || small(7) {
		t.Fail()
	}
}
`,
	} {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600))
	}
	return folder
}

func TestRun(t *testing.T) {
	folder := module(t)
	t.Chdir(folder)
	o := options{packages: []string{"."}, limit: time.Minute, known: "equivalent.txt"}
	got, err := run(t.Context(), o)
	require.NoError(t, err)
	require.Equal(t, tally{tried: 3, killed: 1, survived: 2}, got, "neither 3 nor 4 is asked for")

	require.NoError(t, os.WriteFile(o.known, []byte("# a list\n\nsmall.go: small: n < 3 -> n <= 3 # for a test\n"), 0o600))
	got, err = run(t.Context(), o)
	require.NoError(t, err)
	require.Equal(t, tally{tried: 2, killed: 1, survived: 1, equivalent: 1}, got)

	o.sample, o.known = 1, "none"
	got, err = run(t.Context(), o)
	require.NoError(t, err)
	require.Equal(t, 1, got.tried)

	require.NoError(t, os.WriteFile("small.go", []byte("package subject\n\nfunc small(n int) bool { return n < 1 }\n"), 0o600))
	_, err = run(t.Context(), o)
	require.ErrorContains(t, err, "the tests of . have to pass")
}

func TestQuickOf(t *testing.T) {
	t.Parallel()
	out := "=== RUN   TestA\n--- PASS: TestD (0.20s)\n--- PASS: TestA (0.00s)\n    --- PASS: TestA/b (0.10s)\n" +
		"--- PASS: TestC (2.50s)\n--- PASS: TestE (0.00s)\n    --- PASS: TestE/sqlite (0.15s)\n        --- PASS: TestE/sqlite/f (0.15s)\nPASS\n"
	require.Equal(t, "^(TestA|TestD)$", quickOf([]byte(out)))
	require.Empty(t, quickOf([]byte("--- PASS: TestA (0.00s)\n")), "all are quick")
	require.Empty(t, quickOf([]byte("--- PASS: TestC (2.50s)\n")), "none is")
}

func TestKnownNeedReasons(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "equivalent.txt")
	require.NoError(t, os.WriteFile(path, []byte("a.go: f: x -> y\n"), 0o600))
	_, err := readKnown(path)
	require.ErrorContains(t, err, "equivalent.txt:1: say after")
}
