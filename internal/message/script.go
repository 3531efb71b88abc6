package message

import (
	"fmt"
	"slices"
	"strings"

	"github.com/osteele/liquid/expressions"
	"github.com/osteele/liquid/parser"
)

// Limits of the Liquid in one text. Together with those of a rendering they
// bound its time; nobody who writes messages comes near them.
const (
	maxPieces  = 1000 // pieces of Liquid
	maxFilters = 200  // in all of it
	maxNesting = 8    // blocks in blocks
	maxLoops   = 2    // loops in loops
)

// script is a text with Liquid in it, taken apart.
type script struct {
	source string
	// nodes are the text and the Liquid in it, in order; blocks have theirs
	// inside.
	nodes []*node
	// personal tells that there is any Liquid.
	personal bool
	// required are the variables that are written out without a default.
	required []string
	// flaws are what is wrong with the Liquid, in order.
	flaws []*flaw
}

// node is a stretch of a source.
type node struct {
	kind nodeKind
	src  string
	at   int
	// name and args are a tag's; an output has args alone, from argsAt.
	name, args string
	argsAt     int
	// arms are what a block chooses between, or what it repeats and what it shows
	// instead; the last of them may be empty.
	arms []arm
	// spot is where an output stands.
	spot spot
	// marks are the places in a text where the numbers of links belong.
	marks []mark
}

type nodeKind byte

const (
	textNode   nodeKind = iota
	outputNode          // {{ … }}
	tagNode             // {% … %} that shows nothing itself
	blockNode           // {% … %} to its end
)

// arm is one part of a block: the tag before it and what is in it. An arm that
// is not written has no tag.
type arm struct {
	tag   *node
	nodes []*node
}

// readScript takes a source apart and finds what is wrong with its Liquid. The
// values of variables are not asked for.
func readScript(source string) *script {
	source = strings.Map(withoutControl, source)
	s := &script{source: source}
	if !strings.Contains(source, "{{") && !strings.Contains(source, "{%") {
		if source != "" {
			s.nodes = []*node{{src: source}}
		}
		return s
	}
	r := scriptReader{script: s, tokens: tokensOf(source), known: make(map[string][]string)}
	s.personal = slices.ContainsFunc(r.tokens, func(n *node) bool { return n.kind != textNode })
	if len(r.tokens) > 2*maxPieces {
		r.flaw(0, "liquid_too_much", "the text has more than %d pieces of Liquid; make it simpler", maxPieces)
		return s
	}
	for r.pos < len(r.tokens) {
		s.nodes = append(s.nodes, r.sequence(nil)...)
		if r.pos < len(r.tokens) {
			n := r.take()
			r.flaw(n.at, "liquid_tag_unexpected", "{%% %s %%} belongs to no block here; take it out", n.name)
		}
	}
	slices.Sort(s.required)
	s.required = slices.Compact(s.required)
	return s
}

// tokensOf returns text, outputs and tags in order, as the library tells them
// apart.
func tokensOf(source string) []*node {
	var nodes []*node
	at := 0
	for _, t := range parser.Scan(source, parser.SourceLoc{}, nil) {
		n := &node{src: t.Source, at: at, name: t.Name, args: t.Args}
		at += len(t.Source)
		switch t.Type {
		case parser.ObjTokenType:
			n.kind = outputNode
			n.argsAt = n.at + 2 + strings.Index(n.src[2:], n.args)
		case parser.TagTokenType:
			n.kind = tagNode
			after := strings.Index(n.src, n.name) + len(n.name)
			n.argsAt = n.at + after + strings.Index(n.src[after:], n.args)
		case parser.TextTokenType:
		default: // white space to trim: its hyphen is in the source of the tag
			continue
		}
		nodes = append(nodes, n)
	}
	return nodes
}

type scriptReader struct {
	*script
	tokens []*node
	pos    int
	blocks []*block
	// filters is how many there were.
	filters int
	// known are the variables that the source itself makes, with those that their
	// values come from.
	known map[string][]string
}

// block is one that is open.
type block struct {
	name string
	// guards are the variables that its arm asks for before it shows anything.
	guards []string
	// local is the variable of a loop.
	local string
}

