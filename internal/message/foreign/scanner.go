package foreign

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Found is a piece of another system's syntax.
type Found struct {
	// At is its place in the source, in bytes; Written is what stands there.
	At      int
	Written string
	// Means is what to write instead. Where there is nothing, it is empty, and Reason
	// says why and what to do.
	Means, Reason string
}

// piece is a Found with what the scanner knows of it.
type piece struct {
	Found
	end int
	// certain tells that it can hardly be meant to be read.
	certain bool
	// block is what a directive begins, divides or ends; nil for others.
	block *block
}

// fail has the piece, and the block that it belongs to, stay as it is.
func (p *piece) fail(reason string) {
	p.Means, p.Reason = "", reason
	if p.block != nil {
		p.block.fail(reason)
	}
}

// scanner finds the pieces of a source, but for Markdown's.
type scanner struct {
	source string
	// view is the source with what is hidden made unreadable.
	view   string
	zones  []zone
	pieces []*piece
	// locals are the variables that the source makes; a false one could not be
	// translated.
	locals map[string]bool
	blocks []*block
	// velocity tells that there is Velocity for sure.
	velocity bool
}

// scan finds the pieces of a source, in order.
func scan(source string, place Place) *scanner {
	z := zonesOf(source, place)
	s := &scanner{source: source, view: view(source, z, inText, inCode, inAddress), zones: z, locals: map[string]bool{}}
	for at := 0; at < len(source); {
		p := s.at(at)
		if p == nil {
			at++
			continue
		}
		s.pieces = append(s.pieces, p)
		at = p.end
	}
	for _, b := range s.blocks {
		b.fail("it is never ended; write #end where it ends")
	}
	for _, p := range s.pieces {
		if p.Means != "" && strings.HasSuffix(source[:p.At], "{") {
			p.fail("a brace stands before it; take it out")
		}
	}
	for _, p := range s.pieces {
		// A block is translated as a whole, or not at all.
		if b := p.block; b != nil && b.reason != "" {
			p.Means, p.Reason = "", b.reason
		}
	}
	return s
}

// at returns the piece that begins at a place; nil for none.
func (s *scanner) at(at int) *piece {
	switch s.view[at] {
	case '$':
		return s.output(at)
	case '#':
		return s.directive(at)
	case '%':
		return s.percent(at)
	case '{':
		return s.braces(at)
	case '*':
		return s.mergeTag(at)
	}
	return nil
}

func (s *scanner) piece(at, size int) *piece {
	return &piece{Found: Found{At: at, Written: s.source[at : at+size]}, end: at + size}
}

// Find returns what of a source is certainly the syntax of another system, in
// order.
func Find(source string, place Place) []Found {
	if !strings.ContainsAny(source, "$#%{*_[") {
		return nil
	}
	s := scan(source, place)
	var found []Found
	for _, p := range s.pieces {
		if p.certain {
			found = append(found, p.Found)
		}
	}
	return merge(found, s.marks(place))
}

// merge joins two lists in the order of their places.
func merge(a, b []Found) []Found {
	var all []Found
	for len(a) > 0 && len(b) > 0 {
		if a[0].At <= b[0].At {
			all, a = append(all, a[0]), a[1:]
		} else {
			all, b = append(all, b[0]), b[1:]
		}
	}
	return append(append(all, a...), b...)
}

// Translate returns a source in Liquid and Telegram's HTML, and what of it could not
// be translated, which stays as it is. Places are those in the source.
func Translate(source string, place Place) (translated string, left []Found) {
	if place == HTML {
		source = withoutComments(source)
	}
	s := scan(source, place)
	var b strings.Builder
	at := 0
	for _, p := range s.pieces {
		if p.Reason != "" {
			left = append(left, p.Found)
			continue
		}
		begin, end := p.At, p.end
		if p.block != nil {
			begin, end = s.line(at, p)
		}
		b.WriteString(source[at:begin])
		b.WriteString(p.Means)
		at = end
	}
	b.WriteString(source[at:])
	return markUp(b.String(), place), left
}

// line returns the stretch that a directive takes: all of its line, when there is
// nothing else on it, as in Velocity.
func (s *scanner) line(least int, p *piece) (begin, end int) {
	begin, end = p.At, p.end
	for begin > least && (s.view[begin-1] == ' ' || s.view[begin-1] == '\t') {
		begin--
	}
	for end < len(s.view) && (s.view[end] == ' ' || s.view[end] == '\t' || s.view[end] == '\r') {
		end++
	}
	if begin > 0 && s.view[begin-1] != '\n' || end == len(s.view) || s.view[end] != '\n' {
		return p.At, p.end
	}
	return begin, end + 1
}

// endsInWord tells that a text ends in a letter or a digit.
func endsInWord(text string) bool {
	r, _ := utf8.DecodeLastRuneInString(text)
	return unicode.IsLetter(r) || unicode.IsDigit(r)
}

// beginsInWord tells that a text begins with one.
func beginsInWord(text string) bool {
	r, _ := utf8.DecodeRuneInString(text)
	return unicode.IsLetter(r) || unicode.IsDigit(r)
}
