package dispatch

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
)

// Who waits for a sender's answers or results stops waiting when it is gone, because they
// are discarded then, and when the context ends.
func TestWaitingForASenderEndsWithIt(t *testing.T) {
	t.Parallel()
	for name, wait := range map[string]func(s *sender, ctx context.Context) bool{
		"answers": (*sender).waitAnswered,
		"results": (*sender).waitWritten,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d := newStand(t, nil)
				d.wire, d.reporting = 1, true
				d.start(t.Context())
				waits := func(ctx context.Context) (happened chan bool) {
					happened = make(chan bool, 1)
					go func() { happened <- wait(d.sender, ctx) }()
					synctest.Wait()
					require.Empty(t, happened)
					return happened
				}
				ctx, cancel := context.WithCancel(t.Context())
				happened := waits(ctx)
				cancel()
				require.False(t, <-happened)
				happened = waits(t.Context())
				d.end()
				require.False(t, <-happened)
				d.wire, d.reporting = 0, false
				require.False(t, wait(d.sender, t.Context()), "what is discarded was not written")
			})
		})
	}
}
