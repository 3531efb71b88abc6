package liquid

import (
	"errors"
	"slices"
)

// itemsOf returns a value as a list of items to choose from: an object is one
// item, and not its pairs.
func itemsOf(v any) ([]any, error) {
	if o, ok := v.(Object); ok {
		return []any{o}, nil
	}
	return listOf(v)
}

// chosen tells which items a filter is about: those whose property is the second
// argument or, without one, is true.
func (a arguments) chosen() func(item any) bool {
	of := a.property()
	if a.count < 2 {
		return func(item any) bool { return isTrue(of(item)) }
	}
	return func(item any) bool { return equal(of(item), a.values[1]) }
}

// where keeps the items with a property.
func where(v any, a arguments) (any, error) {
	return filtered(v, a.chosen())
}

// reject keeps the items without a property.
func reject(v any, a arguments) (any, error) {
	chosen := a.chosen()
	return filtered(v, func(item any) bool { return !chosen(item) })
}

// compact keeps the items that are there, or that have a property.
func compact(v any, a arguments) (any, error) {
	of := a.property()
	return filtered(v, func(item any) bool { return of(item) != nil })
}

func filtered(v any, keep func(item any) bool) (any, error) {
	list, err := itemsOf(v)
	kept := []any{}
	for _, item := range list {
		if keep(item) {
			kept = append(kept, item)
		}
	}
	return kept, err
}

// find returns the first item with a property.
func find(v any, a arguments) (any, error) {
	list, err := itemsOf(v)
	if i := slices.IndexFunc(list, a.chosen()); i >= 0 {
		return list[i], err
	}
	return nil, err
}

// findIndex returns the place of the first item with a property, from 0.
func findIndex(v any, a arguments) (any, error) {
	list, err := itemsOf(v)
	if i := slices.IndexFunc(list, a.chosen()); i >= 0 {
		return i, err
	}
	return nil, err
}

// has tells whether there is an item with a property.
func has(v any, a arguments) (any, error) {
	list, err := itemsOf(v)
	return slices.ContainsFunc(list, a.chosen()), err
}

var errConcat = errors.New("only a list can be added to a list")

// concat adds a list to a list.
func concat(v any, a arguments) (any, error) {
	list, err := itemsOf(v)
	if err != nil {
		return nil, err
	}
	switch a.values[0].(type) {
	case []any, interval:
	default:
		return nil, errConcat
	}
	more, err := listOf(a.values[0])
	if err != nil || len(list)+len(more) > maxIterations {
		return nil, errTooLong
	}
	return slices.Concat(list, more), nil
}

// sum adds up the items, or a property of them; what is no number counts as 0.
func sum(v any, a arguments) (any, error) {
	list, err := itemsOf(v)
	if err != nil {
		return nil, err
	}
	of := a.property()
	whole, fits, total := int64(0), true, 0.0
	for _, item := range list {
		n, x, isWhole, err := number(of(item))
		if err != nil {
			continue
		}
		total += x
		if fits = fits && isWhole; fits {
			whole, fits = plusWhole(whole, n)
		}
	}
	if fits {
		return int(whole), nil
	}
	return finite(total)
}
