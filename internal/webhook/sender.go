package webhook

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"bellman/internal/activity"
	"bellman/internal/fault"
	"bellman/internal/loop"
	"bellman/internal/outcome"
	"bellman/internal/summary"
)

const (
	// MaxArray is how many activities are posted at once.
	MaxArray = 1000
	// CallLimit is how long one call may take.
	CallLimit = 10 * time.Second
	// stopLimit is how long a stop waits for the turns under way: for a call, and for
	// the database to take what came of it.
	stopLimit = CallLimit + 5*time.Second
	// lookEvery is how often a process looks for webhooks that are due: the longest
	// wait of an activity when nothing has failed.
	lookEvery = time.Second
	// leaseTime is how long a lease lasts. A call begins only when it ends before
	// the lease does, with leaseRoom to spare.
	leaseTime = 30 * time.Second
	leaseRoom = 2 * time.Second
	// maxTurns is how many webhooks one process serves at once, and turnTime how
	// long it serves one before others that are due get its place.
	maxTurns = 64
	turnTime = 20 * time.Second
	// sweepEvery is how often backlogs are measured, and the rows of deleted webhooks
	// removed, sweepChunk
	// at once. A deleted webhook is kept for sweepAfter, until the transactions
	// that saw it active have ended.
	sweepEvery = time.Minute
	sweepChunk = 5000
	sweepAfter = time.Minute
)

// retryAfter is the time from the nth failed attempt in a row, counted from 1,
// to the next one: 1, 2, 4, 8, 16, 32 and 60 minutes, as eSputnik does it.
//
// spec: webhook-retry
func retryAfter(n int) time.Duration { return loop.Doubling(time.Minute, n, time.Hour) }

// errSlow ends a turn whose lease might run out during the next call.
var errSlow = errors.New("webhook: reading what to post took so long that the lease runs out; it is taken anew")

// Lease is the right to post to a webhook.
type Lease struct {
	WebhookID int64
	Owner     string
	// Epoch grows with each lease of the webhook.
	Epoch int64
}

// Entry is an activity that waits to be posted, with the data that it refers to as
// of now. When its campaign is gone, only the campaign's id is known.
type Entry struct {
	activity.Activity
	// Sequence grows along the entries of a webhook.
	Sequence int64
	AppUUID  string
	// TelegramMessageID is zero when nothing was sent.
	TelegramMessageID int64
}

// Batch is what is posted next.
type Batch struct {
	Webhook Webhook
	// Entries are the oldest waiting activities, in their order; none when the
	// webhook was paused or deleted, or the lease was lost.
	Entries []Entry
}

// Failure is an attempt that the receiver did not accept.
type Failure struct {
	Attempt
	// Revision is that of the webhook that was tried: when a person has changed it
	// since, the failure says nothing about it.
	Revision int64
	// InARow is how many attempts have failed by now.
	InARow int
	Next   time.Time
	// Pause is why the webhook is paused for it; empty when it is not.
	Pause outcome.Reason
}

// SenderStore is what a sender needs of the database.
type SenderStore interface {
	// TakeWebhooks leases up to limit active webhooks that are due, have something
	// waiting and are leased by nobody, for ttl by the database's clock. Those that
	// were served longest ago come first.
	TakeWebhooks(ctx context.Context, owner string, now time.Time, ttl time.Duration, limit int) ([]Lease, error)
	// Batch returns the next activities to be posted, up to limit.
	Batch(ctx context.Context, l Lease, limit int) (Batch, error)
	// SettleActivities deletes entries that the receiver accepted in the attempt,
	// which it keeps, and renews the lease to ttl from now. held is false when
	// another process has the lease by now.
	SettleActivities(ctx context.Context, l Lease, accepted []Entry, a Attempt, ttl time.Duration) (held bool, err error)
	// PostponeWebhook keeps the attempt of a failure, puts the webhook off or pauses
	// it, and ends the lease.
	PostponeWebhook(ctx context.Context, l Lease, f Failure) error
	// PauseWebhook pauses the webhook of the revision for the reason, unless a person
	// has changed it since, and ends the lease.
	PauseWebhook(ctx context.Context, l Lease, revision int64, why outcome.Reason) error
	// ReleaseWebhook ends the lease; others that are due come before the webhook.
	ReleaseWebhook(ctx context.Context, l Lease, now time.Time) error
	// Refill is called when nothing waits. Activities are recorded again for a
	// webhook that was stopped, and those that it missed, up to the moment settled, by
	// which the transactions that saw it stopped have ended, become a replay that is
	// due then. Of a replay that is due, the next activities, about limit, are added to
	// those that wait; more reports whether to look again.
	Refill(ctx context.Context, l Lease, now, settled time.Time, limit int) (more bool, err error)
	// StopFull stops recording activities for the webhooks for which most or more
	// wait, and returns them.
	StopFull(ctx context.Context, most int, now time.Time) (stopped []int64, err error)
	// SweepWebhooks removes up to limit activities of webhooks that were deleted
	// before the moment, or else those webhooks themselves, and reports whether
	// there may be more.
	SweepWebhooks(ctx context.Context, before time.Time, limit int) (more bool, err error)
}

