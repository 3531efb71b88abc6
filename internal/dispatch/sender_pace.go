package dispatch

import "time"

// This file is how fast a sender goes: the bot's limit, paid broadcasts, and what
// Telegram accepts at present.

// limit takes the bot's limits from its lease. The lock is held, or the sender
// is new.
func (s *sender) limit(l Lease) {
	s.rate = s.usual
	if l.Rate > 0 {
		s.rate = l.Rate
	}
	s.paid.on, s.paid.refusedUntil = l.PaidBroadcast, later(s.paid.refusedUntil, steady(l.PaidRefusedUntil, s.now()))
	s.setPace()
}

// fullRate is the bot's current limit, in messages a second; zero or less when
// there is none.
func (s *sender) fullRate() float64 {
	if s.paid.going && s.rate > 0 {
		return max(s.rate, paidRate)
	}
	return s.rate
}

func (s *sender) setPace() { s.pace.SetRate(s.fullRate() * s.adapt.share()) }

// choosePace changes between the free and the paid pace: the bot pays while a
// campaign that allows it has recipients left. Back at the free pace, the bot first
// waits until the second has passed in which it sent more than is free.
func (s *sender) choosePace(now time.Time) {
	pay := false
	if s.paid.may(now) {
		for _, r := range s.runs {
			pay = pay || r.allowPaid && !r.stopped && (len(r.ready) > 0 || r.wire > 0 || r.claimable(now) > 0)
		}
	}
	if pay == s.paid.going {
		return
	}
	s.paid.going = pay
	s.setPace()
	if !pay {
		s.pace.Rest(now, time.Second)
	}
}
