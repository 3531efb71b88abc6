package integration

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"bellman/internal/contact"
)

// The functions here read JSON the way this API's clients write it: a lone
// object for a list, numbers as strings and strings as numbers, null for what
// is not there, and fields that nobody asked for. They take text that
// body.Check has passed, and so need not look for its end.

// shapeError says that the JSON at path is not what it should be. The path
// grows from the inside out while the error returns.
type shapeError struct{ path, want string }

// Error implements error.
func (e *shapeError) Error() string {
	if e.path == "" {
		return "the body must be " + e.want
	}
	return e.path + " must be " + e.want
}

func want(what string) error { return &shapeError{want: what} }

// inside returns err as seen from around the named part.
func inside(part string, err error) error {
	e, ok := errors.AsType[*shapeError](err)
	if !ok {
		return err
	}
	path := part + e.path
	if e.path != "" && e.path[0] != '[' {
		path = part + "." + e.path
	}
	return &shapeError{path, e.want}
}

// members visits the members of an object, in the order written; null has
// none. Names are as written between their quotes: none that this API knows
// needs an escape.
func members(text []byte, visit func(name string, value []byte) error) error {
	text = text[space(text):]
	if isNull(text) {
		return nil
	}
	if text[0] != '{' {
		return want("a JSON object")
	}
	for at := 1 + space(text[1:]); text[at] != '}'; {
		end := at + length(text[at:])
		name := string(text[at+1 : end-1])
		at = end + space(text[end:]) + 1 // the colon
		at += space(text[at:])
		end = at + length(text[at:])
		if err := visit(name, text[at:end]); err != nil {
			return inside(name, err)
		}
		at = next(text, end)
	}
	return nil
}

// elements visits the elements of an array, or the lone object that stands in
// for one; null has none.
func elements(text []byte, visit func(i int, value []byte) error) error {
	if isNull(text) {
		return nil
	}
	if text[0] == '{' {
		return visit(0, text)
	}
	if text[0] != '[' {
		return want("an array")
	}
	at := 1 + space(text[1:])
	for i := 0; text[at] != ']'; i++ {
		end := at + length(text[at:])
		if err := visit(i, text[at:end]); err != nil {
			return inside("["+strconv.Itoa(i)+"]", err)
		}
		at = next(text, end)
	}
	return nil
}

// text reads a string, or a whole number as its digits; null is empty.
func text(value []byte) (string, error) {
	switch {
	case isNull(value):
		return "", nil
	case value[0] == '"':
		return unquote(value)
	case isWhole(string(value)):
		return string(value), nil
	}
	return "", want("a string")
}

// positive reads a contact id, as a number or a string; null and the empty
// string are zero.
func positive(value []byte) (int64, error) {
	bad := want("a whole number from 1 to " + strconv.FormatInt(contact.MaxID, 10))
	digits, err := text(value)
	if err != nil {
		return 0, bad
	}
	id, err := contact.Reader{}.ContactID(digits)
	if err != nil {
		return 0, bad
	}
	return id, nil
}

// chat reads a token: the chat id and the text to echo. A text that is no
// number is no fault of the request's shape; its id is zero.
func chat(value []byte) (id int64, echo string, err error) {
	echo, err = text(value)
	if err != nil {
		return 0, "", want("a Telegram chat id, as a string or a number")
	}
	if !isWhole(echo) {
		return 0, echo, nil
	}
	id, err = strconv.ParseInt(echo, 10, 64)
	if err != nil || id > contact.MaxID || id < -contact.MaxID {
		return 0, "", want("between -" + strconv.FormatInt(contact.MaxID, 10) + " and " + strconv.FormatInt(contact.MaxID, 10))
	}
	return id, echo, nil
}

// isWhole tells whether s is a whole number as JSON writes it: digits without
// a leading zero, with or without a minus.
func isWhole(s string) bool {
	s = strings.TrimPrefix(s, "-")
	if s == "" || len(s) > 1 && s[0] == '0' {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
}

func isNull(value []byte) bool { return value[0] == 'n' }

func unquote(value []byte) (s string, err error) {
	if bytes.IndexByte(value, '\\') < 0 {
		return string(value[1 : len(value)-1]), nil
	}
	err = json.Unmarshal(value, &s)
	return s, err
}

// space returns the length of the white space that text begins with.
func space(text []byte) (n int) {
	for n < len(text) && (text[n] == ' ' || text[n] == '\n' || text[n] == '\t' || text[n] == '\r') {
		n++
	}
	return n
}

// next returns where the element behind the one that ends at end begins, or
// where the closing bracket stands.
func next(text []byte, end int) int {
	at := end + space(text[end:])
	if text[at] == ',' {
		at++
		at += space(text[at:])
	}
	return at
}

// length returns the length of the value that text begins with.
func length(text []byte) int {
	switch text[0] {
	case '"':
		return quoted(text)
	case '{', '[':
		return bracketed(text)
	}
	n := 0
	for n < len(text) && !strings.ContainsRune(",]} \n\t\r", rune(text[n])) {
		n++
	}
	return n
}

func quoted(text []byte) int {
	n := 1
	for text[n] != '"' {
		if text[n] == '\\' {
			n++
		}
		n++
	}
	return n + 1
}

func bracketed(text []byte) int {
	depth := 0
	for n := 0; ; n++ {
		switch text[n] {
		case '"':
			n += quoted(text[n:]) - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return n + 1
			}
		}
	}
}
