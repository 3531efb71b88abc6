package foreign

import (
	"regexp"
	"slices"
	"strings"
)

// value is an expression in Liquid.
type value struct {
	text string
	kind kind
	// reason says why there is none.
	reason string
	// tool tells that it is one of the vendor's tools, of which no method is known.
	tool bool
}

// kind is where in Liquid an expression may stand.
type kind byte

const (
	operand  kind = iota
	filtered      // has filters, and so cannot be compared
	relation      // a comparison
	both          // relations joined by "and"
	either        // relations joined by "or"
)

func without(reason string) value { return value{reason: reason} }

// reference reads $name, $!name, ${name} and $!{name} with what is looked up in it.
type reference struct {
	root string
	end  int
	// formal tells that there is an exclamation mark or a brace, called that a
	// method is.
	formal, called, silent bool
	of                     value
}

var identifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*`)

// reference reads the reference that begins at a place; ok is false when none does.
func (s *scanner) reference(at int) (r reference, ok bool) {
	i := at + 1
	if strings.HasPrefix(s.view[i:], "!") {
		r.silent, r.formal = true, true
		i++
	}
	braced := strings.HasPrefix(s.view[i:], "{")
	if braced {
		r.formal = true
		i++
	}
	r.root = identifier.FindString(s.view[i:])
	if r.root == "" {
		return r, false
	}
	i += len(r.root)
	r.of = s.root(r.root)
	for {
		next, of, more := s.lookUp(i, r.of)
		if !more {
			break
		}
		r.called = r.called || strings.HasSuffix(s.view[i:next], ")")
		i, r.of = next, of
	}
	if braced {
		if strings.HasPrefix(s.view[i:], "|") {
			end := strings.IndexByte(s.view[i:], '}')
			if end < 0 {
				return r, false
			}
			r.of = orElse(r.of, s.view[i+1:i+end])
			i += end
		}
		if !strings.HasPrefix(s.view[i:], "}") {
			return r, false
		}
		i++
	}
	r.end = i
	return r, true
}

// orElse is the alternate value of ${name|'friend'}.
func orElse(v value, otherwise string) value {
	quoted, ok := quote(strings.Trim(strings.TrimSpace(otherwise), `'"`))
	if !ok {
		return without("the default has signs that Liquid cannot write; choose another one")
	}
	return v.filter("default: " + quoted)
}

// tools are the vendor's variables that have methods, and no counterpart.
var tools = []string{
	"alternator", "class", "context", "convert", "date", "dateTool", "display", "esc", "field", "link", "list", "math", "mathTool", "number",
	"numberTool", "render", "sorter", "string", "util",
}

const noFilter = "Liquid has no such function; prepare the value before it is sent"

// root returns what a variable is.
func (s *scanner) root(name string) value {
	made, local := s.locals[name]
	loop := s.loops() > 0
	switch {
	case local && !made:
		return without("the variable is made where it cannot be translated")
	case local:
		return value{text: name}
	case (name == "foreach" || name == "velocityCount" || name == "velocityHasNext") && !loop:
		return without("there is no loop that it could count")
	case name == "foreach":
		return value{text: "forloop"}
	case name == "velocityCount":
		return value{text: "forloop.index"}
	case name == "velocityHasNext":
		return value{text: "forloop.last == false", kind: relation}
	case name == "data":
		return value{text: "data"}
	case slices.Contains(tools, name):
		return value{text: "data." + name, tool: true}
	case isContactField(name):
		variable, _ := contactField(name)
		return value{text: variable}
	}
	return value{text: "data." + name}
}

// maxIndex and maxParenthesis are how long what stands in brackets and in
// parentheses may be, in bytes.
const (
	maxIndex       = 100
	maxParenthesis = 2000
)

// lookUp reads a property, a method or an index of a value; more is false when
// there is none at the place.
func (s *scanner) lookUp(at int, of value) (end int, found value, more bool) {
	rest := s.view[at:]
	switch {
	case strings.HasPrefix(rest, "."):
		name := identifier.FindString(rest[1:])
		if name == "" {
			return at, of, false
		}
		end = at + 1 + len(name)
		if !strings.HasPrefix(s.view[end:], "(") {
			return end, of.property(name), true
		}
		inside, end, ok := s.parenthesis(end)
		if !ok {
			return at, of, false
		}
		return end, s.method(of, name, s.arguments(inside)), true
	case strings.HasPrefix(rest, "["):
		size := strings.IndexByte(rest, ']')
		if size < 0 || size > maxIndex || strings.ContainsAny(rest[:size], "\n ") {
			return at, of, false
		}
		by := s.expression(rest[1:size])
		return at + size + 1, of.item(by), by.reason == ""
	}
	return at, of, false
}

// property returns v.name.
func (v value) property(name string) value {
	switch {
	case v.reason != "":
		return v
	case v.kind != operand:
		return without(noFilter)
	case v.text == "forloop":
		return loopProperty(name)
	case v.text == "data" && strings.ToUpper(name) == name && isContactField(name):
		variable, _ := contactField(name)
		return value{text: variable}
	case strings.HasPrefix(v.text, "contact."):
		// It only has the name of a contact's field.
		v.text = "data." + strings.TrimPrefix(v.text, "contact.")
	}
	text, ok := propertyOf(v.text, name)
	if !ok {
		return without("Liquid cannot write the name of the property; choose another one")
	}
	return value{text: text}
}

