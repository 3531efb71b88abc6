package telegram

import (
	"errors"
	"net"
	"syscall"
	"time"
)

// errNotSent marks failures that happened before a request left.
var errNotSent = errors.New("telegram: not sent")

// restAfter is how long a connection rests before it is looked at again prior
// to use.
const restAfter = 500 * time.Millisecond

// tlsAlert is the type of the TLS record with which a server says goodbye.
const tlsAlert = 0x15

// conn tells apart a request that never left from one whose fate is unknown.
// Servers close connections that rest; a request written on such a one would
// look like a lost answer. So a rested connection is looked at before it is
// used, and a write that fails before its first byte says so.
type conn struct {
	net.Conn
	// used is when the connection last carried something. A connection serves
	// one call at a time, so it needs no lock.
	used time.Time
}

// Write implements net.Conn.
func (c *conn) Write(p []byte) (int, error) {
	now := time.Now()
	if !c.used.IsZero() && now.Sub(c.used) > restAfter && c.closed() {
		return 0, errNotSent
	}
	c.used = now
	n, err := c.Conn.Write(p)
	if err != nil && n == 0 {
		return 0, errors.Join(errNotSent, err)
	}
	return n, err
}

// closed tells whether the other side has closed the connection, without
// waiting and without taking anything from it.
func (c *conn) closed() bool {
	raw, ok := c.Conn.(syscall.Conn)
	if !ok {
		return false
	}
	rc, err := raw.SyscallConn()
	if err != nil {
		return true
	}
	gone := false
	err = rc.Read(func(fd uintptr) bool {
		var b [1]byte
		n, _, err := syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		switch {
		case n == 0 && err == nil:
			gone = true
		case n > 0:
			gone = b[0] == tlsAlert
		default:
			gone = !errors.Is(err, syscall.EAGAIN)
		}
		return true
	})
	return gone || err != nil
}
