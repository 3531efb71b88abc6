package liquid

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
)

// urlDecode takes the percent signs and the plus signs of an address back; a
// percent sign that encodes nothing stays.
func urlDecode(s string) string {
	if !strings.ContainsAny(s, "%+") {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '+':
			out = append(out, ' ')
		case c == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]):
			out = append(out, unhex(s[i+1])<<4|unhex(s[i+2]))
			i += 2
		default:
			out = append(out, c)
		}
	}
	return string(out)
}

func isHex(c byte) bool { return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' }

func unhex(c byte) byte {
	if isDigit(c) {
		return c - '0'
	}
	return c | 0x20 - 'a' + 10
}

// encode64 makes a filter that writes a text in base64 (RFC 4648).
func encode64(form *base64.Encoding) func(string, arguments) (any, error) {
	return func(s string, _ arguments) (any, error) {
		if form.EncodedLen(len(s)) > maxText {
			return nil, errTooLong
		}
		return form.EncodeToString([]byte(s)), nil
	}
}

var errBase64 = errors.New("this is not base64")

// decode64 makes a filter that reads base64.
func decode64(form *base64.Encoding) func(string, arguments) (any, error) {
	return func(s string, _ arguments) (any, error) {
		decoded, err := form.DecodeString(s)
		if err != nil {
			return nil, errBase64
		}
		return string(decoded), nil
	}
}

// toJSON writes a value as JSON, with the members of objects in the order of their
// names.
func toJSON(v any, _ arguments) (any, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(plain(v)); err != nil {
		return nil, err
	}
	if b.Len() > maxText {
		return nil, errTooLong
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}

// plain returns a value with nothing in it that JSON has no form for.
func plain(v any) any {
	switch v := v.(type) {
	case nothing:
		return ""
	case digits:
		return json.Number(v)
	case interval:
		list, _ := listOf(v) // one that is too long is null
		return list
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = plain(v[i])
		}
		return list
	case Object:
		o := make(map[string]any, len(v))
		for name, item := range v {
			o[name] = plain(item)
		}
		return o
	}
	return v
}
