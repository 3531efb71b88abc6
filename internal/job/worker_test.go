package job_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivertype"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"bellman/internal/job"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
)

// desk is a database with jobs.
type desk struct {
	t     testing.TB
	db    *store.DB
	queue *job.Queue
	river *river.Client[*sql.Tx]
}

func newDesk(t testing.TB, db *store.DB) *desk {
	t.Helper()
	queue, err := job.NewQueue(db.Jobs.Driver())
	require.NoError(t, err)
	client, err := river.NewClient(db.Jobs.Driver(), &river.Config{})
	require.NoError(t, err)
	return &desk{t, db, queue, client}
}

// enqueue adds jobs about rows 1 to n in one transaction, which end is to end.
func (d *desk) enqueue(kind job.Kind, n int64, end func(riverdriver.ExecutorTx, context.Context) error) {
	d.t.Helper()
	driver := d.db.Jobs.Driver()
	tx, err := driver.GetExecutor().Begin(d.t.Context())
	require.NoError(d.t, err)
	for id := int64(1); id <= n; id++ {
		require.NoError(d.t, d.queue.Enqueue(d.t.Context(), driver.UnwrapTx(tx), kind, id))
	}
	require.NoError(d.t, end(tx, d.t.Context()))
}

// jobs returns the jobs of a kind as they are kept, the oldest first.
func (d *desk) jobs(kind job.Kind) []*rivertype.JobRow {
	d.t.Helper()
	list, err := d.river.JobList(d.t.Context(), river.NewJobListParams().Kinds(kind.Name).First(10000))
	require.NoError(d.t, err)
	return list.Jobs
}

// waitFor waits until there are jobs of the kind and all are in the state, and
// returns the oldest.
func (d *desk) waitFor(kind job.Kind, state rivertype.JobState) (first *rivertype.JobRow) {
	d.t.Helper()
	require.EventuallyWithT(d.t, func(t *assert.CollectT) {
		list, err := d.river.JobList(d.t.Context(), river.NewJobListParams().Kinds(kind.Name).First(10000))
		require.NoError(t, err)
		require.NotEmpty(t, list.Jobs)
		for _, row := range list.Jobs {
			require.Equal(t, state, row.State)
		}
		first = list.Jobs[0]
	}, 30*time.Second, 5*time.Millisecond)
	return first
}

func (d *desk) worker(name string) *job.Worker {
	return job.NewWorker(d.db.Jobs.Driver(), name, time.Now, slog.New(slog.NewTextHandler(d.t.Output(), nil)))
}

// run runs the worker until the test ends or stop is called.
func run(t testing.TB, w *job.Worker) (stop func()) {
	t.Helper()
	w.Hurry()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- w.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		require.NoError(t, <-ended)
	})
	t.Cleanup(stop)
	return stop
}

var (
	commit   = riverdriver.ExecutorTx.Commit
	rollback = riverdriver.ExecutorTx.Rollback
)

func kind(name string) job.Kind {
	return job.Kind{Name: name, Workers: 4, Timeout: time.Minute, Attempts: 3}
}

func TestOnlyWhatIsCommittedRunsAndOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db)
		gone, kept := kind("gone"), kind("kept")
		d.enqueue(gone, 1, rollback)
		d.enqueue(kept, 1, commit)
		ran := make(chan job.Job, 10)
		w := d.worker("one")
		require.NoError(t, w.Register(gone, func(context.Context, job.Job) error { return errors.New("it was taken back") }))
		require.NoError(t, w.Register(kept, func(_ context.Context, j job.Job) error {
			ran <- j
			return nil
		}))
		stop := run(t, w)
		d.waitFor(kept, rivertype.JobStateCompleted)
		stop()
		require.Empty(t, d.jobs(gone))
		require.Len(t, ran, 1)
		require.Equal(t, job.Job{ID: 1, Attempt: 1}, <-ran)
	})
}

