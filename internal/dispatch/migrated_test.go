package dispatch_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"bellman/internal/campaign"
	"bellman/internal/contact"
	"bellman/internal/message"
	"bellman/internal/outcome"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
	"bellman/internal/telegram"
	"bellman/internal/workspace"
)

// migrating answers as Telegram does once the group old has become fresh.
func migrating(old, fresh int64) func(chat int64, n int) telegram.Result {
	return func(chat int64, n int) telegram.Result {
		if chat == old {
			return telegram.Result{Fate: telegram.Answered, Code: 400, MigrateTo: fresh}
		}
		return ok(chat, n)
	}
}

// chatsOf returns the chats of the bot that are on record.
func (w *world) chatsOf() (ids []int64) {
	w.t.Helper()
	all, err := w.store.Triggers.Reach(w.t.Context(), 1, w.bot.ID, nil, []int64{-100_000, -1000, -20, 1000})
	require.NoError(w.t, err)
	for _, c := range all {
		ids = append(ids, c.ChatID)
	}
	return ids
}

// A group that is on record under the id it had as a group and under the one it has
// as a supergroup gets one message, and the old chat leaves.
//
// spec: tg-migrate
func TestGroupUnderBothIDsGetsOneMessage(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		const old, fresh = -1000, -100_000
		w := newWorld(t, s)
		w.rate = 0
		w.subscribe(old, fresh, 1000)
		w.wire.answer = migrating(old, fresh)
		defer w.process("p1")()
		id := w.launch()
		r := w.until(id, campaign.Finished)
		require.Equal(t, campaign.Counts{Recipients: 3, Sent: 2, Skipped: 1}, r.Counts)
		require.Equal(t, map[int64]int{old: 1, fresh: 1, 1000: 1}, w.wire.received())
		skipped := w.deliveries(id, campaign.Skipped, 10)
		require.Len(t, skipped, 1)
		require.Equal(t, outcome.GroupTwice, skipped[0].Reason)

		require.Equal(t, []int64{fresh, 1000}, w.chatsOf())
		b, err := w.bots.Get(t.Context(), 1, w.bot.ID)
		require.NoError(t, err)
		require.EqualValues(t, 2, b.Subscribers)
		require.Equal(t, campaign.Counts{Recipients: 2, Sent: 2}, w.until(w.launch(), campaign.Finished).Counts)
	})
}

// A campaign that was laid out before a group got its new id reaches it there.
func TestCampaignFollowsAGroup(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		const old, fresh = -1000, -100_000
		w := newWorld(t, s)
		w.rate = 0
		w.subscribe(old)
		w.wire.answer = migrating(old, fresh)
		first, second := w.launch(), w.launch()
		defer w.process("p1")()
		for _, id := range []int64{first, second} {
			require.Equal(t, campaign.Counts{Recipients: 1, Sent: 1}, w.until(id, campaign.Finished).Counts)
		}
		require.Equal(t, 2, w.wire.received()[fresh])
	})
}

// Telegram that moves a group in a circle does not keep it moving.
func TestGroupMovesOnce(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		const a, b = -1000, -100_000
		w.subscribe(a)
		w.wire.answer = func(chat int64, _ int) telegram.Result {
			return telegram.Result{Fate: telegram.Answered, Code: 400, MigrateTo: a + b - chat}
		}
		defer w.process("p1")()
		require.Equal(w.t, campaign.Counts{Recipients: 1, Failed: 1}, w.until(w.launch(), campaign.Finished).Counts)
		require.Equal(w.t, map[int64]int{a: 1, b: 1}, w.wire.received())
	})
}

// A triggered message to a contact whose group is on record twice reaches the group
// once. Another request for the group is another message.
func TestRequestReachesAGroupOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		const old, fresh = -1000, -100_000
		w := newWorld(t, s)
		w.rate = 0
		identified := func(chatID int64) contact.Token { return contact.Token{ChatID: chatID, ExternalCustomerID: "team"} }
		_, err := w.contacts.AddTokens(t.Context(), workspace.Workspace{ID: 1}, w.bot.ID, []contact.Token{identified(old), identified(fresh)})
		require.NoError(t, err)
		reached, err := s.Triggers.Reach(t.Context(), 1, w.bot.ID, nil, []int64{old, fresh})
		require.NoError(t, err)
		require.Len(t, reached, 2)
		m, err := w.messages.Create(t.Context(), 1, "m", message.Text("hello"))
		require.NoError(t, err)
		triggers := campaign.NewTriggers(s.Triggers, w.messages, time.Now, uuid.NewString, func() { w.wake() })
		send := func(a ...campaign.Addressee) (requests []string) {
			t.Helper()
			receipts, err := triggers.Send(t.Context(), 1, m.ID, campaign.Trigger{BotID: w.bot.ID, Addressees: a})
			require.NoError(t, err)
			for _, r := range receipts {
				require.True(t, r.Accepted())
				requests = append(requests, r.RequestID)
			}
			return requests
		}
		// One person's both chats, one request; and a request of its own for each chat.
		requests := send(campaign.Addressee{ContactID: reached[0].ContactID}, campaign.Addressee{ChatID: old}, campaign.Addressee{ChatID: fresh})
		w.wire.answer = migrating(old, fresh)
		defer w.process("p1")()

		statuses := func(request string) (got []campaign.Status) {
			r, err := triggers.Request(t.Context(), 1, request)
			require.NoError(t, err)
			for _, d := range r.Deliveries {
				got = append(got, d.Status)
			}
			return got
		}
		require.Eventually(t, func() bool {
			for _, r := range requests {
				for _, s := range statuses(r) {
					if s != campaign.Sent && s != campaign.Skipped {
						return false
					}
				}
			}
			return true
		}, time.Minute, 20*time.Millisecond)
		require.ElementsMatch(t, []campaign.Status{campaign.Sent, campaign.Skipped}, statuses(requests[0]))
		require.Equal(t, []campaign.Status{campaign.Sent}, statuses(requests[1]))
		require.Equal(t, []campaign.Status{campaign.Sent}, statuses(requests[2]))
		require.Equal(t, 3, w.wire.received()[fresh])
	})
}
