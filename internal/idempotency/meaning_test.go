package idempotency_test

import (
	"encoding/json"
	"fmt"
	"math/big"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/require"

	"bellman/internal/idempotency"
)

func TestMeaning(t *testing.T) {
	t.Parallel()
	for name, texts := range map[string][]string{
		"white space":        {`{"a":[1,2]}`, " {\n\"a\" :\t[ 1 , 2 ] } \r\n"},
		"order":              {`{"a":1,"b":{"c":2,"d":3}}`, `{"b":{"d":3,"c":2},"a":1}`},
		"numbers":            {`100`, `1e2`, `1E+2`, `100.0`, `0.1e3`, `1000e-1`, `100.00e0`, `1e02`},
		"zero":               {`0`, `-0`, `0.0`, `0e5`, `-0.0e-7`, `0E+999999`},
		"large":              {`9007199254740993`, `9007199254740993.0`, `9.007199254740993e15`},
		"escapes":            {`"é😀/\n"`, `"\u00e9\ud83d\ude00\/\u000a"`, `"\u00E9\uD83D\uDE00/\u000A"`},
		"names":              {`{"token":1}`, `{"to\u006ben":1}`},
		"a byte order mark":  {`[]`, "\ufeff[]"},
		"the last name":      {`{"a":2}`, `{"a":1,"a":2}`},
		"huge exponents":     {`1e999999999999999999`, `1e999999999999999999 `},
		"words":              {`[true,false,null]`, ` [ true , false , null ] `},
		"nothing":            {``},
		"no JSON":            {`{"a":1`},
		"two values":         {`1 2`},
		"a string":           {`"1"`},
		"an empty object":    {`{}`},
		"another case":       {`{"A":2}`},
		"the order of items": {`[2,1]`, `[2.0,1]`},
		"another sign":       {`-100`, `-1e2`},
		"a neighbour":        {`9007199254740992`},
		"an empty name":      {`{"":{}}`},
		"an empty text":      {`""`},
		"as if quoted":       {`"{}"`},
		"exponents beyond":   {`1e1000000000000000000`},
	} {
		for _, text := range texts {
			require.Equal(t, idempotency.Meaning([]byte(texts[0])), idempotency.Meaning([]byte(text)), "%s: %q", name, text)
		}
	}
}

// Texts that mean the same have one meaning, and others have another: whatever is
// spelt in whatever way.
func TestMeaningIsTheValue(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(7, 11))
	var values []any
	var meanings []string
	for range 400 {
		v := value(random, 3)
		meaning := idempotency.Meaning([]byte(spell(random, v)))
		for range 5 {
			text := spell(random, v)
			require.True(t, json.Valid([]byte(text)), text)
			require.Equal(t, string(meaning), string(idempotency.Meaning([]byte(text))), text)
		}
		for i, other := range values {
			require.Equal(t, same(v, other), string(meaning) == meanings[i], "%v and %v", v, other)
		}
		values, meanings = append(values, v), append(meanings, string(meaning))
	}
}

// decimal is a number: digits times a power of ten.
type decimal struct{ digits, power int64 }

func (d decimal) rat() *big.Rat {
	ten := new(big.Int).Exp(big.NewInt(10), big.NewInt(max(d.power, -d.power)), nil)
	if d.power < 0 {
		return new(big.Rat).SetFrac(big.NewInt(d.digits), ten)
	}
	return new(big.Rat).SetInt(ten.Mul(ten, big.NewInt(d.digits)))
}

// value returns a random JSON value out of few, so that some are equal.
func value(r *rand.Rand, depth int) any {
	kinds := 6
	if depth == 0 {
		kinds = 4
	}
	switch r.IntN(kinds) {
	case 0:
		return []any{true, false, nil}[r.IntN(3)]
	case 1:
		return []string{"", "a", "1", "é\"\\/", "\U0001F600\n", "null"}[r.IntN(6)]
	case 2, 3:
		return decimal{int64(r.IntN(5)-2) * []int64{1, 10, 1001}[r.IntN(3)], int64(r.IntN(7) - 3)}
	case 4:
		list := make([]any, r.IntN(3))
		for i := range list {
			list[i] = value(r, depth-1)
		}
		return list
	}
	object := map[string]any{}
	for range r.IntN(3) {
		object[[]string{"a", "b", "é", ""}[r.IntN(4)]] = value(r, depth-1)
	}
	return object
}

