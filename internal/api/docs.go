package api

import (
	"fmt"
	"net/http"
	"sync"

	"github.com/swaggest/swgui"
	"github.com/swaggest/swgui/v5emb"

	"bellman/internal/api/integration"
	"bellman/internal/api/manage"
)

// The addresses of the documentation.
const (
	docsPath           = "/docs"
	manageDocument     = "/openapi/manage.yaml"
	manageDocumentJSON = "/openapi/manage.json"
	systemsDocument    = "/openapi/integration.yaml"
)

// addDocs serves the OpenAPI documents and a reader for them, all from the binary:
// an installation may have no access to the internet.
func addDocs(mux *http.ServeMux, management *manage.API) {
	mux.Handle("GET "+manageDocument, file("application/yaml", sync.OnceValues(management.YAML)))
	mux.Handle("GET "+manageDocumentJSON, file("application/json", sync.OnceValues(management.JSON)))
	mux.Handle("GET "+systemsDocument, file("application/yaml", func() ([]byte, error) { return integration.Document, nil }))
	reader := confined(&unpacked{pages: map[string]*page{}, next: v5emb.NewHandlerWithConfig(swgui.Config{
		Title:       "Bellman",
		SwaggerJSON: manageDocument,
		BasePath:    docsPath,
		ShowTopBar:  true,
		SettingsUI: map[string]string{
			"urls": fmt.Sprintf(`[{name: "management API", url: %q}, {name: "integration API", url: %q}]`, manageDocument, systemsDocument),
		},
	})})
	mux.Handle("GET "+docsPath, reader)
	mux.Handle("GET "+docsPath+"/", reader)
}

// file serves a text that is written when it is first asked for: most servers never are.
func file(contentType string, text func() ([]byte, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		document, err := text()
		if err != nil {
			panic(fmt.Errorf("api: write the OpenAPI document: %w", err)) // the same on each machine: a test would have failed
		}
		w.Header().Set("Content-Type", contentType)
		// A client that has left needs no answer.
		_, _ = w.Write(document)
	})
}

// confined keeps the page from loading anything from elsewhere.
func confined(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy",
			"default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'")
		w.Header().Set("Referrer-Policy", "no-referrer")
		next.ServeHTTP(w, r)
	})
}
