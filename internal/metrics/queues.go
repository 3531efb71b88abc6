package metrics

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"bellman/internal/campaign"
)

// Store reads the queues.
type Store interface {
	// Queues returns the queue of every campaign that goes out and has one.
	Queues(ctx context.Context) ([]campaign.Queue, error)
}

var (
	databaseUp = prometheus.NewDesc("bellman_database_up",
		"1 when the database told at this scrape what is queued, 0 when it did not answer.", nil, nil)
	queueDepth = prometheus.NewDesc("bellman_queue_recipients",
		"Recipients of the whole installation that wait for their turn, by lane. Paused campaigns do not count.", []string{"lane"}, nil)
	queueAge = prometheus.NewDesc("bellman_queue_oldest_age_seconds",
		"By lane: since when the longest waiting recipient waits; 0 when nobody does. "+
			"A broadcast's wait since its launch; a triggered message is seen to wait at the first scrape that finds it.",
		[]string{"lane"}, nil)
)

// queuesWithin is how long a scrape waits for the database.
const queuesWithin = 5 * time.Second

// Queues adds what waits in the database, read at each scrape. Every process
// reports the same values: they share the queues. It can be called once.
func (m *Metrics) Queues(store Store, now func() time.Time, log *slog.Logger) {
	m.registry.MustRegister(&queues{store: store, now: now, log: log})
}

// queues reads the database at each scrape.
type queues struct {
	store Store
	now   func() time.Time
	log   *slog.Logger

	mu sync.Mutex
	// seen holds, for each triggered campaign with a queue, how far it was laid out
	// at the scrapes since the longest waiting recipient came.
	seen map[int64][]sight
}

// sight is how far a campaign was laid out at a scrape.
type sight struct {
	at      time.Time
	laidSeq int64
}

// Describe implements [prometheus.Collector].
func (q *queues) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{databaseUp, queueDepth, queueAge} {
		out <- d
	}
}

// Collect implements [prometheus.Collector].
func (q *queues) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), queuesWithin)
	defer cancel()
	all, err := q.store.Queues(ctx)
	if err != nil {
		q.log.WarnContext(ctx, "the queues are not measured", "error", err)
		out <- gauge(databaseUp, 0)
		return
	}
	out <- gauge(databaseUp, 1)
	depth, age := q.measure(all, q.now())
	for _, lane := range []string{broadcasts, triggered} {
		out <- gauge(queueDepth, float64(depth[lane]), lane)
		out <- gauge(queueAge, age[lane].Seconds(), lane)
	}
}

// measure returns each lane's depth and age.
func (q *queues) measure(all []campaign.Queue, now time.Time) (depth map[string]int64, age map[string]time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	depth, age = map[string]int64{}, map[string]time.Duration{}
	seen := map[int64][]sight{}
	for _, one := range all {
		lane, since := broadcasts, one.LaunchedAt
		if one.Kind == campaign.Triggered {
			sights := look(q.seen[one.CampaignID], one, now)
			seen[one.CampaignID] = sights
			lane, since = triggered, sights[0].at
		}
		depth[lane] += one.Depth()
		age[lane] = max(age[lane], now.Sub(since))
	}
	q.seen = seen
	return depth, age
}

// look adds the present state of a queue and drops the sights at which the next
// recipient had not come yet.
func look(sights []sight, one campaign.Queue, now time.Time) []sight {
	if len(sights) == 0 || sights[len(sights)-1].laidSeq < one.LaidSeq {
		sights = append(sights, sight{now, one.LaidSeq})
	}
	for len(sights) > 1 && sights[0].laidSeq <= one.ClaimedSeq {
		sights = sights[1:]
	}
	return sights
}
