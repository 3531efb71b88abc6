package loop_test

import (
	"context"
	"errors"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bellman/internal/loop"
)

var errFailed = errors.New("it failed")

func TestEvery(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		began := time.Now()
		var at []time.Duration
		failures := 0
		wake := loop.NewSignal()
		done := make(chan struct{})
		go func() {
			defer close(done)
			loop.Every(ctx, time.Second, wake, func(context.Context) error {
				at = append(at, time.Since(began))
				switch len(at) {
				case 1:
					wake.Send()
					wake.Send()
				case 2:
					return errFailed
				}
				return nil
			}, func(err error) {
				if errors.Is(err, errFailed) {
					failures++
				}
			})
		}()
		time.Sleep(1500 * time.Millisecond)
		wake.Send()
		time.Sleep(time.Second)
		cancel()
		<-done
		require.Equal(t, []time.Duration{0, 0, time.Second, 1500 * time.Millisecond, 2 * time.Second}, at, "two signals while it works are one")
		require.Equal(t, 1, failures)
	})
}

func TestEverySaysNothingOfItsEnd(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	loop.Every(ctx, time.Hour, nil, func(ctx context.Context) error {
		cancel()
		return ctx.Err()
	}, func(err error) { t.Error("the end of the context is no failure:", err) })
}

func TestAll(t *testing.T) {
	t.Parallel()
	left := 3
	require.NoError(t, loop.All(t.Context(), func(context.Context) (bool, error) {
		left--
		return left > 0, nil
	}))
	require.Zero(t, left)
	require.ErrorIs(t, loop.All(t.Context(), func(context.Context) (bool, error) { return true, errFailed }), errFailed)
	ctx, cancel := context.WithCancel(t.Context())
	pieces := 0
	require.ErrorIs(t, loop.All(ctx, func(context.Context) (bool, error) {
		pieces++
		cancel()
		return true, nil
	}), context.Canceled)
	require.Equal(t, 1, pieces)
}

func TestPause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		began := time.Now()
		require.True(t, loop.Pause(ctx, 10*time.Second))
		require.Equal(t, 10*time.Second, time.Since(began))
		require.True(t, loop.Pause(ctx, -time.Second))
		require.Equal(t, 10*time.Second, time.Since(began))
		require.False(t, loop.Pause(ctx, time.Hour))
		require.Equal(t, time.Minute, time.Since(began))
	})
}

func TestDoubling(t *testing.T) {
	t.Parallel()
	var minutes []float64
	for n := range 9 {
		minutes = append(minutes, loop.Doubling(time.Minute, n, time.Hour).Minutes())
	}
	require.Equal(t, []float64{1, 1, 2, 4, 8, 16, 32, 60, 60}, minutes)
	require.Equal(t, time.Second, loop.Doubling(time.Minute, 1, time.Second))
}

func TestDoublingIsBounded(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		first := time.Duration(rapid.Int64Range(1, math.MaxInt64).Draw(t, "first"))
		most := time.Duration(rapid.Int64Range(1, math.MaxInt64).Draw(t, "most"))
		n := rapid.IntRange(1, 1000).Draw(t, "n")
		require.Equal(t, min(first, most), loop.Doubling(first, 1, most))
		this, next := loop.Doubling(first, n, most), loop.Doubling(first, n+1, most)
		require.GreaterOrEqual(t, next, this)
		require.LessOrEqual(t, next, most)
		if next < most {
			require.Equal(t, 2*this, next)
		}
	})
}

func TestOutliving(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		longer, done := loop.Outliving(ctx, time.Second)
		short, end := loop.Outliving(ctx, time.Second)
		end()
		require.Error(t, short.Err(), "it is needed no more")
		stopped := time.Now()
		stop()
		require.NoError(t, longer.Err())
		<-longer.Done()
		require.Equal(t, time.Second, time.Since(stopped))
		done()
	})
}