func (r *scriptReader) flaw(at int, code, format string, args ...any) {
	r.flaws = append(r.flaws, flawAt(at, code, format, args...))
}

func (r *scriptReader) take() *node {
	r.pos++
	return r.tokens[r.pos-1]
}

// clauses are the tags that divide a block.
var clauses = map[string][]string{
	"if": {"elsif", "else"}, "unless": {"elsif", "else"}, "case": {"when", "else"}, "for": {"else"},
	"capture": nil,
}

// sequence reads nodes up to a tag that divides or ends the open block, or to a
// stray one.
func (r *scriptReader) sequence(nodes []*node) []*node {
	for r.pos < len(r.tokens) {
		n := r.tokens[r.pos]
		if n.kind == tagNode && isClause(n.name) {
			return nodes
		}
		r.pos++
		switch {
		case n.kind == textNode:
			r.text(n)
		case n.kind == outputNode:
			r.output(n)
		case n.name == "comment" || n.name == "raw":
			nodes = r.verbatim(nodes, n)
			continue
		default:
			if _, is := clauses[n.name]; is {
				r.block(n)
			} else {
				r.tag(n)
			}
		}
		nodes = append(nodes, n)
	}
	return nodes
}

func isClause(name string) bool {
	return name == "else" || name == "elsif" || name == "when" || strings.HasPrefix(name, "end")
}

func (r *scriptReader) text(n *node) {
	for _, open := range []string{"{{", "{%"} {
		if i := strings.Index(n.src, open); i >= 0 {
			r.flaw(n.at+i, "liquid_unclosed", `%s begins a piece of Liquid that does not end; write it on one line, or {%% raw %%}%s{%% endraw %%} for the signs themselves`,
				open, open)
			return
		}
	}
}

// verbatim reads what is not looked into.
func (r *scriptReader) verbatim(nodes []*node, n *node) []*node {
	nodes = append(nodes, n)
	for r.pos < len(r.tokens) {
		inner := r.take()
		if inner.kind == tagNode && inner.name == "end"+n.name {
			return append(nodes, inner)
		}
		if n.name == "comment" {
			inner.kind, inner.name = tagNode, "comment"
		} else {
			inner.kind = textNode
		}
		nodes = append(nodes, inner)
	}
	r.unended(n)
	return nodes
}

func (r *scriptReader) unended(n *node) {
	r.flaw(n.at, "liquid_tag_unclosed", "{%% %s %%} is never ended; write {%% end%s %%} where it ends", n.name, n.name)
}

// output reads an output; what it writes out may be missing.
func (r *scriptReader) output(n *node) {
	e := r.expression(n, n.args, n.argsAt, "")
	if e.has("default") {
		return
	}
	for _, v := range e.variables {
		if len(e.filters) > 0 && v.at > e.filters[0].at {
			break
		}
		sources, made := r.known[v.path[0]]
		if !made {
			sources = []string{v.String()}
		}
		for _, name := range sources {
			if r.mayLack(name) {
				r.required = append(r.required, name)
			}
		}
	}
}

// mayLack tells whether somebody may have no value for a variable where it is
// read now.
func (r *scriptReader) mayLack(name string) bool {
	root, _, deeper := strings.Cut(name, ".")
	if !deeper || root != "contact" && root != "data" || name == "contact.id" || r.isLocal(root) {
		return false
	}
	return !slices.ContainsFunc(r.blocks, func(b *block) bool { return slices.Contains(b.guards, name) })
}

func (r *scriptReader) isLocal(name string) bool {
	return slices.ContainsFunc(r.blocks, func(b *block) bool {
		return b.name == "for" && (b.local == name || name == "forloop")
	})
}

// tag reads a tag that is no block.
func (r *scriptReader) tag(n *node) {
	switch n.name {
	case "assign":
		r.assign(n)
	case "break", "continue":
		if !r.isLocal("forloop") {
			r.flaw(n.at, "liquid_tag_unexpected", "{%% %s %%} stands in no loop; take it out", n.name)
		}
	case "include", "render", "tablerow", "cycle", "increment", "decrement":
		r.flaw(n.at, "liquid_tag_unknown", "{%% %s %%} is not for messages; take it out", n.name)
	default:
		r.flaw(n.at, "liquid_tag_unknown", "there is no {%% %s %%}%s", snippet(n.name),
			meant(n.name, "{%% %s %%}", knownTags))
	}
}

