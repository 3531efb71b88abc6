package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/campaign"
	"bellman/internal/dispatch"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
)

func TestPaceIsMeasuredOverTheLastSeconds(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		id := broadcast(t, s, connect(t, s, 5), 100)
		lease := hold(t, s, "p")
		_, err := s.Ledgers.Adopt(t.Context(), lease.BotID, lease.Epoch, start)
		require.NoError(t, err)
		_, l, err := s.Campaigns.Find(t.Context(), 1, id)
		require.NoError(t, err)
		require.Zero(t, l.PaceFrom, "nothing was written yet")

		begun := start.Add(time.Minute)
		claimed, err := s.Ledgers.Step(t.Context(), dispatch.Step{Owner: "p", Number: 1, Now: begun, Campaigns: []dispatch.CampaignStep{
			{CampaignID: id, BotID: lease.BotID, Epoch: lease.Epoch, ClaimTo: 100}}})
		require.NoError(t, err)
		open := claimed[0].Recipients
		var done int64
		for i, at := range []struct {
			// At this second, settle recipients are settled. Afterwards the pace
			// counts from the second from, at which done recipients were done.
			second, settle, from, done int64
		}{
			{1, 10, 0, 0},
			{4, 10, 0, 0},
			{5, 10, 0, 0}, // the later moment moves here, where 20 are done
			{9, 5, 0, 0},
			{10, 5, 5, 20},
			{14, 5, 5, 20},
			{16, 5, 10, 35},
			{25, 5, 16, 45},
			{40, 5, 40, 55}, // after a gap both moments are set anew
			{41, 5, 40, 55},
			{45, 5, 40, 55},
			{51, 5, 45, 65},
		} {
			moment := begun.Add(time.Duration(at.second) * time.Second)
			step := dispatch.CampaignStep{CampaignID: id, BotID: lease.BotID, Epoch: lease.Epoch, ClaimFrom: 100, ClaimTo: 100}
			for _, rec := range open[:at.settle] {
				step.Outcomes = append(step.Outcomes, dispatch.Outcome{Recipient: rec, Status: dispatch.Sent, SettledAt: moment})
			}
			open, done = open[at.settle:], done+at.settle
			step.SettledSeq = done
			_, err := s.Ledgers.Step(t.Context(), dispatch.Step{
				Owner: "p", Number: int64(i + 2), Now: moment, Campaigns: []dispatch.CampaignStep{step},
			})
			require.NoError(t, err)
			_, l, err := s.Campaigns.Find(t.Context(), 1, id)
			require.NoError(t, err)
			require.Equal(t, done, l.Done())
			require.Equal(t, begun.Add(time.Duration(at.from)*time.Second), l.PaceFrom, "second %d", at.second)
			require.Equal(t, at.done, l.PaceDone, "second %d", at.second)
		}
	})
}

func TestQueues(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		bot := connect(t, s, 5)
		first, second := broadcast(t, s, bot, 10), broadcast(t, s, bot, 10)
		lease := hold(t, s, "p")
		_, err := s.Ledgers.Adopt(t.Context(), lease.BotID, lease.Epoch, start)
		require.NoError(t, err)
		claimed, err := s.Ledgers.Step(t.Context(), dispatch.Step{Owner: "p", Number: 1, Now: start, Campaigns: []dispatch.CampaignStep{
			{CampaignID: first, BotID: bot, Epoch: lease.Epoch, ClaimTo: 6},
			{CampaignID: second, BotID: bot, Epoch: lease.Epoch, ClaimTo: 10}}})
		require.NoError(t, err)
		queues, err := s.Campaigns.Queues(t.Context())
		require.NoError(t, err)
		require.Equal(t, []campaign.Queue{{CampaignID: first, Kind: campaign.Broadcast, LaidSeq: 10, ClaimedSeq: 6, LaunchedAt: start}}, queues,
			"the second has nobody who waits")

		_, err = s.Ledgers.Step(t.Context(), dispatch.Step{Owner: "p", Number: 2, Now: start, Campaigns: []dispatch.CampaignStep{
			{CampaignID: second, BotID: bot, Epoch: lease.Epoch, ClaimFrom: 10, ClaimTo: 10,
				Deferrals: []dispatch.Deferral{{Recipient: claimed[1].Recipients[3], DueAt: start.Add(time.Hour), Reason: "chat_pace"}}}}})
		require.NoError(t, err)
		_, _, err = s.Campaigns.Change(t.Context(), 1, first, func(c *campaign.Campaign) error {
			c.State = campaign.Paused
			return nil
		})
		require.NoError(t, err)
		queues, err = s.Campaigns.Queues(t.Context())
		require.NoError(t, err)
		require.Equal(t, []campaign.Queue{
			{CampaignID: second, Kind: campaign.Broadcast, LaidSeq: 10, ClaimedSeq: 10, Waiting: 1, LaunchedAt: start},
		}, queues,
			"the first is paused, and one of the second was put off")
		require.EqualValues(t, 1, queues[0].Depth())
	})
}
