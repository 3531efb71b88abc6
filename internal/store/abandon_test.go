package store_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/campaign"
	"bellman/internal/dispatch"
	"bellman/internal/outcome"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
)

// What a sender abandons is accounted for under the reason, once; what it writes
// afterwards counts no more, and the campaign goes on where it was.
func TestAbandon(t *testing.T) {
	t.Parallel()
	for name, whole := range map[string]bool{"a bot": true, "a campaign": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, s *store.DB) {
				botID := connect(t, s, 5)
				id, other := broadcast(t, s, botID, 10), broadcast(t, s, botID, 10)
				lease := hold(t, s, "p")
				_, err := s.Ledgers.Adopt(t.Context(), botID, lease.Epoch, start)
				require.NoError(t, err)
				number := int64(0)
				step := func(c ...dispatch.CampaignStep) []dispatch.Claimed {
					t.Helper()
					number++
					for i := range c {
						c[i].BotID, c[i].Epoch = botID, lease.Epoch
					}
					got, err := s.Ledgers.Step(t.Context(), dispatch.Step{Owner: "p", Number: number, Now: start, Campaigns: c})
					require.NoError(t, err)
					return got
				}
				rec := step(dispatch.CampaignStep{CampaignID: id, ClaimTo: 6}, dispatch.CampaignStep{CampaignID: other, ClaimTo: 4})[0].Recipients
				step(dispatch.CampaignStep{CampaignID: id, ClaimFrom: 6, ClaimTo: 6, SettledSeq: 1,
					Outcomes:  []dispatch.Outcome{{Recipient: rec[0], Status: dispatch.Sent, SettledAt: start}},
					Deferrals: []dispatch.Deferral{{Recipient: rec[3], DueAt: start, Reason: "too_many_requests"}}})

				a := dispatch.Abandonment{BotID: botID, Epoch: lease.Epoch, CampaignID: id, Reason: outcome.NotWritten, Detail: "why", Now: start}
				want := campaign.Counts{Recipients: 10, Queued: 5, Sent: 1, Unknown: 4}
				unknown := int64(4)
				if whole {
					a.CampaignID, a.Reason, unknown = 0, outcome.StopWaited, 8
				}
				early := a
				early.Epoch--
				n, err := s.Ledgers.Abandon(t.Context(), early)
				require.NoError(t, err)
				require.Zero(t, n, "another sender's")
				n, err = s.Ledgers.Abandon(t.Context(), a)
				require.NoError(t, err)
				require.Equal(t, unknown, n)

				c, l, err := s.Campaigns.Find(t.Context(), 1, id)
				require.NoError(t, err)
				require.Equal(t, want, campaign.CountsOf(c, l))
				rows, err := s.Campaigns.Deliveries(t.Context(), c, []campaign.Status{campaign.Unknown}, 0, 10)
				require.NoError(t, err)
				require.Len(t, rows, 4)
				require.Equal(t, a.Reason, rows[0].Reason)
				state, reason := campaign.Paused, outcome.NotWritten
				if whole {
					state, reason = campaign.Sending, ""
				}
				require.Equal(t, state, c.State)
				require.Equal(t, reason, c.StateReason)
				c, l, err = s.Campaigns.Find(t.Context(), 1, other)
				require.NoError(t, err)
				require.Equal(t, campaign.Sending, c.State)
				require.Equal(t, map[bool]int64{true: 4}[whole], campaign.CountsOf(c, l).Unknown)

				late := step(dispatch.CampaignStep{CampaignID: id, ClaimFrom: 6, ClaimTo: 6, SettledSeq: 6,
					Outcomes: []dispatch.Outcome{{Recipient: rec[1], Status: dispatch.Sent, SettledAt: start}}})
				require.True(t, late[0].Fenced)
				n, err = s.Ledgers.Adopt(t.Context(), botID, lease.Epoch, start)
				require.NoError(t, err)
				require.Zero(t, n, "all is accounted for")
			})
		})
	}
}

// A step that would be refused again is told from one that the database could not
// take just then.
func TestUnwritableSteps(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		botID := connect(t, s, 5)
		id := broadcast(t, s, botID, 3)
		lease := hold(t, s, "p")
		_, err := s.Ledgers.Adopt(t.Context(), botID, lease.Epoch, start)
		require.NoError(t, err)
		c := dispatch.CampaignStep{CampaignID: id, BotID: botID, Epoch: lease.Epoch, ClaimTo: 3}
		step := dispatch.Step{Owner: "p", Number: 1, Now: start, Campaigns: []dispatch.CampaignStep{c}}
		got, err := s.Ledgers.Step(t.Context(), step)
		require.NoError(t, err)
		twice := dispatch.Outcome{Recipient: got[0].Recipients[0], Status: dispatch.Sent, SettledAt: start}
		c.ClaimFrom, c.Outcomes = 3, []dispatch.Outcome{twice, twice}
		step.Number, step.Campaigns = 2, []dispatch.CampaignStep{c}
		_, err = s.Ledgers.Step(t.Context(), step)
		require.ErrorIs(t, err, dispatch.ErrUnwritable)

		c.Outcomes = c.Outcomes[:1]
		c.Outcomes[0].Detail = strings.Repeat("\x00\xff", 10)
		step.Campaigns = []dispatch.CampaignStep{c}
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		_, err = s.Ledgers.Step(ended, step)
		require.Error(t, err)
		require.NotErrorIs(t, err, dispatch.ErrUnwritable)
		step.Owner = "nobody"
		_, err = s.Ledgers.Step(t.Context(), step)
		require.Error(t, err)
		require.NotErrorIs(t, err, dispatch.ErrUnwritable)
		step.Owner = "p"
		_, err = s.Ledgers.Step(t.Context(), step)
		require.NoError(t, err, "the refused one has used no number up")
	})
}
