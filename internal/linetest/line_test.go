package linetest_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/linetest"
)

// silence is how long a test listens for what must not come.
const silence = 50 * time.Millisecond

// echo is a server that answers each line with the same, and tells what it heard.
type echo struct {
	address string
	heard   chan string
}

func startEcho(t *testing.T) *echo {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	e := &echo{listener.Addr().String(), make(chan string, 1000)}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			running.Go(func() { e.serve(conn) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		running.Wait()
	})
	return e
}

func (e *echo) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	lines := bufio.NewScanner(conn)
	for lines.Scan() {
		e.heard <- lines.Text()
		_, _ = io.WriteString(conn, lines.Text()+"\n") // the line may be cut
	}
}

// caller is a client of it.
type caller struct {
	*testing.T

	conn   net.Conn
	reader *bufio.Reader
}

func dial(t *testing.T, l *linetest.Line) caller {
	t.Helper()
	conn, err := net.Dial("tcp", l.Address())
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	return caller{t, conn, bufio.NewReader(conn)}
}

func (c caller) say(what string) {
	c.Helper()
	_, err := io.WriteString(c.conn, what+"\n")
	require.NoError(c, err)
}

// hears waits for an answer.
func (c caller) hears(want string) {
	c.Helper()
	require.NoError(c, c.conn.SetReadDeadline(time.Now().Add(20*time.Second)))
	got, err := c.reader.ReadString('\n')
	require.NoError(c, err)
	require.Equal(c, want+"\n", got)
}

// waits checks that neither an answer comes nor an end.
func (c caller) waits() {
	c.Helper()
	require.NoError(c, c.conn.SetReadDeadline(time.Now().Add(silence)))
	_, err := c.reader.ReadByte()
	var timeout net.Error
	require.True(c, errors.As(err, &timeout) && timeout.Timeout(), "%v", err)
}

// ends returns the error with which the connection ends.
func (c caller) ends() error {
	c.Helper()
	require.NoError(c, c.conn.SetReadDeadline(time.Now().Add(20*time.Second)))
	_, err := c.reader.ReadByte()
	require.Error(c, err)
	return err
}

func start(t *testing.T) (*echo, *linetest.Line) {
	t.Helper()
	e := startEcho(t)
	l, through := linetest.Start(t, "tcp://"+e.address+"/x?y=z")
	require.Equal(t, "tcp://"+l.Address()+"/x?y=z", through)
	return e, l
}

func TestCarries(t *testing.T) {
	t.Parallel()
	_, l := start(t)
	one, two := dial(t, l), dial(t, l)
	one.say("one")
	two.say("two")
	one.hears("one")
	two.hears("two")
	require.NoError(t, one.conn.(*net.TCPConn).CloseWrite())
	require.ErrorIs(t, one.ends(), io.EOF, "the server's end is passed on")
	two.say("still there")
	two.hears("still there")
}

func TestCut(t *testing.T) {
	t.Parallel()
	_, l := start(t)
	one, two := dial(t, l), dial(t, l)
	for _, c := range []caller{one, two} {
		c.say("x")
		c.hears("x")
	}
	require.Equal(t, 2, l.Cut())
	require.ErrorContains(t, one.ends(), "reset")
	require.ErrorContains(t, two.ends(), "reset")
	require.Zero(t, l.Cut())
	again := dial(t, l)
	again.say("again")
	again.hears("again")
}

func TestLose(t *testing.T) {
	t.Parallel()
	e, l := start(t)
	before := dial(t, l)
	before.say("before")
	before.hears("before")
	require.Equal(t, "before", <-e.heard)
	l.Lose()
	l.Lose()
	during := dial(t, l)
	before.say("lost")
	during.say("lost")
	before.waits()
	during.waits()

	l.Find()
	after := dial(t, l)
	after.say("after")
	after.hears("after")
	before.say("lost for good")
	during.say("lost for good")
	before.waits()
	during.waits()
	require.Equal(t, "after", <-e.heard)
	require.Empty(t, e.heard)
	require.Equal(t, 3, l.Cut())
	require.ErrorContains(t, during.ends(), "reset")
}

func TestLoseAnswers(t *testing.T) {
	t.Parallel()
	e, l := start(t)
	before := dial(t, l)
	before.say("before")
	before.hears("before")
	require.Equal(t, "before", <-e.heard)
	l.LoseAnswers()
	during := dial(t, l)
	before.say("one")
	require.Equal(t, "one", <-e.heard)
	during.say("two")
	require.Equal(t, "two", <-e.heard)
	before.waits()
	during.waits()

	l.Find()
	before.say("three")
	require.Equal(t, "three", <-e.heard)
	before.waits()
	after := dial(t, l)
	after.say("after")
	after.hears("after")
}

func TestDelay(t *testing.T) {
	t.Parallel()
	_, l := start(t)
	c := dial(t, l)
	c.say("x")
	c.hears("x")
	const latency = 20 * time.Millisecond
	l.Delay(latency)
	begun := time.Now()
	for range 100 {
		c.say("x")
	}
	for range 100 {
		c.hears("x")
	}
	took := time.Since(begun)
	require.GreaterOrEqual(t, took, 2*latency)
	require.Less(t, took, 100*latency, "they are on their way together")
}

func TestRoom(t *testing.T) {
	t.Parallel()
	_, l := start(t)
	one, two := dial(t, l), dial(t, l)
	for _, c := range []caller{one, two} {
		c.say("x")
		c.hears("x")
	}
	l.Room(2)
	require.ErrorIs(t, dial(t, l).ends(), io.EOF, "it is accepted and closed")
	one.say("x")
	one.hears("x")
	l.Cut()
	l.Room(1)
	again := dial(t, l)
	again.say("x")
	again.hears("x")
	require.ErrorIs(t, dial(t, l).ends(), io.EOF)
	l.Room(-1)
	more := dial(t, l)
	more.say("x")
	more.hears("x")
}

func TestServerThatIsDown(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	l, err := linetest.Open(listener.Addr().String())
	require.NoError(t, err)
	conn, err := net.Dial("tcp", l.Address())
	if err == nil { // it may be reset before it is seen to be made
		_, err = conn.Read(make([]byte, 1))
		require.NoError(t, conn.Close())
	}
	require.ErrorContains(t, err, "reset")
	require.NoError(t, l.Close())
	_, err = net.Dial("tcp", l.Address())
	require.Error(t, err)
}

func TestAddressThatIsNone(t *testing.T) {
	t.Parallel()
	_, _, err := linetest.OpenURL("://")
	require.Error(t, err)
}
