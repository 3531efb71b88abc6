package markup

import (
	"bytes"
	"slices"
	"strings"
	"unicode"
)

// Attributes of links that are Bellman's.
const (
	// TrackAttribute, with the value "off", leaves a link as it is.
	TrackAttribute = "data-track"
	// NumberAttribute carries the number of a link to the [Anchor]. It is a
	// character that neither an author nor a value can bring in.
	NumberAttribute = "\x01"
)

// Anchor is the start tag of a link, as far as it is rewritten for sending.
type Anchor struct {
	// Number is the link's, -1 for one that has none.
	Number int
	// target is the address, decoded and without the blanks around it, in the
	// parser's values; blank tells that there are some.
	target span
	blank  bool
	// href is the written value with its quotes; mark and off are the attributes
	// that Telegram does not get, with the space before them.
	href, mark, off span
}

// TrimAddress returns an address without the blanks around it, those included
// that nobody sees. Telegram takes an address with a blank before it for none.
func TrimAddress(address string) string { return strings.TrimFunc(address, isAround) }

// isAround tells that a character is a blank, or shows nothing.
func isAround(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || r == 0xfeff || r >= 0x200b && r <= 0x200f || r >= 0x2060 && r <= 0x2064
}

// trimmed returns the address in a value without the blanks around it, unless
// there is nothing else.
func (p *Parser) trimmed(value span) span {
	text := p.value(value)
	left := bytes.TrimLeftFunc(text, isAround)
	if len(left) == 0 {
		return value
	}
	from := value.from + len(text) - len(left)
	return span{from, from + len(bytes.TrimRightFunc(left, isAround))}
}

// Target returns the address of a link, decoded; it is good until the next call
// of Parse.
func (p *Parser) Target(a Anchor) []byte { return p.value(a.target) }

// Rewrite goes over what was parsed, without what Telegram does not get: text is
// called with each stretch that stays, and link with each numbered link and its
// address as written, with the quotes. Blanks around an address are left out, and
// so are tags that [Parser.LimitEntities] told.
func (p *Parser) Rewrite(text func([]byte), link func(a Anchor, written []byte)) {
	at, left := 0, p.left
	upTo := func(to int) {
		for ; len(left) > 0 && left[0].from < to; left = left[1:] {
			if at < left[0].from {
				text(p.src[at:left[0].from])
			}
			at = max(at, left[0].to)
		}
		if at < to {
			text(p.src[at:to])
			at = to
		}
	}
	for _, a := range p.anchors {
		spans := [...]span{a.mark, a.off, a.href}
		slices.SortFunc(spans[:], func(a, b span) int { return a.from - b.from })
		for _, s := range spans {
			if s.empty() {
				continue
			}
			if upTo(s.from); at > s.from {
				continue // its tag is left out
			}
			at = s.to
			if s != a.href {
				continue
			}
			written := p.src[s.from:s.to]
			if a.blank {
				written = append(AppendEscaped([]byte{'"'}, p.Target(a)), '"')
			}
			if a.Number >= 0 {
				link(a, written)
			} else {
				text(written)
			}
		}
	}
	upTo(len(p.src))
}
