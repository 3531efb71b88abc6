package message

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"bellman/internal/fault"
)

// flaw is something wrong at a place in a text.
type flaw struct {
	code string
	// at is the place, in bytes.
	at int
	// reason says what is wrong and what to do.
	reason string
}

func flawAt(at int, code, format string, args ...any) *flaw {
	return &flaw{code, at, fmt.Sprintf(format, args...)}
}

// in turns a flaw of the source into a fault of the field that holds it; the
// message begins with the place, so that an author finds it.
func (f *flaw) in(field, source string) *fault.Error {
	return fault.New(fault.Invalid, f.code, "%s: %s", placeOf(source, f.at), f.reason).In(field)
}

// of turns a flaw into a fault without a place: the text is one that was
// rendered, and its author never saw it.
func (f *flaw) of(field string) *fault.Error {
	return fault.New(fault.Invalid, f.code, "%s", f.reason).In(field)
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

// snippet returns the beginning of a text, for a fault to quote.
func snippet[T string | []byte](text T) string {
	s, n := string(text[:min(len(text), longestSnippet*utf8.UTFMax)]), 0
	s = strings.ToValidUTF8(s, "\uFFFD")
	for i := range s {
		if n == longestSnippet {
			return s[:i] + "…"
		}
		n++
	}
	return s
}
