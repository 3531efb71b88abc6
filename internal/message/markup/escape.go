package markup

// Special are the characters with a meaning in HTML.
const Special = `&<>"`

// AppendEscaped appends text with the characters that have a meaning in HTML as
// Telegram's named references.
func AppendEscaped[T string | []byte](dst []byte, text T) []byte {
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
