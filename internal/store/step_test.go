package store_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/bot"
	"bellman/internal/campaign"
	"bellman/internal/contact"
	"bellman/internal/dispatch"
	"bellman/internal/message"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
	"bellman/internal/workspace"
)

var start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func now() time.Time { return start }

const ttl = time.Minute

// connect stores a bot.
func connect(t testing.TB, s *store.DB, telegramID int64) int64 {
	t.Helper()
	b, err := s.Bots.Save(t.Context(), bot.Bot{WorkspaceID: 1, AppUUID: fmt.Sprintf("00000000-0000-4000-8000-%012d", telegramID),
		TelegramID: telegramID, Username: "b", Name: "b", SealedToken: []byte("x"), State: bot.Active, CreatedAt: start, UpdatedAt: start})
	require.NoError(t, err)
	return b.ID
}

// broadcast stores a campaign with n recipients, laid out.
func broadcast(t *testing.T, s *store.DB, botID int64, n int) int64 {
	t.Helper()
	tokens := make([]contact.Token, n)
	for i := range tokens {
		tokens[i] = contact.Token{ChatID: int64(i + 1), ExternalCustomerID: fmt.Sprint("c", i)}
	}
	_, err := contact.New(s.Contacts, now).AddTokens(t.Context(), workspace.Workspace{ID: 1}, botID, tokens)
	require.NoError(t, err)
	messages := message.New(s.Messages, nil, now)
	m, err := messages.Create(t.Context(), 1, "m", message.Text("hi"))
	require.NoError(t, err)
	campaigns := campaign.New(s.Campaigns, messages, now, func() {})
	c, err := campaigns.Create(t.Context(), campaign.Campaign{
		WorkspaceID: 1, BotID: botID, MessageID: m.ID, Name: "c", Audience: campaign.Audience{All: true},
	})
	require.NoError(t, err)
	_, err = campaigns.Launch(t.Context(), 1, c.ID, time.Time{})
	require.NoError(t, err)
	for more := true; more; {
		more, err = s.Campaigns.LayOut(t.Context(), c.ID, 7, start)
		require.NoError(t, err)
	}
	return c.ID
}

// hold takes leases for an owner and returns the first.
func hold(t *testing.T, s *store.DB, owner string) dispatch.Lease {
	t.Helper()
	held, _, err := s.Ledgers.HoldLeases(t.Context(), owner, start, ttl, true)
	require.NoError(t, err)
	require.NotEmpty(t, held)
	return held[0]
}

func TestLayoutNumbersEverybodyOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		id := broadcast(t, s, connect(t, s, 5), 50)
		c, l, err := s.Campaigns.Find(t.Context(), 1, id)
		require.NoError(t, err)
		require.Equal(t, campaign.Sending, c.State)
		require.True(t, c.Laid)
		require.Equal(t, campaign.Counts{Recipients: 50, Queued: 50}, campaign.CountsOf(c, l))
		got, err := s.Campaigns.Deliveries(t.Context(), c, nil, 0, 100)
		require.NoError(t, err)
		chats := map[int64]bool{}
		for i, d := range got {
			require.EqualValues(t, i+1, d.Seq)
			chats[d.ChatID] = true
		}
		require.Len(t, chats, 50)
	})
}

