package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/contact"
	"bellman/internal/dispatch"
	"bellman/internal/outcome"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
)

// A claim says of each recipient whether the chat gets messages now, also when two
// campaigns claim the same chats, whether chats are missing or not.
func TestAClaimSaysWhoGetsNoMessage(t *testing.T) {
	t.Parallel()
	for name, gone := range map[string]bool{"all chats are there": false, "one is missing": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, s *store.DB) {
				botID := connect(t, s, 5)
				campaigns := []int64{broadcast(t, s, botID, 6), broadcast(t, s, botID, 6)}
				lease := hold(t, s, "p")
				_, err := s.Ledgers.Adopt(t.Context(), botID, lease.Epoch, start)
				require.NoError(t, err)
				later, inactive := start.Add(time.Hour), true
				_, err = s.Contacts.ChangeChat(t.Context(), botID, 2, contact.ChatChange{MutedUntil: &later})
				require.NoError(t, err)
				_, err = s.Contacts.ChangeChat(t.Context(), botID, 3, contact.ChatChange{Inactive: &inactive})
				require.NoError(t, err)
				want := map[int64]outcome.Reason{1: "", 2: dispatch.ChatMuted, 3: dispatch.ChatInactive, 4: "", 5: "", 6: ""}
				if gone {
					store.ExecForTest(t, s, `DELETE FROM chats WHERE chat_id = 4`)
					want[4] = dispatch.ChatRemoved
				}
				step := dispatch.Step{Owner: "p", Number: 1, Now: start}
				for _, id := range campaigns {
					step.Campaigns = append(step.Campaigns, dispatch.CampaignStep{CampaignID: id, BotID: botID, Epoch: lease.Epoch, ClaimTo: 6})
				}
				claimed, err := s.Ledgers.Step(t.Context(), step)
				require.NoError(t, err)
				for _, c := range claimed {
					got := map[int64]outcome.Reason{}
					for _, r := range c.Recipients {
						got[r.ChatID] = r.Barred
					}
					require.Equal(t, want, got)
				}
				// Those who waited are looked at when they are claimed again.
				again := dispatch.Step{Owner: "p", Number: 2, Now: start}
				for i, c := range step.Campaigns {
					c.ClaimFrom, c.SettledSeq = 6, 6
					for _, r := range claimed[i].Recipients {
						c.Deferrals = append(c.Deferrals, dispatch.Deferral{Recipient: r, DueAt: start, Reason: "x"})
					}
					again.Campaigns = append(again.Campaigns, c)
				}
				_, err = s.Ledgers.Step(t.Context(), again)
				require.NoError(t, err)
				again.Number, again.Campaigns[0].Deferrals, again.Campaigns[1].Deferrals = 3, nil, nil
				again.Campaigns[0].ClaimDue, again.Campaigns[1].ClaimDue = 6, 6
				claimed, err = s.Ledgers.Step(t.Context(), again)
				require.NoError(t, err)
				for _, c := range claimed {
					got := map[int64]outcome.Reason{}
					for _, r := range c.Recipients {
						got[r.ChatID] = r.Barred
					}
					require.Equal(t, want, got)
				}
			})
		})
	}
}
