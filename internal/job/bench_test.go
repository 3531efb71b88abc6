package job_test

import (
	"context"
	"testing"

	"github.com/riverqueue/river/rivertype"
	"github.com/stretchr/testify/require"

	"bellman/internal/job"
	"bellman/internal/pgtest"
	"bellman/internal/store/storetest"
)

// BenchmarkJobs measures jobs that do nothing, from the first to be taken to
// the last to be noted as done.
func BenchmarkJobs(b *testing.B) {
	for name, address := range map[string]func(testing.TB) string{"sqlite": storetest.SQLite, "postgres": pgtest.Schema} {
		b.Run(name, func(b *testing.B) {
			d := newDesk(b, storetest.Open(b, address(b)))
			k := kind("tiny")
			k.Workers = 10
			d.enqueue(k, int64(b.N), commit)
			w := d.worker("one")
			ran := make(chan struct{}, 10)
			require.NoError(b, w.Register(k, func(context.Context, job.Job) error {
				ran <- struct{}{}
				return nil
			}))
			b.ResetTimer()
			stop := run(b, w)
			for range b.N {
				<-ran
			}
			stop()
			b.StopTimer()
			for _, row := range d.jobs(k) {
				require.Equal(b, rivertype.JobStateCompleted, row.State)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "jobs/s")
		})
	}
}
