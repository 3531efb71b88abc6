package integration

import (
	"net/http"

	"bellman/internal/api/problem"
)

// sentence returns a fault in the vendor's words, or in ours where the vendor has
// none.
func sentence(status int, code, text string) error { return problem.New(status, code, text) }

var errNothingHere = sentence(http.StatusNotFound, "route_not_found", "There is nothing at this address")

// fail answers with a sentence. A 401 is JSON, because the vendor's own plugins
// read it; there is no 422 in this API.
//
// spec: out-error-text
func (a *API) fail(w http.ResponseWriter, r *http.Request, err error) {
	p := problem.Report(r.Context(), a.Log, err)
	switch p.Status {
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", problem.Challenge)
		writeJSON(w, p.Status, unauthorized{p.Detail, p.Status})
	case http.StatusUnprocessableEntity:
		http.Error(w, p.Error(), http.StatusBadRequest)
	default:
		http.Error(w, p.Error(), p.Status)
	}
}

// spec: out-401-json
type unauthorized struct {
	Message string `json:"message"`
	Status  int    `json:"status"`
}

func (a *API) refuse(w http.ResponseWriter, r *http.Request, status int) {
	if status == http.StatusMethodNotAllowed {
		http.Error(w, "This address does not take "+r.Method+", only "+w.Header().Get("Allow"), status)
		return
	}
	http.Error(w, errNothingHere.Error(), http.StatusNotFound)
}
