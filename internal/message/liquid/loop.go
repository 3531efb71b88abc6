package liquid

import "slices"

// loopVariable is the variable that tells where a loop stands.
const loopVariable = "forloop"

// loop is what a {% for %} goes over.
type loop struct {
	slot          int
	list          expression
	offset, limit expression // nil for none
	reversed      bool
	// steps is what one iteration costs.
	steps int
}

// loop reads what follows the "in" of a loop.
func (x *expressionParser) loop() *loop {
	l := &loop{list: x.filtered(x.operand())}
	for {
		switch modifier := x.lexeme; {
		case x.skipWord("reversed"):
			l.reversed = true
		case modifier.kind != keywordLexeme:
			return l
		case modifier.text == "offset":
			x.next()
			l.offset = x.operand()
		case modifier.text == "limit":
			x.next()
			l.limit = x.operand()
		default:
			x.fail()
		}
	}
}

// stepsOf counts the pieces of Liquid and the filters in a body. A loop in it
// counts its own.
func stepsOf(nodes []Node) int {
	steps := 1
	for _, n := range nodes {
		switch n := n.(type) {
		case *Output:
			steps += 1 + filtersOf(n.value)
		case *Tag:
			if n.name != "comment" && n.name != "raw" && n.name != "endraw" {
				steps += 1 + filtersOf(n.value)
			}
		case *Block:
			steps++
			if n.Name == "for" {
				continue
			}
			for _, a := range n.Arms {
				if a.Tag != nil {
					steps += stepsOf(a.Nodes)
				}
			}
		}
	}
	return steps
}

// filtersOf counts the filters that a value goes through, one after another.
func filtersOf(e expression) int {
	count := 0
	for c, ok := e.(*call); ok; c, ok = c.of.(*call) {
		count++
	}
	return count
}

// iteration is where a loop stands that runs.
type iteration struct{ index, length int }

// repeat writes the body once for each item, or the else where there is none.
func (b *Block) repeat(r *Renderer) {
	l := b.loop
	items := l.items(r)
	if r.stop != goesOn {
		return
	}
	if len(items) == 0 {
		r.arm(&b.Arms[1])
		return
	}
	shadowed, depth := r.slots[l.slot], len(r.loops)
	r.loops = append(r.loops, iteration{length: len(items)})
	for i, item := range items {
		if !r.budget.spend(l.steps) {
			r.fail(errEndless)
			break
		}
		r.slots[l.slot], r.loops[depth].index = item, i
		r.arm(&b.Arms[0])
		if r.stop == breaks || r.stop == fails {
			break
		}
		r.stop = goesOn
	}
	if r.stop == breaks {
		r.stop = goesOn
	}
	r.loops, r.slots[l.slot] = r.loops[:depth], shadowed
}

// items returns what the loop goes over, its offset, limit and reversal applied
// in Liquid's order.
func (l *loop) items(r *Renderer) []any {
	items, err := listOf(r.evaluate(l.list))
	if err != nil {
		r.fail(errEndless)
	}
	items = items[min(r.modifier(l.offset, 0), len(items)):]
	items = items[:min(r.modifier(l.limit, len(items)), len(items))]
	if l.reversed {
		items = slices.Clone(items)
		slices.Reverse(items)
	}
	return items
}

func (r *Renderer) modifier(e expression, otherwise int) int {
	if e == nil {
		return otherwise
	}
	n, _, _, err := number(r.evaluate(e))
	if err != nil {
		r.fail(err)
	}
	return int(max(n, 0))
}

// value returns what a loop tells of itself; outside of all it is nothing.
func (f *forloop) value(r *Renderer) any {
	if len(r.loops) == 0 {
		return nil
	}
	i := r.loops[len(r.loops)-1]
	if len(f.path) == 0 {
		return i.object()
	}
	return lookUp(i.property(f.path[0]), f.path[1:])
}

// loopProperties are all that a loop tells of itself.
var loopProperties = []string{"first", "last", "index", "index0", "rindex", "rindex0", "length"}

func (i iteration) property(name string) any {
	switch name {
	case "first":
		return i.index == 0
	case "last":
		return i.index == i.length-1
	case "index":
		return i.index + 1
	case "index0":
		return i.index
	case "rindex":
		return i.length - i.index
	case "rindex0":
		return i.length - i.index - 1
	case "length":
		return i.length
	case sizeProperty:
		return len(loopProperties)
	}
	return nil
}

func (i iteration) object() Object {
	o := make(Object, len(loopProperties))
	for _, name := range loopProperties {
		o[name] = i.property(name)
	}
	return o
}
