package sandbox

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"
)

// Sandbox is a stand-in for Telegram. Its methods are safe for concurrent use.
type Sandbox struct {
	options  Options
	server   *fasthttp.Server
	rates    atomic.Pointer[Rates]
	faults   faults
	journal  *journal
	markups  markupCache
	contents contents
	// examiner is the bot of Verdict.
	examiner *bot

	mu       sync.RWMutex
	bots     map[int64]*bot
	listener net.Listener
	url      string
	conns    map[net.Conn]struct{}
	closed   bool

	requests atomic.Int64
	codes    [600]atomic.Int64 // refusals by code
	randomMu sync.Mutex
	random   *rand.Rand
	done     chan struct{} // closed by Close
	pushing  sync.WaitGroup
}

// New makes a sandbox that serves nobody yet.
func New(o Options) *Sandbox {
	o = o.withDefaults()
	s := &Sandbox{
		options: o,
		bots:    make(map[int64]*bot),
		conns:   make(map[net.Conn]struct{}),
		journal: newJournal(o.Keep, o.Log),
		random:  rand.New(rand.NewPCG(o.Seed, 1)),
		done:    make(chan struct{}),
	}
	s.examiner = newBot(1, false)
	s.examiner.files.any = true
	s.rates.Store(&o.Rates)
	s.server = &fasthttp.Server{
		Handler:                      s.handle,
		ErrorHandler:                 s.broken,
		Name:                         "sandbox",
		MaxRequestBodySize:           maxBody,
		DisablePreParseMultipartForm: true,
		NoDefaultContentType:         true,
		CloseOnShutdown:              true,
		Logger:                       quiet{},
	}
	return s
}

// quiet drops fasthttp's messages about broken connections: the sandbox breaks them on purpose.
type quiet struct{}

func (quiet) Printf(string, ...any) {}

// Serve answers connections from l until Close, and then returns nil.
func (s *Sandbox) Serve(l net.Listener) error {
	if err := s.attach(l); err != nil {
		return err
	}
	return s.run(l)
}

// attach makes l the listener that Close closes.
func (s *Sandbox) attach(l net.Listener) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.listener != nil {
		return errors.New("sandbox: the sandbox is closed or already serves")
	}
	s.listener = l
	s.url = "http://" + l.Addr().String()
	return nil
}

func (s *Sandbox) run(l net.Listener) error {
	err := s.server.Serve(&listener{Listener: l, sandbox: s})
	select {
	case <-s.done:
		return nil
	default:
		return err
	}
}

// URL is the address to give to clients in place of https://api.telegram.org. It is empty before Serve.
func (s *Sandbox) URL() string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.url
}

// Close stops serving, ends every connection, hung ones too, and stops the webhooks. Closing twice does nothing.
func (s *Sandbox) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	close(s.done)
	l, conns, bots := s.listener, s.conns, s.bots
	s.conns = nil
	s.mu.Unlock()

	var err error
	if l != nil {
		err = l.Close()
	}
	for conn := range conns {
		// The connection may be closing by itself at the same time.
		_ = conn.(*connection).TCPConn.Close()
	}
	for _, b := range bots {
		b.updates.stopPushing()
	}
	s.pushing.Wait()
	if l == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if wait := s.server.ShutdownWithContext(ctx); wait != nil && !errors.Is(wait, net.ErrClosed) {
		err = errors.Join(err, wait)
	}
	return err
}

// TB is the part of testing.TB that Start needs, so that a program with a sandbox in it does not link the testing
// package.
type TB interface {
	Helper()
	Cleanup(f func())
	Fatalf(format string, arguments ...any)
	Errorf(format string, arguments ...any)
}

