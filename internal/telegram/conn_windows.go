package telegram

import (
	"errors"
	"os"
	"time"
)

// writesAreCounted tells that a failed write of no bytes has left nothing with
// the system. Windows sends in the background and reports how that ended: a
// send that failed may have left in part, and counts as lost.
const writesAreCounted = false

// lookFor is how long a look at a rested connection takes when nothing arrived.
// A read whose deadline has passed does not look at all.
const lookFor = time.Millisecond

// lookahead is a byte that a look has taken from the connection, when there was
// one.
type lookahead struct {
	first [1]byte
	ahead bool
}

// closed tells whether the other side has closed the connection. A socket of
// Windows cannot be read without waiting unless it is set to never wait: a look
// is a short read, whose byte the next read gives out.
func (c *conn) closed() bool {
	if c.ahead {
		return c.first[0] == tlsAlert
	}
	if err := c.SetReadDeadline(time.Now().Add(lookFor)); err != nil {
		return true
	}
	n, err := c.Conn.Read(c.first[:])
	if reset := c.SetReadDeadline(time.Time{}); reset != nil {
		return true
	}
	c.ahead = n > 0
	if c.ahead {
		return c.first[0] == tlsAlert
	}
	return !errors.Is(err, os.ErrDeadlineExceeded)
}

// Read implements net.Conn.
func (c *conn) Read(p []byte) (int, error) {
	if !c.ahead || len(p) == 0 {
		return c.Conn.Read(p)
	}
	c.ahead = false
	return copy(p, c.first[:]), nil
}
