package metrics

import (
	"log/slog"
	"net/http"
	"runtime"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics is everything that one process measures. It is safe for concurrent
// use.
type Metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	answers  *prometheus.HistogramVec
}

// New returns the metrics that every process has: its build, its runtime, and
// the HTTP requests that it answers.
func New(version string) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "bellman_http_requests_total",
			Help: "HTTP requests answered, by surface (manage, integration) and status code.",
		}, []string{"surface", "code"}),
		answers: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "bellman_http_answer_duration_seconds",
			Help:    "Time until an HTTP answer began, by surface. A stream of events counts with its beginning.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 60},
		}, []string{"surface"}),
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name:        "bellman_build_info",
		Help:        "Always 1; the labels tell which program runs.",
		ConstLabels: prometheus.Labels{"version": version, "goversion": runtime.Version()},
	})
	build.Set(1)
	m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		build, m.requests, m.answers)
	return m
}

// Answered counts one HTTP request of a surface, with the status code of its answer
// and the time until the answer began.
func (m *Metrics) Answered(surface string, status int, took time.Duration) {
	m.requests.WithLabelValues(surface, strconv.Itoa(status)).Inc()
	m.answers.WithLabelValues(surface).Observe(took.Seconds())
}

// scrapesAtOnce is how many scrapes are served at the same time; further ones
// are refused with 503, because each reads from the database.
const scrapesAtOnce = 4

// Handler serves the metrics. Errors are logged; the rest is served.
func (m *Metrics) Handler(log *slog.Logger) http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		ErrorLog:            slog.NewLogLogger(log.Handler(), slog.LevelError),
		ErrorHandling:       promhttp.ContinueOnError,
		MaxRequestsInFlight: scrapesAtOnce,
	})
}
