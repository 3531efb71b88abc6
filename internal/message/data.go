package message

import (
	"bytes"
	"encoding/json"
	"strconv"

	"bellman/internal/fault"
)

// MaxData is how many bytes of JSON may come with a triggered send.
const MaxData = 64 << 10

// decodeData reads what came with a triggered send.
func decodeData(data json.RawMessage) (any, error) {
	switch {
	case len(data) == 0:
		return nil, nil
	case len(data) > MaxData:
		return nil, fault.New(fault.Invalid, "data_too_long", "data has %d bytes, %d are allowed", len(data), MaxData).In("data")
	case !json.Valid(data):
		return nil, fault.New(fault.Invalid, "data_invalid", "data is not a JSON object").In("data")
	}
	return (&jsonReader{src: data}).value(), nil
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
		o := make(object)
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

func (r *jsonReader) string() string {
	start := r.pos
	escaped := false
	for r.pos++; r.src[r.pos] != '"'; r.pos++ {
		if r.src[r.pos] == '\\' {
			escaped = true
			r.pos++
		}
	}
	r.pos++
	if !escaped {
		return string(r.src[start+1 : r.pos-1])
	}
	var s string
	_ = json.Unmarshal(r.src[start:r.pos], &s) // it is valid
	return s
}

// number reads a whole number as an int, another as a float64, and one that
// neither can hold as text.
func (r *jsonReader) number() any {
	end := bytes.IndexFunc(r.src[r.pos:], func(c rune) bool { return !isDigit(byte(c)) && c != '-' && c != '+' && c != '.' && c|0x20 != 'e' })
	if end < 0 {
		end = len(r.src) - r.pos
	}
	text := string(r.src[r.pos : r.pos+end])
	r.pos += end
	if n, err := strconv.Atoi(text); err == nil {
		return n
	}
	if f, err := strconv.ParseFloat(text, 64); err == nil {
		return f
	}
	return text
}
