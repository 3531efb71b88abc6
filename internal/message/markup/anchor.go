package markup

import (
	"slices"
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
	// target is the address, decoded, in the parser's values.
	target span
	// href is the written value with its quotes; mark and off are the attributes
	// that Telegram does not get, with the space before them.
	href, mark, off span
}

// Target returns the address of a link, decoded; it is good until the next call
// of Parse.
func (p *Parser) Target(a Anchor) []byte { return p.value(a.target) }

// Rewrite goes over what was parsed, without what Telegram does not get: text is
// called with each stretch that stays, and link with each numbered link and its
// address as written, with the quotes.
func (p *Parser) Rewrite(text func([]byte), link func(a Anchor, written []byte)) {
	at := 0
	for _, a := range p.anchors {
		spans := [...]span{a.mark, a.off, a.href}
		slices.SortFunc(spans[:], func(a, b span) int { return a.from - b.from })
		for _, s := range spans {
			if s.empty() {
				continue
			}
			text(p.src[at:s.from])
			at = s.to
			if s != a.href {
				continue
			}
			if a.Number >= 0 {
				link(a, p.src[s.from:s.to])
			} else {
				text(p.src[s.from:s.to])
			}
		}
	}
	text(p.src[at:])
}
