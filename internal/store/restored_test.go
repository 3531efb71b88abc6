package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/access"
	"bellman/internal/campaign"
	"bellman/internal/dispatch"
	"bellman/internal/fault"
	"bellman/internal/outcome"
	"bellman/internal/seal"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
	"bellman/internal/webhook"
)

// TestRestoredRepeatsNothing takes a database in the middle of everything for a
// backup: what may have happened after it waits for a person, and what comes then
// goes out.
func TestRestoredRepeatsNothing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		ctx := t.Context()
		botID, messageID := connect(t, s, 5), note(t, s)
		going := broadcast(t, s, botID, 3)
		lease := hold(t, s, "p")
		require.NoError(t, s.Triggers.Append(ctx, appended(botID, messageID, 3)))
		_, err := s.Ledgers.Adopt(ctx, botID, lease.Epoch, start)
		require.NoError(t, err)
		work, err := s.Ledgers.Work(ctx, "p")
		require.NoError(t, err)
		require.Len(t, work, 2)
		sends := work[1]
		// Of three triggered recipients one is claimed, and one deferred.
		step := dispatch.CampaignStep{CampaignID: sends.CampaignID, BotID: botID, Epoch: lease.Epoch, ClaimFrom: 0, ClaimTo: 2}
		got, err := s.Ledgers.Step(ctx, dispatch.Step{Owner: "p", Number: 1, Now: start, Campaigns: []dispatch.CampaignStep{step}})
		require.NoError(t, err)
		step = dispatch.CampaignStep{CampaignID: sends.CampaignID, BotID: botID, Epoch: lease.Epoch, ClaimFrom: 2, ClaimTo: 2,
			Deferrals: []dispatch.Deferral{{Recipient: got[0].Recipients[0], DueAt: start, Reason: outcome.TooManyRequests}}}
		_, err = s.Ledgers.Step(ctx, dispatch.Step{Owner: "p", Number: 2, Now: start, Campaigns: []dispatch.CampaignStep{step}})
		require.NoError(t, err)
		hookID, err := s.Webhooks.NextWebhookID(ctx)
		require.NoError(t, err)
		err = s.Webhooks.CreateWebhook(ctx, webhook.Webhook{
			ID: hookID, WorkspaceID: 1, Name: "CRM", URL: "https://crm.example", State: webhook.Active,
			Statuses: []outcome.Activity{outcome.Lost}, CreatedAt: start, UpdatedAt: start,
		}, func([]webhook.Webhook) error { return nil })
		require.NoError(t, err)

		people := access.NewPeople(s.People, func() time.Time { return start }, seal.Of(seal.NewKey()))
		link, err := people.CreateByCommand(ctx, "o@x.test", "", access.Grant{WorkspaceID: 1, Role: access.Owner})
		require.NoError(t, err)
		entry, err := people.Accept(ctx, link, access.Answer{Proof: access.Proof{Password: "seven lamps under water"}}, access.Visit{})
		require.NoError(t, err)
		link, err = people.ResetByCommand(ctx, "o@x.test", false)
		require.NoError(t, err)

		_, err = s.Installation.Restored(ctx, start)
		require.Equal(t, fault.Conflict, fault.KindOf(err), "a process sends: %v", err)
		require.NoError(t, s.Ledgers.ForgetSenders(ctx))
		done, err := s.Installation.Restored(ctx, start)
		require.NoError(t, err)
		require.Equal(t, []store.Named{{ID: going, Name: done.Paused[0].Name}}, done.Paused)
		require.Equal(t, []store.Named{{ID: sends.CampaignID, Name: "m", Count: 3}}, done.Unknown)
		require.Equal(t, []store.Named{{ID: hookID, Name: "CRM"}}, done.Webhooks)
		require.Empty(t, done.Drafted)
		require.Equal(t, []int64{1, 1}, []int64{done.Sessions, done.Links})
		_, err = people.Resume(ctx, entry.Token, 0)
		require.Equal(t, fault.Unauthorized, fault.KindOf(err), "a session that may have ended since")
		_, err = people.Look(ctx, link)
		require.ErrorIs(t, err, access.ErrLink, "a link that may have been used since")

		// What was given after the backup is not given again.
		nextHook, err := s.Webhooks.NextWebhookID(ctx)
		require.NoError(t, err)
		require.Greater(t, nextHook, hookID+1_000_000)
		require.Greater(t, note(t, s), messageID+1_000_000)

		c, _, err := s.Campaigns.Find(ctx, 1, going)
		require.NoError(t, err)
		require.Equal(t, campaign.Paused, c.State)
		require.Equal(t, outcome.Restored, c.StateReason)
		c, ledger, err := s.Campaigns.Find(ctx, 1, sends.CampaignID)
		require.NoError(t, err)
		require.Equal(t, campaign.Sending, c.State, "triggered messages are not paused")
		require.EqualValues(t, 3, ledger.Unknown)
		paused, err := s.Webhooks.Webhook(ctx, 1, hookID)
		require.NoError(t, err)
		require.Equal(t, webhook.Paused, paused.State)
		require.Equal(t, outcome.Restored, paused.StateReason)

		lease = hold(t, s, "q")
		unknown, err := s.Ledgers.Adopt(ctx, botID, lease.Epoch, start.Add(time.Second))
		require.NoError(t, err)
		require.Zero(t, unknown, "all are accounted for")
		work, err = s.Ledgers.Work(ctx, "q")
		require.NoError(t, err)
		require.Empty(t, work, "nothing goes out again")
		require.NoError(t, s.Triggers.Append(ctx, appended(botID, messageID, 1)))
		work, err = s.Ledgers.Work(ctx, "q")
		require.NoError(t, err)
		require.Len(t, work, 1, "a new message does")
		require.EqualValues(t, 3, work[0].ClaimedSeq)
		require.EqualValues(t, 4, work[0].LaidSeq)

		require.NoError(t, s.Ledgers.ForgetSenders(ctx))
		again, err := s.Installation.Restored(ctx, start)
		require.NoError(t, err)
		require.Empty(t, again.Paused)
		require.Len(t, again.Unknown, 1)
		require.EqualValues(t, 1, again.Unknown[0].Count)
	})
}
