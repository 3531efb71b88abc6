// Package integration is the API that customers' systems call: compatible with
// eSputnik, Reteno and Yespo in paths, shapes and sentences.
//
// It is lenient where their clients differ (see loose.go) and answers faults
// as plain text, which those clients print.
package integration

import (
	"cmp"
	"encoding/json"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"bellman/internal/access"
	"bellman/internal/activity"
	"bellman/internal/api/auth"
	"bellman/internal/api/problem"
	"bellman/internal/api/route"
	"bellman/internal/audience"
	"bellman/internal/bot"
	"bellman/internal/campaign"
	"bellman/internal/contact"
	"bellman/internal/event"
	"bellman/internal/imports"
	"bellman/internal/message"
)

// Prefixes are the places where the API lives: each version with and without
// "/api" before it.
var Prefixes = []string{"/api/v1", "/api/v2", "/api/v3", "/v1", "/v2", "/v3"}

// Config is what the API stands on.
type Config struct {
	Access    *access.Service
	Bots      *bot.Service
	Contacts  *contact.Service
	Groups    *audience.Service
	Events    *event.Service
	Imports   *imports.Service
	Messages  *message.Service
	Campaigns *campaign.Service
	Triggers  *campaign.Triggers
	Activity  *activity.Service
	// Limited keeps callers to the vendor's numbers of calls a second.
	Limited bool
	// Version is the program's.
	Version string
	Now     func() time.Time
	Log     *slog.Logger
}

// API is the integration API. It serves clean paths only: no doubled or
// trailing slashes.
type API struct {
	Config
	routes http.Handler
	// preflights answers browsers that ask whether they may make a call.
	preflights *http.ServeMux
	limits     *limits
}

// New returns the API.
func New(config Config) *API {
	a := &API{Config: config, limits: newLimits(), preflights: http.NewServeMux()}
	mux := http.NewServeMux()
	for _, c := range slices.Concat(a.calls(), otherCalls()) {
		for _, version := range c.versionsOf() {
			for _, prefix := range []string{"/api/v", "/v"} {
				path := prefix + strconv.Itoa(version) + cmp.Or(c.route, c.path)
				mux.HandleFunc(strings.TrimSpace(c.method+" "+path), a.answer(c))
				if c.browsers {
					a.preflights.HandleFunc("OPTIONS "+path, preflight)
				}
			}
		}
	}
	a.routes = route.Handler(mux, a.refuse)
	return a
}

// call is one thing that the API does.
type call struct {
	// method is empty for any.
	method string
	path   string
	// route is the path for the router, where that cannot have the path as it is.
	route string
	// area is what a key has to open.
	area   access.Area
	handle handler
	// versions of the API that have it, in this form; none means 1 and 2.
	versions []int
	// pace is the vendor's limit for it, when it has one of its own.
	pace pace
	// browsers may make it from any page.
	browsers bool
}

func (c call) versionsOf() []int {
	if len(c.versions) == 0 {
		return []int{1, 2}
	}
	return c.versions
}

// calls is everything that the API does, a list for each resource.
func (a *API) calls() []call {
	return slices.Concat(
		a.appCalls(), a.contactCalls(), a.contactsCalls(), a.importCalls(), a.groupCalls(), a.subscriptionCalls(), a.addressBookCalls(),
		a.eventCalls(), a.messageCalls(), a.sendCalls(), a.broadcastCalls(), a.activityCalls(), a.accountCalls(),
	)
}

// ServeHTTP authenticates the call and routes it. A browser asks without a key
// whether it may make the call.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if answer, pattern := a.preflights.Handler(r); r.Method == http.MethodOptions && pattern != "" {
		answer.ServeHTTP(w, r)
		return
	}
	r, err := auth.Authenticate(a.Access, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	a.routes.ServeHTTP(w, r)
}

// handler serves one call. A [reply] is sent as it says, any other value as
// JSON.
type handler func(w http.ResponseWriter, r *http.Request, workspaceID int64) (any, error)

func (a *API) answer(c call) http.HandlerFunc {
	if c.pace == (pace{}) {
		c.pace = paceDefault
	}
	return func(w http.ResponseWriter, r *http.Request) {
		if c.browsers {
			allowOrigin(w, r)
		}
		key, err := a.admit(r, c)
		if err != nil {
			a.fail(w, r, err)
			return
		}
		value, err := c.handle(w, r, key.WorkspaceID)
		if err != nil {
			a.fail(w, r, err)
			return
		}
		if special, ok := value.(reply); ok {
			special.write(w)
			return
		}
		writeJSON(w, http.StatusOK, value)
	}
}

// admit returns the key of a call that it opens, within the limits.
func (a *API) admit(r *http.Request, c call) (access.Key, error) {
	key, err := access.From(r.Context())
	if err == nil {
		err = key.Allow(c.area)
	}
	if err == nil && a.Limited {
		err = a.limits.take(key.WorkspaceID, c.pace)
	}
	return key, err
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

func (a *API) refuse(w http.ResponseWriter, r *http.Request, status int) {
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
