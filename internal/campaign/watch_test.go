package campaign_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/campaign"
)

// ledgerBook is a store with one campaign, number 7 of workspace 1. The methods
// that watching does not need panic.
type ledgerBook struct {
	campaign.Store

	mu       sync.Mutex
	campaign campaign.Campaign
	ledger   campaign.Ledger
	err      error
	reads    int
}

// write changes what will be read.
func (b *ledgerBook) write(change func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	change()
}

// read returns how often the campaign was read.
func (b *ledgerBook) read() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.reads
}

func (b *ledgerBook) Find(_ context.Context, workspaceID, id int64) (campaign.Campaign, campaign.Ledger, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.reads++
	if workspaceID != 1 || id != 7 {
		return campaign.Campaign{}, campaign.Ledger{}, campaign.ErrNotFound
	}
	return b.campaign, b.ledger, b.err
}

// watching runs a test with a service over a campaign that goes out to ten people.
// It runs in a bubble, which fails when a goroutine is left behind.
func watching(t *testing.T, test func(t *testing.T, b *ledgerBook, s *campaign.Service)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := &ledgerBook{campaign: campaign.Campaign{ID: 7, WorkspaceID: 1, State: campaign.Sending, LaidSeq: 10, Laid: true}}
		test(t, b, campaign.New(b, nil, time.Now, func() {}))
		synctest.Wait()
	})
}

// look waits until one reading and everything that follows from it is done.
func look() {
	time.Sleep(500 * time.Millisecond)
	synctest.Wait()
}

// watch begins to watch, and takes the first update.
func watch(t *testing.T, s *campaign.Service) (updates <-chan campaign.Update, leave func()) {
	t.Helper()
	ctx, leave := context.WithCancel(t.Context())
	updates, err := s.Watch(ctx, 1, 7)
	require.NoError(t, err)
	first := <-updates
	require.NoError(t, first.Err)
	return updates, leave
}

func TestWatchTellsWhatChanges(t *testing.T) {
	t.Parallel()
	watching(t, func(t *testing.T, b *ledgerBook, s *campaign.Service) {
		updates, _ := watch(t, s)
		look()
		require.Empty(t, updates, "nothing has changed")
		b.write(func() { b.ledger.ClaimedSeq, b.ledger.Sent = 4, 4 })
		look()
		require.EqualValues(t, 4, (<-updates).Report.Counts.Sent)
		b.write(func() { b.campaign.State = campaign.Paused })
		look()
		require.Equal(t, campaign.Paused, (<-updates).Report.State)

		// A slow reader gets the latest update only.
		for sent := int64(5); sent <= 9; sent++ {
			b.write(func() { b.ledger.ClaimedSeq, b.ledger.Sent = sent, sent })
			look()
		}
		require.EqualValues(t, 9, (<-updates).Report.Counts.Sent)
		require.Empty(t, updates)

		b.write(func() { b.campaign.State, b.ledger.ClaimedSeq, b.ledger.Sent = campaign.Finished, 10, 10 })
		look()
		require.Equal(t, campaign.Finished, (<-updates).Report.State)
		_, more := <-updates
		require.False(t, more, "it ends with the campaign")
		reads := b.read()
		look()
		require.Equal(t, reads, b.read(), "nobody is read for")
	})
}

func TestWatchAnEndedCampaign(t *testing.T) {
	t.Parallel()
	watching(t, func(t *testing.T, b *ledgerBook, s *campaign.Service) {
		b.write(func() { b.campaign.State = campaign.Cancelled })
		updates, _ := watch(t, s)
		_, more := <-updates
		require.False(t, more)
	})
}

func TestWatchWhatIsNotThere(t *testing.T) {
	t.Parallel()
	watching(t, func(t *testing.T, _ *ledgerBook, s *campaign.Service) {
		_, err := s.Watch(t.Context(), 1, 8)
		require.ErrorIs(t, err, campaign.ErrNotFound)
		watch(t, s)
		_, err = s.Watch(t.Context(), 2, 7)
		require.ErrorIs(t, err, campaign.ErrNotFound, "another workspace does not see it, whoever watches")
	})
}

func TestManyWatchersAreOneReader(t *testing.T) {
	t.Parallel()
	watching(t, func(t *testing.T, b *ledgerBook, s *campaign.Service) {
		const watchers = 100
		all, leave := make([]<-chan campaign.Update, watchers), make([]func(), watchers)
		for i := range watchers {
			all[i], leave[i] = watch(t, s)
		}
		require.Equal(t, 1, b.read())
		for range 10 {
			look()
		}
		require.Equal(t, 11, b.read())
		b.write(func() { b.ledger.ClaimedSeq = 1 })
		look()
		for _, updates := range all {
			require.EqualValues(t, 1, (<-updates).Report.Counts.Sending)
		}
		// Watching continues while one watcher is left.
		for _, gone := range leave[1:] {
			gone()
		}
		synctest.Wait()
		_, more := <-all[1]
		require.False(t, more)
		b.write(func() { b.ledger.ClaimedSeq = 2 })
		look()
		require.EqualValues(t, 2, (<-all[0]).Report.Counts.Sending)
		leave[0]()
		synctest.Wait()
		reads := b.read()
		look()
		require.Equal(t, reads, b.read(), "nobody is read for")

		// A new watcher gets the present state.
		b.write(func() { b.ledger.ClaimedSeq = 3 })
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		updates, err := s.Watch(ctx, 1, 7)
		require.NoError(t, err)
		require.EqualValues(t, 3, (<-updates).Report.Counts.Sending)
	})
}

func TestWatchEndsWithTheDatabase(t *testing.T) {
	t.Parallel()
	watching(t, func(t *testing.T, b *ledgerBook, s *campaign.Service) {
		one, _ := watch(t, s)
		other, _ := watch(t, s)
		cut := errors.New("no connection")
		b.write(func() { b.err = cut })
		look()
		for _, updates := range []<-chan campaign.Update{one, other} {
			require.ErrorIs(t, (<-updates).Err, cut)
			_, more := <-updates
			require.False(t, more)
		}
		_, err := s.Watch(t.Context(), 1, 7)
		require.ErrorIs(t, err, cut)
	})
}
