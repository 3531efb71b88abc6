// Package route lets a surface answer in its own form where the standard mux
// refuses.
package route

import "net/http"

// Handler serves the routes of mux. When the mux has none, it calls refuse with
// status 404, or with 405 after setting the Allow header. Paths must be clean, or
// the mux redirects.
func Handler(mux *http.ServeMux, refuse func(w http.ResponseWriter, r *http.Request, status int)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fallback, pattern := mux.Handler(r)
		if pattern != "" {
			mux.ServeHTTP(w, r)
			return
		}
		probe := &probe{header: http.Header{}}
		fallback.ServeHTTP(probe, r)
		if allow := probe.header.Get("Allow"); allow != "" {
			w.Header().Set("Allow", allow)
		}
		refuse(w, r, probe.status)
	})
}

// probe learns what the mux's own refusal would be.
type probe struct {
	header http.Header
	status int
}

func (p *probe) Header() http.Header         { return p.header }
func (p *probe) Write(b []byte) (int, error) { return len(b), nil }
func (p *probe) WriteHeader(status int)      { p.status = status }
