package surface

import (
	"context"
	"net/http"

	"bellman/internal/access"
	"bellman/internal/api/problem"
	"bellman/internal/api/request"
	"bellman/internal/audit"
)

// Audited returns the request with the draft of a line in its context: what its act writes
// is told in the audit log (package audit). [Services.Ended] has to be called at its end.
func (s Services) Audited(r *http.Request, act, subject string) *http.Request {
	return r.WithContext(audit.With(r.Context(), s.Audit.Draft(lineOf(r, act, subject))))
}

// AuditedEntry is [Services.Audited] for what is done to come in: whoever had come in by the
// same browser before has nothing to do with it.
func (s Services) AuditedEntry(r *http.Request, act, subject string) *http.Request {
	return r.WithContext(audit.With(r.Context(), s.Audit.Draft(strange(r, act, subject))))
}

// Ended tells how the act of a request that was [Services.Audited] ended; nil is well.
func (s Services) Ended(ctx context.Context, p *problem.Problem) {
	switch {
	case p == nil:
		s.Audit.Ended(ctx, "")
	case isRefusal(p):
		s.Audit.EndedRefused(ctx, p.Code)
	default:
		s.Audit.Ended(ctx, p.Code)
	}
}

// Refused tells of a call that got no further than the door. Who sent nothing by which
// anybody could be let in has not tried anything.
func (s Services) Refused(r *http.Request, act, subject string, p *problem.Problem) {
	if !isRefusal(p) || p.Status == http.StatusUnauthorized && p.Code == "unauthorized" && r.Header.Get("Authorization") == "" {
		return
	}
	e := lineOf(r, act, subject)
	e.Outcome = p.Code
	s.Audit.Refused(r.Context(), e)
}

// isRefusal reports whether a caller may not do something, or not now.
func isRefusal(p *problem.Problem) bool {
	return p.Status == http.StatusUnauthorized || p.Status == http.StatusForbidden || p.Status == http.StatusTooManyRequests
}

// strange returns the line of a caller of whom nothing is known.
func strange(r *http.Request, act, subject string) audit.Entry {
	return audit.Entry{Actor: audit.Actor{Kind: audit.Nobody}, Address: request.Client(r).String(), Act: act, Subject: subject}
}

func lineOf(r *http.Request, act, subject string) audit.Entry {
	e := strange(r, act, subject)
	c, err := access.From(r.Context())
	if err != nil {
		return e
	}
	// Who has no role in the workspace that they name is none of its.
	if c.User == nil || c.Role != "" || c.User.Installer {
		e.WorkspaceID = c.WorkspaceID
	}
	switch {
	case c.User != nil:
		e.Actor = audit.Actor{Kind: audit.User, ID: c.User.ID, Name: c.Name()}
	case c.Key != nil:
		e.Actor = audit.Actor{Kind: audit.Key, ID: c.Key.ID, Name: c.Name()}
	}
	return e
}
