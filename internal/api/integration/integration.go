// Package integration is the API that customers' systems call: compatible with
// eSputnik, Reteno and Yespo in paths, shapes and sentences.
//
// It is lenient where their clients differ (package loose) and answers faults as
// plain text, which those clients print.
//
// A file is a noun of the vendor's OpenAPI document (yespo.io, version 1.0), with
// its calls, the objects that they show and how their bodies are read:
//   - Apps: tokens.go, mute.go, token.go; app.go finds the bot that they name;
//   - Contacts: contact.go, contacts.go, subscription.go, email.go, group.go,
//     import.go, addressbook.go;
//   - Messages: message.go, translation.go, send.go, recipient.go, sendstatus.go,
//     broadcast.go;
//   - Events: event.go, pastevent.go;
//   - Behavior tracking: activity.go, history.go;
//   - Account: account.go;
//   - parts that are not about Telegram: elsewhere.go.
//
// The files that they share are call.go, page.go, bookmark.go, reply.go, fault.go,
// limit.go and origin.go. The rules that come from the vendor are listed in docs/contract.md.
package integration

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"bellman/internal/api/problem"
	"bellman/internal/api/route"
	"bellman/internal/api/surface"
)

// Prefixes are the paths under which the API is served: each version with and
// without "/api" before it.
var Prefixes = []string{"/api/v1", "/api/v2", "/api/v3", "/v1", "/v2", "/v3"}

// API is the integration API. It serves clean paths only: no doubled or
// trailing slashes.
type API struct {
	surface.Services
	routes http.Handler
	// preflights answers browsers that ask whether they may make a call.
	preflights *http.ServeMux
	limits     *limits
	bookmarks  bookmarks
}

// New returns the API.
func New(services surface.Services) *API {
	a := &API{Services: services, limits: newLimits(), preflights: http.NewServeMux()}
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

// ServeHTTP authenticates the call and routes it. Browsers ask without a key
// whether they may make a call.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if answer, pattern := a.preflights.Handler(r); r.Method == http.MethodOptions && pattern != "" {
		answer.ServeHTTP(w, r)
		return
	}
	browsers := a.forBrowsers(r)
	if browsers {
		allowOrigin(w, r)
	}
	r, err := a.Door.Key(w, r, browsers)
	if err == nil {
		err = surface.CheckAddress(r)
	}
	if err != nil {
		a.Refused(r, "call", "", problem.Of(err))
		a.fail(w, r, err)
		return
	}
	a.routes.ServeHTTP(w, r)
}
