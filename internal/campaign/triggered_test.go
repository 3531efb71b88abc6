package campaign_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"bellman/internal/bot"
	"bellman/internal/campaign"
	"bellman/internal/contact"
	"bellman/internal/fault"
	"bellman/internal/idempotency"
	"bellman/internal/message"
	"bellman/internal/outcome"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
	"bellman/internal/workspace"
)

// desk is a workspace with a bot, its chats and a message. Its clock stands still
// unless it is set.
type desk struct {
	t         *testing.T
	store     *store.DB
	clock     atomic.Int64
	messages  *message.Service
	campaigns *campaign.Service
	triggers  *campaign.Triggers
	keys      *idempotency.Service
	woken     atomic.Int64
	botID     int64
	messageID int64
}

func newDesk(t *testing.T, s *store.DB) *desk {
	t.Helper()
	d := &desk{t: t, store: s}
	d.set(time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC))
	d.messages = message.New(s.Messages, nil, d.now)
	d.campaigns = campaign.New(s.Campaigns, d.messages, d.now, func() {})
	d.triggers = campaign.NewTriggers(s.Triggers, d.messages, d.now, uuid.NewString, func() { d.woken.Add(1) })
	d.keys = idempotency.New(s.Idempotency, d.now, slog.New(slog.DiscardHandler))
	d.botID = d.connect(77)
	m, err := d.messages.Create(t.Context(), 1, "Your code", message.Text("1234"))
	require.NoError(t, err)
	d.messageID = m.ID
	return d
}

func (d *desk) now() time.Time { return time.UnixMilli(d.clock.Load()) }

func (d *desk) set(t time.Time) { d.clock.Store(t.UnixMilli()) }

func (d *desk) connect(telegramID int64) int64 {
	d.t.Helper()
	b, err := d.store.Bots.Save(d.t.Context(), bot.Bot{WorkspaceID: 1, AppUUID: uuid.NewString(), TelegramID: telegramID,
		Username: "b", Name: "b", SealedToken: []byte("x"), State: bot.Active, CreatedAt: d.now(), UpdatedAt: d.now()})
	require.NoError(d.t, err)
	return b.ID
}

// subscribe records chats on one contact and returns its id.
func (d *desk) subscribe(botID int64, who string, chatIDs ...int64) int64 {
	d.t.Helper()
	tokens := make([]contact.Token, len(chatIDs))
	for i, id := range chatIDs {
		tokens[i] = contact.Token{ChatID: id, ExternalCustomerID: who}
	}
	results, err := contact.New(d.store.Contacts, d.now).AddTokens(d.t.Context(), workspace.Workspace{ID: 1}, botID, tokens)
	require.NoError(d.t, err)
	return results[0].ContactID
}

func (d *desk) send(key string, to ...campaign.Addressee) ([]campaign.Receipt, error) {
	trigger := campaign.Trigger{BotID: d.botID, Addressees: to}
	if key == "" {
		return d.triggers.Send(d.t.Context(), 1, d.messageID, trigger)
	}
	text, err := json.Marshal(to)
	require.NoError(d.t, err)
	request := idempotency.Request{WorkspaceID: 1, Key: key, Fingerprint: idempotency.Fingerprint(text)}
	var refused error
	answer, err := d.keys.Once(d.t.Context(), request, func(ctx context.Context) ([]byte, idempotency.Ending) {
		receipts, err := d.triggers.Send(ctx, 1, d.messageID, trigger)
		if refused = err; err != nil {
			return nil, idempotency.Refused
		}
		text, err := json.Marshal(receipts)
		require.NoError(d.t, err)
		return text, idempotency.Done
	})
	if answer == nil {
		return nil, errors.Join(err, refused)
	}
	var receipts []campaign.Receipt
	return receipts, json.Unmarshal(answer, &receipts)
}

// sent sends to one chat and returns the request.
func (d *desk) sent(chatID int64) campaign.Request {
	d.t.Helper()
	receipts, err := d.send("", campaign.Addressee{ChatID: chatID})
	require.NoError(d.t, err)
	return d.request(receipts[0])
}

