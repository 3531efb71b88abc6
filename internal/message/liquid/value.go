package liquid

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"bellman/internal/fault"
)

// Object is a JSON object; to write one out shows nothing.
type Object map[string]any

// String is what an object is as a text.
func (Object) String() string { return "" }

// Sample stands for a value that is not known: it has every property, which is
// the sample itself, is true and equal to nothing, and is written as it says.
type Sample string

// interval is the whole numbers from one to another.
type interval struct{ from, to int }

func (r interval) len() int { return max(r.to+1-r.from, 0) }

// digits is a whole number that is too long for an int: it is written as it came,
// and reckoned with as a float64.
type digits string

func (d digits) float() float64 {
	f, _ := strconv.ParseFloat(string(d), 64) // of digits, at most too large
	return f
}

// Texts that are not escaped like others.
type (
	encoded string // fit for an address
	safe    string // written as it is
)

// The properties of lists; texts and objects have a size, too.
const (
	firstProperty = "first"
	lastProperty  = "last"
	sizeProperty  = "size"
)

// isOfLists tells that v.name is something that v["name"] is not, for some v.
func isOfLists(name string) bool {
	return name == firstProperty || name == lastProperty || name == sizeProperty
}

// settled returns a value as it leaves its expression: a sample is the text that
// it is written as.
func settled(v any) any {
	if s, ok := v.(Sample); ok {
		return string(s)
	}
	return v
}

// lookUp follows a path of properties.
func lookUp(v any, path []string) any {
	for _, name := range path {
		v = propertyOf(v, name)
	}
	return v
}

// propertyOf returns v.name.
func propertyOf(v any, name string) any {
	switch v := v.(type) {
	case Object:
		if found, ok := v[name]; ok || name != sizeProperty {
			return found
		}
		return len(v)
	case []any:
		switch {
		case name == sizeProperty:
			return len(v)
		case len(v) == 0:
		case name == firstProperty:
			return v[0]
		case name == lastProperty:
			return v[len(v)-1]
		}
	case string:
		if name == sizeProperty {
			return len(v)
		}
	case Sample:
		return v
	}
	return nil
}

// itemOf returns v[by]; lists are counted from their end by negative numbers.
func itemOf(v, by any) any {
	switch v := v.(type) {
	case Object, Sample:
		name, _ := by.(string)
		return propertyOf(v, name)
	case []any:
		i := 0
		switch by := by.(type) {
		case int:
			i = by
		case float64:
			i = int(by)
		default:
			return nil
		}
		if i < 0 {
			i += len(v)
		}
		if i >= 0 && i < len(v) {
			return v[i]
		}
	}
	return nil
}

// isTrue tells whether a value counts as true: all do but nil and false.
func isTrue(v any) bool { return v != nil && v != false }

// isEmpty tells what a filter default stands in for.
func isEmpty(v any) bool {
	switch v := v.(type) {
	case nil, nothing:
		return true
	case bool:
		return !v
	case string:
		return v == ""
	case encoded:
		return v == ""
	case []any:
		return len(v) == 0
	case Object:
		return len(v) == 0
	}
	return false
}

// relations are the signs between two values.
var relations = map[string]func(a, b any) bool{
	"==":       equal,
	"!=":       func(a, b any) bool { return !equal(a, b) },
	"<":        less,
	">":        func(a, b any) bool { return less(b, a) },
	"<=":       func(a, b any) bool { return less(a, b) || equal(a, b) },
	">=":       func(a, b any) bool { return less(b, a) || equal(a, b) },
	"contains": contains,
}

// equal tells whether two values are of one kind and the same; numbers are of
// one kind, and objects are never equal.
func equal(a, b any) bool {
	a, b = reckoned(a), reckoned(settled(b))
	if nothing, ok := b.(nothing); ok {
		return nothing.is(a)
	}
	switch a := a.(type) {
	case nothing:
		return a.is(b)
	case nil:
		return b == nil
	case bool:
		b, ok := b.(bool)
		return ok && a == b
	case int:
		switch b := b.(type) {
		case int:
			return a == b
		case float64:
			return float64(a) == b
		}
	case float64:
		switch b := b.(type) {
		case int:
			return a == float64(b)
		case float64:
			return a == b
		}
	case string, encoded:
		x, _ := asText(a)
		y, ok := asText(b)
		return ok && x == y
	case []any:
		b, ok := b.([]any)
		return ok && slices.EqualFunc(a, b, equal)
	case interval, safe:
		return a == b
	}
	return false
}

// less tells whether a comes before b; values of two kinds are in no order.
func less(a, b any) bool {
	a, b = reckoned(a), reckoned(settled(b))
	switch a := a.(type) {
	case bool:
		b, ok := b.(bool)
		return ok && !a && b
	case int:
		switch b := b.(type) {
		case int:
			return a < b
		case float64:
			return float64(a) < b
		}
	case float64:
		switch b := b.(type) {
		case int:
			return a < float64(b)
		case float64:
			return a < b
		}
	case string, encoded:
		x, _ := asText(a)
		y, ok := asText(b)
		return ok && x < y
	}
	return false
}

// reckoned returns a value as it is compared.
func reckoned(v any) any {
	if d, ok := v.(digits); ok {
		return d.float()
	}
	return v
}

func asText(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case encoded:
		return string(v), true
	}
	return "", false
}

// contains tells whether b is a part of the text a, an item of the list or the
// name of a member.
func contains(a, b any) bool {
	b = settled(b)
	switch a := a.(type) {
	case string, encoded:
		whole, _ := asText(a)
		return strings.Contains(whole, printed(b))
	case []any:
		return slices.ContainsFunc(a, func(item any) bool { return equal(item, b) })
	case Object:
		name, _ := b.(string)
		_, found := a[name]
		return found
	}
	return false
}

// listOf returns a value as a list: an object as pairs in the order of their
// names, a single value as a list of one.
func listOf(v any) ([]any, error) {
	switch v := v.(type) {
	case nil:
		return nil, nil
	case []any:
		if len(v) > maxIterations {
			return nil, errTooLong
		}
		return v, nil
	case interval:
		if v.len() > maxIterations {
			return nil, errTooLong
		}
		list := make([]any, v.len())
		for i := range list {
			list[i] = v.from + i
		}
		return list, nil
	case Object:
		pairs := make([]any, 0, len(v))
		for _, name := range slices.Sorted(maps.Keys(v)) {
			pairs = append(pairs, []any{name, v[name]})
		}
		return pairs, nil
	}
	return []any{v}, nil
}

// textOf returns a value as it is written out, and as a filter gets it that takes
// text.
func textOf(v any) string {
	if v == nil {
		return ""
	}
	return printed(v)
}

// printed returns a value as the library prints it for itself, but for numbers,
// which have all of their digits.
func printed(v any) string {
	switch v := v.(type) {
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case string:
		return v
	case encoded:
		return string(v)
	case safe:
		return string(v)
	}
	return fmt.Sprint(v)
}

// quoted returns the beginning of a value, for a fault.
func quoted(v any) string { return `"` + fault.Snippet(printed(v)) + `"` }
