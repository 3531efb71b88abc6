// Package integration is the API that customers' systems call: compatible with
// eSputnik, Reteno and Yespo in paths, shapes and sentences.
//
// It is lenient where their clients differ (see loose.go) and answers faults
// as plain text, which those clients print.
package integration

import (
	"encoding/json"
	"log/slog"
	"net/http"

	"bellman/internal/access"
	"bellman/internal/api/auth"
	"bellman/internal/api/problem"
	"bellman/internal/api/route"
	"bellman/internal/bot"
	"bellman/internal/contact"
)

// Prefixes are the places where the API lives; all are the same.
var Prefixes = []string{"/api/v1", "/api/v2", "/v1", "/v2"}

// Config is what the API stands on.
type Config struct {
	Access   *access.Service
	Bots     *bot.Service
	Contacts *contact.Service
	Log      *slog.Logger
}

// API is the integration API. It serves clean paths only: no doubled or
// trailing slashes.
type API struct {
	Config
	routes http.Handler
}

// New returns the API.
func New(config Config) *API {
	a := &API{Config: config}
	mux := http.NewServeMux()
	for _, prefix := range Prefixes {
		for _, c := range a.calls() {
			mux.HandleFunc(c.method+" "+prefix+c.path, a.answer(c.handle))
		}
	}
	a.routes = route.Handler(mux, refuse)
	return a
}

// call is one thing that the API does.
type call struct {
	method string
	path   string
	handle handler
}

func (a *API) calls() []call {
	return []call{
		{http.MethodPost, "/apps/{app_uuid}/tokens", a.addTokens},
		{http.MethodPost, "/contact", a.saveContact},
		{http.MethodGet, "/contact/{id}", a.getContact},
	}
}

// ServeHTTP authenticates the call and routes it.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r, err := auth.Authenticate(a.Access, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	a.routes.ServeHTTP(w, r)
}

// handler serves one call: the value that it returns is sent as JSON.
type handler func(w http.ResponseWriter, r *http.Request, workspaceID int64) (any, error)

func (a *API) answer(handle handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		key, err := access.From(r.Context())
		if err != nil {
			a.fail(w, r, err)
			return
		}
		value, err := handle(w, r, key.WorkspaceID)
		if err != nil {
			a.fail(w, r, err)
			return
		}
		writeJSON(w, http.StatusOK, value)
	}
}

// fail answers with a sentence. A 401 is JSON, because the vendor's own
// plugins read it; there is no 422 in this API.
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

type unauthorized struct {
	Message string `json:"message"`
	Status  int    `json:"status"`
}

func refuse(w http.ResponseWriter, r *http.Request, status int) {
	if status == http.StatusMethodNotAllowed {
		http.Error(w, "This address does not take "+r.Method+", only "+w.Header().Get("Allow"), status)
		return
	}
	http.Error(w, "There is nothing at this address", http.StatusNotFound)
}

func writeJSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	// A client that is gone needs no answer.
	_ = encoder.Encode(value)
}