func (d *desk) request(r campaign.Receipt) campaign.Request {
	d.t.Helper()
	require.True(d.t, r.Accepted(), r.Message)
	request, err := d.triggers.Request(d.t.Context(), 1, r.RequestID)
	require.NoError(d.t, err)
	return request
}

func (d *desk) campaign(id int64) campaign.Report {
	d.t.Helper()
	r, err := d.campaigns.Get(d.t.Context(), 1, id)
	require.NoError(d.t, err)
	return r
}

// onDesk runs test on both engines.
func onDesk(t *testing.T, test func(t *testing.T, d *desk)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, s *store.DB) { test(t, newDesk(t, s)) })
}

func TestSendAnswersEachAddresseeInOrder(t *testing.T) {
	t.Parallel()
	onDesk(t, func(t *testing.T, d *desk) {
		olena := d.subscribe(d.botID, "olena", 11, 12)
		d.subscribe(d.botID, "petro", -10042)
		other := d.connect(78)
		d.subscribe(other, "olena", 13)
		elsewhere := d.subscribe(other, "ivan", 14)
		data := json.RawMessage(`{"code": "12\u00e9"}`)
		receipts, err := d.send("",
			campaign.Addressee{ChatID: -10042, Data: data},
			campaign.Addressee{ContactID: 999},
			campaign.Addressee{ContactID: olena},
			campaign.Addressee{ContactID: elsewhere},
			campaign.Addressee{ChatID: 13},
			campaign.Addressee{},
			campaign.Addressee{ContactID: olena, ChatID: 11},
			campaign.Addressee{ChatID: 11, Data: json.RawMessage(`[]`)},
			campaign.Addressee{ChatID: 11, Data: json.RawMessage(`{"a":"` + strings.Repeat("x", message.MaxData) + `"}`)},
			campaign.Addressee{ChatID: 11},
			campaign.Addressee{ChatID: 11},
		)
		require.NoError(t, err)
		var codes []string
		for _, r := range receipts {
			require.Equal(t, r.Accepted(), r.Code == "" && r.Message == "")
			codes = append(codes, r.Code)
		}
		require.Equal(t, []string{"", "contact_unreachable", "", "contact_unreachable", "token_unknown", "recipient_invalid",
			"recipient_invalid", "data_invalid", "data_invalid", "", ""}, codes)
		require.EqualValues(t, 1, d.woken.Load())

		first := d.request(receipts[0])
		require.Equal(t, d.messageID, first.MessageID)
		require.Equal(t, d.botID, first.BotID)
		want := []int64{-10042, 11, 12, 11, 11}
		var got []int64
		for _, i := range []int{0, 2, 9, 10} {
			request := d.request(receipts[i])
			require.Equal(t, first.CampaignID, request.CampaignID)
			for _, delivery := range request.Deliveries {
				require.Equal(t, campaign.Queued, delivery.Status)
				require.EqualValues(t, len(got)+1, delivery.Seq, "numbers follow the order sent, without gaps")
				got = append(got, delivery.ChatID)
			}
		}
		require.Equal(t, want, got)
		r := d.campaign(first.CampaignID)
		require.Equal(t, campaign.Triggered, r.Kind)
		require.Equal(t, campaign.Sending, r.State)
		require.Equal(t, "Your code", r.Name)
		require.Equal(t, campaign.Counts{Recipients: 5, Queued: 5}, r.Counts)
	})
}

