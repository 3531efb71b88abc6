package fault

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Flaw is a mistake at a place in a text that a person wrote.
type Flaw struct {
	// Code is like that of an [Error].
	Code string
	// At is the place, in bytes.
	At int
	// Reason says what is wrong and what to do.
	Reason string
}

// Flawf makes a flaw; its reason is formatted as by [fmt.Sprintf].
func Flawf(at int, code, format string, args ...any) *Flaw {
	return &Flaw{code, at, fmt.Sprintf(format, args...)}
}

// In turns a flaw of a source into an Invalid fault of the field that contains it.
// The message begins with the line and the column, so that an author finds the
// place.
func (f *Flaw) In(field, source string) *Error {
	return New(Invalid, f.Code, "%s: %s", placeOf(source, f.At), f.Reason).In(field)
}

// Of turns a flaw into an Invalid fault without a place: the text was generated,
// and nobody has seen it.
func (f *Flaw) Of(field string) *Error {
	return New(Invalid, f.Code, "%s", f.Reason).In(field)
}

// placeOf names a place in a text as editors do: lines and characters count
// from 1.
func placeOf(source string, at int) string {
	before := source[:min(max(at, 0), len(source))]
	start := strings.LastIndexByte(before, '\n') + 1
	return fmt.Sprintf("line %d, column %d",
		strings.Count(before, "\n")+1, utf8.RuneCountInString(before[start:])+1)
}

// longestSnippet is how much of a text a fault quotes, in characters.
const longestSnippet = 40

// Snippet returns up to 40 characters of the beginning of a text, for a fault to
// quote.
func Snippet[T string | []byte](text T) string {
	s, n := string(text[:min(len(text), (longestSnippet+1)*utf8.UTFMax)]), 0
	s = strings.ToValidUTF8(s, "\uFFFD")
	for i := range s {
		if n == longestSnippet {
			return s[:i] + "…"
		}
		n++
	}
	return s
}