func loopProperty(name string) value {
	switch name {
	case "count":
		return value{text: "forloop.index"}
	case "index":
		return value{text: "forloop.index0"}
	case "first", "last":
		return value{text: "forloop." + name}
	case "hasNext":
		return value{text: "forloop.last == false", kind: relation}
	}
	return without("loops do not tell this in Liquid")
}

// item returns v[by].
func (v value) item(by value) value {
	switch {
	case v.reason != "":
		return v
	case by.reason != "":
		return by
	case v.kind != operand || by.kind != operand:
		return without(noFilter)
	}
	return value{text: v.text + "[" + by.text + "]"}
}

// filter adds a filter to a value.
func (v value) filter(filter string) value {
	switch {
	case v.reason != "":
		return v
	case v.kind > filtered:
		return without(noFilter)
	}
	return value{text: v.text + " | " + filter, kind: filtered}
}

// method returns v.name(arguments).
func (s *scanner) method(v value, name string, args []value) value {
	for _, a := range args {
		if a.reason != "" {
			return a
		}
		if a.kind != operand {
			return without(noFilter)
		}
	}
	if v.tool {
		return without(noFilter)
	}
	getter, isGetter := strings.CutPrefix(name, "get")
	switch {
	case name == "get" && len(args) == 1:
		if text, ok := unquote(args[0].text); ok {
			return v.property(text)
		}
		return v.item(args[0])
	case len(args) == 0 && isGetter && getter != "":
		return v.property(strings.ToLower(getter[:1]) + getter[1:])
	case len(args) == 0:
		return v.bare(name)
	case len(args) == 1 && name == "equals":
		return compare(v, "==", args[0])
	case len(args) == 1 && name == "contains":
		return compare(v, "contains", args[0])
	case len(args) == 2 && name == "replace":
		return v.filter("replace: " + args[0].text + ", " + args[1].text)
	case len(args) == 2 && name == "replaceFirst" && isPlain(args[0].text):
		return v.filter("replace_first: " + args[0].text + ", " + args[1].text)
	case len(args) == 1 && name == "split" && isPlain(args[0].text):
		return v.filter("split: " + args[0].text)
	}
	return without(noFilter)
}

// isPlain tells that a quoted text is the same as a pattern.
func isPlain(quoted string) bool {
	text, ok := unquote(quoted)
	return ok && !strings.ContainsAny(text, `\.[]{}()*+?^$|`)
}

// bare returns v.name(), for methods without arguments.
func (v value) bare(name string) value {
	switch name {
	case "size", "length":
		if v.reason == "" && v.kind == operand {
			v.text += ".size"
			return v
		}
	case "isEmpty":
		return compare(v, "==", value{text: "empty"})
	case "toString":
		return v
	case "intValue", "longValue":
		return v.filter("floor")
	case "toUpperCase":
		return v.filter("upcase")
	case "toLowerCase":
		return v.filter("downcase")
	case "trim":
		return v.filter("strip")
	}
	return without(noFilter)
}

func unquote(text string) (inside string, ok bool) {
	if len(text) < 2 || text[0] != '"' && text[0] != '\'' {
		return "", false
	}
	return text[1 : len(text)-1], true
}

// output reads a reference where it is written out.
func (s *scanner) output(at int) *piece {
	if at > 0 && (s.view[at-1] == '$' || s.view[at-1] == '\\') {
		return nil
	}
	r, ok := s.reference(at)
	if !ok {
		return nil
	}
	share := strings.ToUpper(r.root) == r.root // $TON
	if (share || endsInWord(s.view[:at])) && !r.formal && !r.called && !s.isLocal(r.root) {
		return nil
	}
	p := s.piece(at, r.end-at)
	p.certain = s.isCertain(at, r)
	s.velocity = s.velocity || p.certain
	switch {
	case r.of.reason != "":
		p.Reason = r.of.reason
	case r.of.text == "data":
		p.Reason = "it is all of the data; name one value, as in {{ data.name }}"
	default:
		p.Means = "{{ " + r.of.text + " }}"
	}
	return p
}

func (s *scanner) isLocal(name string) bool {
	_, local := s.locals[name]
	return local
}

// isCertain tells that a reference can hardly be a price, or the name of a share.
func (s *scanner) isCertain(at int, r reference) bool {
	_, known := contactField(r.root)
	looked := r.end > at+1+len(r.root)
	switch s.zones[at] {
	case inCode:
		return r.silent || r.called
	case inAddress:
		return r.formal || r.called || isCompound(r.root) || r.root == "data" && looked
	}
	long := len(r.root) > 5 && strings.ToLower(r.root) == r.root
	return s.velocity || r.formal || r.called || s.isLocal(r.root) || known || isCompound(r.root) || long || r.root == "data" && looked
}
