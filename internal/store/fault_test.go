package store_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"bellman/internal/audience"
	"bellman/internal/campaign"
	"bellman/internal/contact"
	"bellman/internal/dispatch"
	"bellman/internal/event"
	"bellman/internal/idempotency"
	"bellman/internal/imports"
	"bellman/internal/outcome"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
	"bellman/internal/track"
	"bellman/internal/webhook"
	"bellman/internal/workspace"
)

var errPower = errors.New("the power is gone")

// A breaker makes one operation of the database fail.
type breaker struct {
	// left counts down to the operation that fails; zero when none does.
	left int
	// lost makes only commits fail: they are done, and reported as not done.
	lost bool
	// broken is true when an operation has failed.
	broken bool
}

// now reports whether the present operation is the one that fails.
func (b *breaker) now() bool {
	if b.left == 0 {
		return false
	}
	b.left--
	b.broken = b.left == 0
	return b.broken
}

func (b *breaker) Statement(string, []any) error {
	if !b.lost && b.now() {
		return errPower
	}
	return nil
}

func (b *breaker) Row(query string, args []any) error { return b.Statement(query, args) }

func (b *breaker) Commit(commit func() error) error {
	if !b.now() {
		return commit()
	}
	if !b.lost {
		return errPower
	}
	return errors.Join(commit(), errPower)
}

// A subject is something that is written once: act writes it, and check requires
// that nothing is missing and nothing is there twice.
type subject struct {
	act   func() error
	check func()
}

// A write that fails, or that is done and reported lost, is done once when it is
// tried again.
func TestWritesThatFail(t *testing.T) {
	t.Parallel()
	for name, begin := range map[string]func(t *testing.T, db *store.DB, n int64) subject{
		"step": stepSubject, "adopt": adoptSubject, "append": appendSubject, "clicks": clickSubject,
		"webhook": webhookSubject, "import": importSubject,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.EachAddress(t, func(t *testing.T, address string) {
				b := &breaker{}
				db, number := store.OpenTapped(t, address, b), int64(0)
				watch(t, db)
				for _, lost := range []bool{false, true} {
					point := 0
					for b.broken = true; b.broken; {
						point, number = point+1, number+1
						s := begin(t, db, number)
						*b = breaker{left: point, lost: lost}
						err := s.act()
						b.left = 0
						if b.broken {
							require.ErrorIs(t, err, errPower, "point %d, lost %v", point, lost)
							require.NoError(t, s.act(), "point %d, lost %v", point, lost)
						} else {
							require.NoError(t, err)
						}
						s.check()
						if t.Failed() {
							t.Fatalf("point %d, lost %v", point, lost)
						}
					}
					require.Greater(t, point, 1, "there was nothing to go wrong")
				}
			})
		})
	}
}

// watch creates a webhook for everything.
func watch(t *testing.T, db *store.DB) {
	t.Helper()
	hook(t, db, outcome.Delivered, outcome.Undelivered, outcome.Lost, outcome.Clicked, outcome.Unsubscribed)
}

func hook(t *testing.T, db *store.DB, statuses ...outcome.Activity) int64 {
	t.Helper()
	id, err := db.Webhooks.NextWebhookID(t.Context())
	require.NoError(t, err)
	err = db.Webhooks.CreateWebhook(t.Context(), webhook.Webhook{ID: id, WorkspaceID: 1, Name: "w", URL: "https://example.com",
		Statuses: statuses, State: webhook.Active, CreatedAt: start, UpdatedAt: start}, func([]webhook.Webhook) error { return nil })
	require.NoError(t, err)
	return id
}

// outboxed returns how many activities of a campaign wait in the outbox.
func outboxed(t *testing.T, db *store.DB, campaignID int64) int64 {
	t.Helper()
	return store.CountForTest(t, db, fmt.Sprintf(`SELECT COUNT(*) FROM activities WHERE campaign_id = %d`, campaignID))
}

// wire is a broadcast to ten people, six of whom are on the wire.
type wire struct {
	id, botID int64
	owner     string
	lease     dispatch.Lease
	claimed   []dispatch.Recipient
}

func newWire(t *testing.T, db *store.DB, n int64) wire {
	t.Helper()
	w := wire{botID: connect(t, db, n), owner: fmt.Sprint("p", n)}
	w.id = broadcast(t, db, w.botID, 10)
	w.lead(t, db)
	_, err := db.Ledgers.Adopt(t.Context(), w.botID, w.lease.Epoch, start)
	require.NoError(t, err)
	got, err := db.Ledgers.Step(t.Context(), dispatch.Step{Owner: w.owner, Number: 1, Now: start, Campaigns: []dispatch.CampaignStep{
		{CampaignID: w.id, BotID: w.botID, Epoch: w.lease.Epoch, ClaimTo: 6}}})
	require.NoError(t, err)
	w.claimed = got[0].Recipients
	require.Len(t, w.claimed, 6)
	return w
}

