package store_test

import (
	"slices"
	"testing"

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
