package dispatch

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// However late the sender is called, and whatever it did before, no window of
// a second holds more messages than the limit, even when they arrive a little
// closer together than they left.
func TestPaceKeepsEveryWindow(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rate := rapid.SampledFrom([]int{1, 5, 25, 30, 1000}).Draw(t, "rate")
		p := NewPace(float64(rate))
		now := start
		var left []time.Time
		for range 3 * rate {
			now = now.Add(p.Wait(now))
			stall := rapid.SampledFrom([]time.Duration{0, 0, 0, 100 * time.Microsecond, 3 * time.Millisecond, 7 * time.Millisecond, 40 * time.Millisecond, time.Second}).Draw(t, "late")
			now = now.Add(stall)
			p.Take(now)
			left = append(left, now)
		}
		for i := rate; i < len(left); i++ {
			require.Greater(t, left[i].Sub(left[i-rate]), time.Second, "message %d", i)
		}
	})
}

func TestPaceIsNotSlowerThanItMust(t *testing.T) {
	t.Parallel()
	for _, rate := range []int{1, 30, 1000} {
		p := NewPace(float64(rate))
		now := start
		for range 10*rate + 1 {
			now = now.Add(p.Wait(now) + 500*time.Microsecond)
			p.Take(now)
		}
		require.Less(t, now.Sub(start).Seconds(), 10*1.02)
	}
}

func TestPaceWithoutLimit(t *testing.T) {
	t.Parallel()
	p := NewPace(0)
	p.Take(start)
	require.Zero(t, p.Wait(start))
}

func TestWatermark(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 40).Draw(t, "n")
		all := make([]int64, n)
		for i := range all {
			all[i] = int64(i + 1)
		}
		order := rapid.Permutation(all).Draw(t, "order")
		var w watermark
		done := map[int64]bool{}
		for _, seq := range order {
			w.settle(seq)
			done[seq] = true
			want := int64(0)
			for done[want+1] {
				want++
			}
			require.Equal(t, want, w.through)
		}
		require.Empty(t, w.ahead)
	})
}

func TestChatPace(t *testing.T) {
	t.Parallel()
	var c chatPace
	require.Zero(t, c.take(1, start))
	require.NotZero(t, c.take(1, start.Add(2*time.Second)), "one on the wire at a time")
	c.landed(1)
	require.Zero(t, c.take(1, start.Add(2*time.Second)))
	c.landed(1)
	require.Equal(t, start.Add(2*time.Second+privateEvery), c.take(1, start.Add(2500*time.Millisecond)))
	require.Zero(t, c.take(2, start.Add(2500*time.Millisecond)))
	require.Zero(t, c.take(-5, start))
	c.landed(-5)
	require.Equal(t, start.Add(groupEvery), c.take(-5, start.Add(time.Second)))
}

func TestChatPaceForgets(t *testing.T) {
	t.Parallel()
	var c chatPace
	for i := range 10000 {
		require.Zero(t, c.take(int64(i+1), start.Add(time.Duration(i)*time.Millisecond)))
		c.landed(int64(i + 1))
	}
	require.Less(t, len(c.free), 1100)
	require.Len(t, c.order, len(c.free))
}

func TestAdapt(t *testing.T) {
	t.Parallel()
	var a adapt
	require.InDelta(t, 1, a.share(), 1e-9)
	a.throttled(start)
	require.InDelta(t, 0.7, a.share(), 1e-9)
	for range 50 {
		a.throttled(start)
	}
	require.Greater(t, a.share(), 0.0)
	now := start
	for range 40 {
		now = now.Add(cleanSpan)
		a.answered(100*time.Millisecond, now)
	}
	require.InDelta(t, 1, a.share(), 1e-9, "clean spans bring the full pace back")
	for i := range 100 {
		a.answered(time.Duration(i%10)*time.Second, now.Add(cleanSpan*time.Duration(i)/99))
	}
	require.Less(t, a.share(), 1.0, "slow answers are a sign")
}

func TestFreezeTellsChatFromBot(t *testing.T) {
	t.Parallel()
	var f freeze
	hour := start.Add(time.Hour)
	require.False(t, f.tooMany(1, hour, start), "one chat")
	require.False(t, f.tooMany(1, hour, start.Add(10*time.Millisecond)), "the same chat")
	require.False(t, f.tooMany(2, hour, start.Add(5*time.Second)), "another chat, much later")
	require.True(t, f.tooMany(3, hour, start.Add(5100*time.Millisecond)), "another chat at once")
	require.Equal(t, start.Add(5100*time.Millisecond+longestFreeze), f.until, "a minute, then a probe")
	require.True(t, f.tooMany(4, start.Add(2*time.Minute), start.Add(100*time.Second)), "the probe")
	f.clean()
	require.False(t, f.tooMany(5, hour, start.Add(time.Hour)))
}

func TestPaidCountsWhatIsAboveFree(t *testing.T) {
	t.Parallel()
	var p paid
	charged := 0
	for i := range 100 {
		if p.charged(start.Add(time.Duration(i) * 10 * time.Millisecond)) {
			charged++
		}
	}
	require.Equal(t, 70, charged, "100 within a second, 30 of them free")
	p = paid{}
	for i := range 100 {
		require.False(t, p.charged(start.Add(time.Duration(i)*time.Second/30+time.Duration(i)*time.Microsecond)))
	}
}

func TestGuard(t *testing.T) {
	t.Parallel()
	t.Run("five equal content faults in a row", func(t *testing.T) {
		t.Parallel()
		var g guard
		for range 4 {
			require.Zero(t, g.contentFault("content_refused", "x"))
		}
		require.Zero(t, g.contentFault("content_refused", "y"))
		for range 3 {
			require.Zero(t, g.contentFault("content_refused", "y"))
		}
		g.result()
		for range 4 {
			require.Zero(t, g.contentFault("content_refused", "y"))
		}
		require.Equal(t, Pause{"content_refused", "y"}, g.contentFault("content_refused", "y"))
	})
	t.Run("a wrong bot removes nobody", func(t *testing.T) {
		t.Parallel()
		var g guard
		for i := range 49 {
			require.Zero(t, g.chatNotFound(int64(i)))
			require.Empty(t, g.removable(false))
		}
		require.Equal(t, "mass_chat_not_found", g.chatNotFound(49).Reason)
		require.Empty(t, g.removable(false))
	})
	t.Run("a good bot removes those it does not know", func(t *testing.T) {
		t.Parallel()
		var g guard
		require.Zero(t, g.chatNotFound(7))
		for range 49 {
			require.Zero(t, g.result())
		}
		require.Equal(t, []int64{7}, g.removable(false))
		require.Zero(t, g.chatNotFound(8))
		require.Equal(t, []int64{8}, g.removable(false))
	})
	t.Run("a small campaign", func(t *testing.T) {
		t.Parallel()
		var g guard
		g.chatNotFound(1)
		require.Equal(t, []int64{1}, g.removable(true))
		var bad guard
		for i := range 12 {
			bad.chatNotFound(int64(i))
		}
		require.Empty(t, bad.removable(true))
	})
}

func TestDoubled(t *testing.T) {
	t.Parallel()
	require.Equal(t, time.Second, doubled(time.Second, 0, time.Minute))
	require.Equal(t, 8*time.Second, doubled(time.Second, 3, time.Minute))
	require.Equal(t, time.Minute, doubled(time.Second, 1000, time.Minute))
}
