package markup

import (
	"bytes"
	"cmp"
	"slices"
	"sort"

	"bellman/internal/fault"
)

// maxEntities is how many entities of a message Telegram keeps; it drops the
// rest without a word (reference of the Bot API, "MessageEntity").
const maxEntities = 100

// mostOfOne is how many entities one mark can add: itself, and five styles that
// it splits where it begins and where it ends.
const mostOfOne = 1 + 2*5

// CheckEntities finds fault with a text that Telegram would not show whole.
func (p *Parser) CheckEntities() *fault.Flaw {
	if p.isSmall() {
		return nil
	}
	if n := p.Entities(); n > maxEntities {
		return fault.Flawf(0, "html_entities_too_many",
			"the text has %d formatted pieces and links, Telegram keeps %d; use fewer", n, maxEntities)
	}
	return nil
}

// LimitEntities has Rewrite leave out the last marks of a text with more entities
// than Telegram keeps, which may refuse a text with far too many
// (ENTITIES_TOO_LONG).
func (p *Parser) LimitEntities() {
	if p.isSmall() || p.Entities() <= maxEntities {
		return
	}
	marks := inOrder(p.marks)
	n := sort.Search(len(marks), func(n int) bool { return p.count(marks[:n+1]) > maxEntities })
	for p.count(marks[:n]) > maxEntities { // a mark may take more entities away than it adds
		n--
	}
	for _, m := range marks[n:] {
		p.left = append(p.left, m.start, m.end)
	}
	slices.SortFunc(p.left, func(a, b span) int { return a.from - b.from })
}

// Entities returns how many entities Telegram makes of a text: styles are joined
// where they touch, and split where another mark begins or a link, a quote or
// the like ends (TDLib, MessageEntity.cpp, split_entities).
func (p *Parser) Entities() int { return p.count(inOrder(p.marks)) }

// isSmall tells that the text has too few marks to make too many entities.
func (p *Parser) isSmall() bool { return len(p.marks)*mostOfOne <= maxEntities }

// inOrder returns marks in the order of their entities.
func inOrder(marks []mark) []mark {
	ordered := slices.Clone(marks)
	slices.SortStableFunc(ordered, func(a, b mark) int {
		return cmp.Or(a.shown.from-b.shown.from, b.shown.to-a.shown.to, int(a.kind)-int(b.kind))
	})
	return ordered
}

// run is a stretch of one style.
type run struct {
	kind kind
	span
}

// count returns how many entities marks make, which are in order.
func (p *Parser) count(marks []mark) int {
	end := len(bytes.TrimRight(p.shown, " \n"))
	var runs []run
	var quotes, wholes, plain []span // plain are where there are no styles
	for _, m := range marks {
		s := span{m.shown.from, min(m.shown.to, end)}
		switch {
		case s.from >= s.to:
		case m.kind&styles != 0:
			runs = join(runs, run{m.kind, s})
		case m.kind == quote:
			quotes = appendApart(quotes, s)
		default:
			before := len(wholes)
			wholes = appendApart(wholes, s)
			if len(wholes) > before && m.kind&verbatim != 0 {
				plain = append(plain, s)
			}
		}
	}
	wholes = slices.DeleteFunc(wholes, func(s span) bool { return aroundAny(s, quotes) })
	plain = slices.DeleteFunc(plain, func(s span) bool { return aroundAny(s, quotes) })
	wholes = append(wholes, quotes...)
	return len(wholes) + pieces(runs, cuts(runs, wholes), plain)
}

// join appends a run, or makes the one longer that it touches.
func join(runs []run, r run) []run {
	for i := len(runs) - 1; i >= 0; i-- {
		if last := &runs[i]; last.kind == r.kind {
			if r.from > last.to {
				break
			}
			last.to = max(last.to, r.to)
			return runs
		}
	}
	return append(runs, r)
}

// appendApart appends a span unless it begins within the last one.
func appendApart(spans []span, s span) []span {
	if n := len(spans); n > 0 && s.from < spans[n-1].to {
		return spans
	}
	return append(spans, s)
}

// aroundAny tells that a span is neither within one of the others nor outside it.
func aroundAny(s span, others []span) bool {
	return slices.ContainsFunc(others, func(o span) bool {
		within, outside := s.from >= o.from && s.to <= o.to, s.from >= o.to || s.to <= o.from
		return !within && !outside
	})
}

// cuts returns where styles are split, in order.
func cuts(runs []run, wholes []span) []int {
	var at []int
	for _, r := range runs {
		at = append(at, r.from)
	}
	for _, s := range wholes {
		at = append(at, s.from, s.to)
	}
	slices.Sort(at)
	return slices.Compact(at)
}

// pieces returns how many entities styles make.
func pieces(runs []run, cuts []int, plain []span) (n int) {
	for _, r := range runs {
		for from := r.from; from < r.to; {
			i, _ := slices.BinarySearch(cuts, from+1)
			to := r.to
			if i < len(cuts) {
				to = min(to, cuts[i])
			}
			if !slices.ContainsFunc(plain, func(s span) bool { return s.from <= from && from < s.to }) {
				n++
			}
			from = to
		}
	}
	return n
}
