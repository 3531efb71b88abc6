package store_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/store"
	"bellman/internal/store/storetest"
)

var (
	// smallTables have few rows in any installation.
	smallTables = []string{"bots", "fields", "groups", "leases", "messages", "senders", "webhooks", "workspaces", "event_types"}
	// workIndexes contain only what there is to do, and are meant to be walked.
	workIndexes = []string{"campaigns_active", "campaigns_awake", "campaigns_scheduled", "campaigns_triggered", "imports_open",
		"imports_undoing"}
)

// muchWalked is more rows than any call reads, also one that reads much by its nature:
// the history of contacts looks into each broadcast for each of their chats.
const muchWalked = 5 * townPeople

// tables returns the tables that a statement calls by the name.
func tables(query, name string) (found []string) {
	alias := regexp.MustCompile(`\b(\w+) (?:AS )?` + regexp.QuoteMeta(name) + `\b`)
	for _, m := range alias.FindAllStringSubmatch(query, -1) {
		found = append(found, m[1])
	}
	return append(found, name)
}

// The hot statements find their rows by indexes, as the code runs them, both on
// tables that have grown since the last statistics and on tables with fresh ones.
func TestPlansOfCalls(t *testing.T) {
	t.Parallel()
	storetest.EachAddress(t, func(t *testing.T, address string) {
		r := &recorder{}
		w := newTown(t, address, r)
		big := bigTables(t, w.DB)
		seen := map[string]bool{}
		for pass, known := range []bool{false, true} {
			if known {
				store.AnalyzeForTest(t, w.DB)
				clear(seen)
				// Somebody was erased, and imports wait for that.
				store.ExecForTest(t, w.DB, `UPDATE imports SET held = FALSE`)
			}
			for _, c := range calls {
				for _, a := range r.during(func() { c.run(t, w, 10+pass) }) {
					if seen[a.query] || !a.planned() {
						continue
					}
					seen[a.query] = true
					walks, err := w.WalksForTest(t.Context(), a.query, a.args)
					require.NoError(t, err, "%s: %s", c.name, a.query)
					if !c.estimated || known {
						refuse(t, c, a.query, walks, big)
					}
				}
			}
			require.Greater(t, len(seen), 80)
		}
	})
}

// planned reports whether there is a plan of what was asked.
func (a asked) planned() bool {
	return len(a.args) > 0 || !strings.Contains(a.query, "$1")
}

// bigTables returns the tables that have many rows in some installation.
func bigTables(t *testing.T, s *store.DB) []string {
	t.Helper()
	all := store.TablesForTest(t, s)
	require.Subset(t, all, smallTables)
	return slices.DeleteFunc(all, func(name string) bool { return slices.Contains(smallTables, name) })
}

// refuse fails the test for the walks that no statement of the call may make.
func refuse(t *testing.T, c call, query string, walks []store.Walk, big []string) {
	t.Helper()
	for _, k := range walks {
		if slices.Contains(workIndexes, k.Index) || c.walks && k.Rows <= muchWalked {
			continue
		}
		of := tables(query, k.Table)
		if k.Rows > store.ManyRows || slices.ContainsFunc(of, func(name string) bool { return slices.Contains(big, name) }) {
			t.Errorf("%s walks over %v:\n%s", c.name, k, query)
		}
	}
}