func TestStepClaimsSettlesAndCounts(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		id := broadcast(t, s, connect(t, s, 5), 10)
		lease := hold(t, s, "p")
		_, err := s.Ledgers.Adopt(t.Context(), lease.BotID, lease.Epoch, start)
		require.NoError(t, err)

		claim := dispatch.Step{Owner: "p", Number: 1, Now: start, Campaigns: []dispatch.CampaignStep{
			{CampaignID: id, BotID: lease.BotID, Epoch: lease.Epoch, ClaimTo: 6}}}
		first, err := s.Ledgers.Step(t.Context(), claim)
		require.NoError(t, err)
		require.Len(t, first[0].Recipients, 6)
		again, err := s.Ledgers.Step(t.Context(), claim)
		require.NoError(t, err)
		require.Equal(t, first, again, "a step whose commit was reported lost is applied once")

		rec := first[0].Recipients
		settle := dispatch.Step{Owner: "p", Number: 2, Now: start, Campaigns: []dispatch.CampaignStep{{
			CampaignID: id, BotID: lease.BotID, Epoch: lease.Epoch, ClaimFrom: 6, ClaimTo: 8, SettledSeq: 4,
			Outcomes: []dispatch.Outcome{
				{Recipient: rec[0], Status: dispatch.Sent, TelegramMessageID: 99, SettledAt: start},
				{Recipient: rec[1], Status: dispatch.Failed, Reason: "bot_blocked",
					Detail: "Forbidden: bot was \"blocked\"\x00", SettledAt: start},
				{Recipient: rec[2], Status: dispatch.Unknown, SettledAt: start},
			},
			Deferrals: []dispatch.Deferral{{Recipient: rec[3], DueAt: start.Add(time.Second), Reason: "too_many_requests"}},
			Removals:  []dispatch.Removal{{ChatID: rec[1].ChatID, Seq: rec[1].Seq}},
		}}}
		_, err = s.Ledgers.Step(t.Context(), settle)
		require.NoError(t, err)
		c, l, err := s.Campaigns.Find(t.Context(), 1, id)
		require.NoError(t, err)
		require.Equal(t, campaign.Counts{Recipients: 10, Queued: 3, Sending: 4, Sent: 1, Failed: 1, Unknown: 1}, campaign.CountsOf(c, l))
		for status, want := range map[campaign.Status][]int64{
			campaign.Queued: {4, 9, 10}, campaign.InFlight: {5, 6, 7, 8}, campaign.Sent: {1}, campaign.Failed: {2}, campaign.Unknown: {3},
		} {
			got, err := s.Campaigns.Deliveries(t.Context(), c, []campaign.Status{status}, 0, 100)
			require.NoError(t, err)
			var seqs []int64
			for _, d := range got {
				require.Equal(t, status, d.Status)
				seqs = append(seqs, d.Seq)
			}
			require.Equal(t, want, seqs, status)
		}
		b, err := s.Bots.Find(t.Context(), 1, lease.BotID)
		require.NoError(t, err)
		require.EqualValues(t, 9, b.Subscribers)

		due := dispatch.Step{Owner: "p", Number: 3, Now: start.Add(2 * time.Second), Campaigns: []dispatch.CampaignStep{{
			CampaignID: id, BotID: lease.BotID, Epoch: lease.Epoch, ClaimFrom: 8, ClaimTo: 8, SettledSeq: 4, ClaimDue: 5}}}
		got, err := s.Ledgers.Step(t.Context(), due)
		require.NoError(t, err)
		require.Equal(t, []dispatch.Recipient{{Seq: 4, ChatID: 4, ContactID: rec[3].ContactID, Deferred: true}}, got[0].Recipients)
		repeated, err := s.Ledgers.Step(t.Context(), due)
		require.NoError(t, err)
		require.Equal(t, got, repeated)

		_, err = s.Ledgers.Step(t.Context(), dispatch.Step{Owner: "p", Number: 4, Now: start, Campaigns: []dispatch.CampaignStep{{
			CampaignID: id, BotID: lease.BotID, Epoch: lease.Epoch, ClaimFrom: 8, ClaimTo: 8, SettledSeq: 4,
			Outcomes: []dispatch.Outcome{{Recipient: rec[0], Status: dispatch.Sent, SettledAt: start}}}}})
		require.Error(t, err, "a second outcome for a recipient is loud")
	})
}

func TestTakeoverFencesAndAccountsForTheWire(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		id := broadcast(t, s, connect(t, s, 5), 10)
		old := hold(t, s, "old")
		_, err := s.Ledgers.Adopt(t.Context(), old.BotID, old.Epoch, start)
		require.NoError(t, err)
		claimed, err := s.Ledgers.Step(t.Context(), dispatch.Step{Owner: "old", Number: 1, Now: start, Campaigns: []dispatch.CampaignStep{
			{CampaignID: id, BotID: old.BotID, Epoch: old.Epoch, ClaimTo: 4}}})
		require.NoError(t, err)
		require.NoError(t, s.Ledgers.ReleaseLeases(t.Context(), "old", []dispatch.Lease{old}))
		require.NoError(t, s.Ledgers.LeaveSenders(t.Context(), "old"))

		fresh := hold(t, s, "new")
		require.Greater(t, fresh.Epoch, old.Epoch)
		unknown, err := s.Ledgers.Adopt(t.Context(), fresh.BotID, fresh.Epoch, start)
		require.NoError(t, err)
		require.EqualValues(t, 4, unknown)

		_, _, err = s.Ledgers.HoldLeases(t.Context(), "old", start, ttl, true)
		require.NoError(t, err)
		late, err := s.Ledgers.Step(t.Context(), dispatch.Step{Owner: "old", Number: 1, Now: start, Campaigns: []dispatch.CampaignStep{
			{CampaignID: id, BotID: old.BotID, Epoch: old.Epoch, ClaimFrom: 4, ClaimTo: 8, SettledSeq: 1,
				Outcomes: []dispatch.Outcome{{Recipient: claimed[0].Recipients[0], Status: dispatch.Sent, SettledAt: start}}}}})
		require.NoError(t, err)
		require.True(t, late[0].Fenced)
		require.Empty(t, late[0].Recipients)
		c, l, err := s.Campaigns.Find(t.Context(), 1, id)
		require.NoError(t, err)
		require.Equal(t, campaign.Counts{Recipients: 10, Queued: 6, Unknown: 4}, campaign.CountsOf(c, l))
	})
}

