package message

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/osteele/liquid/expressions"
	"github.com/osteele/liquid/parser"
	"github.com/osteele/liquid/render"
	"github.com/osteele/liquid/values"

	"bellman/internal/fault"
)

// Limits of one rendering.
const (
	maxIterations = 1000     // of all loops together
	maxSteps      = 20_000   // pieces of Liquid in all iterations together
	maxOutput     = 64 << 10 // bytes
)

// addressFilter is added to an output that stands in an address.
const addressFilter = "_address"

// budgetName is the variable that holds what is left of a rendering's limits. No
// source can name it.
const budgetName = "\x00"

// budget is what is left of a rendering's limits.
type budget struct{ iterations, steps int }

// The two languages that sources are in: values are escaped for HTML, or
// written as they are.
var (
	htmlLiquid  = newLiquid(htmlEscaper{})
	plainLiquid = newLiquid(plainEscaper{})
)

// newLiquid returns the library with our filters, and with our tags, which are
// the ones of its own that cannot run away.
func newLiquid(escape escaper) *liquid {
	c := render.NewConfig()
	for name, f := range filters {
		c.AddFilter(name, f)
	}
	c.AddFilter(addressFilter, urlEncode)
	c.SetAutoEscapeReplacer(escape)
	c.AddTag("assign", assignTag)
	c.AddTag("break", func(string) (renderer, error) { return leave(errBreak), nil })
	c.AddTag("continue", func(string) (renderer, error) { return leave(errContinue), nil })
	c.AddBlock("comment")
	c.AddBlock("raw")
	c.AddBlock("capture").Compiler(captureBlock)
	c.AddBlock("case").Clause("when").Clause("else").Compiler(caseBlock)
	c.AddBlock("for").Clause("else").Compiler(forBlock)
	c.AddBlock("if").Clause("else").Clause("elsif").Compiler(ifBlock)
	c.AddBlock("unless").Clause("else").Clause("elsif").Compiler(ifBlock)
	return &liquid{&c, escape}
}

// liquid is how the library reads and writes.
type liquid struct {
	*render.Config
	escape escaper
}

// program is a script that the library has compiled.
type program struct {
	root     render.Node
	language *liquid
	// native is the same script where it can do without the library.
	native native
}

// compile compiles a script, whose outputs are marked with where they stand.
func (s *script) compile(in *liquid) (p program, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("message: liquid: %v", r)
		}
	}()
	root, failure := in.Compile(string(appendCode(nil, s.nodes)), parser.SourceLoc{})
	if failure != nil {
		return p, failure
	}
	return program{root, in, s.native(in.escape)}, nil
}

// appendCode appends what the library compiles: the source with the numbers of
// links, and with a filter on the values of addresses.
func appendCode(dst []byte, nodes []*node) []byte {
	for _, n := range nodes {
		switch {
		case n.kind == blockNode:
			for _, a := range n.arms {
				if a.tag != nil {
					dst = append(dst, a.tag.src...)
				}
				dst = appendCode(dst, a.nodes)
			}
		case n.kind == outputNode && n.spot == inLink:
			end := len(strings.TrimSuffix(strings.TrimSuffix(n.src, "}}"), "-"))
			dst = append(dst, n.src[:end]...)
			dst = append(dst, " | "+addressFilter...)
			dst = append(dst, n.src[end:]...)
		default:
			dst = appendMarked(dst, n)
		}
	}
	return dst
}

// appendMarked appends a stretch of source with the numbers of its links.
func appendMarked(dst []byte, n *node) []byte {
	from := 0
	for _, m := range n.marks {
		dst = append(dst, n.src[from:m.at]...)
		dst = append(dst, " "+markAttribute+"="...)
		dst = strconv.AppendInt(dst, int64(m.number), 10)
		from = m.at
	}
	return append(dst, n.src[from:]...)
}

// render appends what a program writes with these variables.
func (p program) render(dst []byte, variables map[string]any) (out []byte, err error) {
	w := &limited{out: dst, most: len(dst) + maxOutput}
	defer caught(&out, &err)
	variables[budgetName] = &budget{maxIterations, maxSteps}
	if failure := render.Render(p.root, w, variables, *p.language.Config); failure != nil {
		return nil, failed(failure)
	}
	return w.out, nil
}

// caught makes a fault of a panic while a program is run.
func caught(out *[]byte, err *error) {
	if r := recover(); r != nil {
		*out, *err = nil, failed(r)
	}
}

func failed(failure any) *fault.Error {
	return fault.New(fault.Invalid, "liquid_failed", "%s", reasonOf(failure))
}

