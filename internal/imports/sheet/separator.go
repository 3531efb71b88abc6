package sheet

import (
	"regexp"
	"strings"
)

// separators are the separators that a file need not declare, in the order of
// preference.
var separators = []byte{',', ';', '\t', '|'}

// declaration is the line by which a file tells spreadsheets its separator.
var declaration = regexp.MustCompile(`(?i)^"?sep=([\t!#-/:-@[-^` + "`" + `{-~])"?[\s,;|]*$`)

// declared returns the separator that a line declares.
func declared(text []byte) (separator byte, ok bool) {
	if len(text) > 20 {
		return 0, false
	}
	found := declaration.FindSubmatch(text)
	if found == nil {
		return 0, false
	}
	return found[1][0], true
}

// guess returns the separator with which most columns of the first row are known,
// among equals the one with which there are the most columns.
func (r *Reader) guess(first line) (best byte, err error) {
	var mostKnown, mostCells int
	for _, separator := range separators {
		r.separator = separator
		c, taken, err := r.cut(first, MaxColumns)
		r.lines.again(taken)
		if _, broken := err.(*Error); err != nil && !broken { //nolint:errorlint // cut returns it as it is
			return 0, err
		}
		if err != nil {
			continue
		}
		known := 0
		for _, name := range c.cells {
			if r.hints.Known(strings.TrimSpace(name)) {
				known++
			}
		}
		if best == 0 || known > mostKnown || known == mostKnown && c.count > mostCells {
			best, mostKnown, mostCells = separator, known, c.count
		}
	}
	if best == 0 {
		// The row is broken, whatever separates its cells.
		best = separators[0]
	}
	return best, nil
}
