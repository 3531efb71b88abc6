package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is a bellman that runs beside the benchmark.
type process struct {
	address string
	command *exec.Cmd
	log     *bytes.Buffer
}

// startSandbox runs a sandbox in a process of its own.
func (b *bench) startSandbox(ctx context.Context, flags ...string) (*process, error) {
	return b.start(ctx, "/sandbox", nil, append([]string{"sandbox"}, flags...)...)
}

// start runs bellman on a free port and waits until it answers at path.
func (b *bench) start(ctx context.Context, path string, env []string, args ...string) (*process, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		return nil, err
	}
	p := &process{address: "http://" + address, log: &bytes.Buffer{}}
	p.command = exec.CommandContext(ctx, b.binary, append(args, "--listen", address)...)
	p.command.Stderr = p.log
	p.command.Env = append(os.Environ(), env...)
	p.command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := p.command.Start(); err != nil {
		return nil, err
	}
	for range 500 {
		if resp, err := http.Get(p.address + path); err == nil {
			return p, resp.Body.Close()
		}
		time.Sleep(20 * time.Millisecond)
	}
	return nil, errors.Join(fmt.Errorf("bellman %s does not answer: %s", args[0], p.log), p.stop())
}

func (p *process) stop() error {
	if err := p.command.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	if err := p.command.Wait(); err != nil {
		return fmt.Errorf("%w: %s", err, p.log)
	}
	return nil
}

// memory returns the process's present and highest resident memory, in
// megabytes.
func (p *process) memory() (now, peak float64, err error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.command.Process.Pid))
	if err != nil {
		return 0, 0, err
	}
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) < 2 {
			continue
		}
		kilobytes, _ := strconv.ParseFloat(fields[1], 64)
		switch fields[0] {
		case "VmRSS:":
			now = kilobytes / 1024
		case "VmHWM:":
			peak = kilobytes / 1024
		}
	}
	return now, peak, nil
}
