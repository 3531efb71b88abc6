package integration

import (
	"net/http"
	"slices"

	"bellman/internal/access"
)

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
		a.tokensCalls(), a.muteCalls(), a.tokenCalls(),
		a.contactCalls(), a.contactsCalls(), a.subscriptionCalls(), a.emailCalls(), a.groupCalls(), a.importCalls(), a.addressBookCalls(),
		a.messageCalls(), a.translationCalls(), a.sendCalls(), a.broadcastCalls(),
		a.eventCalls(), a.pastEventCalls(), a.activityCalls(), a.historyCalls(), a.accountCalls(), interactionCalls(),
	)
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
