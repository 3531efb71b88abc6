package store_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/audience"
	"bellman/internal/contact"
	"bellman/internal/imports"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
	"bellman/internal/workspace"
)

// importing begins an import with so many empty parts, and returns its lease.
func importing(t *testing.T, s *store.DB, session string, parts int) imports.Lease {
	t.Helper()
	all := make([][]byte, parts)
	for i := range all {
		all[i] = []byte("[]")
	}
	i := imports.Import{WorkspaceID: 1, Session: session, State: imports.Started, CreatedAt: start, ChangedAt: start}
	require.NoError(t, s.Imports.CreateImport(t.Context(), i, all))
	i, err := s.Imports.Import(t.Context(), 1, session)
	require.NoError(t, err)
	return storetest.TakeImport(t, s, i.ID)
}

// importPart imports people as a part, who join the groups.
func importPart(t *testing.T, s *store.DB, l imports.Lease, part int, people []contact.Profile, groups ...string) {
	t.Helper()
	result := func(plan contact.Plan) (imports.Result, error) {
		r := imports.Result{Report: []byte(`{}`), Join: groups, Done: true}
		for _, p := range plan.Imported() {
			r.ContactIDs = append(r.ContactIDs, p.ContactID)
		}
		return r, nil
	}
	store := s.Imports.ImportContacts(l, part, result)
	_, err := contact.New(store, now).Import(t.Context(), workspace.Workspace{ID: 1}, people, contact.ImportOptions{DedupeOn: contact.OnEmail})
	require.NoError(t, err)
}

// Imports at once do not wait for each other's groups: everybody is a member once, and
// counted once, whether the part made all of its contacts or knew some.
func TestImportsJoinTheSameGroupsAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		const callers, parts, each = 4, 4, 30
		var running sync.WaitGroup
		for caller := range callers {
			lease := importing(t, s, fmt.Sprint("s", caller), parts)
			running.Go(func() {
				for part := range parts {
					people := make([]contact.Profile, each)
					for i := range people {
						// Each part but the first begins with half of the one before.
						people[i].Email = new(fmt.Sprintf("p%d-%d@x.ua", caller, part*each/2+i))
					}
					importPart(t, s, lease, part+1, people, "all", fmt.Sprint("of ", caller%2))
				}
			})
		}
		running.Wait()
		const want = callers * (parts + 1) * each / 2
		for name, members := range map[string]int64{"all": want, "of 0": want / 2, "of 1": want / 2} {
			groups, err := s.Groups.List(t.Context(), 1, audience.Filter{Name: name, Limit: 1})
			require.NoError(t, err)
			require.Equal(t, members, groups[0].Members, name)
			page, _, err := s.Groups.Members(t.Context(), 1, groups[0].ID, audience.Page{Limit: 1000})
			require.NoError(t, err)
			require.Len(t, page, int(members), name)
		}
	})
}
