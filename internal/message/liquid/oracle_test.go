package liquid

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/osteele/liquid/expressions"
	syntax "github.com/osteele/liquid/parser"
	"github.com/osteele/liquid/render"
	"github.com/osteele/liquid/values"
)

// oracle is the library github.com/osteele/liquid with our filters and our
// loops: what else there is to a rendering is its own.
type oracle struct{ config render.Config }

func newOracle(escaper Escaper) oracle {
	c := render.NewConfig()
	for name, f := range filters {
		c.AddFilter(name, func(v any, args ...any) (any, error) {
			a := arguments{count: len(args), by: &Renderer{}}
			for i, arg := range args {
				if i < len(a.values) {
					a.values[i] = toOurs(arg)
				}
			}
			if a.count > f.most {
				return nil, errors.New("wrong number of arguments")
			}
			result, err := f.run(toOurs(v), a)
			return toTheirs(result), err
		})
	}
	c.SetAutoEscapeReplacer(replacer{escaper})
	c.AddTag("assign", oracleAssign)
	c.AddTag("break", func(string) (renderTag, error) { return oracleLeave(errOracleBreak), nil })
	c.AddTag("continue", func(string) (renderTag, error) { return oracleLeave(errOracleContinue), nil })
	c.AddBlock("comment")
	c.AddBlock("raw")
	c.AddBlock("capture").Compiler(oracleCapture)
	c.AddBlock("case").Clause("when").Clause("else").Compiler(oracleChoice)
	c.AddBlock("for").Clause("else").Compiler(oracleLoop)
	c.AddBlock("if").Clause("else").Clause("elsif").Compiler(oracleChoice)
	c.AddBlock("unless").Clause("else").Clause("elsif").Compiler(oracleChoice)
	return oracle{c}
}

// render renders a source; broken tells that the library does not take it, or
// that it fell over itself.
func (o oracle) render(source string, variables map[string]any) (out string, broken bool, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
			broken = strings.Contains(err.Error(), "runtime error") || strings.Contains(err.Error(), "interface conversion")
		}
	}()
	root, failure := o.config.Compile(source, syntax.SourceLoc{})
	if failure != nil {
		return "", true, failure
	}
	var b strings.Builder
	if failure := render.Render(root, &b, variables, o.config); failure != nil {
		return "", false, failure
	}
	return b.String(), false, nil
}

type replacer struct{ escaper Escaper }

func (r replacer) WriteString(w io.Writer, s string) (int, error) {
	return w.Write(r.escaper.Append(nil, s))
}

// theirObject is an [Object] as the library gets it: it would look its members
// up by reflection, and print it.
type theirObject map[string]any

func (theirObject) String() string                              { return "" }
func (o theirObject) Interface() any                            { return o }
func (theirObject) Int() int                                    { return 0 }
func (theirObject) Equal(values.Value) bool                     { return false }
func (theirObject) Less(values.Value) bool                      { return false }
func (o theirObject) IndexValue(name values.Value) values.Value { return o.PropertyValue(name) }
func (theirObject) Test() bool                                  { return true }

func (o theirObject) Contains(name values.Value) bool {
	s, _ := name.Interface().(string)
	_, found := o[s]
	return found
}

func (o theirObject) PropertyValue(name values.Value) values.Value {
	s, _ := name.Interface().(string)
	v, found := o[s]
	if !found && s == "size" {
		v = len(o)
	}
	return values.ValueOf(v)
}

func toTheirs(v any) any {
	switch v := v.(type) {
	case Object:
		o := make(theirObject, len(v))
		for name, item := range v {
			o[name] = toTheirs(item)
		}
		return o
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = toTheirs(v[i])
		}
		return list
	case interval:
		return values.NewRange(v.from, v.to)
	case safe:
		return values.SafeValue{Value: string(v)}
	}
	return v
}

func toOurs(v any) any {
	switch v := v.(type) {
	case theirObject:
		o := make(Object, len(v))
		for name, item := range v {
			o[name] = toOurs(item)
		}
		return o
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = toOurs(v[i])
		}
		return list
	case values.Range:
		from := v.Index(0).(int)
		return interval{from, from + v.Len() - 1}
	case values.SafeValue:
		return safe(fmt.Sprint(v.Value))
	}
	return v
}

type renderTag = func(io.Writer, render.Context) error

var (
	errOracleBreak    = errors.New("break")
	errOracleContinue = errors.New("continue")
)

func oracleLeave(err error) renderTag {
	return func(_ io.Writer, c render.Context) error { return c.WrapError(err) }
}

