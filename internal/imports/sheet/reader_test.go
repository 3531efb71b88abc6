package sheet_test

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/require"

	"bellman/internal/imports/sheet"
)

// hints know the columns Email and City; an email is in the last column.
var hints = sheet.Hints{
	Known: func(name string) bool { return name == "Email" || name == "City" },
	Row: func(cells []string) (fits, tells bool) {
		last := cells[len(cells)-1]
		tells = strings.Contains(last, "@")
		return tells || last == "", tells
	},
}

// read returns the rows of a table as "row/line: cell|cell" or "row/line! fault".
func read(tb testing.TB, text string) (names string, rows []string) {
	tb.Helper()
	r, err := sheet.NewReader(strings.NewReader(text), hints)
	require.NoError(tb, err)
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return strings.Join(r.Names(), "|"), rows
		}
		require.NoError(tb, err)
		if row.Broken != nil {
			rows = append(rows, fmt.Sprintf("%d/%d! %s", row.Number, row.Line, kind(row.Broken)))
			continue
		}
		rows = append(rows, fmt.Sprintf("%d/%d: %s", row.Number, row.Line, strings.Join(row.Cells, "|")))
	}
}

// kind returns a word for a fault of a row.
func kind(broken *sheet.Error) string {
	for _, word := range []string{"more cells", "too few", "quotes", "longer"} {
		if strings.Contains(broken.Error(), word) {
			return word
		}
	}
	return broken.Error()
}

// utf16le returns a text in UTF-16, and utf16be in the other order.
func utf16le(text string) string {
	var b strings.Builder
	for _, unit := range utf16.Encode([]rune(text)) {
		b.Write([]byte{byte(unit), byte(unit >> 8)})
	}
	return b.String()
}

func utf16be(text string) string {
	b := []byte(utf16le(text))
	for i := 0; i+1 < len(b); i += 2 {
		b[i], b[i+1] = b[i+1], b[i]
	}
	return string(b)
}

// The same table in every form in which it comes.
func TestForms(t *testing.T) {
	t.Parallel()
	const commas = "Email,\"City, or town\",Note\na@x.ua,Київ,\"1, \"\"2\"\"\n3\"\nb@x.ua,,\n"
	separated := func(by string) string {
		return "Email" + by + "\"City, or town\"" + by + "Note\na@x.ua" + by + "Київ" + by + "\"1, \"\"2\"\"\n3\"\nb@x.ua" + by + by + "\n"
	}
	for name, text := range map[string]string{
		"commas": commas, "semicolons": separated(";"), "tabs": separated("\t"), "bars": separated("|"),
		"declared": "sep=;\n" + separated(";"), "declared in quotes": "\"sep=:\"\r\n" + separated(":"),
		"CRLF": strings.ReplaceAll(commas, "\n", "\r\n"), "CR": strings.ReplaceAll(commas, "\n", "\r"),
		"CR twice": strings.ReplaceAll(commas, "\n", "\r\r\n"), "no end": strings.TrimSuffix(commas, "\n"),
		"CR, with LF in a cell": strings.ReplaceAll(strings.ReplaceAll(commas, "\n", "\r"), "\r3", "\n3"),
		"mark":                  "\ufeff" + commas, "UTF-16": utf16le("\ufeff" + commas), "big-endian UTF-16": utf16be("\ufeff" + commas),
		"UTF-16 without a mark": utf16le(commas), "big-endian without a mark": utf16be(commas),
		"UTF-16 of spreadsheets": utf16le("\ufeff" + strings.ReplaceAll(separated("\t"), "\n", "\r\n")),
		"spaces":                 "Email, \"City, or town\" , Note\n  a@x.ua,Київ, \"1, \"\"2\"\"\n3\"   \nb@x.ua,,",
		"blank rows":             "Email,\"City, or town\",Note\na@x.ua,Київ,\"1, \"\"2\"\"\n3\"\nb@x.ua,,\n\n,,\n , ,\n\"\"\n",
	} {
		names, rows := read(t, text)
		require.Equal(t, "Email|City, or town|Note", strings.ReplaceAll(names, "| Note", "|Note"), name)
		require.Len(t, rows, 2, name)
		line := 2
		if strings.HasPrefix(name, "declared") {
			line = 3
		}
		require.Equal(t, fmt.Sprintf("2/%d: a@x.ua|Київ|1, \"2\"\n3", line), strings.ReplaceAll(rows[0], "   a@", " a@"), name)
		require.Equal(t, fmt.Sprintf("3/%d: b@x.ua||", line+2), rows[1], name)
	}
}

