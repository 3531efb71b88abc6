package loose

import (
	"errors"
	"strings"
	"time"
)

// The forms in which the API's clients write times, each with its precision.
var layouts = []struct {
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
	{"2.1.2006 15:04:05", time.Second},
	{"2.1.2006 15:04", time.Minute},
	{"2.1.2006", 24 * time.Hour},
	{"2/1/2006", 24 * time.Hour},
	{"2.1.06", 24 * time.Hour},
}

var errTime = errors.New("this is not a time")

// ParseTime reads a time and its precision: a day, a minute or a second. A time
// without a zone is in UTC. A day before its month is read as most of the world
// writes it.
//
// spec: in-time
func ParseTime(s string) (t time.Time, unit time.Duration, err error) {
	for _, l := range layouts {
		if t, err := time.Parse(l.layout, strings.TrimSpace(s)); err == nil {
			return t.UTC(), l.unit, nil
		}
	}
	return t, 0, errTime
}

// Time reads a time by [ParseTime]; null and the empty string are the zero time.
func (v Value) Time() (time.Time, time.Duration, error) {
	s, err := v.Text()
	if err == nil && s == "" {
		return time.Time{}, 0, nil
	}
	t, unit, err := ParseTime(s)
	if err != nil {
		return t, 0, Want("a time such as 2026-03-01T15:04, or a day")
	}
	return t, unit, nil
}
