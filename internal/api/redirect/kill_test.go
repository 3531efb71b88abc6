package redirect_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/api/redirect"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
	"bellman/internal/track"
)

// The environment variables of a process that serves redirects and is killed.
const (
	childDatabase = "BELLMAN_TEST_REDIRECT_DB"
	childSpool    = "BELLMAN_TEST_REDIRECT_SPOOL"
	childAway     = "BELLMAN_TEST_REDIRECT_AWAY"
)

func TestMain(m *testing.M) {
	if os.Getenv(childDatabase) != "" {
		if err := serveChild(); err != nil {
			_, _ = os.Stderr.WriteString(err.Error() + "\n")
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// away is a database that takes no clicks.
type away struct{ track.Store }

func (away) RecordClicks(context.Context, []track.Click) error { return errors.New("away") }

// serveChild serves redirects, prints its address, and ends when its parent does.
func serveChild() error {
	ctx := context.Background()
	s, err := store.Open(ctx, os.Getenv(childDatabase))
	if err != nil {
		return err
	}
	var kept track.Store = s.Clicks
	if os.Getenv(childAway) != "" {
		kept = away{kept}
	}
	service, err := newServiceOf(kept, s.Summaries, os.Getenv(childSpool), slog.New(slog.NewTextHandler(os.Stderr, nil)))
	if err != nil {
		return err
	}
	go func() { _ = service.Run(ctx) }()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: redirect.Handler(service, slog.Default()), ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(listener) }()
	if _, err := os.Stdout.WriteString(listener.Addr().String() + "\n"); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// child is a process that serves redirects.
type child struct {
	cmd     *exec.Cmd
	stdin   io.Closer
	address string
}

func startChild(t *testing.T, env ...string) *child {
	t.Helper()
	c := &child{cmd: exec.Command(os.Args[0])}
	// A data race ends the process, so that it is noticed here.
	c.cmd.Env = append(append(os.Environ(), "GORACE=halt_on_error=1"), env...)
	c.cmd.Stderr = t.Output()
	var err error
	c.stdin, err = c.cmd.StdinPipe()
	require.NoError(t, err)
	stdout, err := c.cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, c.cmd.Start())
	c.address, err = bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		c.kill(t)
		require.NoError(t, err)
	}
	c.address = c.address[:len(c.address)-1]
	return c
}

// kill ends the process as kill -9 does.
func (c *child) kill(t *testing.T) {
	t.Helper()
	require.NoError(t, c.cmd.Process.Kill())
	require.Error(t, c.cmd.Wait())
	_ = c.stdin.Close() // nobody reads it any more
}

// load clicks as fast as answers come.
type load struct {
	signer     *track.Signer
	campaignID int64

	mu       sync.Mutex
	seq      int64
	answered map[int64]bool
}

func (l *load) next() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seq++
	return l.seq
}

// click follows links of new people at the address until that fails, and calls done
// once enough links were answered. It reports whether they were.
func (l *load) click(address string, enough int, done func()) (reached bool) {
	var (
		clicking sync.WaitGroup
		once     sync.Once
	)
	l.mu.Lock()
	enough += len(l.answered)
	l.mu.Unlock()
	transport := &http.Transport{MaxIdleConnsPerHost: 16}
	defer transport.CloseIdleConnections()
	for range 16 {
		clicking.Go(func() {
			for seq := l.next(); followed(transport, address, l.path(seq)); seq = l.next() {
				l.mu.Lock()
				l.answered[seq] = true
				stop := len(l.answered) >= enough
				l.mu.Unlock()
				if stop {
					once.Do(func() { reached = true; done() })
				}
			}
		})
	}
	clicking.Wait()
	return reached
}

func (l *load) path(seq int64) string {
	return track.Path + l.signer.Mint(track.Code{CampaignID: l.campaignID, Seq: seq, ContactID: seq})
}

// followed reports whether the link was answered.
func followed(transport *http.Transport, address, path string) bool {
	r, err := http.NewRequest(http.MethodGet, "http://"+address+path, http.NoBody)
	if err != nil {
		return false
	}
	r.Header.Set("User-Agent", chrome)
	answer, err := transport.RoundTrip(r)
	if err != nil {
		return false
	}
	_ = answer.Body.Close() // it has none
	return answer.StatusCode == http.StatusFound
}

// lost lists the clicks that were answered and are not stored. A process that is killed
// may have stored clicks that it did not answer, so their numbers alone say nothing.
func (l *load) lost(stored map[int64]int) []int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	var seqs []int64
	for seq := range l.answered {
		if stored[seq] == 0 {
			seqs = append(seqs, seq)
		}
	}
	return seqs
}

// storedClicks counts the stored clicks of each recipient.
func storedClicks(t *testing.T, s *store.DB, campaignID int64) map[int64]int {
	t.Helper()
	clicks, err := s.Clicks.Clicks(t.Context(), campaignID, "", 1_000_000)
	require.NoError(t, err)
	stored := map[int64]int{}
	for _, click := range clicks {
		stored[click.Seq]++
	}
	return stored
}

// A process is killed under load twenty times, every third one with a database that
// takes no clicks: each click that was answered is stored in the end, once.
func TestKill(t *testing.T) {
	t.Parallel()
	storetest.EachAddress(t, func(t *testing.T, address string) {
		s := storetest.Open(t, address)
		l := &load{signer: newSigner(t), campaignID: launched(t, s), answered: map[int64]bool{}}
		spool := t.TempDir()
		for round := range 20 {
			env := []string{childDatabase + "=" + address, childSpool + "=" + spool}
			if round%3 == 1 {
				env = append(env, childAway+"=yes")
			}
			c := startChild(t, env...)
			require.True(t, l.click(c.address, 50+rand.IntN(300), func() { c.kill(t) }), "it ended before it was killed")
		}
		run(t, newService(t, s.Clicks, s.Summaries, spool, slog.New(slog.NewTextHandler(t.Output(), nil))))
		var stored map[int64]int
		require.Eventually(t, func() bool {
			stored = storedClicks(t, s, l.campaignID)
			return len(l.lost(stored)) == 0
		}, time.Minute, 10*time.Millisecond, "a click was answered and is lost")
		for seq, times := range stored {
			require.Equal(t, 1, times, "%d clicked once", seq)
		}
		t.Logf("%d clicks answered, %d stored, 20 kills", len(l.answered), len(stored))
	})
}