// lead takes the bot's lease from any holder.
func (w *wire) lead(t *testing.T, db *store.DB) {
	t.Helper()
	require.NoError(t, db.Ledgers.ForgetSenders(t.Context()))
	held, _, err := db.Ledgers.HoldLeases(t.Context(), w.owner, start, ttl, true)
	require.NoError(t, err)
	for _, l := range held {
		if l.BotID == w.botID {
			w.lease = l
		}
	}
	require.Equal(t, w.botID, w.lease.BotID)
}

// stands checks the counters, and that every recipient is where they say.
func (w *wire) stands(t *testing.T, db *store.DB, want campaign.Counts) {
	t.Helper()
	c, l, err := db.Campaigns.Find(t.Context(), 1, w.id)
	require.NoError(t, err)
	require.Equal(t, want, campaign.CountsOf(c, l))
	all, err := db.Campaigns.Deliveries(t.Context(), c, nil, 0, 100)
	require.NoError(t, err)
	require.Len(t, all, 10)
	got := campaign.Counts{Recipients: 10}
	for _, d := range all {
		switch d.Status {
		case campaign.Queued:
			got.Queued++
		case campaign.InFlight:
			got.Sending++
		case campaign.Sent:
			got.Sent++
		case campaign.Failed:
			got.Failed++
		case campaign.Unknown:
			got.Unknown++
		}
	}
	require.Equal(t, want, got)
}

func stepSubject(t *testing.T, db *store.DB, n int64) subject {
	w := newWire(t, db, n)
	rec := w.claimed
	step := dispatch.Step{Owner: w.owner, Number: 2, Now: start, Campaigns: []dispatch.CampaignStep{{
		CampaignID: w.id, BotID: w.botID, Epoch: w.lease.Epoch, ClaimFrom: 6, ClaimTo: 8, ClaimDue: 3, SettledSeq: 4,
		Personal: true, Pressable: true,
		Outcomes: []dispatch.Outcome{
			{Recipient: rec[0], Status: dispatch.Sent, TelegramMessageID: 99, SettledAt: start},
			{Recipient: rec[1], Status: dispatch.Failed, Reason: "bot_blocked", SettledAt: start},
			{Recipient: rec[2], Status: dispatch.Unknown, SettledAt: start},
		},
		Deferrals: []dispatch.Deferral{{Recipient: rec[3], DueAt: start.Add(-time.Second), Reason: "too_many_requests"}},
		Removals:  []dispatch.Removal{{ChatID: rec[1].ChatID, Seq: rec[1].Seq}},
	}}}
	var got []dispatch.Claimed
	return subject{
		act: func() (err error) {
			got, err = db.Ledgers.Step(t.Context(), step)
			return err
		},
		check: func() {
			w.stands(t, db, campaign.Counts{Recipients: 10, Queued: 2, Sending: 5, Sent: 1, Failed: 1, Unknown: 1})
			var seqs []int64
			for _, r := range got[0].Recipients {
				seqs = append(seqs, r.Seq)
			}
			require.Equal(t, []int64{4, 7, 8}, seqs, "what was claimed is told, also when the step had been applied")
			require.EqualValues(t, 4, outboxed(t, db, w.id))
			b, err := db.Bots.Find(t.Context(), 1, w.botID)
			require.NoError(t, err)
			require.EqualValues(t, 9, b.Subscribers)
		},
	}
}

func adoptSubject(t *testing.T, db *store.DB, n int64) subject {
	w := newWire(t, db, n)
	w.lead(t, db)
	return subject{
		act: func() error {
			_, err := db.Ledgers.Adopt(t.Context(), w.botID, w.lease.Epoch, start)
			return err
		},
		check: func() {
			w.stands(t, db, campaign.Counts{Recipients: 10, Queued: 4, Unknown: 6})
			require.EqualValues(t, 6, outboxed(t, db, w.id))
		},
	}
}

func appendSubject(t *testing.T, db *store.DB, n int64) subject {
	a := appended(connect(t, db, n), note(t, db), 3)
	a.Settled = func(ctx context.Context, _ []campaign.Accepted) error {
		idempotency.Record(ctx, "made")
		return nil
	}
	kept := &tellingKeys{Idempotency: db.Idempotency}
	keys := idempotency.New(kept, now, slog.New(slog.DiscardHandler))
	var ids []string
	for _, m := range a.Messages {
		ids = append(ids, m.RequestID)
		a.Accepted = append(a.Accepted, campaign.Accepted{Key: m.RequestID, RequestID: m.RequestID, ChatID: m.ChatID})
	}
	return subject{
		act: func() error {
			request := idempotency.Request{WorkspaceID: 1, Key: fmt.Sprint("k", n), Fingerprint: "f"}
			var sending error
			kept.err = nil
			answer, err := keys.Once(t.Context(), request, func(ctx context.Context) ([]byte, idempotency.Ending) {
				if made, ok := idempotency.Earlier(ctx); ok {
					return []byte(made), idempotency.Done
				}
				if sending = db.Triggers.Append(ctx, a); sending != nil {
					return nil, idempotency.Failed
				}
				return []byte("made"), idempotency.Done
			})
			if err == nil && sending == nil {
				require.Equal(t, "made", string(answer))
			}
			return errors.Join(err, sending, kept.err)
		},
		check: func() {
			requests, err := db.Triggers.Requests(t.Context(), 1, ids)
			require.NoError(t, err)
			require.Len(t, requests, 3)
			for _, r := range requests {
				require.Equal(t, requests[0].CampaignID, r.CampaignID)
				require.Len(t, r.Deliveries, 1)
			}
			c, l, err := db.Campaigns.Find(t.Context(), 1, requests[0].CampaignID)
			require.NoError(t, err)
			require.Equal(t, campaign.Counts{Recipients: 3, Queued: 3}, campaign.CountsOf(c, l))
		},
	}
}