func TestSendRefuses(t *testing.T) {
	t.Parallel()
	onDesk(t, func(t *testing.T, d *desk) {
		d.subscribe(d.botID, "olena", 11)
		to := []campaign.Addressee{{ChatID: 11}}
		for name, c := range map[string]struct {
			workspaceID, messageID int64
			trigger                campaign.Trigger
			code                   string
		}{
			"nobody": {1, d.messageID, campaign.Trigger{BotID: d.botID}, "recipients_invalid"},
			"too many": {1, d.messageID,
				campaign.Trigger{BotID: d.botID, Addressees: make([]campaign.Addressee, campaign.MaxAddressees+1)}, "recipients_invalid"},
			"no message":        {1, 999, campaign.Trigger{BotID: d.botID, Addressees: to}, "message_not_found"},
			"no bot":            {1, d.messageID, campaign.Trigger{BotID: 999, Addressees: to}, "bot_not_found"},
			"another's message": {2, d.messageID, campaign.Trigger{BotID: d.botID, Addressees: to}, "message_not_found"},
		} {
			_, err := d.triggers.Send(t.Context(), c.workspaceID, c.messageID, c.trigger)
			require.True(t, fault.Is(err, c.code), "%s: %v", name, err)
		}
		_, err := d.store.Triggers.Reach(t.Context(), 2, d.botID, nil, []int64{11})
		require.True(t, fault.Is(err, "bot_not_found"), err)
		reports, _, err := d.campaigns.List(t.Context(), 1, campaign.Filter{Limit: 10})
		require.NoError(t, err)
		require.Empty(t, reports, "what is refused leaves nothing behind")
		require.Zero(t, d.woken.Load())
	})
}

func TestRequestIsTheWorkspacesOwn(t *testing.T) {
	t.Parallel()
	onDesk(t, func(t *testing.T, d *desk) {
		d.subscribe(d.botID, "olena", 11)
		r := d.sent(11)
		for workspaceID, id := range map[int64]string{2: r.ID, 1: uuid.NewString(), 3: "\x00", 4: ""} {
			_, err := d.triggers.Request(t.Context(), workspaceID, id)
			require.ErrorIs(t, err, campaign.ErrRequestNotFound)
		}
		again, err := d.triggers.Request(t.Context(), 1, strings.ToUpper(r.ID))
		require.NoError(t, err)
		require.Equal(t, r, again)
	})
}

func TestKeyMakesASendHarmless(t *testing.T) {
	t.Parallel()
	onDesk(t, func(t *testing.T, d *desk) {
		d.subscribe(d.botID, "olena", 11)
		to := []campaign.Addressee{{ChatID: 11, Data: json.RawMessage(`{}`)}, {ChatID: 99}}
		first, err := d.send("k", to...)
		require.NoError(t, err)
		again, err := d.send("k", to...)
		require.NoError(t, err)
		require.Equal(t, first, again)
		_, err = d.messages.Update(t.Context(), 1, d.messageID, "Your code", message.Text("changed"))
		require.NoError(t, err)
		again, err = d.send("k", to...)
		require.NoError(t, err)
		require.Equal(t, first, again, "the message may have changed meanwhile")
		for _, other := range [][]campaign.Addressee{{to[1], to[0]}, {to[0]}, {{ChatID: 11}, to[1]}} {
			_, err = d.send("k", other...)
			require.True(t, fault.Is(err, "idempotency_key_reused"), err)
			require.Equal(t, fault.Invalid, fault.KindOf(err))
		}
		request := d.request(first[0])
		require.EqualValues(t, 1, d.campaign(request.CampaignID).Counts.Recipients)

		d.set(d.now().Add(idempotency.KeepFor - time.Millisecond))
		again, err = d.send("k", to...)
		require.NoError(t, err)
		require.Equal(t, first, again)
		d.set(d.now().Add(time.Millisecond))
		later, err := d.send("k", to[0])
		require.NoError(t, err)
		require.NotEqual(t, first[0].RequestID, later[0].RequestID)
		rejected, err := d.send("r", to[1])
		require.NoError(t, err)
		again, err = d.send("r", to[1])
		require.NoError(t, err)
		require.Equal(t, rejected, again)
	})
}

