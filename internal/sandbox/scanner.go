package sandbox

import (
	"errors"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth is how deep JSON values may be nested.
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

// escaped continues a string that began at start and whose first backslash is at the current position.
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

// escape decodes the characters after a backslash.
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

// next reads the token after a member or an element: a comma, or the end.
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
