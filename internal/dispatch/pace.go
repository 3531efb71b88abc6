package dispatch

import (
	"math"
	"time"
)

// Pace lets the messages of one bot leave evenly, and never more of them than the
// limit within any second, as the server sees them. It is pure: time is passed in.
//
// Messages that leave evenly do not arrive evenly. On a busy machine or line a
// message may be delayed while the one a second behind it is not, and the server
// then counts one too many. So each message waits until one second after the
// message that is a full limit ahead of it has certainly arrived. Its answer shows
// when that was: when an answer took longer than the fastest ones, its message is
// assumed to have been delayed on its way to the server.
type Pace struct {
	// interval is the distance between two messages; zero lifts the limit.
	interval time.Duration
	next     time.Time
	// count is how many messages have left.
	count int64
	// latest holds the last messages, as many as may leave in a second, each at the
	// index that its count gives it.
	latest []passage
	// fastest is about how long the fastest answers take.
	fastest time.Duration
}

// A passage is a message that left: its count, when it left, and how long the
// answer took; zero when there is no answer yet.
type passage struct {
	count int64
	left  time.Time
	took  time.Duration
}

const (
	// transit is the longest time that an undelayed message takes to the server.
	// heldUp is the longest delay that the pace considers: answers may take seconds
	// for the server's own reasons.
	transit = 15 * time.Millisecond
	heldUp  = 200 * time.Millisecond
	// forgetting sets how fast the pace follows answers that have become slower:
	// each slower answer moves fastest by 1/forgetting of the difference.
	forgetting = 256
	// slack is how late a message may leave without moving the time of the next
	// one.
	slack = 50 * time.Millisecond
	// window is the time over which the server counts, with a little room.
	window = time.Second + time.Millisecond
)

// NewPace returns a pace of the given number of messages a second; zero or
// less lifts the limit.
func NewPace(perSecond float64) Pace {
	var p Pace
	p.SetRate(perSecond)
	return p
}

// SetRate changes the number of messages a second; zero or less lifts the
// limit.
func (p *Pace) SetRate(perSecond float64) {
	if perSecond <= 0 {
		p.interval, p.latest = 0, nil
		return
	}
	p.interval = time.Duration(float64(time.Second) / perSecond)
	n := max(int64(math.Floor(perSecond)), 1)
	if n == int64(len(p.latest)) {
		return
	}
	kept := make([]passage, n)
	for _, m := range p.latest {
		if place := &kept[m.count%n]; m.count >= place.count {
			*place = m
		}
	}
	p.latest = kept
}

// Wait returns how long the next message has to wait; zero when it may go. It
// counts as one message per item.
//
// spec: tg-rate
func (p *Pace) Wait(now time.Time, items int) time.Duration {
	if p.interval == 0 {
		return 0
	}
	wait := p.next.Sub(now)
	limit := int64(len(p.latest))
	for i := int64(1); i <= min(int64(items), limit); i++ {
		if first := p.latest[(p.count+i)%limit]; first.count > 0 {
			wait = max(wait, p.arrived(first).Add(window).Sub(now))
		}
	}
	return max(wait, 0)
}

// arrived returns the time by which a message has arrived. It uses the fastest
// answers known when it is called, not when the message left: the first calls of
// all are slow, because they have to connect.
func (p *Pace) arrived(m passage) time.Time {
	if m.took == 0 {
		return m.left.Add(transit)
	}
	return m.left.Add(min(m.took-max(p.fastest-transit, 0), heldUp))
}

// Rest keeps the next message from leaving before the given time has passed.
func (p *Pace) Rest(now time.Time, d time.Duration) { p.next = later(p.next, now.Add(d)) }

// Take counts one message at now, for which Wait has returned zero, and returns
// its number, for Landed.
func (p *Pace) Take(now time.Time, items int) int64 {
	if p.interval == 0 {
		p.count += int64(items)
		return p.count
	}
	if now.Sub(p.next) > slack {
		p.next = now
	}
	for range items {
		p.count++
		p.next = p.next.Add(p.interval)
		p.latest[p.count%int64(len(p.latest))] = passage{count: p.count, left: now}
	}
	return p.count
}

// Landed records when a message really left and when its answer came.
func (p *Pace) Landed(number int64, items int, left, answered time.Time) {
	if len(p.latest) == 0 {
		return
	}
	took := max(answered.Sub(left), 1)
	if p.fastest == 0 || took < p.fastest {
		p.fastest = took
	} else {
		p.fastest += (took - p.fastest) / forgetting
	}
	for n := number; n > number-int64(items); n-- {
		if place := &p.latest[n%int64(len(p.latest))]; place.count == n {
			place.left, place.took = left, took
		}
	}
}
