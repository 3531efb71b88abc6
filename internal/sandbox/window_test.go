package sandbox

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestUploadWindow sends files of one size as fast as they are let through, and one of another size
// in between.
func TestUploadWindow(t *testing.T) {
	t.Parallel()
	const now = int64(1_700_000_000 * time.Second)
	for _, c := range []struct {
		size  int64
		free  int           // how many are not held back at all
		apart time.Duration // how far apart the others are
	}{
		{100_001, 6, 200 * time.Millisecond},
		{5_000_000, 3, 500 * time.Millisecond},
		{50_000_000, 2, 900 * time.Millisecond},
	} {
		w := uploadWindow{}
		for range c.free {
			hold, ok := w.take(now, c.size)
			require.True(t, ok)
			require.Zero(t, hold)
		}
		last := time.Duration(0)
		for {
			hold, ok := w.take(now, c.size)
			if !ok {
				require.Equal(t, uploadRefusal, hold)
				break
			}
			if last > 0 {
				require.Equal(t, c.apart, hold-last)
			}
			last = hold
		}
		require.Greater(t, last, uploadBacklog)
		require.LessOrEqual(t, last, uploadBacklog+c.apart)
		hold, ok := w.take(now, c.size+1)
		require.True(t, ok)
		require.Zero(t, hold, "sizes wait by themselves")
		hold, ok = w.take(now+int64(uploadBacklog), c.size)
		require.True(t, ok)
		require.Positive(t, hold)
		_, ok = w.take(now+int64(time.Minute), 1)
		require.True(t, ok)
		require.Len(t, w.next, 1, "sizes that are idle are forgotten")
	}
}

// TestChatWindowAhead: what an album books ahead outlives the generations of the window.
func TestChatWindowAhead(t *testing.T) {
	t.Parallel()
	now := int64(1_700_000_000 * time.Second)
	w := chatWindow{}
	w.configure(1, time.Second)
	require.Zero(t, w.take(now, 42, 10))
	for i := range 9 {
		now += int64(time.Second)
		require.Equal(t, time.Duration(9-i)*time.Second, w.take(now, 42, 1))
		require.Zero(t, w.take(now, int64(100+i), 1))
	}
	now += int64(time.Second)
	require.Zero(t, w.take(now, 42, 1))
	require.Equal(t, time.Second, w.take(now, 42, 1))
	for range 3 {
		now += int64(2 * time.Second)
		require.Zero(t, w.take(now, 7, 1))
	}
	require.Len(t, w.current, 1)
}
