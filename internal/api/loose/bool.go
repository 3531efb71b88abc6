package loose

import "strings"

// Bool reads true or false, also as a string or as 1 or 0; null and the empty
// string are false.
//
// spec: in-bool-text
func (v Value) Bool() (bool, error) {
	if v.IsString() {
		return ParseBool(v.json.Str)
	}
	return ParseBool(v.json.Raw)
}

// SetBool reads a boolean into place; null leaves place unchanged.
func (v Value) SetBool(place **bool) error {
	if v.IsNull() {
		return nil
	}
	b, err := v.Bool()
	*place = &b
	return err
}

// ParseBool reads true, false, 1 or 0 in any case; null and the empty text are
// false.
func ParseBool(s string) (bool, error) {
	switch strings.ToLower(s) {
	case "true", "1":
		return true, nil
	case "false", "0", "null", "":
		return false, nil
	}
	return false, Want("true or false")
}
