package foreign

import (
	"regexp"
	"strings"
)

// Place is the kind of field that a source is.
type Place byte

// The kinds of fields.
const (
	// HTML is a text in Telegram's HTML.
	HTML Place = iota
	// Plain is a text without marks, such as that of a button.
	Plain
	// Machine is an address, or what else no person reads.
	Machine
)

// zone is what a byte of a source belongs to.
type zone byte

const (
	inText    zone = iota
	inCode         // <code> or <pre>: words of other systems may be what is shown
	inAddress      // of a link, or one that stands in the text
	hidden         // Liquid and tags
)

// Pieces of a source, by what they are. A comment of HTML is text, because the
// directives of e-mails stand in some.
var (
	verbatim = regexp.MustCompile(`^\{%-?[ \t\n]*(raw|comment)[ \t\n]*-?%\}`)
	codeTag  = regexp.MustCompile(`^<(code|pre)\b`)
	linkHref = regexp.MustCompile(`^<[aA]\s+href\s*=\s*["']?`)
	bareURL  = regexp.MustCompile(`^https?://`)
)

// ends knows what no longer comes in a source, so that nothing is looked for
// twice to the end.
type ends map[string]bool

// liquid returns how long the piece of Liquid is that a text begins with; zero when
// it begins with none. Texts come in the order of their places.
func (e ends) liquid(text string) int {
	if m := verbatim.FindStringSubmatch(text); m != nil {
		size := e.closing(text, "end"+m[1])
		if size == 0 {
			return len(text)
		}
		return size + e.closing(text[size:], "%}")
	}
	switch {
	case strings.HasPrefix(text, "{{"):
		return e.closing(text, "}}")
	case strings.HasPrefix(text, "{%"):
		return e.closing(text, "%}")
	}
	return 0
}

// closing returns how long a text is up to the first end in it, with it; zero for
// none.
func (e ends) closing(text, end string) int {
	if e[end] {
		return 0
	}
	i := strings.Index(text, end)
	if i < 0 {
		e[end] = true
		return 0
	}
	return i + len(end)
}

// address returns how long the address is that a text begins with.
func (e ends) address(text string) int {
	i := 0
	for i < len(text) && !strings.ContainsRune(" \t\r\n<>\"*)", rune(text[i])) {
		size := 0
		if text[i] == '{' {
			size = e.liquid(text[i:])
		}
		i += max(size, 1)
	}
	return i
}

// longestTag is how long a tag of HTML may be, in bytes.
const longestTag = 4096

// tagSize returns how long the tag is that a text begins with; zero when it begins
// with none.
func tagSize(text string) int {
	name := strings.TrimPrefix(text[1:], "/")
	if name == "" || name[0]|0x20 < 'a' || name[0]|0x20 > 'z' {
		return 0
	}
	for i := 1; i < min(len(text), longestTag); i++ {
		switch c := text[i]; c {
		case '>':
			return i + 1
		case '<':
			return 0
		case '"', '\'':
			size := strings.IndexByte(text[i+1:min(len(text), longestTag)], c)
			if size < 0 {
				return 0
			}
			i += size + 1
		}
	}
	return 0
}

// zonesOf returns the zone of each byte of a source.
func zonesOf(source string, place Place) []zone {
	z := make([]zone, len(source))
	fill := func(from, to int, as zone) {
		for i := from; i < to; i++ {
			z[i] = as
		}
	}
	around := inText
	if place == Machine {
		around = inAddress
	}
	known := ends{}
	until := 0 // where the code ends
	for i := 0; i < len(source); {
		here := around
		if i < until {
			here = inCode
		}
		rest, size := source[i:], 1
		switch c := source[i]; {
		case c == '{':
			if n := known.liquid(rest); n > 0 {
				size, here = n, hidden
			}
		case c == '<' && place == HTML:
			n := tagSize(rest)
			if n == 0 {
				break
			}
			size, here = n, hidden
			if m := codeTag.FindStringSubmatch(rest[:n]); m != nil && i >= until {
				if end := known.closing(rest, "</"+m[1]+">"); end > 0 {
					until = i + end
				}
			}
		case c == 'h' && here == inText:
			if bareURL.MatchString(rest) {
				size, here = known.address(rest), inAddress
			}
		}
		fill(i, i+size, here)
		if here == inAddress && size > 1 {
			mask(source, z, i, i+size)
		}
		if here == hidden {
			if begin := len(linkHref.FindString(rest[:size])); begin > 0 {
				fill(i+begin, i+size-1, inAddress)
			}
			mask(source, z, i, i+size)
		}
		i += size
	}
	return z
}

// mask hides the Liquid in an address again.
func mask(source string, z []zone, from, to int) {
	known := ends{}
	for i := from; i < to; i++ {
		if z[i] != inAddress || source[i] != '{' {
			continue
		}
		n := min(known.liquid(source[i:]), to-i)
		for k := range n {
			z[i+k] = hidden
		}
		i += max(n-1, 0)
	}
}

// view returns a source in which only the shown zones can be read; what is hidden
// is as long, and a letter of no word.
func view(source string, z []zone, shown ...zone) string {
	out := []byte(source)
	for i := range out {
		visible := false
		for _, s := range shown {
			visible = visible || z[i] == s
		}
		if !visible {
			out[i] = veil
		}
	}
	return string(out)
}

const veil = 1
