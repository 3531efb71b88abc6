package main

import (
	"context"
	"os"

	"bellman/test/harness"
)

// process is a bellman that runs beside the benchmark.
type process struct {
	*harness.Process
	// host is where it listens, host:port.
	host string
}

// url is the address of the process.
func (p *process) url() string { return "http://" + p.host }

// startSandbox runs a sandbox in a process of its own.
func (b *bench) startSandbox(ctx context.Context, flags ...string) (*process, error) {
	return b.start(ctx, nil, append([]string{"sandbox"}, flags...)...)
}

// start runs a subcommand that serves, on a free port, and waits until it
// answers.
func (b *bench) start(ctx context.Context, env []string, args ...string) (*process, error) {
	host, err := harness.FreeAddress()
	if err != nil {
		return nil, err
	}
	running, err := b.program(env).Start(ctx, args[0], host, args...)
	return &process{running, host}, err
}

func (b *bench) program(env []string) harness.Program {
	return harness.Program{Binary: b.binary, Folder: b.folder, Env: append(os.Environ(), env...)}
}

// client makes an API key while the server runs, and returns a client with it.
func (b *bench) client(ctx context.Context, server *process, env []string) (harness.Client, error) {
	key, err := b.program(env).Output(ctx, "key", "create", "--db", b.address, "--name", "bench")
	return harness.Client{Address: server.host, Key: key}, err
}
