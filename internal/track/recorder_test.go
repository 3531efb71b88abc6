package track

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// shelf is a database that can be away, or hang.
type shelf struct {
	mu      sync.Mutex
	down    error
	hangs   bool
	stored  map[string]Click
	calls   int
	biggest int
	// slow is how long a call takes.
	slow time.Duration
	// taking, when it is not nil, holds every call until it is closed.
	taking chan struct{}
}

var errDown = errors.New("database is away")

func newShelf() *shelf { return &shelf{stored: map[string]Click{}} }

func (s *shelf) RecordClicks(ctx context.Context, clicks []Click) error {
	s.mu.Lock()
	s.calls++
	down, hangs, taking, slow := s.down, s.hangs, s.taking, s.slow
	s.mu.Unlock()
	time.Sleep(slow)
	if err := ctx.Err(); err != nil {
		return err
	}
	if hangs {
		<-ctx.Done()
		return ctx.Err()
	}
	if taking != nil {
		<-taking
	}
	if down != nil {
		return down
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.biggest = max(s.biggest, len(clicks))
	for _, c := range clicks {
		s.stored[c.ID] = c
	}
	return nil
}

func (s *shelf) set(change func(*shelf)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(s)
}

func (s *shelf) has(ids ...string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range ids {
		if _, there := s.stored[id]; !there {
			return false
		}
	}
	return true
}

// tally counts the observer's notifications.
type tally struct {
	mu                           sync.Mutex
	recorded, spooled, uncounted int
}

func (t *tally) Recorded(n int, _ time.Duration) { t.add(&t.recorded, n) }
func (t *tally) Spooled(n int)                   { t.add(&t.spooled, n) }
func (t *tally) Uncounted(n int)                 { t.add(&t.uncounted, n) }

func (t *tally) add(to *int, n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	*to += n
}

// names returns a function that returns growing names.
func names() func() string {
	var mu sync.Mutex
	n := 0
	return func() string {
		mu.Lock()
		defer mu.Unlock()
		n++
		return fmt.Sprintf("%06d", n)
	}
}

// testBundle is a recorder over a shelf.
type testBundle struct {
	shelf    *shelf
	spool    *spool
	recorder *recorder
	tally    *tally
	log      *bytes.Buffer
}

func setup(t *testing.T) *testBundle {
	t.Helper()
	spool, err := openSpool(t.TempDir(), names())
	require.NoError(t, err)
	b := &testBundle{shelf: newShelf(), spool: spool, tally: &tally{}, log: &bytes.Buffer{}}
	b.recorder = newRecorder(b.shelf, spool, b.tally, slog.New(slog.NewTextHandler(b.log, nil)))
	return b
}

// run runs the recorder; stop ends it and releases the spool.
func (b *testBundle) run(t *testing.T) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { b.recorder.run(ctx) })
	return func() {
		cancel()
		running.Wait()
		require.NoError(t, b.spool.close())
	}
}

func click(id string) Click {
	return Click{ID: id, CampaignID: 1, Seq: 2, ContactID: 3, At: time.UnixMilli(1_800_000_000_000).UTC()}
}

func TestRecordReturnsOnceStored(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t)
		defer b.run(t)()
		require.NoError(t, b.recorder.record(click("a")))
		require.True(t, b.shelf.has("a"))
		require.Equal(t, []int{1, 0, 0}, []int{b.tally.recorded, b.tally.spooled, b.tally.uncounted})
	})
}

// Clicks that arrive while a commit runs share the next one.
func TestRecordGroups(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t)
		gate := make(chan struct{})
		b.shelf.taking = gate
		defer b.run(t)()
		var waiting sync.WaitGroup
		answered := make(chan error, 101)
		add := func(id string) {
			waiting.Go(func() { answered <- b.recorder.record(click(id)) })
		}
		add("first")
		synctest.Wait()
		for i := range 100 {
			add(fmt.Sprint(i))
		}
		synctest.Wait()
		require.Empty(t, answered, "nobody is answered before the commit")
		close(gate)
		waiting.Wait()
		require.Equal(t, 2, b.shelf.calls)
		require.Equal(t, 100, b.shelf.biggest)
		for range 101 {
			require.NoError(t, <-answered)
		}
	})
}

// A single click is written at once; the clicks after it are written together at
// the next beat.
func TestBatchesKeepTheBeat(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t)
		defer b.run(t)()
		began := time.Now()
		require.NoError(t, b.recorder.record(click("alone")))
		require.Zero(t, time.Since(began))
		var waiting sync.WaitGroup
		for i := range 10 {
			time.Sleep(beat / 20)
			waiting.Go(func() { require.NoError(t, b.recorder.record(click(fmt.Sprint(i)))) })
		}
		waiting.Wait()
		require.Equal(t, beat, time.Since(began))
		require.Equal(t, 2, b.shelf.calls)
	})
}

