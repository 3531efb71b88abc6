package webhook_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/activity"
	"bellman/internal/outcome"
	"bellman/internal/summary"
	"bellman/internal/webhook"
)

var errAway = errors.New("the database is away")

// outbox is a store of webhooks with endless activities to post, and also the
// address that they are posted to.
type outbox struct {
	mu    sync.Mutex
	clock *clock
	// due is how many webhooks are due; each batch has size activities, and every
	// call takes this long.
	due, size int
	takes     time.Duration
	// hook is the template of each webhook.
	hook webhook.Webhook
	// broken names the call that the database fails.
	broken string
	// refused is the error of each post. lost is true when a settle finds that
	// another process has the lease. posting, unless it is nil, holds the calls.
	refused error
	status  int
	asks    time.Duration
	lost    bool
	posting chan struct{}

	asked     []int
	posts     int
	bodies    []string
	settled   [][]int64
	postponed []webhook.Failure
	released  int
	full      []int64
	paused    []outcome.Reason
	swept     []time.Time
	// unswept is how many sweeps find more to sweep.
	unswept int
	// silent is true when a settle gets no answer.
	silent bool
}

// sleep lets time pass for the sender. What the test has read of the outbox comes
// before what the sender does then, and what it reads next comes after.
func (o *outbox) sleep(d time.Duration) {
	o.pass()
	time.Sleep(d)
	synctest.Wait()
	o.pass()
}

// pass orders the test with the sender.
func (o *outbox) pass() {
	o.mu.Lock()
	defer o.mu.Unlock()
}

func (o *outbox) says(call string) error {
	if o.broken == call {
		return errAway
	}
	return nil
}

func (o *outbox) TakeWebhooks(
	_ context.Context, owner string, _ time.Time, ttl time.Duration, limit int,
) (leases []webhook.Lease, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.asked = append(o.asked, limit)
	for n := range min(o.due, limit) {
		leases = append(leases, webhook.Lease{WebhookID: int64(n + 1), Owner: owner})
	}
	o.due -= len(leases)
	if ttl != 30*time.Second {
		return nil, errors.New("another time than the sender counts with")
	}
	return leases, o.says("take")
}

func (o *outbox) Batch(_ context.Context, l webhook.Lease, limit int) (webhook.Batch, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	b := webhook.Batch{Webhook: o.hook}
	b.Webhook.ID = l.WebhookID
	for n := range min(o.size, limit) {
		e := webhook.Entry{Sequence: int64(o.posts*1000 + n)}
		e.Status, e.At, e.Campaign = outcome.Delivered, start, activity.Campaign{ID: 4, MessageID: 6, MessageName: "Sale"}
		if n%2 == 1 {
			e.Campaign = activity.Campaign{ID: 5}
		}
		b.Entries = append(b.Entries, e)
	}
	return b, o.says("batch")
}

func (o *outbox) SettleActivities(
	ctx context.Context, _ webhook.Lease, accepted []webhook.Entry, _ webhook.Attempt, _ time.Duration,
) (bool, error) {
	if o.silent {
		<-ctx.Done()
		return false, ctx.Err()
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	var ids []int64
	for i := range accepted {
		ids = append(ids, accepted[i].Sequence)
	}
	o.settled = append(o.settled, ids)
	return !o.lost, o.says("settle")
}

func (o *outbox) PostponeWebhook(_ context.Context, _ webhook.Lease, f webhook.Failure) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.postponed = append(o.postponed, f)
	return o.says("postpone")
}

func (o *outbox) ReleaseWebhook(context.Context, webhook.Lease, time.Time) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.released++
	return o.says("release")
}

func (o *outbox) PauseWebhook(_ context.Context, _ webhook.Lease, revision int64, why outcome.Reason) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if revision != o.hook.Revision {
		return errors.New("another revision than that which was tried")
	}
	o.paused = append(o.paused, why)
	return o.says("pause")
}

func (o *outbox) Refill(context.Context, webhook.Lease, time.Time, time.Time, int) (bool, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return false, o.says("refill")
}

func (o *outbox) StopFull(context.Context, int, time.Time) ([]int64, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.full, o.says("full")
}

func (o *outbox) SweepWebhooks(_ context.Context, before time.Time, _ int) (bool, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.swept = append(o.swept, before)
	o.unswept--
	return o.unswept > 0, o.says("sweep")
}

func (o *outbox) Probe(context.Context, webhook.Address) error { return o.refused }

func (o *outbox) Post(_ context.Context, _ webhook.Address, m webhook.Message) webhook.Answer {
	o.mu.Lock()
	o.posts++
	o.bodies = append(o.bodies, string(m.Body))
	o.mu.Unlock()
	if o.posting != nil {
		<-o.posting
	}
	o.clock.advance(o.takes)
	return webhook.Answer{Status: o.status, RetryAfter: o.asks, Refused: o.refused}
}

