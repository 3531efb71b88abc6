package liquid

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"bellman/internal/fault"
)

// dateLayouts are the forms in which a date may come; without a zone it is UTC, but
// for a day, which is that day in every zone.
// Seconds may have a fraction, after a point or a comma.
var dateLayouts = func() []string {
	layouts := []string{time.RFC1123Z, time.RFC1123, "Mon Jan 02 2006 15:04:05 GMT-0700"}
	for _, day := range []string{"2006-01-02T", "2006-01-02 "} {
		for _, clock := range []string{"15:04:05", "15:04"} {
			for _, zone := range []string{"Z07:00", "Z0700", "Z07", "", " Z07:00", " Z0700"} {
				layouts = append(layouts, day+clock+zone)
			}
		}
	}
	return layouts
}()

// date writes a date, which is an ISO 8601 one, a Unix time in seconds or
// milliseconds, or "now", in the form of strftime and in a time zone by its IANA
// name, UTC without one:
//
//	{{ data.at | date: "%d.%m.%Y %H:%M", contact.timeZone }}
//
// A day, "2026-05-31", is that day in every time zone. Months and days have their
// names in the language of the text. Nothing becomes nothing.
func date(v any, a arguments) (any, error) {
	if v == nil || v == "" {
		return "", nil
	}
	name, _ := a.values[1].(string)
	location, err := locationOf(name)
	if err != nil {
		return "", err
	}
	at, err := a.by.parseDate(v, location)
	if err != nil {
		return "", err
	}
	return formatDate(at.In(location), a.text(0), calendarOf(a.by.Language))
}

// leastMilliseconds is from where on a Unix time is one of milliseconds, as
// JavaScript has it: in seconds it would be in the year 5138.
const leastMilliseconds = 1e11

// parseDate reads a date; a day is one in the location.
func (r *Renderer) parseDate(v any, location *time.Location) (time.Time, error) {
	if n, x, whole, err := number(v); err == nil {
		milliseconds := math.Abs(x) >= leastMilliseconds
		switch {
		case whole && milliseconds:
			return time.UnixMilli(n), nil
		case whole:
			return time.Unix(n, 0), nil
		case milliseconds && math.Abs(x) < math.MaxInt64/1e3:
			return time.UnixMicro(int64(x * 1e3)), nil
		case !milliseconds:
			return time.UnixMicro(int64(x * 1e6)), nil
		}
	}
	text := strings.TrimSpace(textOf(v))
	if text == "now" || text == "today" {
		return r.Now, nil
	}
	if before, _, ok := strings.Cut(text, " ("); ok { // as JavaScript names the zone
		text = before
	}
	if day, err := time.ParseInLocation(time.DateOnly, text, location); err == nil {
		return day, nil
	}
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
// leaves out a leading zero. Names are those of the calendar, nil for English.
func formatDate(t time.Time, format string, c *calendar) (string, error) {
	beside := c == nil || dayParts.MatchString(format)
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
		part, known := "", false
		if c != nil {
			part, known = c.namePart(t, letter, beside)
		}
		if !known {
			part, known = datePart(t, letter)
		}
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

// dayParts finds the day of the month in a form.
var dayParts = regexp.MustCompile(`%-?[de]`)

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