// Ten clients send at once: those with the same key send once and get one answer,
// the others are all accepted, and the numbers have no gap.
func TestConcurrentSends(t *testing.T) {
	t.Parallel()
	onDesk(t, func(t *testing.T, d *desk) {
		const clients, each = 10, 8
		var to []campaign.Addressee
		for i := range int64(5) {
			d.subscribe(d.botID, fmt.Sprint("c", i), 100+i)
			to = append(to, campaign.Addressee{ChatID: 100 + i})
		}
		var wait sync.WaitGroup
		shared := make([][]campaign.Receipt, clients)
		requests := make([][]campaign.Receipt, clients)
		for i := range clients {
			wait.Go(func() {
				var err error
				if shared[i], err = d.send("shared", to...); err != nil {
					t.Error(err)
				}
				for range each {
					receipts, err := d.send("", to[:1+rand.IntN(len(to))]...)
					if err != nil {
						t.Error(err)
					}
					requests[i] = append(requests[i], receipts...)
				}
			})
		}
		wait.Wait()
		all := shared[0]
		for _, receipts := range shared {
			require.Equal(t, shared[0], receipts)
		}
		for _, receipts := range requests {
			var last int64
			for _, r := range receipts {
				seq := d.request(r).Deliveries[0].Seq
				require.Greater(t, seq, last, "a client's messages keep their order")
				last = seq
			}
			all = append(all, receipts...)
		}
		seen := map[int64]bool{}
		id := d.request(all[0]).CampaignID
		for _, r := range all {
			request := d.request(r)
			require.Equal(t, id, request.CampaignID)
			require.Len(t, request.Deliveries, 1)
			seen[request.Deliveries[0].Seq] = true
		}
		require.Len(t, seen, len(all))
		for seq := range len(all) {
			require.True(t, seen[int64(seq+1)], seq+1)
		}
		require.EqualValues(t, len(all), d.campaign(id).Counts.Recipients)
	})
}

