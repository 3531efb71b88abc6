package e2e_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// The programs under test, built once for all tests.
var bellman, goForwarder string

func TestMain(m *testing.M) {
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
	bellman = filepath.Join(dir, "bellman")
	if err := build("../..", bellman, "./cmd/bellman"); err != nil {
		return 1, err
	}
	goForwarder = filepath.Join(dir, "go-forwarder")
	if err := build("../../examples/go-forwarder", goForwarder, "."); err != nil {
		return 1, err
	}
	return m.Run(), nil
}

// build builds as `make build` does.
func build(dir, output, pkg string) error {
	cmd := exec.Command("go", "build", "-trimpath", "-o", output, pkg)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w\n%s", pkg, err, out)
	}
	return nil
}
