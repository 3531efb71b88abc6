package dispatch_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"bellman/internal/campaign"
	"bellman/internal/message"
	"bellman/internal/outcome"
	"bellman/internal/telegram"
)

// turning answers well for the first n messages, and then the same for all.
func (w *world) turning(n int, then telegram.Result) {
	w.wire.answer = func(chat int64, nth int) telegram.Result {
		if len(w.wire.all()) <= n {
			return ok(chat, nth)
		}
		return then
	}
}

// subscribers is how many chats the bot has.
func (w *world) subscribers() int64 {
	w.t.Helper()
	b, err := w.bots.Get(w.t.Context(), 1, w.bot.ID)
	require.NoError(w.t, err)
	return b.Subscribers
}

// A server that calls all chats gone or not found removes none of them, whenever it
// begins to.
//
// spec: tg-chat-not-found tg-mass-gone
func TestMassDeletesNobody(t *testing.T) {
	t.Parallel()
	for name, answer := range map[outcome.Reason]telegram.Result{
		outcome.MassChatNotFound: refused(400, "Bad Request: chat not found"),
		outcome.MassGone:         refused(403, "Forbidden: bot was blocked by the user"),
	} {
		for _, after := range []int{0, 18, 60, 370} {
			t.Run(string(name), func(t *testing.T) {
				t.Parallel()
				inBubble(t, func(w *world) {
					w.subscribe(people(400)...)
					w.turning(after, answer)
					defer w.process("p1")()
					id, state := w.launch(), campaign.Paused
					if after == 370 {
						state = campaign.Finished
					}
					r := w.until(id, state)
					if state == campaign.Paused {
						require.Equal(w.t, name, r.StateReason)
						require.Less(w.t, r.Counts.Failed, int64(guardWindowAndWire))
					}
					require.EqualValues(w.t, 400, w.subscribers())
				})
			})
		}
	}
}

// guardWindowAndWire is how many recipients a mass costs at most: 50, and those that
// were on the wire.
const guardWindowAndWire = 50 + 16

// The same holds for triggered messages, which come one by one.
//
// spec: tg-mass-gone
func TestMassOfTriggeredMessagesDeletesNobody(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		chats := people(400)
		w.subscribe(chats...)
		m, err := w.messages.Create(w.t.Context(), 1, "code", message.Text("your code"))
		require.NoError(w.t, err)
		triggers := campaign.NewTriggers(w.store.Triggers, w.messages, time.Now, uuid.NewString, func() { w.wake() })
		defer w.process("p1")()
		send := func(chats ...int64) {
			for _, chat := range chats {
				_, err := triggers.Send(w.t.Context(), 1, m.ID, campaign.Trigger{BotID: w.bot.ID,
					Addressees: []campaign.Addressee{{ChatID: chat}}})
				require.NoError(w.t, err)
				time.Sleep(3 * time.Second) // the campaign has nothing to do meanwhile
			}
		}
		w.turning(18, refused(403, "Forbidden: bot was blocked by the user"))
		send(chats[:80]...)
		all, _, err := w.campaigns.List(w.t.Context(), 1, campaign.Filter{Limit: 10})
		require.NoError(w.t, err)
		require.Len(w.t, all, 1)
		r := w.report(all[0].ID)
		require.Equal(w.t, campaign.Paused, r.State)
		require.Equal(w.t, outcome.MassGone, r.StateReason)
		require.EqualValues(w.t, 400, w.subscribers())

		// One chat that is gone among others that are well leaves.
		w.wire.answer = ok
		_, err = w.campaigns.Resume(w.t.Context(), 1, r.ID)
		require.NoError(w.t, err)
		w.wire.answer = func(chat int64, n int) telegram.Result {
			if chat == chats[100] {
				return refused(403, "Forbidden: bot was blocked by the user")
			}
			return ok(chat, n)
		}
		send(chats[100:106]...)
		require.EqualValues(w.t, 400, w.subscribers(), "five were well")
		send(chats[106])
		require.EqualValues(w.t, 399, w.subscribers())
	})
}
