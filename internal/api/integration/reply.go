package integration

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
)

// A reply is an answer that is not just a value in JSON.
type reply struct {
	// total is the TotalCount header; negative for none.
	total int64
	// text is sent unchanged, instead of the value.
	text string
	// empty sends nothing, and no Content-Type.
	empty bool
	value any
}

// sentenceOf answers with a sentence, which this API labels as JSON.
//
// spec: out-sentence
func sentenceOf(text string) reply { return reply{total: -1, text: text} }

// nothing answers with an empty body.
//
// spec: out-empty
var nothing = reply{total: -1, empty: true}

// listOf answers with a page of a list, and the length of the list.
func listOf(value any, total int64) reply { return reply{total: total, value: value} }

// spec: out-total-count
func (r reply) write(w http.ResponseWriter) {
	if r.total >= 0 {
		// Clients look for exactly this case, which Header.Set would change.
		w.Header()["TotalCount"] = []string{strconv.FormatInt(r.total, 10)}
	}
	switch {
	case r.empty:
		w.Header()["Content-Type"] = nil
		w.WriteHeader(http.StatusOK)
	case r.text != "":
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(http.StatusOK)
		// A client that has left needs no answer.
		_, _ = io.WriteString(w, r.text)
	default:
		writeJSON(w, http.StatusOK, r.value)
	}
}

// loneOr returns the results, or the only one of them: in this API a single result
// is no list.
//
// spec: out-lone-result
func loneOr[T any](results []T) any {
	if len(results) == 1 {
		return results[0]
	}
	return results
}

// listOr returns the list, which JSON shows as a list even when it is empty.
func listOr[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func writeJSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	// A client that has left needs no answer.
	_ = encoder.Encode(value)
}