func same(a, b any) bool {
	switch a := a.(type) {
	case decimal:
		other, ok := b.(decimal)
		return ok && a.rat().Cmp(other.rat()) == 0
	case []any:
		other, ok := b.([]any)
		return ok && slices.EqualFunc(a, other, same)
	case map[string]any:
		other, ok := b.(map[string]any)
		if !ok || len(a) != len(other) {
			return false
		}
		for name, v := range a {
			if w, ok := other[name]; !ok || !same(v, w) {
				return false
			}
		}
		return true
	}
	return reflect.DeepEqual(a, b)
}

// spell writes a value in one of the ways there are.
func spell(r *rand.Rand, v any) string {
	space := func() string { return []string{"", " ", "\n\t", "\r"}[r.IntN(4)] }
	var text string
	switch v := v.(type) {
	case decimal:
		text = spellNumber(r, v)
	case string:
		text = spellText(r, v)
	case []any:
		var items []string
		for _, item := range v {
			items = append(items, spell(r, item))
		}
		text = "[" + space() + strings.Join(items, ",") + "]"
	case map[string]any:
		var members []string
		for name, member := range v { // in a random order
			members = append(members, space()+spellText(r, name)+space()+":"+spell(r, member))
		}
		text = "{" + space() + strings.Join(members, ",") + "}"
	default:
		plain, err := json.Marshal(v)
		if err != nil {
			panic(err)
		}
		text = string(plain)
	}
	return space() + text + space()
}

func spellNumber(r *rand.Rand, d decimal) string {
	digits, sign := d.digits, ""
	if digits < 0 {
		digits, sign = -digits, "-"
	}
	text, power := fmt.Sprint(digits), d.power
	if digits != 0 && r.IntN(2) == 0 { // more zeros, and a smaller power
		text, power = text+"00", power-2
	}
	if cut := r.IntN(len(text)); cut > 0 { // a point between the digits
		power += int64(len(text) - cut)
		text = text[:cut] + "." + text[cut:]
	} else if r.IntN(2) == 0 {
		text += ".0"
	}
	switch {
	case power == 0 && r.IntN(2) == 0:
		return sign + text
	case power < 0:
		return sign + text + []string{"e", "E"}[r.IntN(2)] + fmt.Sprint(power)
	}
	return sign + text + []string{"e", "E+", "e0", "e+00"}[r.IntN(4)] + fmt.Sprint(power)
}

func spellText(r *rand.Rand, text string) string {
	var out strings.Builder
	for _, c := range text {
		plain, err := json.Marshal(string(c))
		if err != nil {
			panic(err)
		}
		if r.IntN(2) == 0 {
			out.Write(plain[1 : len(plain)-1])
			continue
		}
		for _, unit := range utf16.Encode([]rune{c}) {
			_, _ = fmt.Fprintf(&out, []string{`\u%04x`, `\u%04X`}[r.IntN(2)], unit)
		}
	}
	return `"` + out.String() + `"`
}

func TestFingerprint(t *testing.T) {
	t.Parallel()
	of := func(parts ...string) string {
		var all [][]byte
		for _, p := range parts {
			all = append(all, []byte(p))
		}
		return idempotency.Fingerprint(all...)
	}
	require.Len(t, of(), 64)
	seen := map[string][]string{}
	for _, parts := range [][]string{{}, {""}, {"", ""}, {"a", "b"}, {"ab"}, {"ab", ""}, {"", "ab"}, {"a", "1 b"}, {"a 1 b"}} {
		require.NotContains(t, seen, of(parts...))
		seen[of(parts...)] = parts
	}
}

func FuzzMeaning(f *testing.F) {
	for _, text := range []string{`{"a":[1.50e1,"\u00e9"],"b":null}`, `-0`, `1e-5`, `"\ud800"`, "\ufeff{}", `{`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		meaning := idempotency.Meaning([]byte(text))
		if !json.Valid([]byte(text)) {
			return
		}
		require.Equal(t, string(meaning), string(idempotency.Meaning([]byte(" "+text+"\n"))))
		require.NotEqual(t, string(meaning), string(idempotency.Meaning([]byte("["+text+"]"))))
	})
}
