package integration

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// The functions here read single values as loosely as those of loose.go read
// lists and objects.

// boolean reads true or false, also as a string or as 1 or 0; null and the empty
// string are false.
func boolean(value []byte) (bool, error) {
	switch strings.ToLower(strings.Trim(string(value), `"`)) {
	case "true", "1":
		return true, nil
	case "false", "0", "null", "":
		return false, nil
	}
	return false, want("true or false")
}

// whole reads a whole number, also as a string; null and the empty string are
// zero.
func whole(value []byte) (int64, error) {
	digits, err := text(value)
	if err == nil && digits == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return 0, want("a whole number")
	}
	return n, nil
}

// scalar reads a string, number or boolean as the text that stands for it; null is
// empty.
func scalar(value []byte) (string, error) {
	switch value[0] {
	case '"':
		return unquote(value)
	case '{', '[':
		return "", want("a string, a number, true or false")
	case 'n':
		return "", nil
	}
	return string(value), nil
}

// texts reads a list of strings, or the lone one that stands for it; null is
// none.
func texts(value []byte) (all []string, err error) {
	if value[0] != '[' && value[0] != '{' && !isNull(value) {
		s, err := text(value)
		return []string{s}, err
	}
	return all, elements(value, func(_ int, value []byte) error {
		s, err := text(value)
		all = append(all, s)
		return err
	})
}

// ids reads a list of ids, or the lone one that stands for it; null is none.
func ids(value []byte) (all []int64, err error) {
	read := func(_ int, value []byte) error {
		id, err := positive(value)
		if err == nil && id == 0 {
			err = want("an id")
		}
		all = append(all, id)
		return err
	}
	if value[0] != '[' && value[0] != '{' && !isNull(value) {
		return all, read(0, value)
	}
	return all, elements(value, read)
}

// The ways in which this API writes times, each with what it is exact to. Without
// a time zone they are in UTC.
var moments = []struct {
	layout string
	unit   time.Duration
}{
	{"2006-01-02T15:04", time.Minute},
	{"2006-01-02", 24 * time.Hour},
	{"2006-01-02T15:04:05", time.Second},
	{time.RFC3339, time.Second},
	{"2006-01-02T15:04:05Z0700", time.Second},
	{"2006-01-02T15:04Z07:00", time.Minute},
	{"2006-01-02 15:04:05", time.Second},
	{"2006-01-02 15:04", time.Minute},
}

var errMoment = errors.New("this is not a time")

// parseMoment reads a time, and how much time it stands for: a day, a minute or a
// second.
func parseMoment(s string) (t time.Time, unit time.Duration, err error) {
	for _, m := range moments {
		if t, err := time.Parse(m.layout, strings.TrimSpace(s)); err == nil {
			return t.UTC(), m.unit, nil
		}
	}
	return t, 0, errMoment
}

// moment reads a time; null and the empty string are the zero time.
func moment(value []byte) (time.Time, time.Duration, error) {
	s, err := text(value)
	if err == nil && s == "" {
		return time.Time{}, 0, nil
	}
	t, unit, err := parseMoment(s)
	if err != nil {
		return t, 0, want("a time such as 2026-03-01T15:04, or a day")
	}
	return t, unit, nil
}
