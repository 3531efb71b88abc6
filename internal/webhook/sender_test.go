package webhook_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bellman/internal/contact"
	"bellman/internal/dispatch"
	"bellman/internal/message"
	"bellman/internal/outcome"
	"bellman/internal/track"
	"bellman/internal/webhook"
)

var hello = message.Content{
	Version: message.Version{
		Text: `Hi <a href="https://shop.example/sale">here</a>`, Buttons: [][]message.Button{{{Text: "Yes", CallbackData: "yes"}}},
	},
	Language:     "en",
	Translations: map[string]message.Version{"uk": {Text: "Привіт"}},
	Tags:         []string{"sale", "spring"},
}

func TestWhatIsPosted(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		r := newReceiver(t)
		h := w.hook(t, 1, r.URL)
		o := w.launch(t, 1, 6, hello)
		external, language, phone := "C-1", "uk-UA", "+380501234567"
		_, err := contact.New(w.Contacts, func() time.Time { return start }).Save(t.Context(), 1, "",
			contact.Profile{ExternalCustomerID: &external, LanguageCode: &language, Phone: &phone})
		require.NoError(t, err)
		o.settle(t,
			dispatch.Outcome{Status: dispatch.Sent, TelegramMessageID: 77},
			dispatch.Outcome{Status: dispatch.Failed, Reason: "bot_blocked", Detail: "Forbidden: bot was blocked by the user"},
			dispatch.Outcome{Status: dispatch.Skipped, Reason: "chat_removed"},
			dispatch.Outcome{Status: dispatch.Unknown, Reason: "answer_lost"},
			dispatch.Outcome{Status: dispatch.Failed, Reason: "content_refused", Detail: "Bad Request: no"},
		)
		clicks := []track.Click{
			{ID: "0198f2a4-5e1c-7c3f-9f63-000000000001", CampaignID: o.campaignID, Seq: 1, ContactID: o.recipients[0].ContactID,
				At: start.Add(time.Second)},
			{ID: "0198f2a4-5e1c-7c3f-9f63-000000000002", CampaignID: o.campaignID, Seq: 1, ContactID: o.recipients[0].ContactID,
				Press: "q", Data: "yes", At: start.Add(2 * time.Second)},
		}
		require.NoError(t, w.Clicks.RecordClicks(t.Context(), clicks))
		require.NoError(t, w.Clicks.RecordClicks(t.Context(), clicks), "what is stored again is not posted again")
		_, backlog, err := w.hooks.Get(t.Context(), 1, h.ID)
		require.NoError(t, err)
		require.Equal(t, webhook.Backlog{Waiting: 8, Since: start}, backlog)
		w.look(t, w.sender("p"))

		got := r.taken()
		require.Len(t, r.arrays, 1, "one array")
		ids := numbers(got, "sequence")
		require.IsIncreasing(t, ids)
		object := func(seq int, status string, more map[string]any) map[string]any {
			chat := strconv.FormatInt(o.recipients[seq-1].ChatID, 10)
			all := map[string]any{
				"activityDateTime": "2026-01-01T00:00:00.000Z", "activityStatus": status, "broadcastId": float64(o.campaignID),
				"contactId": float64(o.recipients[seq-1].ContactID), "email": "c" + chat + "@shop.example", "externalCustomerId": "C-" + chat,
				"hardBounce": false, "iid": fmt.Sprintf("%d-%d", o.campaignID, seq), "mediaType": "telegrambot", "messageId": 1.0,
				"messageInstanceId": float64(o.campaignID), "messageLanguageCode": "en", "messageName": "Sale", "messageTag": "sale,spring",
				"activityId": fmt.Sprintf("%d-%d-outcome", o.campaignID, seq),
			}
			if chat == "1" {
				all["messageLanguageCode"], all["sms"] = "uk", "+380501234567"
			}
			maps.Copy(all, more)
			return all
		}
		app := got[0]["statusData"].(map[string]any)["appUuid"]
		require.NotEmpty(t, app)
		data := func(seq int, more ...any) map[string]any {
			d := map[string]any{"appUuid": app, "token": strconv.FormatInt(o.recipients[seq-1].ChatID, 10)}
			for i := 0; i < len(more); i += 2 {
				d[more[i].(string)] = more[i+1]
			}
			return d
		}
		want := []map[string]any{
			object(1, "DELIVERED", map[string]any{"statusData": data(1, "telegramMessageId", 77.0)}),
			object(2, "UNDELIVERED", map[string]any{"statusData": data(2, "reason", "bot_blocked"), "hardBounce": true,
				"statusDescription": "bot_blocked: Forbidden: bot was blocked by the user"}),
			object(3, "UNDELIVERED", map[string]any{
				"statusData": data(3, "reason", "chat_removed"), "hardBounce": true, "statusDescription": "chat_removed",
			}),
			object(4, "SENT", map[string]any{"statusData": data(4, "reason", "answer_lost")}),
			object(5, "UNDELIVERED", map[string]any{
				"statusData": data(5, "reason", "content_refused"), "statusDescription": "content_refused: Bad Request: no",
			}),
			object(2, "UNSUBSCRIBED", map[string]any{
				"activityId": fmt.Sprintf("%d-2-unsubscribed", o.campaignID), "statusData": data(2, "reason", "bot_blocked"),
			}),
			object(1, "CLICKED", map[string]any{"statusData": data(1, "telegramMessageId", 77.0),
				"clickEventLink": "https://shop.example/sale", "activityDateTime": "2026-01-01T00:00:01.000Z", "activityId": clicks[0].ID}),
			object(1, "CLICKED", map[string]any{"statusData": data(1, "telegramMessageId", 77.0, "callbackData", "yes"),
				"activityDateTime": "2026-01-01T00:00:02.000Z", "activityId": clicks[1].ID}),
		}
		for i := range want {
			want[i]["sequence"] = float64(ids[i])
			require.Equal(t, want[i], got[i])
		}
		require.Len(t, got, len(want))
		_, backlog, err = w.hooks.Get(t.Context(), 1, h.ID)
		require.NoError(t, err)
		require.Zero(t, backlog)

		// The next holder settles the recipients that were on the wire.
		require.NoError(t, w.Ledgers.ForgetSenders(t.Context()))
		held, _, err := w.Ledgers.HoldLeases(t.Context(), "next", w.clock.now(), time.Hour, true)
		require.NoError(t, err)
		unknown, err := w.Ledgers.Adopt(t.Context(), held[0].BotID, held[0].Epoch, start)
		require.NoError(t, err)
		require.EqualValues(t, 1, unknown)
		w.look(t, w.sender("p"))
		require.Equal(t, "SENT", r.taken()[8]["activityStatus"])
		require.Equal(t, fmt.Sprintf("%d-6", o.campaignID), r.taken()[8]["iid"])
	})
}

