package liquid

import (
	"encoding/base64"
	"fmt"
	"html"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// filter changes a value. What it gets is settled.
type filter struct {
	// most is how many arguments it takes.
	most int
	run  func(v any, a arguments) (any, error)
}

// filters are those that sources may use. They do what Liquid's of these names
// do (https://shopify.github.io/liquid/filters), but for characters where those
// have bytes, and they stop at [maxText].
var filters = map[string]filter{
	"default": {1, orDefault},
	"date":    {2, date},
	// The value is written as it is: mark-up that the sender's own systems made,
	// never what people wrote.
	"safe": ofText(0, func(s string, _ arguments) (any, error) { return safe(Visible(s)), nil }),
	// Values are escaped where they are written, once.
	"escape":     text(func(s string) string { return s }),
	"url_encode": {0, func(v any, _ arguments) (any, error) { return urlEncode(v), nil }},
	"url_decode": text(urlDecode),
	// What is escaped already is taken back, since it will be escaped where it is
	// written.
	"escape_once": text(html.UnescapeString),
	"json":        {0, toJSON},

	"base64_encode":          ofText(0, encode64(base64.StdEncoding)),
	"base64_decode":          ofText(0, decode64(base64.StdEncoding)),
	"base64_url_safe_encode": ofText(0, encode64(base64.URLEncoding)),
	"base64_url_safe_decode": ofText(0, decode64(base64.URLEncoding)),

	"append":         ofText(1, func(s string, a arguments) (any, error) { return bounded(s, a.text(0)) }),
	"prepend":        ofText(1, func(s string, a arguments) (any, error) { return bounded(a.text(0), s) }),
	"capitalize":     text(capitalize),
	"upcase":         text(strings.ToUpper),
	"downcase":       text(strings.ToLower),
	"strip":          text(strings.TrimSpace),
	"lstrip":         text(func(s string) string { return strings.TrimLeftFunc(s, unicode.IsSpace) }),
	"rstrip":         text(func(s string) string { return strings.TrimRightFunc(s, unicode.IsSpace) }),
	"strip_newlines": text(strings.NewReplacer("\r", "", "\n", "").Replace),
	"strip_html":     text(stripHTML),
	// A new line is a new line: Telegram knows no <br>.
	"newline_to_br": text(strings.NewReplacer("\r\n", "\n").Replace),
	"remove":        ofText(1, func(s string, a arguments) (any, error) { return strings.ReplaceAll(s, a.text(0), ""), nil }),
	"remove_first":  ofText(1, func(s string, a arguments) (any, error) { return strings.Replace(s, a.text(0), "", 1), nil }),
	"replace":       ofText(2, func(s string, a arguments) (any, error) { return replace(s, a.text(0), a.text(1), -1) }),
	"replace_first": ofText(2, func(s string, a arguments) (any, error) { return replace(s, a.text(0), a.text(1), 1) }),
	"remove_last":   ofText(1, func(s string, a arguments) (any, error) { return replaceLast(s, a.text(0), "") }),
	"replace_last":  ofText(2, func(s string, a arguments) (any, error) { return replaceLast(s, a.text(0), a.text(1)) }),
	"truncate":      ofText(2, truncate),
	"truncatewords": ofText(2, truncateWords),
	"slice":         ofText(2, slice),
	"split":         ofText(1, split),

	"join":  {1, join},
	"first": {0, func(v any, _ arguments) (any, error) { return pick(v, func(list []any) any { return list[0] }) }},
	"last": {0, func(v any, _ arguments) (any, error) {
		return pick(v, func(list []any) any { return list[len(list)-1] })
	}},
	"size":         {0, func(v any, _ arguments) (any, error) { return size(v), nil }},
	"reverse":      {0, reverse},
	"sort":         {1, sorted(less)},
	"sort_natural": {1, sorted(lessNaturally)},
	"map":          {1, mapped},
	"uniq":         {0, uniq},
	"compact":      {1, compact},
	"concat":       {1, concat},
	"sum":          {1, sum},
	"where":        {2, where},
	"reject":       {2, reject},
	"find":         {2, find},
	"find_index":   {2, findIndex},
	"has":          {2, has},

	"plus":       arithmetic(plusWhole, func(a, b float64) float64 { return a + b }),
	"minus":      arithmetic(minusWhole, func(a, b float64) float64 { return a - b }),
	"times":      arithmetic(timesWhole, func(a, b float64) float64 { return a * b }),
	"divided_by": division(divideWhole, func(a, b float64) float64 { return a / b }),
	"modulo":     division(moduloWhole, math.Mod),
	"at_least":   bound(func(a, b float64) bool { return a >= b }),
	"at_most":    bound(func(a, b float64) bool { return a <= b }),
	"abs":        {0, abs},
	"ceil":       rounding(math.Ceil),
	"floor":      rounding(math.Floor),
	"round":      {1, round},
	"decimals":   {1, decimals},
}

// filterNames are their names in order.
var filterNames = slices.Sorted(maps.Keys(filters))

// text makes a filter of a function of one text.
func text(f func(string) string) filter {
	return filter{0, func(v any, _ arguments) (any, error) { return f(textOf(v)), nil }}
}

// ofText makes a filter of a function that takes a text and arguments.
func ofText(most int, f func(s string, a arguments) (any, error)) filter {
	return filter{most, func(v any, a arguments) (any, error) { return f(textOf(v), a) }}
}

// arguments are what a filter is called with.
type arguments struct {
	values [2]any
	count  int
	// by is what renders: its clock and its language.
	by *Renderer
}

// text returns an argument as a text; one that is not given is empty.
func (a arguments) text(i int) string { return textOf(a.values[i]) }

// textOr returns an argument as a text, or what stands for one that is not given.
func (a arguments) textOr(i int, otherwise string) string {
	if i >= a.count {
		return otherwise
	}
	return printed(a.values[i])
}

// numberOr returns an argument as a whole number, or what stands for one that is
// not given.
func (a arguments) numberOr(i, otherwise int) (int, error) {
	if i >= a.count {
		return otherwise, nil
	}
	return toWhole(a.values[i])
}

// toWhole converts a value to a whole number; what is behind its point is lost.
func toWhole(v any) (int, error) {
	switch v := v.(type) {
	case int:
		return v, nil
	case float64:
		return int(v), nil
	case bool:
		if v {
			return 1, nil
		}
		return 0, nil
	case string:
		if n, err := strconv.Atoi(v); err == nil {
			return n, nil
		}
	}
	return 0, conversion(v)
}

func orDefault(v any, a arguments) (any, error) {
	if isEmpty(v) {
		return a.values[0], nil
	}
	return v, nil
}

// number reads a whole number or another one; nothing counts as 0.
func number(v any) (whole int64, other float64, isWhole bool, err error) {
	switch v := v.(type) {
	case nil:
		return 0, 0, true, nil
	case int:
		return int64(v), float64(v), true, nil
	case float64:
		return 0, v, false, nil
	case string, digits:
		text := strings.TrimSpace(printed(v))
		if whole, err = strconv.ParseInt(text, 10, 64); err == nil {
			return whole, float64(whole), true, nil
		}
		if other, err = strconv.ParseFloat(text, 64); err == nil {
			return 0, other, false, nil
		}
	}
	return 0, 0, false, fmt.Errorf("%s is not a number", quoted(v))
}
