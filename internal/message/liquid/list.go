package liquid

import (
	"slices"
	"strings"
	"unicode/utf8"
)

func join(v any, a arguments) (any, error) {
	list, err := listOf(v)
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	between := ""
	for _, item := range list {
		if item == nil {
			continue
		}
		b.WriteString(between)
		b.WriteString(textOf(item))
		if b.Len() > maxText {
			return nil, errTooLong
		}
		between = a.textOr(0, " ")
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

// size counts characters or items.
func size(v any) int {
	switch v := v.(type) {
	case string:
		return utf8.RuneCountInString(v)
	case encoded:
		return utf8.RuneCountInString(string(v))
	case []any:
		return len(v)
	}
	return 0
}

func reverse(v any, _ arguments) (any, error) {
	list, err := listOf(v)
	list = slices.Clone(list)
	slices.Reverse(list)
	return list, err
}

// sorted puts a list in order, by a property of its items if one is named.
func sorted(less func(a, b any) bool) func(v any, a arguments) (any, error) {
	return func(v any, a arguments) (any, error) {
		list, err := listOf(v)
		list = slices.Clone(list)
		of := a.property()
		slices.SortStableFunc(list, func(a, b any) int {
			switch a, b := of(a), of(b); {
			case less(a, b):
				return -1
			case less(b, a):
				return 1
			}
			return 0
		})
		return list, err
	}
}

// lessNaturally orders by the texts, whatever their case; what is missing comes
// last.
func lessNaturally(a, b any) bool {
	if a == nil || b == nil {
		return b == nil && a != nil
	}
	return strings.ToLower(textOf(a)) < strings.ToLower(textOf(b))
}

// property returns what a filter looks at in an item: the property that its first
// argument names, else the item itself.
func (a arguments) property() func(item any) any {
	if a.values[0] == nil {
		return func(item any) any { return item }
	}
	name, _ := a.values[0].(string)
	return func(item any) any { return propertyOf(item, name) }
}

// mapped takes one property of each item.
func mapped(v any, a arguments) (any, error) {
	list, err := itemsOf(v)
	found := make([]any, 0, len(list))
	for _, item := range list {
		found = append(found, propertyOf(item, a.text(0)))
	}
	return found, err
}

// uniq keeps the first of the items that read alike.
func uniq(v any, _ arguments) (any, error) {
	list, err := listOf(v)
	found := []any{}
	seen := make(map[string]bool)
	for _, item := range list {
		if text := textOf(item); !seen[text] {
			seen[text] = true
			found = append(found, item)
		}
	}
	return found, err
}