// spec: webhook-retry
func TestRetries(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		r := newReceiver(t)
		h := w.hook(t, 1, r.URL)
		o := w.launch(t, 1, 30, message.Text("hi"))
		s := w.sender("p")
		r.status.Store(http.StatusServiceUnavailable)
		var at []float64
		for minute := 0; minute <= 4*60; minute++ {
			if minute%10 == 0 {
				o.sent(t, 1)
			}
			before := r.attempts()
			w.look(t, s)
			w.look(t, s)
			if r.attempts() > before {
				require.Equal(t, before+1, r.attempts(), "nothing newer goes before")
				at = append(at, float64(minute))
			}
			w.clock.advance(time.Minute)
		}
		require.Equal(t, []float64{0, 1, 3, 7, 15, 31, 63, 123, 183}, at, "after 1, 2, 4, 8, 16, 32, 60, 60 minutes")
		got, backlog, err := w.hooks.Get(t.Context(), 1, h.ID)
		require.NoError(t, err)
		require.Equal(t, 9, got.Attempts)
		require.Equal(t, "it answered 503 Service Unavailable", got.LastError)
		require.Equal(t, start.Add(183*time.Minute), got.FailedAt)
		require.Equal(t, start.Add(243*time.Minute), got.NextAttemptAt)
		require.Equal(t, webhook.Backlog{Waiting: 25, Since: start}, backlog)

		r.status.Store(0)
		w.clock.advance(2 * time.Minute)
		w.look(t, s)
		require.Len(t, r.taken(), 25)
		require.IsIncreasing(t, numbers(r.taken(), "sequence"))
		got, backlog, err = w.hooks.Get(t.Context(), 1, h.ID)
		require.NoError(t, err)
		require.Zero(t, got.Attempts)
		require.Zero(t, got.NextAttemptAt)
		require.Empty(t, got.LastError)
		require.Equal(t, w.clock.now(), got.DeliveredAt)
		require.Zero(t, backlog)

		// After a success the waits begin again with a minute; an answered probe or
		// a change makes the webhook due at once.
		for _, mend := range []func(){
			func() { w.clock.advance(time.Minute) },
			func() {
				refused, err := w.hooks.Probe(t.Context(), 1, h.ID)
				require.NoError(t, errors.Join(refused, err))
			},
			func() {
				_, err := w.hooks.Update(t.Context(), 1, h.ID, webhook.Change{URL: &r.URL})
				require.NoError(t, err)
			},
		} {
			r.status.Store(http.StatusNoContent)
			o.sent(t, 1)
			w.look(t, s)
			before := r.attempts()
			r.status.Store(0)
			w.clock.advance(30 * time.Second)
			w.look(t, s)
			require.Equal(t, before, r.attempts())
			mend()
			w.look(t, s)
			require.Equal(t, before+1, r.attempts())
		}
	})
}