// Sender posts waiting activities. Any number of processes may run one over the
// same database.
type Sender struct {
	store     SenderStore
	campaigns *summary.Cache
	call      Caller
	seal      Sealer
	owner     string
	now       func() time.Time
	log       *slog.Logger

	// maxWaiting is [MaxWaiting], but in tests.
	maxWaiting int

	turns   sync.WaitGroup
	running chan struct{} // holds a token for each turn
	swept   time.Time
}

// NewSender returns a sender. campaigns provides the content that was sent; owner
// names this process among all that work on the database, and is new at each start.
func NewSender(
	store SenderStore, campaigns *summary.Cache, call Caller, seal Sealer, owner string, now func() time.Time, log *slog.Logger,
) *Sender {
	return &Sender{
		store: store, campaigns: campaigns, call: call, seal: seal, owner: owner, now: now, log: log,
		maxWaiting: MaxWaiting, running: make(chan struct{}, maxTurns),
	}
}

// Run posts until the context ends and the calls under way have ended, which takes
// fifteen seconds at most: what the database has not taken by then is posted again.
// Errors of the database are logged and retried.
func (s *Sender) Run(ctx context.Context) {
	defer s.turns.Wait()
	loop.Every(ctx, lookEvery, nil, s.look, func(err error) { s.log.ErrorContext(ctx, "webhooks have to wait", "error", err) })
}

// look begins a turn for each webhook that is due.
func (s *Sender) look(ctx context.Context) error {
	now := s.now()
	if now.Sub(s.swept) >= sweepEvery {
		s.swept = now
		if err := s.sweep(ctx, now); err != nil {
			return err
		}
	}
	free := cap(s.running) - len(s.running)
	if free == 0 {
		return nil
	}
	leases, err := s.store.TakeWebhooks(ctx, s.owner, now, leaseTime, free)
	if err != nil {
		return err
	}
	for _, l := range leases {
		s.running <- struct{}{}
		s.turns.Go(func() {
			defer func() { <-s.running }()
			working, done := loop.Outliving(ctx, stopLimit)
			defer done()
			err := s.turn(ctx, working, l, now.Add(leaseTime))
			switch {
			case err == nil:
			case working.Err() != nil:
				s.log.WarnContext(ctx, "a webhook is cut off by the stop: it is posted to again", "webhook", l.WebhookID, "error", err)
			default:
				s.log.ErrorContext(ctx, "a webhook has to wait", "webhook", l.WebhookID, "error", err)
			}
		})
	}
	return nil
}

func (s *Sender) sweep(ctx context.Context, now time.Time) error {
	stopped, err := s.store.StopFull(ctx, s.maxWaiting, now)
	if err != nil {
		return err
	}
	for _, id := range stopped {
		s.log.WarnContext(ctx, "too much waits for a webhook; the rest is found again when that is posted",
			"webhook", id, "waiting", s.maxWaiting)
	}
	return loop.All(ctx, func(ctx context.Context) (more bool, err error) {
		return s.store.SweepWebhooks(ctx, now.Add(-sweepAfter), sweepChunk)
	})
}

