package manage_test

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"bellman/internal/api/manage"
	"bellman/internal/api/surface"
	"bellman/internal/webhook"
)

// What webhooks post is described where generators look for it.
func TestDocumentDescribesWhatIsPosted(t *testing.T) {
	t.Parallel()
	text, err := manage.New(surface.Services{}).YAML()
	require.NoError(t, err)
	var document struct {
		OpenAPI  string
		Webhooks map[string]struct {
			Post struct {
				RequestBody struct {
					Content map[string]struct {
						Schema struct{ Items map[string]string }
					}
				} `yaml:"requestBody"`
			}
		}
		Components struct {
			Schemas map[string]struct{ Properties map[string]any }
		}
	}
	require.NoError(t, yaml.Unmarshal(text, &document))
	require.Regexp(t, `^3\.1`, document.OpenAPI, "3.0 has no webhooks")
	posted := document.Webhooks["activities"].Post.RequestBody.Content["application/json"].Schema.Items["$ref"]
	require.Equal(t, "#/components/schemas/PostedActivity", posted)
	described := document.Components.Schemas["PostedActivity"].Properties
	for field := range reflect.TypeFor[webhook.PostedActivity]().Fields() {
		if name, _, _ := strings.Cut(field.Tag.Get("json"), ","); name != "-" {
			require.Contains(t, described, name)
		}
	}
}

func TestOpenAPIDocumentIsCommitted(t *testing.T) {
	t.Parallel()
	committed, err := os.ReadFile("openapi.yaml")
	require.NoError(t, err)
	now, err := manage.New(surface.Services{}).YAML()
	require.NoError(t, err)
	require.Equal(t, string(committed), string(now), "run: go generate ./internal/api/...")
}
