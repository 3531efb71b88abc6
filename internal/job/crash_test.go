package job_test

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivertype"
	"github.com/stretchr/testify/require"

	"bellman/internal/job"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
)

// childDatabase is the environment of a process that takes jobs to be killed.
const childDatabase = "BELLMAN_TEST_JOB_DB"

func TestMain(m *testing.M) {
	if address := os.Getenv(childDatabase); address != "" {
		if err := work(address); err != nil {
			_, _ = os.Stderr.WriteString(err.Error() + "\n")
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

var deadly = job.Kind{Name: "deadly", Workers: 2, Timeout: time.Minute, Attempts: 2}

// work takes two jobs, tells of each, and ends when its parent does.
func work(address string) error {
	db, err := store.Open(context.Background(), address)
	if err != nil {
		return err
	}
	w := job.NewWorker(db.Jobs.Driver(), "child", time.Now, slog.New(slog.NewTextHandler(os.Stderr, nil)))
	if err := w.Register(deadly, func(context.Context, job.Job) error {
		if _, err := os.Stdout.WriteString("begun\n"); err != nil {
			return err
		}
		_, err := io.Copy(io.Discard, os.Stdin)
		return err
	}); err != nil {
		return err
	}
	return w.Run(context.Background())
}

// dieAtWork enqueues two jobs and kills a process that has begun both.
func dieAtWork(t *testing.T, address string) *desk {
	t.Helper()
	db, err := store.Open(t.Context(), address)
	require.NoError(t, err)
	newDesk(t, db).enqueue(deadly, 2, commit)
	require.NoError(t, db.Close())

	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childDatabase+"="+address)
	child.Stderr = t.Output()
	stdin, err := child.StdinPipe()
	require.NoError(t, err)
	defer func() { _ = stdin.Close() }()
	stdout, err := child.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	told := bufio.NewReader(stdout)
	for range 2 {
		_, err = told.ReadString('\n')
		if err != nil {
			break
		}
	}
	require.NoError(t, child.Process.Kill())
	require.Error(t, child.Wait())
	require.NoError(t, err)

	d := newDesk(t, storetest.Open(t, address))
	for _, row := range d.jobs(deadly) {
		require.Equal(t, rivertype.JobStateRunning, row.State)
		require.Equal(t, 1, row.Attempt)
	}
	return d
}

// rerun runs the jobs and returns the next to begin.
func (d *desk) rerun() <-chan job.Job {
	d.t.Helper()
	ran := make(chan job.Job, 10)
	w := d.worker("heir")
	require.NoError(d.t, w.Register(deadly, func(_ context.Context, j job.Job) error {
		ran <- j
		return nil
	}))
	run(d.t, w)
	return ran
}

func TestKilledJobsRunAgainAtOnceWhereNobodyElseCanHaveThem(t *testing.T) {
	t.Parallel()
	storetest.EachAddress(t, func(t *testing.T, address string) {
		d := dieAtWork(t, address)
		require.NoError(t, d.db.Jobs.ForgetWorkers(t.Context()))
		ran := d.rerun()
		require.ElementsMatch(t, []job.Job{{ID: 1, Attempt: 2, Last: true}, {ID: 2, Attempt: 2, Last: true}}, []job.Job{<-ran, <-ran})
	})
}

func TestKilledJobsRunAgainWhenTheirTimeIsOver(t *testing.T) {
	t.Parallel()
	storetest.EachAddress(t, func(t *testing.T, address string) {
		d := dieAtWork(t, address)
		rows := d.jobs(deadly)
		// The time passes, and the dead process's lead with it; for the second job
		// not quite.
		exec := d.db.Jobs.Driver().GetExecutor()
		require.NoError(t, exec.Exec(t.Context(), `DELETE FROM river_leader`))
		for i, age := range []time.Duration{deadly.Timeout + job.Grace, deadly.Timeout} {
			began := time.Now().Add(-age)
			_, err := exec.JobUpdateFull(t.Context(), &riverdriver.JobUpdateFullParams{
				ID: rows[i].ID, AttemptedAtDoUpdate: true, AttemptedAt: &began,
			})
			require.NoError(t, err)
		}
		require.Equal(t, job.Job{ID: 1, Attempt: 2, Last: true}, <-d.rerun())
		require.Equal(t, rivertype.JobStateRunning, d.jobs(deadly)[1].State, "its process may be alive and ending")
	})
}

func TestKilledInTheLastAttemptIsGivenUp(t *testing.T) {
	t.Parallel()
	storetest.EachAddress(t, func(t *testing.T, address string) {
		d := dieAtWork(t, address)
		exec := d.db.Jobs.Driver().GetExecutor()
		long := time.Now().Add(-time.Hour)
		for _, row := range d.jobs(deadly) {
			_, err := exec.JobUpdateFull(t.Context(), &riverdriver.JobUpdateFullParams{
				ID: row.ID, AttemptDoUpdate: true, Attempt: deadly.Attempts, AttemptedAtDoUpdate: true, AttemptedAt: &long,
			})
			require.NoError(t, err)
		}
		require.NoError(t, d.db.Jobs.ForgetWorkers(t.Context()))
		ran := d.rerun()
		d.waitFor(deadly, rivertype.JobStateDiscarded)
		require.Empty(t, ran)
	})
}
