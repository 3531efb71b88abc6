package dispatch_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"bellman/internal/campaign"
	"bellman/internal/dispatch"
	"bellman/internal/message"
	"bellman/internal/telegram"
)

// A triggered message waits for no broadcast, however many a bot has.
func TestTriggeredGoesBeforeSeveralBroadcasts(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		w.subscribe(people(300)...)
		var broadcasts []int64
		for range 10 {
			broadcasts = append(broadcasts, w.launch())
		}
		m, err := w.messages.Create(w.t.Context(), 1, "code", message.Text("your code"))
		require.NoError(w.t, err)
		triggers := campaign.NewTriggers(w.store.Triggers, w.messages, time.Now, uuid.NewString, func() { w.wake() })
		defer w.process("p1")()
		time.Sleep(2 * time.Second)
		for chat := int64(5); chat < 13; chat++ {
			w.subscribe(chat) // after the launch: the broadcasts leave it out
			asked := time.Now()
			_, err := triggers.Send(w.t.Context(), 1, m.ID, campaign.Trigger{BotID: w.bot.ID, Addressees: []campaign.Addressee{{ChatID: chat}}})
			require.NoError(w.t, err)
			time.Sleep(1130 * time.Millisecond)
			require.Equal(w.t, 1, w.wire.received()[chat])
			require.LessOrEqual(w.t, w.wire.last(chat).at.Sub(asked), 100*time.Millisecond)
		}
		for _, id := range broadcasts {
			_, err := w.campaigns.Cancel(w.t.Context(), 1, id)
			require.NoError(w.t, err)
		}
	})
}

// unreachable is a store that, while it is set, neither renews nor returns leases.
type unreachable struct {
	dispatch.Store
	away atomic.Bool
}

func (s *unreachable) HoldLeases(
	ctx context.Context, owner string, now time.Time, ttl time.Duration, take bool,
) ([]dispatch.Lease, int, error) {
	if s.away.Load() {
		return nil, 0, errRefused
	}
	return s.Store.HoldLeases(ctx, owner, now, ttl, take)
}

// Messages that are ready when the lease is about to end do not leave any more, and
// nothing is claimed: another process may have the bot by then.
func TestNothingLeavesPastTheLease(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		w.rate = 0.3
		w.subscribe(people(30)...)
		kept := &unreachable{Store: w.ledger}
		w.ledger = kept
		defer w.process("p1")()
		id := w.launch()
		time.Sleep(500 * time.Millisecond)
		require.Len(w.t, w.wire.all(), 1)
		kept.away.Store(true)
		away := time.Now()
		time.Sleep(5 * time.Second)
		ready := w.report(id).Counts.Sending
		require.Positive(w.t, ready, "somebody is ready")
		late := w.launch()
		time.Sleep(400 * time.Millisecond)
		require.EqualValues(w.t, 30, w.report(late).Counts.Queued, "nobody is claimed any more")
		time.Sleep(time.Minute)
		for _, c := range w.wire.all() {
			require.Less(w.t, c.at.Sub(away), 5*time.Second)
		}
		require.Equal(w.t, ready, w.report(id).Counts.Sending)
		kept.away.Store(false)
		r := w.until(id, campaign.Finished)
		require.EqualValues(w.t, 30, r.Counts.Sent+r.Counts.Unknown)
		require.EqualValues(w.t, 30, w.until(late, campaign.Finished).Counts.Sent)
	})
}

// A triggered message whose answer was lost is sent once more, and only once.
//
// spec: tg-lost
func TestLostTriggeredIsSentOnceMore(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		w.subscribe(people(3)...)
		w.wire.answer = func(chat int64, n int) telegram.Result {
			if chat == 1001 && n == 1 || chat == 1002 {
				return telegram.Result{Fate: telegram.Lost}
			}
			return ok(chat, n)
		}
		m, err := w.messages.Create(w.t.Context(), 1, "code", message.Text("your code"))
		require.NoError(w.t, err)
		triggers := campaign.NewTriggers(w.store.Triggers, w.messages, time.Now, uuid.NewString, func() { w.wake() })
		defer w.process("p1")()
		receipts, err := triggers.Send(w.t.Context(), 1, m.ID, campaign.Trigger{BotID: w.bot.ID,
			Addressees: []campaign.Addressee{{ChatID: 1000}, {ChatID: 1001}, {ChatID: 1002}}})
		require.NoError(w.t, err)
		time.Sleep(time.Minute)
		require.Equal(w.t, map[int64]int{1000: 1, 1001: 2, 1002: 2}, w.wire.received())
		for i, want := range []campaign.Status{campaign.Sent, campaign.Sent, campaign.Unknown} {
			r, err := triggers.Request(w.t.Context(), 1, receipts[i].RequestID)
			require.NoError(w.t, err)
			require.Equal(w.t, want, r.Deliveries[0].Status)
		}
	})
}