func oracleAssign(args string) (renderTag, error) {
	stmt, err := expressions.ParseStatement(expressions.AssignStatementSelector, args)
	if err != nil {
		return nil, err
	}
	return func(_ io.Writer, c render.Context) error {
		v, err := c.Evaluate(stmt.Assignment.ValueFn)
		if err == nil {
			c.Set(stmt.Assignment.Variable, v)
		}
		return err
	}, nil
}

func oracleCapture(b render.BlockNode) (renderTag, error) {
	return func(_ io.Writer, c render.Context) error {
		var text strings.Builder
		if err := c.RenderChildren(&text); err != nil {
			return err
		}
		c.Set(b.Args, text.String())
		return nil
	}, nil
}

// oracleChoice is an {% if %}, an {% unless %} or a {% case %}.
func oracleChoice(b render.BlockNode) (renderTag, error) {
	first, err := expressions.Parse(b.Args)
	if err != nil {
		return nil, err
	}
	type branch struct {
		tests []expressions.Expression
		block *render.BlockNode
	}
	var branches []branch
	switch b.Name {
	case "if":
		branches = append(branches, branch{[]expressions.Expression{first}, &b})
	case "unless":
		branches = append(branches, branch{[]expressions.Expression{expressions.Not(first)}, &b})
	}
	for _, clause := range b.Clauses {
		next := branch{block: clause}
		switch clause.Name {
		case "elsif":
			test, err := expressions.Parse(clause.Args)
			if err != nil {
				return nil, err
			}
			next.tests = []expressions.Expression{test}
		case "when":
			stmt, err := expressions.ParseStatement(expressions.WhenStatementSelector, clause.Args)
			if err != nil {
				return nil, err
			}
			next.tests = stmt.When.Exprs
		}
		branches = append(branches, next)
	}
	return func(w io.Writer, c render.Context) error {
		holds := func(v any) bool { return v != nil && v != false }
		if b.Name == "case" {
			subject, err := c.Evaluate(first)
			if err != nil {
				return err
			}
			holds = func(v any) bool { return values.Equal(subject, v) }
		}
		for _, b := range branches {
			taken := b.tests == nil
			for _, test := range b.tests {
				v, err := c.Evaluate(test)
				if err != nil {
					return err
				}
				taken = holds(v) || taken
			}
			if taken {
				return c.RenderBlock(w, b.block)
			}
		}
		return nil
	}, nil
}

func oracleLoop(b render.BlockNode) (renderTag, error) {
	stmt, err := expressions.ParseStatement(expressions.LoopStatementSelector, b.Args)
	if err != nil {
		return nil, err
	}
	return func(w io.Writer, c render.Context) error {
		items, err := oracleItems(stmt.Loop, c)
		if err != nil {
			return err
		}
		if len(items) == 0 {
			if len(b.Clauses) > 0 {
				return c.RenderBlock(w, b.Clauses[0])
			}
			return nil
		}
		outer, shadowed := c.Get("forloop"), c.Get(stmt.Loop.Variable)
		defer func() {
			c.Set("forloop", outer)
			c.Set(stmt.Loop.Variable, shadowed)
		}()
		for i, item := range items {
			c.Set(stmt.Loop.Variable, item)
			c.Set("forloop", theirObject{
				"first": i == 0, "last": i == len(items)-1, "index": i + 1, "index0": i,
				"rindex": len(items) - i, "rindex0": len(items) - i - 1, "length": len(items),
			})
			if err := c.RenderChildren(w); err != nil {
				if errors.Is(err.Cause(), errOracleBreak) {
					return nil
				}
				if !errors.Is(err.Cause(), errOracleContinue) {
					return err
				}
			}
		}
		return nil
	}, nil
}

// oracleItems applies the modifiers in our order, as our own loops do.
func oracleItems(l expressions.Loop, c render.Context) ([]any, error) {
	v, err := c.Evaluate(l.Expr)
	if err != nil {
		return nil, err
	}
	ours, err := listOf(toOurs(v))
	if err != nil {
		return nil, err
	}
	items := toTheirs(ours).([]any)
	modifier := func(e expressions.Expression, otherwise int) (int, error) {
		if e == nil {
			return otherwise, nil
		}
		v, err := c.Evaluate(e)
		if err != nil {
			return 0, err
		}
		n, _, _, err := number(toOurs(v))
		return int(max(n, 0)), err
	}
	offset, err := modifier(l.Offset, 0)
	if err != nil {
		return nil, err
	}
	items = items[min(offset, len(items)):]
	most, err := modifier(l.Limit, len(items))
	if err != nil {
		return nil, err
	}
	items = items[:min(most, len(items))]
	if l.Reversed {
		slices.Reverse(items)
	}
	return items, nil
}
