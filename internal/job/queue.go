package job

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivermigrate"
)

// Driver is River's way into a database; the store has one.
type Driver = riverdriver.Driver[*sql.Tx]

// Queue takes jobs in. It is safe for concurrent use and costs nothing while
// nobody calls it.
type Queue struct {
	client *river.Client[*sql.Tx]
}

// NewQueue returns a queue over the driver's database.
func NewQueue(driver Driver) (*Queue, error) {
	client, err := river.NewClient(driver, &river.Config{})
	if err != nil {
		return nil, fmt.Errorf("job: open queue: %w", err)
	}
	return &Queue{client: client}, nil
}

// Enqueue adds a job about the row with the id. It exists once the transaction
// is committed.
func (q *Queue) Enqueue(ctx context.Context, tx *sql.Tx, kind Kind, id int64) error {
	if err := kind.validate(); err != nil {
		return err
	}
	if _, err := q.client.InsertTx(ctx, tx, args{kind: kind.Name, ID: id}, kind.insert()); err != nil {
		return fmt.Errorf("job: enqueue %s: %w", kind.Name, err)
	}
	return nil
}

// Migrate brings River's tables one step further and tells whether there may be
// more to do. Who calls it holds, in the transaction, a lock against others who
// do; each step has a transaction of its own, since a step may not be able to
// use what an earlier one has not committed.
func Migrate(ctx context.Context, driver Driver, tx *sql.Tx) (more bool, err error) {
	migrator, err := rivermigrate.New(driver, nil)
	if err != nil {
		return false, fmt.Errorf("job: open migrations: %w", err)
	}
	//nolint:staticcheck // Deprecated for several steps in one transaction; this is one, and needs the caller's lock.
	done, err := migrator.MigrateTx(ctx, tx, rivermigrate.DirectionUp, &rivermigrate.MigrateOpts{MaxSteps: 1})
	if err != nil {
		return false, fmt.Errorf("job: migrate: %w", err)
	}
	return len(done.Versions) > 0, nil
}

// args are a job as River keeps it.
type args struct {
	kind string
	ID   int64 `json:"id"`
}

// Kind implements [river.JobArgs].
func (a args) Kind() string { return a.kind }

// insert are the options under which jobs of the kind are kept.
func (k Kind) insert() *river.InsertOpts {
	return &river.InsertOpts{Queue: k.Name, MaxAttempts: k.Attempts}
}
