package markup

import (
	"bytes"
	"strconv"
	"unicode/utf8"

	"bellman/internal/fault"
)

func (p *Parser) startTag() *fault.Flaw {
	at := p.pos
	end := at + 1
	for !IsSpace(p.at(end)) && p.at(end) != '>' {
		end++
	}
	var lowered [longestTag]byte
	name := p.src[at+1 : min(end, at+1+mostOfName)]
	t, known := tags[string(lower(lowered[:0], name))]
	if !known {
		return otherTag(string(lower(nil, name)), at)
	}
	p.pos = end
	open := openTag{tag: t, at: at, start: len(p.shown), written: p.written}
	link := Anchor{Number: -1}
	for p.skipSpace(); p.at(p.pos) != '>'; p.skipSpace() {
		if f := p.attribute(&open, &link); f != nil {
			return f
		}
	}
	p.pos++
	open.source = span{at, p.pos}
	switch t.name {
	case "span":
		if string(p.value(open.value)) != "spoiler" {
			return fault.Flawf(at, "html_span_invalid",
				`<span> is for spoilers alone; write <span class="tg-spoiler">, or take it out`)
		}
	case "a":
		link.target = p.trimmed(open.value)
		link.blank = link.target != open.value
		open.value = link.target
		p.anchors = append(p.anchors, link)
	}
	p.open = append(p.open, open)
	return nil
}

func unclosedTag(t *tag, at int) *fault.Flaw {
	return fault.Flawf(at, "html_tag_incomplete", `the tag <%s has no ">" at its end`, t.name)
}

func (p *Parser) value(s span) []byte { return p.values[s.from:s.to] }

func (p *Parser) skipSpace() {
	for p.at(p.pos) != 0 && IsSpace(p.at(p.pos)) {
		p.pos++
	}
}

// attribute reads one attribute of a start tag.
func (p *Parser) attribute(t *openTag, link *Anchor) *fault.Flaw {
	if p.at(p.pos) == 0 {
		return unclosedTag(t.tag, t.at)
	}
	start := p.pos
	for c := p.at(p.pos); !IsSpace(c) && c != '=' && c != '>' && c != '/' && c != '"' && c != '\''; c = p.at(p.pos) {
		p.pos++
	}
	name, end := p.src[start:p.pos], p.pos
	if len(name) == 0 {
		return fault.Flawf(start, "html_attribute_invalid", `the tag <%s has a "%s" where an attribute should be; take it out`,
			t.name, fault.Snippet(p.src[start:start+1]))
	}
	p.skipSpace()
	var value, written span
	if p.at(p.pos) == '=' {
		p.pos++
		p.skipSpace()
		written.from = p.pos
		var f *fault.Flaw
		if value, f = p.attributeValue(); f != nil {
			return f
		}
		written.to, end = p.pos, p.pos
	}
	if p.at(p.pos) == 0 {
		return unclosedTag(t.tag, t.at)
	}
	p.set(t, link, span{start, end}, name, value, written)
	return nil
}

func (p *Parser) attributeValue() (value span, f *fault.Flaw) {
	value.from = len(p.values)
	quote := p.at(p.pos)
	if quote != '"' && quote != '\'' {
		f = p.bareValue()
	} else {
		p.quotedValue(quote)
	}
	value.to = len(p.values)
	return value, f
}

func (p *Parser) quotedValue(quote byte) {
	for p.pos++; p.at(p.pos) != quote && p.at(p.pos) != 0; {
		r, end := rune(0), 0
		if p.src[p.pos] == '&' {
			r, end = reference(p.src, p.pos)
		}
		switch {
		case r == 0:
			p.values = append(p.values, p.src[p.pos])
			p.pos++
			continue
		case isHalf(r):
			p.noteHalf(p.pos)
		default:
			p.values = utf8.AppendRune(p.values, r)
		}
		p.pos = end
	}
	if p.at(p.pos) == quote {
		p.pos++
	}
}

// bareValue reads a value without quotes, which is of letters, digits, periods
// and hyphens.
func (p *Parser) bareValue() *fault.Flaw {
	start := p.pos
	for c := p.at(p.pos); isAlnum(c) || c == '.' || c == '-'; c = p.at(p.pos) {
		p.pos++
	}
	if c := p.at(p.pos); !IsSpace(c) && c != '>' {
		return fault.Flawf(start, "html_attribute_invalid", `put the value of an attribute in quotes: "…"`)
	}
	p.values = lower(p.values, p.src[start:p.pos])
	return nil
}

// set keeps what an attribute says, if it means something for its tag.
func (p *Parser) set(t *openTag, link *Anchor, whole span, name []byte, value, written span) {
	if t.name == "a" {
		whole = p.withSpace(whole)
		switch string(name) {
		case NumberAttribute:
			link.Number, _ = strconv.Atoi(string(p.value(value)))
			link.mark = whole
			return
		case TrackAttribute:
			link.off = whole
			return
		case t.attribute:
			link.href = written
		}
	}
	if t.kind == moment && string(name) == "format" {
		t.format = value
	}
	if string(name) == t.attribute && bytes.HasPrefix(p.value(value), []byte(t.prefix)) {
		t.value = span{value.from + len(t.prefix), value.to}
	}
}

// withSpace returns an attribute with the space before it, unless it is all that
// divides what stands around it.
func (p *Parser) withSpace(whole span) span {
	if next := p.at(whole.to); !IsSpace(next) && next != '>' {
		return whole
	}
	for IsSpace(p.src[whole.from-1]) {
		whole.from--
	}
	return whole
}
