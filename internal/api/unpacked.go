package api

import (
	"bytes"
	"maps"
	"net/http"
	"strings"
	"sync"
)

// unpacked remembers the pages of a handler that keeps them packed, for clients that take
// nothing packed. Unpacked for each of them anew, a page that nobody reads would take a
// hundred kilobytes. The handler has few pages, which never change.
type unpacked struct {
	next http.Handler

	mu    sync.Mutex
	pages map[string]*page
}

// ServeHTTP implements [http.Handler].
func (u *unpacked) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		u.next.ServeHTTP(w, r)
		return
	}
	u.page(r).write(w)
}

// page returns the page that a request asks for. Only those that exist are remembered.
func (u *unpacked) page(r *http.Request) *page {
	u.mu.Lock()
	defer u.mu.Unlock()
	if known := u.pages[r.URL.Path]; known != nil {
		return known
	}
	whole := r.Clone(r.Context())
	whole.Method = http.MethodGet
	for _, part := range []string{"Range", "If-None-Match", "If-Modified-Since"} {
		whole.Header.Del(part)
	}
	p := &page{header: http.Header{}, status: http.StatusOK}
	u.next.ServeHTTP(p, whole)
	if p.status == http.StatusOK {
		u.pages[r.URL.Path] = p
	}
	return p
}

// page is an answer in memory.
type page struct {
	header http.Header
	status int
	text   bytes.Buffer
}

// Header implements [http.ResponseWriter].
func (p *page) Header() http.Header { return p.header }

// WriteHeader implements [http.ResponseWriter].
func (p *page) WriteHeader(status int) { p.status = status }

// Write implements [http.ResponseWriter].
func (p *page) Write(b []byte) (int, error) { return p.text.Write(b) }

func (p *page) write(w http.ResponseWriter) {
	maps.Copy(w.Header(), p.header)
	w.WriteHeader(p.status)
	// A client that has left needs no answer.
	_, _ = w.Write(p.text.Bytes())
}
