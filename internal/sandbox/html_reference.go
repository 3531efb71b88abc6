package sandbox

import "unicode/utf8"

// reference decodes the character reference at the current position into dst. It returns false, and moves nothing,
// when the ampersand is an ordinary character.
func (p *htmlParser) reference(dst *[]byte) bool {
	r, end := p.referenceAt(p.pos)
	if r == 0 {
		return false
	}
	if p.at(end) == ';' {
		end++
	}
	p.pos = end
	if dst == &p.text {
		p.units++
		if r > 0xffff {
			p.units++
		}
	}
	if r >= 0xd800 && r <= 0xdfff {
		// No text can contain it. Telegram reports that at the end, after every other fault.
		p.halves = true
		return true
	}
	*dst = utf8.AppendRune(*dst, r)
	return true
}

// longestReference is the length from which a numeric reference is ordinary text, "&#" included.
const longestReference = 10

func (p *htmlParser) referenceAt(i int) (r rune, end int) {
	end = i + 1
	if p.at(end) == '#' {
		return p.numericReference(i)
	}
	for c := p.at(end) | 0x20; c >= 'a' && c <= 'z'; c = p.at(end) | 0x20 {
		end++
	}
	switch string(p.src[i+1 : end]) {
	case "lt":
		return '<', end
	case "gt":
		return '>', end
	case "amp":
		return '&', end
	case "quot":
		return '"', end
	}
	return 0, end
}

func (p *htmlParser) numericReference(i int) (r rune, end int) {
	end = i + 2
	base, limit := rune(10), 10
	if p.at(end) == 'x' {
		base, limit = 16, 16
		end++
	}
	for d := hexDigit(p.at(end)); d >= 0 && d < limit && end-i < longestReference; d = hexDigit(p.at(end)) {
		r = r*base + rune(d)
		end++
	}
	if r >= utf8.MaxRune || end-i >= longestReference {
		return 0, end
	}
	return r, end
}
