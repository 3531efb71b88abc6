package store_test

import (
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/activity"
	"bellman/internal/campaign"
	"bellman/internal/dispatch"
	"bellman/internal/fault"
	"bellman/internal/message"
	"bellman/internal/outcome"
	"bellman/internal/report"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
	"bellman/internal/summary"
	"bellman/internal/track"
	"bellman/internal/webhook"
)

// sentOut is a broadcast to six chats that has ended, with a sender that goes on.
type sentOut struct {
	t         *testing.T
	s         *store.DB
	campaigns *campaign.Service
	messages  *message.Service
	lease     dispatch.Lease
	steps     int64
	id        int64
}

// newSentOut sends to chats 1 to 6: 1 and 4 got message 11 and 14, 5 one whose number is not
// known, 2 and 6 none, and of 3 it is not known.
func newSentOut(t *testing.T, s *store.DB) *sentOut {
	t.Helper()
	o := &sentOut{t: t, s: s, messages: message.New(s.Messages, nil, now)}
	o.campaigns = campaign.New(s.Campaigns, o.messages, now, func() {})
	o.id = broadcast(t, s, connect(t, s, 5), 6)
	o.lease = hold(t, s, "p")
	_, err := s.Ledgers.Adopt(t.Context(), o.lease.BotID, o.lease.Epoch, start)
	require.NoError(t, err)
	rec := o.step(dispatch.CampaignStep{CampaignID: o.id, ClaimTo: 6}).Recipients
	require.Len(t, rec, 6)
	require.Zero(t, rec[0].Target)
	o.step(dispatch.CampaignStep{CampaignID: o.id, ClaimFrom: 6, ClaimTo: 6, SettledSeq: 6, Finish: true, Pressable: true,
		Outcomes: []dispatch.Outcome{
			{Recipient: rec[0], Status: dispatch.Sent, TelegramMessageID: 11, SettledAt: start},
			{Recipient: rec[1], Status: dispatch.Failed, Reason: "content_refused", SettledAt: start},
			{Recipient: rec[2], Status: dispatch.Unknown, Reason: "answer_lost", SettledAt: start},
			{Recipient: rec[3], Status: dispatch.Sent, TelegramMessageID: 14, SettledAt: start},
			{Recipient: rec[4], Status: dispatch.Sent, SettledAt: start},
			{Recipient: rec[5], Status: dispatch.Skipped, Reason: "chat_muted", SettledAt: start},
		}})
	return o
}

func (o *sentOut) step(c dispatch.CampaignStep) dispatch.Claimed {
	o.t.Helper()
	o.steps++
	c.BotID, c.Epoch = o.lease.BotID, o.lease.Epoch
	got, err := o.s.Ledgers.Step(o.t.Context(), dispatch.Step{Owner: "p", Number: o.steps, Now: start, Campaigns: []dispatch.CampaignStep{c}})
	require.NoError(o.t, err)
	require.False(o.t, got[0].Fenced)
	return got[0]
}

// edit makes an edit of what was sent, and lays it out.
func (o *sentOut) edit() int64 {
	o.t.Helper()
	m, err := o.messages.Create(o.t.Context(), 1, "right", message.Text("right"))
	require.NoError(o.t, err)
	c, err := o.campaigns.EditSent(o.t.Context(), 1, o.id, m.ID)
	require.NoError(o.t, err)
	for more := true; more; {
		more, err = o.s.Campaigns.LayOut(o.t.Context(), c.ID, 1, start)
		require.NoError(o.t, err)
	}
	_, err = o.s.Ledgers.Adopt(o.t.Context(), o.lease.BotID, o.lease.Epoch, start)
	require.NoError(o.t, err)
	return c.ID
}

func (o *sentOut) counts(id int64) campaign.Counts {
	o.t.Helper()
	c, l, err := o.s.Campaigns.Find(o.t.Context(), 1, id)
	require.NoError(o.t, err)
	return campaign.CountsOf(c, l)
}

// hook makes a webhook for all that happens to messages.
func (o *sentOut) hook() {
	o.t.Helper()
	none := func([]webhook.Webhook) error { return nil }
	require.NoError(o.t, o.s.Webhooks.CreateWebhook(o.t.Context(), webhook.Webhook{
		ID: 7, WorkspaceID: 1, Name: "w", URL: "https://example.com", Statuses: outcome.Activities, State: webhook.Active,
		CreatedAt: start, UpdatedAt: start,
	}, none))
}

