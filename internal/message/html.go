package message

import (
	"math"
	"strconv"
	"unicode/utf8"
)

// htmlParser reads Telegram's HTML by the rules of Telegram's own parser
// (TDLib, MessageEntity.cpp, parse_html). It is meant for reuse: its buffers
// stay.
type htmlParser struct {
	src []byte
	pos int
	// strict refuses also what Telegram takes, but not as its author meant it:
	// links that it drops, names of characters that it shows as they are
	// written, more entities than it keeps.
	strict bool

	shown    []byte // the text as people see it, not yet trimmed
	written  int    // bytes of text so far, those that people will not see included
	entities int
	first    int // where in shown the first entity begins
	open     []openTag
	values   []byte // the values of attributes, decoded
	anchors  []anchor
	half     int // where the first half of a surrogate pair is named, plus one
}

// openTag is a start tag whose end tag has not come yet.
type openTag struct {
	*tag
	at      int  // of the tag in src
	start   int  // in shown
	written int  // the parser's, after the tag
	value   span // of its attribute, in values
	has     bool // that attribute
}

// anchor is the start tag of a link, as far as it is rewritten for sending.
type anchor struct {
	// number is the link's, -1 when its clicks are not counted.
	number int
	// target is the address, decoded, in the parser's values.
	target span
	// href is the written value with its quotes; mark and off are the attributes
	// that Telegram does not get, with the space before them.
	href, mark, off span
}

// span is a stretch of bytes.
type span struct{ from, to int }

func (s span) empty() bool { return s.from == s.to }

// maxEntities is how many entities of a message Telegram keeps; it drops the
// rest without a word (reference of the Bot API, "MessageEntity").
const maxEntities = 100

// Attributes of links that are Bellman's.
const (
	// trackAttribute, with the value "off", leaves a link as it is.
	trackAttribute = "data-track"
	// markAttribute carries the number of a link through Liquid. It is a
	// character that neither an author nor a value can bring in.
	markAttribute = "\x01"
)

// parse reads src to its end, or to the first flaw.
func (p *htmlParser) parse(src []byte) *flaw {
	*p = htmlParser{
		src: src, strict: p.strict, first: math.MaxInt,
		shown: p.shown[:0], open: p.open[:0], values: p.values[:0], anchors: p.anchors[:0],
	}
	for p.pos < len(p.src) {
		var f *flaw
		switch {
		case p.src[p.pos] == '&':
			f = p.ampersand()
		case p.src[p.pos] != '<':
			p.plain()
		case p.at(p.pos+1) == '/':
			f = p.endTag()
		default:
			f = p.startTag()
		}
		if f != nil {
			return f
		}
	}
	return p.finish()
}

func (p *htmlParser) finish() *flaw {
	if n := len(p.open); n > 0 {
		t := p.open[n-1]
		return flawAt(t.at, "html_tag_unclosed", "<%s> is never closed; write </%s> where it ends", t.name, t.name)
	}
	if p.half > 0 {
		return flawAt(p.half-1, "html_reference_invalid", "this number is half of a character; write the character itself")
	}
	if p.strict {
		return p.checkEntities()
	}
	return nil
}

// checkEntities finds fault with a text that Telegram would not show whole.
func (p *htmlParser) checkEntities() *flaw {
	if p.entities > maxEntities {
		return flawAt(0, "html_entities_too_many",
			"the text has %d formatted pieces and links, Telegram keeps %d; use fewer", p.entities, maxEntities)
	}
	return nil
}

// text returns the text as Telegram shows it.
func (p *htmlParser) text() []byte { return trimShown(p.shown, p.first) }

// at returns the byte at i, and 0 past the end.
func (p *htmlParser) at(i int) byte {
	if i < len(p.src) {
		return p.src[i]
	}
	return 0
}

// isSpace tells what ends a name; the end of the text does.
func isSpace(c byte) bool {
	return c == ' ' || c >= '\t' && c <= '\r' && c != '\f' || c == 0
}

// Classes of bytes in a text.
const (
	htmlSimple byte = iota // shown as they are
	htmlMarkup             // begin a tag or a reference
	htmlOther              // may be shown otherwise: see [appendShown]
)

