package sheet

import (
	"bytes"
	"strings"
)

// A cutter cuts a row into cells.
type cutter struct {
	separator byte
	// next returns the next line for a quoted cell that goes on there; nil where
	// none may.
	next func() (text []byte, more bool, err error)
	// loose has a cell whose quotes are wrong taken as it stands.
	loose bool
	// keep is how many cells are kept; the others are only counted.
	keep int

	cells []string
	count int
	// extra is true when a cell that is not kept is not blank.
	extra bool
	// bare is true when a quote stands inside a cell that is not quoted.
	bare bool
}

// Reasons for which a row cannot be cut.
var (
	errQuote = refuse("its quotes are wrong: a cell that begins with a quote ends with one, before a separator or the end of the line, " +
		"and a quote inside of it is written twice")
	errCell = refuse("a cell is longer than %d KiB", MaxCell>>10)
	errRow  = refuse("it is longer than %d KiB", MaxRow>>10)
)

// cut cuts a row that begins with the text. An [*Error] says why it cannot be; any
// other error comes from next.
func (c *cutter) cut(text []byte) error {
	for more := true; more; {
		var err error
		begin := skipSpaces(text)
		if bytes.HasPrefix(begin, []byte(`"`)) {
			text, more, err = c.quoted(text, begin[1:])
		} else {
			text, more, err = c.plain(text)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// plain cuts off a cell without quotes around it, and reports whether another one
// follows.
func (c *cutter) plain(text []byte) (rest []byte, more bool, err error) {
	cell, rest, more := bytes.Cut(text, []byte{c.separator})
	c.bare = c.bare || bytes.IndexByte(cell, '"') >= 0
	return rest, more, c.add(string(cell))
}

// quoted does so for a cell whose text begins after its quote. whole is the text
// with the quote.
func (c *cutter) quoted(whole, text []byte) (rest []byte, more bool, err error) {
	var cell strings.Builder
	for {
		before, after, found := bytes.Cut(text, []byte(`"`))
		if cell.Len()+len(before) > MaxCell {
			return nil, false, errCell
		}
		cell.Write(before)
		switch {
		case !found:
			if c.next != nil {
				text, found, err = c.next()
			}
			if err != nil {
				return nil, false, err
			}
			if !found {
				return c.wrong(whole)
			}
			cell.WriteByte('\n')
			continue
		case bytes.HasPrefix(after, []byte(`"`)):
			cell.WriteByte('"')
			text = after[1:]
			continue
		}
		after = skipSpaces(after)
		if len(after) > 0 && after[0] != c.separator {
			return c.wrong(whole)
		}
		if len(after) > 0 {
			rest, more = after[1:], true
		}
		return rest, more, c.add(cell.String())
	}
}

// wrong is for a cell whose quotes are wrong.
func (c *cutter) wrong(text []byte) (rest []byte, more bool, err error) {
	if c.loose {
		return c.plain(text)
	}
	return nil, false, errQuote
}

func (c *cutter) add(cell string) error {
	if len(cell) > MaxCell {
		return errCell
	}
	c.count++
	if len(c.cells) < c.keep {
		c.cells = append(c.cells, cell)
	} else if strings.TrimSpace(cell) != "" {
		c.extra = true
	}
	return nil
}

// blank reports whether no cell contains anything.
func (c *cutter) blank() bool { return !c.extra && blank(c.cells) }

func blank(cells []string) bool {
	for _, cell := range cells {
		if strings.TrimSpace(cell) != "" {
			return false
		}
	}
	return true
}

func skipSpaces(text []byte) []byte { return bytes.TrimLeft(text, " ") }
