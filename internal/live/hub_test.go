package live

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/campaign"
)

// tower is a database that can be looked at, and a line between processes.
type tower struct {
	mu        sync.Mutex
	looks     int
	sight     Sight
	campaigns []campaign.Report
	// broken is the error of each look, deaf says that nothing can be heard.
	broken error
	deaf   bool
	ears   map[int]func(string)
	said   []int
}

func (o *tower) Sight(context.Context, int64, time.Time) (Sight, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.looks++
	seen := Sight{}
	maps.Copy(seen, o.sight)
	return seen, o.broken
}

func (o *tower) Active(context.Context, int64) ([]campaign.Report, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.campaigns, nil
}

func (o *tower) Say(_ context.Context, text string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.said = append(o.said, len(text))
	for _, ear := range o.ears {
		ear(text)
	}
	return nil
}

func (o *tower) Hear(ctx context.Context, begun func(), heard func(string)) error {
	o.mu.Lock()
	if o.deaf {
		o.mu.Unlock()
		return errors.New("nobody speaks here")
	}
	if o.ears == nil {
		o.ears = map[int]func(string){}
	}
	n := len(o.ears)
	o.ears[n] = heard
	o.mu.Unlock()
	begun()
	<-ctx.Done()
	return ctx.Err()
}

func (o *tower) see(c Change, text string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.sight[c] = text
}

func (o *tower) hub(name string) *Hub {
	n := 0
	return New(Config{
		Store: o, Campaigns: o, Now: time.Now, Log: slog.New(slog.DiscardHandler),
		NewID: func() string { n++; return name + strconv.Itoa(n) },
	})
}

func joined(t *testing.T, h *Hub, place string) *Reader {
	t.Helper()
	r, err := h.Join(1, place)
	require.NoError(t, err)
	return r
}

// pass lets time go by, and waits for what that brings about.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// told returns what a reader is told within a time.
func told(r *Reader, within time.Duration) (b Batch) {
	pass(within)
	b, _ = r.Take()
	return b
}

func kinds(b Batch) (all []string) {
	for _, e := range b.Events {
		all = append(all, e.text())
	}
	return all
}

// A thousand readers are told what changed, at most twice a second, and the database is asked
// once a second for all of them.
func TestManyReadersAreOneLook(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := &tower{sight: Sight{{Bot, "1"}: "a"}}
		h := o.hub("h")
		readers := make([]*Reader, 1000)
		for i := range readers {
			readers[i] = joined(t, h, "")
		}
		pass(10*time.Second + time.Millisecond)
		require.Equal(t, 11, o.looks)
		for n := range 40 {
			h.Mark(1, Change{Message, strconv.Itoa(n % 3)})
			pass(50 * time.Millisecond)
		}
		o.see(Change{Bot, "1"}, "b")
		for _, r := range readers {
			require.LessOrEqual(t, r.f.seq, int64(5), "two seconds are four batches")
			require.Equal(t, []string{"message:0", "message:1", "message:2"}, kinds(told(r, 0)))
		}
		require.Equal(t, []string{"bot:1", "contact:"}, kinds(told(readers[0], 2*time.Second)))
		for _, r := range readers {
			r.Leave()
			r.Leave()
		}
		synctest.Wait()
		before := o.looks
		pass(10 * time.Second)
		require.Equal(t, before, o.looks, "nobody reads")
	})
}

// A reader that stalls takes no memory, and gets what it has missed in one piece, or is told
// that it is lost.
func TestAReaderThatStalls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := &tower{sight: Sight{}}
		h := o.hub("h")
		r := joined(t, h, "")
		defer r.Leave()
		for n := range 100 {
			h.Mark(1, Change{Message, strconv.Itoa(n)}, Change{Group, strconv.Itoa(n % 2)})
			pass(beat)
		}
		b := told(r, beat)
		require.False(t, b.Lost)
		require.Equal(t, []string{"group:0", "group:1", "message:"}, kinds(b), "of many, the kind is told")
		for n := range 2 * keptBatches {
			h.Mark(1, Change{Message, strconv.Itoa(n)})
			pass(beat)
		}
		require.Len(t, r.f.batches, keptBatches)
		b = told(r, beat)
		require.True(t, b.Lost)
		require.Empty(t, b.Events)
		h.Mark(1, Change{Message, "7"})
		require.Equal(t, []string{"message:7"}, kinds(told(r, 2*beat)))
	})
}

