package imports_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"bellman/internal/api/apitest"
	"bellman/internal/imports"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
)

// begin is a store that calls a function before each attempt.
type begin struct {
	imports.Store
	before func(ctx context.Context, id int64) error
}

func (b begin) BeginImport(ctx context.Context, id int64, now time.Time) (imports.Import, error) {
	if err := b.before(ctx, id); err != nil {
		return imports.Import{}, err
	}
	return b.Store.BeginImport(ctx, id, now)
}

// runner returns the runner of one process, which calls the function before each
// attempt.
func (d *desk) runner(owner string, before func(ctx context.Context, id int64) error) *imports.Runner {
	config := d.config
	config.Store = begin{config.Store, before}
	return imports.NewRunner(imports.New(config), owner, slog.New(slog.NewTextHandler(d.Output(), nil)))
}

func nothing(context.Context, int64) error { return nil }

// start runs the runner until the test ends or stop is called.
func start(t *testing.T, r *imports.Runner) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		r.Run(ctx)
	}()
	stop = func() {
		cancel()
		<-ended
	}
	t.Cleanup(stop)
	return stop
}

// finished waits until the import has ended well, and returns it.
func (d *desk) finished(session string) (i imports.Import) {
	d.Helper()
	require.EventuallyWithT(d, func(c *assert.CollectT) {
		var err error
		i, _, err = d.imports.Get(d.Context(), home, session)
		require.NoError(c, err)
		require.Equal(c, imports.Finished, i.State, i.Why)
	}, 60*time.Second, 10*time.Millisecond)
	return i
}

// Accepted imports of contacts and of files are run, and no others.
func TestRunner(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db)
		start(t, imports.NewRunner(d.imports, "one", slog.New(slog.NewTextHandler(t.Output(), nil))))
		d.files["https://x.ua/a.csv"] = "Email\na@x.ua\nb@x.ua\n"
		contacts := d.accept(people(0, 100), imports.Task{ImportOptions: onEmail})
		file, err := d.imports.AcceptFile(t.Context(), home, "https://x.ua/a.csv", imports.Task{ImportOptions: onEmail})
		require.NoError(t, err)
		require.EqualValues(t, 100, d.finished(contacts).Count.Created)
		require.EqualValues(t, 2, d.finished(file).Count.Created)
	})
}

var errNobody = errors.New("nobody there")

// A failed import is retried as often and after such waits as its kind says, and
// fails for good after that.
func TestRunnerTriesAgain(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db)
		d.files["https://x.ua/a.csv"] = "Email\na@x.ua\n"
		attempts := 0
		r := d.runner("one", func(context.Context, int64) error {
			attempts++
			return errNobody
		})
		file := func() string {
			session, err := d.imports.AcceptFile(t.Context(), home, "https://x.ua/a.csv", imports.Task{ImportOptions: onEmail})
			require.NoError(t, err)
			return session
		}
		for _, kind := range []struct {
			accept func() string
			delays []int
		}{
			{func() string { return d.accept(people(0, 1), imports.Task{ImportOptions: onEmail}) }, []int{1, 2, 4, 8, 16, 32, 60, 60, 60}},
			{file, []int{5, 10, 20, 40}},
		} {
			session := kind.accept()
			for i, seconds := range kind.delays {
				attempts = 0
				require.NoError(t, r.Once(t.Context()))
				require.Equal(t, 1, attempts, i)
				d.now = d.now.Add(time.Duration(seconds)*time.Second - time.Millisecond)
				require.NoError(t, r.Once(t.Context()))
				require.Equal(t, 1, attempts, "attempt %d comes early", i+2)
				d.now = d.now.Add(time.Millisecond)
			}
			i, _ := d.get(session)
			require.Equal(t, imports.Started, i.State)
			require.NoError(t, r.Once(t.Context()))
			i, _ = d.get(session)
			require.Equal(t, imports.Failed, i.State)
			require.Equal(t, "it was tried too often: the log of the server says what went wrong", i.Why)
			attempts = 0
			d.now = d.now.Add(time.Hour)
			require.NoError(t, r.Once(t.Context()))
			require.Zero(t, attempts)
		}
	})
}

// An attempt whose process dies counts, so that an import that kills processes
// ends.
func TestRunnerGivesUpWhatKills(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db)
		session := d.accept(people(0, 1), imports.Task{ImportOptions: onEmail})
		for range 10 {
			taken, err := db.Imports.TakeImports(t.Context(), "dead", false, d.now, 0, 1)
			require.NoError(t, err)
			require.Len(t, taken, 1)
		}
		attempts := 0
		require.NoError(t, d.runner("one", func(context.Context, int64) error {
			attempts++
			return nil
		}).Once(t.Context()))
		require.Zero(t, attempts)
		i, _ := d.get(session)
		require.Equal(t, imports.Failed, i.State)
		require.Contains(t, i.Why, "tried too often")
	})
}

