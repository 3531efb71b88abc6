package harness

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
)

// stopLimit is how long a process may take to stop: the 20 s that it gives messages on the wire, and some more.
const stopLimit = 30 * time.Second

// Process is a running bellman.
type Process struct {
	name   string
	log    string // the path of its log
	cmd    *exec.Cmd
	exited chan struct{} // closed when it has ended
	err    error         // how it ended; set before exited is closed
}

// spawn starts the process from a thread that lives as long as it does: Linux notifies a child of its parent's death
// when the thread that made it ends.
func (p Program) spawn(name string, args ...string) (*Process, error) {
	path := filepath.Join(p.Folder, name+".log")
	log, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }() // the process has a handle of its own

	process := &Process{name: name, log: path, cmd: exec.Command(p.Binary, args...), exited: make(chan struct{})}
	process.cmd.Env, process.cmd.Dir, process.cmd.Stdout, process.cmd.Stderr = p.Env, p.Folder, log, log
	process.cmd.SysProcAttr = attributes()
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := process.cmd.Start()
		started <- err
		if err == nil {
			process.err = process.cmd.Wait()
			close(process.exited)
		}
	}()
	return process, <-started
}

// PID is the process's id.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Signal sends a signal. It fails when the process has ended.
func (p *Process) Signal(s syscall.Signal) error {
	if err := p.cmd.Process.Signal(s); err != nil {
		return fmt.Errorf("%s to %s: %w", s, p.name, err)
	}
	return nil
}

// Stop asks the process to end, as an operator would. It fails when the process does not end within 30 s, or with
// another exit code than 0.
func (p *Process) Stop() error { return p.StopBy(syscall.SIGTERM) }

// StopBy is Stop with another signal.
func (p *Process) StopBy(s syscall.Signal) error {
	if err := p.Signal(s); err != nil {
		return errors.Join(err, p.end())
	}
	limit := time.NewTimer(stopLimit)
	defer limit.Stop()
	select {
	case <-p.exited:
	case <-limit.C:
		return errors.Join(fmt.Errorf("%s did not stop within %s: %s", p.name, stopLimit, p.tail()), p.Kill())
	}
	if err := p.end(); err != nil {
		return fmt.Errorf("%s did not stop cleanly: %w: %s", p.name, err, p.tail())
	}
	return nil
}

// Kill ends the process at once, as kill -9 does, and waits until it is gone. Killing one that has ended does nothing.
func (p *Process) Kill() error {
	if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("kill %s: %w", p.name, err)
	}
	<-p.exited
	return nil
}

// end waits for the end.
func (p *Process) end() error {
	<-p.exited
	return p.err
}

// Log returns what the processes of this name have printed, or why that cannot be read.
func (p *Process) Log() string {
	text, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// tail is the end of the log.
func (p *Process) tail() string {
	text := p.Log()
	return text[max(0, len(text)-2000):]
}
