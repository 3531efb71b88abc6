//go:build unix

package telegram

import (
	"errors"
	"net"
	"syscall"
)

// writesAreCounted is true when a failed write of no bytes has left nothing with
// the system: write(2) takes bytes or fails.
const writesAreCounted = true

// watched returns the connection in the form that [ended] needs: unchanged, because
// the system can show data that has arrived without consuming it.
func watched(c net.Conn) net.Conn { return c }

// ended reports whether the other side has closed the connection. It does not wait
// and consumes nothing.
func ended(c net.Conn) bool {
	raw, ok := c.(syscall.Conn)
	if !ok {
		return false
	}
	rc, err := raw.SyscallConn()
	if err != nil {
		return true
	}
	var gone bool
	err = rc.Read(func(fd uintptr) bool {
		var b [1]byte
		n, _, err := syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		if err != nil {
			gone = !errors.Is(err, syscall.EAGAIN)
		} else {
			gone = n == 0 || b[0] == tlsAlert
		}
		return true
	})
	return gone || err != nil
}
