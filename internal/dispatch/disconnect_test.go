package dispatch_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/bot"
	"bellman/internal/campaign"
	"bellman/internal/fault"
)

// A bot that is disconnected while it sends settles what is on the wire and sends nothing
// more. Connected again, it has its subscribers.
func TestDisconnectedWhileItSends(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		w.subscribe(people(300)...)
		defer w.process("p1")()
		id := w.launch()
		time.Sleep(2 * time.Second)
		ctx := w.t.Context()
		err := w.bots.Disconnect(ctx, 1, w.bot.ID)
		require.True(w.t, fault.Is(err, "bot_in_use"), err)
		uses, err := w.bots.Uses(ctx, 1, w.bot.ID)
		require.NoError(w.t, err)
		require.EqualValues(w.t, 300, uses.Subscribers)
		require.Equal(w.t, []bot.Use{{CampaignID: id, Name: uses.Pending[0].Name, State: "sending"}}, uses.Pending)

		_, err = w.campaigns.Cancel(ctx, 1, id)
		require.NoError(w.t, err)
		require.NoError(w.t, w.bots.Disconnect(ctx, 1, w.bot.ID))
		require.ErrorIs(w.t, w.bots.Disconnect(ctx, 1, w.bot.ID), bot.ErrNotFound)
		_, err = w.bots.ByUUID(ctx, 1, w.bot.AppUUID)
		require.ErrorIs(w.t, err, bot.ErrNotFound)
		gone, err := w.bots.Get(ctx, 1, w.bot.ID)
		require.NoError(w.t, err)
		require.Equal(w.t, bot.Disconnected, gone.State)
		require.Empty(w.t, gone.SealedToken)
		for states, n := range map[bot.State]int{"": 0, bot.Disconnected: 1} {
			f := bot.Filter{Limit: 5}
			if states != "" {
				f.States = []bot.State{states}
			}
			all, err := w.bots.List(ctx, 1, f)
			require.NoError(w.t, err)
			require.Len(w.t, all, n, fmt.Sprint(states))
		}
		time.Sleep(5 * time.Second)
		before := len(w.wire.received())
		r := w.report(id)
		require.Equal(w.t, campaign.Cancelled, r.State)
		require.Zero(w.t, r.Counts.Queued+r.Counts.Sending+r.Counts.Unknown, "what was on the wire is settled")
		time.Sleep(time.Minute)
		require.Len(w.t, w.wire.received(), before)

		_, err = w.bots.Connect(ctx, 1, "77:fresh", "")
		require.NoError(w.t, err)
		again, err := w.bots.ByUUID(ctx, 1, w.bot.AppUUID)
		require.NoError(w.t, err)
		require.EqualValues(w.t, 300, again.Subscribers)
		r = w.until(w.launch(), campaign.Finished)
		require.EqualValues(w.t, 300, r.Counts.Sent)
	})
}