var htmlClasses = func() (classes [256]byte) {
	for c := range ' ' {
		classes[c] = htmlOther
	}
	classes['\n'] = htmlSimple
	classes[0xe2], classes[0xcc] = htmlOther, htmlOther
	classes['<'], classes['&'] = htmlMarkup, htmlMarkup
	return classes
}()

// plain reads text up to the next tag or reference.
func (p *htmlParser) plain() {
	end := p.pos
	simple := true
	for ; end < len(p.src); end++ {
		class := htmlClasses[p.src[end]]
		if class == htmlMarkup {
			break
		}
		simple = simple && class == htmlSimple
	}
	p.write(p.src[p.pos:end], simple)
	p.pos = end
}

func (p *htmlParser) write(text []byte, simple bool) {
	p.written += len(text)
	if simple {
		p.shown = append(p.shown, text...)
		return
	}
	p.shown = appendShown(p.shown, text)
}

func (p *htmlParser) ampersand() *flaw {
	at := p.pos
	r, end := reference(p.src, at)
	if r == 0 {
		if p.strict {
			if f := otherReference(p.src, at); f != nil {
				return f
			}
		}
		p.write(p.src[at:at+1], true)
		p.pos++
		return nil
	}
	p.pos = end
	if isHalf(r) {
		p.noteHalf(at)
		p.written++
		return nil
	}
	var encoded [utf8.UTFMax]byte
	p.write(encoded[:utf8.EncodeRune(encoded[:], r)], false)
	return nil
}

func (p *htmlParser) noteHalf(at int) {
	if p.half == 0 {
		p.half = at + 1
	}
}

func (p *htmlParser) startTag() *flaw {
	at := p.pos
	end := at + 1
	for !isSpace(p.at(end)) && p.at(end) != '>' {
		end++
	}
	var lowered [longestTag]byte
	t, known := tags[string(lower(lowered[:0], p.src[at+1:end]))]
	switch {
	case !known:
		return otherTag(string(lower(nil, p.src[at+1:end])), at)
	case p.at(end) == 0:
		return unclosedTag(t, at)
	}
	p.pos = end
	open := openTag{tag: t, at: at, start: len(p.shown), written: p.written}
	link := anchor{number: -1}
	for p.skipSpace(); p.at(p.pos) != '>'; p.skipSpace() {
		if f := p.attribute(&open, &link); f != nil {
			return f
		}
	}
	p.pos++
	switch t.name {
	case "span":
		if string(p.value(open.value)) != "spoiler" {
			return flawAt(at, "html_span_invalid",
				`<span> is for spoilers alone; write <span class="tg-spoiler">, or take it out`)
		}
	case "a":
		link.target = open.value
		p.anchors = append(p.anchors, link)
	}
	p.open = append(p.open, open)
	return nil
}

func unclosedTag(t *tag, at int) *flaw {
	return flawAt(at, "html_tag_incomplete", `the tag <%s has no ">" at its end`, t.name)
}

func (p *htmlParser) value(s span) []byte { return p.values[s.from:s.to] }

func (p *htmlParser) skipSpace() {
	for p.at(p.pos) != 0 && isSpace(p.at(p.pos)) {
		p.pos++
	}
}

// attribute reads one attribute of a start tag.
func (p *htmlParser) attribute(t *openTag, link *anchor) *flaw {
	if p.at(p.pos) == 0 {
		return unclosedTag(t.tag, t.at)
	}
	start := p.pos
	for c := p.at(p.pos); !isSpace(c) && c != '=' && c != '>' && c != '/' && c != '"' && c != '\''; c = p.at(p.pos) {
		p.pos++
	}
	name := p.src[start:p.pos]
	if len(name) == 0 {
		return flawAt(start, "html_attribute_invalid", `the tag <%s has a "%s" where an attribute should be; take it out`,
			t.name, snippet(p.src[start:start+1]))
	}
	p.skipSpace()
	var value, written span
	if p.at(p.pos) == '=' {
		p.pos++
		p.skipSpace()
		written.from = p.pos
		var f *flaw
		if value, f = p.attributeValue(); f != nil {
			return f
		}
		written.to = p.pos
	}
	if p.at(p.pos) == 0 {
		return unclosedTag(t.tag, t.at)
	}
	p.set(t, link, span{start, p.pos}, name, value, written)
	return nil
}

