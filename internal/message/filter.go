package message

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/osteele/liquid/values"
)

// maxString is the longest text that a filter or a capture makes, in bytes: as
// much as a message can have.
const maxString = 4 * MaxText

var (
	errTooLong  = errors.New("this becomes longer than a message can be")
	errDivision = errors.New("nothing can be divided by 0")
)

// filters are those that messages may use. They do what Liquid's of these names
// do (https://shopify.github.io/liquid/filters), but for characters where those
// have bytes, and they stop at [maxString].
var filters = map[string]any{
	"default": orDefault,

	"append":         bounded,
	"prepend":        func(s, begin string) (string, error) { return bounded(begin, s) },
	"capitalize":     capitalize,
	"upcase":         strings.ToUpper,
	"downcase":       strings.ToLower,
	"strip":          strings.TrimSpace,
	"lstrip":         func(s string) string { return strings.TrimLeftFunc(s, unicode.IsSpace) },
	"rstrip":         func(s string) string { return strings.TrimRightFunc(s, unicode.IsSpace) },
	"strip_newlines": func(s string) string { return strings.NewReplacer("\r", "", "\n", "").Replace(s) },
	"remove":         func(s, part string) string { return strings.ReplaceAll(s, part, "") },
	"remove_first":   func(s, part string) string { return strings.Replace(s, part, "", 1) },
	"replace":        func(s, old, with string) (string, error) { return replace(s, old, with, -1) },
	"replace_first":  func(s, old, with string) (string, error) { return replace(s, old, with, 1) },
	"truncate":       truncate,
	"truncatewords":  truncateWords,
	"slice":          slice,
	"split":          split,
	// Values are escaped where they are written, once.
	"escape":     func(s string) string { return s },
	"url_encode": urlEncode,

	"join":    join,
	"first":   func(v any) (any, error) { return pick(v, func(list []any) any { return list[0] }) },
	"last":    func(v any) (any, error) { return pick(v, func(list []any) any { return list[len(list)-1] }) },
	"size":    size,
	"reverse": reverse,
	"sort":    sorted,
	"map":     property,
	"uniq":    uniq,

	"plus":       arithmetic(func(a, b int64) (int64, bool) { return a + b, (a+b > a) == (b > 0) }, func(a, b float64) float64 { return a + b }),
	"minus":      arithmetic(func(a, b int64) (int64, bool) { return a - b, (a-b < a) == (b > 0) }, func(a, b float64) float64 { return a - b }),
	"times":      arithmetic(timesWhole, func(a, b float64) float64 { return a * b }),
	"divided_by": division(func(a, b int64) int64 { return int64(math.Floor(float64(a) / float64(b))) }, func(a, b float64) float64 { return a / b }),
	"modulo":     division(func(a, b int64) int64 { return ((a % b) + b) % b }, math.Mod),
	"at_least":   limit(func(a, b float64) bool { return a >= b }),
	"at_most":    limit(func(a, b float64) bool { return a <= b }),
	"abs":        rounding(math.Abs),
	"ceil":       rounding(math.Ceil),
	"floor":      rounding(math.Floor),
	"round":      round,
	"decimals":   decimals,

	"date": date,
	// The value is written as it is: mark-up that the sender's own systems made,
	// never what people wrote. The result is checked all the same.
	"safe": func(s string) values.SafeValue { return values.SafeValue{Value: strings.Map(withoutControl, s)} },
}

// filterNames are their names in order.
var filterNames = slices.Sorted(maps.Keys(filters))

func orDefault(v, otherwise any) any {
	if v == nil || v == false || values.IsEmpty(v) {
		return otherwise
	}
	return v
}

func bounded(a, b string) (string, error) {
	if len(a)+len(b) > maxString {
		return "", errTooLong
	}
	return a + b, nil
}