func TestArraysAreSplit(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		r := newReceiver(t)
		w.hook(t, 1, r.URL)
		o := w.launch(t, 1, 2300, message.Text("hi"))
		o.sent(t, 2300)
		w.look(t, w.sender("p"))
		sizes := make([]int, len(r.arrays))
		for i, array := range r.arrays {
			sizes[i] = len(array)
		}
		require.Equal(t, []int{1000, 1000, 300}, sizes)
		require.IsIncreasing(t, numbers(r.taken(), "sequence"))
	})
}

// dying is a store that stops answering at a chosen moment, as for a process that
// dies.
type dying struct {
	webhook.SenderStore
	dead error
}

func (d *dying) SettleActivities(
	ctx context.Context, l webhook.Lease, accepted []webhook.Entry, a webhook.Attempt, ttl time.Duration,
) (bool, error) {
	if d.dead != nil {
		return false, d.dead
	}
	return d.SenderStore.SettleActivities(ctx, l, accepted, a, ttl)
}

func TestDeathBetweenPostAndDelete(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		r := newReceiver(t)
		w.hook(t, 1, r.URL)
		o := w.launch(t, 1, 5, message.Text("hi"))
		o.sent(t, 3)
		w.look(t, w.senderOver(&dying{w.Webhooks, errors.New("killed")}, "first"))
		require.Len(t, r.taken(), 3)
		o.sent(t, 2)
		second := w.sender("second")
		w.look(t, second)
		require.Len(t, r.taken(), 3, "the lease is the dead one's")
		require.NoError(t, w.Ledgers.ForgetSenders(t.Context()))
		w.look(t, second)
		ids := numbers(r.taken(), "sequence")
		require.Len(t, ids, 8)
		require.Equal(t, ids[:3], ids[3:6], "the same objects again, by which a receiver knows them")
		require.IsIncreasing(t, ids[3:])
	})
}

// A holder that lost its lease while its array was on the way still deletes what
// was accepted, and then stops.
func TestTakeover(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		r := newReceiver(t)
		h := w.hook(t, 1, r.URL)
		o := w.launch(t, 1, 3, message.Text("hi"))
		o.sent(t, 3)
		old, err := w.Webhooks.TakeWebhooks(t.Context(), "old", w.clock.now(), time.Millisecond, 5)
		require.NoError(t, err)
		require.Len(t, old, 1)
		b, err := w.Webhooks.Batch(t.Context(), old[0], 2)
		require.NoError(t, err)
		require.Len(t, b.Entries, 2)
		var taken []webhook.Lease
		require.Eventually(t, func() bool {
			taken, err = w.Webhooks.TakeWebhooks(t.Context(), "new", w.clock.now(), time.Hour, 5)
			return err == nil && len(taken) == 1
		}, 10*time.Second, time.Millisecond)
		require.Greater(t, taken[0].Epoch, old[0].Epoch)
		lost, err := w.Webhooks.Batch(t.Context(), old[0], 2)
		require.NoError(t, err)
		require.Empty(t, lost.Entries)
		held, err := w.Webhooks.SettleActivities(t.Context(), old[0], b.Entries, webhook.Attempt{At: w.clock.now()}, time.Hour)
		require.NoError(t, err)
		require.False(t, held)
		require.NoError(t, w.Webhooks.PostponeWebhook(t.Context(), old[0], webhook.Failure{InARow: 9, Next: w.clock.now().Add(time.Hour)}))
		require.NoError(t, w.Webhooks.ReleaseWebhook(t.Context(), old[0], w.clock.now()))
		b, err = w.Webhooks.Batch(t.Context(), taken[0], 1000)
		require.NoError(t, err)
		require.Len(t, b.Entries, 1)
		require.Zero(t, b.Webhook.Attempts)
		require.Equal(t, h.ID, b.Webhook.ID)
	})
}