func TestSendersShareTheBotsEvenly(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		for i := range 7 {
			connect(t, s, int64(i+1))
		}
		held := map[string]int{}
		for range 4 {
			for _, owner := range []string{"a", "b", "c"} {
				leases, surplus, err := s.Ledgers.HoldLeases(t.Context(), owner, start, ttl, true)
				require.NoError(t, err)
				require.NoError(t, s.Ledgers.ReleaseLeases(t.Context(), owner, leases[:surplus]))
				held[owner] = len(leases) - surplus
			}
		}
		require.Equal(t, map[string]int{"a": 3, "b": 2, "c": 2}, held)
	})
}

// Many processes that compete for one bot's campaign claim each recipient once.
func TestNobodyIsClaimedTwice(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		const people, owners = 200, 6
		id := broadcast(t, s, connect(t, s, 5), people)
		lease := hold(t, s, "p0")
		for i := 1; i < owners; i++ {
			_, _, err := s.Ledgers.HoldLeases(t.Context(), fmt.Sprint("p", i), start, ttl, true)
			require.NoError(t, err)
		}
		_, err := s.Ledgers.Adopt(t.Context(), lease.BotID, lease.Epoch, start)
		require.NoError(t, err)
		var mu sync.Mutex
		seen := map[int64]int{}
		var wait sync.WaitGroup
		for i := range owners {
			wait.Go(func() {
				for n := int64(1); ; n++ {
					work, err := s.Ledgers.Work(t.Context(), "p0")
					if err != nil || len(work) == 0 || work[0].ClaimedSeq == people {
						return
					}
					from := work[0].ClaimedSeq
					got, err := s.Ledgers.Step(t.Context(), dispatch.Step{
						Owner: fmt.Sprint("p", i), Number: n, Now: start, Campaigns: []dispatch.CampaignStep{
							{CampaignID: id, BotID: lease.BotID, Epoch: lease.Epoch, ClaimFrom: from, ClaimTo: min(from+3, people)}}})
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					for _, r := range got[0].Recipients {
						seen[r.Seq]++
					}
					mu.Unlock()
				}
			})
		}
		wait.Wait()
		require.Len(t, seen, people)
		for seq, n := range seen {
			require.Equal(t, 1, n, "seq %d", seq)
		}
	})
}

func TestDeliveryPagesAreOrdered(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		id := broadcast(t, s, connect(t, s, 5), 23)
		c, _, err := s.Campaigns.Find(t.Context(), 1, id)
		require.NoError(t, err)
		var after int64
		total := 0
		for {
			page, err := s.Campaigns.Deliveries(t.Context(), c, []campaign.Status{campaign.Queued}, after, 5)
			require.NoError(t, err)
			if len(page) == 0 {
				break
			}
			for _, d := range page {
				require.Greater(t, d.Seq, after)
				after = d.Seq
			}
			total += len(page)
		}
		require.Equal(t, 23, total)
	})
}

func TestCampaignsPage(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		b := connect(t, s, 5)
		first, second := broadcast(t, s, b, 1), broadcast(t, s, b, 1)
		all, _, _, err := s.Campaigns.List(t.Context(), 1, campaign.Filter{Limit: 10})
		require.NoError(t, err)
		require.Equal(t, second, all[0].ID)
		all, _, _, err = s.Campaigns.List(t.Context(), 1, campaign.Filter{After: &campaign.Place{ID: second}, Limit: 10})
		require.NoError(t, err)
		require.Equal(t, first, all[0].ID)
		require.Len(t, all, 1)
	})
}
