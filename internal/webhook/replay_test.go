package webhook_test

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/dispatch"
	"bellman/internal/fault"
	"bellman/internal/message"
	"bellman/internal/outcome"
	"bellman/internal/track"
	"bellman/internal/webhook"
)

// names returns the activityIds of objects.
func names(objects []map[string]any) (all []string) {
	for _, o := range objects {
		all = append(all, o["activityId"].(string))
	}
	return all
}

// click records a click on a delivery.
func (w *world) click(t *testing.T, campaignID, seq int64, n int) {
	t.Helper()
	at := w.clock.now()
	require.NoError(t, w.Clicks.RecordClicks(t.Context(), []track.Click{{
		ID: fmt.Sprintf("%08x-%04x-7000-8000-%012x", at.UnixMilli()>>16, at.UnixMilli()&0xffff, n), CampaignID: campaignID, Seq: seq, At: at,
	}}))
}

// What was posted is posted once more, alike but for the sequence: one array, or
// everything of a time.
func TestReplay(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		r, other := newReceiver(t), newReceiver(t)
		h := w.hook(t, 1, r.URL)
		w.hook(t, 1, other.URL)
		s := w.sender("p")
		one, two := w.launch(t, 1, 6, message.Text("hi")), w.launch(t, 1, 4, message.Text("hi"))
		one.sent(t, 2)
		w.look(t, s)
		w.clock.advance(time.Hour)
		middle := w.clock.now()
		one.settle(t, dispatch.Outcome{Status: dispatch.Failed, Reason: "bot_blocked"},
			dispatch.Outcome{Status: dispatch.Unknown, Reason: "answer_lost"}, dispatch.Outcome{Status: dispatch.Sent})
		two.sent(t, 1)
		w.click(t, one.campaignID, 1, 1)
		w.click(t, one.campaignID, 1, 2)
		w.click(t, two.campaignID, 1, 3)
		w.look(t, s)
		all := r.taken()
		w.clock.advance(time.Hour)
		again := func(q webhook.Replay) []map[string]any {
			before := len(r.taken())
			require.NoError(t, w.hooks.Replay(t.Context(), 1, h.ID, q))
			for range 3 {
				w.look(t, s)
			}
			return r.taken()[before:]
		}
		attempts, err := w.hooks.Attempts(t.Context(), 1, h.ID, math.MaxInt64, 10)
		require.NoError(t, err)
		require.Len(t, attempts, 2)
		plain := func(objects []map[string]any) (plain []string) {
			for _, o := range objects {
				o["sequence"] = 0
				plain = append(plain, fmt.Sprint(o))
			}
			return plain
		}
		require.Equal(t, plain(all[2:]), plain(again(webhook.Replay{Attempt: attempts[0].ID})))
		require.ElementsMatch(t, plain(all[2:]), plain(again(webhook.Replay{Since: middle})))
		require.ElementsMatch(t, names(all), names(again(webhook.Replay{Since: start})))
		require.Equal(t, names(all[:2]), names(again(webhook.Replay{Since: start, Until: middle})))
		require.Len(t, other.taken(), len(all), "it is one webhook's")

		_, err = w.hooks.Update(t.Context(), 1, h.ID, webhook.Change{Statuses: []outcome.Activity{outcome.Unsubscribed}})
		require.NoError(t, err)
		require.Equal(t, []string{fmt.Sprintf("%d-3-unsubscribed", one.campaignID)}, names(again(webhook.Replay{Since: start})))
		w.try(t, one.campaignID, two.campaignID)
		require.Empty(t, again(webhook.Replay{Since: start}), "test sends are not reported")
	})
}

