package liquid

import (
	"slices"

	"bellman/internal/fault"
)

// expression has a value when it is rendered.
type expression interface {
	value(r *Renderer) any
}

// The forms of an expression.
type (
	// constant is a literal.
	constant struct{ is any }
	// outer is a variable that the caller has, with its properties.
	outer struct {
		root string
		path []string
	}
	// local is a variable that the source makes, with its properties; forloop is
	// that of a loop.
	local struct {
		slot int
		path []string
	}
	forloop struct{ path []string }
	// property and index look something up.
	property struct {
		of   expression
		name string
	}
	index struct{ of, by expression }
	// span is a range of whole numbers.
	span struct{ from, to expression }
	// call is a filter at work.
	call struct {
		name   string
		filter filter
		of     expression
		args   []expression
	}
	// comparison is a relation of two values.
	comparison struct {
		holds       func(a, b any) bool
		left, right expression
	}
	// junction is "and" or "or"; decides is what its left side has to be for the
	// right one to be left out.
	junction struct {
		decides     bool
		left, right expression
	}
	not struct{ of expression }
)

// read is an expression with what it speaks of.
type read struct {
	value     expression
	variables []variable
	filters   []variable // by their names
}

// has tells whether the expression uses a filter.
func (e read) has(filter string) bool {
	return slices.ContainsFunc(e.filters, func(f variable) bool { return f.path[0] == filter })
}

func (e read) names() []string {
	var names []string
	for _, v := range e.variables {
		names = append(names, v.String())
	}
	return names
}

// expressionParser reads one expression, by descent.
type expressionParser struct {
	read
	p       *parser
	token   *token
	rest    lexemes
	lexeme  lexeme
	invalid bool
}

func (p *parser) expressionOf(t *token, text string, at int) *expressionParser {
	x := &expressionParser{p: p, token: t, rest: lexemes{text, at}}
	x.next()
	return x
}

// condition reads a whole expression of a piece of Liquid and finds fault with it.
func (p *parser) condition(t *token, text string, at int) read {
	x := p.expressionOf(t, text, at)
	x.value = x.condition()
	return p.finish(x, at)
}

// alternatives reads what a {% when %} names.
func (p *parser) alternatives(t *token) []expression {
	x := p.expressionOf(t, t.args, t.argsAt)
	all := []expression{x.operand()}
	for x.skip(",") || x.skipWord("or") {
		all = append(all, x.operand())
	}
	p.finish(x, t.argsAt)
	return all
}

// finish finds fault with an expression that was read, from a place on, and
// returns it; it is empty when it cannot be read.
func (p *parser) finish(x *expressionParser, at int) read {
	if x.invalid || x.lexeme.kind != endLexeme {
		p.syntax(x.token)
		return read{}
	}
	if before := p.filters; before <= maxFilters && before+len(x.filters) > maxFilters {
		p.flaw(at, "liquid_too_much", "the text has more than %d filters; make it simpler", maxFilters)
	}
	p.filters += len(x.filters)
	for i, f := range x.filters {
		name := f.path[0]
		if name == "safe" && (x.token.kind != outputToken || i < len(x.filters)-1) {
			p.flaw(f.at, "liquid_syntax", "safe comes last, where a value is written: {{ data.text | safe }}")
		}
		if _, known := filters[name]; !known {
			p.flaw(f.at, "liquid_filter_unknown", "there is no filter %s%s", fault.Snippet(name), meant(name, "%s", filterNames))
		}
	}
	for _, v := range x.variables {
		p.checkVariable(v)
	}
	return x.read
}

func (x *expressionParser) next() { x.lexeme = x.rest.next() }

// skip goes past a sign if it is next.
func (x *expressionParser) skip(sign string) bool {
	is := x.lexeme.kind == signLexeme && x.lexeme.text == sign
	if is {
		x.next()
	}
	return is
}

func (x *expressionParser) skipWord(word string) bool {
	is := x.lexeme.kind == nameLexeme && x.lexeme.text == word
	if is {
		x.next()
	}
	return is
}

func (x *expressionParser) expect(sign string) {
	if !x.skip(sign) {
		x.fail()
	}
}

// fail gives the expression up; nothing follows.
func (x *expressionParser) fail() {
	x.invalid, x.lexeme = true, lexeme{}
	x.rest.source = ""
}

