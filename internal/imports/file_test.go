package imports_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/contact"
	"bellman/internal/imports"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
)

const link = "https://files.example.com/people.csv"

// file imports a file and returns the import and its report.
func (d *desk) file(text string, t imports.Task) (imports.Import, imports.Report) {
	d.Helper()
	d.files[link] = text
	session, err := d.imports.AcceptFile(d.Context(), home, link, t)
	require.NoError(d, err)
	i, _ := d.get(session)
	require.NoError(d, d.run(d.imports, i.ID))
	return d.get(session)
}

func TestFile(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db)
		field, err := d.config.Contacts.CreateField(t.Context(), home, contact.Field{Name: "Карта", Type: contact.Number})
		require.NoError(t, err)
		i, report := d.file("\ufeffFirst name,LAST_NAME,Email,SMS,City,Unknown,profile.карта,External ID,Language code,Timezone\r\n"+
			"Олена,\"Koval, \"\"K\"\"\",a@x.ua,380501234567,Київ,?,42,C1,uk,Europe/Kyiv\r\n"+
			"\r\nІван,,b@x.ua,rubbish\r\nShort\r\nMax,M,c@x.ua,,,,,\r\n", imports.Task{ImportOptions: onEmail, Groups: []string{"file"}})
		require.Equal(t, imports.Finished, i.State, i.Why)
		require.Empty(t, i.Link)
		require.Equal(t, imports.Count{Created: 3, Failed: 1}, i.Count)
		require.Equal(t, []imports.Mapped{{Value: "a@x.ua", ContactID: 1}, {Value: "b@x.ua", ContactID: 2}, {Value: "c@x.ua", ContactID: 3}},
			report.Mapping)
		require.Len(t, report.Failures, 1)
		require.Equal(t, 2, report.Failures[0].Index)
		require.Len(t, report.LeftOut, 1)
		require.Equal(t, imports.Failure{
			Index: 1, Row: 4, Value: "b@x.ua", Code: "phone_invalid", Error: report.LeftOut[0].Error,
		}, report.LeftOut[0])
		c, _, err := d.config.Contacts.Get(t.Context(), home, 1)
		require.NoError(t, err)
		require.Equal(t, "Олена", c.FirstName)
		require.Equal(t, `Koval, "K"`, c.LastName)
		require.Equal(t, "+380501234567", c.Phone)
		require.Equal(t, "Київ", c.Address.Town)
		require.Equal(t, map[int64]string{field.ID: "42"}, c.Fields)
		require.Equal(t, "C1", c.ExternalCustomerID)

		// Attributes without a column stay unchanged; an empty cell clears.
		i, _ = d.file("email;first name;карта\na@x.ua;;\n", imports.Task{ImportOptions: onEmail})
		require.Equal(t, imports.Count{Updated: 1}, i.Count)
		c, _, err = d.config.Contacts.Get(t.Context(), home, 1)
		require.NoError(t, err)
		require.Empty(t, c.FirstName)
		require.Empty(t, c.Fields)
		require.Equal(t, "Київ", c.Address.Town)
		require.EqualValues(t, 3, d.members("file"))

		i, _ = d.file("Contact ID,First name\n2,New\n77,Nobody\n", imports.Task{ImportOptions: contact.ImportOptions{DedupeOn: contact.OnID}})
		require.Equal(t, imports.Count{Updated: 1, Failed: 1}, i.Count)
	})
}

func TestFileFaults(t *testing.T) {
	t.Parallel()
	d := newDesk(t, storetest.Open(t, storetest.SQLite(t)))
	for text, why := range map[string]string{
		"":                       "it is empty",
		"Email\n":                "no rows",
		"Shoe size,Hat\n1,2\n":   "names no column that is known",
		"\"Email,City\na@x.ua,K": "link: the file cannot be read: line 1: its quotes are wrong",
		"PK\x03\x04workbook":     "save the sheet as CSV UTF-8",
	} {
		i, _ := d.file(text, imports.Task{ImportOptions: onEmail})
		require.Equal(t, imports.Failed, i.State, "%q", text)
		require.Contains(t, i.Why, why, "%q", text)
		require.Empty(t, i.Link)
	}
	session, err := d.imports.AcceptFile(t.Context(), home, "https://nowhere.example", imports.Task{ImportOptions: onEmail})
	require.NoError(t, err)
	i, _ := d.get(session)
	require.NoError(t, d.run(d.imports, i.ID))
	i, _ = d.get(session)
	require.Equal(t, "link: there is no such file", i.Why)
}

// A file of several parts is imported once, even if the import dies at any step.
func TestFileDies(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		const rows = contact.MaxImport + 5
		var text strings.Builder
		text.WriteString("Email,First name\n")
		for n := range rows {
			fmt.Fprintf(&text, "f%d@x.ua,Олена\n", n)
		}
		d := newDesk(t, db)
		d.files[link] = text.String()
		session, err := d.imports.AcceptFile(t.Context(), home, link, imports.Task{ImportOptions: onEmail, EventType: "new"})
		require.NoError(t, err)
		i, _ := d.get(session)
		died := 0
		for step := 1; ; step++ {
			if err := d.run(d.dying(step, step%2 == 0), i.ID); err == nil {
				break
			}
			died++
		}
		require.Greater(t, died, 4)
		i, report := d.get(session)
		require.Equal(t, imports.Finished, i.State)
		require.Equal(t, imports.Count{Created: rows}, i.Count)
		require.Len(t, report.Mapping, rows)
		counts := d.events("new")
		require.Len(t, counts, rows)
		for _, n := range counts {
			require.Equal(t, 1, n)
		}
	})
}
