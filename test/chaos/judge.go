package main

import (
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"bellman/internal/sandbox"
	"bellman/test/harness"
)

// The engine's promises about a claim: it covers a second of sending at most, when the database is slow, as it is while
// it is restarted; and at most this many messages of a bot are on the wire, more where it sends faster than Telegram's
// usual 30 a second.
const (
	farthest     = 1.0
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

// judge holds what Bellman says against what really came.
func (r *result) judge(e evidence) {
	r.broken = append(r.broken, e.sentences...)
	r.judgeStops(e.stops)
	r.compare(e.broadcasts, e.mail)
	r.judgeSends(e.sends, e.triggered, e.mail)
	r.judgeMass(e.mass, e.mail)
	r.judgeRest(e.mail)
	r.judgeMemory(e.memory)
	r.judgeDetails(slices.Concat(e.broadcasts, e.triggered, []final{e.mass}))
	r.explain(e.broadcasts, e.outage, e.reports)
	r.judgeImports(e.imports)
	r.judgeActivities(e.posts, slices.Concat(e.broadcasts, e.triggered, []final{e.mass}), e.bots)
}

// judgeStops lets no orderly stop have an error, unless servers may have lost calls of the database: these end in a minute,
// whatever else happens then.
func (r *result) judgeStops(errors []string) {
	if r.faults[string(silentDatabase)]+r.faults[string(deafDatabase)] == 0 {
		r.broken = append(r.broken, errors...)
	}
}

// mail is what arrived, by bot and text.
type mail map[letter][]harness.Arrival

type letter struct {
	bot  int64
	text string
}

func mailOf(arrivals []harness.Arrival) mail {
	m := mail{}
	for _, a := range arrivals {
		own := letter{a.Bot, a.Text}
		m[own] = append(m[own], a)
	}
	return m
}

// take returns what arrived of a text, once.
func (m mail) take(bot int64, text string) []harness.Arrival {
	own := letter{bot, text}
	defer delete(m, own)
	return m[own]
}

// compare holds every broadcast against the journal.
func (r *result) compare(finals []final, m mail) {
	for _, got := range m {
		r.arrived += len(got)
	}
	for _, f := range finals {
		c := harness.Compare(f.campaign, r.plan.chats, f.rows, m.take(f.bot.TelegramID, f.text))
		for status, n := range c.Rows {
			r.rows[status] += n
		}
		r.twice, r.lost = r.twice+c.Twice, r.lost+c.Lost
		for _, sentence := range c.Faults {
			r.fault("campaign %d (%s): %s", f.id, f.text, sentence)
		}
	}
}

// mostMemory is the most memory that a server may have had, in bytes, whatever answers it got, and mostDetail how much of
// one it keeps, in characters.
const (
	mostMemory = 300 << 20
	mostDetail = 1001
)

func (r *result) judgeMemory(peak int64) {
	r.memory = peak
	if peak > mostMemory {
		r.fault("a server had %d MiB of memory", peak>>20)
	}
}

// judgeDetails checks that no more is kept of what Telegram says than anybody reads.
func (r *result) judgeDetails(finals []final) {
	for _, f := range finals {
		for _, row := range f.rows {
			if n := utf8.RuneCountInString(row.Detail); n > mostDetail {
				r.fault("campaign %d keeps %d characters of an answer", f.id, n)
			}
		}
	}
}

// judgeRest checks that nothing else arrived.
func (r *result) judgeRest(m mail) {
	for what, got := range m {
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
	most := r.mostDied(outage) + r.mostDiedTriggered(outage) + r.mostLost(reports) - len(died) - len(lost)
	if r.doubts > max(0, most) {
		r.fault("it was open %d times whether a keyed send arrived; the faults explain %d", r.doubts, most)
	}
}

// mostDied is how many recipients of broadcasts can be unknown because another process had to take over.
func (r *result) mostDied(outage time.Duration) int {
	ready := max(r.ready(), leastPerTask*r.plan.campaigns)
	return r.deaths(outage) * r.plan.bots * (ready + r.wireCap())
}

// mostDiedTriggered is how many keyed sends can be in doubt for that reason, beside the recipients who were on the wire.
func (r *result) mostDiedTriggered(outage time.Duration) int {
	return r.deaths(outage) * r.plan.bots * r.ready()
}

// ready is how many messages of a bot a claim covers at most.
func (r *result) ready() int { return int(float64(r.plan.rate)*farthest) + 1 }

// deaths is how often another process can have had to take a bot over.
func (r *result) deaths(outage time.Duration) int {
	deaths := r.faults[string(kill)]
	if r.plan.servers > 1 {
		deaths += r.faults[string(freeze)] + r.faults[string(silentDatabase)] + r.faults[string(deafDatabase)]
		if outage > lapse {
			deaths += r.faults[string(postgresFast)] + r.faults[string(postgresImmediate)]
		}
	}
	return deaths
}

// mostLost is how many recipients can be unknown because their answer did not come.
func (r *result) mostLost(reports []sandbox.FaultReport) int {
	breaks := r.faults[string(cutTelegram)] + r.faults[string(silentTelegram)] + r.faults[string(deafTelegram)]
	if !r.plan.gentle { // then connections are cut
		breaks += r.faults[string(fullTelegram)]
	}
	most := breaks * r.plan.bots * r.wireCap()
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
