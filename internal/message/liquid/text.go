package liquid

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// bounded joins two texts.
func bounded(a, b string) (any, error) {
	if len(a)+len(b) > maxText {
		return nil, errTooLong
	}
	return a + b, nil
}

func replace(s, old, with string, n int) (any, error) {
	times := strings.Count(s, old)
	if n >= 0 {
		times = min(times, n)
	}
	if len(s)+times*(len(with)-len(old)) > maxText {
		return nil, errTooLong
	}
	return strings.Replace(s, old, with, n), nil
}

func replaceLast(s, old, with string) (any, error) {
	i := strings.LastIndex(s, old)
	if i < 0 {
		return s, nil
	}
	if len(s)-len(old)+len(with) > maxText {
		return nil, errTooLong
	}
	return s[:i] + with + s[i+len(old):], nil
}

// hidden are the elements that show nothing of what is in them.
var hidden = [][2]string{{"<!--", "-->"}, {"<script", "</script>"}, {"<style", "</style>"}}

// stripHTML takes tags off, with what they hide. What begins like one and does
// not end stays.
func stripHTML(s string) string {
	var b strings.Builder
	lowered := asciiLower(s)
	var ends [3]finder
	for i := range ends {
		ends[i].find = func(from int) int { return strings.Index(lowered[from:], hidden[i][1]) }
	}
	tag := finder{find: func(from int) int { return strings.IndexByte(s[from:], '>') }}
	for at := 0; ; {
		i := strings.IndexByte(s[at:], '<')
		if i < 0 {
			return b.String() + s[at:]
		}
		b.WriteString(s[at : at+i])
		at += i
		end := -1
		for k, pair := range hidden {
			if !strings.HasPrefix(lowered[at:], pair[0]) {
				continue
			}
			if end = ends[k].from(at + len(pair[0])); end >= 0 {
				end += len(pair[1])
			}
			break
		}
		if end < 0 {
			if end = tag.from(at); end < 0 {
				return b.String() + s[at:]
			}
			end++
		}
		at = end
	}
}

// asciiLower lowers the letters of tags; places stay.
func asciiLower(s string) string {
	lowered := []byte(s)
	for i, c := range lowered {
		if isLetter(c) {
			lowered[i] = c | 0x20
		}
	}
	return string(lowered)
}

func capitalize(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return s
	}
	return string(unicode.ToUpper(r)) + s[n:]
}

// truncate cuts a text to a number of characters, those of the ending included.
func truncate(s string, a arguments) (any, error) {
	n, err := a.numberOr(0, 50)
	end := a.textOr(1, "...")
	if err != nil || utf8.RuneCountInString(s) <= n {
		return s, err
	}
	keep := max(n-utf8.RuneCountInString(end), 0)
	for i := range s {
		if keep == 0 {
			return s[:i] + end, nil
		}
		keep--
	}
	return s, nil
}

func truncateWords(s string, a arguments) (any, error) {
	n, err := a.numberOr(0, 15)
	n = max(n, 1)
	words := strings.Fields(s)
	if err != nil || len(words) <= n {
		return s, err
	}
	return strings.Join(words[:n], " ") + a.textOr(1, "..."), nil
}

// slice takes characters, from the end with a negative start.
func slice(s string, a arguments) (any, error) {
	start, err := 0, error(nil)
	if a.values[0] != nil {
		start, err = toWhole(a.values[0])
	}
	if err != nil {
		return nil, err
	}
	runes := []rune(s)
	if start < 0 {
		start += len(runes)
	}
	n, err := a.numberOr(1, 1)
	if err != nil || start < 0 || start >= len(runes) || n <= 0 {
		return "", err
	}
	return string(runes[start : start+min(n, len(runes)-start)]), nil
}

func split(s string, a arguments) (any, error) {
	by := a.text(0)
	if strings.Count(s, by) > maxIterations {
		return nil, errTooLong
	}
	parts := strings.Split(s, by)
	if by == " " {
		parts = strings.Fields(s)
	}
	for len(parts) > 0 && parts[len(parts)-1] == "" {
		parts = parts[:len(parts)-1]
	}
	list := make([]any, len(parts))
	for i := range parts {
		list[i] = parts[i]
	}
	return list, nil
}

// urlEncode writes a value so that it is one part of an address, whatever is in
// it (RFC 3986, §2.1); what is encoded or safe already stays.
func urlEncode(v any) any {
	switch v := v.(type) {
	case encoded:
		return v
	case safe:
		return encoded(v)
	}
	const hex = "0123456789ABCDEF"
	var out []byte
	for _, c := range []byte(Clean(textOf(v))) {
		if isLetter(c) || isDigit(c) || c == '-' || c == '_' || c == '.' || c == '~' {
			out = append(out, c)
		} else {
			out = append(out, '%', hex[c>>4], hex[c&15])
		}
	}
	return encoded(out)
}