func replace(s, old, with string, n int) (string, error) {
	times := strings.Count(s, old)
	if n >= 0 {
		times = min(times, n)
	}
	if len(s)+times*(len(with)-len(old)) > maxString {
		return "", errTooLong
	}
	return strings.Replace(s, old, with, n), nil
}

func capitalize(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return s
	}
	return string(unicode.ToUpper(r)) + s[n:]
}

// truncate cuts a text to a number of characters, those of the ending included.
func truncate(s string, length func(int) int, ending func(string) string) string {
	n, end := length(50), ending("...")
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	keep := max(n-utf8.RuneCountInString(end), 0)
	for i := range s {
		if keep == 0 {
			return s[:i] + end
		}
		keep--
	}
	return s
}

func truncateWords(s string, length func(int) int, ending func(string) string) string {
	n, words := max(length(15), 1), strings.Fields(s)
	if len(words) <= n {
		return s
	}
	return strings.Join(words[:n], " ") + ending("...")
}

// slice takes characters, from the end with a negative start.
func slice(s string, start int, length func(int) int) string {
	runes := []rune(s)
	if start < 0 {
		start += len(runes)
	}
	n := length(1)
	if start < 0 || start >= len(runes) || n <= 0 {
		return ""
	}
	return string(runes[start : start+min(n, len(runes)-start)])
}

func split(s, by string) ([]any, error) {
	if strings.Count(s, by) > maxIterations {
		return nil, errTooLong
	}
	parts := strings.Split(s, by)
	if by == " " {
		parts = strings.Fields(s)
	}
	for len(parts) > 0 && parts[len(parts)-1] == "" {
		parts = parts[:len(parts)-1]
	}
	list := make([]any, len(parts))
	for i := range parts {
		list[i] = parts[i]
	}
	return list, nil
}

// encoded is text that is fit for an address.
type encoded string

// urlEncode writes a value so that it is one part of an address, whatever is in
// it (RFC 3986, §2.1); what is encoded or safe already stays.
func urlEncode(v any) encoded {
	switch v := v.(type) {
	case encoded:
		return v
	case values.SafeValue:
		return encoded(textOf(v.Value))
	}
	const hex = "0123456789ABCDEF"
	var out []byte
	for _, c := range []byte(clean(textOf(v))) {
		if isAlnum(c) || c == '-' || c == '_' || c == '.' || c == '~' {
			out = append(out, c)
		} else {
			out = append(out, '%', hex[c>>4], hex[c&15])
		}
	}
	return encoded(out)
}

func join(v any, separator func(string) string) (string, error) {
	list, err := listOf(v)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	between := ""
	for _, item := range list {
		if item == nil {
			continue
		}
		b.WriteString(between)
		b.WriteString(textOf(item))
		if b.Len() > maxString {
			return "", errTooLong
		}
		between = separator(" ")
	}
	return b.String(), nil
}

func pick(v any, from func([]any) any) (any, error) {
	list, err := listOf(v)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return from(list), nil
}

func size(v any) any {
	switch v := v.(type) {
	case nil:
		return 0
	case string:
		return utf8.RuneCountInString(v)
	}
	return values.Length(v)
}

func reverse(v any) ([]any, error) {
	list, err := listOf(v)
	list = slices.Clone(list)
	slices.Reverse(list)
	return list, err
}

// sorted puts a list in order, by a property of its items if one is named.
func sorted(v any, name any) ([]any, error) {
	list, err := listOf(v)
	list = slices.Clone(list)
	of := func(item any) any { return item }
	if name != nil {
		of = func(item any) any { return values.ValueOf(item).PropertyValue(values.ValueOf(name)).Interface() }
	}
	slices.SortStableFunc(list, func(a, b any) int {
		switch a, b := of(a), of(b); {
		case values.Less(a, b):
			return -1
		case values.Less(b, a):
			return 1
		}
		return 0
	})
	return list, err
}

