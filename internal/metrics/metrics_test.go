package metrics_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/campaign"
	"bellman/internal/dispatch"
	"bellman/internal/metrics"
	"bellman/internal/telegram"
)

// backlog is a store that returns what it is given.
type backlog struct {
	queues []campaign.Queue
	err    error
}

func (b *backlog) Queues(context.Context) ([]campaign.Queue, error) { return b.queues, b.err }

// process is the metrics of a process that does everything.
type process struct {
	*metrics.Metrics
	calls   *metrics.Calls
	bots    []dispatch.BotStatus
	backlog backlog
	now     time.Time
}

var start = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

func setup(tb testing.TB) *process {
	tb.Helper()
	p := &process{Metrics: metrics.New("v1.2.3"), now: start}
	p.calls = p.Calls()
	p.Clicks()
	p.Bots("host/1/abc", func() []dispatch.BotStatus { return p.bots })
	p.Queues(&p.backlog, func() time.Time { return p.now }, slog.New(slog.DiscardHandler))
	return p
}

// scrape returns the samples, as name{labels} value.
func (p *process) scrape(t *testing.T) []string {
	t.Helper()
	w := httptest.NewRecorder()
	p.Handler(slog.New(slog.DiscardHandler)).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	require.Equal(t, http.StatusOK, w.Code)
	return strings.Split(w.Body.String(), "\n")
}

func TestSending(t *testing.T) {
	t.Parallel()
	p := setup(t)
	p.calls.Called(telegram.Verdict{Class: telegram.Sent}, false, 30*time.Millisecond)
	p.calls.Called(telegram.Verdict{Class: telegram.Sent}, true, 8*time.Second)
	p.calls.Called(telegram.Verdict{Class: telegram.Wait}, true, time.Millisecond)
	p.calls.Stepped(5, 2, 7, 3*time.Millisecond)
	p.calls.Stepped(1, 0, 0, 3*time.Millisecond)
	got := p.scrape(t)
	for _, want := range []string{
		`bellman_sends_total{lane="broadcast",outcome="sent"} 1`,
		`bellman_sends_total{lane="broadcast",outcome="too_many_requests"} 0`,
		`bellman_sends_total{lane="triggered",outcome="sent"} 1`,
		`bellman_sends_total{lane="triggered",outcome="too_many_requests"} 1`,
		`bellman_call_duration_seconds_bucket{lane="broadcast",le="0.025"} 0`,
		`bellman_call_duration_seconds_bucket{lane="broadcast",le="0.05"} 1`,
		`bellman_call_duration_seconds_bucket{lane="triggered",le="5"} 1`,
		`bellman_call_duration_seconds_bucket{lane="triggered",le="10"} 2`,
		`bellman_recipients_settled_total 6`,
		`bellman_recipients_deferred_total 2`,
		`bellman_recipients_claimed_total 7`,
		`bellman_step_duration_seconds_count 2`,
	} {
		require.Contains(t, got, want)
	}
}

// TestEveryOutcomeHasAName fails when a class of results was added and not
// named here: counting it would panic.
func TestEveryOutcomeHasAName(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("../telegram/class.go")
	require.NoError(t, err)
	_, text, found := strings.Cut(string(source), "Sent Class = iota\n")
	require.True(t, found, "where are the classes?")
	text, _, _ = strings.Cut(text, "\n)")
	classes := 1 + len(regexp.MustCompile(`(?m)^\t[A-Z]\w+$`).FindAllString(text, -1))
	p := setup(t)
	for class := range classes {
		p.calls.Called(telegram.Verdict{Class: telegram.Class(class)}, false, 0)
	}
	once := regexp.MustCompile(`^bellman_sends_total\{lane="broadcast",outcome="\w+"\} 1$`)
	counted := slices.DeleteFunc(p.scrape(t), func(line string) bool { return !once.MatchString(line) })
	require.Len(t, counted, classes)
}

func TestBots(t *testing.T) {
	t.Parallel()
	p := setup(t)
	p.bots = []dispatch.BotStatus{
		{BotID: 1, Rate: 30, Wire: 2, Ready: 3},
		{BotID: 2, Rate: 12.5, Wire: 1, Ready: 4, FrozenUntil: start.Add(time.Minute)},
		{BotID: 3, Wire: 50},
	}
	got := p.scrape(t)
	for _, want := range []string{
		`bellman_sender_info{owner="host/1/abc"} 1`,
		`bellman_leases_held 3`,
		`bellman_bot_pace_messages_per_second{bot="1"} 30`,
		`bellman_bot_pace_messages_per_second{bot="2"} 12.5`,
		`bellman_bots_frozen 1`,
		`bellman_messages_on_wire 53`,
		`bellman_messages_ready 7`,
	} {
		require.Contains(t, got, want)
	}
	require.NotContains(t, strings.Join(got, "\n"), `bot="3"`, "its limit is lifted")
}

