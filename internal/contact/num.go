package contact

import (
	"strconv"
	"strings"
	"time"
)

// Num returns what a stored value is compared by when its field is a number or a
// date: the number, or the milliseconds since 1970. A date without a time zone
// counts as one in UTC, and a day as its beginning. Of a number with more than 15
// digits the first ones count. ok is false for a value that is neither.
func Num(value string) (num float64, ok bool) {
	if strings.Trim(value, "-.0123456789") == "" && strings.LastIndexByte(value, '-') <= 0 {
		num, err := strconv.ParseFloat(value, 64)
		return num, err == nil
	}
	layout := dayLayout
	switch len(value) {
	case len(dayLayout):
	case len(timeLayout), len(timeLayout + "Z"):
		layout = timeLayout
	default:
		return 0, false
	}
	at, err := time.Parse(layout, strings.TrimSuffix(value, "Z"))
	if err != nil {
		return 0, false
	}
	return float64(at.UnixMilli()), true
}
