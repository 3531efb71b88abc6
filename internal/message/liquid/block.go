package liquid

import (
	"slices"
	"strings"

	"bellman/internal/fault"
)

// block reads a block to its end.
func (p *parser) block(t *token) *Block {
	b := &Block{piece: t.piece, trims: trims{before: t.before}, Name: t.name}
	state := &open{name: t.name}
	first := Arm{Tag: tagOf(t), begin: t.after}
	p.begin(b, &first, state, t)
	p.blocks = append(p.blocks, state)
	if len(p.blocks) > maxNesting {
		p.flaw(t.at, "liquid_too_much", "more than %d blocks stand in one another; make it simpler", maxNesting)
		p.pos, p.stopped = len(p.tokens), true
		return b
	}
	first.Nodes = p.sequence()
	b.Arms = append(b.Arms, first)
	for !p.done() {
		clause := p.take()
		last := &b.Arms[len(b.Arms)-1]
		last.end = clause.before
		if clause.name == "end"+t.name {
			p.blocks = p.blocks[:len(p.blocks)-1]
			p.end(b, clause)
			return b
		}
		arm := Arm{Tag: tagOf(clause), begin: clause.after}
		if slices.Contains(clauses[t.name], clause.name) {
			p.clause(&arm, state, clause)
		} else {
			p.flaw(clause.at, "liquid_tag_unexpected", "{%% %s %%} stands where {%% end%s %%} should", clause.name, t.name)
		}
		arm.Nodes = p.sequence()
		b.Arms = append(b.Arms, arm)
	}
	p.blocks = p.blocks[:len(p.blocks)-1]
	if !p.stopped {
		p.unended(t)
	}
	return b
}

// begin reads the tag that begins a block.
func (p *parser) begin(b *Block, first *Arm, state *open, t *token) {
	switch t.name {
	case "if":
		e := p.condition(t, t.args, t.argsAt)
		state.guards, first.tests = e.names(), []expression{e.value}
	case "unless":
		e := p.condition(t, t.args, t.argsAt)
		first.tests = []expression{not{e.value}}
	case "case":
		b.subject = p.condition(t, t.args, t.argsAt).value
	case "capture":
		if p.isNewName(t, t.args) {
			p.made[t.args], b.slot = nil, p.slotOf(t.args)
		}
	case "for":
		p.loop(b, state, t)
	}
}

// clause reads a tag that divides a block.
func (p *parser) clause(arm *Arm, state *open, t *token) {
	state.guards, state.local = nil, ""
	switch t.name {
	case "elsif":
		e := p.condition(t, t.args, t.argsAt)
		state.guards, arm.tests = e.names(), []expression{e.value}
	case "when":
		arm.tests = p.alternatives(t)
	case "else":
		if t.args != "" {
			p.flaw(t.at, "liquid_syntax", "{%% else %%} asks for nothing; write {%% elsif %s %%}",
				fault.Snippet(strings.TrimPrefix(t.args, "if ")))
		}
	}
}

// end adds the tag that ends a block, and the arm that shows nothing where none
// is written.
func (p *parser) end(b *Block, t *token) {
	if last := b.Arms[len(b.Arms)-1]; b.Name != "capture" && last.Tag.name != "else" {
		b.Arms = append(b.Arms, Arm{})
	}
	if b.loop != nil {
		b.loop.steps = stepsOf(b.Arms[0].Nodes)
	}
	b.End, b.after = tagOf(t), t.after
}

func (p *parser) loop(b *Block, state *open, t *token) {
	depth := 1
	for _, outer := range p.blocks {
		if outer.name == "for" {
			depth++
		}
	}
	if depth > maxLoops {
		p.flaw(t.at, "liquid_too_much", "a loop in a loop may have no further loop in it; make it simpler")
	}
	name := t.args[:nameSize(t.args)]
	if !p.isNewName(t, name) {
		return
	}
	x := p.expressionOf(t, t.args, t.argsAt)
	if !x.skipWord(name) || x.lexeme.text != "in" || x.lexeme.kind != nameLexeme {
		p.flaw(t.argsAt, "liquid_syntax", "a loop reads {%% for item in data.items %%}")
		return
	}
	x.next()
	begin := x.lexeme.at
	b.loop = x.loop()
	p.finish(x, begin)
	state.local, b.loop.slot = name, p.slotOf(name)
}
