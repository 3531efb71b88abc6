package internal_test

import (
	"cmp"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/outcome"
)

// The documents are checked where they repeat facts of the code.

func TestMapNamesEveryFolder(t *testing.T) {
	t.Parallel()
	tree := section(t, "../docs/architecture.md", "## The folders are the journey")
	compare(t, "docs/architecture.md", folders(t), found(t, tree, `(?m)^  (\w+)/ `))
}

func TestContributingNamesEveryFolder(t *testing.T) {
	t.Parallel()
	table := section(t, "../CONTRIBUTING.md", "## To change X, look in Y, run Z")
	// The second column says where to look.
	places := strings.Join(found(t, table, `(?m)^\|[^|]*\|([^|]*)\|`), "\n")
	compare(t, "the table of CONTRIBUTING.md", folders(t), found(t, places, "`internal/([a-z]+)[/`]"))
}

// TestReasonsAreExplained holds the document's tables against the catalogue, and
// the catalogue against the constants.
func TestReasonsAreExplained(t *testing.T) {
	t.Parallel()
	text := section(t, "../docs/operating.md", "## Reasons")
	var explained []string
	for _, g := range outcome.Catalogue {
		require.Contains(t, text, tableOf(g), "docs/operating.md explains these otherwise than internal/outcome/catalogue.go")
		for _, e := range g.Entries {
			if e.Label == "" {
				explained = append(explained, string(e.Reason))
			}
		}
	}
	named := found(t, text, "(?m)^\\| `(\\w+)` \\|")
	require.ElementsMatch(t, explained, named, "docs/operating.md has rows that are not in the catalogue, or has some twice")
	compare(t, "the catalogue", found(t, read(t, "outcome/reason.go"), `Reason = "(\w+)"`), explained)
}

// TestReasonsAreSaid holds the words of the UI, in each language, against the reasons that
// recipients may have.
func TestReasonsAreSaid(t *testing.T) {
	t.Parallel()
	var reasons []string
	for _, g := range outcome.Catalogue {
		for _, e := range g.Entries {
			if (g.Status != "" || g.Waiting) && e.Label == "" {
				reasons = append(reasons, string(e.Reason))
			}
		}
	}
	require.Greater(t, len(reasons), 40)
	// Codes of faults that values make, of which there are more.
	reasons = append(reasons, "text_too_long", "text_missing")
	for _, language := range []string{"en", "uk", "ru"} {
		file := "../web/src/words/" + language + "/reasons.ts"
		compare(t, file, reasons, found(t, read(t, file), `(?m)^  (\w+): '`))
	}
}

// tableOf returns a group of reasons as the document shows it.
func tableOf(g outcome.Group) string {
	head, line := "| reason | what it means |", "|---|---|"
	do := slices.ContainsFunc(g.Entries, func(e outcome.Entry) bool { return e.Do != "" })
	if do {
		head, line = head+" what to do |", line+"---|"
	}
	table := []string{g.Title, "", head, line}
	for _, e := range g.Entries {
		row := "| " + cmp.Or(e.Label, "`"+string(e.Reason)+"`") + " | " + e.Means + " |"
		if do {
			row += " " + e.Do + " |"
		}
		table = append(table, row)
	}
	return strings.Join(table, "\n") + "\n\n"
}

func TestSettingsAreExplained(t *testing.T) {
	t.Parallel()
	text := sources(t, "../cmd/bellman/*.go")
	settings := found(t, text, `env:"(\w+)"`)
	for _, name := range found(t, text, `env:"(\w+)" secret:""`) {
		settings = append(settings, name+"_FILE")
	}
	explained := found(t, section(t, "../docs/operating.md", "## Settings"), "`(BELLMAN_\\w+)`")
	compare(t, "docs/operating.md", settings, explained)
}

// TestWarningsAreExplained holds what the program logs as a warning or an error
// against the document's table.
func TestWarningsAreExplained(t *testing.T) {
	t.Parallel()
	var text string
	for _, pattern := range []string{"../cmd/bellman/*.go", "*/*.go", "*/*/*.go", "*/*/*/*.go"} {
		text += sources(t, pattern)
	}
	logged := found(t, text, `\.(?:Warn|Error)(?:Context)?\(\s*(?:[\w.]+(?:\(\))?,\s*)?"([^"]+)"`)
	table, _, _ := strings.Cut(section(t, "../docs/operating.md", "## Watching it"), "### Metrics")
	named := found(t, strings.Join(found(t, table, "(?m)^\\|( `[^|]*)\\|"), "\n"), "`([^`]+)`")
	compare(t, "the table of docs/operating.md", logged, slices.DeleteFunc(named, func(s string) bool { return strings.HasPrefix(s, "/") }))
}

