package e2e_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/test/harness"
)

const (
	// crawlers is how many connections the test makes to each address.
	crawlers = 3000
	// promptly is how long an ordinary call may take meanwhile, on a machine that runs other tests as well.
	promptly = 20 * time.Second
)

// TestCrawlingConnectionsKeepNobodyOut opens connections that send nothing, a byte a second, or most of the largest
// header, or read nothing of a large answer, to the APIs and to the operator's address, and asks for answers meanwhile.
//
//nolint:paralleltest // other tests would wait for its thousands of connections
func TestCrawlingConnectionsKeepNobodyOut(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells the most memory that a process has had")
	}
	ops, err := harness.FreeAddress()
	require.NoError(t, err)
	b := startBellman(t, t.TempDir()+"/bellman.db", "http://127.0.0.1:1", "--ops-listen", ops)
	require.NoError(t, os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", b.server.PID()), []byte("5"), 0o600), "forget the peak")
	for _, c := range []struct {
		name string
		most int
		head []byte
	}{
		{"silent or slow", crawlers, []byte("G")},
		{"unread answers", crawlers / 2, []byte("GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: x\r\n\r\n")},
		{"large headers", crawlers / 2, append([]byte("GET / HTTP/1.1\r\nHost: x\r\nA: "), bytes.Repeat([]byte("a"), 28<<10)...)},
	} {
		t.Run(c.name, func(t *testing.T) {
			crawling, stop := context.WithCancel(t.Context())
			var running sync.WaitGroup
			t.Cleanup(running.Wait)
			t.Cleanup(stop)
			for _, address := range []string{b.Address, ops} {
				opened := make(chan struct{})
				running.Go(func() {
					defer close(opened)
					crawl(crawling, &running, address, c.most, c.head)
				})
				if c.most < crawlers {
					<-opened // what is measured is the memory
				}
				for open := false; !open; {
					select {
					case <-opened:
						open = true
					default:
					}
					b.promptly(t, "http://"+b.Address+"/manage/v1/bots", http.StatusOK)
					b.promptly(t, "http://"+b.Address+"/r/none", http.StatusNotFound)
					b.promptly(t, "http://"+ops+"/readyz", http.StatusOK)
				}
			}
			t.Logf("%d MiB", peak(t, b.server)>>20)
			require.LessOrEqual(t, peak(t, b.server), int64(hostileMemory))
		})
	}
}

// crawl opens connections, which read nothing. Each sends the head and then a byte a second, every other one nothing, until it
// is closed.
func crawl(ctx context.Context, running *sync.WaitGroup, address string, most int, head []byte) {
	var d net.Dialer
	for i := range most {
		conn, err := d.DialContext(ctx, "tcp", address)
		if err != nil {
			continue // the test has ended, or the system has no room for more
		}
		running.Go(func() {
			defer conn.Close()
			defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
			text := head
			_ = conn.(*net.TCPConn).SetReadBuffer(4 << 10) // else the system reads for it
			if len(head) == 1 && i%2 == 0 {
				text = nil
			}
			every := time.NewTicker(time.Second)
			defer every.Stop()
			for {
				if _, err := conn.Write(text); err != nil {
					return
				}
				if len(text) > 0 {
					text = []byte("a")
				}
				select {
				case <-every.C:
				case <-ctx.Done():
					return
				}
			}
		})
	}
}

// promptly makes a call, which is answered soon. On a machine on which the program does not run for a second, its connection
// may be closed for another one: it is made again, as a client does.
func (b installation) promptly(t *testing.T, url string, want int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), promptly)
	defer cancel()
	for {
		status, err := b.askOnce(ctx, url)
		if err == nil {
			require.Equal(t, want, status, url)
			return
		}
		require.NoError(t, ctx.Err(), "the last answer was %v", err)
	}
}

// askOnce makes a call on a connection of its own.
func (b installation) askOnce(ctx context.Context, url string) (status int, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, err
	}
	r.Header.Set("Authorization", "Bearer "+b.Key)
	r.Close = true
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err
	}
	return answer.StatusCode, answer.Body.Close()
}
