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

// mostConnections is how many connections a server has at most. Each takes some
// kilobytes, and several times [MaxHeader] while a large header arrives.
const mostConnections = 500

// How many bytes a header may have. An address of the APIs can name 3000 contacts by
// ids of nine digits; MaxProbeHeader is for one of probes and metrics alone.
const (
	MaxHeader      = 32 << 10
	MaxProbeHeader = 4 << 10
)

// connections bounds how many connections a server has. For each one too many, one is
// closed: of those that are kept after an answer, the one that has been for the longest,
// because a client is prepared for that at any time; where there is none, the one of
// which a request has been awaited for the longest. One that a request is answered on is
// never closed. So those who hold connections and send nothing, or a byte at a time, keep
// nobody out: who comes with a whole request is answered before it is the oldest, and
// slow phones have their time beside many quick ones.
type connections struct {
	most int
	log  *slog.Logger
	now  func() time.Time

	mu sync.Mutex
	// all has the place of each open connection; none for one that a request is answered
	// on.
	all map[net.Conn]place
	// kept are those that had an answer, awaited those that had none yet; each of net.Conn,
	// the longest first.
	kept, awaited list.List
	// closed counts those that were closed since told, which is when the log last told.
	closed int
	told   time.Time
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

// bound has the server keep to the bound.
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

// changed follows the connections of a server.
func (c *connections) changed(conn net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		if over := c.add(conn); over != nil {
			// Whoever it was has left, or hears nothing else.
			_ = over.Close()
		}
	case http.StateClosed, http.StateHijacked:
		c.remove(conn)
	}
}

// add counts a connection, and returns the one to close, if it is one too many.
func (c *connections) add(conn net.Conn) (over net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all[conn] = place{&c.awaited, c.awaited.PushBack(conn)}
	if len(c.all) <= c.most {
		return nil
	}
	from := &c.kept
	if from.Len() == 0 {
		from = &c.awaited
		c.tell()
	}
	over, _ = from.Remove(from.Front()).(net.Conn)
	delete(c.all, over)
	return over
}

// tellEvery is how often the log tells of closed connections.
const tellEvery = time.Minute

// tell tells the log, now and then. The lock is held.
func (c *connections) tell() {
	c.closed++
	if now := c.now(); now.Sub(c.told) >= tellEvery {
		c.log.Warn("there were too many connections: those that sent no request for the longest were closed", "closed", c.closed, "most", c.most)
		c.closed, c.told = 0, now
	}
}

func (c *connections) remove(conn net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all[conn].leave()
	delete(c.all, conn)
}

// serves records that a request is being answered, waits that it was.
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
		c.all[conn] = place{&c.kept, c.kept.PushBack(conn)}
	}
}
