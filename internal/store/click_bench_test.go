package store_test

import (
	"fmt"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"bellman/internal/pgtest"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
	"bellman/internal/track"
)

// BenchmarkRecordClicks records a batch of clicks, each by another person.
func BenchmarkRecordClicks(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) { benchmarkRecordClicks(b, storetest.Open(b, storetest.SQLite(b))) })
	b.Run("postgres", func(b *testing.B) { benchmarkRecordClicks(b, storetest.Open(b, pgtest.Schema(b))) })
}

func benchmarkRecordClicks(b *testing.B, s *store.DB) {
	b.Helper()
	var seq int64
	for _, size := range []int{1, 32, 128} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			clicks := make([]track.Click, size)
			b.ReportAllocs()
			for b.Loop() {
				for i := range clicks {
					seq++
					clicks[i] = clickOf(1, seq, 0)
					clicks[i].ID = uuid.Must(uuid.NewV7()).String()
				}
				require.NoError(b, s.Clicks.RecordClicks(b.Context(), clicks))
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*size), "µs/click")
		})
	}
}
