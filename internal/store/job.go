package store

import (
	"context"
	"database/sql"
	"fmt"

	"bellman/internal/job"
)

// Jobs keeps background jobs, in tables of River's.
type Jobs struct {
	*pools
	driver job.Driver
}

// Driver returns what a [job.Worker] needs of the database.
func (s Jobs) Driver() job.Driver { return s.driver }

// migrate brings the tables of background jobs up to date, after our own and
// under the same lock.
func (s Jobs) migrate(ctx context.Context) error {
	for more := true; more; {
		err := s.tx(ctx, func(tx *sql.Tx) (err error) {
			if err := s.d.lock(ctx, tx, lockMigrate, 0); err != nil {
				return fmt.Errorf("store: lock schema: %w", err)
			}
			more, err = job.Migrate(ctx, s.driver, tx)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// ForgetWorkers puts the jobs that were under way back into their queues, to be
// run at once, and ends the lead of whoever had it. It is for a process that
// knows that it is the only one, before it runs a [job.Worker]: those who ran
// the jobs are gone. A job in its last attempt stays, and is given up once its
// time is over: it may be what killed them.
func (s Jobs) ForgetWorkers(ctx context.Context) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		for _, statement := range []string{
			`UPDATE river_job SET state = 'available' WHERE state = 'running' AND attempt < max_attempts`,
			`DELETE FROM river_leader`,
		} {
			if _, err := tx.ExecContext(ctx, statement); err != nil {
				return err
			}
		}
		return nil
	})
}
