package store_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/store"
	"bellman/internal/store/storetest"
)

var errDied = errors.New("the process has died")

// A mortal is a tap that fails everything from a statement or commit on, counted from
// one.
type mortal struct{ dies, seen int }

func (m *mortal) Statement(string, []any) error {
	m.seen++
	if m.dies > 0 && m.seen >= m.dies {
		return errDied
	}
	return nil
}

func (m *mortal) Row(query string, args []any) error { return m.Statement(query, args) }

func (m *mortal) Commit(commit func() error) error {
	if err := m.Statement("", nil); err != nil {
		return err
	}
	return commit()
}

// Wherever a process dies that gives names their keys, it leaves the names without keys
// and the contacts with their indexes, and the next one does it all.
func TestNamesAreFoldedAllOrNone(t *testing.T) {
	t.Parallel()
	storetest.EachAddress(t, func(t *testing.T, address string) {
		tap := &mortal{}
		s := store.OpenTapped(t, address, tap)
		// As earlier programs left it.
		store.ExecForTest(t, s, `DELETE FROM installation WHERE name = 'contact_names_folded'`)
		store.ExecForTest(t, s, `
			INSERT INTO contacts (id, workspace_id, first_name, last_name, created_at, updated_at)
			VALUES (1, 1, 'ЮРІЙ', 'Коваль', 1, 1), (2, 1, '', 'Lee', 1, 1), (3, 1, '', '', 1, 1)`)
		before := store.IndexesForTest(t, s, "contacts")
		require.Contains(t, before, "contacts_by_first")
		folded := func(key string) int64 {
			return store.CountForTest(t, s, `SELECT COUNT(*) FROM contacts WHERE first_key || last_key = '`+key+`'`)
		}
		deaths := 0
		for ; ; deaths++ {
			require.Less(t, deaths, 100)
			tap.dies, tap.seen = deaths+1, 0
			err := store.FoldNamesForTest(t.Context(), s)
			tap.dies = 0
			require.Equal(t, before, store.IndexesForTest(t, s, "contacts"))
			if err == nil {
				break
			}
			require.ErrorIs(t, err, errDied)
			require.EqualValues(t, 3, folded(""))
		}
		require.Greater(t, deaths, 5+2*len(before))
		require.EqualValues(t, 1, folded("юрійковаль"))
		require.EqualValues(t, 1, folded("lee"))
		require.EqualValues(t, 1, folded(""))
	})
}
