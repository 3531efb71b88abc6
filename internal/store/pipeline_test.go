package store_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/dispatch"
	"bellman/internal/pgtest"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
)

// trips counts the round trips to a database: one for statements that are sent
// together, one for each of the others.
type trips struct {
	n int
	// together is how many statements the last batch still has.
	together int
}

func (c *trips) Batch(statements int) { c.n, c.together = c.n+1, statements }

func (c *trips) Statement(string, []any) error {
	if c.together > 0 {
		c.together--
	} else {
		c.n++
	}
	return nil
}

func (c *trips) Row(string, []any) error          { return nil }
func (c *trips) Commit(commit func() error) error { return commit() }

// A step's cost on a database that is far away is the number of its round trips,
// the beginning and the end of the transaction included.
func TestStepsTakeFewRoundTrips(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		watched bool
		change  func(c *dispatch.CampaignStep, rec []dispatch.Recipient)
		want    int
	}{
		"settles and claims": {want: 2, change: func(c *dispatch.CampaignStep, rec []dispatch.Recipient) {
			c.Outcomes = []dispatch.Outcome{{Recipient: rec[0], Status: dispatch.Sent, TelegramMessageID: 9, SettledAt: start}}
		}},
		"pauses, and defers": {want: 2, change: func(c *dispatch.CampaignStep, rec []dispatch.Recipient) {
			c.Deferrals = []dispatch.Deferral{{Recipient: rec[0], DueAt: start, Reason: "x"}}
			c.Pause = dispatch.Pause{Reason: "content_refused"}
		}},
		"claims what is due, which the ledger counts": {want: 3, change: func(c *dispatch.CampaignStep, _ []dispatch.Recipient) {
			c.ClaimDue = 1
		}},
		"removes a chat, which the bot counts": {want: 3, change: func(c *dispatch.CampaignStep, rec []dispatch.Recipient) {
			c.Removals = []dispatch.Removal{{ChatID: rec[0].ChatID, Seq: rec[0].Seq}}
		}},
		"tells a webhook": {watched: true, want: 4, change: func(c *dispatch.CampaignStep, rec []dispatch.Recipient) {
			c.Outcomes = []dispatch.Outcome{{Recipient: rec[0], Status: dispatch.Sent, TelegramMessageID: 9, SettledAt: start}}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			count := &trips{}
			s := store.OpenTapped(t, pgtest.Schema(t), count)
			if tt.watched {
				watch(t, s)
			}
			w := newWire(t, s, 1)
			c := dispatch.CampaignStep{CampaignID: w.id, BotID: w.botID, Epoch: w.lease.Epoch, ClaimFrom: 6, ClaimTo: 7}
			tt.change(&c, w.claimed)
			count.n = 0
			_, err := s.Ledgers.Step(t.Context(), dispatch.Step{Owner: w.owner, Number: 2, Now: start, Campaigns: []dispatch.CampaignStep{c}})
			require.NoError(t, err)
			require.Equal(t, tt.want, count.n)
		})
	}
}

// A transaction whose statements are sent together is written as a whole or not at
// all, and its connection is as good afterwards as before.
func TestAStepThatTheDatabaseRefusesWritesNothing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		w := newWire(t, s, 1)
		step := dispatch.Step{Owner: w.owner, Number: 2, Now: start, Campaigns: []dispatch.CampaignStep{{
			CampaignID: w.id, BotID: w.botID, Epoch: w.lease.Epoch, ClaimFrom: 6, ClaimTo: 7,
			Outcomes: []dispatch.Outcome{{Recipient: w.claimed[0], Status: dispatch.Sent, SettledAt: start}},
		}}}
		once := step.Campaigns[0].Outcomes
		step.Campaigns[0].Outcomes = slices.Concat(once, once)
		for range 10 { // more than there are connections
			_, err := s.Ledgers.Step(t.Context(), step)
			require.Error(t, err)
		}
		step.Campaigns[0].Outcomes = once
		got, err := s.Ledgers.Step(t.Context(), step)
		require.NoError(t, err)
		require.Len(t, got[0].Recipients, 1)
		require.EqualValues(t, 1, store.CountForTest(t, s, `SELECT COUNT(*) FROM outcomes`))
	})
}

// announcing counts round trips, and remembers which one wrote the row of the sender.
type announcing struct {
	trips
	announced int
}

func (c *announcing) Statement(query string, args []any) error {
	err := c.trips.Statement(query, args)
	if strings.Contains(query, "INSERT INTO senders") {
		c.announced = c.n
	}
	return err
}

// A step begins with the row of its sender. Leases are renewed beside it without a round trip in which they hold that row:
// far from the database, each one would make every bot of the process wait.
func TestLeasesAreRenewedBesideSteps(t *testing.T) {
	t.Parallel()
	count := &announcing{}
	s := store.OpenTapped(t, pgtest.Schema(t), count)
	w := newWire(t, s, 1)
	for name, renew := range map[string]func() error{
		"hold": func() error {
			_, _, err := s.Ledgers.HoldLeases(t.Context(), w.owner, start, ttl, true)
			return err
		},
		"hold, and a clock was set back": func() error {
			_, _, err := s.Ledgers.HoldLeases(t.Context(), w.owner, start.Add(-time.Hour), ttl, true)
			return err
		},
		"renew": func() error { return s.Ledgers.RenewLeases(t.Context(), w.owner, start, ttl) },
		"take": func() error {
			connect(t, s, 77)
			count.n = 0
			_, _, err := s.Ledgers.HoldLeases(t.Context(), w.owner, start, ttl, true)
			return err
		},
	} {
		count.n, count.announced = 0, 0
		require.NoError(t, renew(), name)
		require.Equal(t, 3, count.n, name)
		require.Equal(t, count.n, count.announced, name)
	}
}
