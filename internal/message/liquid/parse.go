package liquid

import (
	"slices"
	"strings"

	"bellman/internal/fault"
)

// Parse takes a source apart and finds what is wrong with its Liquid. The values
// of variables are not asked for.
func Parse(source string, scope Scope) *Template {
	t := &Template{Source: source}
	p := parser{Template: t, scope: scope, tokens: tokensOf(source), made: make(map[string][]string), slot: make(map[string]int)}
	t.Dynamic = slices.ContainsFunc(p.tokens, func(t token) bool { return t.kind != textToken })
	if len(p.tokens) > 2*maxPieces {
		p.flaw(0, "liquid_too_much", "the text has more than %d pieces of Liquid; make it simpler", maxPieces)
		return t
	}
	for !p.done() {
		t.Nodes = append(t.Nodes, p.sequence()...)
		if !p.done() {
			stray := p.take()
			p.flaw(stray.at, "liquid_tag_unexpected", "{%% %s %%} belongs to no block here; take it out", stray.name)
		}
	}
	slices.Sort(p.required)
	t.Required, t.slots = slices.Compact(p.required), len(p.slot)
	return t
}

type parser struct {
	*Template
	scope  Scope
	tokens []token
	pos    int
	// stopped tells that the rest of the source is not looked at.
	stopped  bool
	blocks   []*open
	required []string
	// filters is how many there were.
	filters int
	// made are the variables that the source itself makes, with those that their
	// values come from; slot is where each of them, and of the variables of loops,
	// is kept.
	made map[string][]string
	slot map[string]int
}

// open is a block that has not ended.
type open struct {
	name string
	// guards are the variables that its arm asks for before it shows anything.
	guards []string
	// local is the variable of a loop.
	local string
}

func (p *parser) flaw(at int, code, format string, args ...any) {
	p.Flaws = append(p.Flaws, fault.Flawf(at, code, format, args...))
}

func (p *parser) done() bool { return p.pos == len(p.tokens) }

func (p *parser) take() *token {
	p.pos++
	return &p.tokens[p.pos-1]
}

// clauses are the tags that divide a block.
var clauses = map[string][]string{
	"if": {"elsif", "else"}, "unless": {"elsif", "else"}, "case": {"when", "else"}, "for": {"else"},
	"capture": nil,
}

func isClause(name string) bool {
	return name == "else" || name == "elsif" || name == "when" || strings.HasPrefix(name, "end")
}

// sequence reads nodes up to a tag that divides or ends the open block, or to a
// stray one.
func (p *parser) sequence() []Node {
	var nodes []Node
	for !p.done() {
		t := &p.tokens[p.pos]
		if t.kind == tagToken && isClause(t.name) {
			return nodes
		}
		p.pos++
		_, block := clauses[t.name]
		switch {
		case t.kind == textToken:
			nodes = append(nodes, p.text(t))
		case t.kind == outputToken:
			nodes = append(nodes, p.output(t))
		case t.name == "comment":
			nodes = append(nodes, p.comment(t))
		case t.name == "raw":
			nodes = p.raw(nodes, t)
		case block:
			nodes = append(nodes, p.block(t))
		default:
			nodes = append(nodes, p.tag(t))
		}
	}
	return nodes
}

func (p *parser) text(t *token) *Text {
	for _, sign := range []string{"{{", "{%"} {
		if i := strings.Index(t.source, sign); i >= 0 {
			p.flaw(t.at+i, "liquid_unclosed",
				`%s begins a piece of Liquid that does not end; write it on one line, or {%% raw %%}%s{%% endraw %%} for the signs themselves`,
				sign, sign)
			break
		}
	}
	return &Text{t.piece, []byte(t.source)}
}

// verbatim passes over what is not looked into, and returns the tag that ends it.
func (p *parser) verbatim(begin *token) *token {
	for !p.done() {
		if t := p.take(); t.kind == tagToken && t.name == "end"+begin.name {
			return t
		}
	}
	p.unended(begin)
	return &token{piece: piece{"", len(p.Source)}}
}

func (p *parser) comment(begin *token) *Tag {
	end := p.verbatim(begin)
	whole := piece{p.Source[begin.at : end.at+len(end.source)], begin.at}
	return &Tag{piece: whole, trims: trims{begin.before, end.after}, name: "comment"}
}

