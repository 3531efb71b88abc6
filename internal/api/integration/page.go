package integration

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"bellman/internal/api/body"
	"bellman/internal/api/loose"
	"bellman/internal/contact"
)

// maxRows is the most rows that a list shows, and the number that it shows unless
// the query says otherwise.
//
// spec: page-rows
const maxRows = contact.MaxPage

// rowsOf reads which rows of a list are wanted: maxrows of them from startindex,
// which counts from 1.
//
// spec: page-start
func rowsOf(query url.Values) (offset int64, limit int, err error) {
	return rowsOr(query, maxRows)
}

// fewRows is how many rows the vendor shows of broadcasts, and of a contact's
// messages, unless the query says otherwise.
//
// spec: page-few
const fewRows = 10

// rowsOr is [rowsOf] with the usual number of rows when there is no maxrows.
func rowsOr(query url.Values, usual int64) (offset int64, limit int, err error) {
	return rowsUpTo(query, usual, maxRows)
}

// rowsUpTo is [rowsOr] for a list that shows at most so many rows.
func rowsUpTo(query url.Values, usual, most int64) (offset int64, limit int, err error) {
	start, err := numberIn(query, "startindex", 1, contact.MaxID)
	if err != nil {
		return 0, 0, err
	}
	rows, err := numberIn(query, "maxrows", usual, most)
	return max(start-1, 0), int(rows), err
}

// numberIn reads a number from 0, or from 1 if usual is larger than that, to most.
// A missing number is usual.
func numberIn(query url.Values, name string, usual, most int64) (int64, error) {
	s := strings.TrimSpace(query.Get(name))
	if s == "" {
		return usual, nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 || n > most || n == 0 && usual > 1 {
		return 0, sentence(http.StatusBadRequest, "query_invalid", fmt.Sprintf("%s must be a whole number from 1 to %d", name, most))
	}
	return n, nil
}

// boolIn reads a boolean; a missing one is usual.
func boolIn(query url.Values, name string, usual bool) (bool, error) {
	s := strings.TrimSpace(query.Get(name))
	if s == "" {
		return usual, nil
	}
	value, err := loose.ParseBool(s)
	return value, body.Shaped(loose.Inside(name, err))
}

// pathID reads the id in the path.
func pathID(r *http.Request, wrong error) (int64, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil || id < 1 || id > contact.MaxID {
		return 0, wrong
	}
	return id, nil
}
