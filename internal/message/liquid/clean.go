package liquid

import (
	"strings"
	"unicode/utf8"
)

// Visible makes spaces of the control characters of a text, which nobody can
// see, but for line breaks and tabs. They are as long, so that places stay.
func Visible(text string) string { return strings.Map(visible, text) }

func visible(r rune) rune {
	if r < ' ' && r != '\n' && r != '\t' && r != '\r' {
		return ' '
	}
	return r
}

// IsOverride tells that a character turns the direction of what follows it, so
// that a text or an address reads as another one.
func IsOverride(r rune) bool { return r == 0x202d || r == 0x202e }

// Clean returns a value as it may be merged into a text: no control characters,
// nothing that turns the direction of the text around it, valid UTF-8.
func Clean(value string) string {
	if isClean(value) {
		return value
	}
	return strings.Map(func(r rune) rune {
		if IsOverride(r) {
			return -1
		}
		return visible(r)
	}, strings.ToValidUTF8(value, "\uFFFD"))
}

func isClean(value string) bool {
	for i := range len(value) {
		if c := value[i]; c < ' ' && c != '\n' || c == 0xe2 {
			return false
		}
	}
	return utf8.ValidString(value)
}