// A claim up to the visible end finds every recipient below it.
func TestNumbersBecomeVisibleInOrder(t *testing.T) {
	t.Parallel()
	onDesk(t, func(t *testing.T, d *desk) {
		d.subscribe(d.botID, "olena", 11)
		id := d.sent(11).CampaignID
		var wait sync.WaitGroup
		for range 4 {
			wait.Go(func() {
				for range 10 {
					if _, err := d.send("", campaign.Addressee{ChatID: 11}, campaign.Addressee{ChatID: 11}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		looked := make(chan struct{})
		go func() {
			defer close(looked)
			for end := int64(0); end < 81; {
				c, _, err := d.store.Campaigns.Find(t.Context(), 1, id)
				if err != nil {
					t.Error(err)
					return
				}
				end = c.LaidSeq
				there, err := d.store.Campaigns.Deliveries(t.Context(), c, nil, 0, 100)
				if err != nil || int64(len(there)) < end || there[end-1].Seq != end {
					t.Errorf("of %d messages %d are there: %v", end, len(there), err)
					return
				}
			}
		}()
		wait.Wait()
		<-looked
	})
}

func TestAnotherContentOrMonthOpensAnotherCampaign(t *testing.T) {
	t.Parallel()
	onDesk(t, func(t *testing.T, d *desk) {
		d.subscribe(d.botID, "olena", 11)
		other := d.connect(78)
		d.subscribe(other, "olena", 11)
		first := d.sent(11).CampaignID
		receipts, err := d.triggers.Send(t.Context(), 1, d.messageID, campaign.Trigger{
			BotID: other, Addressees: []campaign.Addressee{{ChatID: 11}},
		})
		require.NoError(t, err)
		require.NotEqual(t, first, d.request(receipts[0]).CampaignID, "another bot")
		_, err = d.messages.Update(t.Context(), 1, d.messageID, "New name", message.Text("1234"))
		require.NoError(t, err)
		require.Equal(t, first, d.sent(11).CampaignID, "a name is not content")

		_, err = d.messages.Update(t.Context(), 1, d.messageID, "New name", message.Text("12345"))
		require.NoError(t, err)
		second := d.sent(11).CampaignID
		require.NotEqual(t, first, second)
		require.Equal(t, second, d.sent(11).CampaignID)
		require.Contains(t, d.campaign(first).Content, `"1234"`)
		require.Contains(t, d.campaign(second).Content, `"12345"`)
		require.Equal(t, campaign.Sending, d.campaign(first).State)
		require.True(t, d.campaign(first).Laid)

		d.set(time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC))
		third := d.sent(11).CampaignID
		require.NotEqual(t, second, third)
		d.set(time.Date(2026, 11, 30, 23, 59, 59, 0, time.UTC))
		require.Equal(t, third, d.sent(11).CampaignID, "a clock that is behind")
	})
}

func TestPausedSendsWait(t *testing.T) {
	t.Parallel()
	onDesk(t, func(t *testing.T, d *desk) {
		d.subscribe(d.botID, "olena", 11)
		first := d.sent(11).CampaignID
		_, err := d.campaigns.Launch(t.Context(), 1, first, time.Time{})
		require.True(t, fault.Is(err, "campaign_state"), err)
		_, err = d.campaigns.Pause(t.Context(), 1, first)
		require.NoError(t, err)
		require.Equal(t, first, d.sent(11).CampaignID)
		_, err = d.messages.Update(t.Context(), 1, d.messageID, "m", message.Text("new"))
		require.NoError(t, err)
		second := d.sent(11).CampaignID
		require.NotEqual(t, first, second)
		require.Equal(t, campaign.Paused, d.campaign(second).State, "a pause passes on")
		for _, id := range []int64{first, second} {
			r, err := d.campaigns.Resume(t.Context(), 1, id)
			require.NoError(t, err)
			require.Equal(t, campaign.Sending, r.State)
		}

		r, err := d.campaigns.Cancel(t.Context(), 1, second)
		require.NoError(t, err)
		require.Equal(t, campaign.Counts{Recipients: 1, Skipped: 1}, r.Counts)
		third := d.sent(11)
		require.NotEqual(t, second, third.CampaignID, "what comes after a cancel opens another")
		require.Equal(t, campaign.Queued, third.Deliveries[0].Status)
	})
}

func TestCancelledRequestIsSkipped(t *testing.T) {
	t.Parallel()
	onDesk(t, func(t *testing.T, d *desk) {
		d.subscribe(d.botID, "olena", 11)
		r := d.sent(11)
		_, err := d.campaigns.Cancel(t.Context(), 1, r.CampaignID)
		require.NoError(t, err)
		r, err = d.triggers.Request(t.Context(), 1, r.ID)
		require.NoError(t, err)
		require.Equal(t, campaign.Skipped, r.Deliveries[0].Status)
		require.Equal(t, outcome.Cancelled, r.Deliveries[0].Reason)
	})
}

func TestRefusedContentDoesNotPauseTheNext(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		reason  outcome.Reason
		content string
		want    campaign.State
	}{
		"by a person":         {"", "new", campaign.Paused},
		"the bot":             {outcome.BotRefused, "new", campaign.Paused},
		"the content":         {outcome.ContentRefused, "new", campaign.Sending},
		"the content, still":  {outcome.ContentRefused, "old", campaign.Paused},
		"not paused, running": {"running", "new", campaign.Sending},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before := &campaign.Campaign{State: campaign.Paused, StateReason: c.reason, StateDetail: "why", Content: "old"}
			if c.reason == "running" {
				before.State = campaign.Sending
			}
			after := campaign.Append{Content: c.content}.Opened(before)
			require.Equal(t, c.want, after.State)
			if c.want == campaign.Paused {
				require.Equal(t, c.reason, after.StateReason)
				require.Equal(t, "why", after.StateDetail)
			}
		})
	}
	require.Equal(t, campaign.Sending, campaign.Append{}.Opened(nil).State)
	before := &campaign.Campaign{State: campaign.Paused, Content: "old"}
	require.Equal(t, campaign.Sending, campaign.Append{Test: true, Content: "old"}.Opened(before).State, "test sends go out regardless")
}
