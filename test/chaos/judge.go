package main

import (
	"fmt"
	"time"

	"bellman/internal/sandbox"
	"bellman/test/harness"
)

// The engine's promises about a claim: it covers 60 ms of sending, and at most this many messages of a bot are on the
// wire, more where it sends faster than Telegram's usual 30 a second.
const (
	horizon      = 0.06
	usualRate    = 30
	wireCap      = 16
	wireCapFast  = 256
	leastPerTask = 2
	// lapse is how long PostgreSQL may be away before leases that are about to be renewed expire.
	lapse = 3 * time.Second
)

func (r *result) fault(format string, args ...any) {
	r.broken = append(r.broken, fmt.Sprintf(format, args...))
}

// compare compares every broadcast with the journal.
func (r *result) compare(finals []final, arrivals []harness.Arrival) {
	r.arrived = len(arrivals)
	type key struct {
		bot  int64
		text string
	}
	byText := map[key][]harness.Arrival{}
	for _, a := range arrivals {
		byText[key{a.Bot, a.Text}] = append(byText[key{a.Bot, a.Text}], a)
	}
	for _, f := range finals {
		own := key{f.bot.TelegramID, f.text}
		c := harness.Compare(f.campaign, r.plan.chats, f.rows, byText[own])
		delete(byText, own)
		for status, n := range c.Rows {
			r.rows[status] += n
		}
		r.twice, r.lost = r.twice+c.Twice, r.lost+c.Lost
		for _, sentence := range c.Faults {
			r.fault("campaign %d (%s): %s", f.id, f.text, sentence)
		}
	}
	for what, got := range byText {
		r.fault("%d messages arrived that nobody sent: %+v", len(got), what)
	}
}

// explain checks that there are no more unknown recipients than the faults can explain.
func (r *result) explain(finals []final, outage time.Duration, reports []sandbox.FaultReport) {
	var died, lost []harness.Delivery
	for _, f := range finals {
		for _, row := range f.rows {
			switch {
			case row.Status != "unknown":
			case row.Reason == "sender_died":
				died = append(died, row)
			default:
				lost = append(lost, row)
			}
		}
	}
	if most := r.mostDied(outage); len(died) > most {
		r.fault("%d recipients are unknown because their sender died; the faults explain %d: %+v", len(died), most, died)
	}
	if most := r.mostLost(reports); len(lost) > most {
		r.fault("%d recipients are unknown because the answer was lost; the faults explain %d: %+v", len(lost), most, lost)
	}
}

// mostDied is how many recipients can be unknown because another process had to take over.
func (r *result) mostDied(outage time.Duration) int {
	deaths := r.faults[string(kill)]
	if r.plan.servers > 1 {
		deaths += r.faults[string(freeze)]
		if outage > lapse {
			deaths += r.faults[string(postgresFast)] + r.faults[string(postgresImmediate)]
		}
	}
	ready := max(int(float64(r.plan.rate)*horizon)+1, leastPerTask*r.plan.campaigns)
	return deaths * r.plan.bots * (ready + r.wireCap())
}

// mostLost is how many recipients can be unknown because their answer did not come.
func (r *result) mostLost(reports []sandbox.FaultReport) int {
	most := r.faults[string(cutTelegram)] * r.plan.bots * r.wireCap()
	for _, f := range reports {
		if doubtful(f.Fault) {
			most += int(f.Fired)
		}
	}
	return most
}

func (r *result) wireCap() int {
	if r.plan.rate > usualRate {
		return wireCapFast
	}
	return wireCap
}
