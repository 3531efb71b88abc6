package message

import (
	"strings"

	"bellman/internal/message/liquid"
	"bellman/internal/message/markup"
)

// spot is where in a text a value is written, which decides how.
type spot byte

const (
	inText      spot = iota
	inValue          // of an attribute
	inLink           // of a link's address, after its beginning
	inLinkStart      // at the beginning of a link's address: the value brings the site
	inTag            // in a tag, but in no quotes
)

// outline follows the tags of a source that has not been rendered yet, far
// enough to tell where its outputs stand and where its links are. Whether the
// result is right is not its business.
type outline struct {
	state outlineState
	// link is what is known of the <a> that is being read.
	link *outlined
	// found is called with each link, at its end, but for those in a capture: what
	// is captured may be written anywhere, or nowhere.
	found    func(*outlined)
	captures int
}

type outlineState struct {
	step  outlineStep
	quote byte
	tag   string
	name  string // of the attribute
	empty bool   // nothing of its value has come yet
}

type outlineStep byte

const (
	stepText   outlineStep = iota
	stepTag                // in the name of a tag
	stepName               // in the name of an attribute, or before it
	stepEquals             // after the name of an attribute
	stepValue              // before a value
	stepQuoted             // in a value
	stepBare               // in a value without quotes
)

// outlined is a link in a source.
type outlined struct {
	text *liquid.Text
	at   int // after "<a", in the text
	// target is the address as written; sample the same with values for the
	// Liquid in it.
	target, sample []byte
	personal       bool
	// off is the value of its data-track.
	off []byte
}

func (o *outline) walk(nodes []liquid.Node) {
	for _, n := range nodes {
		switch n := n.(type) {
		case *liquid.Text:
			for i := range len(n.Source()) {
				o.char(n, i)
			}
		case *liquid.Output:
			place(n, o.output(n))
		case *liquid.Tag:
			o.liquid(n)
		case *liquid.Block:
			o.block(n)
		}
	}
}

// place notes where an output stands.
func place(n *liquid.Output, at spot) {
	n.Mark, n.Encode = byte(at), at == inLink
}

// block begins each arm where the block begins: one of them is taken. After it,
// an address has begun if any of them begins it; a loop comes back, so that
// what is in it is never at the beginning.
func (o *outline) block(n *liquid.Block) {
	if n.Name == "for" {
		o.state.empty = false
	}
	begin, empty := o.state, true
	if n.Name == "capture" {
		o.captures++
		defer func() { o.captures-- }()
	}
	for _, a := range n.Arms {
		if a.Tag != nil {
			o.liquid(a.Tag)
		}
		if len(a.Nodes) > 0 {
			o.state = begin
		}
		o.walk(a.Nodes)
		empty = empty && o.state.empty
	}
	o.liquid(n.End)
	o.state.empty = empty && o.state.empty
}

func (o *outline) char(n *liquid.Text, i int) {
	s := &o.state
	switch c := n.Source()[i]; s.step {
	case stepText:
		if c == '<' {
			*s = outlineState{step: stepTag}
		}
	case stepTag:
		switch {
		case !markup.IsSpace(c) && c != '>':
			s.tag = longer(s.tag, c|0x20)
			return
		case s.tag == "a":
			o.link = &outlined{text: n, at: i}
		}
		o.between(c)
	case stepName:
		switch {
		case markup.IsSpace(c) && s.name != "":
			s.step = stepEquals
		case c == '=' || c == '>' || markup.IsSpace(c):
			o.between(c)
		default:
			s.name = longer(s.name, c)
		}
	case stepEquals:
		if c == '=' || c == '>' || markup.IsSpace(c) {
			if !markup.IsSpace(c) {
				o.between(c)
			}
			return
		}
		s.step, s.name = stepName, longer("", c)
	default:
		o.value(c)
	}
}

// longer adds to a name; what is longer than the names that matter is cut.
func longer(name string, c byte) string {
	if len(name) > len(markup.TrackAttribute) {
		return name
	}
	return name + string([]byte{c})
}

// between reads what ends a name: a value begins, the tag ends, or another
// attribute may follow.
func (o *outline) between(c byte) {
	s := &o.state
	switch {
	case c == '>':
		o.end()
	case c == '=' && s.step != stepTag:
		s.step, s.empty = stepValue, true
	default:
		s.step, s.name = stepName, ""
	}
}

func (o *outline) value(c byte) {
	s := &o.state
	switch {
	case s.step == stepValue && markup.IsSpace(c):
	case s.step == stepValue && (c == '"' || c == '\''):
		s.step, s.quote = stepQuoted, c
	case s.step == stepQuoted && c == s.quote || s.step == stepBare && markup.IsSpace(c):
		s.step, s.name = stepName, ""
	case s.step != stepQuoted && c == '>':
		o.end()
	default:
		if s.step == stepValue {
			s.step = stepBare
		}
		s.empty = s.empty && markup.IsSpace(c)
		o.record([]byte{c}, []byte{c})
	}
}

// record adds to what is known of the link's attributes.
func (o *outline) record(written, sample []byte) {
	if o.link == nil {
		return
	}
	switch o.state.name {
	case "href":
		o.link.target = append(o.link.target, written...)
		o.link.sample = append(o.link.sample, sample...)
	case markup.TrackAttribute:
		o.link.off = append(o.link.off, written...)
	}
}

func (o *outline) end() {
	if o.link != nil && o.captures == 0 {
		o.found(o.link)
	}
	o.link, o.state = nil, outlineState{}
}

// output tells where an output stands.
func (o *outline) output(n *liquid.Output) spot {
	s := &o.state
	switch {
	case s.step == stepText:
		return inText
	case s.step != stepQuoted:
		return inTag
	case s.tag != "a" || s.name != "href":
		return inValue
	}
	at := inLink
	if s.empty {
		at = inLinkStart
	}
	s.empty = false
	if o.link != nil {
		o.link.personal = true
	}
	o.record([]byte(n.Source()), []byte(sampleOf(at)))
	return at
}

// liquid notes a tag of Liquid that stands in an address.
func (o *outline) liquid(n *liquid.Tag) {
	if o.link != nil && o.state.step == stepQuoted && o.state.name == "href" {
		o.link.personal = true
		o.record([]byte(n.Source()), nil)
	}
}

// sampleOf returns what stands for a value while a message is checked.
func sampleOf(at spot) string {
	switch at {
	case inLinkStart:
		return "https://example.com/"
	case inLink:
		return "example.com"
	}
	return "1"
}

// counted tells whether clicks on a link can be counted, as far as it can be
// told before its values are known.
func (l *outlined) counted() bool {
	if strings.EqualFold(string(l.off), "off") {
		return false
	}
	_, ok := tracked(markup.TrimAddress(markup.Decode(l.sample)))
	return ok
}

// outlineAddress tells where the outputs of an address stand, which is no part
// of a text.
func outlineAddress(nodes []liquid.Node, started bool) bool {
	for _, n := range nodes {
		switch n := n.(type) {
		case *liquid.Text:
			started = started || strings.TrimSpace(n.Source()) != ""
		case *liquid.Output:
			at := inLinkStart
			if started {
				at = inLink
			}
			place(n, at)
			started = true
		case *liquid.Block:
			begin := started || n.Name == "for"
			for _, a := range n.Arms {
				started = outlineAddress(a.Nodes, begin) || started
			}
		}
	}
	return started
}
