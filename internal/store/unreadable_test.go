package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/bot"
	"bellman/internal/campaign"
	"bellman/internal/outcome"
	"bellman/internal/seal"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
)

// A bot whose token does not open is paused with its campaigns by the holder of its
// lease alone; connecting it again lets them go on.
func TestABotIsPausedUntilItIsConnectedAgain(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		botID := connect(t, s, 5)
		id := broadcast(t, s, botID, 2)
		lease := hold(t, s, "p")
		found := func() (bot.Bot, campaign.Campaign) {
			b, err := s.Bots.Find(t.Context(), 1, botID)
			require.NoError(t, err)
			c, _, err := s.Campaigns.Find(t.Context(), 1, id)
			require.NoError(t, err)
			return b, c
		}
		require.NoError(t, s.Ledgers.PauseBot(t.Context(), "another", lease, outcome.TokenUnreadable, start))
		b, c := found()
		require.Equal(t, bot.Active, b.State)
		require.Equal(t, campaign.Sending, c.State)
		require.NoError(t, s.Ledgers.PauseBot(t.Context(), "p", lease, outcome.TokenUnreadable, start))
		b, c = found()
		require.Equal(t, []any{bot.Paused, outcome.TokenUnreadable}, []any{b.State, b.StateReason})
		require.Equal(t, []any{campaign.Paused, outcome.BotRefused}, []any{c.State, c.StateReason})
		b.State = bot.Active
		_, err := s.Bots.Save(t.Context(), b)
		require.NoError(t, err)
		b, c = found()
		require.Equal(t, []any{bot.Active, outcome.Reason("")}, []any{b.State, b.StateReason})
		require.Equal(t, campaign.Sending, c.State)
	})
}

func TestAForgottenKeyMakesRoomForAnother(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		lost, other := seal.RandomSecret(), seal.RandomSecret()
		before, err := openRing(t.Context(), s, lost)
		require.NoError(t, err)
		blob := before.Seal("token", 5)
		_, err = openRing(t.Context(), s, other)
		require.ErrorIs(t, err, seal.ErrOtherSecret)
		require.NoError(t, seal.Forget(t.Context(), s.Secrets))
		stored, err := s.Secrets.Ring(t.Context())
		require.NoError(t, err)
		require.Empty(t, stored.Pin)
		after, err := openRing(t.Context(), s, other)
		require.NoError(t, err)
		_, err = after.Unseal(blob, 5)
		require.ErrorIs(t, err, seal.ErrUnreadable)
		require.EqualValues(t, 2, seal.KeyOf(after.Seal("token", 5)), "the id of the lost key stays taken")
		_, err = openRing(t.Context(), s, lost)
		require.ErrorIs(t, err, seal.ErrOtherSecret)
	})
}
