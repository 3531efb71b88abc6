package markup

import "bellman/internal/fault"

// kind is what a tag marks a text as.
type kind uint16

// The kinds of marks. Of styles there can be several on one text, and a style
// that another mark begins or ends in goes on in a second entity; what is whole
// is one entity or none (TDLib, MessageEntity.cpp: splittable and continuous
// entities, "pre" entities, block quotes).
// They are in the order of their entities when they mark the same text.
const (
	quote kind = 1 << iota
	block      // <pre>
	code
	moment
	link
	bold
	italic
	underline
	struck
	spoiler
	emoji

	styles = bold | italic | underline | struck | spoiler
	// verbatim takes every style off what is in it.
	verbatim = code | block | moment
	whole    = link | emoji | verbatim
)

// mark is a tag with text in it.
type mark struct {
	kind kind
	tag  *tag
	at   int // of the tag in src
	// shown is the stretch of the text as people see it that it marks; written the
	// same with what they do not see.
	shown, written span
	// start and end are the tags in src.
	start, end span
}

// checkMark refuses a mark of which Telegram drops a part or all: within it, or
// around it, is another one that it cannot go with (TDLib, fix_entities). What is
// in it was closed before.
func (p *Parser) checkMark(m mark) *fault.Flaw {
	if p.marked&against(m.kind) == 0 {
		return nil
	}
	first := len(p.marks)
	for first > 0 && p.marks[first-1].written.from >= m.written.from {
		first--
	}
	for _, inner := range p.marks[first:] {
		if !clash(m, inner) {
			continue
		}
		return fault.Flawf(inner.at, "html_mark_dropped", "Telegram does not show <%s> and <%s> together: %s",
			m.tag.name, inner.tag.name, remedy(m, inner))
	}
	return nil
}

// against returns the kinds that may clash with a mark that is around them.
func against(outer kind) kind {
	switch {
	case outer&styles != 0:
		return verbatim
	case outer == quote:
		return quote
	case outer&verbatim != 0:
		return styles | whole | quote
	}
	return whole | quote
}

// clash tells that Telegram drops one of two marks, or a part of it.
func clash(outer, inner mark) bool {
	same := outer.written == inner.written
	switch {
	case inner.shown.empty() && inner.kind != quote || outer.shown.empty():
		return false // nobody misses what shows nothing
	case outer.kind&(block|code) != 0 && inner.kind&(block|code) != 0:
		return false // it is code all the same
	case outer.kind == quote:
		return inner.kind == quote && !same && !inner.shown.empty()
	case inner.kind == quote:
		return outer.kind&whole != 0 && !same
	case outer.kind&styles != 0:
		return inner.kind&verbatim != 0
	}
	return outer.kind&verbatim != 0 || inner.kind&whole != 0
}

// remedy says what to do about two marks that clash.
func remedy(outer, inner mark) string {
	switch {
	case outer.kind == inner.kind:
		return "take the inner one out"
	case inner.kind == quote:
		return "put the <" + outer.tag.name + "> into the quote"
	case outer.kind&styles != 0:
		return "close <" + outer.tag.name + "> before it, and open it again after"
	}
	return "put one after the other"
}
