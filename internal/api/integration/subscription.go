package integration

import (
	"net/http"

	"bellman/internal/access"
	"bellman/internal/api/body"
	"bellman/internal/api/loose"
)

func (a *API) subscriptionCalls() []call {
	return []call{
		{method: http.MethodGet, path: "/subscriptions", area: access.AreaAny, handle: a.listCategories},
		{method: http.MethodGet, path: "/contact/{id}/subscriptions", area: access.AreaContactsRead, handle: a.getSubscriptions},
		{method: http.MethodPut, path: "/contact/{id}/subscriptions", area: access.AreaContactsWrite, handle: a.setSubscriptions},
	}
}

type categoryObject struct {
	Key  string `json:"key"`
	Name string `json:"name"`
	// ContactsCount is how many contacts have chosen it, where that is counted.
	ContactsCount int64 `json:"contactsCount,omitempty"`
}

// listCategories serves GET /subscriptions: the categories that contacts have
// chosen. There are no others.
func (a *API) listCategories(_ http.ResponseWriter, r *http.Request, workspaceID int64) (any, error) {
	categories, err := a.Contacts.Categories(r.Context(), workspaceID)
	out := make([]categoryObject, len(categories))
	for i, c := range categories {
		out[i] = categoryObject{c.Key, c.Key, c.Contacts}
	}
	return out, err
}

// getSubscriptions serves GET /contact/{id}/subscriptions.
func (a *API) getSubscriptions(_ http.ResponseWriter, r *http.Request, workspaceID int64) (any, error) {
	id, err := pathID(r, errContactID)
	if err != nil {
		return nil, err
	}
	keys, err := a.Contacts.Subscriptions(r.Context(), workspaceID, id)
	return showSubscriptions(keys), err
}

func showSubscriptions(keys []string) []categoryObject {
	out := make([]categoryObject, len(keys))
	for i, key := range keys {
		out[i] = categoryObject{Key: key, Name: key}
	}
	return out
}

// setSubscriptions serves PUT /contact/{id}/subscriptions.
func (a *API) setSubscriptions(w http.ResponseWriter, r *http.Request, workspaceID int64) (any, error) {
	id, err := pathID(r, errContactID)
	if err != nil {
		return nil, err
	}
	keys, err := body.Decode(w, r, decodeSubscriptions)
	if err != nil {
		return nil, err
	}
	keys, err = a.Contacts.SetSubscriptions(r.Context(), workspaceID, id, keys)
	return showSubscriptions(keys), err
}

var errSubscriptionsMissing = sentence(http.StatusBadRequest, "subscriptions_missing", "Subscriptions must be specified")

// decodeSubscriptions reads {"subscriptions": [...]}, or the list alone. An empty
// list leaves none; a missing list is a fault.
func decodeSubscriptions(v loose.Value) (keys []string, err error) {
	if v.IsArray() {
		return v.Texts()
	}
	sent := false
	err = v.Members(func(name string, v loose.Value) (err error) {
		if name == "subscriptions" {
			sent = !v.IsNull()
			keys, err = v.Texts()
		}
		return err
	})
	if err == nil && !sent {
		err = errSubscriptionsMissing
	}
	return keys, err
}
