package idempotency

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/big"
	"slices"
	"strconv"
	"strings"
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

// Meaning returns what a JSON text means: the same bytes for texts that differ in
// white space, in the order of members, in the spelling of numbers (1, 1.0, 10e-1)
// and in escapes alone. Of members with the same name the last one counts; a byte order mark
// in front does not. A text that is not JSON means itself.
func Meaning(raw []byte) []byte {
	decoder := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(raw, []byte("\ufeff"))))
	decoder.UseNumber()
	var value any
	if decoder.Decode(&value) != nil {
		return raw
	}
	if _, err := decoder.Token(); err != io.EOF {
		return raw
	}
	var out bytes.Buffer
	write(&out, value)
	return out.Bytes()
}

func write(out *bytes.Buffer, value any) {
	switch v := value.(type) {
	case map[string]any:
		out.WriteByte('{')
		for _, name := range slices.Sorted(maps.Keys(v)) {
			out.WriteString(strconv.Quote(name))
			out.WriteByte(':')
			write(out, v[name])
			out.WriteByte(',')
		}
		out.WriteByte('}')
	case []any:
		out.WriteByte('[')
		for _, item := range v {
			write(out, item)
			out.WriteByte(',')
		}
		out.WriteByte(']')
	case json.Number:
		out.WriteString(number(v.String()))
	case string:
		out.WriteString(strconv.Quote(v))
	default: // true, false, null
		_, _ = fmt.Fprint(out, v)
	}
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