func property(v any, name string) ([]any, error) {
	list, err := listOf(v)
	found := make([]any, 0, len(list))
	for _, item := range list {
		found = append(found, values.ValueOf(item).PropertyValue(values.ValueOf(name)).Interface())
	}
	return found, err
}

func uniq(v any) ([]any, error) {
	list, err := listOf(v)
	var found []any
	seen := make(map[string]bool)
	for _, item := range list {
		if text := textOf(item); !seen[text] {
			seen[text] = true
			found = append(found, item)
		}
	}
	return found, err
}

// number reads a whole number or another one; nothing counts as 0.
func number(v any) (whole int64, other float64, isWhole bool, err error) {
	switch v := v.(type) {
	case nil:
		return 0, 0, true, nil
	case int:
		return int64(v), float64(v), true, nil
	case int64:
		return v, float64(v), true, nil
	case float64:
		return 0, v, false, nil
	case string:
		text := strings.TrimSpace(v)
		if whole, err = strconv.ParseInt(text, 10, 64); err == nil {
			return whole, float64(whole), true, nil
		}
		if other, err = strconv.ParseFloat(text, 64); err == nil {
			return 0, other, false, nil
		}
	}
	return 0, 0, false, fmt.Errorf(`"%s" is not a number`, snippet(fmt.Sprint(v)))
}

// finite keeps a result that is a number.
func finite(f float64) (any, error) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return nil, errors.New("the number becomes too large")
	}
	return f, nil
}

// arithmetic reckons with whole numbers while both are and the result fits.
func arithmetic(wholes func(a, b int64) (int64, bool), others func(a, b float64) float64) func(a, b any) (any, error) {
	return func(a, b any) (any, error) {
		m, x, whole, err := number(a)
		if err != nil {
			return nil, err
		}
		n, y, too, err := number(b)
		if err != nil {
			return nil, err
		}
		if whole && too {
			if result, fits := wholes(m, n); fits {
				return int(result), nil
			}
		}
		return finite(others(x, y))
	}
}

func timesWhole(a, b int64) (int64, bool) {
	product := a * b
	return product, a == 0 || product/a == b && (a != -1 || b != math.MinInt64)
}

func division(wholes func(a, b int64) int64, others func(a, b float64) float64) func(a, b any) (any, error) {
	divide := arithmetic(func(a, b int64) (int64, bool) { return wholes(a, b), true }, others)
	return func(a, b any) (any, error) {
		if _, y, _, err := number(b); err == nil && y == 0 {
			return nil, errDivision
		}
		return divide(a, b)
	}
}

func limit(keep func(a, b float64) bool) func(a, b any) (any, error) {
	return func(a, b any) (any, error) {
		_, x, _, err := number(a)
		_, y, _, err2 := number(b)
		if err := cmp.Or(err, err2); err != nil || keep(x, y) {
			return a, err
		}
		return b, nil
	}
}

// rounding changes a number by itself; what has no fraction then is whole.
func rounding(f func(float64) float64) func(v any) (any, error) {
	return func(v any) (any, error) {
		_, x, _, err := number(v)
		if err != nil {
			return nil, err
		}
		return shortest(f(x))
	}
}

func shortest(f float64) (any, error) {
	if f == math.Trunc(f) && math.Abs(f) < 1<<53 {
		return int(f), nil
	}
	return finite(f)
}

// maxPlaces is how many places after the point a number is rounded to.
const maxPlaces = 10

func round(v any, places func(int) int) (any, error) {
	_, x, _, err := number(v)
	if err != nil {
		return nil, err
	}
	scale := math.Pow10(min(max(places(0), 0), maxPlaces))
	return shortest(math.Round(x*scale) / scale)
}

// decimals writes a number with that many places after the point, for prices.
func decimals(v any, places func(int) int) (string, error) {
	_, x, _, err := number(v)
	return strconv.FormatFloat(x, 'f', min(max(places(2), 0), maxPlaces), 64), err
}
