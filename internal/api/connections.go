package api

import (
	"container/list"
	"context"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// mostConnections is how many connections that wait for their clients a server has at
// most. Each takes some kilobytes, and several times [MaxHeader] while a large header
// arrives.
const mostConnections = 500

// timeToAsk is how long a connection has at least to send its request, or to take its
// answer, however many others come meanwhile: as long as none has had it, no further one
// is taken.
const timeToAsk = time.Second

// unread is about how many bytes of an answer the system keeps for a client that does not
// read it; Linux takes twice as many. Left to itself, it would keep megabytes.
const unread = 128 << 10

// How many bytes a header may have. An address of the APIs can name 3000 contacts by
// ids of nine digits; MaxProbeHeader is for one of probes and metrics alone.
const (
	MaxHeader      = 32 << 10
	MaxProbeHeader = 4 << 10
)

// connections bounds how many connections of a server wait for their clients. For each one
// too many, one is closed: of those that are kept after an answer, the one that has been
// for the longest, because a client is prepared for that at any time; where there is none,
// the one whose client has been awaited for the longest, be it with its request or with
// reading its answer. One whose request is being worked on does not count. So those who
// hold connections and send nothing, or a byte at a time, or read nothing, keep nobody
// out, and those who open thousands of them wait for each other.
type connections struct {
	most int
	log  *slog.Logger
	now  func() time.Time

	mu sync.Mutex
	// all has the place of each open connection; none for one whose request is being worked
	// on.
	all map[net.Conn]place
	// kept are those that had an answer, awaited those whose clients have to send a request
	// or to read an answer; each of waiting, the longest first.
	kept, awaited list.List
	// closed counts those that were closed since told, which is when the log last told.
	closed int
	told   time.Time
}

// waiting is a connection that waits since a time.
type waiting struct {
	net.Conn

	since time.Time
}

// place is where a connection waits.
type place struct {
	in *list.List
	at *list.Element
}

func (p place) leave() {
	if p.in != nil {
		p.in.Remove(p.at)
	}
}

func newConnections(most int, log *slog.Logger, now func() time.Time) *connections {
	return &connections{most: most, log: log, now: now, all: map[net.Conn]place{}}
}

// bound has the server keep to the bound, if it serves [connections.watch].
func (c *connections) bound(s *http.Server) {
	inner := s.Handler
	s.ConnState = c.changed
	s.ConnContext = func(ctx context.Context, conn net.Conn) context.Context {
		return context.WithValue(ctx, connectionKey{}, conn)
	}
	s.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, _ := r.Context().Value(connectionKey{}).(net.Conn)
		c.serves(conn)
		defer c.waits(conn)
		inner.ServeHTTP(w, r)
	})
}

type connectionKey struct{}

// watch returns the listener with connections that tell when an answer waits to be read.
func (c *connections) watch(l net.Listener) net.Listener { return watchedListener{l, c} }

type watchedListener struct {
	net.Listener

	in *connections
}

// Accept implements [net.Listener].
func (l watchedListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		// On a connection that has ended already this fails, as will whatever comes next.
		_ = tcp.SetWriteBuffer(unread)
	}
	return &watched{conn, l.in}, nil
}

// watched is a connection that awaits its client while it writes.
type watched struct {
	net.Conn

	in *connections
}

// Write implements [net.Conn].
func (w *watched) Write(b []byte) (int, error) {
	if w.in.writes(w) {
		defer w.in.serves(w)
	}
	return w.Conn.Write(b)
}

// changed follows the connections of a server.
func (c *connections) changed(conn net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		c.add(conn)
		c.makeRoom()
	case http.StateClosed, http.StateHijacked:
		c.remove(conn)
	}
}

func (c *connections) add(conn net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all[conn] = place{&c.awaited, c.awaited.PushBack(waiting{conn, c.now()})}
}

// makeRoom closes the connections that are too many, when it is time. The server takes no
// other ones meanwhile.
func (c *connections) makeRoom() {
	for {
		over, early := c.over()
		switch {
		case early > 0:
			time.Sleep(early)
		case over == nil:
			return
		default:
			// Whoever it was has left, or hears nothing else.
			_ = over.Close()
		}
	}
}

// over returns the connection to close, if there is one too many, and forgets it. When it
// is too early for that, it returns for how long.
func (c *connections) over() (over net.Conn, early time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept.Len()+c.awaited.Len() <= c.most {
		return nil, 0
	}
	from := &c.kept
	if from.Len() == 0 {
		from = &c.awaited
	}
	first := from.Front()
	oldest, _ := first.Value.(waiting)
	if from == &c.awaited {
		if early = timeToAsk - c.now().Sub(oldest.since); early > 0 {
			return nil, early
		}
		c.tell()
	}
	from.Remove(first)
	delete(c.all, oldest.Conn)
	return oldest.Conn, 0
}

// tellEvery is how often the log tells of closed connections.
const tellEvery = time.Minute

// tell tells the log, now and then. The lock is held.
func (c *connections) tell() {
	c.closed++
	if now := c.now(); now.Sub(c.told) >= tellEvery {
		c.log.Warn("too many connections waited for their clients: those that did for the longest were closed",
			"closed", c.closed, "most", c.most)
		c.closed, c.told = 0, now
	}
}

func (c *connections) remove(conn net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all[conn].leave()
	delete(c.all, conn)
}

// serves records that a request is being worked on, waits that it was answered.
func (c *connections) serves(conn net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if at, open := c.all[conn]; open {
		at.leave()
		c.all[conn] = place{}
	}
}

func (c *connections) waits(conn net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if at, open := c.all[conn]; open && at.in == nil {
		c.all[conn] = place{&c.kept, c.kept.PushBack(waiting{conn, c.now()})}
	}
}

// writes records that an answer waits to be read, and reports whether it does so before
// the work on it has ended: what is left then waits as a connection that is kept.
func (c *connections) writes(conn net.Conn) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	at, open := c.all[conn]
	if !open || at.in != nil {
		return false
	}
	c.all[conn] = place{&c.awaited, c.awaited.PushBack(waiting{conn, c.now()})}
	return true
}
