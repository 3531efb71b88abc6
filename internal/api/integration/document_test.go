package integration

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"bellman/internal/api/surface"
)

// TestDocumentHasEveryCall compares the routes with the document, both ways.
func TestDocumentHasEveryCall(t *testing.T) {
	t.Parallel()
	var document struct {
		Paths map[string]map[string]any `yaml:"paths"`
	}
	require.NoError(t, yaml.Unmarshal(Document, &document))
	var documented, served []string
	for path, calls := range document.Paths {
		for method := range calls {
			documented = append(documented, strings.ToUpper(method)+" "+path)
		}
	}
	for _, c := range New(surface.Services{}).calls() {
		served = append(served, c.method+" "+c.path)
	}
	require.ElementsMatch(t, served, documented)
}
