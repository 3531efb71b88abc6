package dispatch

import "time"

const (
	// backOff is the share of the pace that is kept after a bot-wide 429, or when
	// answers become slow: Telegram holds throttled calls for up to 8 s before it
	// answers 429.
	backOff = 0.7
	// regain is how much of its full pace a bot gains after a clean span.
	regain    = 1.0 / 30
	cleanSpan = 10 * time.Second
	// slowCall is how long an answer takes that was held back. More than one such
	// answer in slowShare is a sign of throttling.
	slowCall  = 3 * time.Second
	slowShare = 20
)

// adapt finds the share of a bot's full pace that Telegram bears at present:
// less at once when there are signs of throttling, more by and by when there
// are none. It is pure.
type adapt struct {
	// lost is the share that is not used. It is kept instead of the used share so
	// that the zero value is full pace.
	lost float64
	// since is when the span that is being watched began.
	since       time.Time
	calls, slow int
}

// share returns the share of the full pace to go at: above zero, at most one.
func (a *adapt) share() float64 { return 1 - a.lost }

// throttled records a bot-wide 429.
func (a *adapt) throttled(now time.Time) {
	a.lost = min(1-(1-a.lost)*backOff, 1-regain)
	a.since, a.calls, a.slow = now, 0, 0
}

// answered records an answer that is no 429 and how long it took, and reports
// whether the share has changed.
func (a *adapt) answered(took time.Duration, now time.Time) bool {
	if a.since.IsZero() {
		a.since = now
	}
	a.calls++
	if took > slowCall {
		a.slow++
	}
	if now.Sub(a.since) < cleanSpan {
		return false
	}
	before := a.lost
	if a.slow*slowShare > a.calls {
		a.throttled(now)
	} else {
		a.lost = max(a.lost-regain, 0)
		a.since, a.calls, a.slow = now, 0, 0
	}
	return a.lost != before
}
