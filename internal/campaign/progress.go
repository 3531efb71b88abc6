package campaign

import (
	"math"
	"time"

	"bellman/internal/outcome"
)

// Progress is how far a campaign has come and how fast it goes.
type Progress struct {
	// Percent is the share of the recipients laid out so far that are settled,
	// from 0 to 100, rounded down to a tenth: 100 means all of them.
	Percent float64
	// RatePerSecond is how many recipients a second were settled lately, rounded to
	// a tenth; zero when nothing goes out, or has for less than a second.
	RatePerSecond float64
	// Left is how long the rest takes at this rate, in whole seconds; zero when
	// that is unknown: nothing goes out, or more recipients may come.
	Left time.Duration
	// WaitsUntil is until when nothing leaves, because Telegram has asked the bot to
	// wait or gives no usable answer, and WaitsFor which of the two; zero otherwise.
	WaitsUntil time.Time
	WaitsFor   outcome.Reason
}

const (
	// PaceSpan is how often dispatch records how far a campaign has come. A rate is
	// measured over one to two of it.
	PaceSpan = 5 * time.Second
	// paceLeast is the shortest time over which a rate is measured, and paceStale
	// the longest: after that, nothing has been written for so long that the
	// earlier rate says nothing about now.
	paceLeast = time.Second
	paceStale = 4 * PaceSpan
)

// ProgressOf returns how far a campaign has come at a moment.
func ProgressOf(c Campaign, l Ledger, now time.Time) Progress {
	n := CountsOf(c, l)
	open := n.Queued + n.Sending
	p := Progress{Percent: percent(n.Recipients-open, n.Recipients)}
	if c.State == Finished {
		p.Percent = 100
	}
	if (c.State == Launching || c.State == Sending) && l.BotWaitsUntil.After(now) {
		p.WaitsUntil, p.WaitsFor = l.BotWaitsUntil, l.BotReason
	}
	span := now.Sub(l.PaceFrom)
	if c.State != Sending || l.PaceFrom.IsZero() || span < paceLeast || span > paceStale {
		return p
	}
	rate := float64(l.Done()-l.PaceDone) / span.Seconds()
	p.RatePerSecond = math.Round(rate*10) / 10
	if c.Laid && p.RatePerSecond > 0 {
		p.Left = time.Duration(math.Ceil(float64(open)/rate)) * time.Second
	}
	return p
}

// percent returns part of whole in percent, rounded down to a tenth.
func percent(part, whole int64) float64 {
	if whole == 0 {
		return 0
	}
	return math.Floor(float64(part)*1000/float64(whole)) / 10
}
