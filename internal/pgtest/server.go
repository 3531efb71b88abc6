package pgtest

import (
	"context"
	crand "crypto/rand"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	startLimit = 60 * time.Second
	stopLimit  = 60 * time.Second
	readyPoll  = 20 * time.Millisecond
)

// Mode is a way to stop a server.
type Mode int

const (
	// Fast rolls back what runs, closes all connections and writes everything to disk, as an operator's restart does.
	Fast Mode = iota
	// Immediate drops everything as it is, as a crash does; the next start recovers from the log.
	Immediate
)

// Config says what kind of server to start. The zero value is the quick one for tests.
type Config struct {
	// Durable keeps fsync on. Without it, what was committed survives a crash of the server but not one of the machine,
	// and commits are many times faster.
	Durable bool
}

// Server is a PostgreSQL server of this process's own. Its methods must not be called at the same time.
type Server struct {
	dir      string // everything the server writes
	bin      string
	account  *account
	port     int
	password string
	settings []string

	process *os.Process
	exited  chan struct{} // closed when process has ended
}

// Start makes a fresh cluster and serves it on a free loopback port, for 300 connections. It takes about two seconds.
// The caller must call [Server.Close]; on Linux the server also ends, though leaving its directory, when this process
// is killed. It fails with [ErrNoBinaries] when this machine has no PostgreSQL.
func Start(ctx context.Context, config Config) (*Server, error) {
	sweep()
	s, err := newCluster(ctx, config)
	if err != nil {
		return nil, err
	}
	if err := s.launch(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func newCluster(ctx context.Context, config Config) (*Server, error) {
	bin, err := Binaries()
	if err != nil {
		return nil, err
	}
	account, err := serverAccount()
	if err != nil {
		return nil, err
	}
	dir, err := makeDirectory(account)
	if err != nil {
		return nil, err
	}
	s := &Server{dir: dir, account: account, password: crand.Text(), settings: settings(config)}
	if err := s.prepare(ctx, bin); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Server) prepare(ctx context.Context, bin string) error {
	var err error
	if s.bin, err = s.account.reach(bin, s.dir); err != nil {
		return err
	}
	if s.port, err = freePort(); err != nil {
		return err
	}
	return s.initdb(ctx)
}

// initdb sorts text by a language's rules, as most installations do, so that tests catch a query that relies on the
// order of bytes.
func (s *Server) initdb(ctx context.Context) error {
	secret := filepath.Join(s.dir, "password")
	if err := os.WriteFile(secret, []byte(s.password), 0o600); err != nil {
		return err
	}
	if err := s.account.own(secret); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, filepath.Join(s.bin, "initdb"), "--pgdata="+s.data(), "--username=bellman",
		"--pwfile="+secret, "--auth=password", "--encoding=UTF8", "--locale=C", "--locale-provider=icu",
		"--icu-locale=en-US", "--no-sync", "--no-instructions")
	cmd.Dir = s.dir
	cmd.SysProcAttr = s.account.attributes()
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, strings.TrimSpace(string(out)))
	}
	return nil
}

func settings(config Config) []string {
	all := []string{
		"listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=300",
		"max_locks_per_transaction=256", "shared_buffers=256MB", "timezone=UTC", "log_timezone=UTC",
	}
	if !config.Durable {
		all = append(all, "fsync=off", "full_page_writes=off")
	}
	return all
}

// URL returns how to connect to the server as its superuser, in the form that pgx and psql take. It contains the
// server's password, and stays the same over restarts.
func (s *Server) URL() string {
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword("bellman", s.password),
		Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)), Path: "/postgres", RawQuery: "sslmode=disable",
	}
	return u.String()
}

// Restart stops the server if it runs, and starts it again on the same port with the same data.
func (s *Server) Restart(ctx context.Context, mode Mode) error {
	if err := s.Stop(mode); err != nil {
		return err
	}
	return s.launch(ctx)
}

// Stop stops the server and keeps its data for [Server.Restart]. Stopping a server that does not run does nothing.
func (s *Server) Stop(mode Mode) error {
	if s.process == nil {
		return nil
	}
	signal := syscall.SIGINT
	if mode == Immediate {
		signal = syscall.SIGQUIT
	}
	if err := s.process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop PostgreSQL: %w", err)
	}
	limit := time.NewTimer(stopLimit)
	defer limit.Stop()
	select {
	case <-s.exited:
		s.process = nil
		return nil
	case <-limit.C:
		return fmt.Errorf("PostgreSQL did not stop within %s: %s", stopLimit, s.logTail())
	}
}

// Close stops the server for good and removes all its files.
func (s *Server) Close() error {
	return errors.Join(s.Stop(Immediate), os.RemoveAll(s.dir))
}

func (s *Server) launch(ctx context.Context) error {
	if err := s.spawn(); err != nil {
		return fmt.Errorf("start PostgreSQL: %w", err)
	}
	if err := s.awaitReady(ctx); err != nil {
		return errors.Join(err, s.Stop(Immediate))
	}
	return nil
}

// spawn starts the process on a thread that lives as long as it does: Linux tells a child of its parent's death when
// the thread that made it ends.
func (s *Server) spawn() error {
	args := []string{"-D", s.data(), "-p", strconv.Itoa(s.port)}
	for _, setting := range s.settings {
		args = append(args, "-c", setting)
	}
	log, err := os.OpenFile(s.log(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }() // the server has a handle of its own

	cmd := exec.Command(filepath.Join(s.bin, "postgres"), args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = s.dir, log, log
	cmd.SysProcAttr = s.account.attributes()
	started := make(chan error)
	exited := make(chan struct{})
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // a server that ends early is told by awaitReady, with its log
			close(exited)
		}
	}()
	if err := <-started; err != nil {
		return err
	}
	s.process, s.exited = cmd.Process, exited
	return nil
}

func (s *Server) awaitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	poll := time.NewTicker(readyPoll)
	defer poll.Stop()
	for {
		err := s.ping(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-s.exited:
			return fmt.Errorf("PostgreSQL ended while it started: %s", s.logTail())
		case <-ctx.Done():
			return fmt.Errorf("PostgreSQL takes no connections: %w: %s", err, s.logTail())
		case <-poll.C:
		}
	}
}

func (s *Server) ping(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, s.URL())
	if err != nil {
		return err
	}
	return conn.Close(ctx)
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

func (s *Server) log() string { return filepath.Join(s.dir, "log") }

func (s *Server) logTail() string {
	text, err := os.ReadFile(s.log())
	if err != nil {
		return err.Error()
	}
	return strings.TrimSpace(string(text[max(0, len(text)-2000):]))
}

// freePort stays below the ports that systems lend to outgoing connections: one of those could take the port while the
// server is down for a restart.
func freePort() (int, error) {
	var last error
	for range 100 {
		port := 20000 + rand.IntN(10000)
		listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err == nil {
			return port, listener.Close()
		}
		last = err
	}
	return 0, fmt.Errorf("no free port: %w", last)
}
