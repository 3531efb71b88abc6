package message

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/osteele/liquid/values"
)

// contactFields are the fields of a contact that a message can speak of.
var contactFields = []string{
	"id", "externalCustomerId", "phone", "email", "firstName", "lastName", "languageCode", "timeZone",
}

// opaque is a value of Liquid that is nothing but its properties.
type opaque struct{}

func (opaque) Interface() any                            { return nil }
func (opaque) Int() int                                  { return 0 }
func (opaque) Equal(values.Value) bool                   { return false }
func (opaque) Less(values.Value) bool                    { return false }
func (opaque) Contains(values.Value) bool                { return false }
func (opaque) IndexValue(values.Value) values.Value      { return values.ValueOf(nil) }
func (opaque) PropertyValue(v values.Value) values.Value { return values.ValueOf(nil) }
func (opaque) Test() bool                                { return true }

// field returns a field of the contact. One that is empty is nil, as Liquid's
// conditions have it.
func (p *Person) field(name string) any {
	if name == "id" {
		return int(p.ContactID)
	}
	if v := p.value(name); v != "" {
		return v
	}
	return nil
}

// contactValue is the variable contact.
type contactValue struct {
	opaque
	person *Person
}

func (c contactValue) PropertyValue(name values.Value) values.Value {
	field, _ := name.Interface().(string)
	return values.ValueOf(c.person.field(field))
}

func (c contactValue) IndexValue(name values.Value) values.Value { return c.PropertyValue(name) }

// sample is a value for everything: what stands for contact and data while a
// message is checked.
type sample struct{ opaque }

func (sample) Interface() any                              { return sampleOf(inText) }
func (sample) Int() int                                    { return 1 }
func (s sample) IndexValue(values.Value) values.Value      { return s }
func (s sample) PropertyValue(_ values.Value) values.Value { return s }

// object is a JSON object; to write one out shows nothing. The library would
// look its members up by reflection.
type object map[string]any

func (object) String() string                              { return "" }
func (o object) Interface() any                            { return o }
func (object) Int() int                                    { return 0 }
func (object) Equal(values.Value) bool                     { return false }
func (object) Less(values.Value) bool                      { return false }
func (o object) IndexValue(name values.Value) values.Value { return o.PropertyValue(name) }
func (object) Test() bool                                  { return true }

func (o object) Contains(name values.Value) bool {
	s, _ := name.Interface().(string)
	_, found := o[s]
	return found
}

func (o object) PropertyValue(name values.Value) values.Value {
	s, _ := name.Interface().(string)
	v, found := o[s]
	if !found && s == "size" {
		v = len(o)
	}
	return values.ValueOf(v)
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
	case values.Range:
		if v.Len() > maxIterations {
			return nil, errTooLong
		}
		list := make([]any, max(v.Len(), 0))
		for i := range list {
			list[i] = v.Index(i)
		}
		return list, nil
	case object:
		pairs := make([]any, 0, len(v))
		for _, name := range slices.Sorted(maps.Keys(v)) {
			pairs = append(pairs, []any{name, v[name]})
		}
		return pairs, nil
	}
	return []any{v}, nil
}

// textOf returns a value as the library writes it.
func textOf(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return fmt.Sprint(v)
}
