package sandbox

import (
	"errors"
	"strings"
)

// errTimeFormat is what TDLib says of the format of a time (FormattedDate::get_date_flags).
var errTimeFormat = errors.New("Invalid date format used")

// isTimeFormat reports whether a time can be shown so: relative, or in parts with their lengths.
func isTimeFormat(format string) bool {
	return format == "r" || format == "R" || strings.Trim(format, "tTdDwW") == ""
}

// shownTimeFormat is a format as the server reports it: each part once and in order, and the short one of two lengths.
func shownTimeFormat(format string) string {
	if strings.EqualFold(format, "r") {
		return "r"
	}
	var out strings.Builder
	for _, part := range []string{"wW", "dD", "tT"} {
		switch short, long := part[:1], part[1:]; {
		case strings.Contains(format, short), short == "w" && strings.Contains(format, long):
			out.WriteString(short)
		case strings.Contains(format, long):
			out.WriteString(long)
		}
	}
	return out.String()
}

// leadingNumber reads the number that a text begins with as TDLib's to_integer does: what follows it is ignored, no
// number is 0, and a number that is too large wraps around.
func leadingNumber(text string) int32 {
	digits, negative := strings.CutPrefix(text, "-")
	var n uint32
	for _, c := range []byte(digits) {
		if c < '0' || c > '9' {
			break
		}
		n = n*10 + uint32(c-'0')
	}
	if negative {
		n = -n
	}
	return int32(n)
}
