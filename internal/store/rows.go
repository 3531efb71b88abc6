package store

import (
	"encoding/json"
	"strconv"
	"strings"
)

// rowWriter writes bulk input as a JSON array of arrays, the form that
// dialect.rows reads.
type rowWriter struct {
	b []byte
	n int
}

// row begins a row.
func (w *rowWriter) row() *rowWriter {
	if w.n == 0 {
		w.b = append(w.b, "[["...)
	} else {
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
	// Marshal does not fail for a string; it also repairs broken UTF-8.
	quoted, _ := json.Marshal(strings.ReplaceAll(s, "\x00", "\ufffd"))
	w.b = append(append(w.b, quoted...), ',')
	return w
}

// String returns the parameter.
func (w *rowWriter) String() string {
	if w.n == 0 {
		return "[]"
	}
	return string(w.b[:len(w.b)-1]) + "]]"
}

// ints returns a parameter of rows with one number each.
func ints(values []int64) string {
	var w rowWriter
	for _, v := range values {
		w.row().int(v)
	}
	return w.String()
}

// texts returns a parameter of rows with one text each.
func texts(values []string) string {
	var w rowWriter
	for _, v := range values {
		w.row().verbatim(v)
	}
	return w.String()
}

// intsIn and textsIn render the rows of such parameters as a subquery for IN.
func (s *pools) intsIn(param string) string {
	return "(SELECT v FROM " + s.d.rows(param, []column{{"v", "bigint"}}) + " AS list)"
}

func (s *pools) textsIn(param string) string {
	return "(SELECT v FROM " + s.d.rows(param, []column{{"v", "text"}}) + " AS list)"
}
