package imports

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/fault"
	"bellman/internal/loop"
)

// yard is a store with imports that are due, whose attempts do what begin does. The
// methods that these tests do not need panic.
type yard struct {
	Store

	mu sync.Mutex
	// due is how many imports wait, of contacts and of files.
	due map[bool]int
	// attempt is the number of the attempt in the leases.
	attempt int
	begin   func(ctx context.Context) error
	// begun holds the imports whose attempts were begun; those of files have
	// negative ids.
	begun  map[int64]bool
	failed []string
	// failing is the answer to FailImport, and away that to a look for imports that
	// are due or old.
	failing, away error
	renewed       []time.Duration
	renewal       func(n int) (bool, error)
	returned      []give
	looks, sweeps int
	unswept       int
}

// give is a lease that was given back: how many attempts count, and the time until
// the next one.
type give struct {
	attempts int
	in       time.Duration
}

// sleep lets time pass for the runner. What the test has read of the yard comes
// before what the runner does then, and what it reads next comes after.
func (y *yard) sleep(d time.Duration) {
	y.pass()
	time.Sleep(d)
	synctest.Wait()
	y.pass()
}

// pass orders the test with the runner.
func (y *yard) pass() {
	y.mu.Lock()
	defer y.mu.Unlock()
}

func (y *yard) service() *Service { return &Service{Config{Store: y, Now: time.Now}, loop.NewSignal()} }

func (y *yard) BeginImport(ctx context.Context, id int64, _ time.Time) (Import, error) {
	y.mu.Lock()
	if y.begun == nil {
		y.begun = map[int64]bool{}
	}
	y.begun[id] = true
	y.mu.Unlock()
	return Import{State: Finished}, y.begin(ctx)
}

func (y *yard) FailImport(ctx context.Context, _ Lease, why string, _ time.Time) error {
	y.mu.Lock()
	defer y.mu.Unlock()
	y.failed = append(y.failed, why)
	return errors.Join(ctx.Err(), y.failing)
}

func (y *yard) TakeUndos(context.Context, string, time.Time, time.Duration, int) ([]Lease, error) {
	return nil, nil
}

func (y *yard) TakeImports(
	_ context.Context, owner string, file bool, _ time.Time, ttl time.Duration, limit int,
) (leases []Lease, err error) {
	y.mu.Lock()
	defer y.mu.Unlock()
	if ttl != leaseTime {
		return nil, errors.New("another time than the runner counts with")
	}
	y.looks++
	for range min(y.due[file], limit) {
		id := int64(y.due[file])
		if file {
			id = -id
		}
		leases = append(leases, Lease{ImportID: id, Owner: owner, File: file, Attempt: y.attempt})
		y.due[file]--
	}
	return leases, y.away
}

func (y *yard) RenewImport(_ context.Context, _ Lease, ttl time.Duration) (bool, error) {
	y.mu.Lock()
	defer y.mu.Unlock()
	y.renewed = append(y.renewed, ttl)
	return y.renewal(len(y.renewed))
}

func (y *yard) ReturnImport(ctx context.Context, _ Lease, attempts int, due time.Time) error {
	y.mu.Lock()
	defer y.mu.Unlock()
	y.returned = append(y.returned, give{attempts, time.Until(due)})
	return ctx.Err()
}

func (y *yard) SweepImports(_ context.Context, before time.Time, _ int) (bool, error) {
	y.mu.Lock()
	defer y.mu.Unlock()
	if time.Since(before) != Kept {
		return false, errors.New("another age than is promised")
	}
	y.sweeps++
	y.unswept--
	return y.unswept > 0, y.away
}