// TestIllnessesAreExplained holds the codes of an ill database against the document's
// table.
func TestIllnessesAreExplained(t *testing.T) {
	t.Parallel()
	codes := found(t, sources(t, "store/*.go")+sources(t, "dispatch/*.go"), `fault\.Unavailable, "((?:database|dispatch)_\w+)"`)
	_, table, _ := strings.Cut(section(t, "../docs/operating.md", "## Watching it"), "### When the database is ill")
	compare(t, "the table of docs/operating.md", codes, found(t, table, "(?m)^\\| `(\\w+)`"))
}

// Each test by which docs/security.md and docs/asvs.md hold what they say is there.
func TestThreatsHaveTheirTests(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	for _, folder := range []string{".", "../cmd", "../test"} {
		require.NoError(t, filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
			if err == nil && strings.HasSuffix(path, "_test.go") {
				text.WriteString(read(t, path))
			}
			return err
		}))
	}
	for _, document := range []string{"../docs/security.md", "../docs/asvs.md"} {
		for _, name := range found(t, read(t, document), "`((?:Test|Fuzz)[A-Za-z0-9]+)`") {
			require.Contains(t, text.String(), "func "+name+"(", document+" names it")
		}
	}
}

// asvs are the requirements of levels 1 and 2 of OWASP ASVS 5.0.0, written off its own list.
const asvs = "1.1.1-2 1.2.1-9 1.3.1-11 1.4.1-3 1.5.1-2 2.1.1-3 2.2.1-3 2.3.1-4 2.4.1 3.2.1-2 3.3.1-4 3.4.1-6 3.5.1-5 3.7.1-2 " +
	"4.1.1-3 4.2.1 4.3.1-2 4.4.1-4 5.1.1 5.2.1-3 5.3.1-2 5.4.1-3 6.1.1-3 6.2.1-12 6.3.1-4 6.4.1-4 6.5.1-5 6.6.1-3 6.8.1-4 " +
	"7.1.1-3 7.2.1-4 7.3.1-2 7.4.1-5 7.5.1-2 7.6.1-2 8.1.1-2 8.2.1-3 8.3.1 8.4.1 9.1.1-3 9.2.1-4 10.1.1-2 10.2.1-2 10.3.1-4 " +
	"10.4.1-11 10.5.1-5 10.6.1-2 10.7.1-3 11.1.1-2 11.2.1-3 11.3.1-3 11.4.1-4 11.5.1 11.6.1 12.1.1-3 12.2.1-2 12.3.1-4 13.1.1 " +
	"13.2.1-5 13.3.1-2 13.4.1-5 14.1.1-2 14.2.1-4 14.3.1-3 15.1.1-3 15.2.1-3 15.3.1-7 16.1.1 16.2.1-5 16.3.1-4 16.4.1-3 16.5.1-3 " +
	"17.1.1 17.2.1-4 17.3.1-2"

// Each requirement of the standard has one answer.
func TestASVSIsWalked(t *testing.T) {
	t.Parallel()
	wanted := requirements(t, strings.Fields(asvs))
	require.Len(t, wanted, 253, "the standard has 70 requirements of level 1 and 183 of level 2")
	var answered []string
	for row := range strings.Lines(read(t, "../docs/asvs.md")) {
		cells := strings.Split(row, "|")
		if len(cells) != 6 || !strings.ContainsAny(cells[1], "0123456789") {
			continue
		}
		answered = append(answered, requirements(t, strings.FieldsFunc(cells[1], func(r rune) bool { return r == ' ' || r == ',' }))...)
		answer := strings.TrimSpace(cells[2])
		require.Contains(t, []string{"held", "absent", "operator", "differs", "open"}, answer, row)
		require.NotEmpty(t, strings.TrimSpace(cells[3]), row)
	}
	require.ElementsMatch(t, wanted, answered)
}

