package markup

import (
	"bytes"
	"unicode/utf8"

	"bellman/internal/fault"
)

// longestNumber is the length from which "&#…" is ordinary text for Telegram.
const longestNumber = 10

// reference decodes the character reference at i, where an ampersand is. It
// returns 0 where the ampersand is an ordinary character.
func reference(src []byte, i int) (r rune, end int) {
	end = i + 1
	if end < len(src) && src[end] == '#' {
		r, end = numeric(src, i)
	} else {
		for end < len(src) && isLetter(src[end]) {
			end++
		}
		switch string(src[i+1 : end]) {
		case "lt":
			r = '<'
		case "gt":
			r = '>'
		case "amp":
			r = '&'
		case "quot":
			r = '"'
		}
	}
	if r != 0 && end < len(src) && src[end] == ';' {
		end++
	}
	return r, end
}

func numeric(src []byte, i int) (r rune, end int) {
	end = i + len("&#")
	base := rune(10)
	if end < len(src) && src[end] == 'x' {
		base = 16
		end++
	}
	for ; end < len(src); end++ { // what is too long overflows, and counts for nothing
		d := digit(src[end])
		if d >= base {
			break
		}
		r = r*base + d
	}
	if end-i >= longestNumber || r >= utf8.MaxRune {
		return 0, end
	}
	return r, end
}

// digit returns the value of a hexadecimal digit, and a large one for every
// other character.
func digit(c byte) rune {
	switch {
	case isDigit(c):
		return rune(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return rune(c|0x20-'a') + 10
	}
	return 16
}

// isHalf tells that a number names half of a surrogate pair, which is no
// character.
func isHalf(r rune) bool { return r >= 0xd800 && r <= 0xdfff }

// otherReference finds fault with a name that browsers know and Telegram does
// not: its readers would see "&nbsp;".
func otherReference(src []byte, i int) *fault.Flaw {
	end := i + 1
	for end < len(src) && isAlnum(src[end]) {
		end++
	}
	if end == i+1 || end == len(src) || src[end] != ';' || !isLetter(src[i+1]) {
		return nil
	}
	return fault.Flawf(i, "html_reference_unknown",
		"Telegram knows only &lt; &gt; &amp; &quot; and shows %s as it is written; write the character itself", fault.Snippet(src[i:end+1]))
}

// Decode replaces the references to characters.
func Decode(text []byte) string {
	if bytes.IndexByte(text, '&') < 0 {
		return string(text)
	}
	var out []byte
	for i := 0; i < len(text); {
		if text[i] == '&' {
			if r, end := reference(text, i); r != 0 {
				out = utf8.AppendRune(out, r)
				i = end
				continue
			}
		}
		out = append(out, text[i])
		i++
	}
	return string(out)
}
