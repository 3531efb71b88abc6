package api

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"path"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"bellman/internal/api/problem"
	"bellman/internal/api/request"
)

// clean serves a doubled or trailing slash as if it were not there. A redirect
// would lose the bodies of clients that do not repeat a POST.
//
// spec: in-slashes
func clean(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if tidy := path.Clean("/" + r.URL.Path); tidy != r.URL.Path || r.URL.RawPath != "" {
			copied := *r
			copied.URL = &url.URL{Path: tidy, RawQuery: r.URL.RawQuery}
			r = &copied
		}
		next.ServeHTTP(w, r)
	})
}

// atMost answers 503 for each request beyond that many at once.
func atMost(most int64, next http.Handler) http.Handler {
	var underway atomic.Int64
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		leave := sync.OnceFunc(func() { underway.Add(-1) })
		defer leave()
		if underway.Add(1) > most {
			w.Header().Set("Retry-After", "2")
			problem.Write(w, problem.New(http.StatusServiceUnavailable, "requests_too_many",
				"too many requests wait for their answers at this moment: repeat this one after the seconds in Retry-After"))
			return
		}
		next.ServeHTTP(w, r.WithContext(request.Leaving(r.Context(), leave)))
	})
}

// nothing is the policy of an answer that is no page; pages have their own.
const nothing = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// remembered is for how long browsers ask no more over HTTP, in seconds: a year.
const remembered = "max-age=31536000"

// guarded has browsers trust the Content-Type of every answer, load and frame nothing,
// and keep to HTTPS where they came by it.
func guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Content-Security-Policy", nothing)
		header.Set("X-Frame-Options", "DENY")
		if scheme, _ := request.Scheme(r); r.TLS != nil || scheme == "https" {
			header.Set("Strict-Transport-Security", remembered)
		}
		next.ServeHTTP(w, r)
	})
}

// unprompted keeps browsers from asking people for a password. All that are in use
// send Sec-Fetch-Mode, which scripts cannot set. So does fetch of Node, which waits for
// no challenge; clients that wait for one do not.
func unprompted(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Sec-Fetch-Mode") == "" {
			next.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(&recorder{ResponseWriter: w, begun: func(status int) {
			if status == http.StatusUnauthorized {
				w.Header().Set("WWW-Authenticate", problem.BrowserChallenge)
			}
		}}, r)
	})
}

// recovered turns a panic into a 500 whose cause is written to the log only.
func recovered(log *slog.Logger, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := &recorder{ResponseWriter: w}
		defer func() {
			cause := recover()
			if cause == nil {
				return
			}
			if cause == http.ErrAbortHandler { //nolint:errorlint // panicked as this very value
				panic(cause)
			}
			log.ErrorContext(r.Context(), "handler panicked", "panic", fmt.Sprint(cause), "stack", string(debug.Stack()))
			if answer.status != 0 {
				// Half an answer must not look like a whole one.
				panic(http.ErrAbortHandler)
			}
			problem.Write(w, problem.Internal())
		}()
		next.ServeHTTP(answer, r)
	})
}

// measured calls answered for every answer of a surface, when it begins.
func measured(surface string, answered func(surface string, status int, took time.Duration), next http.Handler) http.Handler {
	if answered == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		arrived := time.Now()
		answer := &recorder{ResponseWriter: w}
		answer.begun = func(status int) { answered(surface, status, time.Since(arrived)) }
		// A handler that leaves without an answer has panicked, and recovered
		// answers.
		status := http.StatusInternalServerError
		defer func() {
			if answer.status == 0 {
				answer.begun(status)
			}
		}()
		next.ServeHTTP(answer, r)
		status = http.StatusOK
	})
}

// logged writes a line for each request at level debug. It shows neither query nor
// headers, which may contain secrets.
func logged(log *slog.Logger, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !log.Enabled(r.Context(), slog.LevelDebug) {
			next.ServeHTTP(w, r)
			return
		}
		began := time.Now()
		answer := &recorder{ResponseWriter: w}
		defer func() {
			log.DebugContext(r.Context(), "request", "method", r.Method, "path", r.URL.Path,
				"status", answer.status, "duration", time.Since(began))
		}()
		next.ServeHTTP(answer, r)
	})
}

// recorder remembers the status of the answer; zero when there was none yet.
type recorder struct {
	http.ResponseWriter
	status int
	// begun is called once, with the status; nil for no call.
	begun func(status int)
}

// WriteHeader implements http.ResponseWriter.
func (a *recorder) WriteHeader(status int) {
	a.note(status)
	a.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (a *recorder) Write(b []byte) (int, error) {
	a.note(http.StatusOK)
	return a.ResponseWriter.Write(b)
}

func (a *recorder) note(status int) {
	if a.status != 0 {
		return
	}
	a.status = status
	if a.begun != nil {
		a.begun(status)
	}
}

// Unwrap lets [http.ResponseController] reach the connection.
func (a *recorder) Unwrap() http.ResponseWriter { return a.ResponseWriter }
