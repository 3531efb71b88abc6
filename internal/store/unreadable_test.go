package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/bot"
	"bellman/internal/campaign"
	"bellman/internal/outcome"
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
		require.NoError(t, s.Installation.PinKey(t.Context(), []byte("lost")))
		require.ErrorIs(t, s.Installation.PinKey(t.Context(), []byte("new")), store.ErrOtherKey)
		require.NoError(t, s.Installation.ForgetKey(t.Context()))
		has, err := s.Installation.HasKey(t.Context())
		require.NoError(t, err)
		require.False(t, has)
		require.NoError(t, s.Installation.PinKey(t.Context(), []byte("new")))
	})
}
