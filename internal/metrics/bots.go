package metrics

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"bellman/internal/dispatch"
)

var (
	senderInfo = prometheus.NewDesc("bellman_sender_info",
		"Always 1; the label tells the name under which the process holds leases.", []string{"owner"}, nil)
	leasesHeld = prometheus.NewDesc("bellman_leases_held",
		"Bots that this process sends for.", nil, nil)
	botPace = prometheus.NewDesc("bellman_bot_pace_messages_per_second",
		"The present pace of a bot, told by the process that holds its lease; absent while its limit is lifted.", []string{"bot"}, nil)
	botsFrozen = prometheus.NewDesc("bellman_bots_frozen",
		"Bots of this process that send nothing because Telegram told them to wait.", nil, nil)
	onWire = prometheus.NewDesc("bellman_messages_on_wire",
		"Calls that wait for Telegram's answer.", nil, nil)
	ready = prometheus.NewDesc("bellman_messages_ready",
		"Messages that are claimed and wait for their turn.", nil, nil)
)

// Bots adds what an engine's bots are doing, which status returns at each scrape,
// and the name under which the process holds their leases. It can be called once.
func (m *Metrics) Bots(owner string, status func() []dispatch.BotStatus) {
	m.registry.MustRegister(&bots{owner, status})
}

// bots reads the engine at each scrape.
type bots struct {
	owner  string
	status func() []dispatch.BotStatus
}

// Describe implements [prometheus.Collector].
func (b *bots) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{senderInfo, leasesHeld, botPace, botsFrozen, onWire, ready} {
		out <- d
	}
}

// Collect implements [prometheus.Collector].
func (b *bots) Collect(out chan<- prometheus.Metric) {
	all := b.status()
	var frozen, wire, waiting int
	for _, s := range all {
		if !s.FrozenUntil.IsZero() {
			frozen++
		}
		if s.Rate > 0 {
			out <- gauge(botPace, s.Rate, strconv.FormatInt(s.BotID, 10))
		}
		wire += s.Wire
		waiting += s.Ready
	}
	out <- gauge(senderInfo, 1, b.owner)
	out <- gauge(leasesHeld, float64(len(all)))
	out <- gauge(botsFrozen, float64(frozen))
	out <- gauge(onWire, float64(wire))
	out <- gauge(ready, float64(waiting))
}

func gauge(d *prometheus.Desc, value float64, labels ...string) prometheus.Metric {
	return prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
}
