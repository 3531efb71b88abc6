package foreign

import (
	"regexp"
	"strings"
)

// block is what stands between a directive and its #end.
type block struct {
	// tag is what it is in Liquid: if or for.
	tag string
	// local is the variable of a loop; shadowed and was are what it hides.
	local         string
	shadowed, was bool
	// loops is how many loops it stands in, itself among them.
	loops int
	// reason says why it cannot be translated.
	reason string
}

func (b *block) fail(reason string) {
	if b.reason == "" {
		b.reason = reason
	}
}

// The limits of Liquid in messages.
const (
	maxBlocks = 8
	maxLoops  = 2
)

var (
	opening = regexp.MustCompile(`^#\{?(if|elseif|foreach|set|macro|parse|include|define|evaluate)\}?[ \t]*\(`)
	closing = regexp.MustCompile(`^#(?:(else|end|break|stop)(?:[^A-Za-z_(]|$)|\{(else|end|break|stop)\})`)
	eachOf  = regexp.MustCompile(`^\s*\$!?\{?([A-Za-z_][A-Za-z0-9_]*)\}?\s+in\s+(?s:(.*))$`)
	making  = regexp.MustCompile(`^\s*\$!?\{?([A-Za-z_][A-Za-z0-9_]*)\}?\s*=\s*(?s:(.*))$`)
	isWhole = regexp.MustCompile(`^-?[0-9]{1,9}$`)
	span    = regexp.MustCompile(`^\s*\[\s*(\S+?)\s*\.\.\s*(\S+?)\s*\]\s*$`)
)

// directive reads a directive.
func (s *scanner) directive(at int) *piece {
	if strings.HasSuffix(s.view[:at], "#") {
		return nil
	}
	if m := opening.FindStringSubmatch(s.view[at:]); m != nil {
		inside, end, ok := s.parenthesis(at + len(m[0]) - 1)
		if !ok {
			return nil
		}
		p := s.piece(at, end-at)
		p.certain = s.zones[at] == inText && (strings.Contains(inside, "$") || m[1] == "foreach")
		if !p.certain && len(s.blocks) == 0 && m[1] != "if" && m[1] != "set" {
			return nil // a hashtag, and what its author adds to it
		}
		s.velocity = s.velocity || p.certain
		s.open(p, m[1], inside)
		return p
	}
	if m := closing.FindStringSubmatch(s.view[at:]); m != nil && len(s.blocks) > 0 {
		name, size := m[1], len("#"+m[1])
		if name == "" {
			name, size = m[2], len(m[0])
		}
		p := s.piece(at, size)
		p.certain = s.zones[at] == inText && s.velocity
		s.close(p, name)
		return p
	}
	return nil
}

// parenthesis returns what is in the parenthesis that begins at a place, and where
// it ends.
func (s *scanner) parenthesis(at int) (inside string, end int, ok bool) {
	depth := 0
	for i := at; i < min(len(s.view), at+maxParenthesis); i++ {
		switch c := s.view[i]; c {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return s.view[at+1 : i], i + 1, true
			}
		case '\'', '"':
			closing := strings.IndexByte(s.view[i+1:], c)
			if closing < 0 {
				return "", 0, false
			}
			i += closing + 1
		case veil:
			return "", 0, false
		}
	}
	return "", 0, false
}

// open reads a directive with a parenthesis.
func (s *scanner) open(p *piece, name, inside string) {
	switch name {
	case "if":
		b := s.begin(p, "if")
		s.condition(p, b, "if", inside)
	case "foreach":
		s.loop(p, inside)
	case "elseif":
		if b := s.innermost(p); b != nil {
			p.block = b
			s.condition(p, b, "elsif", inside)
		}
	case "set":
		s.assign(p, inside)
	default:
		p.Reason = "Liquid in messages has no #" + name + "; write out what it stands for"
	}
}

// begin opens a block.
func (s *scanner) begin(p *piece, tag string) *block {
	b := &block{tag: tag}
	p.block = b
	b.loops = s.loops()
	if tag == "for" {
		b.loops++
	}
	if len(s.blocks) >= maxBlocks || b.loops > maxLoops {
		b.fail("too many blocks stand in one another; make it simpler")
	}
	s.blocks = append(s.blocks, b)
	return b
}

