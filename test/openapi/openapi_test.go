package openapi_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// documents are the OpenAPI documents, by name.
func documents(t *testing.T) map[string]string {
	t.Helper()
	paths := map[string]string{}
	for _, name := range []string{"manage", "integration"} {
		path, err := filepath.Abs("../../internal/api/" + name + "/openapi.yaml")
		require.NoError(t, err)
		paths[name] = path
	}
	return paths
}

// program returns the path of a program of an npm package.
func program(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs("node_modules/.bin/" + name)
	require.NoError(t, err)
	_, err = os.Stat(path)
	require.NoError(t, err, "the npm packages of this test are not installed: run `make test`, or `make tools` once")
	return path
}

// run runs a command in a folder, and fails the test when it does not succeed.
func run(t *testing.T, dir, name string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "REDOCLY_TELEMETRY=off", "REDOCLY_SUPPRESS_UPDATE_NOTICE=true", "GOFLAGS=-mod=readonly", "GOWORK=off")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%v\n%s", cmd.Args, out)
}

// TestDocumentsPassJudges has Redocly and Spectral judge each document by the rules that they recommend: there is no
// error. Warnings are of taste, or of what the vendor's API is.
func TestDocumentsPassJudges(t *testing.T) {
	t.Parallel()
	for name, path := range documents(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run(t, ".", program(t, "redocly"), "lint", "--config", "redocly.yaml", path)
			run(t, ".", program(t, "spectral"), "lint", "--ruleset", "spectral.yaml", "--fail-severity", "error", path)
		})
	}
}

// TestClientsAreGenerated generates a Go and a TypeScript client from each document, and compiles both.
func TestClientsAreGenerated(t *testing.T) {
	t.Parallel()
	for name, path := range documents(t) {
		t.Run(name+", Go", func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for _, file := range []string{"go.mod", "go.sum", "runtime.go"} {
				text, err := os.ReadFile("../../tools/oapi/" + file)
				require.NoError(t, err)
				require.NoError(t, os.WriteFile(filepath.Join(dir, file), text, 0o600))
			}
			require.NoError(t, os.Mkdir(filepath.Join(dir, "client"), 0o700))
			run(t, dir, "go", "tool", "oapi-codegen", "-generate", "types,client,skip-prune", "-package", "client", "-o", "client/client.go", path)
			run(t, dir, "go", "vet", "./client")
		})
		t.Run(name+", TypeScript", func(t *testing.T) {
			t.Parallel()
			client := filepath.Join(t.TempDir(), "client.ts")
			run(t, ".", program(t, "openapi-typescript"), path, "-o", client)
			run(t, ".", program(t, "tsc"), "--strict", "--noEmit", client)
		})
	}
}
