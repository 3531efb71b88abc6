package imports_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/contact"
	"bellman/internal/imports"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
	"bellman/internal/workspace"
)

// A dry import tells what the import then does, to the row, also of people who stand in
// several parts of a file; and nobody is there after it.
func TestDryImportTellsWhatAnImportDoes(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		random := rand.New(rand.NewPCG(11, 12))
		d := newDesk(t, db)
		var all imports.Count
		for _, on := range []contact.DedupeOn{contact.OnEmail, contact.OnSMS, contact.OnEmailOrSMS, contact.OnExternalID} {
			for round := range 2 {
				text := crowd(random, 700)
				task := imports.Task{ImportOptions: contact.ImportOptions{DedupeOn: on, RestoreDeleted: round == 1}, Groups: []string{"g"}}
				before := d.everybody()
				dry := task
				dry.Dry = true
				told, toldReport := d.file(text, dry)
				require.Equal(t, imports.Finished, told.State, told.Why)
				require.Equal(t, before, d.everybody(), "nobody is written")
				require.Empty(t, toldReport.Mapping)
				require.False(t, told.Task.About)

				done, report := d.file(text, task)
				require.Equal(t, done.Count, told.Count, "%s, round %d", on, round)
				same(t, report.Failures, toldReport.Failures)
				same(t, report.LeftOut, toldReport.LeftOut)
				all.Created, all.Updated = all.Created+done.Count.Created, all.Updated+done.Count.Updated
				all.Skipped, all.Failed = all.Skipped+done.Count.Skipped, all.Failed+done.Count.Failed
				for n := 0; n < len(report.Mapping); n += 7 {
					// Some are deleted by now.
					_ = d.config.Contacts.Delete(t.Context(), home, report.Mapping[n].ContactID, false)
				}
			}
		}
		for _, n := range []int64{all.Created, all.Updated, all.Skipped, all.Failed} {
			require.Greater(t, n, int64(50))
		}
		_, err := d.imports.AskUndo(t.Context(), home, d.dryOne())
		require.ErrorContains(t, err, "has written nobody")
	})
}

func same(t *testing.T, want, got []imports.Failure) {
	t.Helper()
	require.Len(t, got, len(want))
	for n := range want {
		require.Equal(t, want[n], got[n])
	}
}

// dryOne makes a dry import, and returns its session.
func (d *desk) dryOne() string {
	d.Helper()
	i, _ := d.file("Email\nz@x.ua\n", imports.Task{ImportOptions: onEmail, Dry: true})
	return i.Session
}

// crowd is a file of rows that have identifiers in common.
func crowd(random *rand.Rand, rows int) string {
	var b strings.Builder
	b.WriteString("External ID,Email,SMS,First name\n")
	some := func(format string, of int) string {
		if random.IntN(3) == 0 {
			return ""
		}
		return fmt.Sprintf(format, random.IntN(of))
	}
	for n := range rows {
		email := some("p%d@x.ua", 900)
		if random.IntN(40) == 0 {
			email = "nobody"
		}
		fmt.Fprintf(&b, "%s,%s,%s,n%d\n", some("c%d", 900), email, some("+38050%07d", 900), n)
	}
	return b.String()
}

// everybody returns who there is.
func (d *desk) everybody() []contact.Contact {
	d.Helper()
	page, err := d.config.Contacts.List(d.Context(), workspace.Workspace{ID: home}, contact.Filter{},
		contact.Span{ByID: true, Limit: contact.MaxPage})
	require.NoError(d, err)
	require.Less(d, len(page.Contacts), int(contact.MaxPage)+1)
	for n := range page.Contacts {
		require.NotZero(d, page.Contacts[n].ID)
	}
	return append(page.Contacts, contact.Contact{ID: page.Total})
}

// An attempt at a dry import that follows one that died tells the same.
func TestDryImportGoesOnAfterACrash(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		text := crowd(rand.New(rand.NewPCG(1, 2)), 1200)
		whole, _ := newDesk(t, db).file(text, imports.Task{ImportOptions: onEmail, Dry: true})
		for step := 1; step <= 4; step++ {
			for _, after := range []bool{false, true} {
				d := newDesk(t, db)
				session, err := d.imports.Upload(t.Context(), home, file(text), imports.Task{ImportOptions: onEmail, Dry: true})
				require.NoError(t, err)
				i, err := d.imports.Find(t.Context(), home, session)
				require.NoError(t, err)
				require.ErrorIs(t, d.run(d.dying(step, after), i.ID), errPower)
				require.NoError(t, d.run(d.imports, i.ID))
				got, _ := d.get(session)
				require.Equal(t, imports.Finished, got.State)
				require.Equal(t, whole.Count, got.Count, "step %d", step)
			}
		}
	})
}
