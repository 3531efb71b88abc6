package imports_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/audience"
	"bellman/internal/contact"
	"bellman/internal/fault"
	"bellman/internal/imports"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
)

var onEmail = contact.ImportOptions{DedupeOn: contact.OnEmail}

// An import that dies at any step, before or after the step is written, ends like
// one that does not.
func TestImportDies(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		// Of each of two parts: contacts with their groups, and events with its end.
		for step := 1; step <= 4; step++ {
			for _, after := range []bool{false, true} {
				name := fmt.Sprintf("step-%d-%v", step, after)
				d := newDesk(t, db)
				first := step * 10_000
				if after {
					first += 5_000
				}
				known := people(first, 10)
				before := d.accept(known, imports.Task{ImportOptions: onEmail})
				i, _ := d.get(before)
				require.NoError(t, d.run(d.imports, i.ID))

				session := d.accept(people(first, 610), imports.Task{
					ImportOptions: onEmail, Groups: []string{name, strings.ToUpper(name)}, EventType: name,
				})
				i, _ = d.get(session)
				dying := d.dying(step, after)
				require.ErrorIs(t, d.run(dying, i.ID), errPower)
				require.NoError(t, d.run(dying, i.ID))
				require.NoError(t, d.run(dying, i.ID), "an attempt may come once more")

				i, report := d.get(session)
				require.Equal(t, imports.Finished, i.State)
				require.Equal(t, imports.Count{Created: 600, Updated: 10}, i.Count, name)
				require.Len(t, report.Mapping, 610)
				require.EqualValues(t, 610, d.members(name))
				counts := d.events(name)
				require.Len(t, counts, 600, "the ten that were known are no news")
				for id, n := range counts {
					require.Equal(t, 1, n, "%s: contact %d", name, id)
				}
				for _, m := range report.Mapping[:10] {
					require.NotContains(t, counts, m.ContactID)
				}
			}
		}
	})
}

// When items name each other's contacts, importing them a second time would give
// another result: another contact here.
func TestImportIsDoneOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		for _, eventType := range []string{"", "new"} {
			// Contacts with their groups, and perhaps events, with the end of the part.
			for step := 1; step <= 2; step++ {
				d := newDesk(t, db)
				name := fmt.Sprintf("%d%s", step, eventType)
				first, second, external := name+"a@x.ua", name+"b@x.ua", name
				session := d.accept([]contact.Profile{
					{Email: &first}, {Email: &first, ExternalCustomerID: &external}, {Email: &second, ExternalCustomerID: &external},
				}, imports.Task{ImportOptions: onEmail, Groups: []string{name}, EventType: eventType})
				i, _ := d.get(session)
				dying := d.dying(step, true)
				if err := d.run(dying, i.ID); err != nil {
					require.ErrorIs(t, err, errPower)
				}
				require.NoError(t, d.run(dying, i.ID))
				i, report := d.get(session)
				require.Equal(t, imports.Finished, i.State)
				require.Equal(t, imports.Count{Created: 1, Updated: 2}, i.Count, name)
				require.Len(t, report.Mapping, 3)
				require.Equal(t, report.Mapping[0].ContactID, report.Mapping[2].ContactID)
				require.EqualValues(t, 1, d.members(name))
			}
		}
	})
}

// The contacts of a request act in their order, whatever part they come to, and have
// their places in it.
func TestPartsAreOneRequest(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db)
		contacts := people(0, 1100)
		bad, name := "rubbish", "Ольга"
		contacts[600] = contact.Profile{Email: &bad}
		contacts[1099] = contact.Profile{Email: contacts[0].Email, FirstName: &name}
		session := d.accept(contacts, imports.Task{ImportOptions: onEmail, Groups: []string{"all"}, EventType: "new"})
		i, _ := d.get(session)
		require.ErrorIs(t, d.run(d.dying(2, false), i.ID), errPower)
		i, report := d.get(session)
		require.Equal(t, imports.Count{Created: 500}, i.Count)
		require.Empty(t, report, "nothing is listed before the end")
		require.NoError(t, d.run(d.imports, i.ID))
		i, report = d.get(session)
		require.Equal(t, imports.Finished, i.State)
		require.Equal(t, imports.Count{Created: 1098, Updated: 1, Failed: 1}, i.Count)
		require.Len(t, report.Mapping, 1099)
		require.Equal(t, report.Mapping[0].ContactID, report.Mapping[1098].ContactID)
		require.Equal(t, 600, report.Failures[0].Index)
		require.EqualValues(t, 1098, d.members("all"))
		require.Len(t, d.events("new"), 1098)
		first, err := d.config.Contacts.ByID(t.Context(), home, []int64{report.Mapping[0].ContactID})
		require.NoError(t, err)
		require.Equal(t, name, first.Contacts[0].FirstName)
	})
}

