package imports

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"bellman/internal/contact"
	"bellman/internal/fault"
	"bellman/internal/imports/sheet"
)

// A file contains contacts as a table (see package sheet), one per row, below a row
// with the names of the columns.
type file struct {
	rows    *sheet.Reader
	columns []column
	// task is the import's task for the file's columns.
	task Task
	// index is how many rows were read, and meter counts the bytes.
	index int
	meter *meter
}

// A meter counts what is read.
type meter struct {
	io.Reader
	n int64
}

// Read implements [io.Reader].
func (m *meter) Read(b []byte) (int, error) {
	n, err := m.Reader.Read(b)
	m.n += int64(n)
	return n, err
}

// fileInvalid is the code of a file that cannot be read.
const fileInvalid = "file_invalid"

func invalidFile(format string, args ...any) error {
	return fault.New(fault.Invalid, fileInvalid, "the file cannot be read: "+format, args...)
}

// newFile reads the names of the columns. A file updates what it has columns for,
// unless the task says otherwise.
func newFile(content io.Reader, t Task, fields []contact.Field, read contact.Reader) (*file, error) {
	names := newNaming(t, fields)
	f := &file{task: t, meter: &meter{Reader: content}}
	rows, err := sheet.NewReader(f.meter, sheet.Hints{
		Known: func(name string) bool { return names.column(name).set != nil },
		Row:   func(cells []string) (fits, tells bool) { return looksLikeContact(f.columns, cells, read) },
	})
	if err != nil {
		return nil, unreadable(err)
	}
	if err := names.check(rows.Names()); err != nil {
		return nil, err
	}
	f.rows = rows
	f.columns, f.task.Unknown = names.columns(rows.Names())
	for _, name := range rows.Names() {
		f.task.Names = append(f.task.Names, cleanName(name))
	}
	if len(f.columns) == 0 {
		return nil, invalidFile("its first row names no column that is known, such as Email or SMS; it has %s", quoted(f.task.Unknown))
	}
	f.fitTask()
	return f, nil
}

// unreadable returns the fault for a file that is no table.
func unreadable(err error) error {
	if broken, ok := errors.AsType[*sheet.Error](err); ok {
		return invalidFile("%v", broken)
	}
	return err
}

// maxQuoted is how many names of columns a sentence has.
const maxQuoted = 5

func quoted(names []string) string {
	texts := make([]string, min(len(names), maxQuoted))
	for i := range texts {
		texts[i] = fmt.Sprintf("%q", names[i])
	}
	if more := len(names) - maxQuoted; more > 0 {
		texts = append(texts, fmt.Sprintf("%d more", more))
	}
	return strings.Join(texts, ", ")
}

// read returns up to most items, fewer when they are large; none at the end of the
// file.
func (f *file) read(most int) ([]item, error) {
	var (
		items []item
		size  int
	)
	for len(items) < most && size < partBytes {
		row, err := f.rows.Read()
		if errors.Is(err, io.EOF) {
			return items, nil
		}
		if err != nil {
			return nil, err
		}
		if f.index == MaxRows {
			return nil, invalidFile("it has more than %d rows: send it in parts", MaxRows)
		}
		it := f.item(row)
		it.Row, it.Index, it.cells = row.Number, f.index, row.Cells
		if row.Broken != nil {
			it.cells = []string{row.Text}
		}
		f.index++
		for _, cell := range row.Cells {
			size += len(cell)
		}
		items = append(items, it)
	}
	return items, nil
}

// item reads a row.
func (f *file) item(row sheet.Row) (it item) {
	if row.Broken != nil {
		it.Wrong = &wrong{"row_broken", row.Broken.Error()}
		return it
	}
	for _, c := range f.columns {
		name, cell := c.cell(row.Cells)
		if !utf8.ValidString(cell) {
			it.Wrong = &wrong{"row_not_utf8", name + ": this is not in UTF-8: save the file as CSV UTF-8"}
			return it
		}
		if err := c.set(&it.Profile, cell); err != nil {
			it.Wrong = &wrong{"cell_invalid", name + ": " + err.Error()}
			return it
		}
	}
	return it
}

// looksLikeContact reports whether there is nothing but an email or a phone where
// these belong, and whether there is one.
func looksLikeContact(columns []column, cells []string, read contact.Reader) (fits, tells bool) {
	for _, c := range columns {
		_, cell := c.cell(cells)
		var err error
		switch {
		case cell == "":
			continue
		case c.attribute == contact.AttributeEmail:
			_, err = read.Email(cell)
		case c.attribute == contact.AttributeSMS:
			_, err = read.Phone(cell)
		default:
			continue
		}
		if err != nil {
			return false, false
		}
		tells = true
	}
	return true, tells
}
