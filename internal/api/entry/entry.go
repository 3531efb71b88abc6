// Package entry is the page by which people come in: it makes accounts of links, takes
// new passwords, signs in and out. It works over the management API alone.
package entry

import (
	_ "embed"
	"net/http"
)

// Path is the address of the page; what a link has behind its # is read by the page alone.
const Path = "/start"

//go:embed page.html
var page []byte

//go:embed entry.css
var style []byte

//go:embed entry.js
var script []byte

// policy lets the page load what is beside it and call this server, and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Add adds the page to the routes.
func Add(mux *http.ServeMux) {
	mux.Handle("GET "+Path, file("text/html; charset=utf-8", page))
	// Providers send browsers back here (access.ReturnPath).
	mux.Handle("GET "+Path+"/provider", file("text/html; charset=utf-8", page))
	mux.Handle("GET "+Path+"/entry.css", file("text/css; charset=utf-8", style))
	mux.Handle("GET "+Path+"/entry.js", file("text/javascript; charset=utf-8", script))
}

func file(contentType string, content []byte) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		header := w.Header()
		header.Set("Content-Type", contentType)
		header.Set("Content-Security-Policy", policy)
		header.Set("Cross-Origin-Opener-Policy", "same-origin")
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("Cache-Control", "no-cache")
		// A client that has left needs no answer.
		_, _ = w.Write(content)
	})
}
