package track

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// A spool that is full of clicks is stored in parts, oldest first, and what is
// damaged in it is told.
func TestSpoolIsReplayedInParts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t)
		clicks := make([]Click, 2*replayBatch+1)
		for i := range clicks {
			clicks[i] = click(fmt.Sprint(i))
		}
		require.NoError(t, b.spool.append(clicks))
		defer b.run(t)()
		synctest.Wait()
		require.Len(t, b.shelf.stored, len(clicks))
		require.Equal(t, 3, b.shelf.calls)
		require.Equal(t, replayBatch, b.shelf.biggest)
		require.Equal(t, len(clicks), b.tally.recorded)
		require.Empty(t, b.log.String())
	})
}

// The recorder has ended when what is being replayed is stored.
func TestStopWaitsForTheReplay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t)
		require.NoError(t, b.spool.append([]Click{click("a")}))
		gate := make(chan struct{})
		b.shelf.taking = gate
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			b.recorder.run(ctx)
			close(ended)
		}()
		synctest.Wait()
		cancel()
		synctest.Wait()
		select {
		case <-ended:
			t.Error("a replay goes on that nobody waits for")
		default:
		}
		close(gate)
		<-ended
		require.True(t, b.shelf.has("a"))
		require.NoError(t, b.spool.close())
	})
}

func TestDamageInTheSpoolIsTold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t)
		require.NoError(t, b.spool.append([]Click{click("a")}))
		_, err := b.spool.open.WriteString("torn")
		require.NoError(t, err)
		defer b.run(t)()
		synctest.Wait()
		require.True(t, b.shelf.has("a"))
		require.Contains(t, b.log.String(), "damaged")
		require.Contains(t, b.log.String(), "lines=1")
	})
}

// An outage is told once, and the next one again.
func TestEachOutageIsToldOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t)
		stop := b.run(t)
		for outage := 1; outage <= 2; outage++ {
			b.shelf.set(func(s *shelf) { s.down = errDown })
			for i := range 3 {
				require.NoError(t, b.recorder.record(click(fmt.Sprint(outage, i))))
				time.Sleep(2 * replayPause)
				synctest.Wait()
			}
			b.shelf.set(func(s *shelf) { s.down = nil })
			time.Sleep(2 * replayPause)
			synctest.Wait()
			require.Len(t, b.shelf.stored, 3*outage)
			for _, said := range []string{"does not take clicks", "cannot be stored yet", "takes clicks again"} {
				require.Equal(t, outage, strings.Count(b.log.String(), said), "%s\n%s", said, b.log)
			}
		}
		stop()
		require.Equal(t, 6, strings.Count(b.log.String(), "\n"), b.log)
	})
}

// Clicks that are lost are told once for as long as they are.
func TestEachLossIsToldOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t)
		defer b.run(t)()
		lose := func(times int) {
			t.Helper()
			b.shelf.set(func(s *shelf) { s.down = errDown })
			b.spool.mu.Lock()
			require.NoError(t, b.spool.rotate())
			b.spool.mu.Unlock()
			require.NoError(t, os.RemoveAll(b.spool.slot))
			for range 3 {
				require.ErrorIs(t, b.recorder.record(click("lost")), errDown)
			}
			require.Equal(t, times, strings.Count(b.log.String(), "clicks are lost"), b.log)
			require.Equal(t, 3*times, b.tally.uncounted)
		}
		lose(1)
		b.shelf.set(func(s *shelf) { s.down = nil })
		require.NoError(t, b.recorder.record(click("stored")))
		lose(2)
		require.NoError(t, os.Mkdir(b.spool.slot, 0o700))
		require.NoError(t, b.recorder.record(click("spooled")))
		lose(3)
	})
}
