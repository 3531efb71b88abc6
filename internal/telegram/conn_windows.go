package telegram

import (
	"errors"
	"net"
	"os"
	"time"
)

// writesAreCounted is true when a failed write of no bytes has left nothing with
// the system. Windows sends in the background and reports the result later: a send
// that failed may have left in part, and counts as lost.
const writesAreCounted = false

// lookFor is how long the check of an unused connection takes when nothing has
// arrived. A read whose deadline has passed would not check at all.
const lookFor = time.Millisecond

// watched returns the connection in the form that [ended] needs.
func watched(c net.Conn) net.Conn { return &lookahead{Conn: c} }

// lookahead is a connection that returns the byte that a check has read before
// those that follow.
type lookahead struct {
	net.Conn
	first [1]byte
	ahead bool
}

// ended reports whether the other side has closed the connection. A socket of
// Windows cannot be read without waiting unless it is set to never wait, so the
// check is a short read.
func ended(c net.Conn) bool {
	l, ok := c.(*lookahead)
	if !ok {
		return false
	}
	if l.ahead {
		return l.first[0] == tlsAlert
	}
	if err := l.SetReadDeadline(time.Now().Add(lookFor)); err != nil {
		return true
	}
	n, err := l.Conn.Read(l.first[:])
	if reset := l.SetReadDeadline(time.Time{}); reset != nil {
		return true
	}
	if l.ahead = n > 0; l.ahead {
		return l.first[0] == tlsAlert
	}
	return !errors.Is(err, os.ErrDeadlineExceeded)
}

// Read implements net.Conn.
func (l *lookahead) Read(p []byte) (int, error) {
	if !l.ahead || len(p) == 0 {
		return l.Conn.Read(p)
	}
	l.ahead = false
	return copy(p, l.first[:]), nil
}
