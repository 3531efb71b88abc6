package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/contact"
	"bellman/internal/dispatch"
	"bellman/internal/outcome"
	"bellman/internal/report"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
	"bellman/internal/workspace"
)

// What a step records is in the sums of its quarter of an hour, by what it belongs to; what is asked for is what is
// answered. That the sums agree with the rows is judged at the end of every test ([storetest.Judge]).
func TestStats(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		botID := connect(t, s, 5)
		id := broadcast(t, s, botID, 6)
		lease := hold(t, s, "a")
		_, err := s.Ledgers.Adopt(t.Context(), lease.BotID, lease.Epoch, start)
		require.NoError(t, err)
		step := func(n int64, at time.Time, c dispatch.CampaignStep) []dispatch.Recipient {
			c.CampaignID, c.BotID, c.Epoch = id, botID, lease.Epoch
			got, err := s.Ledgers.Step(t.Context(), dispatch.Step{Owner: "a", Number: n, Now: at, Campaigns: []dispatch.CampaignStep{c}})
			require.NoError(t, err)
			return got[0].Recipients
		}
		rec := step(1, start, dispatch.CampaignStep{ClaimTo: 6})
		require.Len(t, rec, 6)
		first := report.QuarterOf(start)
		later := first.Add(report.Quarter)
		settle := func(r dispatch.Recipient, status dispatch.Status, reason outcome.Reason, at time.Time) dispatch.Outcome {
			return dispatch.Outcome{Recipient: r, Status: status, Reason: reason, SettledAt: at}
		}
		step(2, later, dispatch.CampaignStep{ClaimFrom: 6, ClaimTo: 6, SettledSeq: 6, Outcomes: []dispatch.Outcome{
			settle(rec[0], dispatch.Sent, "", first), settle(rec[1], dispatch.Sent, "", later), settle(rec[2], dispatch.Sent, "", later),
			settle(rec[3], dispatch.Failed, outcome.BotBlocked, later), settle(rec[4], dispatch.Failed, outcome.ChatNotFound, later),
			settle(rec[5], dispatch.Skipped, outcome.ChatMuted, later),
		}, Removals: []dispatch.Removal{{ChatID: rec[3].ChatID, Seq: rec[3].Seq}}})

		spans := []report.Span{{From: first, To: later}, {From: later, To: later.Add(report.Quarter)}}
		stats := func(f report.Filter, by ...report.Dimension) []report.Count {
			counts, err := s.Reports.Stats(t.Context(), 1, spans, f, by)
			require.NoError(t, err)
			return counts
		}
		require.ElementsMatch(t, []report.Count{
			{Place: 0, What: report.Sent, N: 1}, {Place: 0, What: report.Subscribed, N: 6},
			{Place: 1, What: report.Sent, N: 2}, {Place: 1, What: report.Failed, Reason: outcome.BotBlocked, N: 1},
			{Place: 1, What: report.Failed, Reason: outcome.ChatNotFound, N: 1},
			{Place: 1, What: report.Skipped, Reason: outcome.ChatMuted, N: 1}, {Place: 1, What: report.Left, N: 1},
		}, stats(report.Filter{}))
		c, _, err := s.Campaigns.Find(t.Context(), 1, id)
		require.NoError(t, err)
		require.ElementsMatch(t, []report.Count{
			{Place: 0, BotID: botID, MessageID: c.MessageID, Kind: "broadcast", What: report.Sent, N: 1},
			{Place: 1, BotID: botID, MessageID: c.MessageID, Kind: "broadcast", What: report.Sent, N: 2},
			{Place: 1, BotID: botID, MessageID: c.MessageID, Kind: "broadcast", What: report.Failed, Reason: outcome.BotBlocked, N: 1},
			{Place: 1, BotID: botID, MessageID: c.MessageID, Kind: "broadcast", What: report.Failed, Reason: outcome.ChatNotFound, N: 1},
			{Place: 1, BotID: botID, MessageID: c.MessageID, Kind: "broadcast", What: report.Skipped, Reason: outcome.ChatMuted, N: 1},
		}, stats(report.Filter{BotID: botID, MessageID: c.MessageID, Kind: "broadcast"}, report.Dimensions...))
		require.Empty(t, stats(report.Filter{BotID: botID + 1}))
		require.Empty(t, stats(report.Filter{MessageID: c.MessageID + 1}))
		require.Empty(t, stats(report.Filter{Kind: "triggered"}))
		counts, err := s.Reports.Stats(t.Context(), 2, spans, report.Filter{}, nil)
		require.NoError(t, err)
		require.Empty(t, counts, "another workspace has its own")
	})
}

// Sums of spans of unlike lengths are those of their own quarters.
func TestStatsOfUnlikeSpans(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		id := connect(t, s, 5)
		first := report.QuarterOf(start)
		var spans []report.Span
		at := first
		for i, quarters := range []int{96, 92, 100, 96} { // days, two of which are those of a change of the clock
			end := at.Add(time.Duration(quarters) * report.Quarter)
			spans = append(spans, report.Span{From: at, To: end})
			for n, moment := range []time.Time{at, end.Add(-time.Millisecond)} {
				clock := func() time.Time { return moment }
				_, err := contact.New(s.Contacts, clock).AddTokens(t.Context(), workspace.Workspace{ID: 1}, id, []contact.Token{
					{ChatID: int64(10*i + n + 1), ExternalCustomerID: fmt.Sprint(i, n)}})
				require.NoError(t, err)
			}
			at = end
		}
		counts, err := s.Reports.Stats(t.Context(), 1, spans, report.Filter{}, nil)
		require.NoError(t, err)
		subscribed := map[int]int64{}
		for _, c := range counts {
			require.Equal(t, report.Subscribed, c.What)
			subscribed[c.Place] += c.N
		}
		require.Equal(t, map[int]int64{0: 2, 1: 2, 2: 2, 3: 2}, subscribed)
	})
}
