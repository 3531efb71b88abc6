package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/pgtest"
	"bellman/internal/store"
)

// A server keeps the plans that it made for any parameters when a process made its
// first calls, on empty tables, until it takes new statistics: the first import of a
// million contacts is carried out by them.
func TestPlansMadeWhenTablesWereEmpty(t *testing.T) {
	t.Parallel()
	r := &recorder{}
	statements := map[string][]any{}
	grown := newTown(t, pgtest.Schema(t), r)
	for _, c := range calls {
		for _, a := range r.during(func() { c.run(t, grown, 10) }) {
			if a.planned() {
				statements[a.query] = a.args
			}
		}
	}
	require.Greater(t, len(statements), 80)

	s := store.OpenTapped(t, pgtest.Schema(t), r)
	makeRoom(t, s)
	old := store.OldPlansForTest(t, s, statements)
	w := fillTown(t, s)
	big := bigTables(t, w.DB)
	for _, c := range calls {
		for _, a := range r.during(func() { c.run(t, w, 10) }) {
			if _, ok := statements[a.query]; !ok {
				continue
			}
			delete(statements, a.query)
			walks, err := old.Walks(t.Context(), a.query, a.args)
			require.NoError(t, err, "%s: %s", c.name, a.query)
			refuse(t, c, a.query, walks, big)
		}
	}
	require.Empty(t, statements)
}
