package markup

import (
	"bytes"
	"slices"

	"bellman/internal/fault"
)

// maxFlaws is how many flaws are found in a text.
const maxFlaws = 50

// ParseAll reads src as Parse does, but past every flaw, and returns all of them,
// up to about 50. What is read of a text with flaws is only good for finding more.
func (p *Parser) ParseAll(src []byte) []*fault.Flaw {
	p.all = true
	defer func() { p.all = false }()
	p.flaws, p.forgiven = nil, nil
	if f := p.Parse(src); f != nil {
		p.flaws = append(p.flaws, f)
	}
	return p.flaws
}

// recover goes on after a flaw in what begins at a place, unless that place has
// only to do with an earlier one.
func (p *Parser) recover(at int, f *fault.Flaw) {
	switch f.Code {
	case "html_less_than", "html_reference_unknown":
		p.write(p.src[at:at+1], true)
		p.pos = at + 1
	case "html_tag_unknown", "html_span_invalid", "html_attribute_invalid":
		p.forgiven = append(p.forgiven, p.nameAt(at+1))
		p.skipTag(at)
	case "html_end_tag_unexpected", "html_end_tag_unmatched":
		p.skipTag(at)
		if p.forgive(p.nameAt(at + 2)) {
			return
		}
		p.closeAs(p.nameAt(at + 2))
	case "html_tag_incomplete":
		p.pos = len(p.src)
		p.open = p.open[:0]
	}
	p.flaws = append(p.flaws, f)
}

// nameAt returns the name of a tag.
func (p *Parser) nameAt(from int) string {
	end := from
	for !IsSpace(p.at(end)) && p.at(end) != '>' && end < from+mostOfName {
		end++
	}
	return string(lower(nil, p.src[min(from, len(p.src)):min(end, len(p.src))]))
}

// skipTag goes to the end of a tag.
func (p *Parser) skipTag(at int) {
	if p.pos > at && p.src[p.pos-1] == '>' {
		return
	}
	p.pos = max(p.pos, at+1)
	if i := bytes.IndexByte(p.src[p.pos:], '>'); i >= 0 {
		p.pos += i + 1
	} else {
		p.pos = len(p.src)
	}
}

// forgive tells that an end tag is of a tag that was refused.
func (p *Parser) forgive(name string) bool {
	i := slices.Index(p.forgiven, name)
	if i >= 0 {
		p.forgiven = slices.Delete(p.forgiven, i, i+1)
	}
	return i >= 0
}

// closeAs closes the tag of this name and those in it, or else the innermost one,
// which was meant.
func (p *Parser) closeAs(name string) {
	for i, t := range slices.Backward(p.open) {
		if t.name != name {
			continue
		}
		for _, inner := range p.open[i+1:] {
			p.forgiven = append(p.forgiven, inner.name)
		}
		p.open = p.open[:i]
		return
	}
	p.open = p.open[:max(0, len(p.open)-1)]
}