// The last attempt fails an import, with a reason.
func TestWhenAnImportFails(t *testing.T) {
	t.Parallel()
	const often = "it was tried too often: the log of the server says what went wrong"
	plain := errors.New("no connection")
	invalid := fault.New(fault.Invalid, "file_invalid", "no rows").In("link")
	unavailable := fault.New(fault.Unavailable, "away", "the host does not answer")
	internal := fault.New(fault.Internal, "internal", "secret")
	for name, c := range map[string]struct {
		err     error
		attempt int
		file    bool
		// failed is the reason that is written; empty for none. told is true when
		// the attempt returns an error.
		failed string
		told   bool
	}{
		"well":                        {nil, 1, false, "", false},
		"gone":                        {ErrNotFound, 10, false, "", false},
		"invalid":                     {invalid, 1, false, "link: no rows", false},
		"invalid, at last":            {invalid, 10, false, "link: no rows", false},
		"unavailable":                 {unavailable, 9, false, "", true},
		"unavailable, at last":        {unavailable, 10, false, "the host does not answer", true},
		"unavailable, file":           {unavailable, 4, true, "", true},
		"unavailable, file, at last":  {unavailable, 5, true, "the host does not answer", true},
		"plain":                       {plain, 9, false, "", true},
		"plain, at last":              {plain, 10, false, often, true},
		"internal, at last":           {internal, 10, false, often, true},
		"internal":                    {internal, 1, false, "", true},
		"lost":                        {ErrLeaseLost, 10, false, "", true},
		"once more than there may be": {nil, 11, false, often, false},
		"file, once more":             {nil, 6, true, often, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			y := &yard{begin: func(context.Context) error { return c.err }}
			err := y.service().Run(t.Context(), Lease{ImportID: 1, Attempt: c.attempt, File: c.file})
			if c.told {
				require.ErrorIs(t, err, c.err)
			} else {
				require.NoError(t, err)
			}
			require.Equal(t, c.failed, strings.Join(y.failed, " and "))
			require.Equal(t, strings.Contains(name, "once more"), len(y.begun) == 0, "it is not begun")
			if c.failed == "" {
				return
			}
			y.failing = errors.New("not written")
			require.ErrorContains(t, y.service().Run(t.Context(), Lease{ImportID: 1, Attempt: c.attempt, File: c.file}), "not written")
		})
	}
}

// A cancelled context never fails an import for good; an attempt that runs out of
// time counts.
func TestAttemptsThatAreCutOff(t *testing.T) {
	t.Parallel()
	ended := func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
	y := &yard{begin: ended}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, y.service().Run(ctx, Lease{Attempt: 10}), context.Canceled)
	require.Empty(t, y.failed)
	ctx, cancel = context.WithTimeout(t.Context(), 0)
	defer cancel()
	require.ErrorIs(t, y.service().Run(ctx, Lease{Attempt: 10}), context.DeadlineExceeded)
	require.Len(t, y.failed, 1, "the end is written in spite of it")
}

// running runs a runner over the yard, and test beside it.
func running(t *testing.T, y *yard, test func(t *testing.T, stop func(), log *strings.Builder)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		log := &strings.Builder{}
		r := NewRunner(y.service(), "one", slog.New(slog.NewTextHandler(log, nil)))
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			r.Run(ctx)
		}()
		stop := sync.OnceFunc(func() {
			y.pass()
			cancel()
			<-done
		})
		synctest.Wait()
		y.pass()
		test(t, stop, log)
		stop()
	})
}

// lasting is an attempt that takes d, unless it is cut off.
func lasting(d time.Duration) func(ctx context.Context) error {
	return func(ctx context.Context) error {
		loop.Pause(ctx, d)
		return ctx.Err()
	}
}

func held(int) (bool, error) { return true, nil }

// Two imports of contacts and one of a file run at once; the next one begins as
// soon as there is room, without waiting for the next look.
func TestRoomForImports(t *testing.T) {
	t.Parallel()
	y := &yard{due: map[bool]int{false: 5, true: 2}, attempt: 1, begin: lasting(1700 * time.Millisecond), renewal: held}
	running(t, y, func(t *testing.T, _ func(), log *strings.Builder) {
		require.Equal(t, map[int64]bool{5: true, 4: true, -2: true}, y.begun)
		y.sleep(1600 * time.Millisecond)
		require.Len(t, y.begun, 3)
		y.sleep(101 * time.Millisecond)
		require.Len(t, y.begun, 6)
		y.sleep(1700 * time.Millisecond)
		require.Len(t, y.begun, 7)
		y.sleep(1700 * time.Millisecond)
		require.Empty(t, y.renewed)
		require.Empty(t, y.returned, "what has ended well is not given back")
		require.Empty(t, log.String())
	})
}

