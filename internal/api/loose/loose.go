// Package loose reads JSON the way the clients of the integration API write it.
//
// The vendor's OpenAPI document (yespo.io, version 1.0) gives each field one
// type, and its own servers and clients keep to none: it documents contactId as
// a number and shows messageId as "123", answers booleans as "true", and turns a
// list of one into its only element. Bellman accepts what those clients send.
//
// Read leniently:
//   - a lone object in place of a list, and a lone text or id in place of a list of them;
//   - a number written as a string, and a whole number in place of a string; whole is
//     also one with a fraction of zero;
//   - true and false as strings in any case, and as 1 and 0;
//   - null for a missing value, whatever the type, and 0 for a missing id;
//   - unknown members, which are ignored, and members that come twice, of which the
//     last counts;
//   - times with and without seconds and zone, with a T or a space, and days.
//
// Refused, with an [Error] that names the place:
//   - an object where a list or a value has to be, a list or a value where an object
//     has to be, and a value where a list has to be;
//   - other fractions, and exponents, where a whole number has to be;
//   - ids and chat ids beyond [contact.MaxID], which not every JSON reader keeps exact;
//   - a text that is no number, boolean or time where one has to be.
//
// Size, depth and syntax are not the concern of this package: it takes text that
// bellman/internal/api/body has checked. Other text is read without a panic, but
// what is read from it means nothing.
package loose

import (
	"encoding/json"
	"strconv"
	"unsafe"

	"github.com/tidwall/gjson"
)

// Value is one JSON value. The zero Value is Empty, and reads as null does.
type Value struct{ json gjson.Result }

// Parse returns the value that the text holds. The text must not be changed
// afterwards: values are parts of it, since a copy would double the memory of a body.
func Parse(text []byte) Value {
	return Value{gjson.Parse(unsafe.String(unsafe.SliceData(text), len(text)))}
}

// Empty reports whether there is no value at all, as in a body without content.
func (v Value) Empty() bool { return !v.json.Exists() }

// IsNull reports whether the value is null or Empty.
func (v Value) IsNull() bool { return v.json.Type == gjson.Null }

// IsObject reports whether the value is an object.
func (v Value) IsObject() bool { return v.json.IsObject() }

// IsArray reports whether the value is an array.
func (v Value) IsArray() bool { return v.json.IsArray() }

// IsString reports whether the value is a string.
func (v Value) IsString() bool { return v.json.Type == gjson.String }

// Raw returns a copy of the value's text, as it was sent.
func (v Value) Raw() json.RawMessage { return json.RawMessage(v.json.Raw) }

// Members visits the members of an object in the order written; null has none. It
// ends with the first error of visit, and returns it with the member's name in its
// path.
func (v Value) Members(visit func(name string, member Value) error) (err error) {
	if v.IsNull() {
		return nil
	}
	if !v.IsObject() {
		return Want("a JSON object")
	}
	v.json.ForEach(func(name, member gjson.Result) bool {
		if err = visit(name.Str, Value{member}); err != nil {
			err = Inside(name.Str, err)
		}
		return err == nil
	})
	return err
}

// Elements visits the elements of an array, or a single object in its place; null
// has none. It ends with the first error of visit, and returns it with the
// element's number in its path; a single object has no number.
//
// spec: in-lone-object
func (v Value) Elements(visit func(i int, element Value) error) (err error) {
	switch {
	case v.IsNull():
		return nil
	case v.IsObject():
		return visit(0, v)
	case !v.IsArray():
		return Want("an array")
	}
	i := 0
	v.json.ForEach(func(_, element gjson.Result) bool {
		if err = visit(i, Value{element}); err != nil {
			err = Inside("["+strconv.Itoa(i)+"]", err)
		}
		i++
		return err == nil
	})
	return err
}

// list is Elements for a list of simple values, where a single one counts as a list
// as well.
func (v Value) list(visit func(i int, element Value) error) error {
	if v.IsNull() || v.IsObject() || v.IsArray() {
		return v.Elements(visit)
	}
	return visit(0, v)
}