func TestImportGroupsAndReport(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db)
		session := d.accept(people(0, 5), imports.Task{ImportOptions: onEmail, Groups: []string{"Старі", "Rest"}})
		i, _ := d.get(session)
		require.NoError(t, d.run(d.imports, i.ID))
		bad := "rubbish"
		contacts := append(people(3, 4), contact.Profile{Email: &bad})
		session = d.accept(contacts,
			imports.Task{ImportOptions: onEmail, Groups: []string{"Нові"}, ExcludedGroups: []string{"СТАРІ", "none", "Res"}})
		i, _ = d.get(session)
		require.Equal(t, imports.Started, i.State)
		d.now = d.now.Add(time.Hour)
		require.NoError(t, d.run(d.imports, i.ID))

		i, report := d.get(session)
		require.Equal(t, imports.Count{Created: 2, Updated: 2, Failed: 1}, i.Count)
		require.Equal(t, d.now, i.ChangedAt)
		require.Equal(t, "p3@x.ua", report.Mapping[0].Value)
		require.Equal(t, []imports.Failure{
			{Index: 4, Value: "rubbish", Code: "email_invalid", Error: "email: this is not an email address"},
		}, report.Failures)
		require.EqualValues(t, 4, d.members("Нові"))
		require.EqualValues(t, 3, d.members("Старі"))
		require.EqualValues(t, 5, d.members("Rest"))
		require.EqualValues(t, 0, d.members("none"), "a group to leave is not made")
		_, _, err := d.imports.Get(t.Context(), 2, session)
		require.ErrorIs(t, err, imports.ErrNotFound)
	})
}

func TestImportFails(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db)
		field, err := d.config.Contacts.CreateField(t.Context(), home, contact.Field{Name: "Card", Type: contact.Text})
		require.NoError(t, err)
		session := d.accept(people(0, 2),
			imports.Task{ImportOptions: contact.ImportOptions{DedupeOn: contact.OnEmail, FieldIDs: []int64{field.ID}}})
		require.NoError(t, d.config.Contacts.DeleteField(t.Context(), home, field.ID))
		i, _ := d.get(session)
		require.NoError(t, d.run(d.imports, i.ID), "there is no use in another attempt")
		i, _ = d.get(session)
		require.Equal(t, imports.Failed, i.State)
		require.Contains(t, i.Why, "customFieldsIDs")

		session = d.accept(people(0, 2), imports.Task{ImportOptions: onEmail, EventType: "x"})
		i, _ = d.get(session)
		last := d.lease(i.ID)
		last.Attempt = 10
		require.ErrorIs(t, d.dying(1, false).Run(t.Context(), last), errPower)
		i, _ = d.get(session)
		require.Equal(t, imports.Failed, i.State)
		require.NotContains(t, i.Why, errPower.Error())
		require.NoError(t, d.run(d.imports, i.ID))
		_, more, err := db.Imports.NextImportPart(t.Context(), i.ID)
		require.NoError(t, err)
		require.False(t, more, "its contacts are forgotten")
		require.NoError(t, d.run(d.imports, 99), "an import that was forgotten is no fault")
	})
}

func TestImportSweep(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db)
		old := d.accept(people(0, 1), imports.Task{ImportOptions: onEmail})
		d.now = d.now.Add(imports.Kept)
		young := d.accept(people(0, 1), imports.Task{ImportOptions: onEmail})
		require.NoError(t, d.imports.Sweep(t.Context()))
		d.get(old)
		d.now = d.now.Add(time.Second)
		require.NoError(t, d.imports.Sweep(t.Context()))
		_, _, err := d.imports.Get(t.Context(), home, old)
		require.ErrorIs(t, err, imports.ErrNotFound)
		d.get(young)
	})
}

func TestImportRefused(t *testing.T) {
	t.Parallel()
	d := newDesk(t, storetest.Open(t, storetest.SQLite(t)))
	for field, task := range map[string]imports.Task{
		"dedupeOn":               {},
		"groupNames[1]":          {ImportOptions: onEmail, Groups: []string{"x", ""}},
		"groupNamesExclude":      {ImportOptions: onEmail, ExcludedGroups: make([]string, audience.MaxNamed+1)},
		"eventKeyForNewContacts": {ImportOptions: onEmail, EventType: "a?"},
	} {
		_, err := d.imports.Accept(t.Context(), home, people(0, 1), task)
		var f *fault.Error
		require.ErrorAs(t, err, &f)
		require.Equal(t, field, f.Field)
	}
	for _, n := range []int{0, contact.MaxImport + 1} {
		_, err := d.imports.Accept(t.Context(), home, people(0, n), imports.Task{ImportOptions: onEmail})
		require.Equal(t, fault.Invalid, fault.KindOf(err))
	}
	_, err := d.imports.AcceptFile(t.Context(), home, "file:///etc/passwd", imports.Task{ImportOptions: onEmail})
	require.ErrorIs(t, err, errNoFile)
}
