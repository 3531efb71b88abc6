package sheet

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Error says in words why a file or a row cannot be read, and what to do.
type Error struct{ text string }

// Error implements error.
func (e *Error) Error() string { return e.text }

func refuse(format string, args ...any) *Error { return &Error{fmt.Sprintf(format, args...)} }

func isEnd(err error) bool { return errors.Is(err, io.EOF) }

// Hints are what the owner of a table knows about its columns. Both are required.
type Hints struct {
	// Known reports whether a column with the name is known: the separator is the
	// one with which most are.
	Known func(name string) bool
	// Row looks at a line of a quoted cell, cut into the cells of a row. fits is false
	// when a cell has what its column cannot have; tells is true when a cell has what
	// only its column has. A quote that has lines like that between it and the next one
	// was never meant to reach so far.
	Row func(cells []string) (fits, tells bool)
}

// Reader reads the rows of a table below the names of its columns.
type Reader struct {
	hints     Hints
	lines     *lines
	encoding  string
	separator byte
	names     []string
	// named is how many columns there are up to the last one with a name.
	named int
	row   int
	// doubtful is the number of the last line that a broken row may have contained.
	doubtful int
}

// Row is a row of the table, or a line that cannot be read as one.
type Row struct {
	// Number is the row's number as a spreadsheet shows it: the names of the columns
	// are row 1, when nothing is above them, and blank rows count.
	Number int
	// Line is the number of the line in which the row begins, from 1.
	Line int
	// Cells are its cells, as they stand: at most as many as there are columns.
	Cells []string
	// Broken says why it cannot be read; nil when it can be. Text is then the line.
	Broken *Error
	Text   string
}

// NewReader reads the names of the columns. An [*Error] means that the content
// cannot be read; other errors are the content's own.
func NewReader(content io.Reader, hints Hints) (*Reader, error) {
	text, encoding, err := newText(content)
	if err != nil {
		return nil, err
	}
	r := &Reader{hints: hints, lines: newLines(text), encoding: encoding}
	first, err := r.begin()
	if err != nil {
		return nil, err
	}
	if r.separator == 0 {
		if r.separator, err = r.guess(first); err != nil {
			return nil, err
		}
	}
	c, _, err := r.cut(first, MaxColumns)
	if err != nil {
		return nil, inLine(first.number, err)
	}
	if c.extra {
		return nil, refuse("it has more than %d columns", MaxColumns)
	}
	r.names = c.cells
	for n, name := range r.names {
		if strings.TrimSpace(name) != "" {
			r.named = n + 1
		}
	}
	return r, nil
}

// inLine adds the line to an [*Error].
func inLine(number int, err error) error {
	if broken, ok := errors.AsType[*Error](err); ok {
		return refuse("line %d: %s", number, broken.text)
	}
	return err
}

// begin returns the first line that is not blank and not the one that names the
// separator.
func (r *Reader) begin() (line, error) {
	for {
		l, err := r.lines.next()
		if isEnd(err) {
			return l, refuse("it is empty")
		}
		if err != nil {
			return l, err
		}
		if separator, ok := declared(l.text); ok && r.separator == 0 {
			r.separator, r.row = separator, 0
			continue
		}
		r.row++
		if len(l.text) > 0 {
			return l, nil
		}
	}
}

// Encoding returns in which encoding the content is, by the names of the IANA. What is none
// of UTF-16 is taken for UTF-8.
func (r *Reader) Encoding() string { return r.encoding }

// Separator returns what separates cells.
func (r *Reader) Separator() string { return string(rune(r.separator)) }

// Names returns the names of the columns, as they stand.
func (r *Reader) Names() []string { return r.names }

// Read returns the next row that is not blank. It returns io.EOF after the last
// one, and errors of the content.
func (r *Reader) Read() (Row, error) {
	for {
		first, err := r.lines.next()
		if err != nil {
			return Row{}, err
		}
		r.row++
		c, taken, err := r.cut(first, len(r.names))
		broken, ok := errors.AsType[*Error](err)
		if err != nil && !ok {
			return Row{}, err
		}
		if broken == nil {
			broken = r.misfit(first, c, taken)
		}
		if broken != nil {
			r.giveUp(first, taken)
			return Row{
				Number: r.row, Line: first.number, Text: string(first.text),
				Broken: refuse("line %d: %s", first.number, broken.text),
			}, nil
		}
		if !c.blank() {
			return Row{Number: r.row, Line: first.number, Cells: c.cells}, nil
		}
	}
}

// cut cuts the row that begins with a line. taken are the lines that it takes
// beside that one.
func (r *Reader) cut(first line, keep int) (c *cutter, taken []line, err error) {
	size := len(first.text)
	c = &cutter{separator: r.separator, keep: keep, next: func() ([]byte, bool, error) {
		l, err := r.lines.next()
		if isEnd(err) {
			return nil, false, nil
		}
		if err != nil {
			return nil, false, err
		}
		taken = append(taken, l)
		size += len(l.text)
		if l.long || size > MaxRow || len(taken) >= maxLines {
			return nil, false, errQuote
		}
		return l.text, true, nil
	}}
	if first.long {
		return c, nil, errRow
	}
	err = c.cut(first.text)
	return c, taken, err
}

// misfit says why a row that could be cut is none all the same; nil when it is one.
func (r *Reader) misfit(first line, c *cutter, taken []line) *Error {
	whole := r.whole(c)
	switch {
	case c.extra:
		return refuse("it has more cells than there are columns: put a cell with %q inside into quotes", r.separator)
	case (c.bare || len(taken) > 0) && !whole, c.bare && first.number <= r.doubtful:
		// Nobody can tell where these quotes should have ended.
		return errQuote
	case first.number <= r.doubtful && !whole && !c.blank():
		return refuse("it has too few cells, and may be the rest of the row in quotes above it that cannot be read")
	case len(taken) > 0 && r.areRows(append([]line{first}, taken...)):
		return errQuote
	}
	return nil
}

// whole reports whether a row has a cell for each column.
func (r *Reader) whole(c *cutter) bool { return c.count >= r.named && c.count <= len(r.names) }

// areRows reports whether the lines of a quoted cell are rows. The first and the
// last one may have been torn, and count only when there are no others.
func (r *Reader) areRows(all []line) bool {
	all = slices.DeleteFunc(all, func(l line) bool { return len(l.text) == 0 })
	enough := 2
	if len(all) > 2 {
		all, enough = all[1:len(all)-1], 1
	}
	telling := 0
	for _, l := range all {
		c := &cutter{separator: r.separator, keep: len(r.names), loose: true}
		if c.cut(l.text) != nil || !r.whole(c) {
			return false
		}
		fits, tells := r.hints.Row(c.cells)
		if !fits {
			return false
		}
		if tells {
			telling++
		}
	}
	return telling >= enough
}

// giveUp gives up the first line of a row: the others are read as rows. They may
// have been meant as the row's, and so must not lack anything.
func (r *Reader) giveUp(first line, taken []line) {
	r.lines.again(taken)
	switch {
	case len(taken) > 0:
		r.doubtful = max(r.doubtful, taken[len(taken)-1].number)
	case first.long:
		r.doubtful = max(r.doubtful, first.number+maxLines)
	}
}