func TestQueues(t *testing.T) {
	t.Parallel()
	p := setup(t)
	expect := func(want ...string) {
		t.Helper()
		got := p.scrape(t)
		for _, line := range append(want, `bellman_database_up 1`) {
			require.Contains(t, got, line)
		}
	}
	expect(
		`bellman_queue_recipients{lane="broadcast"} 0`, `bellman_queue_oldest_age_seconds{lane="broadcast"} 0`,
		`bellman_queue_recipients{lane="triggered"} 0`, `bellman_queue_oldest_age_seconds{lane="triggered"} 0`,
	)
	news := campaign.Queue{
		CampaignID: 1, Kind: campaign.Broadcast, LaidSeq: 100, ClaimedSeq: 40, Waiting: 5, LaunchedAt: start.Add(-time.Minute),
	}
	older := campaign.Queue{CampaignID: 2, Kind: campaign.Broadcast, LaidSeq: 10, LaunchedAt: start.Add(-time.Hour)}
	codes := campaign.Queue{CampaignID: 3, Kind: campaign.Triggered, LaidSeq: 20, ClaimedSeq: 18, LaunchedAt: start.AddDate(0, 0, -20)}
	p.backlog.queues = []campaign.Queue{news, older, codes}
	expect(
		`bellman_queue_recipients{lane="broadcast"} 75`, `bellman_queue_oldest_age_seconds{lane="broadcast"} 3600`,
		`bellman_queue_recipients{lane="triggered"} 2`, `bellman_queue_oldest_age_seconds{lane="triggered"} 0`,
	)

	// The first two still wait; two more have come.
	p.now, codes.LaidSeq = start.Add(10*time.Second), 22
	p.backlog.queues = []campaign.Queue{codes}
	expect(
		`bellman_queue_recipients{lane="broadcast"} 0`,
		`bellman_queue_recipients{lane="triggered"} 4`, `bellman_queue_oldest_age_seconds{lane="triggered"} 10`,
	)
	// The first two are gone.
	p.now, codes.ClaimedSeq = start.Add(15*time.Second), 20
	p.backlog.queues = []campaign.Queue{codes}
	expect(`bellman_queue_recipients{lane="triggered"} 2`, `bellman_queue_oldest_age_seconds{lane="triggered"} 5`)
	// All are gone, and new ones have come later.
	p.backlog.queues = nil
	expect(`bellman_queue_recipients{lane="triggered"} 0`, `bellman_queue_oldest_age_seconds{lane="triggered"} 0`)
	p.now, codes.LaidSeq, codes.ClaimedSeq = start.Add(time.Minute), 30, 29
	p.backlog.queues = []campaign.Queue{codes}
	expect(`bellman_queue_recipients{lane="triggered"} 1`, `bellman_queue_oldest_age_seconds{lane="triggered"} 0`)
}

func TestDatabaseDown(t *testing.T) {
	t.Parallel()
	p := setup(t)
	p.backlog.err = errors.New("no connection")
	got := p.scrape(t)
	require.Contains(t, got, `bellman_database_up 0`)
	require.Contains(t, got, `bellman_leases_held 0`, "the rest is told all the same")
	require.NotContains(t, strings.Join(got, "\n"), "bellman_queue_recipients")
}

func TestProcess(t *testing.T) {
	t.Parallel()
	p := setup(t)
	p.Answered("manage", http.StatusNotFound, 3*time.Millisecond)
	p.Answered("integration", http.StatusOK, 30*time.Millisecond)
	got := p.scrape(t)
	require.Contains(t, got, `bellman_http_requests_total{code="404",surface="manage"} 1`)
	require.Contains(t, got, `bellman_http_requests_total{code="200",surface="integration"} 1`)
	require.Contains(t, got, `bellman_http_answer_duration_seconds_bucket{surface="integration",le="0.025"} 0`)
	require.Contains(t, got, `bellman_http_answer_duration_seconds_bucket{surface="integration",le="0.05"} 1`)
	all := strings.Join(got, "\n")
	require.Regexp(t, `(?m)^bellman_build_info\{goversion="go[^"]+",version="v1\.2\.3"\} 1$`, all)
	require.Contains(t, all, "\ngo_goroutines ")
}

// TestAnAPIProcessMeasuresNoSending looks at a process that only answers calls.
func TestAnAPIProcessMeasuresNoSending(t *testing.T) {
	t.Parallel()
	p := &process{Metrics: metrics.New("dev")}
	all := strings.Join(p.scrape(t), "\n")
	require.NotContains(t, all, "bellman_sends_total")
	require.NotContains(t, all, "bellman_leases_held")
}

func BenchmarkCalled(b *testing.B) {
	p := setup(b)
	v := telegram.Verdict{Class: telegram.Sent}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			p.calls.Called(v, false, 42*time.Millisecond)
		}
	})
}
