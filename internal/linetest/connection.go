package linetest

import (
	"bytes"
	"errors"
	"io"
	"net"
	"time"
)

// A connection is one that a line carries. It has no far end before the server has accepted it.
type connection struct {
	line        *Line
	near, far   *net.TCPConn
	there, back direction
}

// reset breaks the connection off, so that both sides see an error and not an end.
func (c *connection) reset() {
	for _, end := range []*net.TCPConn{c.near, c.far} {
		if end != nil {
			_ = end.SetLinger(0) // it may be closed
			_ = end.Close()
		}
	}
}

func (c *connection) close() {
	_ = c.near.Close() // it may be closed
	_ = c.far.Close()
}

// part is what was read at once, and when it is due at the other side.
type part struct {
	bytes []byte
	due   time.Time
}

// pass carries one direction to its end, which it passes on; an error resets the connection. When the direction is lost,
// everything of it is.
func (c *connection) pass(to, from *net.TCPConn, d direction) {
	var (
		parts = make(chan part, 4096)
		read  error
	)
	go func() {
		defer close(parts)
		read = c.read(from, parts)
	}()
	var written error
	for p := range parts {
		time.Sleep(time.Until(p.due))
		if written == nil && !d.lost() {
			if _, written = to.Write(p.bytes); written != nil {
				_ = from.Close() // so that reading ends
			}
		}
	}
	switch {
	case d.lost():
	case read != nil || written != nil:
		c.reset()
	default:
		_ = to.CloseWrite() // the other side may have left
	}
}

// read reads to the end, which is no error.
func (c *connection) read(from io.Reader, parts chan<- part) error {
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			parts <- part{bytes.Clone(buffer[:n]), time.Now().Add(time.Duration(c.line.latency.Load()))}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
