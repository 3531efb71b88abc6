package sandbox

import (
	"errors"
	"strconv"
)

// kind is the type of a JSON value.
type kind byte

const (
	kindNull kind = iota
	kindBool
	kindNumber
	kindString
	kindArray
	kindObject
)

// value is a parsed JSON value. Text is the content of a string, or a number or a literal as
// written.
type value struct {
	kind   kind
	text   []byte
	items  []value
	fields []field
}

type field struct {
	name  []byte
	value value
}

// parseJSON reads a whole JSON text into a tree.
func parseJSON(data []byte) (value, error) {
	s := scanner{data: data}
	s.space()
	v, err := s.tree(0)
	if err != nil {
		return value{}, err
	}
	if s.space(); s.pos != len(s.data) {
		return value{}, errSyntax
	}
	return v, nil
}

func (s *scanner) tree(depth int) (value, error) {
	if depth > maxDepth {
		return value{}, errDepth
	}
	v := value{}
	start := s.pos
	var err error
	switch c := s.peek(); c {
	case '{':
		v.kind = kindObject
		err = s.object(func(name []byte) error {
			child, err := s.tree(depth + 1)
			v.fields = append(v.fields, field{name, child})
			return err
		})
	case '[':
		v.kind = kindArray
		err = s.array(func() error {
			child, err := s.tree(depth + 1)
			v.items = append(v.items, child)
			return err
		})
	case '"':
		v.kind = kindString
		v.text, err = s.str()
	default:
		v.kind = literalKind(c)
		err = s.skip(depth)
		v.text = s.data[start:min(s.pos, len(s.data))]
	}
	return v, err
}

func literalKind(first byte) kind {
	switch first {
	case 't', 'f':
		return kindBool
	case 'n':
		return kindNull
	}
	return kindNumber
}

// field returns a member of an object; a null counts as absent, as in the Bot API server.
func (v *value) field(name string) (*value, bool) {
	for i := range v.fields {
		if string(v.fields[i].name) == name {
			child := &v.fields[i].value
			return child, child.kind != kindNull
		}
	}
	return nil, false
}

// has reports whether an object has a member, null or not.
func (v *value) has(name string) bool {
	for i := range v.fields {
		if string(v.fields[i].name) == name {
			return true
		}
	}
	return false
}

func errMissing(name string) error {
	return errors.New(`Can't find field "` + name + `"`)
}

func errType(name, want string) error {
	return errors.New(`Field "` + name + `" must be of type ` + want)
}

// stringField returns a string member; a number is returned as written. An absent one is empty.
func (v *value) stringField(name string) (string, error) {
	f, ok := v.field(name)
	if !ok {
		return "", nil
	}
	if f.kind != kindString && f.kind != kindNumber {
		return "", errType(name, "String")
	}
	return string(f.text), nil
}

// requiredString is stringField for a member that must be there.
func (v *value) requiredString(name string) (string, error) {
	if _, ok := v.field(name); !ok {
		return "", errMissing(name)
	}
	return v.stringField(name)
}

func (v *value) boolField(name string) (bool, error) {
	f, ok := v.field(name)
	if !ok {
		return false, nil
	}
	if f.kind != kindBool {
		return false, errType(name, "Boolean")
	}
	return f.text[0] == 't', nil
}

// intField returns an integer member, which may be a number or a string of digits.
func (v *value) intField(name string) (n int64, found bool, err error) {
	f, ok := v.field(name)
	if !ok {
		return 0, false, nil
	}
	if f.kind != kindString && f.kind != kindNumber {
		return 0, false, errType(name, "Number")
	}
	n, err = strconv.ParseInt(string(f.text), 10, 64)
	if err != nil {
		return 0, false, errors.New(`Field "` + name + `" must be a valid Number`)
	}
	return n, true, nil
}

func (v *value) objectField(name string) (*value, bool, error) {
	f, ok := v.field(name)
	if !ok {
		return nil, false, nil
	}
	if f.kind != kindObject {
		return nil, false, errType(name, "Object")
	}
	return f, true, nil
}

// appendString appends s as a JSON string.
func appendString[T string | []byte](dst []byte, s T) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	start := 0
	for i := range len(s) {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, s[start:i]...)
		start = i + 1
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}