// condition reads relations with "and" and "or" between them, which bind alike.
func (x *expressionParser) condition() expression {
	left := x.relation()
	for {
		switch {
		case x.skipWord("and"):
			left = &junction{false, left, x.relation()}
		case x.skipWord("or"):
			left = &junction{true, left, x.relation()}
		default:
			return left
		}
	}
}

// relation reads a value, with filters or compared with another one.
func (x *expressionParser) relation() expression {
	left := x.operand()
	if x.lexeme.kind == signLexeme || x.lexeme.kind == nameLexeme {
		if holds, ok := relations[x.lexeme.text]; ok {
			x.next()
			return &comparison{holds, left, x.operand()}
		}
	}
	return x.filtered(left)
}

// filtered reads the filters of a value.
func (x *expressionParser) filtered(value expression) expression {
	for x.skip("|") {
		name, at := x.lexeme.text, x.lexeme.at
		called := x.lexeme.kind == keywordLexeme
		if !called && (x.lexeme.kind != nameLexeme || reserved[name] && name != "reversed") {
			x.fail()
			return value
		}
		x.filters = append(x.filters, variable{[]string{name}, at})
		x.next()
		c := &call{name: name, filter: filters[name], of: value}
		if called {
			c.args = append(c.args, x.operand())
			for x.skip(",") {
				c.args = append(c.args, x.operand())
			}
		}
		value = c
	}
	return value
}

// operand reads a literal, a variable, a range or what stands in parentheses,
// with what is looked up in it.
func (x *expressionParser) operand() expression {
	l := x.lexeme
	switch {
	case l.kind == literalLexeme:
		x.next()
		return x.lookups(constant{l.value}, -1)
	case l.kind == nameLexeme && (!reserved[l.text] || l.text == "reversed"):
		x.next()
		return x.variable(l)
	case x.skip("("):
		inside := x.parenthesis()
		x.expect(")")
		return x.lookups(inside, -1)
	}
	x.fail()
	return constant{}
}

// parenthesis reads a condition, or a range, whose ends are operands.
func (x *expressionParser) parenthesis() expression {
	inside := x.condition()
	if x.lexeme.text != ".." || x.lexeme.kind != signLexeme {
		return inside
	}
	switch inside.(type) {
	case *junction, *comparison, *call:
		x.fail()
		return inside
	}
	x.next()
	return &span{inside, x.operand()}
}

// variable reads a variable with what is looked up in it.
func (x *expressionParser) variable(name lexeme) expression {
	slot, made := x.p.slot[name.text]
	if word, ok := words[name.text]; ok && !made {
		return x.lookups(word, -1)
	}
	i := len(x.variables)
	x.variables = append(x.variables, variable{[]string{name.text}, name.at})
	switch {
	case name.text == loopVariable:
		return x.lookups(&forloop{}, i)
	case made:
		return x.lookups(&local{slot: slot}, i)
	}
	return x.lookups(&outer{root: name.text}, i)
}

// lookups reads what is looked up in a value. The path of a variable goes on
// while its properties are named; variable is its number, -1 for none.
func (x *expressionParser) lookups(value expression, variable int) expression {
	for {
		switch {
		case x.lexeme.kind == propertyLexeme:
			x.extend(variable, x.lexeme.text)
			value = propertyIn(value, x.lexeme.text)
			x.next()
		case x.skip("["):
			by := x.operand()
			x.expect("]")
			literal, _ := by.(constant)
			name, named := literal.is.(string)
			if named {
				x.extend(variable, name)
			} else {
				variable = -1
			}
			if named && (!isOfLists(name) || x.p.scope.isNamed(pathOf(value))) {
				value = propertyIn(value, name)
			} else {
				value = &index{value, by}
			}
		default:
			return value
		}
	}
}

// pathOf returns the path of a variable that the caller has, nil for another value.
func pathOf(value expression) []string {
	if v, ok := value.(*outer); ok {
		return append([]string{v.root}, v.path...)
	}
	return nil
}

func (x *expressionParser) extend(variable int, name string) {
	if variable >= 0 {
		x.variables[variable].path = append(x.variables[variable].path, name)
	}
}

// propertyIn returns the property of a value: a longer path, if it has one.
func propertyIn(of expression, name string) expression {
	switch of := of.(type) {
	case *outer:
		of.path = append(of.path, name)
	case *local:
		of.path = append(of.path, name)
	case *forloop:
		of.path = append(of.path, name)
	default:
		return &property{of, name}
	}
	return of
}
