package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/dispatch"
	"bellman/internal/fault"
	"bellman/internal/linetest"
	"bellman/internal/pgtest"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
)

// A server that takes what is sent and never answers, as one behind a router that has forgotten the connections,
// holds a call of dispatch for less than a lease. All connections are made anew at once, not each in its turn.
func TestASilentDatabaseIsLeftInTime(t *testing.T) {
	t.Parallel()
	line, address := linetest.Start(t, pgtest.Schema(t))
	s := storetest.OpenIll(t, address)
	hold := func() error {
		_, _, err := s.Ledgers.HoldLeases(t.Context(), "p", start, ttl, true)
		return err
	}
	// As many connections as there can be, all in use until now.
	together(t, 24, func() error {
		store.CountForTest(t, s, `SELECT COUNT(*) FROM (SELECT pg_sleep(0.2)) AS a`)
		return nil
	})
	together(t, 4, hold)

	line.Lose()
	began := time.Now()
	err := hold()
	require.True(t, fault.Is(err, "database_unavailable"), "%v", err)
	require.Less(t, time.Since(began), ttl, "the lease is over when its holder learns that it cannot be renewed")
	require.Error(t, s.Ping(shortly(t)))

	line.Find()
	began = time.Now()
	require.Eventually(t, func() bool { return hold() == nil }, 15*time.Second, 10*time.Millisecond)
	require.NoError(t, s.Ping(t.Context()))
	together(t, 24, func() error {
		_, err := s.Workspaces.Find(t.Context(), 1)
		return err
	})
	require.Less(t, time.Since(began), 5*time.Second)
}

// The statement under way in a transaction is cut too, and the database ends what it had begun, so that its locks
// delay nobody.
func TestASilentTransactionIsCut(t *testing.T) {
	t.Parallel()
	schema := pgtest.Schema(t)
	line, address := linetest.Start(t, schema)
	s, direct := storetest.OpenIll(t, address), storetest.OpenIll(t, schema)
	w := newWire(t, s, 1)
	began := time.Now()
	err := store.TxForTest(t, s, func(exec func(string) error) error {
		if err := exec(`UPDATE ledgers SET paid = paid`); err != nil {
			return err
		}
		line.Lose()
		return exec(`UPDATE ledgers SET paid = paid`)
	})
	require.True(t, fault.Is(err, "database_unavailable"), "%v", err)
	require.Less(t, time.Since(began), ttl)
	step := dispatch.Step{Owner: w.owner, Number: 2, Now: start, Campaigns: []dispatch.CampaignStep{{
		CampaignID: w.id, BotID: w.botID, Epoch: w.lease.Epoch, ClaimFrom: 6, ClaimTo: 7}}}
	require.Eventually(t, func() bool {
		_, err := direct.Ledgers.Step(t.Context(), step)
		return err == nil
	}, 15*time.Second, 10*time.Millisecond)
}

// Calls of the APIs that wait, however many, do not keep dispatch from a connection.
func TestDispatchHasConnectionsOfItsOwn(t *testing.T) {
	t.Parallel()
	address := pgtest.Schema(t)
	s, other := storetest.OpenIll(t, address), storetest.OpenIll(t, address)
	connect(t, s, 1)
	locked, release, done := make(chan struct{}), make(chan struct{}), make(chan error)
	go func() {
		done <- store.TxForTest(t, other, func(exec func(string) error) error {
			err := exec(`LOCK TABLE workspaces`)
			close(locked)
			<-release
			return err
		})
	}()
	<-locked
	waiting, leave := context.WithCancel(t.Context())
	for range 30 {
		go func() { _, _ = s.Workspaces.Find(waiting, 1) }()
	}
	_, _, err := s.Ledgers.HoldLeases(t.Context(), "p", start, ttl, true)
	require.NoError(t, err)
	leave()
	close(release)
	require.NoError(t, <-done)
}

func together(t *testing.T, n int, call func() error) {
	t.Helper()
	ended := make(chan error, n)
	for range n {
		go func() { ended <- call() }()
	}
	for range n {
		require.NoError(t, <-ended)
	}
}

func shortly(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	t.Cleanup(cancel)
	return ctx
}
