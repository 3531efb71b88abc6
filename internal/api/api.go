// Package api joins the HTTP surfaces on one port: the management API, the
// integration API, their documentation, and the probes of an operator.
package api

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"bellman/internal/access"
	"bellman/internal/api/integration"
	"bellman/internal/api/manage"
	"bellman/internal/api/problem"
	"bellman/internal/bot"
	"bellman/internal/campaign"
	"bellman/internal/contact"
	"bellman/internal/message"
)

// Config is what the surfaces stand on. Every field is needed.
type Config struct {
	Access    *access.Service
	Bots      *bot.Service
	Contacts  *contact.Service
	Messages  *message.Service
	Campaigns *campaign.Service
	// Ready tells whether the database answers.
	Ready func(ctx context.Context) error
	Log   *slog.Logger
}

// Handler returns everything that is served. It fails only when the OpenAPI
// document cannot be written.
func Handler(c Config) (http.Handler, error) {
	mux := http.NewServeMux()
	both := func(path string, h http.Handler) {
		mux.Handle(path, h)
		mux.Handle(path+"/", h)
	}
	management := manage.New(manage.Config{
		Access: c.Access, Bots: c.Bots, Contacts: c.Contacts, Messages: c.Messages, Campaigns: c.Campaigns, Log: c.Log,
	})
	both(manage.Prefix, management)
	systems := integration.New(integration.Config{Access: c.Access, Bots: c.Bots, Contacts: c.Contacts, Log: c.Log})
	for _, prefix := range integration.Prefixes {
		both(prefix, systems)
	}
	if err := addDocs(mux, management); err != nil {
		return nil, err
	}
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { writeText(w, http.StatusOK, "ok") })
	mux.HandleFunc("GET /readyz", ready(c))
	mux.Handle("GET /{$}", http.RedirectHandler(docsPath, http.StatusFound))
	mux.HandleFunc("/", nothingHere)
	return logged(c.Log, recovered(c.Log, typed(clean(mux)))), nil
}

// Server returns a server for h with the time-outs of a public port. A request
// has a minute to arrive; its answer may take three, because a tokens call of
// full size waits for the database.
func Server(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       time.Minute,
		WriteTimeout:      3 * time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}

func ready(c Config) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := c.Ready(r.Context()); err != nil {
			c.Log.WarnContext(r.Context(), "not ready", "error", err)
			writeText(w, http.StatusServiceUnavailable, "the database does not answer")
			return
		}
		writeText(w, http.StatusOK, "ok")
	}
}

func nothingHere(w http.ResponseWriter, _ *http.Request) {
	problem.Write(w, problem.New(http.StatusNotFound, "route_not_found",
		"there is nothing at this address; the APIs are described at "+docsPath))
}

func writeText(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	// A client that is gone needs no answer.
	_, _ = w.Write([]byte(text + "\n"))
}