var knownTags = []string{
	"if", "elsif", "else", "endif", "unless", "endunless", "case", "when", "endcase", "for", "endfor", "break",
	"continue", "assign", "capture", "endcapture", "comment", "endcomment", "raw", "endraw",
}

func (r *scriptReader) assign(n *node) {
	name, value, ok := strings.Cut(n.args, "=")
	name = strings.TrimSpace(name)
	if !ok || !r.isNewName(n, name) {
		if !ok {
			r.syntax(n)
		}
		return
	}
	e := r.expression(n, value, n.argsAt+len(n.args)-len(value), expressions.AssignStatementSelector)
	sources := []string{}
	if !e.has("default") {
		for _, v := range e.variables {
			sources = append(sources, v.String())
		}
	}
	r.known[name] = sources
}

// isNewName finds fault with a name that a source may not give to a variable of
// its own.
func (r *scriptReader) isNewName(n *node, name string) bool {
	switch {
	case name == "" || nameSize(name) != len(name) || !isName(name) || words[name]:
		r.flaw(n.argsAt, "liquid_syntax", `"%s" is not a name for a variable; write one word of letters`, snippet(name))
	case name == "contact" || name == "data" || name == "forloop":
		r.flaw(n.argsAt, "liquid_syntax", "%s has a meaning already; take another name", name)
	default:
		return true
	}
	return false
}

func (r *scriptReader) syntax(n *node) {
	r.flaw(n.argsAt, "liquid_syntax", "%s cannot be read; look for a sign too many or too few", snippet(n.src))
}

// expression reads what a piece of Liquid speaks of and finds fault with it. The
// selector says as what the library is to read its arguments.
func (r *scriptReader) expression(n *node, text string, at int, selector string) expression {
	if err := tryParse(selector, n.args); err != nil {
		r.syntax(n)
		return expression{}
	}
	e := readExpression(text, at)
	if before := r.filters; before <= maxFilters && before+len(e.filters) > maxFilters {
		r.flaw(at, "liquid_too_much", "the text has more than %d filters; make it simpler", maxFilters)
	}
	r.filters += len(e.filters)
	for i, f := range e.filters {
		if f.name == "safe" && (n.kind != outputNode || i < len(e.filters)-1) {
			r.flaw(f.at, "liquid_syntax", "safe comes last, where a value is written: {{ data.text | safe }}")
		}
		if _, known := filters[f.name]; !known {
			r.flaw(f.at, "liquid_filter_unknown", "there is no filter %s%s", snippet(f.name), meant(f.name, "%s", filterNames))
		}
	}
	for _, v := range e.variables {
		r.checkVariable(v)
	}
	return e
}

// tryParse lets the library read an expression or a statement. Its scanner
// panics at some of them.
func tryParse(selector, text string) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("message: liquid: %v", p)
		}
	}()
	if selector == "" {
		_, err = expressions.Parse(text)
	} else {
		_, err = expressions.ParseStatement(selector, text)
	}
	return err
}

func (r *scriptReader) checkVariable(v variable) {
	root := v.path[0]
	if _, made := r.known[root]; made || r.isLocal(root) {
		return
	}
	switch root {
	case "data": // whoever sends it knows what is in it
	case "contact":
		if len(v.path) != 2 || !slices.Contains(contactFields, v.path[1]) {
			r.flaw(v.at, "liquid_variable_unknown", "there is no %s%s", snippet(v.String()),
				meant(strings.Join(v.path[1:], "."), "contact.%s", contactFields))
		}
	default:
		r.flaw(v.at, "liquid_variable_unknown", "there is no %s%s", snippet(v.String()), r.meantVariable(v))
	}
}

