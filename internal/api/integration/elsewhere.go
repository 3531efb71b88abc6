package integration

import (
	"net/http"

	"bellman/internal/access"
)

// elsewhere lists the parts of the vendor's API that are not about Telegram. Every
// method on their paths is answered with what the part is, but for [emptyElsewhere].
var elsewhere = []struct {
	what  string
	paths []string
}{
	{"e-mails", []string{"/message/email", "/message/email/status", "/messages/email", "/messages/email/{rest...}"}},
	{"text messages", []string{"/message/sms", "/message/sms/status", "/messages/sms", "/messages/sms/{rest...}", "/callouts/sms"}},
	{"Viber messages", []string{"/message/viber", "/message/viber/status", "/messages/viber", "/messages/viber/{rest...}"}},
	{"mobile push", []string{"/messages/mobilepush", "/messages/mobilepush/{rest...}"}},
	{"app inbox messages", []string{"/messages/appinbox", "/messages/appinbox/{rest...}"}},
	{"web push", []string{"/site/domains", "/site/webpush/domains", "/site/{rest...}"}},
	{"promo codes", []string{"/promocodes", "/promocodes/{rest...}"}},
	{"product feeds", []string{"/products/config", "/products/{rest...}"}},
	{"files for e-mails", []string{"/preprocessor/{rest...}"}},
	{"recommendations", []string{"/contacts/recoms/{rest...}"}},
}

// emptyElsewhere are the lists of those parts. Clients read them when they start, for
// a choice that they offer; there is nothing to choose.
var emptyElsewhere = map[string]handler{
	"/callouts/sms": noRows, "/messages/email": noRows, "/messages/sms": noRows, "/messages/viber": noRows,
	"/messages/mobilepush": noRows, "/messages/appinbox": noRows,
	"/site/domains": noRows, "/site/webpush/domains": noneOf("domains"), "/products/config": noneOf("feeds"),
	"/message/email/status": noResults, "/message/sms/status": noResults, "/message/viber/status": noResults,
}

// noResults serves the statuses of messages that were never sent.
var noResults = noneOf("results")

// noneOf serves an object whose only member is an empty list.
func noneOf(member string) handler {
	return func(http.ResponseWriter, *http.Request, int64) (any, error) {
		return map[string]any{member: []struct{}{}}, nil
	}
}

var errInteraction = sentence(http.StatusNotFound, "mobile_push_only",
	"Interactions are those of mobile push, which Bellman does not send")

// interactionCalls returns the calls of the vendor's mobile SDKs.
func interactionCalls() []call {
	refuse := func(http.ResponseWriter, *http.Request, int64) (any, error) { return nil, errInteraction }
	return []call{
		{method: http.MethodPut, path: "/interactions/{iid}/status", area: access.AreaAny, handle: refuse, pace: paceInteraction},
	}
}

// otherCalls returns the vendor's calls that Bellman does not have, so that their
// callers learn why.
//
// spec: elsewhere
func otherCalls() (calls []call) {
	for _, part := range elsewhere {
		err := sentence(http.StatusNotFound, "telegram_only", "Bellman sends through Telegram only: it has no "+part.what)
		refuse := func(http.ResponseWriter, *http.Request, int64) (any, error) { return nil, err }
		for _, path := range part.paths {
			calls = append(calls, call{path: path, area: access.AreaAny, handle: refuse})
			if empty := emptyElsewhere[path]; empty != nil {
				calls = append(calls, call{method: http.MethodGet, path: path, area: access.AreaAny, handle: empty})
			}
		}
	}
	return calls
}