func (o *outbox) Launched(context.Context, time.Time, int) ([]int64, error) { return nil, nil }

func (o *outbox) Stored(context.Context, []int64) ([]summary.Stored, error) {
	return nil, o.says("summaries")
}

// sealed unseals what was sealed with a word.
type sealed struct{}

func (sealed) Seal(secret string, _ int64) []byte { return []byte("sealed " + secret) }

func (sealed) Unseal(from []byte, _ int64) (string, error) {
	secret, ok := strings.CutPrefix(string(from), "sealed ")
	if !ok {
		return "", errors.New("it was sealed under another key")
	}
	return secret, nil
}

// sender returns a sender over the outbox, which logs into the text.
func (o *outbox) sender(log *strings.Builder) *webhook.Sender {
	o.clock = newClock()
	text := slog.New(slog.NewTextHandler(log, nil))
	return webhook.NewSender(o, summary.NewCache(o, o.clock.now, text), o, sealed{}, "p", o.clock.now, text)
}

// A webhook with much to post gives its place to others after twenty seconds, and
// its lease is renewed with each array.
func TestTurnGivesWayToOthers(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	o := &outbox{due: 1, size: 2, takes: 9 * time.Second}
	require.NoError(t, o.sender(&log).Look(t.Context()))
	require.Equal(t, 3, o.posts, "at 0, 9 and 18 seconds")
	require.Equal(t, [][]int64{{0, 1}, {1000, 1001}, {2000, 2001}}, o.settled)
	require.Equal(t, 1, o.released)
	require.Empty(t, log.String())
	var array []map[string]any
	require.NoError(t, json.Unmarshal([]byte(o.bodies[0]), &array))
	require.Equal(t, "Sale", array[0]["messageName"])
	require.NotContains(t, array[1], "messageName", "its campaign is gone")

	o = &outbox{due: 1, size: 1, takes: 10 * time.Second}
	require.NoError(t, o.sender(&log).Look(t.Context()))
	require.Equal(t, 2, o.posts, "twenty seconds are over")
}

// A turn ends when nothing waits, the lease was lost, or the process stops.
func TestTurnEnds(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	o := &outbox{due: 1}
	require.NoError(t, o.sender(&log).Look(t.Context()))
	require.Zero(t, o.posts)
	require.Equal(t, 1, o.released)

	o = &outbox{due: 1, size: 1, lost: true}
	require.NoError(t, o.sender(&log).Look(t.Context()))
	require.Equal(t, 1, o.posts)
	require.Zero(t, o.released, "it is another's")

	o = &outbox{due: 1, size: 1}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	require.NoError(t, o.sender(&log).Look(ctx))
	require.Zero(t, o.posts)
	require.Equal(t, 1, o.released)
	require.Empty(t, log.String())
}

// An array that is not accepted is postponed, with the number of attempts so far
// and the time of the next one.
func TestRefusedArrayIsPostponed(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	o := &outbox{due: 1, size: 1, takes: time.Second, refused: errors.New("it answered 500"), status: 500,
		hook: webhook.Webhook{Revision: 7, Attempts: 2}}
	require.NoError(t, o.sender(&log).Look(t.Context()))
	at := start.Add(time.Second)
	require.Equal(t, []webhook.Failure{
		{Attempt: webhook.Attempt{MessageID: o.postponed[0].MessageID, At: start, Took: time.Second, Activities: 1, Status: 500,
			Error: "it answered 500"}, Revision: 7, InARow: 3, Next: at.Add(4 * time.Minute)},
	}, o.postponed)
	require.Equal(t, 1, o.posts)
	require.Zero(t, o.released, "the failure ends the lease")
	require.Empty(t, o.settled)
	require.Contains(t, log.String(), "does not take")
}

// An error of the database in any call of a turn is logged, and the turn does
// nothing more under the lease than is safe.
func TestTurnLogsErrorsOfTheDatabase(t *testing.T) {
	t.Parallel()
	for call, want := range map[string]struct{ posts, settled, released int }{
		"batch": {}, "summaries": {}, "pause": {}, "settle": {1, 1, 0}, "release": {3, 3, 1}, "postpone": {1, 0, 0},
	} {
		var log strings.Builder
		o := &outbox{due: 1, size: 1, takes: 9 * time.Second, broken: call}
		switch call {
		case "pause":
			o.hook = webhook.Webhook{Login: "me", SealedPassword: []byte("?")}
		case "postpone":
			o.refused = errors.New("no")
		}
		require.NoError(t, o.sender(&log).Look(t.Context()))
		require.Equal(t, []int{want.posts, want.settled, want.released}, []int{o.posts, len(o.settled), o.released}, call)
		require.Contains(t, log.String(), "a webhook has to wait", call)
	}
	for _, call := range []string{"take", "sweep"} {
		var log strings.Builder
		o := &outbox{due: 1, size: 1, broken: call}
		require.ErrorIs(t, o.sender(&log).Look(t.Context()), errAway)
		require.Zero(t, o.posts)
	}
}

