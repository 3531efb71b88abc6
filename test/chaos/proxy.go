package main

import (
	"errors"
	"io"
	"net"
	"sync"
)

// proxy is a connection that can be cut: it passes connections on to a server, byte by byte.
type proxy struct {
	listener net.Listener
	target   string
	wait     sync.WaitGroup

	mu    sync.Mutex
	conns map[*net.TCPConn]struct{}
}

// openProxy listens on a free port and passes on to target (host:port).
func openProxy(target string) (*proxy, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &proxy{listener: listener, target: target, conns: map[*net.TCPConn]struct{}{}}
	p.wait.Go(p.serve)
	return p, nil
}

func (p *proxy) address() string { return p.listener.Addr().String() }

// close cuts everything for good.
func (p *proxy) close() error {
	err := p.listener.Close()
	p.cut()
	p.wait.Wait()
	return err
}

// cut breaks every connection at once, in the middle of whatever it carries, and returns how many there were. New
// connections are passed on again.
func (p *proxy) cut() int {
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

func (p *proxy) serve() {
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
func (p *proxy) pass(near *net.TCPConn) {
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
	back.Go(func() { carry(near, far) })
	carry(far, near)
	back.Wait()
}

// carry copies one direction to its end, which it passes on to the other side; an error closes both.
func carry(to, from *net.TCPConn) {
	if _, err := io.Copy(to, from); err != nil {
		_ = to.SetLinger(0)
		_ = to.Close()
		_ = from.Close()
		return
	}
	_ = to.CloseWrite()
}

func (p *proxy) keep(conns ...*net.TCPConn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, conn := range conns {
		p.conns[conn] = struct{}{}
	}
}

func (p *proxy) drop(conns ...*net.TCPConn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, conn := range conns {
		delete(p.conns, conn)
	}
}
