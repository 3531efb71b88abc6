// Package manage is the management API: code-first OpenAPI under /manage/v1, a file
// per resource.
//
// A handler translates: request to feature call, result to view. Faults of features
// become problems in one place, [register].
package manage

//go:generate go run ./gen openapi.yaml

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"bellman/internal/access"
	"bellman/internal/api/body"
	"bellman/internal/api/problem"
	"bellman/internal/api/route"
	"bellman/internal/api/surface"
)

// Prefix is the path under which the API is served.
const Prefix = "/manage/v1"

// API is the management API. It serves clean paths only: no doubled or
// trailing slashes.
type API struct {
	surface.Services
	huma   huma.API
	mux    *http.ServeMux
	routes http.Handler
	// needs are what operations need, by their patterns.
	needs map[string]needed
}

// New returns the API. If only its OpenAPI document is needed, the services may be
// empty.
func New(services surface.Services) *API {
	mux := http.NewServeMux()
	a := &API{Services: services, huma: humago.NewWithPrefix(mux, Prefix, document()), mux: mux, needs: map[string]needed{}}
	a.session()
	a.me()
	a.authenticator()
	a.passkeys()
	a.accounts()
	a.providers()
	a.links()
	a.password()
	a.letters()
	a.users()
	a.workspaces()
	a.approval()
	a.keys()
	a.audit()
	a.bots()
	a.contacts()
	a.erasures()
	a.imports()
	a.groups()
	a.events()
	a.messages()
	a.messageLists()
	a.media()
	a.previews()
	a.campaigns()
	a.campaignLists()
	a.checks()
	a.progress()
	a.live()
	a.presence()
	a.deliveries()
	a.campaignReports()
	a.clicks()
	a.stats()
	a.sends()
	a.webhooks()
	a.webhookLog()
	a.posted()
	a.workspace()
	a.routes = route.Handler(mux, refuse)
	return a
}

// ServeHTTP sees who calls and whether they may, checks the address and the body of the
// call, and routes it.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// Answers are for who asked: no cache on the way may keep them.
	w.Header().Set("Cache-Control", "no-store")
	need, known := a.needOf(r)
	r, err := a.Door.Person(w, r, known && need.right == access.Nobody)
	if err == nil {
		err = need.admit(r.Context(), a.Now(), known)
	}
	if err == nil {
		err = surface.CheckAddress(r)
	}
	if err == nil {
		err = prepare(w, r)
	}
	if err != nil {
		p := problem.Report(r.Context(), a.Log, err)
		if known {
			a.Refused(r, need.act, subject(need.path, r.URL.Path), p)
		}
		problem.Write(w, p)
		return
	}
	if need.isTold(r.Context()) {
		r = a.told(r, need)
	}
	if touched := need.touches(r); len(touched) > 0 {
		a.marked(w, r, touched)
		return
	}
	a.routes.ServeHTTP(w, r)
}

// still returns the caller of a request that was admitted as it is now, or a fault when it
// may make it no more.
func (a *API) still(r *http.Request) (access.Caller, error) {
	c, err := a.Door.Again(r)
	if err != nil {
		return c, err
	}
	need, known := a.needOf(r)
	return c, need.admit(access.With(r.Context(), c), a.Now(), known)
}

// told returns a request of which the audit log tells.
func (a *API) told(r *http.Request, need needed) *http.Request {
	about := subject(need.path, r.URL.Path)
	if need.right == access.Nobody {
		return a.AuditedEntry(r, need.act, about)
	}
	return a.Audited(r, need.act, about)
}

// prepare replaces the body on the wire by the checked one. Reads have none, and a
// file is read while it arrives.
func prepare(w http.ResponseWriter, r *http.Request) error {
	if r.Method == http.MethodGet || r.Method == http.MethodHead || isUpload(r) {
		return nil
	}
	raw, err := body.Read(w, r)
	if err != nil {
		return err
	}
	if len(raw) > 0 && !body.IsJSON(r) {
		return problem.New(http.StatusUnsupportedMediaType, "content_type_unsupported",
			"send the body as JSON, with the header Content-Type: application/json")
	}
	if len(raw) > 0 {
		// huma knows it in small letters alone.
		r.Header.Set("Content-Type", "application/json")
	}
	r.Body = body.Reader(raw)
	return nil
}

