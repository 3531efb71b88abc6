package dispatch

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pgregory.net/rapid"

	"bellman/internal/outcome"
)

var start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// However late the sender is called, however much messages are held up on
// their way, however slow the server's answers are: no window of a second at the server holds more messages than
// the limit.
//
// spec: tg-rate
func TestPaceKeepsEveryWindow(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rate := rapid.SampledFrom([]int{1, 5, 25, 30, 1000}).Draw(t, "rate")
		delays := rapid.SampledFrom([]time.Duration{0, 0, 0, 100 * time.Microsecond, 3 * time.Millisecond, 14 * time.Millisecond, 40 * time.Millisecond, time.Second})
		// Of an answer that takes a second nothing is known when it matters.
		held := rapid.SampledFrom([]time.Duration{0, time.Millisecond, 90 * time.Millisecond, 700 * time.Millisecond}).Draw(t, "held")
		p := NewPace(float64(rate))
		now := start
		type landing struct {
			number         int64
			items          int
			left, answered time.Time
		}
		var arrived []time.Time
		var open []landing
		// An album counts for as many messages as it has items.
		sizes := rapid.SampledFrom([]int{1, 1, 1, min(2, rate), min(10, rate)})
		for range 3 * rate {
			items := sizes.Draw(t, "items")
			now = now.Add(p.Wait(now, items)).Add(delays.Draw(t, "late"))
			kept := open[:0]
			for _, l := range open {
				if l.answered.After(now) {
					kept = append(kept, l)
					continue
				}
				p.Landed(l.number, l.items, l.left, l.answered)
			}
			open = kept
			if p.Wait(now, items) > 0 {
				continue
			}
			number := p.Take(now, items)
			left := now
			way := min(delays.Draw(t, "way"), heldUp)
			if len(arrived) == 0 {
				way = 0
			}
			answered := left.Add(way).Add(held)
			for range items {
				arrived = append(arrived, left.Add(way))
			}
			open = append(open, landing{number, items, left, answered})
		}
		slices.SortFunc(arrived, time.Time.Compare)
		for i := rate; i < len(arrived); i++ {
			require.GreaterOrEqual(t, arrived[i].Sub(arrived[i-rate]), time.Second, "message %d", i)
		}
	})
}

func TestPaceIsNotSlowerThanItMust(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rate   int
		answer time.Duration
		within float64
	}{{1, 0, 1.018}, {30, 0, 1.002}, {1000, 0, 1.002}, {30, time.Millisecond, 1.003}, {30, 200 * time.Millisecond, 1.017}, {1000, 200 * time.Millisecond, 1.017}} {
		p := NewPace(float64(c.rate))
		now := start
		var left []time.Time
		landed := 0
		for range 20*c.rate + 1 {
			now = now.Add(p.Wait(now, 1) + 400*time.Microsecond)
			for ; landed < len(left) && !left[landed].Add(c.answer).After(now); landed++ {
				p.Landed(int64(landed+1), 1, left[landed], left[landed].Add(c.answer))
			}
			if wait := p.Wait(now, 1); wait > 0 {
				now = now.Add(wait)
			}
			p.Take(now, 1)
			left = append(left, now)
		}
		require.Less(t, now.Sub(start).Seconds(), 20*c.within, "%+v", c)
	}
}

func TestPaceChangesItsRate(t *testing.T) {
	t.Parallel()
	p := NewPace(30)
	now := start
	for range 30 {
		now = now.Add(p.Wait(now, 1))
		p.Take(now, 1)
	}
	p.SetRate(1000)
	require.Less(t, p.Wait(now, 1), 50*time.Millisecond)
	p.SetRate(10)
	require.Greater(t, p.Wait(now, 1), 500*time.Millisecond, "what has left in the last second counts")
	p.SetRate(0)
	require.Zero(t, p.Wait(now, 1))
}

func TestPaceWithoutLimit(t *testing.T) {
	t.Parallel()
	p := NewPace(0)
	p.Take(start, 1)
	require.Zero(t, p.Wait(start, 1))
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

// spec: tg-chat-rate tg-group-rate
func TestChatPace(t *testing.T) {
	t.Parallel()
	var c chatPace
	require.Zero(t, c.take(1, start, 1))
	require.NotZero(t, c.take(1, start.Add(2*time.Second), 1), "one on the wire at a time")
	c.landed(1)
	require.Zero(t, c.take(1, start.Add(2*time.Second), 1))
	c.landed(1)
	require.Equal(t, start.Add(2*time.Second+privateEvery), c.take(1, start.Add(2500*time.Millisecond), 1))
	require.Zero(t, c.take(2, start.Add(2500*time.Millisecond), 1))
	require.Zero(t, c.take(-5, start, 1))
	c.landed(-5)
	require.Equal(t, start.Add(groupEvery), c.take(-5, start.Add(time.Second), 1))
}

func TestChatPaceForgets(t *testing.T) {
	t.Parallel()
	var c chatPace
	for i := range 10000 {
		require.Zero(t, c.take(int64(i+1), start.Add(time.Duration(i)*time.Millisecond), 1))
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

// spec: tg-retry-after-scope
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

// spec: tg-paid-above-free
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
		require.Equal(t, outcome.MassChatNotFound, g.chatNotFound(49).Reason)
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
