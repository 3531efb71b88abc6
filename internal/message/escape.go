package message

import (
	"io"
	"strings"
	"unicode/utf8"

	"github.com/osteele/liquid/render"
)

// withoutControl makes spaces of the characters that nobody can see and that
// Telegram shows as spaces. They are as long, so that places stay.
func withoutControl(r rune) rune {
	if r < ' ' && r != '\n' && r != '\t' && r != '\r' {
		return ' '
	}
	return r
}

// isOverride tells that a character turns the direction of what follows it, so
// that a text or an address reads as another one.
func isOverride(r rune) bool { return r == 0x202d || r == 0x202e }

// clean returns a value as it may be merged into a message: no control
// characters, nothing that turns the direction of the text around it, valid
// UTF-8.
func clean(value string) string {
	if isClean(value) {
		return value
	}
	return strings.Map(func(r rune) rune {
		if isOverride(r) {
			return -1
		}
		return withoutControl(r)
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

// escaper writes values: to the library's writers, or to a buffer.
type escaper interface {
	render.Replacer
	append(dst []byte, value string) []byte
}

type (
	htmlEscaper  struct{}
	plainEscaper struct{}
)

func (htmlEscaper) append(dst []byte, value string) []byte { return appendHTML(dst, clean(value)) }

func (plainEscaper) append(dst []byte, value string) []byte { return append(dst, clean(value)...) }

func (htmlEscaper) WriteString(w io.Writer, value string) (int, error) {
	value = clean(value)
	if !strings.ContainsAny(value, htmlSpecial) {
		return io.WriteString(w, value)
	}
	return w.Write(appendHTML(make([]byte, 0, len(value)+16), value))
}

func (plainEscaper) WriteString(w io.Writer, value string) (int, error) {
	return io.WriteString(w, clean(value))
}

// htmlSpecial are the characters with a meaning in HTML.
const htmlSpecial = `&<>"`

// appendHTML appends text with the characters that have a meaning in HTML as
// Telegram's named references.
func appendHTML[T string | []byte](dst []byte, text T) []byte {
	for i := range len(text) {
		switch c := text[i]; c {
		case '&':
			dst = append(dst, "&amp;"...)
		case '<':
			dst = append(dst, "&lt;"...)
		case '>':
			dst = append(dst, "&gt;"...)
		case '"':
			dst = append(dst, "&quot;"...)
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

// jsonSpecial are the characters that stand escaped in a JSON string.
var jsonSpecial = func() (special [256]bool) {
	for c := range ' ' {
		special[c] = true
	}
	special['"'], special['\\'] = true, true
	return special
}()

// appendJSON appends the inside of a JSON string.
func appendJSON[T string | []byte](dst []byte, text T) []byte {
	const hex = "0123456789abcdef"
	start := 0
	for i := range len(text) {
		c := text[i]
		if !jsonSpecial[c] {
			continue
		}
		dst = append(dst, text[start:i]...)
		start = i + 1
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
	}
	return append(dst, text[start:]...)
}

// appendString appends a JSON string.
func appendString[T string | []byte](dst []byte, text T) []byte {
	return append(appendJSON(append(dst, '"'), text), '"')
}
