package campaign_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bellman/internal/campaign"
	"bellman/internal/fault"
	"bellman/internal/outcome"
)

// crowd is a store with a campaign of many, of whom each seventh failed and each hundredth
// because of a block, and who speak one of three languages by turns.
type crowd struct {
	*memory
	n int64
	// walked is how many deliveries were read, most how many at once.
	walked, most int
	// asked are the numbers of the deliveries that were asked for one by one.
	asked []int64
}

func newCrowd(n int64) *crowd {
	return &crowd{memory: newMemory(campaign.Campaign{ID: 7, WorkspaceID: 1, State: campaign.Finished, LaidSeq: n}), n: n}
}

func (c *crowd) service() *campaign.Service {
	return campaign.New(c, c, func() time.Time { return noon }, func() {})
}

func (c *crowd) at(seq int64) campaign.Delivery {
	d := campaign.Delivery{Seq: seq, ContactID: 1000 + seq, Status: campaign.Sent}
	switch {
	case seq%100 == 0:
		d.Status, d.Reason = campaign.Failed, outcome.BotBlocked
	case seq%7 == 0:
		d.Status, d.Reason = campaign.Failed, outcome.ContentRefused
	case seq%2 == 0:
		d.ClickedAt = noon
	}
	return d
}

func (c *crowd) Deliveries(
	_ context.Context, _ campaign.Campaign, statuses []campaign.Status, after int64, limit int,
) (all []campaign.Delivery, err error) {
	for seq := after + 1; seq <= c.n && len(all) < limit; seq++ {
		if d := c.at(seq); len(statuses) == 0 || slices.Contains(statuses, d.Status) {
			all = append(all, d)
		}
	}
	c.walked, c.most = c.walked+len(all), max(c.most, limit)
	return all, c.away
}

func (c *crowd) DeliveriesAt(_ context.Context, _ int64, seqs []int64) (all []campaign.Delivery, err error) {
	c.asked = seqs
	for _, seq := range seqs {
		all = append(all, c.at(seq))
	}
	return all, c.away
}

func (c *crowd) LanguagesOf(_ context.Context, _ int64, ids []int64) (map[int64]string, error) {
	of := map[int64]string{}
	for _, id := range ids {
		if language := []string{"", "uk", "en"}[id%3]; language != "" {
			of[id] = language
		}
	}
	return of, c.away
}

// A page looks through a bounded part, goes on where it ended, and passes nobody over.
func TestDeliveriesLookThroughABoundedPart(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := newCrowd(rapid.Int64Range(0, 60_000).Draw(t, "n"))
		limit := rapid.SampledFrom([]int{1, 50, 500}).Draw(t, "limit")
		f := rapid.SampledFrom([]campaign.DeliveryFilter{
			{Reasons: []outcome.Reason{outcome.BotBlocked}},
			{Reasons: []outcome.Reason{outcome.UserDeactivated}},
			{Reasons: []outcome.Reason{outcome.BotBlocked, outcome.ContentRefused}, Languages: []string{"uk"}},
			{Statuses: []campaign.Status{campaign.Sent}, Languages: []string{"", "en"}},
		}).Draw(t, "filter")
		var got, want []int64
		for after := int64(0); ; {
			c.walked = 0
			page, next, err := c.service().Deliveries(context.Background(), 1, 7, f, after, limit)
			require.NoError(t, err)
			require.LessOrEqual(t, c.walked, 10_000)
			require.LessOrEqual(t, len(page), limit)
			for _, d := range page {
				got = append(got, d.Seq)
			}
			if next == 0 {
				break
			}
			require.Greater(t, next, after)
			if after = next; len(got) > 2_000 {
				break // enough was compared
			}
		}
		for seq := int64(1); seq <= c.n && len(want) < len(got)+1; seq++ {
			d := c.at(seq)
			language := []string{"", "uk", "en"}[d.ContactID%3]
			if (len(f.Reasons) == 0 || slices.Contains(f.Reasons, d.Reason)) && (len(f.Languages) == 0 || slices.Contains(f.Languages, language)) &&
				(len(f.Statuses) == 0 || slices.Contains(f.Statuses, d.Status)) {
				want = append(want, seq)
			}
		}
		if len(got) > 2_000 {
			want = want[:len(got)]
		}
		require.Equal(t, want, got)
	})
}

// A division looks at all of a campaign that is small, and at some of a large one, at even
// distances, of whom it reckons the rest.
func TestDivision(t *testing.T) {
	t.Parallel()
	small := newCrowd(300)
	parts, err := small.service().Divide(t.Context(), 1, 7, campaign.ByLanguage)
	require.NoError(t, err)
	require.False(t, parts.About)
	require.Len(t, small.asked, 300)
	require.Len(t, parts.All, 3)
	var sum campaign.Tally
	for _, p := range parts.All {
		require.EqualValues(t, 100, p.Recipients)
		require.Equal(t, p.Recipients, p.Sent+p.Failed)
		sum.Failed += p.Failed
		sum.Clicked += p.Clicked
	}
	require.EqualValues(t, 300/100+300/7, sum.Failed)
	require.EqualValues(t, 300/2-300/14-3, sum.Clicked)

	large := newCrowd(1_000_000)
	parts, err = large.service().Divide(t.Context(), 1, 7, campaign.ByLanguage)
	require.NoError(t, err)
	require.True(t, parts.About)
	require.LessOrEqual(t, len(large.asked), 20_000)
	require.Greater(t, len(large.asked), 19_000)
	for _, p := range parts.All {
		require.InEpsilon(t, 333_333, p.Recipients, 0.02)
	}

	none, err := newCrowd(0).service().Divide(t.Context(), 1, 7, campaign.ByGroup)
	require.NoError(t, err)
	require.Empty(t, none.All)
	_, err = small.service().Divide(t.Context(), 1, 7, "weather")
	require.True(t, fault.Is(err, "division_unknown"), err)
	small.campaign.ForgottenAt = noon
	_, err = small.service().Divide(t.Context(), 1, 7, campaign.ByGroup)
	require.ErrorIs(t, err, campaign.ErrNotKept)
}
