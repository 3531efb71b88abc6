package message

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