// requirements returns the numbers of ranges such as 1.2.5-8.
func requirements(t *testing.T, ranges []string) (all []string) {
	t.Helper()
	for _, one := range ranges {
		first, last, isRange := strings.Cut(one, "-")
		dot := strings.LastIndex(first, ".")
		section, text := first[:max(0, dot)], first[dot+1:]
		from, err := strconv.Atoi(text)
		require.NoError(t, err, one)
		to := from
		if isRange {
			to, err = strconv.Atoi(last)
			require.NoError(t, err, one)
		}
		for n := from; n <= to; n++ {
			all = append(all, section+"."+strconv.Itoa(n))
		}
	}
	return all
}

func TestDecisionsAreListed(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../docs/adr/*.md")
	require.NoError(t, err)
	for i, file := range files {
		files[i] = "adr/" + filepath.Base(file)
	}
	listed := found(t, section(t, "../docs/architecture.md", "## Decisions"), `\]\((adr/[^)]+)\)`)
	compare(t, "docs/architecture.md", files, listed)
}

// TestLinksLeadSomewhere checks relative links, their anchors, and paths of the repository in code spans.
func TestLinksLeadSomewhere(t *testing.T) {
	t.Parallel()
	link := regexp.MustCompile(`\]\(([^)\s]+)\)`)
	path := regexp.MustCompile("`((?:cmd|deploy|docs|examples|internal|test|tools)/[\\w./-]*)`")
	for _, file := range documents(t) {
		text := read(t, file)
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			target, anchor, _ := strings.Cut(m[1], "#")
			to := file
			if target != "" {
				to = filepath.Join(filepath.Dir(file), target)
			}
			if !exists(to) {
				t.Errorf("%s: %s leads nowhere", file, m[1])
			} else if anchor != "" && !slices.Contains(anchors(read(t, to)), anchor) {
				t.Errorf("%s: %s has no such heading", file, m[1])
			}
		}
		for _, m := range path.FindAllStringSubmatch(text, -1) {
			if !exists(filepath.Join("..", m[1])) {
				t.Errorf("%s: there is no %s", file, m[1])
			}
		}
	}
}

// folders returns the names of the folders in internal.
func folders(t *testing.T) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(".")
	require.NoError(t, err)
	for _, e := range entries {
		if e.IsDir() {
			names = append(names, e.Name())
		}
	}
	return names
}

// documents returns the project's Markdown files.
func documents(t *testing.T) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if d != nil && d.IsDir() && (d.Name() == "node_modules" || len(d.Name()) > 2 && d.Name()[0] == '.') {
			return filepath.SkipDir
		}
		if filepath.Ext(path) == ".md" {
			files = append(files, path)
		}
		return err
	})
	require.NoError(t, err)
	require.Contains(t, files, "../README.md")
	return files
}

// anchors returns the anchors of the headings of a document.
func anchors(text string) []string {
	var all []string
	drop := regexp.MustCompile(`[^\p{L}\p{N}\s_-]`)
	for _, m := range regexp.MustCompile(`(?m)^#+ (.+)$`).FindAllStringSubmatch(text, -1) {
		plain := drop.ReplaceAllString(strings.ToLower(m[1]), "")
		all = append(all, strings.ReplaceAll(plain, " ", "-"))
	}
	return all
}

// section returns a document from the heading to the next one of its level.
func section(t *testing.T, file, heading string) string {
	t.Helper()
	_, text, ok := strings.Cut(read(t, file), "\n"+heading+"\n")
	require.True(t, ok, "%s has no heading %q", file, heading)
	text, _, _ = strings.Cut(text, "\n## ")
	return text
}

// sources returns the text of the files that match, but for tests.
func sources(t *testing.T, pattern string) string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	require.NoError(t, err)
	var text strings.Builder
	for _, file := range files {
		if !strings.HasSuffix(file, "_test.go") {
			text.WriteString(read(t, file))
		}
	}
	return text.String()
}

// found returns the first group of every match; there has to be one.
func found(t *testing.T, text, pattern string) []string {
	t.Helper()
	var all []string
	for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
		all = append(all, m[1])
	}
	require.NotEmpty(t, all, "nothing matches %s: was something renamed?", pattern)
	return all
}

// compare lists names that only the code or only the document has.
func compare(t *testing.T, document string, have, named []string) {
	t.Helper()
	without := func(all, those []string) []string {
		slices.Sort(all)
		return slices.DeleteFunc(slices.Compact(slices.Clone(all)), func(s string) bool { return slices.Contains(those, s) })
	}
	require.Empty(t, without(have, named), "%s does not name these", document)
	require.Empty(t, without(named, have), "%s names what there is not", document)
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	return string(text)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
