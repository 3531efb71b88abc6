package loose

import (
	"fmt"
	"strconv"
	"strings"

	"bellman/internal/contact"
)

var (
	errID    = fmt.Sprintf("a whole number from 1 to %d", contact.MaxID)
	errChat  = fmt.Sprintf("between %d and %d", -contact.MaxID, contact.MaxID)
	errToken = "a Telegram chat id, as a string or a number"
)

// ID reads an id, as a number or a string: from 1 to [contact.MaxID]. Null, the
// empty string and zero, which typed clients send for no id, are zero.
//
// spec: in-number-text
func (v Value) ID() (int64, error) {
	digits, err := v.Text()
	if err != nil {
		return 0, Want(errID)
	}
	if digits = whole(strings.TrimSpace(digits)); digits == "" || digits == "0" {
		return 0, nil
	}
	id, err := contact.Reader{}.ContactID(digits)
	if err != nil {
		return 0, Want(errID)
	}
	return id, nil
}

// SetID reads an id into place; no id leaves place unchanged.
func (v Value) SetID(place **int64) error {
	id, err := v.ID()
	if id != 0 {
		*place = &id
	}
	return err
}

// IDs reads a list of ids, or a single one; null is none. An id that is null,
// zero or empty is refused: where an empty list means all, it would mean everybody.
func (v Value) IDs() (all []int64, err error) {
	err = v.list(func(_ int, element Value) error {
		id, err := element.ID()
		if err == nil && id == 0 {
			err = Want("an id")
		}
		all = append(all, id)
		return err
	})
	return all, err
}

// Chat reads a token: the id of a Telegram chat, from -[contact.MaxID] to
// [contact.MaxID], and the text to repeat in the answer. A text that is no number
// is no error; its id is zero, which no chat has.
//
// spec: app-token-text
func (v Value) Chat() (id int64, echo string, err error) {
	echo, err = v.Text()
	if err != nil {
		return 0, "", Want(errToken)
	}
	if !IsWhole(echo) {
		return 0, echo, nil
	}
	id, err = strconv.ParseInt(echo, 10, 64)
	if err != nil || id > contact.MaxID || id < -contact.MaxID {
		return 0, "", Want(errChat)
	}
	return id, echo, nil
}

// Whole reads a whole number of 64 bits, also from a string; null and the empty
// string are zero.
func (v Value) Whole() (int64, error) {
	digits, err := v.Text()
	if err == nil && digits == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(whole(digits), 10, 64)
	if err != nil {
		return 0, Want("a whole number")
	}
	return n, nil
}

// IsWhole reports whether s is a whole number as JSON writes it: digits without a
// leading zero, with or without a minus.
func IsWhole(s string) bool {
	s = strings.TrimPrefix(s, "-")
	if s == "" || len(s) > 1 && s[0] == '0' {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
}
