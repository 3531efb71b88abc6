package liquid

import (
	"bytes"
	"slices"
	"strconv"
	"time"
	"unicode"

	"bellman/internal/fault"
)

// Variables are those that the caller has.
type Variables interface {
	// Variable returns what stands under a path of properties in the variable
	// root, which is one of the [Scope]'s: nil, a bool, an int, a float64, a
	// string, an []any of such values, an [Object] or a [Sample].
	Variable(root string, path []string) any
}

// Escaper writes a value that is not safe.
type Escaper interface {
	Append(dst []byte, value string) []byte
}

// Renderer renders templates, one at a time. It is meant for reuse: its buffers
// stay. The zero value is ready.
type Renderer struct {
	// Now is what the clock shows: the value of now.
	Now time.Time
	// Language is that of the text, a BCP 47 tag, in which the filter date names
	// months and days: in English when it is empty or not among the known ones.
	Language  string
	variables Variables
	escaper   Escaper
	dst       []byte
	// most is how long dst may become.
	most int
	// last is where in dst the last thing written begins: white space is taken off
	// no more than that. trim tells that it is taken off the next thing.
	last int
	trim bool
	// slots hold the variables that the source makes, loops the loops that run.
	slots  []any
	loops  []iteration
	budget budget
	stop   stop
	err    error
}

// stop is why a rendering does not go on to the next node.
type stop byte

const (
	goesOn    stop = iota
	breaks         // to the end of the loop
	continues      // to the next iteration
	fails
)

// Render appends what a template writes with these variables. The error is an
// Invalid fault: a limit was reached, or a filter got what it can do nothing
// with.
func (r *Renderer) Render(dst []byte, t *Template, variables Variables, escaper Escaper) ([]byte, error) {
	r.variables, r.escaper = variables, escaper
	r.dst, r.last, r.most, r.trim = dst, len(dst), len(dst)+maxOutput, false
	r.slots, r.loops = slices.Grow(r.slots[:0], t.slots)[:t.slots], r.loops[:0]
	r.budget, r.stop, r.err = budget{maxIterations, maxSteps}, goesOn, nil
	r.sequence(t.Nodes)
	dst = r.dst
	r.variables, r.escaper, r.dst = nil, nil, nil
	clear(r.slots)
	if r.err != nil {
		return nil, fault.New(fault.Invalid, "liquid_failed", "%s", r.err)
	}
	return dst, nil
}

// fail ends the rendering; the first error counts. It returns the value of what
// has failed.
func (r *Renderer) fail(err error) any {
	if r.err == nil {
		r.err, r.stop = err, fails
	}
	return nil
}

func (r *Renderer) sequence(nodes []Node) {
	for _, n := range nodes {
		if n.write(r); r.stop != goesOn {
			return
		}
	}
	r.last = len(r.dst)
}

// begin begins to write one thing, and returns where.
func (r *Renderer) begin() int {
	if !r.trim {
		r.last = len(r.dst)
	}
	return len(r.dst)
}

// end ends what was begun at a place.
func (r *Renderer) end(at int) {
	if r.trim {
		r.trim = false
		written := r.dst[at:]
		r.dst = append(r.dst[:at], bytes.TrimLeftFunc(written, unicode.IsSpace)...)
	}
	if len(r.dst) > r.most {
		r.fail(errTooLong)
	}
}

// trimBefore takes white space off the last thing written.
func (r *Renderer) trimBefore() {
	r.dst = r.dst[:r.last+len(bytes.TrimRightFunc(r.dst[r.last:], unicode.IsSpace))]
	r.last = len(r.dst)
}

func (t *Text) write(r *Renderer) {
	at := r.begin()
	r.dst = append(r.dst, t.written...)
	r.end(at)
}

func (o *Output) write(r *Renderer) {
	if o.before {
		r.trimBefore()
	}
	v := r.evaluate(o.value)
	if o.Encode {
		v = urlEncode(v)
	}
	if r.stop == goesOn {
		r.value(v)
	}
	r.trim = r.trim || o.after
}

// value writes a value out; of a list, each item.
func (r *Renderer) value(v any) {
	switch v := v.(type) {
	case nil:
		return
	case []any:
		for _, item := range v {
			r.value(item)
		}
		return
	}
	at := r.begin()
	switch v := v.(type) {
	case string:
		r.dst = r.escaper.Append(r.dst, v)
	case int:
		r.dst = strconv.AppendInt(r.dst, int64(v), 10)
	case float64:
		r.dst = strconv.AppendFloat(r.dst, v, 'f', -1, 64)
	case safe:
		r.dst = append(r.dst, v...)
	default:
		r.dst = r.escaper.Append(r.dst, textOf(v))
	}
	r.end(at)
}

func (t *Tag) write(r *Renderer) {
	if t.before {
		r.trimBefore()
	}
	switch t.name {
	case "assign":
		r.slots[t.slot] = r.evaluate(t.value)
	case "break":
		r.stop = breaks
	case "continue":
		r.stop = continues
	}
	r.trim = r.trim || t.after && r.stop == goesOn
}

func (b *Block) write(r *Renderer) {
	if b.before {
		r.trimBefore()
	}
	switch b.Name {
	case "for":
		b.repeat(r)
	case "capture":
		b.capture(r)
	case "case":
		subject := r.evaluate(b.subject)
		b.choose(r, func(v any) bool { return equal(subject, v) })
	default:
		b.choose(r, isTrue)
	}
	if r.stop == goesOn {
		r.trim = r.trim || b.after
	}
}

// choose writes the first arm of which a test holds.
func (b *Block) choose(r *Renderer, holds func(any) bool) {
	for i := range b.Choices() {
		a := &b.Choices()[i]
		taken := a.tests == nil
		for _, test := range a.tests {
			taken = holds(r.evaluate(test)) || taken
		}
		switch {
		case r.stop != goesOn:
			return
		case taken:
			r.arm(a)
			return
		}
	}
}

// arm writes an arm, if it is there.
func (r *Renderer) arm(a *Arm) {
	if a.Tag == nil {
		return
	}
	r.trim = r.trim || a.begin
	for _, n := range a.Nodes {
		if n.write(r); r.stop != goesOn {
			return
		}
	}
	if a.end {
		r.trimBefore()
	}
	r.last = len(r.dst)
}

// capture keeps what is in the block as a text.
func (b *Block) capture(r *Renderer) {
	begin, last, most, trim := len(r.dst), r.last, r.most, r.trim
	r.last, r.most, r.trim = begin, begin+maxText, false
	r.arm(&b.Arms[0])
	text := string(r.dst[begin:])
	r.dst, r.last, r.most, r.trim = r.dst[:begin], last, most, trim
	if r.stop == goesOn {
		r.slots[b.slot] = text
	}
}
