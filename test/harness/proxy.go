package harness

import (
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// Proxy is a line to a server that can be cut, or be a long one: it passes connections on, byte by byte.
type Proxy struct {
	listener net.Listener
	target   string
	latency  time.Duration
	wait     sync.WaitGroup

	mu    sync.Mutex
	conns map[*net.TCPConn]struct{}
}

// OpenProxy listens on a free port and passes on to target (host:port). Bytes take the latency in either direction;
// there is no limit to how many are on their way.
func OpenProxy(target string, latency time.Duration) (*Proxy, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &Proxy{listener: listener, target: target, latency: latency, conns: map[*net.TCPConn]struct{}{}}
	p.wait.Go(p.serve)
	return p, nil
}

// Address is where the proxy listens, host:port.
func (p *Proxy) Address() string { return p.listener.Addr().String() }

// Close cuts everything for good.
func (p *Proxy) Close() error {
	err := p.listener.Close()
	p.Cut()
	p.wait.Wait()
	return err
}

// Cut breaks every connection at once, in the middle of whatever it carries, and returns how many there were. New
// connections are passed on again.
func (p *Proxy) Cut() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	for conn := range p.conns {
		_ = conn.SetLinger(0) // a reset, as from a router that has forgotten the connection
		_ = conn.Close()
	}
	n := len(p.conns) / 2
	clear(p.conns)
	return n
}

func (p *Proxy) serve() {
	for {
		conn, err := p.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err == nil {
			p.wait.Go(func() { p.pass(conn.(*net.TCPConn)) })
		}
	}
}

// pass carries one connection until either side ends it.
func (p *Proxy) pass(near *net.TCPConn) {
	defer func() { _ = near.Close() }()
	conn, err := net.Dial("tcp", p.target)
	if err != nil {
		_ = near.SetLinger(0)
		return
	}
	far := conn.(*net.TCPConn)
	defer func() { _ = far.Close() }()
	p.keep(near, far)
	defer p.drop(near, far)
	var back sync.WaitGroup
	back.Go(func() { p.carry(near, far) })
	p.carry(far, near)
	back.Wait()
}

// carry copies one direction to its end, which it passes on to the other side; an error closes both.
func (p *Proxy) carry(to, from *net.TCPConn) {
	carry := func() error { _, err := io.Copy(to, from); return err }
	if p.latency > 0 {
		carry = func() error { return p.carryLate(to, from) }
	}
	if err := carry(); err != nil {
		_ = to.SetLinger(0)
		_ = to.Close()
		_ = from.Close()
		return
	}
	_ = to.CloseWrite()
}

// late is what was read of a connection, and when that is due at the other side.
type late struct {
	bytes []byte
	due   time.Time
}

// carryLate copies one direction to its end; each part arrives when the latency is over.
func (p *Proxy) carryLate(to, from *net.TCPConn) error {
	parts := make(chan late, 4096)
	var read error
	go func() {
		defer close(parts)
		for {
			part := make([]byte, 64<<10)
			n, err := from.Read(part)
			if n > 0 {
				parts <- late{part[:n], time.Now().Add(p.latency)}
			}
			if err != nil {
				if !errors.Is(err, io.EOF) {
					read = err
				}
				return
			}
		}
	}()
	var written error
	for part := range parts {
		time.Sleep(time.Until(part.due))
		if written == nil {
			if _, written = to.Write(part.bytes); written != nil {
				_ = from.Close() // so that reading ends
			}
		}
	}
	return errors.Join(read, written)
}

func (p *Proxy) keep(conns ...*net.TCPConn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, conn := range conns {
		p.conns[conn] = struct{}{}
	}
}

func (p *Proxy) drop(conns ...*net.TCPConn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, conn := range conns {
		delete(p.conns, conn)
	}
}