// The receiver may ask to be left alone for another time than the usual one, within
// bounds. One that is gone for good is asked no more.
func TestReceiverSaysWhen(t *testing.T) {
	t.Parallel()
	for asks, want := range map[time.Duration]time.Duration{
		0: 4 * time.Minute, time.Millisecond: time.Second, 90 * time.Second: 90 * time.Second, 24 * time.Hour: 24 * time.Hour,
		25 * time.Hour: 24 * time.Hour,
	} {
		var log strings.Builder
		o := &outbox{due: 1, size: 1, asks: asks, status: 503, refused: errors.New("it answered 503"), hook: webhook.Webhook{Attempts: 2}}
		require.NoError(t, o.sender(&log).Look(t.Context()))
		require.Equal(t, start.Add(want), o.postponed[0].Next)
		require.Empty(t, o.postponed[0].Pause)
	}
	var log strings.Builder
	o := &outbox{due: 1, size: 1, status: 410, refused: errors.New("it answered 410 Gone")}
	require.NoError(t, o.sender(&log).Look(t.Context()))
	require.Equal(t, outcome.AddressGone, o.postponed[0].Pause)
	require.Contains(t, log.String(), "a webhook is paused")
}

// A webhook whose password does not open is paused: nobody but a person can mend that.
func TestUnreadablePasswordPauses(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	o := &outbox{due: 1, size: 1, hook: webhook.Webhook{Login: "me", SealedPassword: []byte("?"), Revision: 7}}
	require.NoError(t, o.sender(&log).Look(t.Context()))
	require.Equal(t, []outcome.Reason{outcome.SecretUnreadable}, o.paused)
	require.Zero(t, o.posts)
	require.Zero(t, o.released, "the pause ends the lease")
	require.Contains(t, log.String(), "a webhook is paused")
}

// The rows of deleted webhooks are swept once a minute, all of them, except those
// of webhooks deleted less than a minute ago.
func TestSweeps(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	o := &outbox{unswept: 3}
	s := o.sender(&log)
	first := start.Add(-time.Minute)
	require.NoError(t, s.Look(t.Context()))
	require.Equal(t, []time.Time{first, first, first}, o.swept)
	o.clock.advance(time.Minute - time.Millisecond)
	require.NoError(t, s.Look(t.Context()))
	require.Len(t, o.swept, 3)
	o.clock.advance(time.Millisecond)
	require.NoError(t, s.Look(t.Context()))
	require.Equal(t, start, o.swept[3])
	require.Len(t, o.swept, 4)
}

// No more than 64 webhooks are served at once. Others wait for a place, and a stop
// waits for the calls under way.
func TestTurnsAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		o := &outbox{due: 70, size: 1, posting: make(chan struct{}), refused: errors.New("no")}
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		s := o.sender(&log)
		go func() {
			defer close(done)
			s.Run(ctx)
		}()
		o.sleep(5500 * time.Millisecond)
		require.Equal(t, []int{64}, o.asked, "there is no place for more")
		require.Equal(t, 64, o.posts)
		o.pass()
		o.posting <- struct{}{}
		o.posting <- struct{}{}
		o.sleep(time.Second)
		require.Equal(t, []int{64, 2}, o.asked)
		require.Equal(t, 66, o.posts)
		o.pass()
		stop()
		synctest.Wait()
		select {
		case <-done:
			require.Fail(t, "it did not wait for the calls")
		default:
		}
		close(o.posting)
		<-done
		require.Equal(t, 66, o.posts)
	})
}

// A database that does not answer while the process stops delays the stop for as
// long as a call may take, and a moment more.
func TestStopDoesNotWaitForASilentDatabase(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		o := &outbox{due: 1, size: 1, silent: true}
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		s := o.sender(&log)
		go func() {
			defer close(done)
			s.Run(ctx)
		}()
		o.sleep(time.Minute)
		stop()
		stopped := time.Now()
		<-done
		require.Equal(t, 15*time.Second, time.Since(stopped))
		require.Contains(t, log.String(), `level=WARN msg="a webhook is cut off by the stop: it is posted to again"`)
		require.NotContains(t, log.String(), "level=ERROR")
	})
}