func refuse(w http.ResponseWriter, r *http.Request, status int) {
	if status == http.StatusMethodNotAllowed {
		problem.Write(w, problem.New(status, "method_not_allowed",
			"this address does not take "+r.Method+", only "+w.Header().Get("Allow")))
		return
	}
	problem.Write(w, problem.New(http.StatusNotFound, "route_not_found",
		"there is nothing at this address; the API is described at /docs"))
}

// JSON returns the OpenAPI document.
func (a *API) JSON() ([]byte, error) { return json.MarshalIndent(a.huma.OpenAPI(), "", "  ") }

// YAML returns the OpenAPI document, as it is committed.
func (a *API) YAML() ([]byte, error) { return a.huma.OpenAPI().YAML() }

// register adds an operation to the API. The handler gets the workspace that the caller
// is in, which is none for who is nobody yet; its error is logged and turned into a
// problem here.
func register[I, O any](a *API, op huma.Operation, handle func(ctx context.Context, workspaceID int64, in *I) (*O, error)) {
	// The body was read and measured by prepare.
	op.MaxBodyBytes, op.BodyReadTimeout = -1, -1
	need := a.need(&op)
	if op.Method == http.MethodPost && !slices.Contains(unkeyed, op.OperationID) {
		a.keyed(&op)
	}
	huma.Register(a.huma, op, func(ctx context.Context, in *I) (out *O, err error) {
		var p *problem.Problem
		returned := false
		defer func() {
			if !returned {
				p = problem.Internal() // it has panicked
			}
			a.Ended(ctx, p)
		}()
		caller, err := access.From(ctx)
		if err == nil || need.right == access.Nobody {
			if out, err = handle(ctx, caller.WorkspaceID, in); err == nil {
				returned = true
				wentWell(ctx)
				return out, nil
			}
		}
		p, returned = problem.Report(ctx, a.Log, err), true
		return nil, headed(err, p)
	})
}

// headed adds the headers that an answer to a failed call has.
func headed(err error, p *problem.Problem) error {
	header := http.Header{}
	if limited, ok := errors.AsType[access.Limited](err); ok {
		header.Set("Retry-After", strconv.Itoa(limited.Seconds()))
	}
	if p.Status == http.StatusUnauthorized {
		header.Set("WWW-Authenticate", problem.BrowserChallenge)
	}
	if len(header) == 0 {
		return p
	}
	return huma.ErrorWithHeaders(p, header)
}

// answer is a response with a body and the operation's default status.
type answer[T any] struct{ Body T }

func init() {
	// huma has no other place to set the form of its own refusals and that field
	// names have only one spelling.
	huma.NewError = shapeProblem
	huma.ValidateStrictCasing = true
}

// maxDefects is how many mistakes in the form of a request are told.
const maxDefects = 100

// shapeProblem describes in words what huma finds wrong with a request. It leaves
// out the values at fault: they may be secrets.
func shapeProblem(status int, sentence string, errs ...error) huma.StatusError {
	p := problem.New(status, "invalid_request", sentence)
	for _, err := range errs[:min(len(errs), maxDefects)] {
		d := problem.Defect{Message: err.Error()}
		if detailed, ok := err.(huma.ErrorDetailer); ok {
			d = problem.Defect{Location: detailed.ErrorDetail().Location, Message: detailed.ErrorDetail().Message}
		}
		p.Errors = append(p.Errors, d)
	}
	if len(p.Errors) > 0 {
		first := p.Errors[0]
		p.Detail = first.Message
		_, p.Field, _ = strings.Cut(first.Location, ".")
	}
	return p
}
