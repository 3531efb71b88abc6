//go:build !race

package store_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	pgparser "github.com/wasilibs/go-pgquery/parser"

	"bellman/internal/store"
)

// This file judges whether a sharded cluster can run a statement: by its parse tree, as
// PostgreSQL's own parser makes it. The rules are those that Citus documents and that
// were met on one:
//
//   - tables are joined only within a family, by what divides it;
//   - a subquery that refers to the query around it stays within the family, by what
//     divides it, or reads small tables alone;
//   - no recursion over a divided table;
//   - an outer join keeps the rows of a divided table, when the other side is one;
//   - what divides a table is never changed;
//   - rows of a divided table are locked for one value of what divides it;
//   - what is at home is not in a statement with divided tables.

// source is something that a query reads from: a table, or rows that are made or
// found by a subquery.
type source struct {
	alias   string
	columns []string
	store.Lying
	table bool
}

func (s *source) divided() bool { return s.Family != "" }

// level is one query, inside of another one or not.
type level struct {
	outer   *level
	sources []*source
	// beyond are the sources of outer levels that it refers to, itself or further in.
	beyond []*source
	// deep is true when it reads a divided table, itself or further in; made is true
	// when it reads rows that are no table.
	deep, made bool
}

func (l *level) divided() (found []*source) {
	for _, s := range l.sources {
		if s.divided() {
			found = append(found, s)
		}
	}
	return found
}

// judge judges one statement.
type judge struct {
	// columns are those of each table.
	columns map[string][]string
	// same leads from a column or a value to an equal one.
	same map[string]string
	// known are the columns of the queries that are named by WITH.
	known            map[string][]string
	home, dividedAny bool
	violations       []string
}

// violationsOf returns what a sharded cluster would refuse in a statement.
func violationsOf(t *testing.T, columns map[string][]string, statement string) []string {
	t.Helper()
	text, err := pgparser.ParseToJSON(statement)
	require.NoError(t, err, statement)
	var tree struct{ Stmts []struct{ Stmt node } }
	require.NoError(t, json.Unmarshal([]byte(text), &tree))
	j := &judge{columns: columns, same: map[string]string{}, known: map[string][]string{}}
	for _, s := range tree.Stmts {
		j.statement(s.Stmt, nil)
	}
	if j.home && j.dividedAny {
		j.refuse("what is at home is in a statement with divided tables")
	}
	return j.violations
}

func (j *judge) refuse(format string, args ...any) {
	j.violations = append(j.violations, fmt.Sprintf(format, args...))
}

// statement judges a statement and returns the levels that it consists of: several for
// a union.
func (j *judge) statement(stmt node, outer *level) []*level {
	for kind, body := range stmt {
		body, _ := body.(node)
		switch kind {
		case "SelectStmt":
			return j.selects(body, outer)
		case "InsertStmt":
			return []*level{j.inserts(body, outer)}
		case "UpdateStmt":
			return []*level{j.writes(body, outer, "fromClause")}
		case "DeleteStmt":
			return []*level{j.writes(body, outer, "usingClause")}
		}
	}
	return nil
}

// with judges the queries that are named before a statement.
func (j *judge) with(body node, outer *level) {
	with := child(body, "withClause")
	recursive, _ := with["recursive"].(bool)
	for _, c := range children(with, "ctes") {
		cte := child(c.(node), "CommonTableExpr")
		name := text(cte, "ctename")
		if recursive {
			j.known[name] = namesIn(children(cte, "aliascolnames"))
		}
		levels := j.statement(child(cte, "ctequery"), outer)
		j.known[name] = j.named(child(cte, "ctequery"), levels)
		if recursive && slices.ContainsFunc(levels, func(l *level) bool { return l.deep }) {
			j.refuse("%s recurs over a divided table", name)
		}
	}
}

func (j *judge) selects(body node, outer *level) []*level {
	j.with(body, outer)
	if op := text(body, "op"); op != "" && op != "SETOP_NONE" {
		return append(j.selects(child(body, "larg"), outer), j.selects(child(body, "rarg"), outer)...)
	}
	l := &level{outer: outer}
	for _, from := range children(body, "fromClause") {
		j.from(l, from.(node))
	}
	j.finish(l, body)
	if len(children(body, "lockingClause")) > 0 {
		for _, s := range l.divided() {
			if !j.fixed(l, s) {
				j.refuse("rows of %s are locked on many servers", s.alias)
			}
		}
	}
	return []*level{l}
}