// With several connections that write, a lower id may become visible after a higher
// one was posted. It is not skipped.
func TestLateCommit(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		r := newReceiver(t)
		h := w.hook(t, 1, r.URL)
		s := w.sender("p")
		record := func(id int64) {
			w.exec(t, `INSERT INTO activities (webhook_id, id, status, campaign_id, seq, at) VALUES ($1, $2, 'DELIVERED', 9, $2, 0)`, h.ID, id)
		}
		record(5)
		record(10)
		w.look(t, s)
		record(3)
		record(7)
		record(11)
		w.look(t, s)
		require.Equal(t, []int64{5, 10, 3, 7, 11}, numbers(r.taken(), "sequence"))
	})
}

func TestDeadEndpointDelaysOnlyItself(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		live, refusing := newReceiver(t), newReceiver(t)
		reached, release := make(chan struct{}, 1), make(chan struct{})
		hanging := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, q *http.Request) {
			if q.Method == http.MethodPost {
				reached <- struct{}{}
				<-release
			}
		}))
		t.Cleanup(hanging.Close)
		dead := w.hook(t, 1, hanging.URL)
		down := w.hook(t, 1, refusing.URL)
		w.hook(t, 1, live.URL)
		refusing.Close()
		o := w.launch(t, 1, 40, message.Text("hi"))
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { w.sender("p").Run(ctx) })
		t.Cleanup(running.Wait)
		t.Cleanup(stop)
		o.sent(t, 20)
		<-reached
		require.Eventually(t, func() bool { return len(live.taken()) == 20 }, 10*time.Second, 5*time.Millisecond)
		o.sent(t, 20)
		require.Eventually(t, func() bool { return len(live.taken()) == 40 }, 10*time.Second, 5*time.Millisecond)
		got, backlog, err := w.hooks.Get(t.Context(), 1, dead.ID)
		require.NoError(t, err)
		require.Equal(t, 40, backlog.Waiting)
		require.Zero(t, got.Attempts, "its call is still under way")
		got, backlog, err = w.hooks.Get(t.Context(), 1, down.ID)
		require.NoError(t, err)
		require.Equal(t, 40, backlog.Waiting)
		require.Equal(t, 1, got.Attempts)
		require.Contains(t, got.LastError, "connection refused")
		// A stop waits for the call under way, and records its result.
		stop()
		close(release)
		running.Wait()
		_, backlog, err = w.hooks.Get(t.Context(), 1, dead.ID)
		require.NoError(t, err)
		require.Equal(t, 20, backlog.Waiting)
	})
}

func TestWebhooksGetTheirActivitiesOnly(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.exec(t, `INSERT INTO workspaces (id, name, phone_region, identity_match, created_at) VALUES (2, 'second', '', 'first', 0)`)
		mine, theirs, some, off, gone := newReceiver(t), newReceiver(t), newReceiver(t), newReceiver(t), newReceiver(t)
		w.hook(t, 1, mine.URL)
		w.hook(t, 2, theirs.URL)
		w.hook(t, 1, some.URL, outcome.Undelivered, outcome.Unsubscribed)
		switched := w.hook(t, 1, off.URL)
		deleted := w.hook(t, 1, gone.URL)
		s := w.sender("p")
		one, two := w.launch(t, 1, 6, message.Text("hi")), w.launch(t, 2, 3, message.Text("hi"))
		one.sent(t, 1)
		paused, active := webhook.Paused, webhook.Active
		_, err := w.hooks.Update(t.Context(), 1, switched.ID, webhook.Change{State: &paused})
		require.NoError(t, err)
		require.NoError(t, w.hooks.Delete(t.Context(), 1, deleted.ID))
		require.ErrorIs(t, w.hooks.Delete(t.Context(), 1, deleted.ID), webhook.ErrNotFound)
		_, _, err = w.hooks.Get(t.Context(), 2, switched.ID)
		require.ErrorIs(t, err, webhook.ErrNotFound, "another workspace's")
		one.settle(t, dispatch.Outcome{Status: dispatch.Failed, Reason: "bot_blocked"})
		two.sent(t, 2)
		w.look(t, s)
		statuses := func(r *receiver) (all []string) {
			for _, o := range r.taken() {
				all = append(all, o["activityStatus"].(string))
			}
			return all
		}
		require.Equal(t, []string{"DELIVERED", "UNDELIVERED", "UNSUBSCRIBED"}, statuses(mine))
		require.Equal(t, []string{"DELIVERED", "DELIVERED"}, statuses(theirs))
		require.Equal(t, []string{"UNDELIVERED", "UNSUBSCRIBED"}, statuses(some))
		require.Empty(t, statuses(off))
		require.Empty(t, statuses(gone))
		// What happened before the webhook was paused is not lost, nor what happened
		// since.
		_, err = w.hooks.Update(t.Context(), 1, switched.ID, webhook.Change{State: &active})
		require.NoError(t, err)
		w.look(t, s)
		require.Equal(t, []string{"DELIVERED", "UNDELIVERED", "UNSUBSCRIBED"}, statuses(off))
		// Test sends are not reported.
		w.try(t, one.campaignID)
		one.sent(t, 1)
		w.look(t, s)
		require.Len(t, statuses(mine), 3)
		// The rows of a deleted webhook are swept, once no transaction can add to
		// them.
		for _, want := range []int{1, 0} {
			w.look(t, s)
			backlog, err := w.Webhooks.Backlog(t.Context(), deleted.ID, 10)
			require.NoError(t, err)
			require.Equal(t, want, backlog.Waiting)
			w.clock.advance(time.Hour)
		}
	})
}

