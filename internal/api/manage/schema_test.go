package manage

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/api/surface"
)

// The document describes all that is answered: huma passes over what comes by embedding a
// type that is not exported, which encoding/json writes.
func TestSchemasAreWhole(t *testing.T) {
	t.Parallel()
	schemas := New(surface.Services{}).huma.OpenAPI().Components.Schemas
	seen := 0
	for name := range schemas.Map() {
		of := schemas.TypeFromRef("#/components/schemas/" + name)
		if of == nil || of.Kind() != reflect.Struct {
			continue
		}
		seen++
		for field := range of.Fields() {
			require.False(t, field.Anonymous && !field.IsExported(), "%s embeds %s: export it", of, field.Name)
		}
	}
	require.Greater(t, seen, 100)
}
