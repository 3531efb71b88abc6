package e2e_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/sandbox"
)

// TestOutage launches a broadcast to sixty people while something stands between Bellman and Telegram. No chat is
// removed and no recipient fails for it; the bot says why it waits, and afterwards everybody gets the message once.
func TestOutage(t *testing.T) {
	t.Parallel()
	const people = 60
	for name, tt := range map[string]struct {
		fault  sandbox.Fault
		reason string
		// unknown is how many messages may be lost before the outage is noticed: those on connections
		// that were good before, as one is.
		unknown int
	}{
		"a firewall":      {sandbox.Fault{Kind: sandbox.FaultGateway, Code: 403}, "not_telegram", 0},
		"resets":          {sandbox.Fault{Kind: sandbox.FaultReset}, "unreachable", 1},
		"lost messages":   {sandbox.Fault{Kind: sandbox.FaultReset, Method: "sendMessage"}, "answer_lost", 20},
		"Telegram is ill": {sandbox.Fault{Kind: sandbox.FaultError, Code: 500}, "telegram_error", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			telegram := sandbox.Start(t, sandbox.Options{})
			b := startBellman(t, filepath.Join(t.TempDir(), "bellman.db"), telegram.URL())
			bot, err := b.ConnectBot(t.Context(), botToken)
			require.NoError(t, err)
			require.NoError(t, b.AddChats(t.Context(), bot.AppUUID, 501, people))
			require.NoError(t, telegram.AddFault(tt.fault))

			made, err := b.Broadcast(t.Context(), bot.ID, "hello")
			require.NoError(t, err)
			var waiting struct{ State, PausedReason string }
			eventually(t, "the bot waits", func() bool {
				b.get(t, fmt.Sprintf("/manage/v1/bots/%d", bot.ID), &waiting)
				return waiting.PausedReason == tt.reason
			})
			require.Equal(t, "active", waiting.State, "nobody has to connect it again")
			now, err := b.Campaign(t.Context(), made.ID)
			require.NoError(t, err)
			require.Equal(t, "sending", now.State)
			var shown struct {
				Progress struct{ WaitsFor string }
			}
			eventually(t, "the campaign shows why it waits", func() bool {
				b.get(t, fmt.Sprintf("/manage/v1/campaigns/%d", made.ID), &shown)
				return shown.Progress.WaitsFor == tt.reason
			})

			telegram.ClearFaults()
			eventually(t, "the campaign finishes", func() bool {
				now, err = b.Campaign(t.Context(), made.ID)
				require.NoError(t, err)
				return now.State == "finished"
			})
			require.EqualValues(t, people, now.Counts.Sent+now.Counts.Unknown, now)
			require.LessOrEqual(t, now.Counts.Unknown, int64(tt.unknown), now)
			require.EqualValues(t, people, subscribers(t, b, bot.ID))
			stats := telegram.Stats()
			require.Equal(t, now.Counts.Sent, stats.Messages)
			require.Zero(t, stats.Duplicates)
		})
	}
}
