package imports

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/contact"
)

// What columns mean is known by their names, guessed by those of other languages, and by
// what is in them.
func TestLook(t *testing.T) {
	t.Parallel()
	fields := []contact.Field{{ID: 7, Name: "Розмір"}}
	for _, c := range []struct {
		name, text string
		want       []LookedColumn
		dedupeOn   contact.DedupeOn
		separator  string
	}{
		{"known", "External ID,E-mail,Розмір\nx1,a@x.ua,M\n", []LookedColumn{
			{"External ID", "externalCustomerId", 0, Known, []string{"x1"}}, {"E-mail", "email", 0, Known, []string{"a@x.ua"}},
			{"Розмір", "Розмір", 7, Known, []string{"M"}},
		}, contact.OnExternalID, ","},
		{"other languages", "Ім'я;Прізвище;Телефон;Місто;Shoe\nОлена;Коваль;0501234567;Київ;41\nІван;;;Київ;42\n", []LookedColumn{
			{"Ім'я", "firstName", 0, Likely, []string{"Олена", "Іван"}}, {"Прізвище", "lastName", 0, Likely, []string{"Коваль"}},
			{"Телефон", "phone", 0, Likely, []string{"0501234567"}}, {"Місто", "town", 0, Likely, []string{"Київ"}},
			{"Shoe", "ignore", 0, Unsure, []string{"41", "42"}},
		}, contact.OnSMS, ";"},
		{"by what is in them", "a\tb\tc\nx@x.ua\t+380501234567\t7\ny@x.ua\t'+380501234568\t8\n", []LookedColumn{
			{"a", "email", 0, Likely, []string{"x@x.ua", "y@x.ua"}}, {"b", "phone", 0, Likely, []string{"+380501234567", "+380501234568"}},
			{"c", "ignore", 0, Unsure, []string{"7", "8"}},
		}, contact.OnEmailOrSMS, "\t"},
		{"one meaning for one column", "Email,Mail\na@x.ua,b@x.ua\n", []LookedColumn{
			{"Email", "email", 0, Known, []string{"a@x.ua"}}, {"Mail", "ignore", 0, Unsure, []string{"b@x.ua"}},
		}, contact.OnEmail, ","},
		{"nothing is known", "x,y\n1,2\n", []LookedColumn{
			{"x", "ignore", 0, Unsure, []string{"1"}}, {"y", "ignore", 0, Unsure, []string{"2"}},
		}, "", ","},
	} {
		got, err := look(strings.NewReader(c.text), fields, contact.Reader{Region: "UA"})
		require.NoError(t, err, c.name)
		require.Equal(t, c.want, got.Columns, c.name)
		require.Equal(t, c.dedupeOn, got.DedupeOn, c.name)
		require.Equal(t, c.separator, got.Separator, c.name)
		require.Equal(t, "utf-8", got.Encoding, c.name)
		// What is guessed is what an import takes.
		task := Task{ImportOptions: contact.ImportOptions{DedupeOn: contact.OnEmail}, Columns: map[string]string{}}
		for _, column := range got.Columns {
			task.Columns[column.Name] = column.Means
		}
		f, err := newFile(strings.NewReader(c.text), task, fields, contact.Reader{Region: "UA"})
		if c.dedupeOn == "" {
			require.ErrorContains(t, err, "no column that is known", c.name)
			continue
		}
		require.NoError(t, err, c.name)
		require.Empty(t, f.task.Unknown, c.name)
	}
}

// A file that is cut in the middle of a row shows the whole ones; one in another encoding
// says so; one that is no table is refused.
func TestLookAtOddFiles(t *testing.T) {
	t.Parallel()
	long := "Email,Note\n" + strings.Repeat("a@x.ua,"+strings.Repeat("x", 60_000)+"\n", 20)
	got, err := look(strings.NewReader(long[:MaxLook]), nil, contact.Reader{})
	require.NoError(t, err)
	require.Len(t, got.Rows, 17)
	for _, row := range got.Rows {
		require.Len(t, row.Cells[1], 60_000)
	}
	got, err = look(strings.NewReader("Email,Name\na@x.ua,\xc8\xe2\xe0\xed\n"), nil, contact.Reader{})
	require.NoError(t, err)
	require.Equal(t, "unknown", got.Encoding)
	require.Equal(t, []string{"\ufffd"}, got.Columns[1].Samples)
	got, err = look(strings.NewReader("\xff\xfeE\x00m\x00a\x00i\x00l\x00\n\x00a\x00@\x00x\x00"), nil, contact.Reader{})
	require.NoError(t, err)
	require.Equal(t, "utf-16le", got.Encoding)
	got, err = look(strings.NewReader("Email,Name\na@x.ua,\"b\n"), nil, contact.Reader{})
	require.NoError(t, err)
	require.Equal(t, []string{`a@x.ua,"b`}, got.Rows[0].Cells)
	require.Contains(t, got.Rows[0].Broken, "quotes")
	_, err = look(strings.NewReader("PK\x03\x04"), nil, contact.Reader{})
	require.ErrorContains(t, err, "workbook")
}

// Cells that spreadsheets take for formulas are made safe, and read as what they were.
func TestGuard(t *testing.T) {
	t.Parallel()
	for cell, want := range map[string]string{
		"": "", "a": "a", "=1+1": "'=1+1", "+380": "'+380", "-1": "'-1", "@x": "'@x", "\t=1": "'\t=1", "'a": "'a", "'": "'", "b =1": "b =1",
	} {
		require.Equal(t, want, Guard(cell), cell)
		require.Equal(t, cell, unguarded(Guard(cell)), cell)
	}
}

// Runs have the ids that were put into them.
func TestRuns(t *testing.T) {
	t.Parallel()
	ids := []int64{3, 4, 5, 9, 11, 12}
	r := RunsOf([]int64{12, 3, 5, 4, 11, 9})
	require.Equal(t, Runs{3, 3, 9, 1, 11, 2}, r)
	require.Equal(t, ids, r.IDs())
	require.Equal(t, len(ids), r.Len())
	require.Equal(t, Runs{3, 1, 5, 1, 9, 1, 11, 2}, r.without(func(id int64) bool { return id == 4 }))
	require.Zero(t, Runs(nil).Len())
}