// turn posts to a webhook until nothing waits, a call fails, its time is over or
// the context ends. It finishes what it has begun, in the context working. When the
// database fails while the lease is being released, the lease expires.
func (s *Sender) turn(ctx, working context.Context, l Lease, leased time.Time) error {
	for end := s.now().Add(turnTime); ctx.Err() == nil && s.now().Before(end); {
		b, err := s.store.Batch(working, l, MaxArray)
		if err != nil {
			return err
		}
		if len(b.Entries) == 0 {
			now := s.now()
			more, err := s.store.Refill(working, l, now, now.Add(sweepAfter), MaxArray)
			if err != nil {
				return err
			}
			if !more {
				break
			}
			continue
		}
		a, answer, err := s.post(working, b, leased)
		switch {
		case fault.Is(err, string(outcome.SecretUnreadable)):
			return s.pause(working, l, b.Webhook, outcome.SecretUnreadable)
		case err != nil:
			return err
		case answer.Refused != nil:
			return s.postpone(working, l, b.Webhook, a, answer)
		}
		held, err := s.store.SettleActivities(working, l, b.Entries, a, leaseTime)
		if err != nil || !held {
			return err
		}
		leased = a.End().Add(leaseTime)
	}
	return s.store.ReleaseWebhook(working, l, s.now())
}

// post posts one array.
func (s *Sender) post(ctx context.Context, b Batch, leased time.Time) (a Attempt, answer Answer, err error) {
	if err := s.describe(ctx, b.Entries); err != nil {
		return a, answer, err
	}
	to, err := address(b.Webhook, s.seal)
	if err != nil {
		return a, answer, err
	}
	m, err := s.message(b)
	if err != nil {
		return a, answer, err
	}
	if m.At.Add(CallLimit + leaseRoom).After(leased) {
		return a, answer, errSlow
	}
	answer = s.call.Post(ctx, to, m)
	a = Attempt{MessageID: m.ID, At: m.At, Took: s.now().Sub(m.At), Activities: len(b.Entries), Status: answer.Status}
	if answer.Refused != nil {
		a.Error = answer.Refused.Error()
	}
	return a, answer, nil
}

// message returns a batch as it is posted now.
func (s *Sender) message(b Batch) (m Message, err error) {
	secrets, err := secretsOf(b.Webhook, s.seal)
	if err != nil {
		return m, err
	}
	if m.Body, err = encode(b.Entries); err != nil {
		return m, err
	}
	m.ID, m.At = messageID(b.Webhook.ID, b.Entries), s.now()
	m.Signature, err = sign(secrets, m.ID, m.At, m.Body)
	return m, err
}

// statusGone is the status of HTTP that ends a webhook (RFC 9110 §15.5.11).
const statusGone = 410

// postpone puts a webhook off whose receiver did not accept an array, or pauses it when
// its address is gone for good.
func (s *Sender) postpone(ctx context.Context, l Lease, w Webhook, a Attempt, answer Answer) error {
	f := Failure{Attempt: a, Revision: w.Revision, InARow: w.Attempts + 1}
	f.Next = a.End().Add(answer.wait(f.InARow))
	if answer.Status == statusGone {
		f.Pause = outcome.AddressGone
		s.log.WarnContext(ctx, "a webhook is paused", "webhook", w.ID, "reason", f.Pause)
	} else {
		s.log.WarnContext(ctx, "a webhook does not take what is posted",
			"webhook", w.ID, "attempts", f.InARow, "again", f.Next, "error", answer.Refused)
	}
	return s.store.PostponeWebhook(ctx, l, f)
}

// pause pauses a webhook that cannot be posted to before a person has mended it.
func (s *Sender) pause(ctx context.Context, l Lease, w Webhook, why outcome.Reason) error {
	s.log.WarnContext(ctx, "a webhook is paused", "webhook", w.ID, "reason", why)
	return s.store.PauseWebhook(ctx, l, w.Revision, why)
}

// describe adds the data that comes from the contents of campaigns.
func (s *Sender) describe(ctx context.Context, entries []Entry) error {
	ids := make([]int64, len(entries))
	for i := range entries {
		ids[i] = entries[i].Campaign.ID
	}
	slices.Sort(ids)
	contents, err := s.campaigns.All(ctx, slices.Compact(ids))
	if err != nil {
		return err
	}
	for i := range entries {
		entries[i].Describe(contents[entries[i].Campaign.ID])
	}
	return nil
}
