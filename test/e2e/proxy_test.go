package e2e_test

import (
	"context"
	"io"
	"log"
	"net"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/armon/go-socks5"
	"github.com/stretchr/testify/require"

	"bellman/internal/sandbox"
)

// socksProxy is a SOCKS5 proxy that somebody else wrote. It reaches every name on this machine. While it is down, it hangs
// up on everybody.
type socksProxy struct {
	address string

	mu    sync.Mutex
	down  bool
	conns []net.Conn
}

func (p *socksProxy) take(c net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.down {
		p.conns = append(p.conns, c)
	}
	return !p.down
}

func (p *socksProxy) setDown(down bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down = down
	for _, c := range p.conns {
		_ = c.Close() // it may have ended already
	}
	p.conns = nil
}

// Resolve implements [socks5.NameResolver].
func (p *socksProxy) Resolve(ctx context.Context, _ string) (context.Context, net.IP, error) {
	return ctx, net.IPv4(127, 0, 0, 1), nil
}

func startProxy(t *testing.T, user, password string) *socksProxy {
	var p socksProxy
	server, err := socks5.New(&socks5.Config{
		Credentials: socks5.StaticCredentials{user: password}, Resolver: &p, Logger: log.New(io.Discard, "", 0),
	})
	require.NoError(t, err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() {
		_ = l.Close()
		p.setDown(true)
	})
	p.address = l.Addr().String()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			if !p.take(c) {
				_ = c.Close()
				continue
			}
			go func() { _ = server.ServeConn(c) }() // it ends with the connection
		}
	}()
	return &p
}

// TestTelegramThroughAProxy sends where the proxy alone finds Telegram. While it is down, the bot waits and says why;
// afterwards everybody gets the message once. Its password is in no line of the log.
func TestTelegramThroughAProxy(t *testing.T) {
	t.Parallel()
	const people, password = 40, "MARKED-secret"
	telegram := sandbox.Start(t, sandbox.Options{})
	proxy := startProxy(t, "me", password)
	at, err := url.Parse(telegram.URL())
	require.NoError(t, err)
	b := startBellman(t, filepath.Join(t.TempDir(), "bellman.db"), "http://bot-api.invalid:"+at.Port(),
		"--telegram-proxy", "socks5://me:"+password+"@"+proxy.address)
	bot, err := b.ConnectBot(t.Context(), botToken)
	require.NoError(t, err)
	require.NoError(t, b.AddChats(t.Context(), bot.AppUUID, 501, people))

	proxy.setDown(true)
	made, err := b.Broadcast(t.Context(), bot.ID, "hello")
	require.NoError(t, err)
	eventually(t, "the bot says that the proxy gives no connection", func() bool {
		return strings.Contains(b.server.Log(), "through the proxy "+proxy.address)
	})
	proxy.setDown(false)
	eventually(t, "the campaign finishes", func() bool {
		now, err := b.Campaign(t.Context(), made.ID)
		require.NoError(t, err)
		return now.State == "finished" && now.Counts.Sent == people
	})
	require.EqualValues(t, people, telegram.Stats().Messages)
	require.NotContains(t, b.server.Log(), password)
}
