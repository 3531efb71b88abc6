package liquid

import "fmt"

// evaluate returns the value of a whole expression.
func (r *Renderer) evaluate(e expression) any { return settled(e.value(r)) }

func (c constant) value(*Renderer) any { return c.is }

func (o *outer) value(r *Renderer) any { return r.variables.Variable(o.root, o.path) }

func (l *local) value(r *Renderer) any { return lookUp(r.slots[l.slot], l.path) }

func (p *property) value(r *Renderer) any { return propertyOf(p.of.value(r), p.name) }

func (i *index) value(r *Renderer) any {
	of := i.of.value(r)
	return itemOf(of, r.evaluate(i.by))
}

func (s *span) value(r *Renderer) any {
	from := r.whole(s.from.value(r))
	return interval{from, r.whole(s.to.value(r))}
}

// whole returns the end of a range.
func (r *Renderer) whole(v any) int {
	switch v := v.(type) {
	case int:
		return v
	case Sample:
		return 1
	case Object:
		return 0
	}
	r.fail(conversion(v))
	return 0
}

// conversion is the fault of a value that should be a whole number.
func conversion(v any) error {
	return fmt.Errorf("can't convert %s to a whole number", quoted(v))
}

func (c *comparison) value(r *Renderer) any {
	left := c.left.value(r)
	return c.holds(left, c.right.value(r))
}

func (j *junction) value(r *Renderer) any {
	if isTrue(j.left.value(r)) == j.decides {
		return j.decides
	}
	return isTrue(j.right.value(r))
}

func (n not) value(r *Renderer) any { return !isTrue(n.of.value(r)) }

func (c *call) value(r *Renderer) any {
	v := r.evaluate(c.of)
	a := arguments{count: len(c.args), by: r}
	for i, arg := range c.args {
		if given := r.evaluate(arg); i < len(a.values) {
			a.values[i] = given
		}
	}
	if r.stop == fails {
		return nil
	}
	var err error
	if a.count > c.filter.most {
		err = fmt.Errorf("wrong number of arguments (given %d, expected %d)", a.count, c.filter.most)
	} else if v, err = c.filter.run(v, a); err == nil {
		return v
	}
	return r.fail(fmt.Errorf("the filter %s: %w", c.name, err))
}