// A request to wait uses up no attempt of a message.
//
// spec: tg-retry-after
func TestTooManyRequestsIsNoAttempt(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		w.subscribe(people(2)...)
		w.wire.answer = func(chat int64, n int) telegram.Result {
			switch {
			case chat == 1001 && n <= 15:
				r := refused(429, "Too Many Requests: retry after 2")
				r.RetryAfter = 2 * time.Second
				return r
			case chat == 1001 && n < 25:
				return refused(500, "Internal Server Error")
			}
			return ok(chat, n)
		}
		defer w.process("p1")()
		r := w.until(w.launch(), campaign.Finished)
		require.EqualValues(w.t, 2, r.Counts.Sent)
		require.Equal(w.t, 25, w.wire.received()[1001])
	})
}

// A group that became a supergroup keeps its new id, however often it has to
// wait afterwards.
//
// spec: tg-migrate
func TestMigratedGroupKeepsItsNewID(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		const old, fresh = -1000, -100_000
		w.subscribe(old)
		w.wire.answer = func(chat int64, n int) telegram.Result {
			switch {
			case chat == old:
				return telegram.Result{Fate: telegram.Answered, Code: 400, MigrateTo: fresh}
			case n <= 2:
				return refused(500, "Internal Server Error")
			}
			return ok(chat, n)
		}
		defer w.process("p1")()
		r := w.until(w.launch(), campaign.Finished)
		require.EqualValues(w.t, 1, r.Counts.Sent)
		require.Equal(w.t, map[int64]int{old: 1, fresh: 3}, w.wire.received())
	})
}

// Recipients that are ready and wait for the pace are given back at once when the
// sender stops: they do not delay the stop, and none becomes unknown.
func TestStopGivesBackReadyRecipients(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		w.rate = 0.2
		w.subscribe(people(4)...)
		stop := w.process("p1")
		id := w.launch()
		time.Sleep(500 * time.Millisecond)
		require.Positive(w.t, w.report(id).Counts.Sending)
		began := time.Now()
		stop()
		require.Less(w.t, time.Since(began), 100*time.Millisecond)
		require.Equal(w.t, campaign.Counts{Recipients: 4, Queued: 3, Sent: 1}, w.report(id).Counts)
		defer w.process("p2")()
		require.EqualValues(w.t, 4, w.until(id, campaign.Finished).Counts.Sent)
	})
}

// What has to wait, here for the other message to the same chat, goes out when its time
// has come and not when somebody happens to look.
func TestDeferralLeavesWhenItIsDue(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		w.subscribe(1000)
		defer w.process("p1")()
		first, second := w.launch(), w.launch()
		w.until(first, campaign.Finished)
		w.until(second, campaign.Finished)
		calls := w.wire.all()
		require.Len(w.t, calls, 2)
		apart := calls[1].at.Sub(calls[0].at)
		require.GreaterOrEqual(w.t, apart, time.Second)
		require.Less(w.t, apart, 1200*time.Millisecond)
	})
}

// Who had to wait when a process stopped is sent to by the next one, when the time has
// come: it asks when that is.
func TestDeferralLeavesFromTheNextProcess(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		w.subscribe(1000)
		w.wire.answer = func(chat int64, n int) telegram.Result {
			if n == 1 {
				return refused(500, "Internal Server Error")
			}
			return ok(chat, n)
		}
		stop := w.process("p1")
		id := w.launch()
		time.Sleep(500 * time.Millisecond)
		stop()
		require.Equal(w.t, campaign.Counts{Recipients: 1, Queued: 1}, w.report(id).Counts)
		defer w.process("p2")()
		require.EqualValues(w.t, 1, w.until(id, campaign.Finished).Counts.Sent)
		require.Len(w.t, w.wire.all(), 2)
	})
}