// raw reads text that only looks like Liquid. The hyphens of its two tags that
// are on the side of that text take no white space off; as in the library, an
// empty text there keeps what is beyond the tags from taking some.
func (p *parser) raw(nodes []Node, begin *token) []Node {
	end := p.verbatim(begin)
	at := begin.at + len(begin.source)
	nodes = append(nodes, &Tag{piece: begin.piece, trims: trims{before: begin.before}, name: "raw"})
	if begin.after {
		nodes = append(nodes, &Text{piece: piece{"", at}})
	}
	if inside := p.Source[at:end.at]; inside != "" {
		nodes = append(nodes, &Text{piece{inside, at}, []byte(inside)})
	}
	if end.before {
		nodes = append(nodes, &Text{piece: piece{"", end.at}})
	}
	return append(nodes, &Tag{piece: end.piece, trims: trims{after: end.after}, name: "endraw"})
}

func (p *parser) unended(t *token) {
	p.flaw(t.at, "liquid_tag_unclosed", "{%% %s %%} is never ended; write {%% end%s %%} where it ends", t.name, t.name)
}

// output reads an output; what it writes may be missing.
func (p *parser) output(t *token) *Output {
	e := p.condition(t, t.args, t.argsAt)
	p.require(e)
	return &Output{piece: t.piece, trims: t.trims, value: e.value}
}

// knownTags are all that a source can have.
var knownTags = []string{
	"if", "elsif", "else", "endif", "unless", "endunless", "case", "when", "endcase", "for", "endfor", "break",
	"continue", "assign", "capture", "endcapture", "comment", "endcomment", "raw", "endraw",
}

// tag reads a tag that is no block.
func (p *parser) tag(t *token) *Tag {
	tag := tagOf(t)
	switch t.name {
	case "assign":
		p.assign(t, tag)
	case "break", "continue":
		if !p.isLocal(loopVariable) {
			p.flaw(t.at, "liquid_tag_unexpected", "{%% %s %%} stands in no loop; take it out", t.name)
		}
	case "include", "render", "tablerow", "cycle", "increment", "decrement":
		p.flaw(t.at, "liquid_tag_unknown", "{%% %s %%} is not for messages; take it out", t.name)
	default:
		p.flaw(t.at, "liquid_tag_unknown", "there is no {%% %s %%}%s", fault.Snippet(t.name), meant(t.name, "{%% %s %%}", knownTags))
	}
	return tag
}

func tagOf(t *token) *Tag {
	return &Tag{piece: t.piece, trims: t.trims, name: t.name}
}

func (p *parser) assign(t *token, tag *Tag) {
	name, value, ok := strings.Cut(t.args, "=")
	name = strings.TrimSpace(name)
	if !ok {
		p.syntax(t)
		return
	}
	if !p.isNewName(t, name) {
		return
	}
	e := p.condition(t, value, t.argsAt+len(t.args)-len(value))
	sources := []string{}
	if !e.has("default") {
		for _, v := range e.variables {
			sources = append(sources, v.String())
		}
	}
	p.made[name] = sources
	tag.slot, tag.value = p.slotOf(name), e.value
}

// slotOf returns where a variable of the source's is kept.
func (p *parser) slotOf(name string) int {
	i, ok := p.slot[name]
	if !ok {
		i = len(p.slot)
		p.slot[name] = i
	}
	return i
}

// isNewName finds fault with a name that a source may not give to a variable of
// its own.
func (p *parser) isNewName(t *token, name string) bool {
	switch {
	case !isName(name) || reserved[name]:
		p.flaw(t.argsAt, "liquid_syntax", `"%s" is not a name for a variable; write one word of letters`, fault.Snippet(name))
	case p.scope.has(name) || name == loopVariable:
		p.flaw(t.argsAt, "liquid_syntax", "%s has a meaning already; take another name", name)
	default:
		return true
	}
	return false
}

func (p *parser) syntax(t *token) {
	p.flaw(t.argsAt, "liquid_syntax", "%s cannot be read; look for a sign too many or too few", fault.Snippet(t.source))
}
