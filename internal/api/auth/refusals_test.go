package auth

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// logbook is what was logged, read while timers write.
type logbook struct {
	mu   sync.Mutex
	text strings.Builder
}

// Write implements [io.Writer].
func (l *logbook) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

// lines returns what was logged so far.
func (l *logbook) lines() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Split(strings.TrimSpace(l.text.String()), "\n")
}

// log returns a log whose lines have no time.
func (l *logbook) log() *slog.Logger {
	return slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
}

func TestWrongKeysOfAnAddressAreOneLineAMinute(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var book logbook
		f := newRefusals(book.log())
		noisy, quiet := netip.MustParseAddr("203.0.113.9"), netip.MustParseAddr("2001:db8::1")
		times := func(n int, a netip.Addr) (refused int) {
			for range n {
				if f.note(a) {
					refused++
				}
			}
			return refused
		}
		require.Equal(t, 20, times(10_703, noisy))
		require.Equal(t, 1, times(1, quiet), "no other address has to wait for it")
		require.Equal(t, 19, times(50, quiet.Next()), "what one host can have is one")
		require.Equal(t, []string{""}, book.lines(), "not yet")
		time.Sleep(window)
		synctest.Wait()
		require.ElementsMatch(t, []string{
			`level=WARN msg="wrong API keys were refused" address=203.0.113.9 keys=10703 too_often=10683 within=1m0s`,
			`level=WARN msg="wrong API keys were refused" address=2001:db8:: keys=51 too_often=31 within=1m0s`,
		}, book.lines())
		require.Equal(t, 20, times(30, noisy), "it begins anew")
		time.Sleep(2 * window)
		synctest.Wait()
		require.Len(t, book.lines(), 3, "nothing came, nothing is said")
	})
}

func TestLinesAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var book logbook
		f := newRefusals(book.log())
		for i := range 5000 {
			f.note(netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}))
		}
		time.Sleep(window)
		synctest.Wait()
		require.Len(t, book.lines(), maxAddresses+1)
		require.Contains(t, strings.Join(book.lines(), "\n"), fmt.Sprintf(`address="many others" keys=%d`, 5000-maxAddresses))
		require.Zero(t, f.addresses.Load())
	})
}

// A key from an address that has sent too many wrong ones waits for its turn; all others
// do not.
func TestSuspectsTakeTurns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newRefusals(slog.New(slog.DiscardHandler))
		from := func(address string) *http.Request {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
			r.RemoteAddr = address + ":1"
			return r
		}
		for range allowed {
			f.note(netip.MustParseAddr("203.0.113.9"))
		}
		look := func(address string) {
			leave, err := f.enter(from(address))
			if err != nil {
				t.Error(err)
				return
			}
			time.Sleep(time.Second)
			leave()
		}
		began := time.Now()
		var suspects, others sync.WaitGroup
		for range 3 * lanes {
			suspects.Go(func() { look("203.0.113.9") })
			others.Go(func() { look("203.0.113.8") })
		}
		others.Wait()
		require.Equal(t, time.Second, time.Since(began))
		suspects.Wait()
		require.Equal(t, 3*time.Second, time.Since(began))
		time.Sleep(window)
	})
}
