package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"bellman/internal/dispatch"
	"bellman/internal/telegram"
)

// The values of the label for lanes.
const (
	broadcasts = "broadcast"
	triggered  = "triggered"
)

// outcomes names the results of a call; Telegram's 429 is too_many_requests.
var outcomes = [...]string{
	telegram.Sent:        "sent",
	telegram.Gone:        "gone",
	telegram.NotFound:    "not_found",
	telegram.Refused:     "refused",
	telegram.Migrated:    "migrated",
	telegram.BadContent:  "bad_content",
	telegram.BadBot:      "bad_bot",
	telegram.Wait:        "too_many_requests",
	telegram.NoBalance:   "no_balance",
	telegram.Transient:   "transient",
	telegram.Unreachable: "unreachable",
	telegram.Uncertain:   "uncertain",
	telegram.NotTelegram: "not_telegram",
}

// Calls measures the calls and steps of an engine. Every label is looked up
// beforehand: a call costs a few atomic operations.
type Calls struct {
	broadcast lane
	triggered lane
	step      prometheus.Histogram
	settled   prometheus.Counter
	deferred  prometheus.Counter
	claimed   prometheus.Counter
}

var _ dispatch.Observer = (*Calls)(nil)

// lane holds the measures of one lane's calls.
type lane struct {
	outcomes [len(outcomes)]prometheus.Counter
	duration prometheus.Observer
}

// Calls adds the measures of sending. It can be called once.
func (m *Metrics) Calls() *Calls {
	sends := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "bellman_sends_total",
		Help: "Calls that send a message, by lane and outcome; Telegram's 429 is too_many_requests.",
	}, []string{"lane", "outcome"})
	durations := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "bellman_call_duration_seconds",
		Help:    "How long a call that sends a message took, by lane.",
		Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60},
	}, []string{"lane"})
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
	}
	c := &Calls{
		broadcast: laneOf(broadcasts, sends, durations),
		triggered: laneOf(triggered, sends, durations),
		step: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "bellman_step_duration_seconds",
			Help:    "How long the transaction took that settles, defers and claims for all bots of the process.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}),
		settled:  counter("bellman_recipients_settled_total", "Recipients whose outcome was written."),
		deferred: counter("bellman_recipients_deferred_total", "Recipients that were put off to a later time."),
		claimed:  counter("bellman_recipients_claimed_total", "Recipients that were claimed, put off ones again."),
	}
	m.registry.MustRegister(sends, durations, c.step, c.settled, c.deferred, c.claimed)
	return c
}

func laneOf(name string, sends *prometheus.CounterVec, durations *prometheus.HistogramVec) lane {
	l := lane{duration: durations.WithLabelValues(name)}
	for class, outcome := range outcomes {
		l.outcomes[class] = sends.WithLabelValues(name, outcome)
	}
	return l
}

// Called implements [dispatch.Observer].
func (c *Calls) Called(v telegram.Verdict, isTriggered bool, took time.Duration) {
	l := &c.broadcast
	if isTriggered {
		l = &c.triggered
	}
	l.outcomes[v.Class].Inc()
	l.duration.Observe(took.Seconds())
}

// Stepped implements [dispatch.Observer].
func (c *Calls) Stepped(settled, deferred, claimed int, took time.Duration) {
	c.settled.Add(float64(settled))
	c.deferred.Add(float64(deferred))
	c.claimed.Add(float64(claimed))
	c.step.Observe(took.Seconds())
}
