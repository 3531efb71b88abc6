// Package redirect serves the links in messages: it redirects people to a link's
// target, once their click is stored.
package redirect

import (
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"bellman/internal/api/problem"
	"bellman/internal/fault"
	"bellman/internal/track"
)

// Handler serves [track.Path]. It answers 302 for a link, and a page of text for
// everything else: people who follow a link do not read JSON.
func Handler(links *track.Service, log *slog.Logger) http.Handler {
	return &handler{links: links, log: log}
}

type handler struct {
	links *track.Service
	log   *slog.Logger
}

// The headers of every answer: it is valid for this moment and this person only,
// and search engines must not index it.
var (
	noStore = []string{"no-store"}
	noIndex = []string{"noindex, nofollow"}
	empty   = []string{"0"}
)

// ServeHTTP implements [http.Handler].
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header["Cache-Control"], header["X-Robots-Tag"] = noStore, noIndex
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		header.Set("Allow", "GET, HEAD")
		writePage(w, r, http.StatusMethodNotAllowed)
		return
	}
	target, err := h.links.Follow(r.Context(), track.Visit{
		Code: strings.TrimPrefix(r.URL.Path, track.Path), UserAgent: r.UserAgent(), Passive: passive(r),
	})
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	header["Location"], header["Content-Length"] = []string{inHeader(target)}, empty
	w.WriteHeader(http.StatusFound)
}

// passive reports whether nobody asked to see the page: browsers say so when they
// fetch it in advance, in a header each of their own.
func passive(r *http.Request) bool {
	if r.Method == http.MethodHead {
		return true
	}
	for _, name := range [...]string{"Sec-Purpose", "Purpose", "X-Purpose", "X-Moz"} {
		for _, said := range r.Header[name] {
			said = strings.ToLower(said)
			if strings.Contains(said, "prefetch") || strings.Contains(said, "prerender") || strings.Contains(said, "preview") {
				return true
			}
		}
	}
	return false
}

func (h *handler) refuse(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, track.ErrCode) {
		writePage(w, r, http.StatusNotFound)
		return
	}
	p := problem.Report(r.Context(), h.log, err)
	if fault.KindOf(err) == fault.Unavailable {
		w.Header().Set("Retry-After", "10")
	}
	writePage(w, r, p.Status)
}
