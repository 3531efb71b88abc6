package campaign_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bellman/internal/campaign"
	"bellman/internal/fault"
	"bellman/internal/outcome"
)

// reviewed is a store with a campaign that is over, and others before it.
type reviewed struct {
	*memory
	causes  []campaign.Cause
	most    map[campaign.Status]int64
	earlier []campaign.Campaign
	ledgers []campaign.Ledger
	asked   campaign.Filter
}

func (r *reviewed) CountCauses(_ context.Context, _ int64, most map[campaign.Status]int64) ([]campaign.Cause, error) {
	r.most = most
	return r.causes, r.away
}

func (r *reviewed) List(_ context.Context, _ int64, f campaign.Filter) ([]campaign.Campaign, []campaign.Ledger, int64, error) {
	r.asked = f
	return r.earlier, r.ledgers, 0, r.away
}

func (r *reviewed) review(t require.TestingT) campaign.Review {
	s := campaign.New(r, r, func() time.Time { return noon }, func() {})
	got, err := s.Review(context.Background(), 1, 7)
	require.NoError(t, err)
	return got
}

// Whatever part was counted, the causes add up to the ledger's sums and keep their shares.
func TestCausesAddUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := &reviewed{memory: newMemory(campaign.Campaign{Kind: campaign.Triggered, State: campaign.Finished})}
		totals := map[campaign.Status]int64{}
		counted := map[campaign.Status]int64{}
		for _, status := range []campaign.Status{campaign.Failed, campaign.Skipped, campaign.Unknown} {
			for _, reason := range []outcome.Reason{"a", "b", outcome.BotBlocked} {
				if n := rapid.Int64Range(0, 3_000).Draw(t, "n"); n > 0 {
					r.causes = append(r.causes, campaign.Cause{Status: status, Reason: reason, N: n})
					counted[status] += n
				}
			}
			totals[status] = counted[status]
			if counted[status] > 0 && rapid.Bool().Draw(t, "more") {
				totals[status] += rapid.Int64Range(1, 10_000_000).Draw(t, "total")
			}
		}
		r.ledger = campaign.Ledger{Failed: totals[campaign.Failed], Skipped: totals[campaign.Skipped], Unknown: totals[campaign.Unknown]}
		got := r.review(t)
		sums, left, about := map[campaign.Status]int64{}, int64(0), false
		for i, c := range got.Causes {
			sums[c.Status] += c.N
			if c.Status == campaign.Failed && c.Reason == outcome.BotBlocked {
				left = c.N
			}
			require.True(t, i == 0 || got.Causes[i-1].N >= c.N, "the most frequent ones first")
			for _, was := range r.causes {
				if was.Status == c.Status && was.Reason == c.Reason {
					fair := float64(was.N) / float64(counted[c.Status]) * float64(totals[c.Status])
					require.InDelta(t, fair, float64(c.N), 1.001)
				}
			}
		}
		for status, total := range totals {
			require.Equal(t, total, sums[status], status)
			require.Equal(t, min(total, 10_000), r.most[status])
			about = about || total != counted[status]
		}
		require.Equal(t, about, got.About)
		require.Equal(t, left, got.Left)
		require.Zero(t, got.Past, "triggered campaigns have none before them")
		require.Zero(t, r.asked)
	})
}

// A campaign is compared with the means of those before it that had recipients.
func TestReviewComparesWithThePast(t *testing.T) {
	t.Parallel()
	r := &reviewed{
		memory:  newMemory(campaign.Campaign{ID: 7, BotID: 2, Kind: campaign.Broadcast, State: campaign.Cancelled, LaunchedAt: noon, LaidSeq: 9}),
		earlier: []campaign.Campaign{{LaidSeq: 10}, {}, {LaidSeq: 4}},
		ledgers: []campaign.Ledger{{ClaimedSeq: 10, Sent: 8, Failed: 2, Clicked: 4}, {}, {ClaimedSeq: 4, Failed: 4}},
	}
	got := r.review(t)
	require.Equal(t, campaign.Past{Broadcasts: 2, Sent: 0.4, Failed: 0.6, Clicked: 0.25}, got.Past)
	require.Equal(t, campaign.Filter{
		States: []campaign.State{campaign.Finished}, Kind: campaign.Broadcast, Actions: []campaign.Action{campaign.Send}, BotID: 2,
		Order: "-launchedAt", Limit: 5,
		After: &campaign.Place{At: noon.UnixMilli(), ID: 7},
	}, r.asked)
	require.Equal(t, []campaign.Cause{{Status: campaign.Skipped, Reason: outcome.Cancelled, N: 9}}, got.Causes)
	require.False(t, got.About)

	r.campaign.LaunchedAt = time.Time{}
	r.review(t)
	require.Nil(t, r.asked.After, "a draft comes after all that were launched")

	r.campaign.ForgottenAt = noon
	s := campaign.New(r, r, func() time.Time { return noon }, func() {})
	_, err := s.Review(t.Context(), 1, 7)
	require.ErrorIs(t, err, campaign.ErrNotKept)
	_, err = s.Review(t.Context(), 2, 7)
	require.Equal(t, fault.NotFound, fault.KindOf(err))
}
