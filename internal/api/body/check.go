package body

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"bellman/internal/api/problem"
)

// MaxDepth is how deep objects and arrays may be nested.
const MaxDepth = 100

// Check returns a [*problem.Problem] with status 400 unless raw is one JSON
// value in valid UTF-8, without NUL and lone surrogates in its strings, that
// nests at most [MaxDepth] deep. It says which and at which byte, counted from
// zero.
func Check(raw []byte) error {
	_, err := check(raw)
	return err
}

// check is [Check] that counts the values.
func check(raw []byte) (values int64, err error) {
	if !utf8.Valid(raw) {
		return 0, refuse("body_not_utf8", "the body is not valid UTF-8", brokenAt(raw))
	}
	if at := bytes.IndexByte(raw, 0); at >= 0 {
		return 0, refuse("body_nul", "the body holds a NUL character", at)
	}
	if !json.Valid(raw) {
		return 0, syntax(raw)
	}
	return checkContent(raw)
}

func refuse(code, sentence string, at int) error {
	return problem.New(http.StatusBadRequest, code, fmt.Sprintf("%s at byte %d", sentence, at))
}

func brokenAt(raw []byte) int {
	for at := 0; at < len(raw); {
		r, size := utf8.DecodeRune(raw[at:])
		if r == utf8.RuneError && size == 1 {
			return at
		}
		at += size
	}
	return len(raw)
}

// syntax returns where raw stops being JSON. In a text that ends too early the
// fault is one byte after its end, which is found by adding such a byte.
func syntax(raw []byte) error {
	at, why := len(raw), "it ends too early"
	var value json.RawMessage
	var fault *json.SyntaxError
	err := json.Unmarshal(append(bytes.Clone(raw), '!'), &value)
	if errors.As(err, &fault) && int(fault.Offset) <= len(raw) {
		// The offset includes the byte at fault.
		at, why = max(int(fault.Offset)-1, 0), fault.Error()
	}
	return refuse("body_not_json", "the body is not valid JSON: "+why, at)
}

// checkContent refuses valid JSON that cannot be stored, and counts its values.
func checkContent(raw []byte) (values int64, err error) {
	depth := 0
	values = 1
	for at := 0; at < len(raw); at++ {
		switch raw[at] {
		case '{', '[':
			if !emptyAt(raw, at+1) {
				values++
			}
			if depth++; depth > MaxDepth {
				return 0, refuse("body_too_deep", fmt.Sprintf("the body nests deeper than %d levels", MaxDepth), at)
			}
		case '}', ']':
			depth--
		case ',':
			values++
		case '"':
			end, err := checkString(raw, at+1)
			if err != nil {
				return 0, err
			}
			at = end
		}
	}
	return values, nil
}

// emptyAt reports whether the object or array whose content begins at byte at has none.
func emptyAt(raw []byte, at int) bool {
	for raw[at] == ' ' || raw[at] == '\t' || raw[at] == '\n' || raw[at] == '\r' {
		at++
	}
	return raw[at] == '}' || raw[at] == ']'
}

// checkString checks the string whose content begins at byte at and returns the
// position of its closing quote.
func checkString(raw []byte, at int) (end int, err error) {
	for raw[at] != '"' {
		if raw[at] != '\\' {
			at++
			continue
		}
		if raw[at+1] != 'u' {
			at += 2
			continue
		}
		unit := escaped(raw[at:])
		switch {
		case unit == 0:
			return 0, refuse("body_nul", "the body holds a NUL character", at)
		case !utf16.IsSurrogate(unit):
			at += 6
		case utf16.DecodeRune(unit, escaped(raw[at+6:])) == utf8.RuneError:
			return 0, refuse("body_lone_surrogate", "the body holds half of a surrogate pair", at)
		default:
			at += 12
		}
	}
	return at, nil
}

// escaped returns the code unit with which text begins as \uXXXX; U+FFFD when it
// begins with anything else.
func escaped(text []byte) rune {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return utf8.RuneError
	}
	unit, err := strconv.ParseUint(string(text[2:6]), 16, 16)
	if err != nil {
		return utf8.RuneError
	}
	return rune(unit)
}
