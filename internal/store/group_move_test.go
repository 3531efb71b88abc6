package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/dispatch"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
)

// Whatever new ids a server gives to groups in one step, the database takes them,
// because a step that fails holds all bots up.
//
// spec: tg-migrate
func TestGroupsThatMoveAtOnce(t *testing.T) {
	t.Parallel()
	const fresh, other = -100_000, -200_000
	for name, tt := range map[string]struct {
		// moves are the new ids of chats, by campaign: each has the chats 1 to 3.
		moves [2]map[int64]int64
		// left are the chats that are on record afterwards.
		left []int64
	}{
		"two have one id":              {[2]map[int64]int64{{1: fresh, 2: fresh}}, []int64{3, fresh}},
		"two campaigns say so":         {[2]map[int64]int64{{1: fresh}, {2: fresh}}, []int64{3, fresh}},
		"one has another's old id":     {[2]map[int64]int64{{1: 2, 2: fresh}}, []int64{3, fresh}},
		"one is said to have two":      {[2]map[int64]int64{{1: fresh}, {1: other}}, []int64{2, 3, other}},
		"one is said to have two, and": {[2]map[int64]int64{{1: fresh, 2: other}, {1: other}}, []int64{3, other}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, s *store.DB) {
				botID := connect(t, s, 5)
				ids := []int64{broadcast(t, s, botID, 3), broadcast(t, s, botID, 3)}
				lease := hold(t, s, "p")
				_, err := s.Ledgers.Adopt(t.Context(), botID, lease.Epoch, start)
				require.NoError(t, err)
				claim, settle := make([]dispatch.CampaignStep, 2), make([]dispatch.CampaignStep, 2)
				for i, id := range ids {
					claim[i] = dispatch.CampaignStep{CampaignID: id, BotID: botID, Epoch: lease.Epoch, ClaimTo: 3}
					settle[i] = dispatch.CampaignStep{CampaignID: id, BotID: botID, Epoch: lease.Epoch, ClaimFrom: 3, ClaimTo: 3}
				}
				claimed, err := s.Ledgers.Step(t.Context(), dispatch.Step{Owner: "p", Number: 1, Now: start, Campaigns: claim})
				require.NoError(t, err)
				for i, c := range claimed {
					for _, rec := range c.Recipients {
						settle[i].Deferrals = append(settle[i].Deferrals, dispatch.Deferral{
							Recipient: rec, DueAt: start, Reason: "group_migrated", MigrateTo: tt.moves[i][rec.ChatID],
						})
					}
				}
				_, err = s.Ledgers.Step(t.Context(), dispatch.Step{Owner: "p", Number: 2, Now: start, Campaigns: settle})
				require.NoError(t, err)

				chats, err := s.Triggers.Reach(t.Context(), 1, botID, nil, []int64{1, 2, 3, fresh, other})
				require.NoError(t, err)
				var left []int64
				for _, c := range chats {
					left = append(left, c.ChatID)
				}
				require.ElementsMatch(t, tt.left, left)
				b, err := s.Bots.Find(t.Context(), 1, botID)
				require.NoError(t, err)
				require.EqualValues(t, len(left), b.Subscribers)
			})
		})
	}
}