// What separates the columns is what most columns are known with.
func TestSeparators(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Email;x,City\n": "Email;x|City", "Name, full;Email;City\n": "Name, full|Email|City", "Email\n": "Email",
		"a;b;c,d\n": "a|b|c,d", "Email|City, of birth\n": "Email|City, of birth", "\"a\"b,Email;City\n": "", "sep=\nEmail\n": "sep=",
		"sep=\";Email\n": "sep=\"|Email", "sepia=1\n": "sepia=1", "\n\nEmail,a\n": "Email|a", "Sep=,\nEmail;City\n": "Email;City",
		"sep=;;;\nEmail;City,a": "Email|City,a",
	} {
		r, err := sheet.NewReader(strings.NewReader(text), hints)
		if want == "" {
			require.ErrorContains(t, err, "line 1: its quotes are wrong", "%q", text)
			continue
		}
		require.NoError(t, err, "%q", text)
		require.Equal(t, want, strings.Join(r.Names(), "|"), "%q", text)
	}
}

// A broken row costs its line; what was swallowed by its quote is read.
func TestBrokenRows(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		// A quote that never ends, and one that another row's quote would have ended.
		"1,\"a,a@x\n2,b,b@x\n":                  {"2/2! quotes", "3/3: 2|b|b@x"},
		"1,\"a,a@x\n2,\"b\",b@x\n":              {"2/2! quotes", "3/3: 2|b|b@x"},
		"1,\"a,a@x\n2,b,\"b@x\"\n3,c,c@x\n":     {"2/2! quotes", "3/3: 2|b|b@x", "4/4: 3|c|c@x"},
		"1,\"a,a@x\n2,b,b@x\n3,c\",c@x\n":       {"2/2! quotes", "3/3: 2|b|b@x", "4/4! quotes"},
		"1,\"a,a@x\n2,\"b,b@x\n3,\"c,c@x\n4,d,": {"2/2! quotes", "3/3! quotes", "4/4! quotes", "5/5: 4|d|"},
		// Quotes inside a cell that are not written twice.
		"1,\"a\" b,a@x\n2,b,b@x\n": {"2/2! quotes", "3/3: 2|b|b@x"},
		"1,24\" b,a@x\n":           {"2/2: 1|24\" b|a@x"},
		"1,b \"c, d\",\n":          {"2/2! quotes"}, "1,b \"c\"\n": {"2/2! quotes"},
		// What may be the rest of a broken row is read only when it is whole.
		"1,\"s 1\nK, \"b\" p\",a@x\n2,b,b@x\n": {"2/2! quotes", "3/3! quotes", "4/4: 2|b|b@x"},
		"1,\"s 1\nK\n2,b \"c\nd\" e,a@x\n3,c\n\n": {
			"2/2! quotes", "3/3! too few", "4/4! quotes", "5/5! quotes", "6/6: 3|c"},
		"1,\"a\n\n,,\n2,b,b@x\n": {"2/2! quotes", "5/5: 2|b|b@x"},
		"1,\"" + strings.Repeat("\n2,b,b@x", 600) + "\n3,\"c\nd\",c@x\n": append(
			append([]string{"2/2! quotes"}, many(3, 600)...), "603/603: 3|c\nd|c@x"),
		// A cell may go over several lines, and may contain what a row has.
		"1,\"a\n\n\nb\",a@x\n2,b,b@x\n":  {"2/2: 1|a\n\n\nb|a@x", "3/6: 2|b|b@x"},
		"1,\"s 1, a 2\nK, U\",a@x\n2,,":  {"2/2: 1|s 1, a 2\nK, U|a@x", "3/4: 2||"},
		"1,2,\"a@x\n3,4,b@x\"\n5,6,c@x":  {"2/2! quotes", "3/3! quotes", "4/4: 5|6|c@x"},
		"1,2,\"3,4,5\n3,4,b@x\"\n5,6,c@": {"2/2: 1|2|3,4,5\n3,4,b@x", "3/4: 5|6|c@"},
		"1,2,\"a\n3,4,b@x\n5,6\"\n7,8,":  {"2/2! quotes", "3/3: 3|4|b@x", "4/4! quotes", "5/5: 7|8|"},
		"1,2,\"a\n3,4,\n5,6\"\n7,8,":     {"2/2: 1|2|a\n3,4,\n5,6", "3/5: 7|8|"},
		"1,2,\"a\n3,4,b\n5,6\"\n7,8,":    {"2/2: 1|2|a\n3,4,b\n5,6", "3/5: 7|8|"},
		"1,2,\"a\n3,4\"\n1,\"2\n3\"\n":   {"2/2: 1|2|a\n3,4", "3/4! quotes", "4/5! quotes"},
		// Rows that are too long or too short.
		"1\n1,2,3,4\n1,2,3,,\n": {"2/2: 1", "3/3! more cells", "4/4: 1|2|3"},
		"1,2," + strings.Repeat("x", sheet.MaxCell) + "\n1,2,\"" + strings.Repeat("x", sheet.MaxCell+1) + "\"\n1": {
			"2/2: 1|2|" + strings.Repeat("x", sheet.MaxCell), "3/3! longer", "4/4: 1"},
		"1,2," + strings.Repeat("x", sheet.MaxCell+1) + "\n1,2,": {"2/2! longer", "3/3: 1|2|"},
		strings.Repeat(",", sheet.MaxRow) + "x\n1,2\n1,2,3":      {"2/2! longer", "3/3! too few", "4/4: 1|2|3"},
		strings.Repeat(",", sheet.MaxRow) + "\n1,2,3":            {"3/3: 1|2|3"},
	} {
		_, got := read(t, "A,City,Email\n"+text)
		require.Equal(t, want, got, "%.200q", text)
	}
}