// Start serves a sandbox on a free port of 127.0.0.1 for the length of a test.
func Start(t TB, o Options) *Sandbox {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("sandbox: %v", err)
	}
	s := New(o)
	if err := s.attach(l); err != nil {
		t.Fatalf("%v", err)
	}
	served := make(chan error, 1)
	go func() { served <- s.run(l) }()
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("sandbox: close: %v", err)
		}
		if err := <-served; err != nil {
			t.Errorf("sandbox: serve: %v", err)
		}
	})
	return s
}

// listener keeps track of connections, and resets those that a rule refuses.
type listener struct {
	net.Listener

	sandbox *Sandbox
}

// Accept waits for a connection that no rule refuses.
func (l *listener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		tcp, ok := conn.(*net.TCPConn)
		if !ok {
			return nil, errors.Join(errors.New("sandbox: only TCP is served"), conn.Close())
		}
		if l.sandbox.faults.pick(0, nil, 0) != nil {
			reset(tcp)
		} else if c := (&connection{tcp, l.sandbox}); l.sandbox.track(c) {
			return c, nil
		}
		// An error of the close makes no difference to a connection that nobody uses.
		_ = tcp.Close()
	}
}

type connection struct {
	*net.TCPConn

	sandbox *Sandbox
}

// Close ends the connection.
func (c *connection) Close() error {
	c.sandbox.mu.Lock()
	delete(c.sandbox.conns, c)
	c.sandbox.mu.Unlock()
	return c.TCPConn.Close()
}

func (s *Sandbox) track(c *connection) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.conns[c] = struct{}{}
	return true
}

// maxDrained is how many bytes of a too large request are read, at most.
const maxDrained = 512 << 20

func (s *Sandbox) handle(ctx *fasthttp.RequestCtx) {
	path, query, _ := bytes.Cut(ctx.Request.Header.RequestURI(), []byte{'?'})
	switch {
	case bytes.HasPrefix(path, []byte(botPrefix)):
		s.botCall(ctx, path, query)
	case bytes.HasPrefix(path, []byte(filePrefix)):
		s.download(ctx, path)
	case bytes.Equal(path, []byte("/sandbox")), bytes.HasPrefix(path, []byte("/sandbox/")):
		s.control(ctx, string(path))
	default:
		s.refuse(ctx, errNotFound)
	}
}

// broken answers a request that could not be read.
func (s *Sandbox) broken(ctx *fasthttp.RequestCtx, err error) {
	r := &refusal{code: 400, description: "Bad Request"}
	if errors.Is(err, fasthttp.ErrBodyTooLarge) {
		r = errTooLarge
		drain(ctx.Conn())
	}
	s.refuse(ctx, r)
	ctx.SetConnectionClose()
}

// drain reads the rest of a request until the client pauses: a client that has not finished its request would see a
// broken connection instead of the answer.
func drain(conn net.Conn) {
	var buffer [64 << 10]byte
	for range maxDrained / len(buffer) {
		if conn.SetReadDeadline(time.Now().Add(200*time.Millisecond)) != nil {
			return
		}
		if _, err := conn.Read(buffer[:]); err != nil {
			return
		}
	}
}

// bot returns the state of a bot, new if it has not been seen.
func (s *Sandbox) bot(id int64) *bot {
	s.mu.RLock()
	b := s.bots[id]
	s.mu.RUnlock()
	if b != nil {
		return b
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if b = s.bots[id]; b == nil {
		b = newBot(id, s.options.KnownOnly)
		s.bots[id] = b
	}
	return b
}

// refused counts a refusal.
func (s *Sandbox) refused(code int) { s.codes[code].Add(1) }

// delay holds an answer back for the scripted latency.
func (s *Sandbox) delay() {
	r := s.rates.Load()
	if r.Latency <= 0 && r.Jitter <= 0 {
		return
	}
	d := r.Latency
	if r.Jitter > 0 {
		s.randomMu.Lock()
		d += time.Duration(s.random.Int64N(int64(r.Jitter)))
		s.randomMu.Unlock()
	}
	s.wait(d)
}

// wait waits, but not past Close.
func (s *Sandbox) wait(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.done:
	}
}
