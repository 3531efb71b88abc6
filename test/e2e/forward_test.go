package e2e_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
)

// waysEnv makes this test program a forwarder, which a test runs where it is not itself: in a network namespace. Its
// value is a list of ways with semicolons between them, each "NETWORK ADDRESS NETWORK ADDRESS": where to listen, and
// where to pass on what connects. Sockets of the file system reach from one namespace to another.
const waysEnv = "BELLMAN_TEST_WAYS"

// forwardAll forwards until a listener fails, and returns why.
func forwardAll(ways string) error {
	ended := make(chan error)
	for way := range strings.SplitSeq(ways, ";") {
		f := strings.Fields(way)
		if len(f) != 4 {
			return fmt.Errorf("%q is no way", way)
		}
		listener, err := net.Listen(f[0], f[1])
		if err != nil {
			return err
		}
		go func() { ended <- forward(listener, f[2], f[3]) }()
	}
	return <-ended
}

// forward passes on what connects to the listener until it is closed.
func forward(listener net.Listener, network, address string) error {
	for {
		near, err := listener.Accept()
		if err != nil {
			return err
		}
		go func() {
			far, err := net.Dial(network, address)
			if err != nil {
				_ = near.Close() // as one who refuses
				return
			}
			go pass(far, near)
			pass(near, far)
		}()
	}
}

// pass copies to the end, which is that of both sides.
func pass(to, from net.Conn) {
	_, err := io.Copy(to, from)
	_ = errors.Join(err, to.Close(), from.Close()) // the other side sees that it is over
}