// replay writes what happened in the hours around to the outbox of the webhook again.
func (o *sentOut) replay() {
	o.t.Helper()
	ctx := o.t.Context()
	_, err := o.s.Webhooks.AddReplay(ctx, 7, webhook.Replay{Since: start.Add(-time.Hour), Until: start.Add(time.Hour)}, start, 5)
	require.NoError(o.t, err)
	taken, err := o.s.Webhooks.TakeWebhooks(ctx, "w", start.Add(time.Hour), time.Minute, 5)
	require.NoError(o.t, err)
	require.Len(o.t, taken, 1)
	for more := true; more; {
		more, err = o.s.Webhooks.Refill(ctx, taken[0], start.Add(2*time.Hour), start.Add(2*time.Hour), 100)
		require.NoError(o.t, err)
	}
}

// posted counts what waits for the webhook of a campaign, by status.
func (o *sentOut) posted(id int64) map[string]int64 {
	o.t.Helper()
	all := map[string]int64{}
	for _, status := range outcome.Activities {
		n := store.CountForTest(o.t, o.s, fmt.Sprintf(`SELECT COUNT(*) FROM activities WHERE campaign_id = %d AND status = '%s'`, id, status))
		if n > 0 {
			all[string(status)] = n
		}
	}
	return all
}

// A change goes to those whose message is known, and is told which it is: when it is claimed,
// and when it is claimed again.
func TestChangesAreLaidOutOfTheLedger(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		o := newSentOut(t, s)
		id := o.edit()
		work, err := s.Ledgers.Work(t.Context(), "p")
		require.NoError(t, err)
		require.Len(t, work, 1)
		require.True(t, work[0].Edits && !work[0].Deletes)
		rec := o.step(dispatch.CampaignStep{CampaignID: id, ClaimTo: 2, Changes: true, Personal: true}).Recipients
		require.Len(t, rec, 2)
		for i, want := range []struct{ chat, target int64 }{{1, 11}, {4, 14}} {
			require.Equal(t, want.chat, rec[i].ChatID)
			require.Equal(t, want.target, rec[i].Target)
			require.Equal(t, rec[i].ContactID, rec[i].Person.ContactID)
		}
		o.step(dispatch.CampaignStep{CampaignID: id, ClaimFrom: 2, ClaimTo: 2, SettledSeq: 2,
			Deferrals: []dispatch.Deferral{{Recipient: rec[0], DueAt: start, Reason: "x"}, {Recipient: rec[1], DueAt: start, Reason: "x"}}})
		again := o.step(dispatch.CampaignStep{CampaignID: id, ClaimFrom: 2, ClaimTo: 2, SettledSeq: 2, ClaimDue: 2, Changes: true}).Recipients
		require.Len(t, again, 2)
		require.EqualValues(t, 11, again[0].Target)
		require.EqualValues(t, 14, again[1].Target)

		gone, err := o.campaigns.Cancel(t.Context(), 1, id)
		require.NoError(t, err)
		require.Equal(t, campaign.Edit, gone.Action)
		c, err := o.campaigns.DeleteSent(t.Context(), 1, o.id)
		require.NoError(t, err, "the edit is over")
		_, err = o.campaigns.DeleteSent(t.Context(), 1, o.id)
		require.True(t, fault.Is(err, "change_under_way"), err)
		_, err = o.campaigns.DeleteSent(t.Context(), 1, c.ID)
		require.True(t, fault.Is(err, "change_of_change"), err)
		_, err = o.campaigns.Resend(t.Context(), 1, o.id, []campaign.Status{campaign.Failed})
		require.NoError(t, err, "whoever did not get it can still get it")
	})
}

// A process that dies with changes on the wire leaves no doubt, however often: they are made
// again.
func TestChangesOnTheWireAreMadeAgain(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		o := newSentOut(t, s)
		id := o.edit()
		o.step(dispatch.CampaignStep{CampaignID: id, ClaimTo: 2, Changes: true})
		for range 3 {
			require.Equal(t, campaign.Counts{Recipients: 2, Sending: 2}, o.counts(id))
			n, err := s.Ledgers.Abandon(t.Context(), dispatch.Abandonment{
				BotID: o.lease.BotID, Epoch: o.lease.Epoch, Reason: outcome.StopWaited, Now: start,
			})
			require.NoError(t, err)
			require.Zero(t, n, "nobody is in doubt")
			require.Equal(t, campaign.Counts{Recipients: 2, Queued: 2}, o.counts(id))
			_, err = s.Ledgers.Adopt(t.Context(), o.lease.BotID, o.lease.Epoch, start)
			require.NoError(t, err)
			got := o.step(dispatch.CampaignStep{CampaignID: id, ClaimFrom: 2, ClaimTo: 2, SettledSeq: 2, ClaimDue: 2, Changes: true}).Recipients
			require.Len(t, got, 2)
			require.True(t, got[0].Lost)
		}
	})
}

