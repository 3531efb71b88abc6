package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"bellman/internal/campaign"
	"bellman/internal/dispatch"
	"bellman/internal/message"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
)

// appended is an append of n messages, to the chats 1 to n.
func appended(botID, messageID int64, n int) campaign.Append {
	a := campaign.Append{
		WorkspaceID: 1, BotID: botID, MessageID: messageID, Name: "m", Content: `{"text":"hi"}`, Period: "2026-01", Now: start,
		Settled: func(context.Context, []campaign.Accepted) error { return nil },
	}
	for i := range n {
		a.Messages = append(a.Messages, campaign.Appended{Chat: campaign.Chat{ChatID: int64(i + 1), ContactID: 1}, RequestID: uuid.NewString()})
	}
	return a
}

func note(t *testing.T, s *store.DB) int64 {
	t.Helper()
	m, err := message.New(s.Messages, nil, now).Create(t.Context(), 1, "m", message.Text("hi"))
	require.NoError(t, err)
	return m.ID
}

// settle claims and settles all recipients of a campaign.
func settle(t *testing.T, s *store.DB, w dispatch.Work, number int64) {
	t.Helper()
	got, err := s.Ledgers.Step(t.Context(), dispatch.Step{Owner: "p", Number: number, Now: start, Campaigns: []dispatch.CampaignStep{
		{CampaignID: w.CampaignID, BotID: w.BotID, Epoch: w.Epoch, ClaimFrom: w.ClaimedSeq, ClaimTo: w.LaidSeq}}})
	require.NoError(t, err)
	step := dispatch.CampaignStep{
		CampaignID: w.CampaignID, BotID: w.BotID, Epoch: w.Epoch, ClaimFrom: w.LaidSeq, ClaimTo: w.LaidSeq, SettledSeq: w.LaidSeq,
	}
	for _, r := range got[0].Recipients {
		step.Outcomes = append(step.Outcomes, dispatch.Outcome{Recipient: r, Status: dispatch.Sent, SettledAt: start})
	}
	_, err = s.Ledgers.Step(t.Context(), dispatch.Step{Owner: "p", Number: number + 1, Now: start, Campaigns: []dispatch.CampaignStep{step}})
	require.NoError(t, err)
}

func TestTriggeredIsWorkWhileItHasSomethingToDo(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		botID, messageID := connect(t, s, 5), note(t, s)
		lease := hold(t, s, "p")
		work := func() []dispatch.Work {
			w, err := s.Ledgers.Work(t.Context(), "p")
			require.NoError(t, err)
			return w
		}
		only := func() campaign.Campaign {
			all, _, _, err := s.Campaigns.List(t.Context(), 1, campaign.Filter{Limit: 10})
			require.NoError(t, err)
			require.Len(t, all, 1)
			return all[0]
		}
		a := appended(botID, messageID, 3)
		err := s.Triggers.Append(t.Context(), a)
		require.NoError(t, err)
		_, err = s.Ledgers.Adopt(t.Context(), botID, lease.Epoch, start)
		require.NoError(t, err)
		require.Len(t, work(), 1)
		require.NoError(t, s.Triggers.Tidy(t.Context(), a.Period, start))
		require.Len(t, work(), 1, "what has something to do is left alone")
		settle(t, s, work()[0], 1)
		require.Empty(t, work())
		require.NoError(t, s.Triggers.Tidy(t.Context(), a.Period, start))
		require.Empty(t, work())
		require.Equal(t, campaign.Sending, only().State)

		err = s.Triggers.Append(t.Context(), appended(botID, messageID, 2))
		require.NoError(t, err)
		require.Len(t, work(), 1, "an append wakes a campaign that rests")
		require.EqualValues(t, 5, work()[0].LaidSeq)
		require.NoError(t, s.Triggers.Tidy(t.Context(), "2026-02", start))
		require.Equal(t, campaign.Sending, only().State, "a month's end does not drop what is queued")
		settle(t, s, work()[0], 3)
		require.NoError(t, s.Triggers.Tidy(t.Context(), a.Period, start))
		require.Equal(t, campaign.Sending, only().State)
		require.NoError(t, s.Triggers.Tidy(t.Context(), "2026-02", start.Add(time.Hour)))
		require.Equal(t, campaign.Finished, only().State)
		require.True(t, only().Laid)
		require.Equal(t, start.Add(time.Hour), only().FinishedAt)
		require.NoError(t, s.Triggers.Tidy(t.Context(), "2026-03", start.Add(2*time.Hour)))
		require.Equal(t, start.Add(time.Hour), only().FinishedAt)
	})
}

