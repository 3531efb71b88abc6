package liquid

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// JSON finds values in a JSON text without decoding the rest. It is meant for
// reuse: its buffer stays. The zero value has no values.
type JSON struct {
	src []byte
	// members are those of the objects that stand in objects, each before the
	// members of its value; the first is the whole, which has no name.
	members []member
}

type member struct {
	name    stretch // with its quotes
	value   int     // where it begins
	end     int     // the first of the members that is not in the value
	decoded any     // the value, if it was asked for
}

// stretch is a part of a text.
type stretch struct{ from, to int }

// Read takes a text in, which has to be valid JSON or empty and may not change
// before [JSON.Forget].
func (x *JSON) Read(text []byte) {
	x.Forget()
	x.src = text
	if len(text) > 0 {
		x.member(&jsonReader{src: text}, stretch{})
	}
}

func (x *JSON) member(r *jsonReader, name stretch) {
	isObject := r.next() == '{'
	i := len(x.members)
	x.members = append(x.members, member{name: name, value: r.pos})
	if isObject {
		r.pos++
		for r.next() != '}' {
			x.member(r, r.quoted())
		}
		r.pos++
	} else {
		r.skip()
	}
	x.members[i].end = len(x.members)
}

// Value returns what stands under a path of properties: nil, a bool, an int, a
// float64, a string, an []any or an [Object]; of members of one name, the last.
func (x *JSON) Value(path []string) any {
	if len(x.members) == 0 {
		return nil
	}
	at := 0
	for i, name := range path {
		next := x.find(at, name)
		if next == 0 {
			return x.property(at, path[i:])
		}
		at = next
	}
	return x.decoded(at)
}

// find returns the last member of that name in the value of another one, as the
// last is what counts; 0 for none.
func (x *JSON) find(in int, name string) int {
	found := 0
	for i := in + 1; i < x.members[in].end; i = x.members[i].end {
		quoted := x.src[x.members[i].name.from:x.members[i].name.to]
		if isPlain(quoted) && string(quoted[1:len(quoted)-1]) == name || !isPlain(quoted) && unquoted(quoted) == name {
			found = i
		}
	}
	return found
}

// decoded decodes the value of a member, once.
func (x *JSON) decoded(at int) any {
	m := &x.members[at]
	if m.decoded == nil {
		m.decoded = (&jsonReader{src: x.src, pos: m.value}).value()
	}
	return m.decoded
}

// Forget lets go of the text.
func (x *JSON) Forget() {
	clear(x.members)
	x.src, x.members = nil, x.members[:0]
}

// property looks up what is no member: only a list, a text and the size of an
// object have such properties.
func (x *JSON) property(at int, path []string) any {
	if x.src[x.members[at].value] == '{' && path[0] != sizeProperty {
		return nil
	}
	return lookUp(x.decoded(at), path)
}

// jsonReader reads valid JSON into the values that Liquid reckons with. The
// standard library would take a third of the time of a whole rendering, and
// would have to be asked to keep the digits of long numbers.
type jsonReader struct {
	src []byte
	pos int
}

// next skips to the next character that is no white space, a comma or a colon.
func (r *jsonReader) next() byte {
	for {
		switch c := r.src[r.pos]; c {
		case ' ', '\t', '\n', '\r', ',', ':':
			r.pos++
		default:
			return c
		}
	}
}

func (r *jsonReader) value() any {
	switch c := r.next(); c {
	case '{':
		r.pos++
		o := make(Object)
		for r.next() != '}' {
			name := r.string()
			o[name] = r.value()
		}
		r.pos++
		return o
	case '[':
		r.pos++
		list := []any{}
		for r.next() != ']' {
			list = append(list, r.value())
		}
		r.pos++
		return list
	case '"':
		return r.string()
	case 't':
		r.pos += len("true")
		return true
	case 'f':
		r.pos += len("false")
		return false
	case 'n':
		r.pos += len("null")
		return nil
	}
	return r.number()
}

// quoted skips a string and returns where it is.
func (r *jsonReader) quoted() stretch {
	start := r.pos
	for r.pos++; r.src[r.pos] != '"'; r.pos++ {
		if r.src[r.pos] == '\\' {
			r.pos++
		}
	}
	r.pos++
	return stretch{start, r.pos}
}

func (r *jsonReader) string() string {
	s := r.quoted()
	return unquoted(r.src[s.from:s.to])
}

// isPlain tells that a JSON string has no escapes.
func isPlain(quoted []byte) bool { return bytes.IndexByte(quoted, '\\') < 0 }

// unquoted decodes a JSON string.
func unquoted(quoted []byte) string {
	if isPlain(quoted) {
		return string(quoted[1 : len(quoted)-1])
	}
	var s string
	_ = json.Unmarshal(quoted, &s) // it is valid
	return s
}

// skip goes past a value.
func (r *jsonReader) skip() {
	for depth := 0; ; {
		switch r.next() {
		case '{', '[':
			depth++
			r.pos++
		case '}', ']':
			depth--
			r.pos++
		case '"':
			r.quoted()
		default:
			r.plain()
		}
		if depth == 0 {
			return
		}
	}
}

// plain skips a number or a word and returns it.
func (r *jsonReader) plain() []byte {
	start := r.pos
	for ; r.pos < len(r.src); r.pos++ {
		if c := r.src[r.pos]; !isLetter(c) && !isDigit(c) && c != '-' && c != '+' && c != '.' {
			break
		}
	}
	return r.src[start:r.pos]
}

// Number returns a number, written as in JSON, as Liquid reckons with it: an int,
// another number, or a text where nothing can hold it. A whole number keeps all of
// its digits.
func Number(text string) any { return (&jsonReader{src: []byte(text)}).number() }

// number reads a whole number as an int, or as [digits] where it is too long for
// one, another as a float64, and one that nothing can hold as text.
func (r *jsonReader) number() any {
	text := r.plain()
	if !bytes.ContainsAny(text, ".eE") {
		if n, err := strconv.Atoi(string(text)); err == nil {
			return n
		}
		return digits(text)
	}
	if f, err := strconv.ParseFloat(string(text), 64); err == nil {
		return f
	}
	return string(text)
}
