package loose

import (
	"strings"

	"github.com/tidwall/gjson"
)

// Text reads a string, or a whole number as its digits, also one that is written
// with a fraction of zero; null is empty.
//
// spec: in-number-text
func (v Value) Text() (string, error) {
	switch {
	case v.IsNull():
		return "", nil
	case v.IsString():
		return v.json.Str, nil
	case v.json.Type == gjson.Number && IsWhole(whole(v.json.Raw)):
		return whole(v.json.Raw), nil
	}
	return "", Want("a string")
}

// whole returns a number without a fraction of zero, which languages without whole
// numbers write.
func whole(number string) string {
	digits, fraction, found := strings.Cut(number, ".")
	if !found || fraction == "" || strings.Trim(fraction, "0") != "" {
		return number
	}
	return digits
}

// SetText reads a text into place; null leaves place unchanged.
//
// spec: in-null
func (v Value) SetText(place **string) error {
	if v.IsNull() {
		return nil
	}
	s, err := v.Text()
	*place = &s
	return err
}

// Texts reads a list of texts, or a single one; null is none.
func (v Value) Texts() (all []string, err error) {
	err = v.list(func(_ int, element Value) error {
		s, err := element.Text()
		all = append(all, s)
		return err
	})
	return all, err
}

// Scalar reads a string, number or boolean as text; null is empty.
func (v Value) Scalar() (string, error) {
	switch {
	case v.IsNull():
		return "", nil
	case v.IsString():
		return v.json.Str, nil
	case v.IsObject() || v.IsArray():
		return "", Want("a string, a number, true or false")
	}
	return v.json.Raw, nil
}
