package dispatch_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/bot"
	"bellman/internal/campaign"
	"bellman/internal/outcome"
	"bellman/internal/telegram"
)

func (w *world) limit(change bot.Limits) {
	w.t.Helper()
	_, err := w.bots.UpdateLimits(w.t.Context(), 1, w.bot.ID, change, nil)
	require.NoError(w.t, err)
}

// span is the time between the i-th and the j-th call.
func (w *world) span(i, j int) time.Duration {
	w.wire.mu.Lock()
	defer w.wire.mu.Unlock()
	return w.wire.calls[j].at.Sub(w.wire.calls[i].at)
}

func TestRateChangesWhileItRuns(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		w.subscribe(people(400)...)
		defer w.process("p1")()
		id := w.launch()
		time.Sleep(3 * time.Second)
		w.limit(bot.Limits{RatePerSecond: new(10.0)})
		w.until(id, campaign.Finished)
		require.InDelta(w.t, 1, w.span(20, 50).Seconds(), 0.1)
		require.InDelta(w.t, 10, w.span(299, 399).Seconds(), 0.3)
	})
}

// spec: tg-paid-rate
func TestPaidBroadcastNeedsBothSwitches(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		w.subscribe(people(2000)...)
		w.limit(bot.Limits{PaidBroadcast: new(true)})
		defer w.process("p1")()
		free := w.launch()
		time.Sleep(2 * time.Second)
		require.Less(w.t, len(w.wire.received()), 70, "a campaign that does not allow it goes at the free pace")
		_, err := w.campaigns.Cancel(w.t.Context(), 1, free)
		require.NoError(w.t, err)
		time.Sleep(2 * time.Second)
		before := len(w.wire.calls)

		paying := w.launch()
		_, err = w.campaigns.Update(w.t.Context(), 1, paying, campaign.Changes{Paid: campaign.Paid{Allow: new(true)}})
		require.NoError(w.t, err)
		began := time.Now()
		r := w.until(paying, campaign.Finished)
		require.Less(w.t, time.Since(began), 6*time.Second)
		require.EqualValues(w.t, 2000, r.Counts.Sent)
		require.Positive(w.t, r.StarsSpent)
		require.LessOrEqual(w.t, r.StarsSpent, 200.0)
		for i := before + 1000; i < len(w.wire.calls); i++ {
			require.Greater(w.t, w.span(i-1000, i), time.Second)
		}
	})
}

func TestStarsBudgetStopsTheCampaign(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		w.subscribe(people(1000)...)
		w.limit(bot.Limits{PaidBroadcast: new(true)})
		id := w.launch()
		_, err := w.campaigns.Update(w.t.Context(), 1, id, campaign.Changes{Paid: campaign.Paid{Allow: new(true), StarsBudget: new(int64(20))}})
		require.NoError(w.t, err)
		defer w.process("p1")()
		w.wake()
		r := w.until(id, campaign.Paused)
		require.Equal(w.t, outcome.BudgetSpent, r.StateReason)
		time.Sleep(time.Second)
		r = w.report(id)
		require.InDelta(w.t, 20, r.StarsSpent, 0.01, "not a message more than the budget pays for")
		require.Zero(w.t, r.Counts.Sending+r.Counts.Unknown)
		_, err = w.campaigns.Update(w.t.Context(), 1, id, campaign.Changes{Paid: campaign.Paid{StarsBudget: new(int64(0))}})
		require.NoError(w.t, err)
		_, err = w.campaigns.Resume(w.t.Context(), 1, id)
		require.NoError(w.t, err)
		require.EqualValues(w.t, 1000, w.until(id, campaign.Finished).Counts.Sent)
	})
}

