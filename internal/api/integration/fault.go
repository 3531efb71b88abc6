package integration

import (
	"errors"
	"io"
	"net/http"

	"bellman/internal/api/problem"
	"bellman/internal/fault"
)

// sentence returns a fault in the vendor's words, or in ours where the vendor has
// none.
func sentence(status int, code, text string) error { return problem.New(status, code, text) }

var errNothingHere = sentence(http.StatusNotFound, "route_not_found", "There is nothing at this address")

// fail answers with a sentence. A 401 is JSON, because the vendor's own plugins
// read it; there is no 422 in this API. Clients look for "not found" in the sentence
// about a thing that is not there, where it is not the vendor's own.
//
// spec: out-error-text
func (a *API) fail(w http.ResponseWriter, r *http.Request, err error) {
	p := problem.Report(r.Context(), a.Log, err)
	text := p.Error()
	if f, ok := errors.AsType[*fault.Error](err); ok && f.Kind == fault.NotFound {
		text = "Not found: " + text
	}
	switch p.Status {
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", problem.Challenge)
		writeJSON(w, p.Status, unauthorized{p.Detail, p.Status})
	case http.StatusUnprocessableEntity:
		writeText(w, http.StatusBadRequest, text)
	default:
		writeText(w, p.Status, text)
	}
}

// spec: out-401-json
type unauthorized struct {
	Message string `json:"message"`
	Status  int    `json:"status"`
}

func (a *API) refuse(w http.ResponseWriter, r *http.Request, status int) {
	if status == http.StatusMethodNotAllowed {
		writeText(w, status, "This address does not take "+r.Method+", only "+w.Header().Get("Allow"))
		return
	}
	allowOrigin(w, r)
	writeText(w, http.StatusNotFound, errNothingHere.Error())
}

// writeText answers with a sentence and, as the vendor does, no newline behind it:
// clients compare whole texts.
func writeText(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	// A client that has left needs no answer.
	_, _ = io.WriteString(w, text)
}
