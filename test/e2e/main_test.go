package e2e_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"bellman/test/harness"
)

// The programs under test, built once for all tests.
var bellman, goForwarder string

func TestMain(m *testing.M) {
	if ways := os.Getenv(waysEnv); ways != "" {
		fmt.Fprintln(os.Stderr, forwardAll(ways))
		os.Exit(1)
	}
	code, err := buildAndRun(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}

func buildAndRun(m *testing.M) (code int, err error) {
	dir, err := os.MkdirTemp("", "bellman-e2e-")
	if err != nil {
		return 1, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if bellman, err = harness.Build(context.Background(), dir); err != nil {
		return 1, err
	}
	goForwarder = filepath.Join(dir, "go-forwarder")
	if err := buildForwarder(goForwarder); err != nil {
		return 1, err
	}
	return m.Run(), nil
}

// buildForwarder builds an example that is a module of its own.
func buildForwarder(output string) error {
	cmd := exec.Command("go", "build", "-o", output, ".")
	cmd.Dir = "../../examples/go-forwarder"
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build the Go forwarder: %w\n%s", err, out)
	}
	return nil
}