// Many clicks do not wait for the beat: those who come in the middle of it make the next
// batch as soon as there are enough of them, and one fewer waits.
func TestEnoughClicksGoBeforeTheBeat(t *testing.T) {
	t.Parallel()
	for waiting, after := range map[int]time.Duration{enough - 1: beat, enough: beat / 3} {
		synctest.Test(t, func(t *testing.T) {
			b := setup(t)
			defer b.run(t)()
			began := time.Now()
			require.NoError(t, b.recorder.record(click("first")))
			time.Sleep(beat / 3)
			var clicking sync.WaitGroup
			for i := range waiting {
				clicking.Go(func() { require.NoError(t, b.recorder.record(click(fmt.Sprint(i)))) })
			}
			clicking.Wait()
			require.Equal(t, after, time.Since(began))
			require.Equal(t, 2, b.shelf.calls)
		})
	}
}

// The time of a commit is part of the beat.
func TestSlowCommitsKeepTheBeat(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t)
		b.shelf.slow = beat / 3
		defer b.run(t)()
		began := time.Now()
		require.NoError(t, b.recorder.record(click("a")))
		require.NoError(t, b.recorder.record(click("b")))
		require.Equal(t, beat+beat/3, time.Since(began))
	})
}

func TestOutageGoesToTheSpoolAndIsReplayed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t)
		b.shelf.down = errDown
		defer b.run(t)()
		for i := range 50 {
			require.NoError(t, b.recorder.record(click(fmt.Sprint(i))))
		}
		require.Empty(t, b.shelf.stored)
		b.shelf.set(func(s *shelf) { s.down = nil })
		time.Sleep(2 * replayPause)
		synctest.Wait()
		for i := range 50 {
			require.True(t, b.shelf.has(fmt.Sprint(i)))
		}
		segments, err := filepath.Glob(filepath.Join(b.spool.slot, "*"+segmentEnd))
		require.NoError(t, err)
		require.Empty(t, segments, "what is stored is removed")
		calls := b.shelf.calls
		require.NoError(t, b.recorder.record(click("after")))
		require.True(t, b.shelf.has("after"))
		require.Equal(t, calls+1, b.shelf.calls)
		require.Equal(t, []int{51, 50, 0}, []int{b.tally.recorded, b.tally.spooled, b.tally.uncounted})
		require.Equal(t, 1, strings.Count(b.log.String(), "does not take clicks"), b.log)
		require.Equal(t, 1, strings.Count(b.log.String(), "takes clicks again"), b.log)
	})
}

// A database that hangs costs the first click a second, and no other.
func TestHangCostsOneSecond(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t)
		b.shelf.hangs = true
		defer b.run(t)()
		began := time.Now()
		require.NoError(t, b.recorder.record(click("first")))
		require.Equal(t, patience, time.Since(began))
		for i := range 100 {
			require.NoError(t, b.recorder.record(click(fmt.Sprint(i))))
		}
		require.LessOrEqual(t, time.Since(began), patience+100*beat)
		b.shelf.set(func(s *shelf) { s.hangs = false })
		time.Sleep(replayLimit + 2*replayPause)
		synctest.Wait()
		require.True(t, b.shelf.has("first", "0", "99"))
	})
}

func TestNeitherDatabaseNorDisk(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t)
		b.shelf.down = errDown
		require.NoError(t, os.RemoveAll(b.spool.slot))
		defer b.run(t)()
		for i := range 5 {
			require.ErrorIs(t, b.recorder.record(click(fmt.Sprint(i))), errDown)
		}
		require.Equal(t, 5, b.tally.uncounted)
		require.Equal(t, 1, strings.Count(b.log.String(), "clicks are lost"), b.log)
		b.shelf.set(func(s *shelf) { s.down = nil })
		require.NoError(t, b.recorder.record(click("back")), "without a disk every click tries the database")
	})
}

// The disk fails while clicks go to the spool: the database is asked again.
func TestDiskFailsDuringAnOutage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t)
		b.shelf.down = errDown
		defer b.run(t)()
		require.NoError(t, b.recorder.record(click("spooled")))
		require.NoError(t, os.RemoveAll(b.spool.slot))
		b.spool.mu.Lock()
		require.NoError(t, b.spool.rotate())
		b.spool.mu.Unlock()
		b.shelf.set(func(s *shelf) { s.down = nil })
		require.NoError(t, b.recorder.record(click("stored")))
		require.True(t, b.shelf.has("stored"))
	})
}

func TestStopStoresWhatHadArrived(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t)
		gate := make(chan struct{})
		b.shelf.taking = gate
		stop := b.run(t)
		var waiting sync.WaitGroup
		for i := range 3 {
			waiting.Go(func() { require.NoError(t, b.recorder.record(click(fmt.Sprint(i)))) })
			synctest.Wait()
		}
		waiting.Go(stop)
		synctest.Wait()
		close(gate)
		waiting.Wait()
		require.True(t, b.shelf.has("0", "1", "2"))
		require.ErrorIs(t, b.recorder.record(click("late")), errStopped)
		require.Equal(t, 1, b.tally.uncounted)
	})
}

func TestOverload(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.recorder.open = &batch{clicks: make([]Click, maxWaiting), done: make(chan struct{})}
	require.ErrorIs(t, b.recorder.record(click("one too many")), errOverload)
	require.Equal(t, 1, b.tally.uncounted)
	require.NoError(t, b.spool.close())
}
