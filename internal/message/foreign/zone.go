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

// address notes the zones of an address from a place up to another one or to one of
// the signs, and returns where it ends.
func (e ends) address(source string, z []zone, from, to int, signs string) int {
	for from < to && strings.IndexByte(signs, source[from]) < 0 {
		size := 0
		if source[from] == '{' {
			size = min(e.liquid(source[from:]), to-from)
		}
		if size == 0 {
			z[from] = inAddress
			from++
		}
		for range size {
			z[from] = hidden
			from++
		}
	}
	return from
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
	known := ends{}
	if place == Machine {
		known.address(source, z, 0, len(source), "")
		return z
	}
	until := 0 // where the code ends
	for i := 0; i < len(source); {
		rest := source[i:]
		here, size := inText, 1
		if i < until {
			here = inCode
		}
		switch c := source[i]; {
		case c == '{':
			if n := known.liquid(rest); n > 0 {
				here, size = hidden, n
			}
		case c == '<' && place == HTML:
			n := tagSize(rest)
			if n == 0 {
				break
			}
			here, size = hidden, n
			if m := codeTag.FindStringSubmatch(rest[:n]); m != nil && i >= until {
				until = i + known.closing(rest, "</"+m[1]+">")
			}
		case c == 'h' && here == inText && bareURL.MatchString(rest):
			i = known.address(source, z, i, len(source), " \t\r\n<>\"*)")
			continue
		}
		for k := range size {
			z[i+k] = here
		}
		if here == hidden {
			if begin := len(linkHref.FindString(rest[:size])); begin > 0 {
				known.address(source, z, i+begin, i+size-1, "")
			}
		}
		i += size
	}
	return z
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