// writes judges an update or a deletion.
func (j *judge) writes(body node, outer *level, more string) *level {
	j.with(body, outer)
	l := &level{outer: outer}
	target := j.from(l, node{"RangeVar": body["relation"]})
	for _, from := range children(body, more) {
		j.from(l, from.(node))
	}
	j.keeps(target, children(body, "targetList"))
	j.finish(l, body)
	return l
}

func (j *judge) inserts(body node, outer *level) *level {
	j.with(body, outer)
	if from := child(body, "selectStmt"); from != nil {
		j.statement(from, outer)
	}
	l := &level{outer: outer}
	target := j.from(l, node{"RangeVar": body["relation"]})
	conflict := child(body, "onConflictClause")
	j.keeps(target, children(conflict, "targetList"))
	l.sources = append(l.sources, &source{alias: "excluded", columns: j.columns[text(child(body, "relation"), "relname")]})
	j.finish(l, node{"conflict": conflict, "returning": body["returningList"]})
	return l
}

// keeps refuses assignments to what divides a table.
func (j *judge) keeps(targets []*source, assignments []any) {
	for _, a := range assignments {
		name := text(child(a.(node), "ResTarget"), "name")
		if slices.ContainsFunc(targets, func(s *source) bool { return s.divided() && s.Column == name }) {
			j.refuse("%s divides the table and is changed", name)
		}
	}
}

// from adds a part of FROM to a level, and returns its sources.
func (j *judge) from(l *level, part node) []*source {
	for kind, body := range part {
		body, _ := body.(node)
		alias := text(child(body, "alias"), "aliasname")
		switch kind {
		case "RangeVar":
			return j.add(l, j.table(text(body, "relname"), alias))
		case "RangeSubselect":
			outer := l.outer
			if lateral, _ := body["lateral"].(bool); lateral {
				outer = l
			}
			levels := j.statement(child(body, "subquery"), outer)
			l.deep = l.deep || slices.ContainsFunc(levels, func(l *level) bool { return l.deep })
			return j.add(l, &source{alias: alias, columns: j.named(child(body, "subquery"), levels)})
		case "RangeFunction":
			return j.add(l, &source{alias: alias, columns: []string{alias}})
		case "JoinExpr":
			left, right := j.from(l, child(body, "larg")), j.from(l, child(body, "rarg"))
			if how := text(body, "jointype"); how != "JOIN_INNER" {
				if how != "JOIN_LEFT" || slices.ContainsFunc(right, (*source).divided) && !slices.ContainsFunc(left, (*source).divided) {
					j.refuse("the outer join keeps rows that are not those of a divided table")
				}
			}
			return append(left, right...)
		}
	}
	return nil
}

func (j *judge) add(l *level, s *source) []*source {
	l.sources = append(l.sources, s)
	l.deep, l.made = l.deep || s.divided(), l.made || !s.table
	return []*source{s}
}

// table returns a table, or the rows that WITH gives the name to.
func (j *judge) table(name, alias string) *source {
	if alias == "" {
		alias = name
	}
	if columns, ok := j.known[name]; ok {
		return &source{alias: alias, columns: columns}
	}
	s := &source{alias: alias, columns: j.columns[name], table: true}
	if lying := store.LyingForTest(name); len(lying) > 0 {
		s.Lying = lying[0]
	}
	j.home, j.dividedAny = j.home || s.Home, j.dividedAny || s.divided()
	return s
}

// finish judges a level whose sources are known.
func (j *judge) finish(l *level, body node) {
	j.equalities(l, body)
	var subqueries []node
	walk(body, func(kind string, n node) bool {
		switch kind {
		case "SubLink":
			subqueries = append(subqueries, n)
			j.resolveAll(l, n["testexpr"])
			return false
		case "RangeSubselect", "withClause", "selectStmt", "larg", "rarg":
			return kind == "larg" || kind == "rarg"
		case "ColumnRef":
			j.resolve(l, n)
		}
		return true
	})
	for _, s := range subqueries {
		j.subquery(l, child(s, "subselect"))
	}
	divided := l.divided()
	for _, s := range divided {
		if s.Family != divided[0].Family {
			j.refuse("%s and %s are of two families", divided[0].alias, s.alias)
		} else if j.root(j.key(l, s)) != j.root(j.key(l, divided[0])) {
			j.refuse("%s and %s are not joined by what divides them", divided[0].alias, s.alias)
		}
	}
}