// Who comes back within a minute goes on behind its place; who comes later, or from another
// process, is lost.
func TestReadersComeBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := &tower{sight: Sight{{Import, "x"}: "1"}}
		h := o.hub("h")
		r := joined(t, h, "")
		b := told(r, 2*time.Second)
		r.Leave()
		h.Mark(1, Change{Message, "5"})
		o.see(Change{Import, "x"}, "2")
		pass(30 * time.Second)
		r = joined(t, h, b.Place)
		b = told(r, 2*beat+time.Millisecond)
		require.False(t, b.Lost)
		require.Equal(t, []string{"contact:", "group:", "import:x", "message:5"}, kinds(b))
		r.Leave()
		pass(2 * linger)
		for _, place := range []string{b.Place, "other-3", "nonsense", "h2-99"} {
			r = joined(t, h, place)
			require.True(t, told(r, 0).Lost, place)
			require.False(t, told(r, 0).Lost, place)
			r.Leave()
		}
		require.LessOrEqual(t, len(h.feeds), 1)
	})
}

// Campaigns that go out are told with how far they are; one that has ended, without.
func TestCampaignsTellHowFarTheyAre(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		report := campaign.Report{Campaign: campaign.Campaign{ID: 9, State: campaign.Sending}, Counts: campaign.Counts{Recipients: 10, Sent: 1}}
		o := &tower{sight: Sight{}, campaigns: []campaign.Report{report}}
		h := o.hub("h")
		r := joined(t, h, "")
		defer r.Leave()
		require.Empty(t, told(r, 2*time.Second).Events)
		report.Counts.Sent = 5
		o.mu.Lock()
		o.campaigns = []campaign.Report{report}
		o.mu.Unlock()
		b := told(r, 2*time.Second)
		require.Equal(t, []string{"campaign:9"}, kinds(b))
		require.EqualValues(t, 5, b.Events[0].Campaign.Counts.Sent)
		o.mu.Lock()
		o.campaigns = nil
		o.mu.Unlock()
		b = told(r, 2*time.Second)
		require.Equal(t, []string{"campaign:9"}, kinds(b))
		require.Nil(t, b.Events[0].Campaign)
	})
}

// What one process marks, the readers of another are told; much of it comes in messages that
// the database takes.
func TestProcessesTellEachOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := &tower{sight: Sight{}}
		here, there := o.hub("a"), o.hub("b")
		var running sync.WaitGroup
		ctx, stop := context.WithCancel(t.Context())
		for _, h := range []*Hub{here, there} {
			running.Go(func() { h.Run(ctx) })
		}
		r, mine := joined(t, there, ""), joined(t, here, "")
		told(r, 2*time.Second)
		told(mine, 0)
		for id := range int64(500) {
			here.Mark(id, Change{Message, fmt.Sprint(1_000_000 + id)}, Change{Contact, fmt.Sprint(1_000_000 + id)})
		}
		require.Equal(t, []string{"contact:1000001", "message:1000001"}, kinds(told(r, 3*beat)))
		require.Equal(t, []string{"contact:1000001", "message:1000001"}, kinds(told(mine, 0)), "once")
		require.Greater(t, len(o.said), 1)
		for _, size := range o.said {
			require.Less(t, size, 8000)
		}
		stop()
		running.Wait()
		r.Leave()
		mine.Leave()
	})
}

// Where processes do not hear each other, readers are told now and then that anything may
// have changed.
func TestReadersOfDeafProcesses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := &tower{sight: Sight{}, deaf: true, broken: errors.New("away")}
		h := o.hub("h")
		var running sync.WaitGroup
		ctx, stop := context.WithCancel(t.Context())
		running.Go(func() { h.Run(ctx) })
		r := joined(t, h, "")
		told(r, 6*time.Second)
		require.Len(t, told(r, 11*time.Second).Events, len(Kinds()))
		stop()
		running.Wait()
		r.Leave()
	})
}

// A process has a bounded number of readers.
func TestTooManyReaders(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := (&tower{sight: Sight{}}).hub("h")
		all := make([]*Reader, MostReaders)
		for i := range all {
			all[i] = joined(t, h, "")
		}
		_, err := h.Join(2, "")
		require.ErrorIs(t, err, ErrTooMany)
		all[0].Leave()
		all[0] = joined(t, h, "")
		for _, r := range all {
			r.Leave()
		}
	})
}
