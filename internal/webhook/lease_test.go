package webhook_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/message"
	"bellman/internal/webhook"
)

// slow is a store that is slow, once, to read the next batch.
type slow struct {
	webhook.SenderStore
	clock *clock
	takes time.Duration
}

func (s *slow) Batch(ctx context.Context, l webhook.Lease, limit int) (webhook.Batch, error) {
	s.clock.advance(s.takes)
	s.takes = 0
	return s.SenderStore.Batch(ctx, l, limit)
}

// A call that might end after its lease is not begun: by then another process may
// post the same.
func TestCallEndsBeforeItsLease(t *testing.T) {
	t.Parallel()
	// A lease is 30 seconds long, a call takes up to 10, and 2 are to spare.
	const inTime = 18 * time.Second
	for name, tt := range map[string]struct {
		takes time.Duration
		posts int
	}{
		"in time":  {inTime, 1},
		"too late": {inTime + time.Millisecond, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, w *world) {
				r := newReceiver(t)
				w.hook(t, 1, r.URL)
				w.launch(t, 1, 1, message.Text("hi")).sent(t, 1)
				w.look(t, w.senderOver(&slow{w.Webhooks, w.clock, tt.takes}, "first"))
				require.Equal(t, tt.posts, r.attempts())
				require.NoError(t, w.Ledgers.ForgetSenders(t.Context()))
				w.look(t, w.sender("second"))
				require.Equal(t, 1, r.attempts(), "it is posted in the next turn, once")
			})
		})
	}
}
