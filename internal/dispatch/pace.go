package dispatch

import "time"

// Pace spaces the messages of one bot evenly. It is pure: time is passed in.
type Pace struct {
	// interval is the distance between two messages; zero lifts the limit.
	interval time.Duration
	next     time.Time
}

const (
	// margin is how much wider than the limit the messages are spaced: what left
	// exactly a second apart may arrive a little closer, and a window that
	// slides over the arrivals would hold one too many.
	margin = 0.01
	// slack is how late a message may be for the next one to keep its place. It
	// stays below the room that margin leaves in a second, so that catching up
	// never makes a burst.
	slack = 8 * time.Millisecond
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
	p.interval = 0
	if perSecond > 0 {
		p.interval = time.Duration(float64(time.Second) * (1 + margin) / perSecond)
	}
}

// Wait returns how long the next message has to wait; zero when it may go.
func (p *Pace) Wait(now time.Time) time.Duration {
	if p.interval == 0 {
		return 0
	}
	return max(p.next.Sub(now), 0)
}

// Rest keeps the next message from leaving before the given time has passed.
func (p *Pace) Rest(now time.Time, d time.Duration) { p.next = later(p.next, now.Add(d)) }

// Take counts one message at now, for which Wait has returned zero.
func (p *Pace) Take(now time.Time) {
	if p.interval == 0 {
		return
	}
	if now.Sub(p.next) > slack {
		p.next = now
	}
	p.next = p.next.Add(p.interval)
}