func many(from, n int) (rows []string) {
	for i := range n {
		rows = append(rows, fmt.Sprintf("%d/%d: 2|b|b@x", from+i, from+i))
	}
	return rows
}

func TestFilesThatAreNoTables(t *testing.T) {
	t.Parallel()
	for text, why := range map[string]string{
		"": "it is empty", "\n\r\n": "it is empty", "sep=;\n": "it is empty", "PK\x03\x04": "workbook", "\xd0\xcf\x11\xe0": "workbook",
		"\x1f\x8b\x08\x00": "compressed", "\"Email": "line 1: its quotes", "\n\"Email\"x\n": "line 2: its quotes",
		strings.Repeat("a,", sheet.MaxColumns) + "a\n": "more than 1000 columns",
		strings.Repeat(",", 10<<20):                    "line 1: it is longer than 1024 KiB",
		strings.Repeat("a", sheet.MaxCell+1):           "line 1: a cell is longer than 128 KiB",
	} {
		_, err := sheet.NewReader(strings.NewReader(text), hints)
		var refused *sheet.Error
		require.ErrorAs(t, err, &refused, "%.20q", text)
		require.ErrorContains(t, err, why, "%.20q", text)
	}
	_, err := sheet.NewReader(strings.NewReader(strings.Repeat("a,", sheet.MaxColumns-1)+"a\n"), hints)
	require.NoError(t, err)
}

var errTorn = errors.New("the line went dead")

// torn is a text that breaks off.
type torn struct{ text io.Reader }

func (f torn) Read(p []byte) (int, error) {
	n, err := f.text.Read(p)
	if errors.Is(err, io.EOF) {
		err = errTorn
	}
	return n, err
}

// A file that breaks off is never taken for its end.
func TestFilesThatBreakOff(t *testing.T) {
	t.Parallel()
	text := "sep=,\nEmail,\"City\n\"\na@x.ua,\"K\nL\"\n"
	for end := range len(text) + 1 {
		r, err := sheet.NewReader(torn{strings.NewReader(text[:end])}, hints)
		for err == nil {
			_, err = r.Read()
		}
		require.ErrorIs(t, err, errTorn, "%q", text[:end])
	}
}

