package job_test

import (
	"context"
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bellman/internal/job"
)

func TestDoubling(t *testing.T) {
	t.Parallel()
	webhook := job.Doubling(time.Minute, time.Hour)
	var minutes []float64
	for attempt := 1; attempt <= 8; attempt++ {
		minutes = append(minutes, webhook(attempt).Minutes())
	}
	require.Equal(t, []float64{1, 2, 4, 8, 16, 32, 60, 60}, minutes)
}

func TestDoublingIsBounded(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		first := time.Duration(rapid.Int64Range(1, math.MaxInt64).Draw(t, "first"))
		most := time.Duration(rapid.Int64Range(1, math.MaxInt64).Draw(t, "most"))
		attempt := rapid.IntRange(1, 1000).Draw(t, "attempt")
		delay := job.Doubling(first, most)
		require.Equal(t, min(first, most), delay(1))
		require.GreaterOrEqual(t, delay(attempt+1), delay(attempt))
		require.LessOrEqual(t, delay(attempt), most)
		if next := delay(attempt + 1); next < most {
			require.Equal(t, 2*delay(attempt), next)
		}
	})
}

func TestPeriods(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 21, 15, 4, 5, 6, time.FixedZone("", 7200))
	require.Equal(t, time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC), job.Next(24*time.Hour, at))
	rapid.Check(t, func(t *rapid.T) {
		period := time.Duration(rapid.Int64Range(int64(time.Second), int64(24*time.Hour)).Draw(t, "period"))
		at := time.UnixMilli(rapid.Int64Range(0, 1<<42).Draw(t, "at"))
		next := job.Next(period, at)
		require.True(t, next.After(at))
		require.LessOrEqual(t, next.Sub(at), period)
		require.Equal(t, next.Add(period), job.Next(period, next), "who asks at the moment itself gets the one after")
		require.Equal(t, next, job.Next(period, next.Add(-1)))
	})
}

func TestRegisterRefuses(t *testing.T) {
	t.Parallel()
	good := job.Kind{Name: "contact_import", Workers: 1, Timeout: time.Second, Attempts: 1}
	with := func(change func(*job.Kind)) job.Kind {
		k := good
		change(&k)
		return k
	}
	nothing := func(context.Context, job.Job) error { return nil }
	for name, kind := range map[string]job.Kind{
		"no name":           with(func(k *job.Kind) { k.Name = "" }),
		"a letter":          with(func(k *job.Kind) { k.Name = "a" }),
		"a name with signs": with(func(k *job.Kind) { k.Name = "contact import" }),
		"a long name":       with(func(k *job.Kind) { k.Name = strings.Repeat("a", 65) }),
		"nobody":            with(func(k *job.Kind) { k.Workers = 0 }),
		"a crowd":           with(func(k *job.Kind) { k.Workers = 1001 }),
		"no time":           with(func(k *job.Kind) { k.Timeout = time.Second - 1 }),
		"no attempt":        with(func(k *job.Kind) { k.Attempts = 0 }),
		"no end":            with(func(k *job.Kind) { k.Attempts = 1001 }),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := job.NewWorker(nil, "here", time.Now, slog.New(slog.DiscardHandler))
			require.Error(t, w.Register(kind, nothing))
			require.Error(t, w.Every(time.Hour, kind, nothing))
		})
	}
	w := job.NewWorker(nil, "here", time.Now, slog.New(slog.DiscardHandler))
	require.Error(t, w.Every(time.Second-1, good, nothing))
	require.Error(t, w.Every(24*time.Hour+1, good, nothing))
	require.NoError(t, w.Register(good, nothing))
	require.ErrorContains(t, w.Register(good, nothing), "registered twice")
	require.ErrorContains(t, w.Every(time.Hour, good, nothing), "registered twice")
}
