package store_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/campaign"
	"bellman/internal/dispatch"
	"bellman/internal/message"
	"bellman/internal/outcome"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
	"bellman/internal/track"
)

// Causes are counted of the first recipients of each status, as a count in memory does.
func TestReportCauses(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		const claimed, recipients = 90, 100
		botID := connect(t, s, 5)
		id := broadcast(t, s, botID, recipients)
		lease := hold(t, s, "a")
		_, err := s.Ledgers.Adopt(t.Context(), lease.BotID, lease.Epoch, start)
		require.NoError(t, err)
		step := func(n int64, c dispatch.CampaignStep) []dispatch.Recipient {
			c.CampaignID, c.BotID, c.Epoch = id, botID, lease.Epoch
			got, err := s.Ledgers.Step(t.Context(), dispatch.Step{Owner: "a", Number: n, Now: start, Campaigns: []dispatch.CampaignStep{c}})
			require.NoError(t, err)
			return got[0].Recipients
		}
		kinds := []dispatch.Outcome{
			{Status: dispatch.Sent}, {Status: dispatch.Failed, Reason: outcome.BotBlocked},
			{Status: dispatch.Failed, Reason: outcome.ContentRefused},
			{Status: dispatch.Failed, Reason: outcome.UserDeactivated}, {Status: dispatch.Skipped, Reason: outcome.ChatMuted},
			{Status: dispatch.Skipped, Reason: outcome.ChatRemoved}, {Status: dispatch.Unknown, Reason: outcome.AnswerLost},
		}
		var settled []dispatch.Outcome
		for _, r := range step(1, dispatch.CampaignStep{ClaimTo: claimed}) {
			o := kinds[rand.IntN(len(kinds))]
			o.Recipient, o.SettledAt = r, start
			settled = append(settled, o)
		}
		require.Len(t, settled, claimed)
		step(2, dispatch.CampaignStep{ClaimFrom: claimed, ClaimTo: claimed, SettledSeq: claimed, Outcomes: settled})
		slices.SortFunc(settled, func(a, b dispatch.Outcome) int { return int(a.Seq - b.Seq) })

		counted := func(most map[campaign.Status]int64) (all []campaign.Cause) {
			left, n := map[campaign.Status]int64{}, map[campaign.Cause]int64{}
			for _, o := range settled {
				if left[o.Status] < most[o.Status] {
					left[o.Status]++
					n[campaign.Cause{Status: o.Status, Reason: o.Reason}]++
				}
			}
			for cause, count := range n {
				cause.N = count
				all = append(all, cause)
			}
			return all
		}
		for _, most := range []map[campaign.Status]int64{
			{}, {campaign.Failed: 5, campaign.Skipped: 3, campaign.Unknown: 1}, {campaign.Failed: 99, campaign.Skipped: 99, campaign.Unknown: 99},
		} {
			got, err := s.Campaigns.CountCauses(t.Context(), id, most)
			require.NoError(t, err)
			require.ElementsMatch(t, counted(most), got)
		}
		none, err := s.Campaigns.CountCauses(t.Context(), id+1, map[campaign.Status]int64{campaign.Failed: 9})
		require.NoError(t, err)
		require.Empty(t, none)

		campaigns := campaign.New(s.Campaigns, message.New(s.Messages, nil, now), now, func() {})
		_, err = campaigns.Cancel(t.Context(), 1, id)
		require.NoError(t, err)
		review, err := campaigns.Review(t.Context(), 1, id)
		require.NoError(t, err)
		want := counted(map[campaign.Status]int64{campaign.Failed: 99, campaign.Skipped: 99, campaign.Unknown: 99})
		var left int64
		for _, c := range want {
			if c.Reason == outcome.BotBlocked || c.Reason == outcome.UserDeactivated {
				left += c.N
			}
		}
		want = append(want, campaign.Cause{Status: campaign.Skipped, Reason: outcome.Cancelled, N: recipients - claimed})
		require.ElementsMatch(t, want, review.Causes)
		require.Equal(t, left, review.Left)
		require.False(t, review.About)
		require.Zero(t, review.Past)
	})
}

// Clicks are counted in the hours that they happened in, from the first moment on and
// before the last.
func TestReportHourlyClicks(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		from, to := start, start.Add(50*time.Hour)
		moments := []time.Time{from.Add(-time.Millisecond), from, from.Add(time.Hour - 1), from.Add(time.Hour), to.Add(-time.Millisecond), to}
		for range 300 {
			moments = append(moments, from.Add(time.Duration(rand.Int64N(int64(70*time.Hour)))-10*time.Hour).Truncate(time.Millisecond))
		}
		want, people := map[time.Time]int64{}, map[time.Time]int64{}
		known := map[int64]bool{}
		var clicks []track.Click
		for i, at := range moments {
			// Every second one clicks again, in an order that is not that of time.
			seq := int64(i % (len(moments) / 2))
			clicks = append(clicks, clickAt(int64(1+i%3/2), seq, 0, at))
			if i%3 == 2 {
				continue
			}
			hour, counts := from.Add(at.Sub(from).Truncate(time.Hour)), !at.Before(from) && at.Before(to)
			if counts {
				want[hour]++
			}
			if !known[seq] && counts {
				people[hour]++
			}
			known[seq] = true
		}
		// One after another, so that the first click of each is the one that is stored first.
		for _, c := range clicks {
			require.NoError(t, s.Clicks.RecordClicks(t.Context(), []track.Click{c}))
		}
		hours, err := s.Clicks.HourlyClicks(t.Context(), 1, from, to)
		require.NoError(t, err)
		got, first := map[time.Time]int64{}, map[time.Time]int64{}
		for i, h := range hours {
			require.True(t, i == 0 || hours[i-1].From.Before(h.From))
			got[h.From] = h.Clicks
			if h.People > 0 {
				first[h.From] = h.People
			}
		}
		require.Equal(t, want, got)
		require.Equal(t, people, first)
	})
}
