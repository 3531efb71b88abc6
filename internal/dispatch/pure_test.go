package dispatch

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// No window of one second at the server holds more messages than the limit, however late the sender is called,
// however much messages are delayed on their way, and however slow the server's answers are.
//
// spec: tg-rate
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

// An album uses as much of a chat's pace as it has items, and a chat that was asked
// to wait waits at least that long.
func TestChatPaceCountsItemsAndHolds(t *testing.T) {
	t.Parallel()
	var c chatPace
	c.hold(1, start.Add(time.Hour))
	require.Zero(t, c.take(1, start, 3), "who has got nothing is not held")
	require.Equal(t, start.Add(3*privateEvery), c.take(1, start.Add(time.Second), 1), "one is on the wire, and the pace is longer")
	c.landed(1)
	free := start.Add(3 * privateEvery)
	require.Equal(t, free, c.take(1, free.Add(-1), 1))
	require.Zero(t, c.take(1, free, 1), "to the moment")
	c.landed(1)
	c.hold(1, free.Add(10*time.Second))
	c.hold(1, free.Add(2*time.Second))
	require.Equal(t, free.Add(10*time.Second), c.take(1, free.Add(2*time.Second), 1))
	require.Zero(t, c.take(-1, start, 2))
	c.landed(-1)
	require.Equal(t, start.Add(2*groupEvery), c.take(-1, start.Add(groupEvery), 1))
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

// A chat that Telegram asks to wait for hours is remembered as long, and no other is
// for it.
func TestLongWaitsKeepNoOtherChatInMemory(t *testing.T) {
	t.Parallel()
	var c chatPace
	now := start
	next := func() {
		now = now.Add(33 * time.Millisecond)
		chat := now.UnixNano()
		require.Zero(t, c.take(chat, now, 1))
		c.landed(chat)
	}
	until := start.Add(5 * time.Hour)
	for chat := range int64(20) {
		require.Zero(t, c.take(chat, now, 1))
		c.landed(chat)
		c.hold(chat, until)
		next()
	}
	for range 100_000 {
		next()
		require.Less(t, len(c.free), 60)
		require.Len(t, c.order, len(c.free))
	}
	for chat := range int64(20) {
		require.Equal(t, until, c.take(chat, now, 1))
	}
	now = until
	for range 200 {
		next()
	}
	require.NotContains(t, c.free, int64(3), "it is free")
}

// Even waits without number are not kept without a limit.
func TestChatsKeptAreLimited(t *testing.T) {
	t.Parallel()
	var c chatPace
	for chat := range int64(2 * chatsKept) {
		require.Zero(t, c.take(chat, start, 1))
		c.landed(chat)
		c.hold(chat, start.Add(time.Hour))
	}
	require.LessOrEqual(t, len(c.free), chatsKept+1)
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
func TestFreezeDistinguishesChatFromBot(t *testing.T) {
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

func TestFreezeWaitsForTheLongest(t *testing.T) {
	t.Parallel()
	var f freeze
	f.tooMany(1, start.Add(30*time.Second), start)
	require.True(t, f.tooMany(2, start.Add(20*time.Second), start.Add(sameMoment)), "a second apart is the same moment")
	require.True(t, f.tooMany(2, start.Add(10*time.Second), start.Add(sameMoment)), "nobody has got anything since")
	require.Equal(t, start.Add(20*time.Second), f.until)
	var apart freeze
	apart.tooMany(1, start.Add(30*time.Second), start)
	require.False(t, apart.tooMany(2, start.Add(20*time.Second), start.Add(sameMoment+1)))
}

// More than one slow answer in twenty reduces the pace, as a 429 does. Exactly one
// in twenty does not, and each span is counted by itself.
func TestAdaptCountsSlowAnswersBySpan(t *testing.T) {
	t.Parallel()
	const span = 10 * time.Second
	const thirtieth = 1.0 / 30
	for slow, want := range map[int]float64{0: 0.7 + thirtieth, 2: 0.7 + thirtieth, 3: 0.49} {
		var a adapt
		a.throttled(start)
		for i := range 39 {
			took := slowCall
			if i < slow {
				took++
			}
			require.False(t, a.answered(took, start.Add(span-1)))
		}
		require.InDelta(t, 0.7, a.share(), 1e-9)
		require.True(t, a.answered(0, start.Add(span)))
		require.InDelta(t, want, a.share(), 1e-9)
		require.False(t, a.answered(0, start.Add(2*span-1)))
		require.True(t, a.answered(0, start.Add(2*span)), "the slow ones of before do not count")
		require.InDelta(t, want+thirtieth, a.share(), 1e-9)
	}
	var full adapt
	full.answered(0, start)
	require.False(t, full.answered(0, start.Add(span)), "there is no more than the full pace")
	require.InDelta(t, 1, full.share(), 1e-9)
	var first adapt
	first.answered(time.Minute, start)
	require.False(t, first.answered(0, start.Add(span-1)), "the first span begins with the first answer")
}

func TestSpeed(t *testing.T) {
	t.Parallel()
	var s speed
	s.measure(0, start)
	require.Zero(t, s.perSecond)
	s.measure(99, start.Add(speedSpan-1))
	require.Zero(t, s.perSecond, "too short to tell")
	s.measure(4, start.Add(speedSpan))
	require.InDelta(t, 100, s.perSecond, 1e-9, "half of what it is now, half of what it was")
	s.measure(12, start.Add(3*speedSpan))
	require.InDelta(t, 150, s.perSecond, 1e-9)
	var late speed
	late.measure(1000, start)
	require.Zero(t, late.perSecond, "the first moment is no span")
}

// Telegram charges for each message above thirty a second.
//
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

func TestPaidMay(t *testing.T) {
	t.Parallel()
	require.False(t, (&paid{}).may(start))
	require.True(t, (&paid{on: true}).may(start))
	require.False(t, (&paid{on: true, refusedUntil: start.Add(1)}).may(start))
	require.True(t, (&paid{on: true, refusedUntil: start}).may(start))
}
