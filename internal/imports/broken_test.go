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

// A quote that is not closed costs its own row: the rows below are read, and nobody
// gets what belongs to another.
func TestAQuoteThatIsNotClosedCostsOneRow(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db)
		i, report := d.file("External ID,First name,Email,SMS\n"+
			"C1,\"Олена,a@x.ua,+380501111111\n"+
			"C2,Іван,b@x.ua,+380502222222\n"+
			"C3,\"Ірина \"\"Іра\"\"\",c@x.ua,+380503333333\n"+
			"C4,Max \"the great\",d@x.ua,+380504444444\n"+
			"C5,\"Олег\" К.,e@x.ua,+380505555555\n"+
			"C6,\"Street 1\nKyiv, Ukraine\",f@x.ua,+380506666666\n"+
			"C7,\"Last,g@x.ua,+380507777777\n", imports.Task{ImportOptions: onEmail})
		require.Equal(t, imports.Finished, i.State, i.Why)
		require.Equal(t, imports.Count{Created: 4, Failed: 3}, i.Count)
		require.Len(t, report.Failures, 3)
		for external, want := range map[string][2]string{
			"C2": {"b@x.ua", "+380502222222"}, "C3": {"c@x.ua", "+380503333333"},
			"C4": {"d@x.ua", "+380504444444"}, "C6": {"f@x.ua", "+380506666666"},
		} {
			page, err := d.config.Contacts.List(t.Context(), workspace.Workspace{ID: home},
				contact.Filter{ExternalCustomerID: external}, contact.Span{Limit: 10})
			require.NoError(t, err)
			require.Len(t, page.Contacts, 1, external)
			require.Equal(t, want, [2]string{page.Contacts[0].Email, page.Contacts[0].Phone})
		}
	})
}

// Every row of a file is created, updated, skipped or failed, whatever is wrong with
// its quotes, and nobody has an identifier of another row.
func TestEveryRowIsAccountedFor(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db)
		random := rand.New(rand.NewPCG(5, 6))
		var failed, skipped int64
		for range 40 {
			const rows = 50
			lines := []string{"External ID,Name,Email,First name"}
			for range rows {
				lines = append(lines, d.row(random))
			}
			i, report := d.file(strings.Join(lines, "\n"), imports.Task{ImportOptions: onEmail})
			require.Equal(t, imports.Finished, i.State, i.Why)
			c := i.Count
			require.EqualValues(t, rows, c.Created+c.Updated+c.Skipped+c.Failed)
			require.Len(t, report.Failures, int(c.Failed))
			require.Len(t, report.Mapping, int(c.Created+c.Updated))
			require.Equal(t, []string{"Name"}, i.Task.Unknown)
			for _, f := range report.Failures {
				require.Equal(t, f.Index+2, f.Row)
			}
			failed, skipped = failed+c.Failed, skipped+c.Skipped
			require.NoError(t, d.config.Contacts.Delete(t.Context(), home, report.Mapping[0].ContactID, false))
		}
		require.Positive(t, failed)
		require.Positive(t, skipped)
		page, err := d.config.Contacts.List(t.Context(), workspace.Workspace{ID: home}, contact.Filter{},
			contact.Span{ByID: true, Limit: contact.MaxPage})
		require.NoError(t, err)
		for _, c := range page.Contacts {
			require.Equal(t, c.ExternalCustomerID+"@x.ua", c.Email)
			require.Equal(t, "n"+c.ExternalCustomerID, strings.Trim(c.FirstName, "\"x "))
		}
	})
}

// row returns a row about one of two hundred people, one in four with a quote where
// none belongs.
func (d *desk) row(random *rand.Rand) string {
	n := random.IntN(200)
	row := fmt.Sprintf("%d,\"N, %d\",%d@x.ua,n%d", n, n, n, n)
	if random.IntN(4) == 0 {
		at := 1 + strings.Index(row, ",") + random.IntN(8)
		if random.IntN(2) == 0 {
			at = strings.LastIndex(row, ",") + 1
		}
		row = row[:at] + []string{`"`, `"x"`, ` "`}[random.IntN(3)] + row[at:]
	}
	return row
}