// A panic, and an attempt that does not end, are failed attempts.
func TestRunnerOutlivesAnAttempt(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db)
		session := d.accept(people(0, 1), imports.Task{ImportOptions: onEmail})
		attempts := 0
		r := d.runner("one", func(ctx context.Context, _ int64) error {
			attempts++
			switch attempts {
			case 1:
				panic("the first time")
			case 2:
				<-ctx.Done()
			}
			return ctx.Err()
		})
		for i := range 2 {
			r.AttemptFor(time.Duration(2-i) * 100 * time.Millisecond)
			require.NoError(t, r.Once(t.Context()))
			i, _ := d.get(session)
			require.Equal(t, imports.Started, i.State)
			d.now = d.now.Add(time.Minute)
		}
		r.AttemptFor(time.Minute)
		require.NoError(t, r.Once(t.Context()))
		i, _ := d.get(session)
		require.Equal(t, imports.Finished, i.State)
		require.Equal(t, 3, attempts)
	})
}

func TestRunnersShare(t *testing.T) {
	t.Parallel()
	storetest.EachAddress(t, func(t *testing.T, address string) {
		const n = 20
		one := newDesk(t, storetest.Open(t, address))
		other := one
		if store.IsPostgres(address) {
			other = newDesk(t, storetest.Open(t, address))
		}
		var sessions []string
		for i := range n {
			sessions = append(sessions, one.accept(people(10*i, 10), imports.Task{ImportOptions: onEmail}))
		}
		var (
			mu    sync.Mutex
			begun = map[int64]int{}
		)
		came, both := make(chan string, 2*n), make(chan struct{})
		for name, d := range map[string]*desk{"one": one, "other": other} {
			start(t, d.runner(name, func(_ context.Context, id int64) error {
				mu.Lock()
				begun[id]++
				mu.Unlock()
				came <- name
				<-both
				return nil
			}))
		}
		require.ElementsMatch(t, []string{"one", "one", "other", "other"}, []string{<-came, <-came, <-came, <-came}, "each has two at a time")
		require.Empty(t, came)
		close(both)
		for _, session := range sessions {
			require.EqualValues(t, 10, one.finished(session).Count.Created)
		}
		mu.Lock()
		defer mu.Unlock()
		require.Len(t, begun, n)
		for id, times := range begun {
			require.Equal(t, 1, times, id)
		}
	})
}

// A runner that lost its lease writes nothing more: no part, no event, no end.
func TestLeaseFences(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db)
		d.files["https://x.ua/a.csv"] = "Email\nf@x.ua\n"
		file, err := d.imports.AcceptFile(t.Context(), home, "https://x.ua/a.csv", imports.Task{ImportOptions: onEmail})
		require.NoError(t, err)
		sessions := []string{file}
		for range 4 {
			sessions = append(sessions, d.accept(people(len(sessions)*1000, 600), imports.Task{ImportOptions: onEmail, EventType: "new"}))
		}
		for step, session := range sessions {
			// The old runner has come as far as it would have after the step.
			i, _ := d.get(session)
			taken, err := db.Imports.TakeImports(t.Context(), "old", step == 0, d.now, 0, 1)
			require.NoError(t, err)
			require.Equal(t, i.ID, taken[0].ImportID)
			if step > 1 {
				require.ErrorIs(t, d.dying(step-1, true).Run(t.Context(), taken[0]), errPower)
			}
			before, _ := d.get(session)
			lease := storetest.TakeImport(t, db, i.ID)
			require.ErrorIs(t, d.imports.Run(t.Context(), taken[0]), imports.ErrLeaseLost, step)
			taken[0].Attempt = 100
			require.ErrorIs(t, d.imports.Run(t.Context(), taken[0]), imports.ErrLeaseLost, "it may not fail either")
			require.NoError(t, db.Imports.ReturnImport(t.Context(), taken[0], 0, d.now))
			held, err := db.Imports.RenewImport(t.Context(), taken[0], time.Hour)
			require.NoError(t, err)
			require.False(t, held)
			after, _ := d.get(session)
			before.State = imports.Importing
			require.Equal(t, before, after, step)

			require.NoError(t, d.imports.Run(t.Context(), lease))
			i, _ = d.get(session)
			require.Equal(t, imports.Finished, i.State)
			require.Equal(t, map[bool]int64{true: 1, false: 600}[step == 0], i.Count.Created)
		}
		counts := d.events("new")
		require.Len(t, counts, 4*600)
		for id, n := range counts {
			require.Equal(t, 1, n, id)
		}
	})
}

// Two runners of one import, one of which has lost the lease, do it once.
func TestImportTwice(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db)
		session := d.accept(people(0, 1200), imports.Task{ImportOptions: onEmail, Groups: []string{"all"}, EventType: "new"})
		old, err := db.Imports.TakeImports(t.Context(), "old", false, d.now, 0, 1)
		require.NoError(t, err)
		ended := make(chan error, 1)
		go func() { ended <- d.imports.Run(t.Context(), old[0]) }()
		lease := storetest.TakeImport(t, db, old[0].ImportID)
		require.NoError(t, d.imports.Run(t.Context(), lease))
		if err := <-ended; err != nil {
			require.ErrorIs(t, err, imports.ErrLeaseLost)
		}
		i, _ := d.get(session)
		require.Equal(t, imports.Finished, i.State)
		require.Equal(t, imports.Count{Created: 1200}, i.Count)
		counts := d.events("new")
		require.Len(t, counts, 1200)
		for _, n := range counts {
			require.Equal(t, 1, n)
		}
	})
}

