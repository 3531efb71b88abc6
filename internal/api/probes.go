package api

import (
	"context"
	"net/http"
	"time"

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
		mux.Handle("GET /metrics", c.Metrics)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.RawPath != "": // escaped in another way
		case r.URL.Path == "/healthz", r.URL.Path == "/readyz", r.URL.Path == "/metrics" && c.Metrics != nil:
			mux.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
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
