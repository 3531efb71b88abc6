package dispatch_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"bellman/internal/bot"
	"bellman/internal/campaign"
	"bellman/internal/dispatch"
	"bellman/internal/telegram"
)

// hang makes a call for one of the n chats from first on take that long. Calls that
// nobody waits for end before the bubble does.
func (w *world) hang(first int64, n int, takes time.Duration) {
	w.t.Cleanup(func() { time.Sleep(takes) })
	w.wire.answer = func(chat int64, nth int) telegram.Result {
		if chat >= first && chat < first+int64(n) {
			time.Sleep(takes)
		}
		return ok(chat, nth)
	}
}

// connectAgain gives the world's bot another token.
func (w *world) connectAgain() {
	w.t.Helper()
	_, err := w.bots.Connect(w.t.Context(), 1, "77:another", "")
	require.NoError(w.t, err)
}

func (w *world) requireNobodyTwice() {
	w.t.Helper()
	for chat, n := range w.wire.received() {
		require.Equal(w.t, 1, n, "messages for chat %d", chat)
	}
}

func TestReconnectedBotLosesNobody(t *testing.T) {
	t.Parallel()
	for name, takes := range map[string]time.Duration{"answers that come in time": 3 * time.Second, "answers that do not": 20 * time.Second} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(w *world) {
				w.subscribe(people(200)...)
				w.hang(1000, 10, takes)
				defer w.process("p1")()
				id := w.launch()
				time.Sleep(600 * time.Millisecond)
				w.connectAgain()
				r := w.until(id, campaign.Finished)
				require.EqualValues(w.t, 200, r.Counts.Sent+r.Counts.Unknown)
				if takes < dispatch.RetireWithin {
					require.Zero(w.t, r.Counts.Unknown, "their answers were waited for")
				} else {
					require.EqualValues(w.t, 10, r.Counts.Unknown, "they are all that is not known")
				}
				w.requireNobodyTwice()
				last := w.wire.all()[199]
				require.Equal(w.t, "77:another", last.token)
			})
		})
	}
}

// refusing is a store that takes no step while it is set.
type refusing struct {
	dispatch.Store
	steps, releases atomic.Bool
}

var errRefused = errors.New("the database is away")

func (s *refusing) Step(ctx context.Context, step dispatch.Step) ([]dispatch.Claimed, error) {
	if s.steps.Load() {
		return nil, errRefused
	}
	return s.Store.Step(ctx, step)
}

func (s *refusing) ReleaseLeases(ctx context.Context, owner string, leases []dispatch.Lease) error {
	if s.releases.Load() {
		return errRefused
	}
	return s.Store.ReleaseLeases(ctx, owner, leases)
}

func TestReconnectedBotKeepsWhatTheDatabaseDidNotTake(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		w.subscribe(people(60)...)
		kept := &refusing{Store: w.ledger}
		w.ledger = kept
		defer w.process("p1")()
		id := w.launch()
		time.Sleep(600 * time.Millisecond)
		kept.steps.Store(true)
		w.connectAgain()
		time.Sleep(3 * dispatch.RetireWithin)
		kept.steps.Store(false)
		r := w.until(id, campaign.Finished)
		require.EqualValues(w.t, 60, r.Counts.Sent, "every answer came, and waited to be written")
		w.requireNobodyTwice()
	})
}

func TestLeaseThatCannotBeGivenBackIsNotUsed(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		w.subscribe(people(40)...)
		w.hang(1000, 10, time.Minute)
		kept := &refusing{Store: w.ledger}
		kept.releases.Store(true)
		w.ledger = kept
		defer w.process("p1")()
		id := w.launch()
		time.Sleep(600 * time.Millisecond)
		w.connectAgain()
		time.Sleep(4 * dispatch.RetireWithin)
		require.Equal(w.t, campaign.Sending, w.report(id).State)
		kept.releases.Store(false)
		r := w.until(id, campaign.Finished)
		require.EqualValues(w.t, 10, r.Counts.Unknown)
		require.EqualValues(w.t, 30, r.Counts.Sent)
		w.requireNobodyTwice()
	})
}

// second connects another bot, which has n subscribers with chats from 101,000 on,
// and launches a broadcast to them.
func (w *world) second(n int) (other *world, campaignID int64) {
	w.t.Helper()
	copied := *w
	other = &copied
	other.bots = bot.New(w.store.Bots, profile{88}, w.seal, time.Now, uuid.NewString)
	var err error
	other.bot, err = other.bots.Connect(w.t.Context(), 1, "88:secret", "")
	require.NoError(w.t, err)
	ids := people(n)
	for i := range ids {
		ids[i] += 100_000
	}
	other.subscribe(ids...)
	return other, other.launch()
}

// longestGap returns the longest time between two messages for chats from first
// on and before end.
func (w *world) longestGap(first, end int64) time.Duration {
	var (
		longest time.Duration
		before  time.Time
	)
	for _, c := range w.wire.all() {
		if c.chatID < first || c.chatID >= end {
			continue
		}
		if !before.IsZero() {
			longest = max(longest, c.at.Sub(before))
		}
		before = c.at
	}
	return longest
}

func TestReconnectedBotDoesNotSilenceOthers(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		w.subscribe(people(40)...)
		w.hang(1000, 10, 20*time.Second)
		w.second(600)
		defer w.process("p1")()
		id := w.launch()
		for range 5 {
			time.Sleep(3 * time.Second)
			w.connectAgain()
		}
		w.until(id, campaign.Finished)
		require.LessOrEqual(w.t, w.longestGap(101_000, 102_000), 100*time.Millisecond)
		w.requireNobodyTwice()
	})
}

func TestBotThatMovesAwayDoesNotSilenceOthers(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		w.subscribe(people(900)...)
		const moving = 101_000
		w.hang(moving, 40, 20*time.Second)
		other, id := w.second(40)
		defer w.process("p1")()
		steady := w.launch()
		time.Sleep(600 * time.Millisecond)
		defer w.process("p2")()
		w.until(steady, campaign.Finished)
		r := other.until(id, campaign.Finished)
		require.EqualValues(w.t, 40, r.Counts.Sent+r.Counts.Unknown)
		require.NotZero(w.t, r.Counts.Unknown, "the second bot moved while its answers were waited for")
		require.LessOrEqual(w.t, w.longestGap(0, moving), 100*time.Millisecond)
		w.requireNobodyTwice()
	})
}
