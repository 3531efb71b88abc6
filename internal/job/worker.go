package job

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/riverqueue/river"
)

// A Handler does a job. It is idempotent, heeds its context, and returns an
// error without secrets when the job is to be tried again.
type Handler func(ctx context.Context, j Job) error

// Worker runs the jobs of the kinds that are registered with it. Any number of
// processes may run one over the same database; they share the jobs.
type Worker struct {
	driver   Driver
	owner    string
	now      func() time.Time
	log      *slog.Logger
	duties   []*duty
	periodic []*river.PeriodicJob
	// stop is how long a stop waits for the jobs under way.
	stop time.Duration
	// tested leaves out the random waits with which River spreads its maintenance.
	tested bool
}

// NewWorker returns a worker. owner names this process among all that work on
// the database, in at most 100 characters, and is new at each start.
func NewWorker(driver Driver, owner string, now func() time.Time, log *slog.Logger) *Worker {
	return &Worker{driver: driver, owner: owner, now: now, log: slog.New(loud{log.Handler()}), stop: stopLimit}
}

// The intervals at which a queue is asked for jobs. Jobs that the asking finds
// are followed by more asking, 10 ms apart, until there are none.
const (
	poll         = time.Second
	pollPeriodic = 30 * time.Second
	cooldown     = 10 * time.Millisecond
)

// grace is for how long after its timeout an attempt may still be ending before
// it is taken for one whose process died.
const grace = 15 * time.Second

const stopLimit = 10 * time.Second

// Register makes the worker run the jobs of a kind, which must not have been
// registered before. It is to be called before [Worker.Run].
func (w *Worker) Register(kind Kind, handle Handler) error {
	return w.register(&duty{kind: kind, poll: poll, handle: handle, now: w.now})
}

// Every makes the worker run a job once in each period of the given length,
// from a second to a day, for all processes together. Periods are counted in UTC
// from the year 1, so that those of a day begin at midnight. A period that has
// begun while no process ran is made up for at the next start; those that ended
// are not. The job begins within a minute of its period; its retries may come as
// late.
func (w *Worker) Every(period time.Duration, kind Kind, handle Handler) error {
	if period < time.Second || period > retention {
		return fmt.Errorf("job: %s has a period of %s, which is not in %s…%s", kind.Name, period, time.Second, retention)
	}
	if err := w.register(&duty{kind: kind, poll: pollPeriodic, handle: handle, now: w.now}); err != nil {
		return err
	}
	options := kind.insert()
	// Finished jobs count too, for as long as they are kept.
	options.UniqueOpts = river.UniqueOpts{ByPeriod: period}
	w.periodic = append(w.periodic, river.NewPeriodicJob(schedule(period),
		func() (river.JobArgs, *river.InsertOpts) { return args{kind: kind.Name}, options },
		&river.PeriodicJobOpts{RunOnStart: true}))
	return nil
}

// retention is how long finished jobs are kept: at least as long as the longest
// period, or its job would not be known to have run.
const retention = 24 * time.Hour

func (w *Worker) register(d *duty) error {
	if err := d.kind.validate(); err != nil {
		return err
	}
	for _, other := range w.duties {
		if other.kind.Name == d.kind.Name {
			return fmt.Errorf("job: %s is registered twice", d.kind.Name)
		}
	}
	w.duties = append(w.duties, d)
	return nil
}

// Run runs jobs until the context ends and those under way have ended or were
// put back, which takes 10 seconds at most if handlers heed their context and
// the database answers, and 20 in any case. A database that does not answer is
// logged and tried again. An error says that jobs did not stop in time.
func (w *Worker) Run(ctx context.Context) error {
	if len(w.duties) == 0 {
		<-ctx.Done()
		return nil
	}
	// The end of the context must not cut off the jobs under way.
	working := context.WithoutCancel(ctx)
	client, err := w.start(working)
	for ; err != nil; client, err = w.start(working) {
		w.log.ErrorContext(ctx, "background jobs have to wait", "error", err)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(poll):
		}
	}
	<-ctx.Done()
	limit, cancel := context.WithTimeout(working, w.stop)
	defer cancel()
	if client.Stop(limit) == nil {
		return nil
	}
	w.log.WarnContext(ctx, "background jobs are cut off and put back")
	limit, cancel = context.WithTimeout(working, stopLimit)
	defer cancel()
	if err := client.StopAndCancel(limit); err != nil {
		return fmt.Errorf("job: stop: %w", err)
	}
	return nil
}

// start starts a client of River that runs what is registered. One that did not
// start is of no more use.
func (w *Worker) start(ctx context.Context) (*river.Client[*sql.Tx], error) {
	config := &river.Config{
		ID: w.owner, Logger: w.log, TestOnly: w.tested,
		Workers: river.NewWorkers(), Queues: map[string]river.QueueConfig{}, PeriodicJobs: w.periodic,
		CompletedJobRetentionPeriod: retention,
		// A job has its kind's timeout; one that is stuck is looked at when the
		// shortest of them is over, and left alone until its own is.
		JobTimeout: -1,
	}
	for _, d := range w.duties {
		river.AddWorkerArgs(config.Workers, args{kind: d.kind.Name}, d)
		config.Queues[d.kind.Name] = river.QueueConfig{
			MaxWorkers: d.kind.Workers, FetchPollInterval: d.poll, FetchCooldown: cooldown,
		}
		if after := d.Timeout(nil); config.RescueStuckJobsAfter == 0 || after < config.RescueStuckJobsAfter {
			config.RescueStuckJobsAfter = after
		}
	}
	client, err := river.NewClient[*sql.Tx](settled{w.driver}, config)
	if err != nil {
		return nil, err
	}
	return client, client.Start(ctx)
}

// A duty is a kind with its handler, as River calls it.
type duty struct {
	river.WorkerDefaults[args]
	kind   Kind
	poll   time.Duration
	handle Handler
	now    func() time.Time
}

// Work implements [river.Worker].
func (d *duty) Work(ctx context.Context, j *river.Job[args]) error {
	limited, cancel := context.WithTimeout(ctx, d.kind.Timeout)
	defer cancel()
	err := d.handle(limited, Job{ID: j.Args.ID, Attempt: j.Attempt, Last: j.Attempt >= j.MaxAttempts})
	if err != nil && errors.Is(ctx.Err(), context.Canceled) {
		// Cut off by a stop: put back, uncounted.
		return river.JobSnooze(0)
	}
	return err
}

// Timeout implements [river.Worker]: when River takes the attempt for stuck.
func (d *duty) Timeout(*river.Job[args]) time.Duration { return d.kind.Timeout + grace }

// NextRetry implements [river.Worker].
func (d *duty) NextRetry(j *river.Job[args]) time.Time { return d.now().Add(d.kind.delay(j.Attempt)) }

// A schedule begins a period every so often, at the same moments whoever asks.
type schedule time.Duration

// Next implements [river.PeriodicSchedule].
func (s schedule) Next(t time.Time) time.Time {
	return t.UTC().Truncate(time.Duration(s)).Add(time.Duration(s))
}

// loud passes warnings and errors on: River tells of each start and stop, too.
type loud struct{ slog.Handler }

// Enabled implements [slog.Handler].
func (l loud) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && l.Handler.Enabled(ctx, level)
}

// WithAttrs implements [slog.Handler].
func (l loud) WithAttrs(attrs []slog.Attr) slog.Handler { return loud{l.Handler.WithAttrs(attrs)} }

// WithGroup implements [slog.Handler].
func (l loud) WithGroup(name string) slog.Handler { return loud{l.Handler.WithGroup(name)} }
