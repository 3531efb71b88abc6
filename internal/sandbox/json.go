package sandbox

import (
	"errors"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth is how deep JSON values may nest.
const maxDepth = 100

var (
	errSyntax    = errors.New("can't parse JSON object")
	errDepth     = errors.New("can't parse JSON object: too deep nesting")
	errSurrogate = errors.New("strings must be encoded in UTF-8")
)

// scanner walks over JSON text. Strings without escapes are slices of the text itself; the others are decoded
// into the arena, so that one scan of a whole request allocates nothing once the arena has grown.
type scanner struct {
	data  []byte
	pos   int
	arena []byte
}

func (s *scanner) peek() byte {
	if s.pos < len(s.data) {
		return s.data[s.pos]
	}
	return 0
}

func (s *scanner) space() {
	for s.pos < len(s.data) {
		switch s.data[s.pos] {
		case ' ', '\t', '\n', '\r':
			s.pos++
		default:
			return
		}
	}
}

func (s *scanner) literal(want string) error {
	if len(s.data)-s.pos < len(want) || string(s.data[s.pos:s.pos+len(want)]) != want {
		return errSyntax
	}
	s.pos += len(want)
	return nil
}

func (s *scanner) digits() bool {
	start := s.pos
	for s.pos < len(s.data) && s.data[s.pos] >= '0' && s.data[s.pos] <= '9' {
		s.pos++
	}
	return s.pos > start
}

func (s *scanner) number() error {
	if s.peek() == '-' {
		s.pos++
	}
	if s.peek() == '0' {
		s.pos++
	} else if !s.digits() {
		return errSyntax
	}
	if s.peek() == '.' {
		s.pos++
		if !s.digits() {
			return errSyntax
		}
	}
	if c := s.peek(); c == 'e' || c == 'E' {
		s.pos++
		if c := s.peek(); c == '+' || c == '-' {
			s.pos++
		}
		if !s.digits() {
			return errSyntax
		}
	}
	return nil
}

// str reads a string, quotes included, and returns its value.
func (s *scanner) str() ([]byte, error) {
	if s.peek() != '"' {
		return nil, errSyntax
	}
	s.pos++
	start := s.pos
	for s.pos < len(s.data) {
		switch c := s.data[s.pos]; {
		case c == '"':
			s.pos++
			return s.data[start : s.pos-1], nil
		case c == '\\':
			return s.escaped(start)
		case c < ' ':
			return nil, errSyntax
		}
		s.pos++
	}
	return nil, errSyntax
}

// escaped goes on with a string that began at start and whose first backslash is at the current position.
func (s *scanner) escaped(start int) ([]byte, error) {
	from := len(s.arena)
	s.arena = append(s.arena, s.data[start:s.pos]...)
	for s.pos < len(s.data) {
		c := s.data[s.pos]
		s.pos++
		switch {
		case c == '"':
			return s.arena[from:len(s.arena):len(s.arena)], nil
		case c < ' ':
			return nil, errSyntax
		case c != '\\':
			s.arena = append(s.arena, c)
		default:
			if err := s.escape(); err != nil {
				return nil, err
			}
		}
	}
	return nil, errSyntax
}

// escape decodes what follows a backslash.
func (s *scanner) escape() error {
	c := s.peek()
	s.pos++
	switch c {
	case '"', '\\', '/':
		s.arena = append(s.arena, c)
	case 'b':
		s.arena = append(s.arena, '\b')
	case 'f':
		s.arena = append(s.arena, '\f')
	case 'n':
		s.arena = append(s.arena, '\n')
	case 'r':
		s.arena = append(s.arena, '\r')
	case 't':
		s.arena = append(s.arena, '\t')
	case 'u':
		r, err := s.codePoint()
		if err != nil {
			return err
		}
		s.arena = utf8.AppendRune(s.arena, r)
	default:
		return errSyntax
	}
	return nil
}

// codePoint reads the digits of a \u escape, and the second half where it is a surrogate pair.
func (s *scanner) codePoint() (rune, error) {
	r, err := s.unit()
	if err != nil || !utf16.IsSurrogate(r) {
		return r, err
	}
	if err := s.literal(`\u`); err != nil {
		return 0, errSurrogate
	}
	low, err := s.unit()
	if err != nil {
		return 0, err
	}
	if r = utf16.DecodeRune(r, low); r == utf8.RuneError {
		return 0, errSurrogate
	}
	return r, nil
}

func (s *scanner) unit() (rune, error) {
	if len(s.data)-s.pos < 4 {
		return 0, errSyntax
	}
	var r rune
	for _, c := range s.data[s.pos : s.pos+4] {
		d := hexDigit(c)
		if d < 0 {
			return 0, errSyntax
		}
		r = r<<4 | rune(d)
	}
	s.pos += 4
	return r, nil
}

func hexDigit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// skip reads one value of any kind and checks its syntax.
func (s *scanner) skip(depth int) error {
	if depth > maxDepth {
		return errDepth
	}
	s.space()
	switch c := s.peek(); {
	case c == '{':
		return s.object(func([]byte) error { return s.skip(depth + 1) })
	case c == '[':
		return s.array(func() error { return s.skip(depth + 1) })
	case c == '"':
		_, err := s.str()
		return err
	case c == 't':
		return s.literal("true")
	case c == 'f':
		return s.literal("false")
	case c == 'n':
		return s.literal("null")
	}
	return s.number()
}

// object reads an object; member is called with each name, at the member's value, which it must read.
func (s *scanner) object(member func(name []byte) error) error {
	if s.peek() != '{' {
		return errSyntax
	}
	s.pos++
	s.space()
	if s.peek() == '}' {
		s.pos++
		return nil
	}
	for {
		s.space()
		name, err := s.str()
		if err != nil {
			return err
		}
		s.space()
		if err := s.literal(":"); err != nil {
			return err
		}
		s.space()
		if err := member(name); err != nil {
			return err
		}
		if done, err := s.next('}'); done || err != nil {
			return err
		}
	}
}

// array reads an array; element is called at each element, which it must read.
func (s *scanner) array(element func() error) error {
	if s.peek() != '[' {
		return errSyntax
	}
	s.pos++
	s.space()
	if s.peek() == ']' {
		s.pos++
		return nil
	}
	for {
		s.space()
		if err := element(); err != nil {
			return err
		}
		if done, err := s.next(']'); done || err != nil {
			return err
		}
	}
}

// next reads what may follow a member or an element: a comma, or the end.
func (s *scanner) next(end byte) (done bool, err error) {
	s.space()
	c := s.peek()
	s.pos++
	switch c {
	case end:
		return true, nil
	case ',':
		return false, nil
	}
	return false, errSyntax
}

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

// value is a parsed JSON value. Text is what a string says, or a number or a literal as written.
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

// has tells whether an object has a member, null or not.
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

// stringField returns a string member; a number is taken as it is written. An absent one is empty.
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
