package api

import (
	"fmt"
	"net/http"

	"github.com/swaggest/swgui/v5emb"

	"bellman/internal/api/manage"
)

const docsPath = "/docs"

// addDocs serves the OpenAPI documents and a reader for them, all from the
// binary: an installation may have no way to the internet.
func addDocs(mux *http.ServeMux, management *manage.API) error {
	yaml, err := management.YAML()
	if err != nil {
		return fmt.Errorf("api: write the OpenAPI document: %w", err)
	}
	json, err := management.JSON()
	if err != nil {
		return fmt.Errorf("api: write the OpenAPI document: %w", err)
	}
	const yamlPath = "/openapi/manage.yaml"
	mux.Handle("GET "+yamlPath, file("application/yaml", yaml))
	mux.Handle("GET /openapi/manage.json", file("application/json", json))
	reader := confined(v5emb.New("Bellman", yamlPath, docsPath))
	mux.Handle("GET "+docsPath, reader)
	mux.Handle("GET "+docsPath+"/", reader)
	return nil
}

func file(contentType string, text []byte) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		// A client that is gone needs no answer.
		_, _ = w.Write(text)
	})
}

// confined lets the page load nothing from elsewhere.
func confined(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy",
			"default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'")
		next.ServeHTTP(w, r)
	})
}
