package telegram

import (
	"errors"
	"fmt"
	"net"
	"time"
)

// errNotSent marks failures that happened before a request left.
var errNotSent = errors.New("telegram: not sent")

// errEnded is the error of a request on a connection that was closed while it was
// unused. It says nothing of the server.
var errEnded = fmt.Errorf("%w: the connection was closed while it was unused", errNotSent)

// restAfter is how long a connection may be unused before it is checked prior to
// its next use.
const restAfter = 500 * time.Millisecond

// tlsAlert is the type of the TLS record by which a server announces the end of a
// connection.
const tlsAlert = 0x15

// conn distinguishes a request that never left from one whose fate is unknown.
// Servers close unused connections, and a request written on a closed one would
// look like a lost answer. So a connection that was unused for a while is checked
// first. A write that fails before its first byte is reported as not sent, where
// the platform can tell; a write that is cut in the middle is lost.
type conn struct {
	net.Conn
	// used is when the connection was last read or written. A connection serves one
	// call at a time, so it needs no lock.
	used time.Time
}

// Write implements net.Conn.
func (c *conn) Write(p []byte) (int, error) {
	now := time.Now()
	if !c.used.IsZero() && now.Sub(c.used) > restAfter && ended(c.Conn) {
		return 0, errEnded
	}
	c.used = now
	n, err := c.Conn.Write(p)
	if err != nil && n == 0 && writesAreCounted {
		return 0, errors.Join(errNotSent, err)
	}
	return n, err
}
