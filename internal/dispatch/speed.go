package dispatch

import "time"

// speedSpan is the time over which a speed is measured.
const speedSpan = 20 * time.Millisecond

// speed measures how many messages a second leave. It is pure.
type speed struct {
	perSecond float64
	since     time.Time
	count     int64
}

// measure records that count messages have left by now, since the beginning.
func (s *speed) measure(count int64, now time.Time) {
	span := now.Sub(s.since)
	if span < speedSpan {
		return
	}
	if !s.since.IsZero() {
		fresh := float64(count-s.count) / span.Seconds()
		s.perSecond += (fresh - s.perSecond) / 2
	}
	s.since, s.count = now, count
}
