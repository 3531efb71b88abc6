package markup

import (
	"math"
	"unicode/utf8"

	"bellman/internal/fault"
)

// Parser reads Telegram's HTML by the rules of Telegram's own parser (TDLib,
// MessageEntity.cpp, parse_html). It is meant for reuse: its buffers stay. The
// zero value is ready.
type Parser struct {
	// Strict refuses also what Telegram takes, but not as its author meant it:
	// links and other marks that it drops, names of characters that it shows as
	// they are written, more entities than it keeps.
	Strict bool
	// CheckAddress says what is wrong with the address of a link; a strict parser
	// asks it.
	CheckAddress func(address string) (reason string)

	src []byte
	pos int

	shown   []byte // the text as people see it, not yet trimmed
	written int    // bytes of text so far, those that people will not see included
	first   int    // where in shown the first entity begins
	open    []openTag
	marks   []mark // closed, the inner before the outer
	marked  kind   // the kinds of these
	values  []byte // the values of attributes, decoded
	anchors []Anchor
	left    []span // the tags that Rewrite leaves out
	half    int    // where the first half of a surrogate pair is named, plus one

	// all has the parser read past flaws; forgiven are tags whose ends are no flaws
	// any more.
	all      bool
	flaws    []*fault.Flaw
	forgiven []string
}

// openTag is a start tag whose end tag has not come yet.
type openTag struct {
	*tag
	at      int  // of the tag in src
	start   int  // in shown
	written int  // the parser's, after the tag
	value   span // of its attribute, in values
	format  span // of a time, in values
	source  span // the tag in src
}

// span is a stretch of bytes.
type span struct{ from, to int }

func (s span) empty() bool { return s.from == s.to }

// Parse reads src to its end, or to the first flaw. It keeps src until the next
// call.
func (p *Parser) Parse(src []byte) *fault.Flaw {
	*p = Parser{
		Strict: p.Strict, CheckAddress: p.CheckAddress, src: src, first: math.MaxInt,
		shown: p.shown[:0], open: p.open[:0], marks: p.marks[:0], values: p.values[:0], anchors: p.anchors[:0], left: p.left[:0],
		all: p.all, flaws: p.flaws,
	}
	for p.pos < len(p.src) {
		at := p.pos
		var f *fault.Flaw
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
		switch {
		case f == nil:
		case p.all && len(p.flaws) < maxFlaws:
			p.recover(at, f)
		default:
			return f
		}
	}
	return p.finish()
}

func (p *Parser) finish() *fault.Flaw {
	if n := len(p.open); n > 0 {
		t := p.open[n-1]
		return fault.Flawf(t.at, "html_tag_unclosed", "<%s> is never closed; write </%s> where it ends", t.name, t.name)
	}
	if p.half > 0 {
		return fault.Flawf(p.half-1, "html_reference_invalid", "this number is half of a character; write the character itself")
	}
	if p.Strict {
		return p.CheckEntities()
	}
	return nil
}

// Text returns the text as Telegram shows it; it is good until the next call of
// Parse.
func (p *Parser) Text() []byte { return trimShown(p.shown, p.first) }

// at returns the byte at i, and 0 past the end.
func (p *Parser) at(i int) byte {
	if i < len(p.src) {
		return p.src[i]
	}
	return 0
}

// IsSpace tells what ends a name; the end of the text, 0, does.
func IsSpace(c byte) bool {
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
func (p *Parser) plain() {
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

func (p *Parser) write(text []byte, simple bool) {
	p.written += len(text)
	if simple {
		p.shown = append(p.shown, text...)
		return
	}
	p.shown = appendShown(p.shown, text)
}

func (p *Parser) ampersand() *fault.Flaw {
	at := p.pos
	r, end := reference(p.src, at)
	if r == 0 {
		if p.Strict {
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

func (p *Parser) noteHalf(at int) {
	if p.half == 0 {
		p.half = at + 1
	}
}
