package manage_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/api/manage"
	"bellman/internal/api/surface"
)

func TestOpenAPIDocumentIsCommitted(t *testing.T) {
	t.Parallel()
	committed, err := os.ReadFile("openapi.yaml")
	require.NoError(t, err)
	now, err := manage.New(surface.Services{}).YAML()
	require.NoError(t, err)
	require.Equal(t, string(committed), string(now), "run: go generate ./internal/api/...")
}
