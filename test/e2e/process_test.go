package e2e_test

import (
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/api/apitest"
)

const (
	patience  = 30 * time.Second // how long a step may take on a busy machine
	interval  = 50 * time.Millisecond
	stopLimit = 20 * time.Second
)

// eventually asks in the test's own goroutine, so that a check inside condition may end the test.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	deadline := time.After(patience)
	poll := time.NewTicker(interval)
	defer poll.Stop()
	for !condition() {
		select {
		case <-deadline:
			t.Fatalf("not within %s: %s", patience, what)
		case <-poll.C:
		}
	}
}

// process is a running program, whose output is shown when its test fails.
type process struct {
	name   string
	cmd    *exec.Cmd
	output apitest.Logbook
}

// start runs a program until the test ends. env is all of its environment, less what every program needs.
func start(t *testing.T, env []string, name string, args ...string) *process {
	t.Helper()
	p := &process{name: name, cmd: exec.Command(name, args...)}
	p.cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}, env...)
	p.cmd.Stdout, p.cmd.Stderr = &p.output, &p.output
	require.NoError(t, p.cmd.Start())
	t.Cleanup(func() {
		p.stop(t)
		if t.Failed() {
			t.Logf("%v printed:\n%s", p.cmd.Args, p.output.String())
		}
	})
	return p
}

// stop asks the program to end as an operator would, and returns its final state. It may be called again.
func (p *process) stop(t *testing.T) *os.ProcessState {
	t.Helper()
	if p.cmd.ProcessState != nil {
		return p.cmd.ProcessState
	}
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // it may have ended by itself, which the state below shows
	deadline := time.AfterFunc(stopLimit, func() {
		t.Errorf("%s did not stop within %s", p.name, stopLimit)
		_ = p.cmd.Process.Kill()
	})
	defer deadline.Stop()
	_ = p.cmd.Wait()
	return p.cmd.ProcessState
}
