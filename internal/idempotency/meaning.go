package idempotency

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"unsafe"

	"github.com/tidwall/gjson"
)

// Fingerprint returns a short text that stands for the parts: others have another
// one. Every length is part of it, so that no two lists of parts are the same text.
func Fingerprint(parts ...[]byte) string {
	h := sha256.New()
	for _, part := range parts {
		// Writing to a hash does not fail.
		_, _ = fmt.Fprintf(h, "%d ", len(part))
		_, _ = h.Write(part)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// maxDepth is how deep a JSON text may nest to be compared by its meaning. The APIs
// accept no deeper ones.
const maxDepth = 100

// Meaning returns what a JSON text means: the same bytes for texts that differ in
// white space, in the order of members, in the spelling of numbers (1, 1.0, 10e-1)
// and in escapes alone. Of members with the same name the last one counts; a byte order mark
// in front does not. A text that is not JSON, or nests deeper than 100 levels, means itself.
//
// It is read where it stands: a tree of a large body would take a hundred times its
// size.
func Meaning(raw []byte) []byte {
	text := bytes.TrimPrefix(raw, []byte("\ufeff"))
	if !json.Valid(text) {
		return raw
	}
	// The text is not changed while it is read, so that it need not be copied.
	out, ok := write(make([]byte, 0, len(text)+len(text)/8), unsafe.String(unsafe.SliceData(text), len(text)), maxDepth)
	if !ok {
		return raw
	}
	return out
}

// write appends the meaning of a JSON text that nests at most depth levels.
func write(out []byte, text string, depth int) (_ []byte, ok bool) {
	value := gjson.Parse(text)
	switch {
	case value.Type == gjson.Number:
		return append(out, number(strings.TrimSpace(value.Raw))...), true
	case value.Type == gjson.String:
		return strconv.AppendQuote(out, value.Str), true
	case value.IsObject() && depth > 0:
		return writeObject(out, value, depth)
	case value.IsArray() && depth > 0:
		ok, out = true, append(out, '[')
		value.ForEach(func(_, item gjson.Result) bool {
			out, ok = write(out, item.Raw, depth-1)
			out = append(out, ',')
			return ok
		})
		return append(out, ']'), ok
	case value.IsObject(), value.IsArray():
		return out, false
	case value.Type == gjson.Null:
		return append(out, "<nil>"...), true // as keys were kept with from the first
	}
	return append(out, value.String()...), true // true, false
}

func writeObject(out []byte, object gjson.Result, depth int) (_ []byte, ok bool) {
	type member struct{ name, text string }
	var members []member
	object.ForEach(func(name, value gjson.Result) bool {
		members = append(members, member{name.Str, value.Raw})
		return true
	})
	slices.SortStableFunc(members, func(a, b member) int { return strings.Compare(a.name, b.name) })
	out = append(out, '{')
	for i, m := range members {
		if i+1 < len(members) && members[i+1].name == m.name {
			continue
		}
		out = append(strconv.AppendQuote(out, m.name), ':')
		if out, ok = write(out, m.text, depth-1); !ok {
			return out, false
		}
		out = append(out, ',')
	}
	return append(out, '}'), true
}

// maxExponent is how many digits an exponent may have to be calculated with; nobody
// spells a longer one in two ways.
const maxExponent = 18

// number returns a JSON number as its digits, without zeros around them, and the
// power of ten of the last one.
func number(text string) string {
	rest, negative := strings.CutPrefix(text, "-")
	mantissa, power := rest, ""
	if at := strings.IndexAny(rest, "eE"); at >= 0 {
		mantissa, power = rest[:at], rest[at+1:]
	}
	if len(power) > maxExponent {
		return text
	}
	exponent := new(big.Int)
	exponent.SetString(strings.TrimPrefix(power, "+"), 10)
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := strings.TrimLeft(whole+fraction, "0")
	short := strings.TrimRight(digits, "0")
	if short == "" {
		return "0"
	}
	exponent.Add(exponent, big.NewInt(int64(len(digits)-len(short)-len(fraction))))
	if negative {
		short = "-" + short
	}
	return short + "e" + exponent.String()
}