// What a replay asks for has to be there.
func TestReplaysThatCannotBe(t *testing.T) {
	t.Parallel()
	s := newShelf()
	hooks := s.service()
	for _, r := range []webhook.Replay{
		{}, {Attempt: 7, Since: start.Add(-1)}, {Since: start}, {Since: start.Add(-1), Until: start.Add(1)},
		{Since: start.Add(-1), Until: start.Add(-1)}, {Until: start},
	} {
		require.True(t, fault.Is(hooks.Replay(t.Context(), 1, 9, r), "webhook_replay_invalid"), r)
	}
	require.True(t, fault.Is(hooks.Replay(t.Context(), 1, 9, webhook.Replay{Attempt: 8}), "webhook_attempt_not_found"))
	require.NoError(t, hooks.Replay(t.Context(), 1, 9, webhook.Replay{Attempt: 7}))
	since := webhook.Replay{Since: start.Add(-1)}
	for range webhook.MaxReplays {
		require.NoError(t, hooks.Replay(t.Context(), 1, 9, since))
	}
	require.Equal(t, webhook.Replay{Since: start.Add(-1), Until: start}, s.replays[0])
	require.True(t, fault.Is(hooks.Replay(t.Context(), 1, 9, since), "webhook_replays_full"))
	for _, broken := range []string{"read", "replay"} {
		s.broken = broken
		require.ErrorIs(t, hooks.Replay(t.Context(), 1, 9, since), errAway)
		require.ErrorIs(t, hooks.Replay(t.Context(), 1, 9, webhook.Replay{Attempt: 7}), errAway)
	}
}

// A backlog has a bound, and still nothing is lost: what happens beyond is found again
// when the receiver takes what waits.
func TestFullBacklogLosesNothing(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		r := newReceiver(t)
		h := w.hook(t, 1, r.URL)
		s := w.sender("p")
		s.SetMaxWaiting(3)
		o := w.launch(t, 1, 20, message.Text("hi"))
		r.status.Store(500)
		o.sent(t, 2)
		w.look(t, s)
		w.clock.advance(time.Minute)
		w.look(t, s)
		got, _, err := w.hooks.Get(t.Context(), 1, h.ID)
		require.NoError(t, err)
		require.Zero(t, got.MissedSince, "there is room for one more")
		o.sent(t, 1)
		w.clock.advance(2 * time.Minute)
		w.look(t, s)
		stopped := w.clock.now()
		for range 4 {
			o.sent(t, 3)
			w.click(t, o.campaignID, 1, int(w.clock.now().UnixMilli()))
			w.clock.advance(24 * time.Hour)
			w.look(t, s)
		}
		got, backlog, err := w.hooks.Get(t.Context(), 1, h.ID)
		require.NoError(t, err)
		require.Equal(t, []any{stopped, 3, webhook.Active}, []any{got.MissedSince, backlog.Waiting, got.State})
		r.status.Store(0)
		w.clock.advance(24 * time.Hour)
		w.look(t, s)
		got, _, err = w.hooks.Get(t.Context(), 1, h.ID)
		require.NoError(t, err)
		require.Zero(t, got.MissedSince)
		o.sent(t, 5)
		w.look(t, s)
		for range 3 {
			w.clock.advance(time.Minute)
			w.look(t, s)
		}
		came := names(r.taken())
		slices.Sort(came)
		require.Len(t, slices.Compact(came), 20+4, "each outcome and each click")
	})
}

// A replay of many activities goes on where it was, in arrays like the others.
func TestLongReplay(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		r := newReceiver(t)
		h := w.hook(t, 1, r.URL)
		s := w.sender("p")
		o := w.launch(t, 1, 2300, message.Text("hi"))
		o.sent(t, 2300)
		for n := range 1100 {
			w.click(t, o.campaignID, 1, n)
		}
		w.look(t, s)
		w.clock.advance(time.Second)
		require.NoError(t, w.hooks.Replay(t.Context(), 1, h.ID, webhook.Replay{Since: start}))
		w.look(t, s)
		came := names(r.taken())
		require.Len(t, came, 2*3400)
		require.ElementsMatch(t, came[:3400], came[3400:])
	})
}
