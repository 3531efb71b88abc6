package pgtest

import (
	"errors"
	"net"
	"net/url"
	"sync"
	"testing"
)

// A Proxy stands between a test and a server, and can lose their connections without a word: as a router that forgets
// them, or a machine that stands still, it closes nothing, and its kernel goes on to acknowledge what arrives.
type Proxy struct {
	listener net.Listener
	target   string
	running  sync.WaitGroup

	mu sync.Mutex
	// lost is closed for connections that carry nothing any more; a new one is for those that are made afterwards.
	lost chan struct{}
	dead bool
	all  []net.Conn
}

// NewProxy returns a proxy before the server of an address, and the address of the same database through it. It is
// closed with the test.
func NewProxy(tb testing.TB, address string) (p *Proxy, through string) {
	tb.Helper()
	u, err := url.Parse(address)
	if err != nil {
		tb.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	p = Between(tb, listener, u.Host)
	u.Host = listener.Addr().String()
	return p, u.String()
}

// Between returns a proxy that passes on what arrives at a listener, which it closes with the test.
func Between(tb testing.TB, listener net.Listener, target string) *Proxy {
	tb.Helper()
	p := &Proxy{listener: listener, target: target, lost: make(chan struct{})}
	p.running.Go(p.serve)
	tb.Cleanup(p.close)
	return p
}

// Lose loses every connection, and those that are made until [Proxy.Find]: nothing passes, and nothing is closed.
func (p *Proxy) Lose() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.dead {
		close(p.lost)
	}
	p.dead = true
}

// Find passes on what connects from now on. Connections that were lost stay lost.
func (p *Proxy) Find() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.dead {
		p.lost = make(chan struct{})
	}
	p.dead = false
}

func (p *Proxy) close() {
	_ = p.listener.Close()
	p.Lose()
	p.mu.Lock()
	for _, c := range p.all {
		_ = c.Close()
	}
	p.mu.Unlock()
	p.running.Wait()
}

func (p *Proxy) serve() {
	for {
		near, err := p.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err == nil {
			p.running.Go(func() { p.pass(near) })
		}
	}
}

// pass carries a connection until either side closes it or it is lost.
func (p *Proxy) pass(near net.Conn) {
	p.mu.Lock()
	p.all = append(p.all, near)
	lost, dead := p.lost, p.dead
	p.mu.Unlock()
	if dead {
		return
	}
	far, err := net.Dial("tcp", p.target)
	if err != nil {
		_ = near.Close()
		return
	}
	p.mu.Lock()
	p.all = append(p.all, far)
	p.mu.Unlock()
	var back sync.WaitGroup
	back.Go(func() { carry(near, far, lost) })
	carry(far, near, lost)
	back.Wait()
}

// carry copies one direction to its end, and then closes both sides, unless the connection is lost by then.
func carry(to, from net.Conn, lost <-chan struct{}) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		select {
		case <-lost:
			return
		default:
		}
		if n > 0 {
			if _, failed := to.Write(buffer[:n]); failed != nil {
				err = failed
			}
		}
		if err != nil {
			_ = to.Close()
			_ = from.Close()
			return
		}
	}
}