// Several processes share the webhooks: no two post to one webhook at the same
// time, and each activity comes once and in order.
func TestSeveralSenders(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		const people = 600
		receivers := []*receiver{newReceiver(t), newReceiver(t), newReceiver(t)}
		for _, r := range receivers {
			w.hook(t, 1, r.URL)
		}
		o := w.launch(t, 1, people, message.Text("hi"))
		done := make(chan struct{})
		failed := make(chan error, 3)
		var looking sync.WaitGroup
		for i := range 3 {
			s := w.sender(fmt.Sprint("p", i))
			looking.Go(func() {
				for last := false; ; {
					if err := s.Look(context.Background()); err != nil {
						failed <- err
						return
					}
					if last {
						return
					}
					select {
					case <-done:
						last = true
					default:
					}
				}
			})
		}
		for range people / 20 {
			o.sent(t, 20)
		}
		close(done)
		looking.Wait()
		w.look(t, w.sender("last"))
		close(failed)
		require.NoError(t, <-failed)
		for _, r := range receivers {
			ids := numbers(r.taken(), "sequence")
			require.Len(t, ids, people)
			require.IsIncreasing(t, ids)
			require.False(t, r.overlap.Load())
		}
	})
}

// Whatever fails and whichever process dies: apart from repetitions, the receiver
// gets everything that happened, in order.
func TestNothingIsLost(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		r := newReceiver(t)
		w.hook(t, 1, r.URL)
		o := w.launch(t, 1, 4000, message.Text("hi"))
		rapid.Check(t, func(rt *rapid.T) {
			from := len(r.taken())
			first, settled := o.settled, 0
			d := &dying{SenderStore: w.Webhooks}
			s := w.senderOver(d, "p")
			for range rapid.IntRange(1, 12).Draw(rt, "moves") {
				switch rapid.SampledFrom([]string{"happen", "look", "down", "up", "wait", "die"}).Draw(rt, "move") {
				case "happen":
					n := min(rapid.IntRange(1, 5).Draw(rt, "n"), len(o.recipients)-o.settled)
					if n > 0 {
						o.sent(t, n)
						settled += n
					}
				case "look":
					require.NoError(rt, s.Look(context.Background()))
				case "down":
					r.status.Store(int32(rapid.SampledFrom([]int{201, 301, 404, 500}).Draw(rt, "status")))
				case "up":
					r.status.Store(0)
				case "wait":
					w.clock.advance(time.Duration(rapid.IntRange(1, 70).Draw(rt, "minutes")) * time.Minute)
				case "die":
					d.dead = errors.New("killed")
					require.NoError(rt, s.Look(context.Background()))
					require.NoError(rt, w.Ledgers.ForgetSenders(context.Background()))
					o.resume(t)
					d = &dying{SenderStore: w.Webhooks}
					s = w.senderOver(d, "p")
				}
			}
			r.status.Store(0)
			w.clock.advance(2 * time.Hour)
			require.NoError(rt, s.Look(context.Background()))
			seen := map[string]bool{}
			var seqs []int64
			for _, object := range r.taken()[from:] {
				if id := object["activityId"].(string); !seen[id] {
					seen[id] = true
					var campaignID, seq int64
					_, err := fmt.Sscanf(object["iid"].(string), "%d-%d", &campaignID, &seq)
					require.NoError(rt, err)
					seqs = append(seqs, seq)
				}
			}
			want := make([]int64, settled)
			for i := range want {
				want[i] = o.recipients[first+i].Seq
			}
			require.True(rt, slices.Equal(want, seqs), "want %v, have %v", want, seqs)
		})
	})
}
