package imports_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/contact"
	"bellman/internal/event"
	"bellman/internal/imports"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
)

// The second runner of a part, which took the first one for dead, is refused and
// changes neither the contacts, nor the counts, nor the events.
func TestPartIsCountedOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db)
		session := d.accept(people(0, 3), imports.Task{ImportOptions: onEmail, EventType: "new"})
		i, _ := d.get(session)
		w, err := d.config.Workspaces.Find(t.Context(), i.WorkspaceID)
		require.NoError(t, err)

		lease := d.lease(i.ID)
		importPart := func(profiles []contact.Profile) error {
			s := db.Imports.ImportContacts(lease, 1, func(plan contact.Plan) (imports.Result, error) {
				return imports.Result{Count: imports.Count{Created: int64(len(plan.Create))}, Report: []byte(`{}`)}, nil
			})
			_, err := contact.New(s, d.config.Now).Import(t.Context(), w, profiles, i.Task.ImportOptions)
			return err
		}
		addEvents := func(before int) error {
			_, err := db.Imports.ImportEvents(lease, 1, before, 3).AppendEvents(t.Context(), w.ID,
				[]event.Event{{WorkspaceID: w.ID, Type: "new", Key: "k"}}, d.now)
			return err
		}
		require.NoError(t, importPart(people(0, 3)))
		require.ErrorContains(t, importPart(people(3, 2)), "this part of the import was written already")
		require.NoError(t, addEvents(0))
		require.ErrorContains(t, addEvents(0), "this part of the import was written already")

		now, _ := d.get(session)
		require.Equal(t, imports.Count{Created: 3}, now.Count)
		page, err := d.config.Contacts.List(t.Context(), w, contact.Filter{}, contact.Span{ByID: true, Limit: contact.MaxPage})
		require.NoError(t, err)
		require.EqualValues(t, 3, page.Total, "nobody of the second")
		events, err := d.config.Events.List(t.Context(), w.ID, event.Filter{Type: "new", Before: 1 << 50, Limit: 10})
		require.NoError(t, err)
		require.Len(t, events, 1)

		require.NoError(t, db.Imports.FinishImportPart(t.Context(), lease, 1, d.config.Now()))
		require.ErrorContains(t, importPart(people(3, 2)), "this part of the import was written already")
		require.ErrorContains(t, addEvents(1), "this part of the import was written already")
	})
}
