//go:build !race

package store_test

// This file walks over the parse trees of statements.

// node is a node of a parse tree: its fields by name.
type node = map[string]any

// child returns a field that is a node.
func child(n node, name string) node {
	c, _ := n[name].(node)
	return c
}

func children(n node, name string) []any {
	c, _ := n[name].([]any)
	return c
}

func text(n node, name string) string {
	s, _ := n[name].(string)
	return s
}

// namesIn returns the texts of a list of names.
func namesIn(list []any) (all []string) {
	for _, n := range list {
		if s := child(n.(node), "String"); s != nil {
			all = append(all, text(s, "sval"))
		}
	}
	return all
}

// walk calls fn for every node, with the name of its field or kind, and goes further in
// where fn says so.
func walk(n any, fn func(kind string, n node) bool) {
	switch n := n.(type) {
	case []any:
		for _, c := range n {
			walk(c, fn)
		}
	case node:
		for kind, c := range n {
			if c, ok := c.(node); ok && !fn(kind, c) {
				continue
			}
			walk(c, fn)
		}
	}
}

// named returns the names of the columns that a query selects.
func (j *judge) named(query node, levels []*level) (names []string) {
	body := child(query, "SelectStmt")
	for text(body, "op") != "" && text(body, "op") != "SETOP_NONE" {
		body = child(body, "larg")
	}
	targets := children(body, "targetList")
	for _, kind := range []string{"InsertStmt", "UpdateStmt", "DeleteStmt"} {
		targets = append(targets, children(child(query, kind), "returningList")...)
	}
	for _, target := range targets {
		target := child(target.(node), "ResTarget")
		fields := children(child(child(target, "val"), "ColumnRef"), "fields")
		switch {
		case text(target, "name") != "":
			names = append(names, text(target, "name"))
		case len(fields) > 0 && fields[len(fields)-1].(node)["A_Star"] != nil:
			for _, s := range levels[0].sources {
				names = append(names, s.columns...)
			}
		case len(fields) > 0:
			names = append(names, text(child(fields[len(fields)-1].(node), "String"), "sval"))
		}
	}
	return names
}