// reasonOf says in words what made a rendering fail; causes are ours, or the
// library's own.
func reasonOf(failure any) string {
	err, ok := failure.(error)
	if !ok {
		return fmt.Sprint(failure)
	}
	for {
		if f, ok := errors.AsType[expressions.FilterError](err); ok {
			return fmt.Sprintf("the filter %s: %s", f.FilterName, f.Err)
		}
		inner, ok := err.(interface{ Cause() error })
		if !ok || inner.Cause() == nil {
			return err.Error()
		}
		err = inner.Cause()
	}
}

// limited is a buffer that takes no more than a message can have.
type limited struct {
	out  []byte
	most int
}

func (l *limited) Write(b []byte) (int, error) {
	if len(l.out)+len(b) > l.most {
		return 0, errTooLong
	}
	l.out = append(l.out, b...)
	return len(b), nil
}

type renderer = func(io.Writer, render.Context) error

var (
	errBreak    = errors.New("break outside a loop")
	errContinue = errors.New("continue outside a loop")
	errEndless  = fmt.Errorf("the loops run more than %d times", maxIterations)
)

// leave ends an iteration by an error that the loop knows.
func leave(err error) renderer {
	return func(_ io.Writer, c render.Context) error { return c.WrapError(err) }
}

func assignTag(args string) (renderer, error) {
	stmt, err := expressions.ParseStatement(expressions.AssignStatementSelector, args)
	if err != nil {
		return nil, err
	}
	if stmt.Assignment.Variable == "" {
		return nil, errors.New("only a variable can be assigned")
	}
	return func(_ io.Writer, c render.Context) error {
		v, err := c.Evaluate(stmt.ValueFn)
		if err == nil {
			c.Set(stmt.Assignment.Variable, v)
		}
		return err
	}, nil
}

func captureBlock(b render.BlockNode) (renderer, error) {
	return func(_ io.Writer, c render.Context) error {
		text := limited{most: maxString}
		if err := c.RenderChildren(&text); err != nil {
			return err
		}
		c.Set(b.Args, string(text.out))
		return nil
	}, nil
}

// branch is one arm of an {% if %} or a {% case %}.
type branch struct {
	// tests are what any of has to hold; none is an else.
	tests []expressions.Expression
	block *render.BlockNode
}

func ifBlock(b render.BlockNode) (renderer, error) {
	test, err := expressions.Parse(b.Args)
	if err != nil {
		return nil, err
	}
	if b.Name == "unless" {
		test = expressions.Not(test)
	}
	branches := []branch{{[]expressions.Expression{test}, &b}}
	for _, clause := range b.Clauses {
		next := branch{block: clause}
		if clause.Name == "elsif" {
			test, err := expressions.Parse(clause.Args)
			if err != nil {
				return nil, err
			}
			next.tests = []expressions.Expression{test}
		}
		branches = append(branches, next)
	}
	return func(w io.Writer, c render.Context) error {
		return choose(w, c, branches, holds)
	}, nil
}

// choose renders the first branch that holds.
func choose(w io.Writer, c render.Context, branches []branch, holds func(any) bool) error {
	for _, b := range branches {
		taken := b.tests == nil
		for _, test := range b.tests {
			v, err := c.Evaluate(test)
			if err != nil {
				return err
			}
			taken = taken || holds(v)
		}
		if taken {
			return c.RenderBlock(w, b.block)
		}
	}
	return nil
}

func caseBlock(b render.BlockNode) (renderer, error) {
	subject, err := expressions.Parse(b.Args)
	if err != nil {
		return nil, err
	}
	var branches []branch
	for _, clause := range b.Clauses {
		next := branch{block: clause}
		if clause.Name == "when" {
			stmt, err := expressions.ParseStatement(expressions.WhenStatementSelector, clause.Args)
			if err != nil {
				return nil, err
			}
			next.tests = stmt.When.Exprs
		}
		branches = append(branches, next)
	}
	return func(w io.Writer, c render.Context) error {
		v, err := c.Evaluate(subject)
		if err != nil {
			return err
		}
		return choose(w, c, branches, func(when any) bool { return values.Equal(v, when) })
	}, nil
}

func forBlock(b render.BlockNode) (renderer, error) {
	stmt, err := expressions.ParseStatement(expressions.LoopStatementSelector, b.Args)
	if err != nil {
		return nil, err
	}
	if stmt.Loop.Cols != nil {
		return nil, errors.New("a loop has no cols")
	}
	l := loop{Loop: stmt.Loop, steps: stepsOf(b.Body), otherwise: slices.Clone(b.Clauses)}
	return l.render, nil
}
