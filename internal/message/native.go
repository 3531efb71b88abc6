package message

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/osteele/liquid/expressions"
	"github.com/osteele/liquid/values"
)

// native is a script as functions over the recipient's values. Most scripts are
// of text, outputs and conditions, which cost a tenth this way; what a value is
// and how two compare remains the library's. A script with anything else in it,
// such as a loop or white space to trim, is left to the library as a whole.
type native []piece

type (
	// piece appends what a stretch of source becomes.
	piece func(dst []byte, c *composer) []byte
	// operand is a value. A filter that fails panics, as the library's do.
	operand func(c *composer) any
)

// native returns nil for a script that is left to the library, which has
// accepted it.
func (s *script) native(escape escaper) native {
	r := nativeReader{escape: escape}
	pieces := r.sequence(s.nodes)
	if r.beyond {
		return nil
	}
	return pieces
}

// render appends what a script writes for the recipient, to an empty buffer.
func (n native) render(dst []byte, c *composer) (out []byte, err error) {
	defer caught(&out, &err)
	return n.write(dst, c), nil
}

func (n native) write(dst []byte, c *composer) []byte {
	for _, p := range n {
		if dst = p(dst, c); len(dst) > maxOutput {
			panic(errTooLong)
		}
	}
	return dst
}

// nativeReader makes pieces of nodes.
type nativeReader struct {
	escape escaper
	// beyond tells that something was left to the library.
	beyond bool
	// rest is the expression that is being read, from after word on.
	rest expressionReader
	word string
}

func (r *nativeReader) next() { r.word, _ = r.rest.next() }

// leave leaves the script to the library; what is returned is never called.
func (r *nativeReader) leave() operand {
	r.beyond, r.word = true, ""
	return nil
}

func (r *nativeReader) sequence(nodes []*node) native {
	pieces := make(native, 0, len(nodes))
	for _, n := range nodes {
		switch {
		case n.kind == textNode:
			text := appendMarked(nil, n)
			pieces = append(pieces, func(dst []byte, _ *composer) []byte { return append(dst, text...) })
		case n.kind == outputNode:
			pieces = append(pieces, r.output(n))
		case n.kind == blockNode && (n.name == "if" || n.name == "unless"):
			pieces = append(pieces, r.choice(n))
		default:
			r.leave()
		}
	}
	return pieces
}

// trims tells whether a piece of Liquid takes white space off its neighbours.
func (n *node) trims() bool {
	return n.src[2] == '-' || n.src[len(n.src)-3] == '-'
}

func (r *nativeReader) output(n *node) piece {
	if n.trims() {
		r.leave()
	}
	args := n.args
	if n.spot == inLink {
		args += " | " + addressFilter
	}
	value, escape := r.expression(args), r.escape
	return func(dst []byte, c *composer) []byte { return appendValue(dst, value(c), escape) }
}

// appendValue appends a value as the library writes it.
func appendValue(dst []byte, v any, escape escaper) []byte {
	switch v := v.(type) {
	case nil:
		return dst
	case string:
		return escape.append(dst, v)
	case int:
		return strconv.AppendInt(dst, int64(v), 10)
	case []any:
		for _, item := range v {
			dst = appendValue(dst, item, escape)
		}
		return dst
	case values.SafeValue:
		return append(dst, textOf(v.Value)...)
	}
	return escape.append(dst, textOf(v))
}

// choice reads an {% if %}, or an {% unless %}, which is one whose first arm is
// shown when its expression does not hold.
func (r *nativeReader) choice(n *node) piece {
	type way struct {
		test   operand // nil for an else
		wanted bool
		pieces native
	}
	var ways []way
	for i, a := range n.arms {
		if a.tag != nil && a.tag.trims() {
			r.leave()
		}
		if i == len(n.arms)-1 {
			break // the end
		}
		w := way{wanted: i > 0 || n.name == "if", pieces: r.sequence(a.nodes)}
		if a.tag != nil && a.tag.name != "else" {
			w.test = r.expression(a.tag.args)
		}
		ways = append(ways, w)
	}
	return func(dst []byte, c *composer) []byte {
		for _, w := range ways {
			if w.test == nil || holds(w.test(c)) == w.wanted {
				return w.pieces.write(dst, c)
			}
		}
		return dst
	}
}

// holds tells whether a value counts as true.
func holds(v any) bool { return v != nil && v != false }

// expression reads relations with "and" and "or" between them, which bind alike,
// from the left.
func (r *nativeReader) expression(args string) operand {
	r.rest = expressionReader{rest: args}
	r.next()
	left := r.relation()
	for r.word == "and" || r.word == "or" {
		a, decides := left, r.word == "or"
		r.next()
		b := r.relation()
		left = func(c *composer) any {
			if holds(a(c)) == decides {
				return decides
			}
			return holds(b(c))
		}
	}
	if r.word != "" {
		return r.leave()
	}
	return left
}

var relations = map[string]func(a, b values.Value) bool{
	"==":       func(a, b values.Value) bool { return a.Equal(b) },
	"!=":       func(a, b values.Value) bool { return !a.Equal(b) },
	"<":        func(a, b values.Value) bool { return a.Less(b) },
	">":        func(a, b values.Value) bool { return b.Less(a) },
	"<=":       func(a, b values.Value) bool { return a.Less(b) || a.Equal(b) },
	">=":       func(a, b values.Value) bool { return b.Less(a) || a.Equal(b) },
	"contains": func(a, b values.Value) bool { return a.Contains(b) },
}