// Nobody got a message by an edit: no sum, no activity and no comparison counts it. What
// stands in the history of a contact is that the message was edited.
func TestChangesAreNoMessages(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		o := newSentOut(t, s)
		id := o.edit()
		o.hook()
		spans := []report.Span{{From: start.Add(-time.Hour), To: start.Add(time.Hour)}}
		sums := func() []report.Count {
			all, err := s.Reports.Stats(t.Context(), 1, spans, report.Filter{}, []report.Dimension{report.ByMessage})
			require.NoError(t, err)
			return slices.DeleteFunc(all, func(c report.Count) bool { return c.What == report.Left })
		}
		svc := activity.New(s.Activity, summary.NewCache(s.Summaries, now, slog.New(slog.DiscardHandler)))
		list := func() []activity.Activity {
			all, err := svc.List(t.Context(), 1, activity.Query{Window: window(), Limit: 100})
			require.NoError(t, err)
			return all
		}
		before, listed := sums(), list()
		require.NotEmpty(t, listed)
		rec := o.step(dispatch.CampaignStep{CampaignID: id, ClaimTo: 2, Changes: true}).Recipients
		o.step(dispatch.CampaignStep{CampaignID: id, ClaimFrom: 2, ClaimTo: 2, SettledSeq: 2, Changes: true, Pressable: true, Finish: true,
			Outcomes: []dispatch.Outcome{
				{Recipient: rec[0], Status: dispatch.Sent, TelegramMessageID: 11, SettledAt: start},
				{Recipient: rec[1], Status: dispatch.Failed, Reason: "bot_blocked", SettledAt: start},
			},
			Removals: []dispatch.Removal{{ChatID: rec[1].ChatID, Seq: rec[1].Seq}}})
		require.Equal(t, campaign.Counts{Recipients: 2, Sent: 1, Failed: 1}, o.counts(id))
		require.ElementsMatch(t, before, sums())
		require.Equal(t, listed, list())

		require.Equal(t, map[string]int64{"UNSUBSCRIBED": 1}, o.posted(id), "who has left is told")
		store.ExecForTest(t, s, `DELETE FROM activities`)
		o.replay()
		require.Equal(t, map[string]int64{"UNSUBSCRIBED": 1}, o.posted(id), "and told again")
		require.Equal(t, map[string]int64{"DELIVERED": 3, "UNDELIVERED": 2, "SENT": 1}, o.posted(o.id))

		c, err := o.campaigns.Get(t.Context(), 1, id)
		require.NoError(t, err)
		require.Equal(t, campaign.Finished, c.State)
		_, total, err := svc.History(t.Context(), 1, []int64{rec[0].ContactID}, activity.Past{Limit: 10})
		require.NoError(t, err)
		require.EqualValues(t, 1, total)
		entries, err := svc.Timeline(t.Context(), 1, rec[0].ContactID, []activity.Kind{activity.Messaged}, nil, 10)
		require.NoError(t, err)
		var actions []campaign.Action
		for _, e := range entries {
			actions = append(actions, e.Message.Action)
		}
		require.Equal(t, []campaign.Action{campaign.Edit, campaign.Send}, actions)

		review, err := o.campaigns.Review(t.Context(), 1, broadcast(t, s, o.lease.BotID, 6))
		require.NoError(t, err)
		require.Equal(t, 1, review.Past.Broadcasts, "the edit is none")
		for _, press := range []struct{ message, campaign, seq int64 }{{11, id, 1}, {14, o.id, 4}} {
			chat := map[int64]int64{11: 1, 14: 4}[press.message]
			got, err := s.Clicks.PressedDelivery(t.Context(), track.Press{BotID: o.lease.BotID, ChatID: chat, MessageID: press.message})
			require.NoError(t, err)
			require.Equal(t, press.campaign, got.CampaignID, fmt.Sprint(press))
			require.Equal(t, press.seq, got.Seq)
		}
		found, _, err := o.campaigns.List(t.Context(), 1, campaign.Filter{
			Of: o.id, Actions: []campaign.Action{campaign.Edit, campaign.Delete}, Limit: 9,
		})
		require.NoError(t, err)
		require.Len(t, found, 1)
		require.Equal(t, id, found[0].ID)
		require.Equal(t, o.id, found[0].Of)
	})
}
