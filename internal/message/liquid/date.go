package liquid

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"bellman/internal/fault"
)

// dateLayouts are the forms in which a date may come; without a zone it is UTC.
var dateLayouts = []string{
	time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02T15:04", "2006-01-02 15:04:05.999999999Z07:00",
	"2006-01-02 15:04:05 Z0700", "2006-01-02 15:04:05.999999999", "2006-01-02 15:04", time.DateOnly, time.RFC1123Z, time.RFC1123,
}

// date writes a date, which is an ISO 8601 one or a Unix time in seconds, in the
// form of strftime and in a time zone by its IANA name, UTC without one:
//
//	{{ data.at | date: "%d.%m.%Y %H:%M", contact.timeZone }}
//
// Nothing becomes nothing.
func date(v any, a arguments) (any, error) {
	if v == nil || v == "" {
		return "", nil
	}
	at, err := parseDate(v)
	if err != nil {
		return "", err
	}
	name, _ := a.values[1].(string)
	location, err := locationOf(name)
	if err != nil {
		return "", err
	}
	return formatDate(at.In(location), a.text(0))
}

func parseDate(v any) (time.Time, error) {
	if seconds, _, whole, err := number(v); err == nil && whole {
		return time.Unix(seconds, 0), nil
	}
	text := strings.TrimSpace(fmt.Sprint(v))
	for _, layout := range dateLayouts {
		if at, err := time.Parse(layout, text); err == nil {
			return at, nil
		}
	}
	return time.Time{}, fmt.Errorf(`"%s" is not a date; write it as 2026-05-31T18:00:00Z`, fault.Snippet(text))
}

// locations are the time zones that were asked for; there are a few hundred.
var locations sync.Map

func locationOf(name string) (*time.Location, error) {
	if known, ok := locations.Load(name); ok {
		return known.(*time.Location), nil
	}
	location, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		return nil, fmt.Errorf(`there is no time zone "%s"`, fault.Snippet(name))
	}
	locations.Store(name, location)
	return location, nil
}

// formatDate writes a time in the form of strftime. A hyphen before the letter
// leaves out a leading zero.
func formatDate(t time.Time, format string) (string, error) {
	var out []byte
	for i := 0; i < len(format) && len(out) <= maxText; i++ {
		if format[i] != '%' {
			out = append(out, format[i])
			continue
		}
		i++
		bare := i < len(format) && format[i] == '-'
		if bare {
			i++
		}
		letter := ""
		if i < len(format) {
			letter = format[i : i+1]
		}
		part, known := datePart(t, letter)
		if !known {
			return "", fmt.Errorf(`"%%%s" is no part of a date; use %%d %%m %%Y %%H %%M and the like`, letter)
		}
		if bare {
			if part = strings.TrimLeft(part, " 0"); part == "" {
				part = "0"
			}
		}
		out = append(out, part...)
	}
	if len(out) > maxText {
		return "", errTooLong
	}
	return string(out), nil
}

// dateParts are the letters of strftime that Go has a layout for.
var dateParts = map[string]string{
	"Y": "2006", "y": "06", "m": "01", "d": "02", "e": "_2", "H": "15", "I": "03", "M": "04", "S": "05",
	"p": "PM", "P": "pm", "B": "January", "b": "Jan", "h": "Jan", "A": "Monday", "a": "Mon", "j": "002", "Z": "MST", "z": "-0700",
	"F": "2006-01-02", "D": "01/02/06", "T": "15:04:05", "R": "15:04",
}

func datePart(t time.Time, letter string) (part string, known bool) {
	if layout, ok := dateParts[letter]; ok {
		return t.Format(layout), true
	}
	switch letter {
	case "s":
		return strconv.FormatInt(t.Unix(), 10), true
	case "u":
		return strconv.Itoa((int(t.Weekday())+6)%7 + 1), true
	case "w":
		return strconv.Itoa(int(t.Weekday())), true
	case "%":
		return "%", true
	}
	return "", false
}
