package pgtest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/pgtest"
)

// These tests set the environment, and so run one after the other.

func TestSchemaIsPrivateAndDropped(t *testing.T) {
	server := start(t)
	t.Setenv(pgtest.URLEnv, server.URL())
	t.Run("two tests", func(t *testing.T) {
		for _, number := range []string{"1", "2"} {
			url := pgtest.Schema(t)
			execute(t, url, "CREATE TABLE own (v text); INSERT INTO own VALUES ("+number+")")
			require.Equal(t, number, query[string](t, url, "SELECT v FROM own"))
		}
		require.Equal(t, 2, query[int](t, server.URL(), countSchemas))
	})
	require.Equal(t, 0, query[int](t, server.URL(), countSchemas))
}

const countSchemas = `SELECT count(*) FROM pg_namespace WHERE nspname LIKE 't\_%'`

func TestSchemaWithoutServer(t *testing.T) {
	for name, tt := range map[string]struct{ ci, want string }{
		"skipped on a developer's machine": {"", "skip"},
		"failed in CI":                     {"true", "fatal"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(pgtest.URLEnv, "")
			t.Setenv("CI", tt.ci)
			spy := &spy{TB: t}
			done := make(chan struct{})
			go func() {
				defer close(done)
				pgtest.Schema(spy)
			}()
			<-done
			require.Equal(t, tt.want, spy.ended)
			require.Contains(t, spy.said, "make test")
		})
	}
}
