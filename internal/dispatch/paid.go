package dispatch

import "time"

const (
	// freeRate is how many messages a second a bot sends for free; Telegram charges
	// for those above (bot FAQ).
	freeRate = 30
	// paidRate is the limit of a bot that pays, in messages a second.
	// spec: tg-paid-rate
	paidRate = 1000
	// perStar is how many messages one Star pays for.
	perStar = 10
	// paidAgain is how long a bot stays at the free pace after Telegram has refused
	// to take Stars.
	paidAgain = time.Hour
)

// paid is a bot's paid broadcasting: whether it is allowed, whether it is under
// way, and which messages Telegram charges for. It is pure.
type paid struct {
	// on is the bot's setting; refusedUntil is when Telegram's refusal ends.
	on           bool
	refusedUntil time.Time
	// going is true when the bot goes at the paid pace now.
	going bool
	// recent is a ring of the times of the latest messages. Unused places are zero,
	// which is long ago.
	recent [freeRate]time.Time
	next   int
}

// may reports whether the bot may go at the paid pace.
func (p *paid) may(now time.Time) bool { return p.on && !now.Before(p.refusedUntil) }

// charged counts a message that leaves, and reports whether it exceeds the free
// rate.
//
// spec: tg-paid-above-free
func (p *paid) charged(now time.Time) bool {
	oldest := p.recent[p.next]
	p.recent[p.next] = now
	p.next = (p.next + 1) % len(p.recent)
	return now.Sub(oldest) < time.Second
}
