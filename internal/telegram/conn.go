package telegram

import (
	"errors"
	"net"
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
// used, and a write that fails before its first byte says so where the platform
// can tell; a write that is cut in the middle is lost.
type conn struct {
	net.Conn
	// used is when the connection last carried something. A connection serves
	// one call at a time, so it needs no lock.
	used time.Time
}

// Write implements net.Conn.
func (c *conn) Write(p []byte) (int, error) {
	now := time.Now()
	if !c.used.IsZero() && now.Sub(c.used) > restAfter && ended(c.Conn) {
		return 0, errNotSent
	}
	c.used = now
	n, err := c.Conn.Write(p)
	if err != nil && n == 0 && writesAreCounted {
		return 0, errors.Join(errNotSent, err)
	}
	return n, err
}
