package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/dispatch"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
)

// A recipient that is deferred again keeps the id that its group got when it became
// a supergroup; everything else follows the latest deferral.
func TestDeferralKeepsTheNewID(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		const fresh = -100_001
		id := broadcast(t, s, connect(t, s, 5), 1)
		lease := hold(t, s, "p")
		_, err := s.Ledgers.Adopt(t.Context(), lease.BotID, lease.Epoch, start)
		require.NoError(t, err)
		at, number := start, int64(0)
		step := func(c dispatch.CampaignStep) []dispatch.Recipient {
			t.Helper()
			number++
			at = at.Add(time.Second)
			c.CampaignID, c.BotID, c.Epoch = id, lease.BotID, lease.Epoch
			got, err := s.Ledgers.Step(t.Context(), dispatch.Step{Owner: "p", Number: number, Now: at, Campaigns: []dispatch.CampaignStep{c}})
			require.NoError(t, err)
			return got[0].Recipients
		}
		deferred := func(d dispatch.Deferral) dispatch.Recipient {
			t.Helper()
			d.DueAt = at
			step(dispatch.CampaignStep{ClaimFrom: 1, ClaimTo: 1, SettledSeq: 1, Deferrals: []dispatch.Deferral{d}})
			claimed := step(dispatch.CampaignStep{ClaimFrom: 1, ClaimTo: 1, SettledSeq: 1, ClaimDue: 1})
			require.Len(t, claimed, 1)
			return claimed[0]
		}
		first := step(dispatch.CampaignStep{ClaimTo: 1})[0]
		moved := deferred(dispatch.Deferral{Recipient: first, MigrateTo: fresh, Reason: "migrated"})
		require.EqualValues(t, fresh, moved.ChatID)
		again := moved
		again.Attempts = 3
		for range 2 {
			got := deferred(dispatch.Deferral{Recipient: again, Reason: "server_error"})
			require.EqualValues(t, fresh, got.ChatID)
			require.EqualValues(t, 3, got.Attempts)
			again = got
		}
		again.Lost = true
		require.True(t, deferred(dispatch.Deferral{Recipient: again, Reason: "answer_lost"}).Lost)
	})
}
