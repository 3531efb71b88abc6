package dispatch

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestPaceKeepsEveryWindow(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rate := rapid.SampledFrom([]int{1, 5, 25, 30, 1000}).Draw(t, "rate")
		delays := rapid.SampledFrom([]time.Duration{
			0, 0, 0, 100 * time.Microsecond, 3 * time.Millisecond, 14 * time.Millisecond, 40 * time.Millisecond, time.Second,
		})
		// An answer that takes a second comes too late to be of use.
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
		// An album counts as one message per item.
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

// A message is on its way for a while: until its answer is known for 15 ms, and as
// long as the fastest answer may have taken to the server when it is.
func TestPaceAllowsForTheWay(t *testing.T) {
	t.Parallel()
	p := NewPace(1)
	number := p.Take(start, 1)
	require.Equal(t, 15*time.Millisecond, p.Wait(start.Add(window), 1))
	p.Landed(number, 1, start, start.Add(100*time.Millisecond))
	require.Equal(t, 15*time.Millisecond, p.Wait(start.Add(window), 1), "no answer was faster: all of them may be late")

	p = NewPace(1)
	p.Landed(p.Take(start, 1), 1, start, start.Add(4*time.Millisecond))
	require.Equal(t, 4*time.Millisecond, p.Wait(start.Add(window), 1), "it cannot have been on its way longer than its answer took")
}

func TestPaceIsNotSlowerThanItMust(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rate   int
		answer time.Duration
		within float64
	}{
		{1, 0, 1.018}, {30, 0, 1.002}, {1000, 0, 1.002},
		{30, time.Millisecond, 1.003}, {30, 200 * time.Millisecond, 1.017}, {1000, 200 * time.Millisecond, 1.017},
	} {
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

func TestPaceCatchesUpALittle(t *testing.T) {
	t.Parallel()
	p := NewPace(10)
	p.Take(start, 1)
	p.Take(start.Add(100*time.Millisecond+slack), 1)
	require.Equal(t, 100*time.Millisecond-slack, p.Wait(start.Add(100*time.Millisecond+slack), 1))
	p.Take(start.Add(200*time.Millisecond+slack+1), 1)
	require.Equal(t, 100*time.Millisecond, p.Wait(start.Add(200*time.Millisecond+slack+1), 1))
	p.Rest(start.Add(time.Second), time.Second)
	p.Rest(start.Add(time.Second), time.Millisecond)
	require.Equal(t, time.Second, p.Wait(start.Add(time.Second), 1))
}

func TestPaceNumbersMessages(t *testing.T) {
	t.Parallel()
	for _, rate := range []float64{0, 1000} {
		p := NewPace(rate)
		require.EqualValues(t, 3, p.Take(start, 3))
		require.EqualValues(t, 4, p.Take(start, 1))
		p.Landed(4, 1, start, start.Add(time.Millisecond))
	}
}

func TestPaceKeepsTheWindowWhenItChanges(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rates := []float64{5, 21, 30, 100}
		p := NewPace(rapid.SampledFrom(rates).Draw(t, "rate"))
		now := start
		var left []time.Time
		for range 200 {
			if rapid.IntRange(0, 9).Draw(t, "what") == 0 {
				rate := rapid.SampledFrom(rates).Draw(t, "rate")
				p.SetRate(rate)
			}
			now = now.Add(p.Wait(now, 1)).Add(time.Duration(rapid.IntRange(0, 3).Draw(t, "late")) * time.Millisecond)
			limit := len(p.latest)
			number := p.Take(now, 1)
			p.Landed(number, 1, now, now.Add(time.Millisecond))
			if n := len(left) - limit; n >= 0 {
				require.GreaterOrEqual(t, now.Sub(left[n]), time.Second, "message %d", number)
			}
			left = append(left, now)
		}
	})
}