// renewals is a store that reports renewals and their results.
type renewals struct {
	imports.Store
	lost  bool
	times atomic.Int64
}

func (r *renewals) RenewImport(ctx context.Context, l imports.Lease, ttl time.Duration) (bool, error) {
	held, err := r.Store.RenewImport(ctx, l, ttl)
	if err == nil && held {
		r.times.Add(1)
	}
	return held && !r.lost, err
}

func TestLeaseIsRenewed(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db)
		kept := &renewals{Store: db.Imports}
		d.config.Store = kept
		session := d.accept(people(0, 1), imports.Task{ImportOptions: onEmail})
		r := d.runner("one", func(ctx context.Context, _ int64) error {
			for kept.times.Load() < 3 && ctx.Err() == nil {
				time.Sleep(time.Millisecond)
			}
			return ctx.Err()
		})
		r.LeaseFor(3 * time.Second)
		require.NoError(t, r.Once(t.Context()))
		i, _ := d.get(session)
		require.Equal(t, imports.Finished, i.State)

		// An attempt whose lease is lost ends.
		kept.lost = true
		session = d.accept(people(1, 1), imports.Task{ImportOptions: onEmail})
		r = d.runner("one", func(ctx context.Context, _ int64) error {
			<-ctx.Done()
			return ctx.Err()
		})
		r.LeaseFor(300 * time.Millisecond)
		require.NoError(t, r.Once(t.Context()))
		i, _ = d.get(session)
		require.Equal(t, imports.Started, i.State)
	})
}

func TestStopWaitsForWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db)
		session := d.accept(people(0, 1), imports.Task{ImportOptions: onEmail})
		begun, end := make(chan struct{}), make(chan struct{})
		stop := start(t, d.runner("one", func(ctx context.Context, _ int64) error {
			close(begun)
			<-end
			return ctx.Err()
		}))
		<-begun
		time.AfterFunc(50*time.Millisecond, func() { close(end) })
		stop()
		i, _ := d.get(session)
		require.Equal(t, imports.Finished, i.State)
	})
}

// An import that does not end is given back, to be taken at once; even a last
// attempt does not count.
func TestStopGivesBack(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db)
		session := d.accept(people(0, 1), imports.Task{ImportOptions: onEmail})
		for range 9 {
			_, err := db.Imports.TakeImports(t.Context(), "dead", false, d.now, 0, 1)
			require.NoError(t, err)
		}
		begun := make(chan struct{})
		r := d.runner("one", func(ctx context.Context, _ int64) error {
			close(begun)
			<-ctx.Done()
			return ctx.Err()
		})
		r.StopWithin(time.Millisecond)
		stop := start(t, r)
		<-begun
		stop()
		i, _ := d.get(session)
		require.Equal(t, imports.Started, i.State)
		taken, err := db.Imports.TakeImports(t.Context(), "other", false, d.now, time.Hour, 1)
		require.NoError(t, err)
		require.Len(t, taken, 1)
		require.Equal(t, 10, taken[0].Attempt)
	})
}

// away is a store that fails for a while.
type away struct {
	imports.Store
	back atomic.Bool
}

func (a *away) TakeImports(
	ctx context.Context, owner string, file bool, now time.Time, ttl time.Duration, limit int,
) ([]imports.Lease, error) {
	if !a.back.Load() {
		return nil, errNobody
	}
	return a.Store.TakeImports(ctx, owner, file, now, ttl, limit)
}

func TestRunnerWaitsForTheDatabase(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db)
		a := &away{Store: db.Imports}
		d.config.Store = a
		session := d.accept(people(0, 1), imports.Task{ImportOptions: onEmail})
		var told apitest.Logbook
		start(t, imports.NewRunner(imports.New(d.config), "one", slog.New(slog.NewTextHandler(&told, nil))))
		require.Eventually(t, func() bool { return strings.Contains(told.String(), "imports have to wait") },
			30*time.Second, 5*time.Millisecond)
		before := len(told.String())
		a.back.Store(true)
		d.finished(session)
		require.NotContains(t, told.String()[before:], "import=", "nothing is logged when all is well")
	})
}

// Several runners may sweep at the same time.
func TestSweepTogether(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db)
		for i := range 20 {
			d.accept(people(i, 1), imports.Task{ImportOptions: onEmail})
		}
		d.now = d.now.Add(imports.Kept + time.Second)
		young := d.accept(people(0, 1), imports.Task{ImportOptions: onEmail})
		ended := make(chan error, 3)
		for range cap(ended) {
			go func() { ended <- d.imports.Sweep(t.Context()) }()
		}
		for range cap(ended) {
			require.NoError(t, <-ended)
		}
		d.get(young)
		for id := range int64(20) {
			_, err := db.Imports.BeginImport(t.Context(), id+1, d.now)
			require.ErrorIs(t, err, imports.ErrNotFound, fmt.Sprint(id))
		}
	})
}
