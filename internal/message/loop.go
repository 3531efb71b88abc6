package message

import (
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/osteele/liquid/expressions"
	"github.com/osteele/liquid/render"
)

// loop is a {% for %}. The library's own would go on for as long as it is told.
type loop struct {
	expressions.Loop
	// steps is what one iteration costs.
	steps     int
	otherwise []*render.BlockNode
}

func (l loop) render(w io.Writer, c render.Context) error {
	items, err := l.items(c)
	if err != nil {
		return err
	}
	if len(items) == 0 {
		if len(l.otherwise) > 0 {
			return c.RenderBlock(w, l.otherwise[0])
		}
		return nil
	}
	outer, shadowed := c.Get("forloop"), c.Get(l.Variable)
	defer func() {
		c.Set("forloop", outer)
		c.Set(l.Variable, shadowed)
	}()
	left := c.Get(budgetName).(*budget)
	for i, item := range items {
		left.iterations--
		left.steps -= l.steps
		if left.iterations < 0 || left.steps < 0 {
			return errEndless
		}
		c.Set(l.Variable, item)
		c.Set("forloop", object{
			"first": i == 0, "last": i == len(items)-1, "index": i + 1, "index0": i,
			"rindex": len(items) - i, "rindex0": len(items) - i - 1, "length": len(items),
		})
		if err := c.RenderChildren(w); err != nil {
			switch {
			case errors.Is(err.Cause(), errBreak):
				return nil
			case !errors.Is(err.Cause(), errContinue):
				return err
			}
		}
	}
	return nil
}

// stepsOf counts the pieces of Liquid and the filters in a body. A loop in it
// counts its own.
func stepsOf(nodes []render.Node) int {
	steps := 1
	for _, n := range nodes {
		switch n := n.(type) {
		case *render.ObjectNode:
			steps += 1 + strings.Count(n.Args, "|")
		case *render.TagNode:
			steps += 1 + strings.Count(n.Args, "|")
		case *render.BlockNode:
			steps++
			if n.Name == "for" {
				continue
			}
			steps += stepsOf(n.Body)
			for _, clause := range n.Clauses {
				steps += stepsOf(clause.Body)
			}
		}
	}
	return steps
}

// items returns what the loop goes over, its offset, limit and reversal applied
// in Liquid's order.
func (l loop) items(c render.Context) ([]any, error) {
	v, err := c.Evaluate(l.Expr)
	if err != nil {
		return nil, err
	}
	items, err := listOf(v)
	if errors.Is(err, errTooLong) {
		err = errEndless
	}
	if err != nil {
		return nil, err
	}
	offset, err := l.modifier(c, l.Offset, 0)
	if err != nil {
		return nil, err
	}
	items = items[min(offset, len(items)):]
	most, err := l.modifier(c, l.Limit, len(items))
	if err != nil {
		return nil, err
	}
	items = items[:min(most, len(items))]
	if l.Reversed {
		items = slices.Clone(items)
		slices.Reverse(items)
	}
	return items, nil
}

func (loop) modifier(c render.Context, e expressions.Expression, otherwise int) (int, error) {
	if e == nil {
		return otherwise, nil
	}
	v, err := c.Evaluate(e)
	if err != nil {
		return 0, err
	}
	n, _, _, err := number(v)
	return int(max(n, 0)), err
}
