package dispatch_test

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/campaign"
	"bellman/internal/outcome"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
	"bellman/internal/telegram"
)

// In an outage of five minutes the messages are unknown that were on the wire when
// it began, whatever it does with calls. Afterwards everything goes on by itself.
//
// spec: tg-outage
func TestOutageOfFiveMinutes(t *testing.T) {
	t.Parallel()
	// The wire has room for 16, and two more leave before the third answer in a row is missing.
	const wire = 16 + 2
	for name, takes := range map[string]time.Duration{"connections end": 5 * time.Millisecond, "nothing comes": time.Minute} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(w *world) {
				w.subscribe(people(1200)...)
				from := time.Now().Add(5 * time.Second)
				until := from.Add(5 * time.Minute)
				ill := func() bool { return time.Now().After(from) && time.Now().Before(until) }
				lose := func() telegram.Result {
					time.Sleep(takes)
					return telegram.Result{Fate: telegram.Lost}
				}
				w.wire.answer = func(chat int64, n int) telegram.Result {
					if ill() {
						return lose()
					}
					return ok(chat, n)
				}
				w.wire.probe = func() telegram.Result {
					if ill() {
						return lose()
					}
					return ok(0, 0)
				}
				defer w.process("p1")()
				id := w.launch()
				require.Eventually(w.t, func() bool {
					b, err := w.bots.Get(w.t.Context(), 1, w.bot.ID)
					require.NoError(w.t, err)
					return b.PausedUntil.After(time.Now()) && b.PausedReason == outcome.AnswerLost
				}, 2*time.Minute, 300*time.Millisecond, "it says that it waits")
				r := w.until(id, campaign.Finished)
				require.LessOrEqual(w.t, r.Counts.Unknown, int64(wire))
				require.Positive(w.t, r.Counts.Unknown)
				require.EqualValues(w.t, 1200, r.Counts.Sent+r.Counts.Unknown)
				require.Less(w.t, time.Since(until), 4*time.Minute)
			})
		})
	}
}

// clinic is a Bot API server whose connections a test makes ill.
type clinic struct {
	*httptest.Server

	// most is how many connections it serves; it closes the others at once.
	most       atomic.Int64
	open       atomic.Int64
	mu         sync.Mutex
	arrived    map[string]int
	turnedAway int
}

func newClinic(t *testing.T, most int64) *clinic {
	t.Helper()
	c := &clinic{arrived: map[string]int{}}
	c.most.Store(most)
	c.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/getMe") {
			var m struct {
				ChatID json.Number `json:"chat_id"`
			}
			if json.NewDecoder(r.Body).Decode(&m) == nil {
				c.mu.Lock()
				c.arrived[m.ChatID.String()]++
				c.mu.Unlock()
			}
		}
		_, _ = io.WriteString(w, `{"ok":true,"result":{"message_id":7}}`)
	}))
	c.Config.ConnState = func(conn net.Conn, s http.ConnState) {
		switch s {
		case http.StateNew:
			if c.open.Add(1) > c.most.Load() {
				c.mu.Lock()
				c.turnedAway++
				c.mu.Unlock()
				_ = conn.Close()
			}
		case http.StateClosed, http.StateHijacked:
			c.open.Add(-1)
		}
	}
	c.Start()
	t.Cleanup(c.Close)
	return c
}

// A server that accepts connections and closes them, all or those that are more than
// eight, makes nobody unknown.
//
// spec: tg-outage
func TestServerThatClosesConnectionsLosesNobody(t *testing.T) {
	t.Parallel()
	for name, most := range map[string]int64{"all": 0, "all but eight": 8} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, s *store.DB) {
				w := newWorld(t, s)
				c := newClinic(t, most)
				client, err := telegram.NewClient(c.URL, telegram.Proxy{})
				require.NoError(t, err)
				w.transport, w.rate = client, 0
				w.subscribe(people(300)...)
				defer w.process("p1")()
				id := w.launch()
				require.Eventually(t, func() bool {
					c.mu.Lock()
					defer c.mu.Unlock()
					return c.turnedAway > 0
				}, time.Minute, 5*time.Millisecond)
				c.most.Store(1 << 20)
				r := w.until(id, campaign.Finished)
				require.Equal(t, campaign.Counts{Recipients: 300, Sent: 300}, r.Counts)
				c.mu.Lock()
				defer c.mu.Unlock()
				require.Len(t, c.arrived, 300)
				for chat, n := range c.arrived {
					require.Equal(t, 1, n, chat)
				}
			})
		})
	}
}
