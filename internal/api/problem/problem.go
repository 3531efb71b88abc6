// Package problem has the answers of both HTTP surfaces to failed calls: the one
// table from fault kinds to statuses, and the body of RFC 9457.
package problem

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"

	"bellman/internal/api/request"
	"bellman/internal/fault"
)

// ContentType is the media type of a problem.
const ContentType = "application/problem+json"

// Problem is the body of every failed call of the management API. It is an
// error, so that it can be returned like one.
type Problem struct {
	Title  string   `json:"title" doc:"What the status means." example:"Unprocessable Entity"`
	Status int      `json:"status" doc:"The HTTP status, again." example:"422"`
	Code   string   `json:"code" doc:"A stable name for the cause, to branch on." example:"token_malformed"`
	Detail string   `json:"detail" doc:"What is wrong and what to do about it, in a sentence for people." example:"this is not a bot token"`
	Field  string   `json:"field,omitempty" doc:"The input at fault, when it is one field." example:"token"`
	Errors []Defect `json:"errors,omitempty" doc:"What is wrong with the request, when its shape is; the first 100 mistakes."`
	// Faults are all that is wrong, where more than one thing can be.
	Faults []Fault `json:"faults,omitempty" doc:"All that is wrong with a message, the first as above: up to 50 in its texts, and its files."`
	// Current is what there is now in place of what the caller has read.
	Current any `json:"current,omitempty" doc:"With the code changed_meanwhile: what it is now, as its GET shows it."`
	// Request is the request's id, for who asks its operator.
	Request string `json:"requestId,omitempty" doc:"With a status of 500 or more, the id of the request, under which the log has the cause. X-Request-Id has it in every answer."`
}

// Fault is one of several things that are wrong, such as with a message.
type Fault struct {
	Code    string `json:"code" doc:"Stable, to branch on." example:"html_tag_unknown"`
	Field   string `json:"field,omitempty" doc:"Where it is." example:"text"`
	Message string `json:"message" doc:"What is wrong and what to do, in a sentence for people."`
}

// FaultOf returns a fault as it is shown.
func FaultOf(f *fault.Error) Fault { return Fault{f.Code, f.Field, f.Message} }

// Defect is one mistake in the form of a request.
type Defect struct {
	Location string `json:"location" doc:"Where it is." example:"body.audience.all"`
	Message  string `json:"message" doc:"What was expected there." example:"expected boolean"`
}

// New returns a problem; the title follows from the status.
func New(status int, code, detail string) *Problem {
	return &Problem{Title: http.StatusText(status), Status: status, Code: code, Detail: detail}
}

// Error implements error.
func (p *Problem) Error() string {
	if p.Field != "" {
		return p.Field + ": " + p.Detail
	}
	return p.Detail
}

// GetStatus returns the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType returns the media type of a problem in place of plain JSON.
func (p *Problem) ContentType(string) string { return ContentType }

// statuses is the one table from fault kinds to HTTP.
var statuses = map[fault.Kind]int{
	fault.Internal:     http.StatusInternalServerError,
	fault.Invalid:      http.StatusUnprocessableEntity,
	fault.Unauthorized: http.StatusUnauthorized,
	fault.Forbidden:    http.StatusForbidden,
	fault.NotFound:     http.StatusNotFound,
	fault.Conflict:     http.StatusConflict,
	fault.Limited:      http.StatusTooManyRequests,
	fault.Unavailable:  http.StatusServiceUnavailable,
}

// Internal returns the problem of a bug or an outage of ours, which does not reveal
// the cause.
func Internal() *Problem {
	return New(http.StatusInternalServerError, "internal", "internal error")
}

// Of returns the part of err that may be shown outside.
func Of(err error) *Problem {
	if p, ok := errors.AsType[*Problem](err); ok {
		return p
	}
	f, ok := errors.AsType[*fault.Error](err)
	if !ok || f.Kind == fault.Internal {
		return Internal()
	}
	p := New(statuses[f.Kind], f.Code, f.Message)
	p.Field = f.Field
	if all, several := errors.AsType[fault.Errors](err); several {
		for _, f := range all {
			p.Faults = append(p.Faults, FaultOf(f))
		}
	}
	return p
}

// Report returns the part of err that may be shown outside, and logs the rest. It
// is called once for an error, where the error leaves the program.
func Report(ctx context.Context, log *slog.Logger, err error) *Problem {
	p := Of(err)
	cause := err
	if f, ok := errors.AsType[*fault.Error](err); ok {
		cause = f.Err
	}
	switch {
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
		log.DebugContext(ctx, "the client left before its answer was ready")
	case p.Status == http.StatusInternalServerError:
		log.ErrorContext(ctx, "request failed", "error", err.Error(), "cause", cause)
	case p.Status == http.StatusServiceUnavailable:
		log.WarnContext(ctx, "request has to wait", "error", err.Error(), "cause", cause)
	}
	return p
}

// Write sends the problem.
func Write(w http.ResponseWriter, p *Problem) {
	if p.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", Challenge)
	}
	if p.Status >= http.StatusInternalServerError {
		named := *p
		named.Request = w.Header().Get(request.Header)
		p = &named
	}
	w.Header().Set("Content-Type", ContentType)
	w.WriteHeader(p.Status)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	// A client that has left needs no answer.
	_ = encoder.Encode(p)
}

// Challenge is the WWW-Authenticate header of every 401 but a browser's. Basic comes
// alone, because some clients read only the first scheme.
const Challenge = `Basic realm="Bellman", charset="UTF-8"`

// BrowserChallenge is that of a 401 to a browser, which would answer Basic with a
// dialog for a password of its own. RFC 9110 has every 401 name a scheme.
const BrowserChallenge = `Bearer realm="Bellman"`
