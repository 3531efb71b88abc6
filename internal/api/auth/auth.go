// Package auth is the door of both HTTP surfaces: it takes the API key, or the session of
// a person, from a request, refuses what pages of other origins have browsers send, and
// slows those down who try keys.
package auth

import (
	"context"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"strings"

	"bellman/internal/access"
	"bellman/internal/api/body"
	"bellman/internal/api/request"
	"bellman/internal/fault"
)

// Door lets requests in that have a valid key or session.
type Door struct {
	keys     *access.Keys
	people   *access.People
	public   string
	refusals *refusals
	origins  http.CrossOriginProtection
}

// NewDoor returns a door for keys and people. public is the installation's address, empty
// when it is not known. It writes to the log how often wrong keys came from an address,
// and never a key.
func NewDoor(keys *access.Keys, people *access.People, public string, log *slog.Logger) *Door {
	return &Door{keys: keys, people: people, public: public, refusals: newRefusals(log)}
}

var (
	errOrigin = fault.New(fault.Forbidden, "page_of_another_origin",
		"a page of another origin may not make this call: call from a server, or from a page under the address of this API")
	errOriginJSON = fault.New(fault.Forbidden, "page_of_another_origin",
		"a page of another origin has to send this call as JSON, with the header Content-Type: application/json")
	errNobody = fault.New(fault.Unauthorized, "unauthorized",
		"sign in, or send a valid API key: as the password of Basic auth (any user), or as a Bearer token")
	errWorkspace = fault.New(fault.Invalid, "workspace_header_invalid",
		"the header "+WorkspaceHeader+" has the number of a workspace in it, or is left out")
)

// WorkspaceHeader names the workspace that a call is about, for who may choose: keys of
// the installation, and people, whose browser may show two of them at a time.
const WorkspaceHeader = "X-Workspace"

// Key returns the request with its caller in its context, where [access.From] finds it. A
// request without a valid key is Unauthorized, or Limited when its address has sent too
// many wrong ones, and returned unchanged.
//
// A browser adds the key that it remembers to whatever a page of another origin has it
// send; a call that changes something is Forbidden there. With open, pages of any
// origin may make the call, as JSON: a browser asks before it sends that, and sends no
// remembered key, since the answer does not allow credentials.
func (d *Door) Key(w http.ResponseWriter, r *http.Request, open bool) (*http.Request, error) {
	if err := d.origins.Check(r); err != nil {
		switch {
		case !open:
			return r, errOrigin.Because(err)
		case !body.IsJSON(r):
			return r, errOriginJSON.Because(err)
		}
	}
	workspaceID, err := chosen(r)
	if err != nil {
		return r, err
	}
	c, err := d.key(r, workspaceID)
	if fault.KindOf(err) == fault.Limited {
		w.Header().Set("Retry-After", strconv.Itoa(int(window.Seconds())))
	}
	if err != nil {
		return r, err
	}
	return r.WithContext(access.With(r.Context(), c)), nil
}

func (d *Door) key(r *http.Request, workspaceID int64) (access.Caller, error) {
	sent := secret(r)
	if sent == "" {
		return d.keys.Authenticate(r.Context(), sent, workspaceID)
	}
	leave, err := d.refusals.enter(r)
	if err != nil {
		return access.Caller{}, err
	}
	c, err := d.keys.Authenticate(r.Context(), sent, workspaceID)
	leave()
	if fault.KindOf(err) == fault.Unauthorized && !d.refusals.note(request.Client(r)) {
		err = errRefusals
	}
	return c, err
}

// Person is [Door.Key] for calls that people make, too: a request without a key may have
// a session. One without either is let in when open is true, and has a [Visit] in its
// context like the others.
func (d *Door) Person(w http.ResponseWriter, r *http.Request, open bool) (*http.Request, error) {
	r = r.WithContext(context.WithValue(r.Context(), visitKey{}, d.visit(r)))
	if r.Header.Get("Authorization") != "" {
		return d.Key(w, r, false)
	}
	if err := d.origins.Check(r); err != nil {
		return r, errOrigin.Because(err)
	}
	token := d.token(r)
	if token == "" {
		if open {
			return r, nil
		}
		return r, errNobody
	}
	workspaceID, err := chosen(r)
	if err != nil {
		return r, err
	}
	c, err := d.people.Resume(r.Context(), token, workspaceID)
	if err != nil {
		if open && fault.KindOf(err) == fault.Unauthorized {
			return r, nil
		}
		return r, err
	}
	return r.WithContext(access.With(r.Context(), c)), nil
}

// Again returns the caller of a request that [Door.Person] has let in, as it is by now:
// the key may have been revoked, the session have ended, the role be another one.
func (d *Door) Again(r *http.Request) (access.Caller, error) {
	workspaceID, err := chosen(r)
	if err != nil {
		return access.Caller{}, err
	}
	if r.Header.Get("Authorization") != "" {
		return d.key(r, workspaceID)
	}
	return d.people.Again(r.Context(), d.token(r), workspaceID)
}

// chosen returns the workspace that a request names, zero when it names none.
func chosen(r *http.Request) (int64, error) {
	text := r.Header.Get(WorkspaceHeader)
	if text == "" {
		return 0, nil
	}
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id < 1 || id > math.MaxInt64>>10 {
		return 0, errWorkspace
	}
	return id, nil
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
