// Package auth is the door of both HTTP surfaces: it takes the API key from a request,
// refuses what pages of other origins have browsers send, and slows those down who try
// keys.
package auth

import (
	"log/slog"
	"net/http"
	"strconv"
	"strings"

	"bellman/internal/access"
	"bellman/internal/api/body"
	"bellman/internal/api/request"
	"bellman/internal/fault"
)

// Door lets requests in that have a valid key.
type Door struct {
	keys     *access.Service
	refusals *refusals
	origins  http.CrossOriginProtection
}

// NewDoor returns a door for the keys. It writes to the log how often wrong keys came
// from an address, and never a key.
func NewDoor(keys *access.Service, log *slog.Logger) *Door {
	return &Door{keys: keys, refusals: newRefusals(log)}
}

var (
	errOrigin = fault.New(fault.Forbidden, "page_of_another_origin",
		"a page of another origin may not make this call: call from a server, or from a page under the address of this API")
	errOriginJSON = fault.New(fault.Forbidden, "page_of_another_origin",
		"a page of another origin has to send this call as JSON, with the header Content-Type: application/json")
)

// Authenticate returns the request with the caller's key in its context, where
// [access.From] finds it. A request without a valid key is Unauthorized, or Limited when
// its address has sent too many wrong ones, and returned unchanged.
//
// A browser adds the key that it remembers to whatever a page of another origin has it
// send; a call that changes something is Forbidden there. With open, pages of any
// origin may make the call, as JSON: a browser asks before it sends that, and sends no
// remembered key, since the answer does not allow credentials.
func (d *Door) Authenticate(w http.ResponseWriter, r *http.Request, open bool) (*http.Request, error) {
	if err := d.origins.Check(r); err != nil {
		switch {
		case !open:
			return r, errOrigin.Because(err)
		case !body.IsJSON(r):
			return r, errOriginJSON.Because(err)
		}
	}
	key, err := d.authenticate(r)
	if fault.KindOf(err) == fault.Limited {
		w.Header().Set("Retry-After", strconv.Itoa(int(window.Seconds())))
	}
	if err != nil {
		return r, err
	}
	return r.WithContext(access.With(r.Context(), key)), nil
}

func (d *Door) authenticate(r *http.Request) (access.Key, error) {
	sent := secret(r)
	if sent == "" {
		return d.keys.Authenticate(r.Context(), sent)
	}
	leave, err := d.refusals.enter(r)
	if err != nil {
		return access.Key{}, err
	}
	key, err := d.keys.Authenticate(r.Context(), sent)
	leave()
	if fault.KindOf(err) == fault.Unauthorized && !d.refusals.note(request.Client(r)) {
		err = errRefusals
	}
	return key, err
}

// secret returns the password of Basic auth, for any user, or the Bearer token;
// empty when there is neither.
//
// spec: auth-basic
func secret(r *http.Request) string {
	if _, password, ok := r.BasicAuth(); ok {
		return password
	}
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if strings.EqualFold(scheme, "Bearer") {
		return strings.TrimSpace(token)
	}
	return ""
}
