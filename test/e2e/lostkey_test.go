package e2e_test

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/pgtest"
	"bellman/internal/sandbox"
	"bellman/test/harness"
)

// TestLostKey loses the secret key in the middle of a broadcast and goes the documented way back: the bot waits for its
// token, and once it has that, everybody has got the broadcast once.
func TestLostKey(t *testing.T) {
	t.Parallel()
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			const people = 60
			db := filepath.Join(t.TempDir(), "bellman.db")
			if engine == "postgres" {
				db = pgtest.Schema(t)
			}
			telegram := sandbox.Start(t, sandbox.Options{})
			b := startBellman(t, db, telegram.URL())
			bot, err := b.ConnectBot(t.Context(), botToken)
			require.NoError(t, err)
			require.NoError(t, b.AddChats(t.Context(), bot.AppUUID, 501, people))
			made, err := b.Broadcast(t.Context(), bot.ID, "hello")
			require.NoError(t, err)
			eventually(t, "the broadcast is under way", func() bool { return telegram.Stats().Messages >= 5 })
			require.NoError(t, b.server.Stop())
			before := telegram.Stats().Messages
			require.Less(t, before, int64(people), "the key is lost in the middle")

			key := make([]byte, 32)
			_, _ = rand.Read(key) // never fails
			b.program.Env = []string{"BELLMAN_SECRET_KEY=" + base64.StdEncoding.EncodeToString(key)}
			start := func() (err error) {
				b.Address, err = harness.FreeAddress()
				require.NoError(t, err)
				b.server, err = b.program.Start(t.Context(), "again", b.Address, "serve", "--db", db, "--telegram-url", telegram.URL())
				return err
			}
			require.ErrorContains(t, start(), "not the one that this database was made with")
			_, err = b.program.Output(t.Context(), "key", "forget-secret", "--yes", "--db", db)
			require.NoError(t, err)
			require.NoError(t, start())
			t.Cleanup(func() { require.NoError(t, b.server.Kill()) })

			var state struct{ State, StateReason string }
			eventually(t, "the bot is paused", func() bool {
				b.get(t, fmt.Sprintf("/manage/v1/bots/%d", bot.ID), &state)
				return state.State == "paused"
			})
			require.Equal(t, "token_unreadable", state.StateReason)
			now, err := b.Campaign(t.Context(), made.ID)
			require.NoError(t, err)
			require.Equal(t, "paused", now.State, "it goes on by itself with the bot")
			require.Equal(t, before, telegram.Stats().Messages)

			again, err := b.ConnectBot(t.Context(), botToken)
			require.NoError(t, err)
			bot.Subscribers = people
			require.Equal(t, bot, again, "it is the same bot, with its subscribers")
			eventually(t, "the broadcast ends", func() bool {
				now, err = b.Campaign(t.Context(), made.ID)
				require.NoError(t, err)
				return now.State == "finished"
			})
			require.EqualValues(t, people, now.Counts.Sent, now)
			require.EqualValues(t, people, telegram.Stats().Messages)
			require.Zero(t, telegram.Stats().Duplicates)
		})
	}
}
