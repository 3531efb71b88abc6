package dispatch_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/campaign"
	"bellman/internal/dispatch"
)

// slowLedger is a store whose steps take a time, or fail after it.
type slowLedger struct {
	dispatch.Store
	takes atomic.Int64
	fails atomic.Bool
	// claimed is the most that one step claimed.
	claimed atomic.Int64
}

var errSlow = errors.New("it took too long")

func (s *slowLedger) Step(ctx context.Context, step dispatch.Step) ([]dispatch.Claimed, error) {
	time.Sleep(time.Duration(s.takes.Load()))
	if s.fails.Load() {
		return nil, errSlow
	}
	claimed, err := s.Store.Step(ctx, step)
	for _, c := range claimed {
		s.claimed.Store(max(s.claimed.Load(), int64(len(c.Recipients))))
	}
	return claimed, err
}

// The pace is the bot's, however long steps take: a claim covers what they are
// measured to take.
func TestPaceHoldsWhenStepsAreSlow(t *testing.T) {
	t.Parallel()
	for _, takes := range []time.Duration{0, 50 * time.Millisecond, 200 * time.Millisecond, 400 * time.Millisecond} {
		t.Run(takes.String(), func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(w *world) {
				w.subscribe(people(600)...)
				slow := &slowLedger{Store: w.ledger}
				slow.takes.Store(int64(takes))
				w.ledger = slow
				defer w.process("p1")()
				require.EqualValues(w.t, 600, w.until(w.launch(), campaign.Finished).Counts.Sent)
				calls := w.wire.all()
				perSecond := float64(len(calls)-1) / calls[len(calls)-1].at.Sub(calls[0].at).Seconds()
				require.Greater(w.t, perSecond, 29.0)
			})
		})
	}
}

// A claim covers a second of sending at most, so that a crash leaves no more than
// that unknown; and little again when steps are quick again. A step that failed is
// no measure.
func TestClaimsAreBoundedHoweverSlowStepsAre(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		w.subscribe(people(900)...)
		slow := &slowLedger{Store: w.ledger}
		slow.takes.Store(int64(3 * time.Second))
		w.ledger = slow
		defer w.process("p1")()
		id := w.launch()
		time.Sleep(30 * time.Second)
		require.LessOrEqual(w.t, slow.claimed.Load(), int64(31))
		require.Greater(w.t, slow.claimed.Load(), int64(25))
		slow.takes.Store(0)
		time.Sleep(5 * time.Second)
		slow.claimed.Store(0)
		time.Sleep(2 * time.Second)
		require.EqualValues(w.t, 2, slow.claimed.Load())
		slow.takes.Store(int64(3 * time.Second))
		slow.fails.Store(true)
		time.Sleep(10 * time.Second)
		slow.takes.Store(0)
		slow.fails.Store(false)
		time.Sleep(2 * time.Second)
		require.EqualValues(w.t, 2, slow.claimed.Load())
		require.EqualValues(w.t, 900, w.until(id, campaign.Finished).Counts.Sent)
	})
}