// relation reads a value, with filters or compared with another one.
func (r *nativeReader) relation() operand {
	left := r.operand()
	if r.word == "|" {
		return r.filtered(left)
	}
	name := r.word
	if strings.HasPrefix(r.rest.rest, "=") {
		name += "="
		r.next()
	}
	compare, ok := relations[name]
	if !ok {
		return left
	}
	r.next()
	right := r.operand()
	return func(c *composer) any { return compare(values.ValueOf(left(c)), values.ValueOf(right(c))) }
}

// operand reads a literal, or a variable of the recipient's.
func (r *nativeReader) operand() operand {
	word := r.word
	r.next()
	switch {
	case word == "contact" || word == "data":
		return r.variable(word)
	case word == "true" || word == "false":
		return constant(word == "true")
	case word == "nil":
		return constant(nil)
	case len(word) > 1 && (word[0] == '"' || word[0] == '\''):
		return constant(word[1 : len(word)-1])
	}
	if n, err := strconv.Atoi(word); err == nil {
		return constant(n)
	}
	if f, err := strconv.ParseFloat(word, 64); err == nil && isDigit(word[0]) {
		return constant(f)
	}
	return r.leave()
}

func constant(v any) operand { return func(*composer) any { return v } }

func (r *nativeReader) variable(root string) operand {
	var path []string
	for len(r.word) > 1 && r.word[0] == '.' {
		path = append(path, r.word[1:])
		r.next()
	}
	switch {
	case root == "data":
		return func(c *composer) any { return c.data.value(path) }
	case len(path) == 1:
		field := path[0]
		return func(c *composer) any { return c.person.field(field) }
	}
	return r.leave()
}

// filtered reads the filters of a value.
func (r *nativeReader) filtered(value operand) operand {
	for r.word == "|" {
		r.next()
		name, called := strings.CutSuffix(r.word, ":")
		var args []operand
		for r.next(); called && len(args) == 0 || r.word == ","; {
			if len(args) > 0 {
				r.next()
			}
			args = append(args, r.operand())
		}
		value = r.filter(name, value, args)
	}
	return value
}

func (r *nativeReader) filter(name string, value operand, args []operand) operand {
	run, most := nativeFilter(name)
	if len(args) > most {
		return r.leave()
	}
	return func(c *composer) any {
		with := filtering{value: value(c), given: len(args)}
		for i, arg := range args {
			with.args[i] = arg(c)
		}
		result, err := run(with)
		if err != nil {
			panic(expressions.FilterError{FilterName: name, Err: err})
		}
		return result
	}
}

// filtering is what a filter is called with.
type filtering struct {
	value any
	args  [2]any
	given int // of args
}

// text returns a value as a filter gets it that takes text.
func text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	return fmt.Sprint(v)
}

// number is the first argument, where it may be left out.
func (f filtering) number(otherwise int) int {
	if f.given < 1 {
		return otherwise
	}
	return values.MustConvert(f.args[0], reflect.TypeFor[int]()).(int)
}

// ending is the second argument, where it may be left out.
func (f filtering) ending(otherwise string) string {
	if f.given < 2 {
		return otherwise
	}
	return fmt.Sprint(f.args[1])
}

// nativeFilter returns a filter, and how many arguments it takes; -1 for one
// that is left to the library.
func nativeFilter(name string) (run func(filtering) (any, error), most int) {
	if name == addressFilter {
		return func(f filtering) (any, error) { return urlEncode(f.value), nil }, 0
	}
	switch filter := filters[name].(type) {
	case func(string) string:
		return func(f filtering) (any, error) { return filter(text(f.value)), nil }, 0
	case func(string) values.SafeValue:
		return func(f filtering) (any, error) { return filter(text(f.value)), nil }, 0
	case func(any) encoded:
		return func(f filtering) (any, error) { return filter(f.value), nil }, 0
	case func(any) any:
		return func(f filtering) (any, error) { return filter(f.value), nil }, 0
	case func(any) (any, error):
		return func(f filtering) (any, error) { return filter(f.value) }, 0
	case func(string, string) string:
		return func(f filtering) (any, error) { return filter(text(f.value), text(f.args[0])), nil }, 1
	case func(string, string) (string, error):
		return func(f filtering) (any, error) { return filter(text(f.value), text(f.args[0])) }, 1
	case func(any, any) any:
		return func(f filtering) (any, error) { return filter(f.value, f.args[0]), nil }, 1
	case func(any, any) (any, error):
		return func(f filtering) (any, error) { return filter(f.value, f.args[0]) }, 1
	case func(any, func(int) int) (any, error):
		return func(f filtering) (any, error) { return filter(f.value, f.number) }, 1
	case func(any, func(int) int) (string, error):
		return func(f filtering) (any, error) { return filter(f.value, f.number) }, 1
	case func(any, string, any) (string, error):
		return func(f filtering) (any, error) { return filter(f.value, text(f.args[0]), f.args[1]) }, 2
	case func(string, string, string) (string, error):
		return func(f filtering) (any, error) { return filter(text(f.value), text(f.args[0]), text(f.args[1])) }, 2
	case func(string, func(int) int, func(string) string) string:
		return func(f filtering) (any, error) { return filter(text(f.value), f.number, f.ending), nil }, 2
	}
	return nil, -1
}