// meantVariable says what a variable may have been meant to be: one of the
// source, a contact's field under a wrong name, or something in data.
func (r *scriptReader) meantVariable(v variable) string {
	if _, field, _ := strings.Cut(v.String(), "."); nearest(field, contactFields) != "" {
		return meant(field, "contact.%s", contactFields)
	}
	if field := v.path[len(v.path)-1]; nearest(field, contactFields) != "" {
		return meant(field, "contact.%s", contactFields)
	}
	made := make([]string, 0, len(r.known))
	for name := range r.known {
		made = append(made, name)
	}
	slices.Sort(made)
	if hint := meant(v.path[0], "%s", made); hint != "" {
		return hint
	}
	return "; what comes with a send is in data: data." + snippet(v.String())
}

// block reads a block to its end.
func (r *scriptReader) block(n *node) {
	n.kind = blockNode
	b := &block{name: n.name}
	r.open(n, b)
	r.blocks = append(r.blocks, b)
	if len(r.blocks) > maxNesting {
		r.flaw(n.at, "liquid_too_much", "more than %d blocks stand in one another; make it simpler", maxNesting)
		r.pos = len(r.tokens)
		return
	}
	tag := *n
	tag.kind, tag.arms = tagNode, nil
	n.arms = append(n.arms, arm{&tag, r.sequence(nil)})
	for r.pos < len(r.tokens) {
		clause := r.take()
		switch {
		case clause.name == "end"+n.name:
			r.blocks = r.blocks[:len(r.blocks)-1]
			r.finish(n, clause)
			return
		case slices.Contains(clauses[n.name], clause.name):
			r.clause(b, clause)
		default:
			r.flaw(clause.at, "liquid_tag_unexpected", "{%% %s %%} stands where {%% end%s %%} should", clause.name, n.name)
		}
		n.arms = append(n.arms, arm{clause, r.sequence(nil)})
	}
	r.blocks = r.blocks[:len(r.blocks)-1]
	r.unended(n)
}

// finish adds the tag that ends a block, and the arm that shows nothing where
// none is written.
func (r *scriptReader) finish(n, end *node) {
	last := n.arms[len(n.arms)-1]
	if n.name != "capture" && last.tag.name != "else" {
		n.arms = append(n.arms, arm{})
	}
	n.arms = append(n.arms, arm{tag: end})
}

// open reads the tag that begins a block.
func (r *scriptReader) open(n *node, b *block) {
	switch n.name {
	case "if":
		b.guards = names(r.expression(n, n.args, n.argsAt, ""))
	case "unless", "case":
		r.expression(n, n.args, n.argsAt, "")
	case "capture":
		if r.isNewName(n, n.args) {
			r.known[n.args] = nil
		}
	case "for":
		r.loop(n, b)
	}
}

func names(e expression) []string {
	var names []string
	for _, v := range e.variables {
		names = append(names, v.String())
	}
	return names
}

// clause reads a tag that divides a block.
func (r *scriptReader) clause(b *block, n *node) {
	b.guards, b.local = nil, ""
	switch n.name {
	case "elsif":
		b.guards = names(r.expression(n, n.args, n.argsAt, ""))
	case "when":
		r.expression(n, n.args, n.argsAt, expressions.WhenStatementSelector)
	case "else":
		if n.args != "" && n.args != "-" { // the hyphen trims; the library's scanner takes it for an argument

			r.flaw(n.at, "liquid_syntax", "{%% else %%} asks for nothing; write {%% elsif %s %%}", snippet(strings.TrimPrefix(n.args, "if ")))
		}
	}
}

func (r *scriptReader) loop(n *node, b *block) {
	depth := 1
	for _, outer := range r.blocks {
		if outer.name == "for" {
			depth++
		}
	}
	if depth > maxLoops {
		r.flaw(n.at, "liquid_too_much", "a loop in a loop may have no further loop in it; make it simpler")
	}
	size := nameSize(n.args)
	if !r.isNewName(n, n.args[:size]) {
		return
	}
	list, ok := strings.CutPrefix(strings.TrimSpace(n.args[size:]), "in")
	if !ok {
		r.flaw(n.argsAt, "liquid_syntax", "a loop reads {%% for item in data.items %%}")
		return
	}
	r.expression(n, list, n.argsAt+len(n.args)-len(list), expressions.LoopStatementSelector)
	b.local = n.args[:size]
}
