package surface

import (
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"bellman/internal/api/problem"
)

// CheckAddress returns a [*problem.Problem] with status 400 unless the path and the
// query of a request are valid UTF-8 without NUL, and the query's escapes can be read.
// PostgreSQL takes neither of the two as a text, and Go drops a parameter that it cannot
// read without a word.
func CheckAddress(r *http.Request) error {
	if err := checkText("path", r.URL.Path); err != nil {
		return err
	}
	query, err := url.QueryUnescape(r.URL.RawQuery)
	if err != nil || strings.Contains(r.URL.RawQuery, ";") {
		return problem.New(http.StatusBadRequest, "query_malformed",
			"the query cannot be read: write %25 for a percent sign and %3B for a semicolon")
	}
	return checkText("query", query)
}

func checkText(place, text string) error {
	switch {
	case !utf8.ValidString(text):
		return problem.New(http.StatusBadRequest, place+"_not_utf8", "the "+place+" of the address is not valid UTF-8")
	case strings.IndexByte(text, 0) >= 0:
		return problem.New(http.StatusBadRequest, place+"_nul", "the "+place+" of the address holds a NUL character")
	}
	return nil
}
