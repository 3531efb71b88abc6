package linetest

import (
	"errors"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// A Line carries connections to a server. Its methods may be called at any time, by any goroutine.
type Line struct {
	listener net.Listener
	target   string
	running  sync.WaitGroup
	// latency is in nanoseconds.
	latency atomic.Int64

	mu    sync.Mutex
	conns map[*connection]struct{}
	// there and back are the directions of the connections that are made now.
	there, back direction
	// room is how many connections there can be; negative is no limit.
	room int
}

// A direction is one in which connections carry bytes, until it is closed: from then on what they carry is lost.
type direction chan struct{}

func (d direction) lost() bool {
	select {
	case <-d:
		return true
	default:
		return false
	}
}

// lose loses what is carried in the direction from now on.
func (d direction) lose() {
	if !d.lost() {
		close(d)
	}
}

// Open returns a line to a target (host:port), which listens on a free port of 127.0.0.1. It has to be closed.
func Open(target string) (*Line, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	l := &Line{
		listener: listener, target: target, conns: map[*connection]struct{}{}, there: make(direction), back: make(direction), room: -1,
	}
	l.running.Go(l.serve)
	return l, nil
}

// OpenURL returns a line to the server of an address with a host and a port, and the same address through the line. It
// has to be closed.
func OpenURL(address string) (l *Line, through string, err error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, "", err
	}
	if l, err = Open(u.Host); err != nil {
		return nil, "", err
	}
	u.Host = l.Address()
	return l, u.String(), nil
}

// Start is [OpenURL] for a test, with which the line is closed.
func Start(tb testing.TB, address string) (l *Line, through string) {
	tb.Helper()
	l, through, err := OpenURL(address)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = l.Close() }) // it only listens
	return l, through
}

// Address is where the line listens, host:port.
func (l *Line) Address() string { return l.listener.Addr().String() }

// Close cuts everything for good.
func (l *Line) Close() error {
	err := l.listener.Close()
	l.Cut()
	l.running.Wait()
	return err
}

// Cut resets every connection at once, in the middle of whatever it carries, as a router does that has forgotten them, and
// returns how many there were. Those that were lost are reset as well. New ones are carried as before.
func (l *Line) Cut() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := len(l.conns)
	for c := range l.conns {
		c.reset()
	}
	clear(l.conns)
	return n
}

// Lose loses every connection, and those that are made until [Line.Find]: nothing passes in either direction, and nothing
// is closed. The line goes on to take what arrives, as the kernel of a machine does that stands still.
func (l *Line) Lose() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.there.lose()
	l.back.lose()
}

// LoseAnswers is [Line.Lose] for what the server says alone: it hears everything, and nobody hears it.
func (l *Line) LoseAnswers() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.back.lose()
}

// Find carries what connects from now on. Connections that were lost stay lost.
func (l *Line) Find() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.there, l.back = make(direction), make(direction)
}

// Delay makes bytes take the latency in either direction from now on. There is no limit to how many are on their way.
func (l *Line) Delay(latency time.Duration) { l.latency.Store(int64(latency)) }

// Room is how many connections there can be at once from now on; negative is no limit. Those that are more are accepted
// and closed. Those that there are stay.
func (l *Line) Room(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.room = n
}

func (l *Line) serve() {
	for {
		conn, err := l.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err == nil {
			l.running.Go(func() { l.carry(&connection{line: l, near: conn.(*net.TCPConn)}) })
		}
	}
}

// carry carries a connection until either side ends it, or it is cut. One that is lost is kept, so that nothing closes it.
func (l *Line) carry(c *connection) {
	if !l.admit(c) {
		_ = c.near.Close()
		return
	}
	if c.there.lost() {
		return
	}
	far, err := net.Dial("tcp", l.target)
	if err != nil {
		l.drop(c)
		c.reset()
		return
	}
	if !l.reached(c, far.(*net.TCPConn)) {
		return
	}
	var back sync.WaitGroup
	back.Go(func() { c.pass(c.near, c.far, c.back) })
	c.pass(c.far, c.near, c.there)
	back.Wait()
	if !c.there.lost() && !c.back.lost() {
		l.drop(c)
		c.close()
	}
}

// admit adds a connection, if there is room.
func (l *Line) admit(c *connection) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.room >= 0 && len(l.conns) >= l.room {
		return false
	}
	c.there, c.back = l.there, l.back
	l.conns[c] = struct{}{}
	return true
}

// reached notes the far end of a connection, unless it was cut meanwhile.
func (l *Line) reached(c *connection, far *net.TCPConn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	c.far = far
	if _, there := l.conns[c]; !there {
		c.reset()
		return false
	}
	return true
}

func (l *Line) drop(c *connection) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.conns, c)
}
