package campaign_test

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

	"bellman/internal/campaign"
)

// plots is a store of campaigns with numbers of people to be laid out.
type plots struct {
	// mu guards all of it: what a test does between two sleeps of the layout is not
	// ordered with it otherwise.
	mu   sync.Mutex
	left map[int64]int
	// order holds the campaigns in the order in which they are found.
	order []int64
	// laid holds the chunks: the campaign and the limit of each.
	laid [][2]int64
	// looks holds the times at which scheduled campaigns were asked for.
	looks []time.Time
	// away is the error of the call that broken names.
	away   error
	broken string
	// woken counts how often dispatch was woken.
	woken int
}

// do runs fn while the layout does not use the store.
func (p *plots) do(fn func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fn()
}

func (p *plots) says(call string) error {
	if p.broken == call {
		return p.away
	}
	return nil
}

func (p *plots) StartScheduled(_ context.Context, now time.Time) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.looks = append(p.looks, now)
	return p.says("start")
}

func (p *plots) Unlaid(context.Context) (ids []int64, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, id := range p.order {
		if p.left[id] >= 0 {
			ids = append(ids, id)
		}
	}
	return ids, p.says("unlaid")
}

func (p *plots) LayOut(_ context.Context, id int64, limit int, _ time.Time) (bool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.says("lay out"); err != nil {
		return true, err
	}
	p.laid = append(p.laid, [2]int64{id, int64(limit)})
	if p.left[id] -= limit; p.left[id] > 0 {
		return true, nil
	}
	p.left[id] = -1
	return false, nil
}

// layingOut runs test beside a layout over the plots.
func layingOut(t *testing.T, p *plots, test func(t *testing.T, l *campaign.Layout, log *strings.Builder)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		log := &strings.Builder{}
		l := campaign.NewLayout(p, time.Now, slog.New(slog.NewTextHandler(log, nil)), func() { p.do(func() { p.woken++ }) })
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			l.Run(ctx)
		}()
		synctest.Wait()
		test(t, l, log)
		cancel()
		<-done
	})
}

// A small chunk of each campaign comes first, then larger ones in turn, so that a
// large audience does not delay a small one; dispatch is woken after each.
func TestLayoutTakesCampaignsInTurn(t *testing.T) {
	t.Parallel()
	p := &plots{left: map[int64]int{1: 12_000, 2: 700, 3: 500}, order: []int64{1, 2, 3}}
	layingOut(t, p, func(t *testing.T, l *campaign.Layout, _ *strings.Builder) {
		p.do(func() {
			require.Equal(t, [][2]int64{{1, 500}, {2, 500}, {3, 500}, {1, 5000}, {2, 5000}, {1, 5000}, {1, 5000}}, p.laid)
			require.Equal(t, len(p.laid), p.woken)
			require.Len(t, p.looks, 1)
			// A campaign that comes back, such as a resumed one, begins with a small
			// chunk.
			p.left[3], p.laid = 100, nil
		})
		l.Wake()
		synctest.Wait()
		p.do(func() {
			require.Equal(t, [][2]int64{{3, 500}}, p.laid)
			require.Len(t, p.looks, 2)
		})
		time.Sleep(time.Second)
		synctest.Wait()
		p.do(func() {
			require.Len(t, p.looks, 3, "it looks by itself too")
			require.True(t, time.Now().Equal(p.looks[2]))
		})
	})
}

// An error of the store is logged, and the store is asked again.
func TestLayoutGoesOnAfterAnOutage(t *testing.T) {
	t.Parallel()
	for _, call := range []string{"start", "unlaid", "lay out"} {
		t.Run(call, func(t *testing.T) {
			t.Parallel()
			p := &plots{left: map[int64]int{1: 700}, order: []int64{1}, away: errors.New("no connection"), broken: call}
			layingOut(t, p, func(t *testing.T, _ *campaign.Layout, log *strings.Builder) {
				p.do(func() {
					require.Equal(t, 1, strings.Count(log.String(), "no connection"))
					require.Zero(t, p.woken)
					p.broken = ""
				})
				time.Sleep(time.Second)
				synctest.Wait()
				p.do(func() { require.Equal(t, [][2]int64{{1, 500}, {1, 5000}}, p.laid) })
			})
		})
	}
}
