package store

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// An input is what a statement takes in bulk, bound to one parameter: rows, or a list.
type input interface {
	empty() bool
	String() string
}

// rowWriter writes bulk input as a JSON array of arrays, the form that
// dialect.rows reads.
type rowWriter struct {
	b []byte
	n int
	// expected is how many rows there will be, if that is known.
	expected int
}

// row begins a row.
func (w *rowWriter) row() *rowWriter {
	if w.n == 0 {
		w.b = append(w.b, "[["...)
	} else {
		if w.n == 1 {
			// The others may be a little longer than the first.
			w.b = slices.Grow(w.b, (w.expected+w.expected/8)*len(w.b))
		}
		w.b = append(w.b[:len(w.b)-1], "],["...)
	}
	w.n++
	return w
}

// int adds a number to the row.
func (w *rowWriter) int(v int64) *rowWriter {
	w.b = strconv.AppendInt(w.b, v, 10)
	w.b = append(w.b, ',')
	return w
}

// float adds a number with a fraction to the row; one that is not there is NULL.
func (w *rowWriter) float(v float64, there bool) *rowWriter {
	if !there {
		return w.text("")
	}
	w.b = strconv.AppendFloat(w.b, v, 'g', -1, 64)
	w.b = append(w.b, ',')
	return w
}

// text adds a text to the row; an empty one is NULL.
func (w *rowWriter) text(s string) *rowWriter {
	if s == "" {
		w.b = append(w.b, "null,"...)
		return w
	}
	return w.verbatim(s)
}

// verbatim adds a text to the row, also when it is empty. NUL, which no engine
// stores in text, becomes U+FFFD; it can only come from outside our own checks.
func (w *rowWriter) verbatim(s string) *rowWriter {
	w.b = append(appendText(w.b, s), ',')
	return w
}

// appendText appends a text as JSON. Most need nothing but quotes.
func appendText(b []byte, s string) []byte {
	if plain(s) {
		return append(append(append(b, '"'), s...), '"')
	}
	// Marshal does not fail for a string; it also repairs broken UTF-8.
	quoted, _ := json.Marshal(strings.ReplaceAll(s, "\x00", "\ufffd"))
	return append(b, quoted...)
}

// plain reports whether a text is written in JSON as it is.
func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' {
			return false
		}
	}
	return utf8.ValidString(s)
}

func (w rowWriter) empty() bool { return w.n == 0 }

// String returns the parameter.
func (w rowWriter) String() string {
	if w.n == 0 {
		return "[]"
	}
	return string(append(w.b[:len(w.b)-1], "]]"...))
}
