// Package api joins the HTTP surfaces on one port: the management API, the
// integration API, their documentation, and the probes of an operator.
package api

import (
	"context"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"bellman/internal/api/auth"
	"bellman/internal/api/body"
	"bellman/internal/api/entry"
	"bellman/internal/api/integration"
	"bellman/internal/api/manage"
	"bellman/internal/api/problem"
	"bellman/internal/api/redirect"
	"bellman/internal/api/request"
	"bellman/internal/api/screens"
	"bellman/internal/api/surface"
	"bellman/internal/track"
)

// Config is what the surfaces need. Every field is required, except those that say
// otherwise.
type Config struct {
	surface.Services
	// NewRequestID names a request whose client has not named it.
	NewRequestID func() string
	// Inside says that the address is the operator's own: the metrics need no key, and the
	// profiles of the program are served.
	Inside bool
	// Unprobed leaves the probes and the metrics out, because they are served elsewhere.
	Unprobed bool
	// Proxies are the networks of proxies whose X-Forwarded-For is believed.
	Proxies []netip.Prefix
	// Ready reports whether the process can do its work. What it says of an
	// Unavailable is answered.
	Ready func(ctx context.Context) error
	// Metrics is served at /metrics, to who has a key for it; nil for nothing.
	Metrics http.Handler
	// Screens are the files of the web UI; nil for none.
	Screens fs.FS
	// Answered is called for each answer of an API with the surface (manage or
	// integration), the status, and how long it took to begin; nil for no calls.
	Answered func(surface string, status int, took time.Duration)
}

// Handler returns everything that is served. It fails only when the OpenAPI
// document cannot be written.
func Handler(c Config) (http.Handler, error) {
	c.Door = auth.NewDoor(c.Keys, c.People, c.Public, c.Log)
	mux := http.NewServeMux()
	// Of a path that is served with a slash at its end alone, the mux would redirect
	// the one without to it, which clean takes the slash off again.
	both := func(path string, h http.Handler) {
		mux.Handle(path, h)
		mux.Handle(path+"/", h)
	}
	management := manage.New(c.Services)
	both(manage.Prefix, measured("manage", c.Answered, management))
	systems := integration.New(c.Services)
	for _, prefix := range integration.Prefixes {
		both(prefix, measured("integration", c.Answered, systems))
	}
	both(strings.TrimSuffix(track.Path, "/"), measured("redirect", c.Answered, redirect.Handler(c.Clicks, c.Log)))
	addDocs(mux, management)
	entry.Add(mux)
	if c.Screens == nil {
		mux.Handle("GET /{$}", http.RedirectHandler(entry.Path, http.StatusFound))
	} else if err := screens.Add(mux, c.Screens); err != nil {
		return nil, err
	}
	mux.HandleFunc("/", nothingHere)
	return finish(c, mux), nil
}

// Probes returns what is served in place of the APIs: the addresses for monitoring. Of
// the config, it uses NewRequestID, Ready, Metrics, Inside, Keys, People, Public and Log.
// why says to others where the APIs are.
func Probes(c Config, why string) http.Handler {
	c.Door = auth.NewDoor(c.Keys, c.People, c.Public, c.Log)
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		problem.Write(w, problem.New(http.StatusNotFound, "route_not_found", why))
	})
	return finish(c, mux)
}

// finish adds the probes, and the handlers that apply to every address.
func finish(c Config, mux *http.ServeMux) http.Handler {
	bodies := body.NewBudget(arrivingMemory, decodingMemory, decodingWait)
	all := atMost(mostRequests, bodies.Guard(clean(mux)))
	if !c.Unprobed {
		all = probed(c, all)
	}
	return request.Identified(c.NewRequestID, c.Proxies, logged(c.Log, recovered(c.Log, guarded(unprompted(all)))))
}

// What the bodies of all requests may take together, in bytes, and how long a whole one
// waits for its turn to be decoded. The largest one fits.
const (
	arrivingMemory = 24 << 20
	decodingMemory = 16 << 20
	decodingWait   = 20 * time.Second
)

// mostRequests is how many requests are worked on at once, those of probes aside. A few
// hundred are as many as a database has use for; the rest waits.
const mostRequests = 2000

// Server is a server with the time-outs of a public port and a bound of connections that
// wait for their clients.
type Server struct {
	*http.Server

	connections *connections
}

// NewServer returns a server for h with at most [mostConnections] of them. A request has a
// minute to arrive; its answer may take three, because a tokens call of full size waits
// for the database.
func NewServer(h http.Handler, log *slog.Logger) *Server {
	return newServer(h, newConnections(mostConnections, log, time.Now))
}

func newServer(h http.Handler, c *connections) *Server {
	s := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       time.Minute,
		WriteTimeout:      3 * time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    MaxHeader,
		ErrorLog:          slog.NewLogLogger(c.log.Handler(), slog.LevelDebug),
	}
	c.bound(s)
	return &Server{s, c}
}

// Serve is [http.Server.Serve].
func (s *Server) Serve(l net.Listener) error { return s.Server.Serve(s.connections.watch(l)) }

func nothingHere(w http.ResponseWriter, _ *http.Request) {
	problem.Write(w, problem.New(http.StatusNotFound, "route_not_found",
		"there is nothing at this address; the APIs are described at "+docsPath))
}

func writeText(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	// A client that has left needs no answer.
	_, _ = w.Write([]byte(text + "\n"))
}