func TestSupersededCampaignFinishes(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		botID, messageID := connect(t, s, 5), note(t, s)
		lease := hold(t, s, "p")
		a := appended(botID, messageID, 2)
		err := s.Triggers.Append(t.Context(), a)
		require.NoError(t, err)
		b := appended(botID, messageID, 1)
		b.Content = `{"text":"ho"}`
		err = s.Triggers.Append(t.Context(), b)
		require.NoError(t, err)
		_, err = s.Ledgers.Adopt(t.Context(), botID, lease.Epoch, start)
		require.NoError(t, err)
		work, err := s.Ledgers.Work(t.Context(), "p")
		require.NoError(t, err)
		require.Len(t, work, 2, "both have something to do")
		for i, w := range work {
			settle(t, s, w, int64(2*i+1))
		}
		require.NoError(t, s.Triggers.Tidy(t.Context(), a.Period, start))
		for i, want := range []campaign.State{campaign.Finished, campaign.Sending} {
			c, l, err := s.Campaigns.Find(t.Context(), 1, work[i].CampaignID)
			require.NoError(t, err)
			require.Equal(t, want, c.State)
			require.Equal(t, c.LaidSeq, l.Sent)
		}
	})
}

func TestRequestsAreForgotten(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		botID, messageID := connect(t, s, 5), note(t, s)
		keys := []string{"k0", "k1", "k2"}
		for i, key := range keys {
			a := appended(botID, messageID, 1)
			a.Now = start.Add(time.Duration(i) * time.Hour)
			a.Accepted = []campaign.Accepted{{Key: key, RequestID: a.Messages[0].RequestID, ChatID: 1}}
			require.NoError(t, s.Triggers.Append(t.Context(), a))
		}
		for _, want := range []bool{true, true, false} {
			more, err := s.Triggers.ForgetRequests(t.Context(), start.Add(time.Hour), 1)
			require.NoError(t, err)
			require.Equal(t, want, more)
		}
		kept, err := s.Triggers.AcceptedRequests(t.Context(), 1, keys, time.Time{})
		require.NoError(t, err)
		require.Len(t, kept, 1)
		require.Equal(t, "k2", kept[0].Key)
		kept, err = s.Triggers.AcceptedRequests(t.Context(), 2, keys, time.Time{})
		require.NoError(t, err)
		require.Empty(t, kept, "another workspace's key is another key")
	})
}

// A process is notified of what another one commits, where there can be others.
func TestListenHearsOfWork(t *testing.T) {
	t.Parallel()
	storetest.EachAddress(t, func(t *testing.T, address string) {
		s := storetest.Open(t, address)
		ctx, stop := context.WithCancel(t.Context())
		woken := make(chan struct{}, 100)
		ended := make(chan error)
		go func() { ended <- s.Listen(ctx, func() { woken <- struct{}{} }) }()
		heard := func() {
			t.Helper()
			select {
			case <-woken:
			case <-time.After(time.Minute):
				require.FailNow(t, "nothing was heard")
			}
		}
		if store.IsPostgres(address) {
			other := storetest.Open(t, address)
			heard() // it listens
			botID := connect(t, other, 5)
			connect(t, other, 5)
			heard()
			messageID := note(t, other)
			err := other.Triggers.Append(t.Context(), appended(botID, messageID, 2))
			require.NoError(t, err)
			heard()
			err = other.Triggers.Append(t.Context(), appended(botID, messageID, 0))
			require.NoError(t, err)
			change := func(answer error) func(*campaign.Campaign) error {
				return func(*campaign.Campaign) error { return answer }
			}
			_, _, err = other.Campaigns.Change(t.Context(), 1, 1, change(errors.New("no")))
			require.Error(t, err)
			_, _, err = other.Campaigns.Change(t.Context(), 1, 1, change(nil))
			require.NoError(t, err)
			heard()
		}
		stop()
		require.ErrorIs(t, <-ended, context.Canceled)
		require.Empty(t, woken, "nothing is told twice, or for nothing")
	})
}