func (p *htmlParser) attributeValue() (value span, f *flaw) {
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

func (p *htmlParser) quotedValue(quote byte) {
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
func (p *htmlParser) bareValue() *flaw {
	start := p.pos
	for c := p.at(p.pos); isAlnum(c) || c == '.' || c == '-'; c = p.at(p.pos) {
		p.pos++
	}
	if c := p.at(p.pos); !isSpace(c) && c != '>' {
		return flawAt(start, "html_attribute_invalid", `put the value of an attribute in quotes: "…"`)
	}
	p.values = lower(p.values, p.src[start:p.pos])
	return nil
}

// set keeps what an attribute says, if it means something for its tag.
func (p *htmlParser) set(t *openTag, link *anchor, whole span, name []byte, value, written span) {
	if t.name == "a" {
		for isSpace(p.src[whole.from-1]) {
			whole.from--
		}
		switch string(name) {
		case markAttribute:
			link.number, _ = strconv.Atoi(string(p.value(value)))
			link.mark = whole
			return
		case trackAttribute:
			link.off = whole
			return
		case t.attribute:
			link.href = written
		}
	}
	if string(name) != t.attribute {
		return
	}
	if n := len(t.prefix); n > 0 {
		if v := p.value(value); len(v) < n || string(v[:n]) != t.prefix {
			return
		}
		value.from += n
	}
	t.value, t.has = value, true
}

func (p *htmlParser) endTag() *flaw {
	at := p.pos
	end := at + 2
	for !isSpace(p.at(end)) && p.at(end) != '>' {
		end++
	}
	var lowered [longestTag]byte
	name := lower(lowered[:0], p.src[at+2:end])
	if len(p.open) == 0 {
		return flawAt(at, "html_end_tag_unexpected", "</%s> closes nothing; take it out", snippet(name))
	}
	p.pos = end
	p.skipSpace()
	if p.at(p.pos) != '>' {
		return flawAt(at, "html_tag_incomplete", `the tag </%s has no ">" at its end`, snippet(name))
	}
	p.pos++
	t := p.open[len(p.open)-1]
	if len(name) > 0 && string(name) != t.name {
		return flawAt(at, "html_end_tag_unmatched", "</%s> stands where </%s> should: tags close in the reverse order",
			snippet(name), t.name)
	}
	p.open = p.open[:len(p.open)-1]
	if p.written == t.written {
		return nil
	}
	return p.close(t)
}

// close makes the entity of a tag that has text in it.
func (p *htmlParser) close(t openTag) *flaw {
	value := p.value(t.value)
	switch t.name {
	case "a":
		if f := p.checkLink(t, value); f != nil {
			return f
		}
	case "tg-emoji":
		if id, err := strconv.ParseInt(string(value), 10, 64); err != nil || id == 0 {
			return flawAt(t.at, "html_emoji_invalid", `<tg-emoji> needs the number of an emoji: emoji-id="…"`)
		}
	case "tg-time":
		if _, err := strconv.ParseInt(string(value), 10, 32); err != nil {
			return flawAt(t.at, "html_time_invalid", `<tg-time> needs a Unix time in seconds: unix="…"`)
		}
	}
	if len(p.shown) > t.start {
		p.entities++
		p.first = min(p.first, t.start)
	}
	return nil
}

// checkLink refuses a link whose address Telegram would drop.
func (p *htmlParser) checkLink(t openTag, address []byte) *flaw {
	if !p.strict {
		return nil
	}
	if len(address) == 0 {
		address = p.shown[t.start:]
	}
	if _, reason := parseAddress(string(address)); reason != "" {
		return flawAt(t.at, "link_invalid", "%s", reason)
	}
	return nil
}

// lower appends text with its ASCII letters lowered.
func lower(dst, text []byte) []byte {
	for _, c := range text {
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		dst = append(dst, c)
	}
	return dst
}