// generated returns a random table, and how a program that keeps to RFC 4180 writes
// it.
func generated(random *rand.Rand) (rows [][]string, text string) {
	pieces := []string{"a", "Ї", "@", "\"", "\"\"", ",", ", ", "\n", "\n\n", ";", "'", "\t", "|", "1", "sep=", "=\"x\"", " ", "\ufeff"}
	cell := func() string {
		var b strings.Builder
		for range random.IntN(6) {
			b.WriteString(pieces[random.IntN(len(pieces))])
		}
		return "x" + b.String() // a blank row is no row
	}
	rows = [][]string{{"Email"}}
	for n := range 1 + random.IntN(3) {
		rows[0] = append(rows[0], fmt.Sprint("c", n))
	}
	for range random.IntN(6) {
		row := make([]string, len(rows[0]))
		for i := range row {
			row[i] = cell()
		}
		rows = append(rows, row)
	}
	var b strings.Builder
	w := csv.NewWriter(&b)
	w.UseCRLF = random.IntN(2) == 0
	w.Comma = []rune{',', ';', '\t', '|'}[random.IntN(4)]
	if err := w.WriteAll(rows); err != nil {
		panic(err)
	}
	return rows, b.String()
}

// nothing is for tables of which next to nothing is known.
var nothing = sheet.Hints{
	Known: func(name string) bool { return name == "Email" }, Row: func([]string) (fits, tells bool) { return true, false },
}

// What others write by the book is read as they mean it.
func TestWellFormedTables(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for range 5000 {
		want, text := generated(random)
		r, err := sheet.NewReader(strings.NewReader(text), nothing)
		require.NoError(t, err, "%q", text)
		require.Equal(t, want[0], r.Names(), "%q", text)
		for _, cells := range want[1:] {
			row, err := r.Read()
			require.NoError(t, err, "%q", text)
			require.Nil(t, row.Broken, "%q", text)
			require.Equal(t, cells, row.Cells, "%q", text)
		}
		_, err = r.Read()
		require.ErrorIs(t, err, io.EOF)
	}
}

// marked are tables whose cells say where they stand: "row.column".
var marked = regexp.MustCompile(`\d+\.\d+`)

// However quotes, separators and line ends are torn, no cell is read as another
// row's or as another column's, and a row that is whole is read, as soon as none of
// its neighbours is broken.
func TestNoCellMoves(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	for range 5000 {
		const columns, rows = 3, 8
		lines := make([]string, rows)
		torn := map[int]bool{}
		for n := range lines {
			cells := make([]string, columns)
			for c := range cells {
				cells[c] = fmt.Sprintf("%d.%d", n, c)
				if random.IntN(4) == 0 {
					cells[c] = `"` + cells[c] + `"`
				}
			}
			lines[n] = strings.Join(cells, ",")
			if random.IntN(4) == 0 {
				torn[n] = true
				at := random.IntN(len(lines[n]) + 1)
				lines[n] = lines[n][:at] + []string{`"`, `""`, `"x"`, ` "`}[random.IntN(4)] + lines[n][at:]
			}
		}
		text := strings.Join(lines, "\n")
		known := sheet.Hints{Known: hints.Known, Row: func(cells []string) (fits, tells bool) {
			return true, marked.MatchString(cells[0]) && marked.MatchString(cells[2])
		}}
		r, err := sheet.NewReader(strings.NewReader("A,City,Email\n"+text), known)
		require.NoError(t, err)
		whole := map[int]bool{}
		accounted := 0
		for {
			row, err := r.Read()
			if errors.Is(err, io.EOF) {
				break
			}
			require.NoError(t, err)
			accounted++
			n := row.Line - 2
			require.Equal(t, accounted-1, n, "%s", text)
			if row.Broken != nil {
				continue
			}
			whole[n] = true
			for c, cell := range row.Cells {
				for _, place := range marked.FindAllString(cell, -1) {
					require.Equal(t, fmt.Sprintf("%d.", n), place[:2], "%s\n%q", text, row.Cells)
					if !torn[n] {
						require.Equal(t, fmt.Sprintf("%d.%d", n, c), place, "%s\n%q", text, row.Cells)
					}
				}
			}
		}
		require.Equal(t, rows, accounted, "%s", text)
		for n := range rows {
			require.True(t, torn[n] || whole[n], "row %d of\n%s", n, text)
		}
	}
}