// loops returns how many loops are open.
func (s *scanner) loops() int {
	if len(s.blocks) == 0 {
		return 0
	}
	return s.blocks[len(s.blocks)-1].loops
}

// innermost returns the block that is open.
func (s *scanner) innermost(p *piece) *block {
	if len(s.blocks) == 0 {
		p.Reason = "it belongs to no block here; take it out"
		return nil
	}
	return s.blocks[len(s.blocks)-1]
}

func (s *scanner) condition(p *piece, b *block, tag, inside string) {
	v := s.expression(inside)
	if v.reason != "" {
		b.fail(v.reason)
		return
	}
	if tag == "elsif" && b.tag != "if" {
		b.fail("#elseif stands where #end should")
	}
	p.Means = "{% " + tag + " " + v.text + " %}"
}

func (s *scanner) loop(p *piece, inside string) {
	b := s.begin(p, "for")
	m := eachOf.FindStringSubmatch(inside)
	if m == nil {
		b.fail("a loop reads #foreach($item in $data.get('items'))")
		return
	}
	var list value
	if ends := span.FindStringSubmatch(m[2]); ends != nil {
		list = s.rangeOf(ends[1], ends[2])
	} else {
		list = s.expression(m[2])
	}
	switch {
	case list.reason != "":
		b.fail(list.reason)
	case list.kind > filtered:
		b.fail("a loop goes over a list")
	case !isName(m[1]):
		b.fail("a variable cannot be called " + m[1] + " in Liquid; take another name")
	}
	b.local = m[1]
	b.was, b.shadowed = s.locals[m[1]]
	s.locals[m[1]] = b.reason == ""
	p.Means = "{% for " + m[1] + " in " + list.text + " %}"
}

// rangeOf returns a range of numbers.
func (s *scanner) rangeOf(from, to string) value {
	a, b := s.expression(from), s.expression(to)
	if v := compare(a, "..", b); v.reason != "" {
		return v
	}
	for _, end := range []string{a.text, b.text} {
		if strings.HasPrefix(end, "contact.") || strings.HasPrefix(end, "data.") || isWhole.MatchString(end) {
			continue
		}
		if _, local := s.locals[end]; !local {
			return without("a range goes from a whole number to another one")
		}
	}
	return value{text: "(" + a.text + ".." + b.text + ")"}
}

// taken are the names that variables of a source's own cannot have.
var taken = map[string]bool{
	"contact": true, "data": true, "forloop": true, "true": true, "false": true, "nil": true, "and": true, "or": true, "contains": true,
	"in": true, "reversed": true, "foreach": true, "empty": true, "blank": true, "now": true,
}

func isName(name string) bool { return !taken[name] && name != "_" }

func (s *scanner) assign(p *piece, inside string) {
	m := making.FindStringSubmatch(inside)
	if m == nil {
		p.Reason = "a variable is made by #set($name = value)"
		return
	}
	v := s.expression(m[2])
	switch {
	case v.reason != "":
		p.Reason = v.reason
	case v.kind == both || v.kind == either || v.kind == relation:
		p.Reason = "a condition is put into a variable with {% if %} and {% assign %}"
	case !isName(m[1]):
		p.Reason = "a variable cannot be called " + m[1] + " in Liquid; take another name"
	default:
		p.Means = "{% assign " + m[1] + " = " + v.text + " %}"
		// It takes its line like the others.
		p.block = &block{}
	}
	s.locals[m[1]] = p.Reason == ""
}

// close reads a directive without a parenthesis.
func (s *scanner) close(p *piece, name string) {
	b := s.blocks[len(s.blocks)-1]
	switch name {
	case "end":
		p.block, p.Means = b, "{% end"+b.tag+" %}"
		s.blocks = s.blocks[:len(s.blocks)-1]
		if b.local == "" {
			return
		}
		delete(s.locals, b.local)
		if b.shadowed {
			s.locals[b.local] = b.was
		}
	case "else":
		p.block, p.Means = b, "{% else %}"
	case "break":
		p.Means, p.block = "{% break %}", &block{}
		for _, outer := range s.blocks {
			if outer.tag == "for" {
				p.block = outer
			}
		}
		if s.loops() == 0 {
			p.block.fail("it stands in no loop; take it out")
		}
	default:
		p.Reason = "Liquid in messages has no #" + name + "; use {% if %}"
	}
}