// subquery judges a subquery in an expression of a level.
func (j *judge) subquery(l *level, query node) {
	for _, inner := range j.statement(query, l) {
		l.deep = l.deep || inner.deep
		if len(inner.beyond) == 0 {
			continue
		}
		if !inner.deep && !(inner.made && len(l.divided()) > 0) {
			continue
		}
		together := slices.ContainsFunc(l.divided(), func(s *source) bool {
			return len(inner.divided()) > 0 && !slices.ContainsFunc(inner.divided(), func(o *source) bool {
				return o.Family != s.Family || j.root(j.key(inner, o)) != j.root(j.key(l, s))
			})
		})
		if !together {
			j.refuse("a subquery refers to %s around it", inner.beyond[0].alias)
		}
	}
}

// equalities notes what a level's conditions say to be equal.
func (j *judge) equalities(l *level, body node) {
	var conditions []any
	conditions = append(conditions, body["whereClause"])
	walk(body["fromClause"], func(kind string, n node) bool {
		if kind == "JoinExpr" {
			conditions = append(conditions, n["quals"])
		}
		return kind != "RangeSubselect"
	})
	for len(conditions) > 0 {
		n, _ := conditions[0].(node)
		conditions = conditions[1:]
		if and := child(n, "BoolExpr"); text(and, "boolop") == "AND_EXPR" {
			conditions = append(conditions, children(and, "args")...)
		}
		e := child(n, "A_Expr")
		if text(e, "kind") != "AEXPR_OP" || !slices.Equal(namesIn(children(e, "name")), []string{"="}) {
			continue
		}
		if a, b := j.value(l, e["lexpr"]), j.value(l, e["rexpr"]); a != "" && b != "" {
			j.same[j.root(a)] = j.root(b)
		}
	}
}

// value names a column, a parameter or a constant; it is empty for anything else.
func (j *judge) value(l *level, expr any) string {
	n, _ := expr.(node)
	switch {
	case n["ColumnRef"] != nil:
		return j.resolve(l, child(n, "ColumnRef"))
	case n["ParamRef"] != nil:
		return fmt.Sprint("$", child(n, "ParamRef")["number"])
	case n["A_Const"] != nil:
		return fmt.Sprint("$", n["A_Const"])
	case n["TypeCast"] != nil:
		return j.value(l, child(n, "TypeCast")["arg"])
	}
	return ""
}

func (j *judge) root(name string) string {
	for j.same[name] != "" && j.same[name] != name {
		name = j.same[name]
	}
	return name
}

// key names the column that divides a source of a level.
func (j *judge) key(l *level, s *source) string { return fmt.Sprintf("%p.%s.%s", l, s.alias, s.Column) }

// fixed reports whether what divides a source is equal to a parameter or constant.
func (j *judge) fixed(l *level, s *source) bool {
	return slices.ContainsFunc(slices.Collect(maps.Keys(j.same)), func(name string) bool {
		return name[0] == '$' && j.root(name) == j.root(j.key(l, s))
	}) || j.root(j.key(l, s))[0] == '$'
}

func (j *judge) resolveAll(l *level, expr any) {
	walk(expr, func(kind string, n node) bool {
		if kind == "ColumnRef" {
			j.resolve(l, n)
		}
		return true
	})
}

// resolve finds the source of a column, in a level or around it, and names it.
func (j *judge) resolve(l *level, ref node) string {
	names := namesIn(children(ref, "fields"))
	if len(names) == 0 {
		return ""
	}
	column := names[len(names)-1]
	for at := l; at != nil; at = at.outer {
		for _, s := range at.sources {
			if len(names) == 1 && !slices.Contains(s.columns, column) || len(names) == 2 && s.alias != names[0] {
				continue
			}
			for inner := l; inner != at; inner = inner.outer {
				inner.beyond = append(inner.beyond, s)
			}
			return fmt.Sprintf("%p.%s.%s", at, s.alias, column)
		}
	}
	return ""
}