// spec: tg-paid-refused
func TestWithoutStarsItGoesOnAtTheFreePace(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		w.subscribe(people(90)...)
		w.limit(bot.Limits{PaidBroadcast: new(true)})
		w.wire.answer = func(chat int64, n int) telegram.Result {
			if n == 1 && chat < 1020 {
				return refused(400, "Bad Request: BALANCE_TOO_LOW")
			}
			return ok(chat, n)
		}
		id := w.launch()
		_, err := w.campaigns.Update(w.t.Context(), 1, id, campaign.Changes{Paid: campaign.Paid{Allow: new(true)}})
		require.NoError(w.t, err)
		defer w.process("p1")()
		w.wake()
		r := w.until(id, campaign.Finished)
		require.EqualValues(w.t, 90, r.Counts.Sent)
		b, err := w.bots.Get(w.t.Context(), 1, w.bot.ID)
		require.NoError(w.t, err)
		require.True(w.t, b.PaidRefusedUntil.After(time.Now()))
	})
}

func TestBotWide429IsKeptForTheNextProcess(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		w.subscribe(people(60)...)
		flood := time.Now().Add(500 * time.Millisecond)
		w.wire.answer = func(chat int64, n int) telegram.Result {
			if time.Now().After(flood) && time.Now().Before(flood.Add(20*time.Second)) {
				r := refused(429, "Too Many Requests: retry after 20")
				r.RetryAfter = 20 * time.Second
				return r
			}
			return ok(chat, n)
		}
		stop := w.process("p1")
		id := w.launch()
		time.Sleep(2 * time.Second)
		b, err := w.bots.Get(w.t.Context(), 1, w.bot.ID)
		require.NoError(w.t, err)
		require.True(w.t, b.PausedUntil.After(time.Now().Add(15*time.Second)))
		require.Equal(w.t, outcome.TooManyRequests, b.PausedReason)
		calls := len(w.wire.calls)
		stop()
		defer w.process("p2")()
		time.Sleep(10 * time.Second)
		require.Len(w.t, w.wire.calls, calls, "the next process does not hammer")
		require.EqualValues(w.t, 60, w.until(id, campaign.Finished).Counts.Sent)
	})
}

func TestResendGoesToTheChosenOnce(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		w.subscribe(people(30)...)
		w.wire.answer = func(chat int64, n int) telegram.Result {
			switch {
			case n == 1 && chat%10 == 0:
				return telegram.Result{Fate: telegram.Lost}
			case n == 1 && chat%10 == 1:
				return refused(400, "Bad Request: CHAT_RESTRICTED")
			}
			return ok(chat, n)
		}
		defer w.process("p1")()
		id := w.launch()
		_, err := w.campaigns.Resend(w.t.Context(), 1, id, []campaign.Status{campaign.Unknown})
		require.ErrorContains(w.t, err, "still going out")
		w.until(id, campaign.Finished)
		again, err := w.campaigns.Resend(w.t.Context(), 1, id, []campaign.Status{campaign.Unknown})
		require.NoError(w.t, err)
		require.Equal(w.t, id, again.Of)
		r := w.until(again.ID, campaign.Finished)
		require.Equal(w.t, campaign.Counts{Recipients: 3, Sent: 3}, r.Counts)
		_, err = w.campaigns.Resend(w.t.Context(), 1, id, []campaign.Status{campaign.Unknown, campaign.Failed})
		require.ErrorContains(w.t, err, "resent")
		again, err = w.campaigns.Resend(w.t.Context(), 1, id, []campaign.Status{campaign.Failed})
		require.NoError(w.t, err)
		require.EqualValues(w.t, 3, w.until(again.ID, campaign.Finished).Counts.Sent)
		_, err = w.campaigns.Resend(w.t.Context(), 1, id, []campaign.Status{campaign.Sent})
		require.Error(w.t, err)
	})
}

func TestBroadcastsOfOneBotShareItsPace(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		w.subscribe(people(200)...)
		first := w.launch()
		defer w.process("p1")()
		time.Sleep(2 * time.Second)
		second := w.launch()
		time.Sleep(5 * time.Second)
		a, b := w.report(first).Counts.Sent, w.report(second).Counts.Sent
		require.InDelta(w.t, 60+75, a, 15, "the first had two seconds for itself")
		require.InDelta(w.t, 75, b, 15, "then they took turns")
		w.until(first, campaign.Finished)
		require.EqualValues(w.t, 200, w.until(second, campaign.Finished).Counts.Sent)
	})
}
