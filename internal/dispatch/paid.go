package dispatch

import "time"

const (
	// freeRate is how many messages a second a bot sends for nothing; Telegram
	// charges for those above (bot FAQ).
	freeRate = 30
	// paidRate is its limit for a bot that pays, in messages a second.
	// spec: tg-paid-rate
	paidRate = 1000
	// perStar is how many messages one Star pays for.
	perStar = 10
	// paidAgain is how long a bot goes at the free pace after Telegram has
	// refused to take Stars, before it tries again.
	paidAgain = time.Hour
)

// paid is a bot's paid broadcasting: whether it may, whether it does, and which
// messages Telegram charges for. It is pure.
type paid struct {
	// on is the bot's switch; refusedUntil ends a refusal.
	on           bool
	refusedUntil time.Time
	// going tells that the bot goes at the paid pace now.
	going bool
	// recent are the times of the latest messages, in a ring; zero, which is long
	// ago, for those that have not been.
	recent [freeRate]time.Time
	next   int
}

// may tells whether the bot may go at the paid pace.
func (p *paid) may(now time.Time) bool { return p.on && !now.Before(p.refusedUntil) }

// charged counts a message that leaves, and tells whether it is above what is
// free.
//
// spec: tg-paid-above-free
func (p *paid) charged(now time.Time) bool {
	oldest := p.recent[p.next]
	p.recent[p.next] = now
	p.next = (p.next + 1) % len(p.recent)
	return now.Sub(oldest) < time.Second
}
