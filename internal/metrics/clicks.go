package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"bellman/internal/track"
)

// Clicks measures what happens to clicks.
type Clicks struct {
	recorded, spooled, uncounted prometheus.Counter
	commit                       prometheus.Histogram
}

var _ track.Observer = (*Clicks)(nil)

// Clicks adds the measures of clicks. It can be called once.
func (m *Metrics) Clicks() *Clicks {
	clicks := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "bellman_clicks_total",
		Help: "Clicks, by what became of them: recorded in the database, spooled to files until the database takes them, or lost.",
	}, []string{"fate"})
	c := &Clicks{
		recorded: clicks.WithLabelValues("recorded"), spooled: clicks.WithLabelValues("spooled"), uncounted: clicks.WithLabelValues("lost"),
		commit: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "bellman_click_commit_duration_seconds",
			Help:    "How long the transaction took that recorded clicks; those that arrive meanwhile share the next.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}),
	}
	m.registry.MustRegister(clicks, c.commit)
	return c
}

// Recorded implements [track.Observer].
func (c *Clicks) Recorded(clicks int, took time.Duration) {
	c.recorded.Add(float64(clicks))
	c.commit.Observe(took.Seconds())
}

// Spooled implements [track.Observer].
func (c *Clicks) Spooled(clicks int) { c.spooled.Add(float64(clicks)) }

// Uncounted implements [track.Observer].
func (c *Clicks) Uncounted(clicks int) { c.uncounted.Add(float64(clicks)) }
