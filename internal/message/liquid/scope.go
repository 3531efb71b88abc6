package liquid

import (
	"maps"
	"slices"
	"strings"

	"bellman/internal/fault"
)

// Scope says which variables a source may speak of besides those that it makes
// itself.
type Scope struct {
	// Fields are the variables with the properties that each has.
	Fields map[string][]string
	// Named is a variable with a property, "contact.fields", that has properties of
	// which the scope does not know the names: [Template.Named] are those that a
	// source uses.
	Named string
	// Always are those of them that everybody has a value for: "contact.id".
	Always []string
	// Open is a variable that may have any property, Hint what is said of it where
	// a name is unknown.
	Open, Hint string
}

func (s Scope) has(root string) bool {
	_, closed := s.Fields[root]
	return closed || root == s.Open
}

// variable is a variable with its properties: "data", "order", "total". A path
// ends where something is looked up by a number or by another variable.
type variable struct {
	path []string
	at   int
}

func (v variable) String() string { return strings.Join(v.path, ".") }

// checkVariable finds fault with a variable that nobody can ever have.
func (p *parser) checkVariable(v variable) {
	root := v.path[0]
	if _, made := p.made[root]; made || p.isLocal(root) || root == p.scope.Open {
		return
	}
	if p.scope.isNamed(v.path[:min(2, len(v.path))]) {
		p.checkNamed(v)
		return
	}
	fields, closed := p.scope.Fields[root]
	switch {
	case !closed:
		p.flaw(v.at, "liquid_variable_unknown", "there is no %s%s", fault.Snippet(v.String()), p.meantVariable(v))
	case len(v.path) != 2 || !slices.Contains(fields, v.path[1]):
		rest := strings.Join(v.path[1:], ".")
		hint := meant(rest, root+".%s", fields)
		if hint == "" && rest != "" && strings.HasPrefix(p.scope.Named, root+".") {
			hint = "; a custom field is " + p.scope.Named + "." + fault.Snippet(rest)
		}
		p.flaw(v.at, "liquid_variable_unknown", "there is no %s%s", fault.Snippet(v.String()), hint)
	}
}

func (s Scope) isNamed(path []string) bool {
	return s.Named != "" && strings.Join(path, ".") == s.Named
}

// checkNamed notes a property of the scope's Named, of which one name has to follow.
func (p *parser) checkNamed(v variable) {
	if len(v.path) != 3 {
		p.flaw(v.at, "liquid_variable_unknown", `there is no %s; write %s and one name, such as %s.city or %s["city"]`,
			fault.Snippet(v.String()), p.scope.Named, p.scope.Named, p.scope.Named)
		return
	}
	p.Named = append(p.Named, Name{v.path[2], v.at})
}

// meantVariable says what a variable may have been meant to be: a known field
// under another name, one of the source, or something of the open variable.
func (p *parser) meantVariable(v variable) string {
	_, rest, _ := strings.Cut(v.String(), ".")
	for _, name := range []string{rest, v.path[len(v.path)-1]} {
		for _, root := range slices.Sorted(maps.Keys(p.scope.Fields)) {
			if hint := meant(name, root+".%s", p.scope.Fields[root]); hint != "" {
				return hint
			}
		}
	}
	if hint := meant(v.path[0], "%s", slices.Sorted(maps.Keys(p.made))); hint != "" {
		return hint
	}
	return "; " + p.scope.Hint + ": " + p.scope.Open + "." + fault.Snippet(v.String())
}

// require notes the variables that an output may lack.
func (p *parser) require(e read) {
	if e.has("default") {
		return
	}
	for _, v := range e.variables {
		if len(e.filters) > 0 && v.at > e.filters[0].at {
			break
		}
		sources, made := p.made[v.path[0]]
		if !made {
			sources = []string{v.String()}
		}
		for _, name := range sources {
			if p.mayLack(name) {
				p.required = append(p.required, name)
			}
		}
	}
}

// mayLack tells whether somebody may have no value for a variable where it is
// read now.
func (p *parser) mayLack(name string) bool {
	root, _, deeper := strings.Cut(name, ".")
	if !deeper || !p.scope.has(root) || slices.Contains(p.scope.Always, name) || p.isLocal(root) {
		return false
	}
	return !slices.ContainsFunc(p.blocks, func(b *open) bool { return slices.Contains(b.guards, name) })
}

// isLocal tells whether a loop that is open makes a variable.
func (p *parser) isLocal(name string) bool {
	return slices.ContainsFunc(p.blocks, func(b *open) bool {
		return b.name == "for" && (b.local == name || name == loopVariable)
	})
}
