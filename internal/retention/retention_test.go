package retention_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/retention"
)

// desk is a store that notes what it is asked, and has so many pieces of each work.
type desk struct {
	months  []string
	cutoffs map[string][]retention.Cutoff
	pieces  map[string]int
	worked  map[string]int
	took    time.Duration
	// away is how often partitions cannot be made.
	away int
}

func (d *desk) MakePartitions(context.Context) error {
	if d.away--; d.away >= 0 {
		return errors.New("away")
	}
	return nil
}

func (d *desk) BeginMonth(_ context.Context, month string) error {
	d.months = append(d.months, month)
	return nil
}

func (d *desk) Keepings(context.Context, time.Time) ([]retention.Keeping, error) {
	return []retention.Keeping{
		{WorkspaceID: 1, Recipients: 13, Events: 1, Audit: 24}, {WorkspaceID: 2, Recipients: 2, Events: 3, Audit: 6},
	}, nil
}

func (d *desk) piece(work string) bool {
	time.Sleep(d.took)
	d.worked[work]++
	return d.worked[work]%(d.pieces[work]+1) != 0
}

func (d *desk) Forget(_ context.Context, c retention.Cutoff, _ time.Time, _ int) (bool, error) {
	d.cutoffs["forget"] = append(d.cutoffs["forget"], c)
	return d.piece("forget"), nil
}

func (d *desk) DropRecipients(_ context.Context, soon []retention.Cutoff, _ time.Time) ([]retention.Range, error) {
	d.cutoffs["drop"] = soon
	return []retention.Range{{Low: 3, High: 4}}, nil
}

func (d *desk) SweepRecipients(_ context.Context, spared []retention.Range, _ int) (bool, error) {
	if len(spared) != 1 {
		return false, errors.New("what is dropped is swept")
	}
	return d.piece("sweep"), nil
}

func (d *desk) DropEvents(_ context.Context, past, _, _ []retention.Cutoff) (int64, error) {
	d.cutoffs["events"] = past
	return 77, nil
}

func (d *desk) SweepEvents(_ context.Context, _ retention.Cutoff, after int64, _ int) (bool, error) {
	if after != 77 {
		return false, errors.New("what is dropped is swept")
	}
	return d.piece("events"), nil
}

func (d *desk) SweepAudit(_ context.Context, past []retention.Cutoff, _ int) (bool, error) {
	d.cutoffs["audit"] = past
	return d.piece("audit"), nil
}

func newDesk() *desk {
	return &desk{cutoffs: map[string][]retention.Cutoff{}, pieces: map[string]int{}, worked: map[string]int{}}
}

// A turn begins the month an hour early, and goes back as many months as each workspace
// keeps; what will be dropped within a month is not swept.
func TestTurn(t *testing.T) {
	t.Parallel()
	d := newDesk()
	now := time.Date(2027, 3, 31, 23, 30, 0, 0, time.UTC)
	require.NoError(t, retention.New(d, func() time.Time { return now }, slog.New(slog.DiscardHandler)).Turn(t.Context()))
	at := func(year int, month time.Month, day int) time.Time {
		return time.Date(year, month, day, 23, 30, 0, 0, time.UTC)
	}
	require.Equal(t, []string{"2027-04"}, d.months)
	require.Equal(t, map[string][]retention.Cutoff{
		"forget": {{WorkspaceID: 1, Before: at(2026, 2, 28)}, {WorkspaceID: 2, Before: at(2027, 1, 31)}},
		"drop":   {{WorkspaceID: 1, Before: at(2026, 4, 1)}, {WorkspaceID: 2, Before: at(2027, 3, 1)}},
		"events": {{WorkspaceID: 1, Before: at(2027, 2, 28)}, {WorkspaceID: 2, Before: at(2026, 12, 31)}},
		"audit":  {{WorkspaceID: 1, Before: at(2025, 3, 31)}, {WorkspaceID: 2, Before: at(2026, 9, 30)}},
	}, d.cutoffs)
}

// Between two pieces it waits for four times as long as one took.
func TestPiecesLeaveRoom(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk()
		d.took, d.pieces["sweep"] = 50*time.Millisecond, 9
		began := time.Now()
		require.NoError(t, retention.New(d, time.Now, slog.New(slog.DiscardHandler)).Turn(t.Context()))
		require.Equal(t, map[string]int{"forget": 2, "sweep": 10, "events": 2, "audit": 1}, d.worked)
		require.Equal(t, 15*50*time.Millisecond+9*200*time.Millisecond, time.Since(began))
	})
}

// A database that does not answer is told in the log, and asked again at the next turn.
func TestRunGoesOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk()
		d.away = 1
		var log bytes.Buffer
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			retention.New(d, time.Now, slog.New(slog.NewTextHandler(&log, nil))).Run(ctx)
		}()
		time.Sleep(21 * time.Minute)
		stop()
		<-done
		require.Len(t, d.months, 3)
		require.Equal(t, 1, strings.Count(log.String(), "what is not kept any more is removed later"))
		require.Equal(t, 6, d.worked["forget"], "nothing else is kept from being done")
	})
}
