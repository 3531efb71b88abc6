package dispatch_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"bellman/internal/campaign"
	"bellman/internal/message"
)

func TestTriggeredGoesFirst(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		w.subscribe(people(300)...)
		defer w.process("p1")()
		broadcast := w.launch()
		m, err := w.messages.Create(w.t.Context(), 1, "code", message.Text("your code"))
		require.NoError(w.t, err)
		triggers := campaign.NewTriggers(w.store.Triggers, w.messages, time.Now, uuid.NewString, func() { w.wake() })
		chat := int64(5)
		for round := range int64(3) {
			time.Sleep(1700 * time.Millisecond)
			w.subscribe(chat + round) // after the launch: the broadcast leaves it out
			asked := time.Now()
			receipts, err := triggers.Send(w.t.Context(), 1, m.ID, campaign.Trigger{BotID: w.bot.ID,
				Addressees: []campaign.Addressee{{ChatID: chat + round}}})
			require.NoError(w.t, err)
			require.True(w.t, receipts[0].Accepted())
			time.Sleep(time.Second)
			r, err := triggers.Request(w.t.Context(), 1, receipts[0].RequestID)
			require.NoError(w.t, err)
			require.Equal(w.t, campaign.Sent, r.Deliveries[0].Status)

			w.wire.mu.Lock()
			calls := w.wire.calls
			w.wire.mu.Unlock()
			var left time.Time
			before := 0
			for _, c := range calls {
				switch {
				case c.chatID == chat+round:
					left = c.at
				case left.IsZero() && c.at.After(asked):
					before++
				}
			}
			require.False(w.t, left.IsZero())
			require.LessOrEqual(w.t, left.Sub(asked), 100*time.Millisecond)
			require.LessOrEqual(w.t, before, 2, "what had its turn while the message was claimed")
		}
		r := w.until(broadcast, campaign.Finished)
		require.EqualValues(w.t, 300, r.Counts.Sent)
	})
}
