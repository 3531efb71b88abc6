package e2e_test

import (
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/pgtest"
	"bellman/internal/sandbox"
	"bellman/test/harness"
)

// A network has two machines, as far as the kernel's network is concerned: near, where Bellman runs, and far, where
// PostgreSQL is reached. A wire leads from one to the other, and each has an address on it.
type network struct {
	t         *testing.T
	near, far string
	// db is what passes on to PostgreSQL in far, and ways what it passes on.
	db   *exec.Cmd
	ways string
}

const (
	nearAddress = "10.231.77.1"
	farAddress  = "10.231.77.2"
	// nowhere is the address of no network card.
	nowhere = "02:00:00:00:00:99"
)

func newNetwork(t *testing.T) *network {
	t.Helper()
	name := fmt.Sprintf("bm%d-%d", os.Getpid(), time.Now().UnixNano()%1e6)
	n := &network{t: t, near: name + "n", far: name + "f"}
	for _, space := range []string{n.near, n.far} {
		if out, err := exec.Command("ip", "netns", "add", space).CombinedOutput(); err != nil {
			t.Skipf("this machine makes no network namespaces (it takes ip, and root): %v: %s", err, out)
		}
		t.Cleanup(func() { n.ip("netns", "del", space) })
	}
	n.ip("-n", n.near, "link", "add", "wire", "type", "veth", "peer", "name", "wire", "netns", n.far)
	for space, address := range map[string]string{n.near: nearAddress, n.far: farAddress} {
		n.ip("-n", space, "addr", "add", address+"/24", "dev", "wire")
		n.ip("-n", space, "link", "set", "wire", "up")
		n.ip("-n", space, "link", "set", "lo", "up")
	}
	return n
}

func (n *network) ip(args ...string) {
	n.t.Helper()
	out, err := exec.Command("ip", args...).CombinedOutput()
	require.NoError(n.t, err, "ip %s: %s", strings.Join(args, " "), out)
}

// forwarder runs a forwarder in a namespace until it is killed, or the test ends.
func (n *network) forwarder(space, ways string) *exec.Cmd {
	n.t.Helper()
	self, err := os.Executable()
	require.NoError(n.t, err)
	cmd := exec.Command("ip", "netns", "exec", space, self)
	cmd.Env = []string{waysEnv + "=" + ways, "PATH=" + os.Getenv("PATH")}
	require.NoError(n.t, cmd.Start())
	n.t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have been ended
		_ = cmd.Wait()
	})
	return cmd
}

// lead makes packets to the peer go where nobody takes them, or to the peer again. A sender is told nothing of it.
func (n *network) lead(space, peer string, away bool) {
	n.t.Helper()
	if away {
		n.ip("-n", space, "neigh", "replace", peer, "lladdr", nowhere, "dev", "wire", "nud", "permanent")
	} else {
		n.ip("-n", space, "neigh", "del", peer, "dev", "wire")
	}
}

func (n *network) signal(s syscall.Signal) {
	n.t.Helper()
	require.NoError(n.t, n.db.Process.Signal(s))
}

// start runs Bellman in near, on the database at an address of this machine and with the sandbox of this machine.
func (n *network) start(database, telegram string) installation {
	n.t.Helper()
	db, err := url.Parse(database)
	require.NoError(n.t, err)
	bot, err := url.Parse(telegram)
	require.NoError(n.t, err)
	folder := n.t.TempDir()
	socket := func(name, network, address string) string {
		path := filepath.Join(folder, name)
		listener, err := net.Listen("unix", path)
		require.NoError(n.t, err)
		n.t.Cleanup(func() { _ = listener.Close() })
		go func() { _ = forward(listener, network, address) }()
		return path
	}
	address, err := harness.FreeAddress()
	require.NoError(n.t, err)
	api := filepath.Join(folder, "api")
	n.forwarder(n.near, fmt.Sprintf("unix %s tcp %s;tcp %s unix %s", api, address, bot.Host, socket("telegram", "tcp", bot.Host)))
	n.ways = fmt.Sprintf("tcp %s:5432 unix %s", farAddress, socket("db", "tcp", db.Host))
	n.db = n.forwarder(n.far, n.ways)
	listener, err := net.Listen("tcp", address)
	require.NoError(n.t, err)
	n.t.Cleanup(func() { _ = listener.Close() })
	go func() { _ = forward(listener, "unix", api) }()

	inNear := filepath.Join(folder, "bellman")
	script := fmt.Sprintf("#!/bin/sh\nexec ip netns exec %s %s \"$@\"\n", n.near, bellman)
	require.NoError(n.t, os.WriteFile(inNear, []byte(script), 0o700))
	db.Host = farAddress + ":5432"
	return startProgram(n.t, inNear, address, db.String(), telegram)
}

// TestTheWayToTheDatabase breaks the way to PostgreSQL in the ways in which nothing is closed, under a broadcast. The
// process says that it is not ready; once the way is mended, it sends again within 15 s, and nobody is lost or gets the
// message twice.
func TestTheWayToTheDatabase(t *testing.T) {
	t.Parallel()
	for name, way := range map[string]struct{ lose, mend func(n *network) }{
		"packets are dropped": {
			func(n *network) { n.lead(n.near, farAddress, true); n.lead(n.far, nearAddress, true) },
			func(n *network) { n.lead(n.near, farAddress, false); n.lead(n.far, nearAddress, false) },
		},
		"answers are dropped": {
			func(n *network) { n.lead(n.far, nearAddress, true) },
			func(n *network) { n.lead(n.far, nearAddress, false) },
		},
		"the other side stands still": {
			func(n *network) { n.signal(syscall.SIGSTOP) },
			func(n *network) { n.signal(syscall.SIGCONT) },
		},
		"the other side has forgotten the connections": {
			func(n *network) {
				n.lead(n.near, farAddress, true)
				n.lead(n.far, nearAddress, true)
				n.signal(syscall.SIGKILL)
				_ = n.db.Wait() // it was killed
			},
			func(n *network) {
				n.db = n.forwarder(n.far, n.ways)
				n.lead(n.near, farAddress, false)
				n.lead(n.far, nearAddress, false)
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := newNetwork(t)
			telegram := sandbox.Start(t, sandbox.Options{})
			b := n.start(pgtest.Schema(t), telegram.URL())
			b.survives(t, telegram, func() { way.lose(n) }, func() { way.mend(n) })
		})
	}
}
