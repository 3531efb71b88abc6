package liquid

import "strings"

// token is a text, an output or a tag of a source.
type token struct {
	piece
	kind tokenKind
	// name is a tag's; args are a tag's or an output's, from argsAt, without the
	// white space around them.
	name, args string
	argsAt     int
	trims
}

type tokenKind byte

const (
	textToken   tokenKind = iota
	outputToken           // {{ … }}
	tagToken              // {% … %}
)

// lexer divides a source into tokens, in one pass.
type lexer struct {
	source string
	tokens []token
	// output and tag are the ends that were found last: one search serves all that
	// begins before it.
	output, tag, line finder
}

// tokensOf returns the tokens of a source. What begins like a piece of Liquid
// and does not end is text.
func tokensOf(source string) []token {
	x := lexer{source: source}
	x.output.find = func(from int) int { return strings.Index(source[min(from, len(source)):], "}}") }
	x.line.find = func(from int) int { return strings.IndexByte(source[min(from, len(source)):], '\n') }
	x.tag.find = func(from int) int { return tagEnd(source[from:]) }
	text := 0
	for at := 0; ; {
		i := strings.IndexByte(source[at:], '{')
		if i < 0 || at+i+1 == len(source) {
			break
		}
		at += i
		t, ok := token{}, false
		switch source[at+1] {
		case '{':
			t, ok = x.readOutput(at)
		case '%':
			t, ok = x.readTag(at)
		}
		if !ok {
			at++
			continue
		}
		x.text(text, at)
		x.tokens = append(x.tokens, t)
		at += len(t.source)
		text = at
	}
	x.text(text, len(source))
	return x.tokens
}

func (x *lexer) text(from, to int) {
	if from < to {
		x.tokens = append(x.tokens, token{piece: piece{x.source[from:to], from}})
	}
}

// readOutput reads {{ … }}. What is in it stands on one line.
func (x *lexer) readOutput(at int) (t token, ok bool) {
	begin := at + len("{{")
	args := begin
	if x.byte(args) == '-' {
		args++
	}
	for isSpace(x.byte(args)) {
		args++
	}
	t = token{kind: outputToken, argsAt: args}
	if end := x.output.from(args + 1); end >= 0 {
		if stop := x.trimmed(args+1, end); stop <= x.line.orEnd(args, len(x.source)) {
			t.args = x.source[args:stop]
			return x.finish(t, at, end), true
		}
	}
	if args > begin && strings.HasPrefix(x.source[args:], "}}") { // it is empty
		t.argsAt = begin
		return x.finish(t, at, args), true
	}
	return t, false
}

// readTag reads {% … %}: a word, and arguments after white space.
func (x *lexer) readTag(at int) (t token, ok bool) {
	begin := at + len("{%")
	if x.byte(begin) == '-' {
		begin++
	}
	for isSpace(x.byte(begin)) {
		begin++
	}
	word := begin
	for c := x.byte(word); isLetter(c) || isDigit(c) || c == '_'; c = x.byte(word) {
		word++
	}
	if word == begin {
		return t, false
	}
	args := word
	for isSpace(x.byte(args)) {
		args++
	}
	rest := x.source[args:]
	t = token{kind: tagToken, name: x.source[begin:word], argsAt: args}
	switch {
	case strings.HasPrefix(rest, "%}"):
		return x.finish(t, at, args), true
	case strings.HasPrefix(rest, "-%}"):
		return x.finish(t, at, args+1), true
	case args == word:
		return t, false
	}
	end := x.tag.from(args)
	if end < 0 {
		return t, false
	}
	t.args = x.source[args:x.trimmed(args+1, end)]
	return x.finish(t, at, end), true
}

// finish fills in what a token has that ends in the two characters at end.
func (x *lexer) finish(t token, at, end int) token {
	t.piece = piece{x.source[at : end+2], at}
	t.trims = trims{x.source[at+2] == '-', x.source[end-1] == '-'}
	return t
}

// trimmed returns where an inside ends that is followed by a hyphen and white
// space before end; it is at least least.
func (x *lexer) trimmed(least, end int) int {
	if end > least && x.source[end-1] == '-' {
		end--
	}
	for end > least && isSpace(x.source[end-1]) {
		end--
	}
	return end
}

// byte returns the byte at i, and 0 past the end.
func (x *lexer) byte(i int) byte {
	if i < len(x.source) {
		return x.source[i]
	}
	return 0
}

// tagEnd returns where the first "%}" is; -1 for none. Of percent signs in a
// row, each second one belongs to that before it.
func tagEnd(s string) int {
	for i := 0; i+1 < len(s); i++ {
		if s[i] != '%' {
			continue
		}
		if s[i+1] == '}' {
			return i
		}
		i++
	}
	return -1
}

// finder searches forward and remembers what it found. Places are asked for in
// order.
type finder struct {
	find  func(from int) int // the first one from there on, relative to it; -1 for none
	found int                // -1 when there are no more
	known bool
}

// from returns the first place from there on; -1 for none.
func (f *finder) from(at int) int {
	if f.known && (f.found < 0 || f.found >= at) {
		return f.found
	}
	f.found, f.known = f.find(at), true
	if f.found >= 0 {
		f.found += at
	}
	return f.found
}

func (f *finder) orEnd(at, end int) int {
	if i := f.from(at); i >= 0 {
		return i
	}
	return end
}

// isSpace tells the white space that separates what is in a piece of Liquid.
func isSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' && c != '\v' }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
