package markup

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

// appendShown appends characters the way Telegram shows them: control
// characters become spaces; carriage returns, line and paragraph separators,
// changes of direction and lines drawn through text are left out (TDLib,
// clean_input_string).
func appendShown(dst, text []byte) []byte {
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c == '\r':
			i++
		case c < ' ' && c != '\n':
			dst = append(dst, ' ')
			i++
		case c == 0xe2 || c == 0xcc:
			r, size := utf8.DecodeRune(text[i:])
			if !isLeftOut(r) {
				dst = append(dst, text[i:i+size]...)
			}
			i += size
		default:
			dst = append(dst, c)
			i++
		}
	}
	return dst
}

func isLeftOut(r rune) bool {
	return r == '\r' || r >= 0x2028 && r <= 0x202e || r == 0x333 || r == 0x33f || r == 0x30a
}

// blanks are the characters that show nothing: a text of nothing else is empty
// for Telegram.
var blanks = &unicode.RangeTable{
	R16: []unicode.Range16{
		{'\t', '\n', 1}, {' ', ' ', 1}, {0xa0, 0xa0, 1}, {0xad, 0xad, 1}, {0x1680, 0x1680, 1}, {0x180e, 0x180e, 1},
		{0x2000, 0x200f, 1}, {0x202f, 0x202f, 1}, {0x205f, 0x206f, 1}, {0x2800, 0x2800, 1}, {0x3000, 0x3000, 1},
		{0xfeff, 0xfeff, 1}, {0xfffc, 0xfffc, 1},
	},
	LatinOffset: 4,
}

// IsBlank tells that a shown text shows nothing.
func IsBlank(text []byte) bool {
	return bytes.IndexFunc(text, func(r rune) bool { return !unicode.Is(blanks, r) }) < 0
}

// trimShown takes spaces and line breaks off both ends of a shown text, in
// front no further than the first entity.
func trimShown(text []byte, firstEntity int) []byte {
	end := len(text)
	for end > 0 && (text[end-1] == ' ' || text[end-1] == '\n') {
		end--
	}
	start := 0
	for start < min(end, firstEntity) && (text[start] == ' ' || text[start] == '\n') {
		start++
	}
	return text[start:end]
}
