package store

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
)

// Whoever waits gets in after those of the lanes before and those who came before.
func TestLanesServeDispatchFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := new(lanes)
		require.NoError(t, l.enter(t.Context(), laneOthers))
		var (
			order []int
			wait  sync.WaitGroup
		)
		for n, in := range []lane{laneOthers, laneOthers, laneDispatch, laneOthers, laneDispatch} {
			wait.Go(func() {
				require.NoError(t, l.enter(t.Context(), in))
				order = append(order, n)
				l.leave()
			})
			synctest.Wait()
		}
		require.Empty(t, order, "one is in")
		l.leave()
		wait.Wait()
		require.Equal(t, []int{2, 4, 0, 1, 3}, order)
		require.NoError(t, l.enter(t.Context(), laneOthers), "nobody is in any more")
	})
}

// Who stops waiting is out of the way, also when the turn comes at that moment.
func TestLanesForgetWhoGivesUp(t *testing.T) {
	t.Parallel()
	for range 200 {
		l := new(lanes)
		require.NoError(t, l.enter(t.Context(), laneDispatch))
		ctx, stop := context.WithCancel(t.Context())
		var wait sync.WaitGroup
		wait.Go(func() {
			if err := l.enter(ctx, laneDispatch); err != nil {
				require.ErrorIs(t, err, context.Canceled)
				return
			}
			l.leave()
		})
		wait.Go(func() {
			require.NoError(t, l.enter(t.Context(), laneOthers))
			l.leave()
		})
		wait.Go(stop)
		wait.Go(l.leave)
		wait.Wait()
		require.False(t, l.taken)
		require.Equal(t, [laneCount]int{}, [laneCount]int{len(l.waiting[laneDispatch]), len(l.waiting[laneOthers])})
	}
}

// Many who come at once are in one at a time.
func TestLanesLetOneIn(t *testing.T) {
	t.Parallel()
	l := new(lanes)
	var (
		wait sync.WaitGroup
		in   int // guarded by the lanes: the race detector watches
	)
	for n := range 40 {
		wait.Go(func() {
			for range 50 {
				require.NoError(t, l.enter(t.Context(), lane(n%int(laneCount))))
				in++
				require.Equal(t, 1, in)
				in--
				l.leave()
			}
		})
	}
	wait.Wait()
}

// A database with many writers has no lanes.
func TestNoLanes(t *testing.T) {
	t.Parallel()
	var l *lanes
	require.NoError(t, l.enter(t.Context(), laneOthers))
	require.NoError(t, l.enter(t.Context(), laneOthers))
	l.leave()
}