// A lease is renewed three times within its length, also after a failed renewal,
// until the attempt ends; an attempt whose lease is lost is cut off.
func TestLeasesAreRenewedInTime(t *testing.T) {
	t.Parallel()
	y := &yard{due: map[bool]int{false: 1}, attempt: 3, begin: lasting(35 * time.Second), renewal: func(n int) (bool, error) {
		if n == 2 {
			return false, errors.New("no connection")
		}
		return true, nil
	}}
	running(t, y, func(t *testing.T, _ func(), log *strings.Builder) {
		y.sleep(time.Minute)
		require.Equal(t, []time.Duration{leaseTime, leaseTime, leaseTime}, y.renewed)
		require.Empty(t, y.returned)
		require.Equal(t, 1, strings.Count(log.String(), "no connection"))
	})
	y = &yard{due: map[bool]int{false: 1}, attempt: 3, begin: lasting(time.Minute), renewal: func(n int) (bool, error) { return n < 2, nil }}
	running(t, y, func(t *testing.T, _ func(), log *strings.Builder) {
		y.sleep(20*time.Second + time.Millisecond)
		require.Equal(t, []give{{3, 4 * time.Second}}, y.returned)
		require.Contains(t, log.String(), "has to wait, or failed")
		y.sleep(time.Minute)
		require.Len(t, y.renewed, 2)
	})
}

// An attempt that does not end in time is cut off, and counts.
func TestAttemptsHaveTheirTime(t *testing.T) {
	t.Parallel()
	for file, c := range map[bool]struct{ limit, delay time.Duration }{
		false: {2 * time.Minute, 2 * time.Second}, true: {15 * time.Minute, 10 * time.Second},
	} {
		y := &yard{due: map[bool]int{file: 1}, attempt: 2, begin: lasting(time.Hour), renewal: held}
		running(t, y, func(t *testing.T, _ func(), _ *strings.Builder) {
			y.sleep(c.limit - time.Millisecond)
			require.Empty(t, y.returned)
			y.sleep(time.Millisecond)
			require.Equal(t, []give{{2, c.delay}}, y.returned)
		})
	}
}

// A stop waits ten seconds for the imports under way, then gives them back: that
// does not count as an attempt, and they are due at once.
func TestStopWaitsTenSeconds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		takes, stops time.Duration
		returned     []give
	}{{9 * time.Second, 9 * time.Second, nil}, {time.Minute, stopLimit, []give{{3, 0}}}} {
		y := &yard{due: map[bool]int{false: 1}, attempt: 4, begin: lasting(c.takes), renewal: held}
		running(t, y, func(t *testing.T, stop func(), log *strings.Builder) {
			began := time.Now()
			stop()
			require.Equal(t, c.stops, time.Since(began))
			require.Equal(t, c.returned, y.returned)
			require.Equal(t, c.returned != nil, strings.Contains(log.String(), "given back"))
			require.NotContains(t, log.String(), "failed")
			require.Empty(t, y.failed)
		})
	}
}

// The wait after a failed attempt doubles each time, to a minute at most.
func TestFailedAttemptsWait(t *testing.T) {
	t.Parallel()
	for attempt, delay := range map[int]time.Duration{1: time.Second, 4: 8 * time.Second, 9: time.Minute} {
		y := &yard{due: map[bool]int{false: 1}, attempt: attempt, begin: func(context.Context) error { return errors.New("no") }, renewal: held}
		running(t, y, func(t *testing.T, _ func(), _ *strings.Builder) {
			require.Equal(t, []give{{attempt, delay}}, y.returned)
		})
	}
}

// A process looks each second, and removes old imports once an hour; after an error
// the database is asked again.
func TestRunnerLooksAndSweeps(t *testing.T) {
	t.Parallel()
	y := &yard{unswept: 3}
	running(t, y, func(t *testing.T, _ func(), log *strings.Builder) {
		require.Equal(t, 2, y.looks, "one for each kind")
		require.Equal(t, 3, y.sweeps, "all there is")
		y.sleep(3 * time.Second)
		require.Equal(t, 8, y.looks)
		y.sleep(time.Hour)
		require.Equal(t, 4, y.sweeps)
		require.Empty(t, log.String())
	})
	y = &yard{away: errors.New("no connection")}
	running(t, y, func(t *testing.T, _ func(), log *strings.Builder) {
		require.Equal(t, 1, y.looks)
		require.Contains(t, log.String(), "old imports are forgotten later")
		require.Contains(t, log.String(), "imports have to wait")
		y.mu.Lock()
		y.away = nil
		y.mu.Unlock()
		y.sleep(time.Second)
		require.Equal(t, 3, y.looks)
	})
}