func TestRetriesKeepToTheirSchedule(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db)
		k := job.Kind{Name: "hook", Workers: 1, Timeout: time.Minute, Attempts: 9, Delay: job.Doubling(time.Minute, time.Hour)}
		d.enqueue(k, 1, commit)
		now := time.Now().UTC().Truncate(time.Second).Add(time.Hour)
		w := job.NewWorker(db.Jobs.Driver(), "one", func() time.Time { return now }, slog.New(slog.DiscardHandler))
		ran := make(chan job.Job, 1)
		require.NoError(t, w.Register(k, func(_ context.Context, j job.Job) error {
			ran <- j
			return errors.New("nobody there")
		}))
		stop := run(t, w)
		for i, minutes := range []int{1, 2, 4, 8, 16, 32, 60, 60} {
			require.Equal(t, job.Job{ID: 1, Attempt: i + 1}, <-ran)
			row := d.waitFor(k, rivertype.JobStateRetryable)
			require.Equal(t, now.Add(time.Duration(minutes)*time.Minute), row.ScheduledAt.UTC())
			require.Equal(t, "nobody there", row.Errors[i].Error)
			// The time passes.
			_, err := d.river.JobRetry(t.Context(), row.ID)
			require.NoError(t, err)
		}
		require.Equal(t, job.Job{ID: 1, Attempt: 9, Last: true}, <-ran)
		d.waitFor(k, rivertype.JobStateDiscarded)
		stop()
		require.Empty(t, ran)
	})
}

func TestWhatIsDueRunsAgain(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db)
		k := kind("hook")
		d.enqueue(k, 1, commit)
		w := d.worker("one")
		begun := make(chan time.Time, 2)
		require.NoError(t, w.Register(k, func(_ context.Context, j job.Job) error {
			begun <- time.Now()
			if j.Attempt == 1 {
				panic("the first time")
			}
			return nil
		}))
		run(t, w)
		d.waitFor(k, rivertype.JobStateCompleted)
		require.GreaterOrEqual(t, -(<-begun).Sub(<-begun), time.Second, "the least delay")
	})
}

func TestProcessesShare(t *testing.T) {
	t.Parallel()
	storetest.EachAddress(t, func(t *testing.T, address string) {
		const jobs = 40
		d := newDesk(t, storetest.Open(t, address))
		other := d
		if store.IsPostgres(address) {
			other = newDesk(t, storetest.Open(t, address))
		}
		k := kind("shared")
		k.Workers = 1
		d.enqueue(k, jobs, commit)
		var mu sync.Mutex
		ran := map[int64]int{}
		begun, both := make(chan string), make(chan struct{})
		for name, d := range map[string]*desk{"one": d, "other": other} {
			w := d.worker(name)
			require.NoError(t, w.Register(k, func(ctx context.Context, j job.Job) error {
				select {
				case begun <- name:
				case <-both:
				}
				select {
				case <-both:
				case <-ctx.Done():
					return ctx.Err()
				}
				mu.Lock()
				defer mu.Unlock()
				ran[j.ID]++
				return nil
			}))
			run(t, w)
		}
		require.ElementsMatch(t, []string{"one", "other"}, []string{<-begun, <-begun}, "both have one at a time")
		close(both)
		d.waitFor(k, rivertype.JobStateCompleted)
		mu.Lock()
		defer mu.Unlock()
		require.Len(t, ran, jobs)
		for id, times := range ran {
			require.Equal(t, 1, times, id)
		}
	})
}

func TestPeriodicRunsOnceForAll(t *testing.T) {
	t.Parallel()
	storetest.EachAddress(t, func(t *testing.T, address string) {
		d := newDesk(t, storetest.Open(t, address))
		other := d
		if store.IsPostgres(address) {
			other = newDesk(t, storetest.Open(t, address))
		}
		sweep := kind("sweep")
		var swept atomic.Int64
		// start runs a process whose periodic jobs include one of its own; all of
		// a process are considered together.
		start := func(d *desk, name string, own job.Kind) func() {
			w := d.worker(name)
			require.NoError(t, w.Every(24*time.Hour, sweep, func(_ context.Context, j job.Job) error {
				swept.Add(1)
				if j.ID != 0 {
					return fmt.Errorf("a periodic job about %d", j.ID)
				}
				return nil
			}))
			require.NoError(t, w.Every(24*time.Hour, own, func(context.Context, job.Job) error { return nil }))
			return run(t, w)
		}
		// Two at once, of which one leads.
		own := kind("own")
		stop, stopOther := start(d, "one", own), start(other, "other", own)
		d.waitFor(own, rivertype.JobStateCompleted)
		d.waitFor(sweep, rivertype.JobStateCompleted)
		stop()
		stopOther()
		// Another start on the same day.
		late := kind("late")
		stop = start(other, "late", late)
		d.waitFor(late, rivertype.JobStateCompleted)
		stop()
		days := map[time.Time]int{}
		for _, row := range d.jobs(sweep) {
			days[row.ScheduledAt.UTC().Truncate(24*time.Hour)]++
		}
		require.NotEmpty(t, days)
		for day, times := range days {
			require.Equal(t, 1, times, day)
		}
		require.EqualValues(t, len(days), swept.Load())
	})
}

func TestStopWaitsForWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db)
		k := kind("slow")
		d.enqueue(k, 1, commit)
		w := d.worker("one")
		begun, end := make(chan struct{}), make(chan struct{})
		require.NoError(t, w.Register(k, func(ctx context.Context, _ job.Job) error {
			close(begun)
			<-end
			return ctx.Err()
		}))
		w.Hurry()
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- w.Run(ctx) }()
		<-begun
		cancel()
		close(end)
		require.NoError(t, <-ended)
		d.waitFor(k, rivertype.JobStateCompleted)
	})
}

func TestStopPutsBackWhatDoesNotEnd(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db)
		k := kind("slow")
		d.enqueue(k, 1, commit)
		w := d.worker("one")
		begun := make(chan struct{})
		require.NoError(t, w.Register(k, func(ctx context.Context, _ job.Job) error {
			close(begun)
			<-ctx.Done()
			return ctx.Err()
		}))
		w.StopWithin(time.Millisecond)
		stop := run(t, w)
		<-begun
		stop()
		row := d.waitFor(k, rivertype.JobStateAvailable)
		require.Zero(t, row.Attempt, "it does not count")
		require.Empty(t, row.Errors)
	})
}

func TestAttemptsEndWithTheirTime(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db)
		k := job.Kind{Name: "endless", Workers: 1, Timeout: time.Second, Attempts: 1}
		d.enqueue(k, 1, commit)
		w := d.worker("one")
		require.NoError(t, w.Register(k, func(ctx context.Context, _ job.Job) error {
			<-ctx.Done()
			return ctx.Err()
		}))
		run(t, w)
		row := d.waitFor(k, rivertype.JobStateDiscarded)
		require.Equal(t, context.DeadlineExceeded.Error(), row.Errors[0].Error)
	})
}

func TestWorkerWaitsForTheDatabase(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db)
		k := kind("patient")
		d.enqueue(k, 1, commit)
		exec := db.Jobs.Driver().GetExecutor()
		require.NoError(t, exec.Exec(t.Context(), `ALTER TABLE river_queue RENAME TO river_away`))
		var told syncBuffer
		w := job.NewWorker(db.Jobs.Driver(), "one", time.Now, slog.New(slog.NewTextHandler(&told, nil)))
		require.NoError(t, w.Register(k, func(context.Context, job.Job) error { return nil }))
		run(t, w)
		require.Eventually(t, func() bool { return strings.Contains(told.String(), "have to wait") }, 30*time.Second, 5*time.Millisecond)
		require.NoError(t, exec.Exec(t.Context(), `ALTER TABLE river_away RENAME TO river_queue`))
		d.waitFor(k, rivertype.JobStateCompleted)
	})
}

func TestWorkerWithoutKindsWaitsForItsEnd(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.NoError(t, job.NewWorker(nil, "one", time.Now, slog.New(slog.DiscardHandler)).Run(ctx))
}

func TestNothingIsLoggedWhenAllIsWell(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db)
		good, bad := kind("good"), kind("bad")
		bad.Attempts = 1
		var told syncBuffer
		w := job.NewWorker(db.Jobs.Driver(), "one", time.Now, slog.New(slog.NewTextHandler(&told, nil)))
		require.NoError(t, w.Register(good, func(context.Context, job.Job) error { return nil }))
		require.NoError(t, w.Register(bad, func(context.Context, job.Job) error { return errors.New("broken") }))
		stop := run(t, w)
		d.enqueue(good, 1, commit)
		d.waitFor(good, rivertype.JobStateCompleted)
		require.Empty(t, told.String())
		d.enqueue(bad, 1, commit)
		d.waitFor(bad, rivertype.JobStateDiscarded)
		stop()
		require.Contains(t, told.String(), "level=ERROR")
		require.Contains(t, told.String(), "broken")
	})
}

// syncBuffer is a buffer for several writers.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}
