package markup

import (
	"bytes"
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
	return r >= 0x2028 && r <= 0x202e || r == 0x333 || r == 0x33f || r == 0x30a
}

// isBlank tells that a character shows nothing: a text of nothing else is empty
// for Telegram.
func isBlank(r rune) bool {
	switch r {
	case '\t', '\n', ' ', 0xa0, 0xad, 0x1680, 0x180e, 0x202f, 0x2800, 0x3000, 0xfeff, 0xfffc:
		return true
	}
	return r >= 0x2000 && r <= 0x200f || r >= 0x205f && r <= 0x206f
}

// IsBlank tells that a shown text shows nothing.
func IsBlank(text []byte) bool {
	return !bytes.ContainsFunc(text, func(r rune) bool { return !isBlank(r) })
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
