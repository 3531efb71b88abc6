package harness

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Program is a built bellman.
type Program struct {
	// Binary is its path.
	Binary string
	// Folder is where its processes work: it contains the files that they write, and their logs.
	Folder string
	// Env is all of its environment, as NAME=value.
	Env []string
}

// Build builds bellman into the folder, as make build does, and returns the path. It needs the go command and a working
// directory inside the module.
func Build(ctx context.Context, folder string) (string, error) {
	path := filepath.Join(folder, "bellman")
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", path, "bellman/cmd/bellman")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build bellman: %w\n%s", err, out)
	}
	return path, nil
}

const (
	startLimit = 30 * time.Second
	startPoll  = 20 * time.Millisecond
)

// Start runs a subcommand that serves at the address (host:port), and returns once it answers, within 30 s. The log is
// name.log; the processes of one name share it.
func (p Program) Start(ctx context.Context, name, address string, args ...string) (*Process, error) {
	process, err := p.spawn(name, append(args, "--listen", address)...)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	if err := process.awaitAnswer(ctx, "http://"+address); err != nil {
		return nil, errors.Join(fmt.Errorf("start %s: %w: %s", name, err, process.tail()), process.Kill())
	}
	return process, nil
}

// Output runs a subcommand to its end and returns what it printed, without the last line's end.
func (p Program) Output(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, p.Binary, args...)
	cmd.Env, cmd.Dir = p.Env, p.Folder
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("bellman %s: %w: %s", args[0], err, stderr.String())
	}
	return strings.TrimSuffix(string(out), "\n"), nil
}

// Leaks searches the logs of all processes for secrets, given with their names, and returns a sentence for each one
// that it finds.
func (p Program) Leaks(secrets map[string]string) (found []string, err error) {
	paths, err := filepath.Glob(filepath.Join(p.Folder, "*.log"))
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		for name, secret := range secrets {
			if strings.Contains(string(text), secret) {
				found = append(found, fmt.Sprintf("%s is in %s", name, filepath.Base(path)))
			}
		}
	}
	return found, nil
}

// awaitAnswer returns nil once anything answers at the URL, or an error that says why nothing will.
func (p *Process) awaitAnswer(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	poll := time.NewTicker(startPoll)
	defer poll.Stop()
	for {
		if answers(ctx, url) {
			return nil
		}
		select {
		case <-p.exited:
			return fmt.Errorf("it ended: %w", p.end())
		case <-ctx.Done():
			return fmt.Errorf("no answer: %w", ctx.Err())
		case <-poll.C:
		}
	}
}

func answers(ctx context.Context, url string) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false
	}
	response, err := client.Do(request)
	return err == nil && response.Body.Close() == nil
}

// FreeAddress returns an unused address of 127.0.0.1. Its port is below those that systems assign to outgoing
// connections: one of these could take it while its process is down.
func FreeAddress() (string, error) {
	var last error
	for range 100 {
		address := net.JoinHostPort("127.0.0.1", strconv.Itoa(10000+rand.IntN(10000)))
		listener, err := net.Listen("tcp", address)
		if err == nil {
			return address, listener.Close()
		}
		last = err
	}
	return "", fmt.Errorf("no free port: %w", last)
}