// tellingKeys keeps the error of keeping an answer, which costs the caller nothing.
type tellingKeys struct {
	store.Idempotency
	err error
}

func (k *tellingKeys) Keep(ctx context.Context, c *idempotency.Claim, answer []byte) error {
	k.err = k.Idempotency.Keep(ctx, c, answer)
	return k.err
}

func clickSubject(t *testing.T, db *store.DB, n int64) subject {
	id := broadcast(t, db, connect(t, db, n), 3)
	var clicks []track.Click
	for _, seq := range []int64{1, 1, 2} {
		clicks = append(clicks, track.Click{ID: uuid.Must(uuid.NewV7()).String(), CampaignID: id, Seq: seq, ContactID: 1, At: start})
	}
	return subject{
		act: func() error { return db.Clicks.RecordClicks(t.Context(), clicks) },
		check: func() {
			people, all := clickedOf(t, db, id)
			require.Len(t, people, 2)
			require.Len(t, all, 3)
			require.EqualValues(t, 3, outboxed(t, db, id))
		},
	}
}

func webhookSubject(t *testing.T, db *store.DB, _ int64) subject {
	id := hook(t, db, outcome.Delivered)
	store.ExecForTest(t, db, fmt.Sprintf(`
		INSERT INTO activities (webhook_id, id, status, campaign_id, seq, at)
		VALUES (%[1]d, 1, 'DELIVERED', 1, 1, 1), (%[1]d, 2, 'DELIVERED', 1, 2, 1), (%[1]d, 3, 'DELIVERED', 1, 3, 1)`, id))
	taken, err := db.Webhooks.TakeWebhooks(t.Context(), "p", start, time.Hour, 5)
	require.NoError(t, err)
	require.Len(t, taken, 1)
	posted, err := db.Webhooks.Batch(t.Context(), taken[0], 2)
	require.NoError(t, err)
	return subject{
		act: func() error {
			held, err := db.Webhooks.SettleActivities(t.Context(), taken[0], posted.Entries, webhook.Attempt{At: start}, time.Hour)
			if err == nil {
				require.True(t, held)
			}
			return err
		},
		check: func() {
			b, err := db.Webhooks.Batch(t.Context(), taken[0], 10)
			require.NoError(t, err)
			require.Len(t, b.Entries, 1)
			require.EqualValues(t, 3, b.Entries[0].Sequence)
			require.Equal(t, start, b.Webhook.DeliveredAt)
		},
	}
}

func importSubject(t *testing.T, db *store.DB, n int64) subject {
	c := imports.Config{
		Store: db.Imports, Workspaces: workspace.New(db.Workspaces, time.Now), Contacts: contact.New(db.Contacts, now),
		Groups: audience.New(db.Groups, now), Events: event.New(db.Events, now), Now: now, NewID: uuid.NewString,
	}
	s, name := imports.New(c), fmt.Sprint("import ", n)
	profiles := make([]contact.Profile, 5)
	for i := range profiles {
		profiles[i] = contact.Profile{Email: new(fmt.Sprintf("n%d-%d@example.com", n, i))}
	}
	session, err := s.Accept(t.Context(), 1, profiles, imports.Task{
		ImportOptions: contact.ImportOptions{DedupeOn: contact.OnEmail}, Groups: []string{name}, EventType: name})
	require.NoError(t, err)
	i, _, err := s.Get(t.Context(), 1, session)
	require.NoError(t, err)
	lease := storetest.TakeImport(t, db, i.ID)
	return subject{
		act: func() error { return s.Run(t.Context(), lease) },
		check: func() {
			i, report, err := s.Get(t.Context(), 1, session)
			require.NoError(t, err)
			require.Equal(t, imports.Finished, i.State)
			require.EqualValues(t, 5, i.Count.Created+i.Count.Updated)
			require.Len(t, report.Mapping, 5)
			require.EqualValues(t, 5, store.CountForTest(t, db, fmt.Sprintf(`SELECT COUNT(*) FROM contacts WHERE email LIKE 'n%d-%%'`, n)))
			events, err := db.Events.Events(t.Context(), 1, event.Filter{Type: name, Before: 1 << 53, Limit: 100})
			require.NoError(t, err)
			require.Len(t, events, 5)
			groups, err := db.Groups.List(t.Context(), 1, audience.Filter{Name: name, Limit: 10})
			require.NoError(t, err)
			require.EqualValues(t, 5, groups[0].Members)
		},
	}
}
