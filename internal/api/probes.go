package api

import (
	"context"
	"net/http"
	"net/http/pprof"
	"strings"
	"time"

	"bellman/internal/access"
	"bellman/internal/api/problem"
	"bellman/internal/fault"
)

// probed serves the probes of an operator under their exact addresses, and everything
// else by next. A proxy that keeps /metrics inside compares addresses; where one would
// be served under /metrics/ or //metrics too, it would get past.
func probed(c Config, next http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { writeText(w, http.StatusOK, "ok") })
	mux.HandleFunc("GET /readyz", ready(c))
	if c.Metrics != nil {
		mux.Handle("GET /metrics", metered(c))
	}
	if c.Inside {
		profiled(mux)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.RawPath != "": // escaped in another way
		case r.URL.Path == "/healthz", r.URL.Path == "/readyz", r.URL.Path == "/metrics" && c.Metrics != nil,
			c.Inside && strings.HasPrefix(r.URL.Path, profiles):
			mux.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// metered serves the metrics to who may watch the installation; on an operator's own
// address, to whoever asks.
func metered(c Config) http.Handler {
	if c.Inside {
		return c.Metrics
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r, err := c.Door.Person(w, r, false)
		if err == nil {
			var caller access.Caller
			if caller, err = access.From(r.Context()); err == nil {
				err = caller.Allow(access.Watch)
			}
		}
		if err != nil {
			problem.Write(w, problem.Report(r.Context(), c.Log, err))
			return
		}
		c.Metrics.ServeHTTP(w, r)
	})
}

// profiles is under which address the profiles of the running program are.
const profiles = "/debug/pprof/"

// profiled adds the profiles, for an operator's own address.
func profiled(mux *http.ServeMux) {
	mux.HandleFunc("GET "+profiles, pprof.Index)
	mux.HandleFunc("GET "+profiles+"profile", pprof.Profile)
	mux.HandleFunc("GET "+profiles+"trace", pprof.Trace)
}

// readyWithin is how long the database may take to answer a probe.
const readyWithin = 5 * time.Second

func ready(c Config) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), readyWithin)
		defer cancel()
		if err := c.Ready(ctx); err != nil {
			c.Log.WarnContext(r.Context(), "not ready", "error", err)
			why := "the database does not answer"
			if fault.KindOf(err) == fault.Unavailable {
				why = problem.Of(err).Detail
			}
			writeText(w, http.StatusServiceUnavailable, why)
			return
		}
		writeText(w, http.StatusOK, "ok")
	}
}
