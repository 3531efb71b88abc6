package integration

import (
	"net/http"
	"regexp"
	"slices"
	"strings"

	"bellman/internal/access"
	"bellman/internal/api/problem"
)

// call is one operation of the API.
type call struct {
	// method is empty for any.
	method string
	path   string
	// route is the path for the router, where the router cannot take the path
	// itself.
	route string
	// area is the area that a key has to open.
	area   access.Area
	handle handler
	// versions are the versions of the API that have the call in this form; none
	// means 1 and 2.
	versions []int
	// pace is the vendor's limit for the call, when it has one of its own.
	pace pace
	// unkeyed is true for a POST that does nothing, so that an idempotency key has no
	// meaning for it.
	unkeyed bool
	// act is what the audit log calls it; empty for what it does not tell, which is nearly
	// all: systems call it all day.
	act string
	// browsers is true when pages of any origin may make the call.
	browsers bool
}

func (c call) versionsOf() []int {
	if len(c.versions) == 0 {
		return []int{1, 2}
	}
	return c.versions
}

// calls returns all operations of the API, a list for each resource.
func (a *API) calls() []call {
	return slices.Concat(
		a.tokensCalls(), a.muteCalls(), a.tokenCalls(),
		a.contactCalls(), a.contactsCalls(), a.subscriptionCalls(), a.emailCalls(), a.groupCalls(), a.importCalls(), a.addressBookCalls(),
		a.messageCalls(), a.translationCalls(), a.sendCalls(), a.broadcastCalls(),
		a.eventCalls(), a.pastEventCalls(), a.activityCalls(), a.historyCalls(), a.orderCalls(), a.accountCalls(),
		interactionCalls(),
	)
}

// handler serves one call. A [reply] is sent as it says, any other value as JSON.
type handler func(w http.ResponseWriter, r *http.Request, workspaceID int64) (any, error)

func (a *API) answer(c call) http.HandlerFunc {
	if c.pace == (pace{}) {
		c.pace = paceDefault
	}
	if c.act != "" {
		c.handle = a.audited(c)
	}
	return func(w http.ResponseWriter, r *http.Request) {
		key, err := a.admit(r, c)
		if err != nil {
			if p := problem.Of(err); p.Status == http.StatusForbidden {
				a.Refused(r, "call", c.path, p)
			}
			a.fail(w, r, err)
			return
		}
		serve := func(w http.ResponseWriter, r *http.Request) { a.serve(w, r, c, key.WorkspaceID) }
		if c.method != http.MethodPost || c.unkeyed {
			serve(w, r)
			return
		}
		a.Once(w, r, serve, func(err error) { a.fail(w, r, err) })
	}
}

// serve makes the call and sends its answer.
func (a *API) serve(w http.ResponseWriter, r *http.Request, c call, workspaceID int64) {
	value, err := c.handle(w, r, workspaceID)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	if c.method != http.MethodGet {
		a.Live.Mark(workspaceID, touched(c.path)...)
	}
	if special, ok := value.(reply); ok {
		special.write(w)
		return
	}
	writeJSON(w, http.StatusOK, value)
}

// audited returns the handler of a call, with a line of the audit log.
func (a *API) audited(c call) handler {
	return func(w http.ResponseWriter, r *http.Request, workspaceID int64) (value any, err error) {
		r = a.Audited(r, c.act, subject(r, c))
		ended := problem.Internal() // of a panic
		defer func() { a.Ended(r.Context(), ended) }()
		if value, err = c.handle(w, r, workspaceID); err == nil {
			ended = nil
			return value, nil
		}
		ended = problem.Of(err)
		return nil, err
	}
}

// number matches an id in a path.
var number = regexp.MustCompile(`^[0-9]{1,19}$`)

// subject returns what the audit log says that a call is about, by its path. Ids are those
// of the management API.
func subject(r *http.Request, c call) string {
	kind, rest, _ := strings.Cut(strings.TrimPrefix(c.path, "/"), "/")
	if id := r.PathValue("id"); rest == "{id}" && number.MatchString(id) {
		return subjects[kind] + "/" + id
	}
	return subjects[kind]
}

// subjects are what the management API calls things.
var subjects = map[string]string{"contact": "contacts", "broadcast": "campaigns"}

// admit returns the caller of a request whose key opens the call, within the limits.
func (a *API) admit(r *http.Request, c call) (access.Caller, error) {
	caller, err := access.From(r.Context())
	if err == nil {
		err = caller.Key.Allow(c.area)
	}
	if err == nil && a.Limited {
		err = a.limits.take(caller.WorkspaceID, c.pace)
	}
	return caller, err
}
