package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/dispatch"
	"bellman/internal/imports"
	"bellman/internal/outcome"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
	"bellman/internal/webhook"
)

// A clock that is set back, in a process or between two, makes nobody wait for longer
// than before: whatever the next holder of a lease reads goes by its own clock.
func TestClockSetBackMovesTheDeadlines(t *testing.T) {
	t.Parallel()
	const by = time.Hour
	for name, next := range map[string]string{"in a process": "p", "between two": "q"} {
		number := map[string]int64{"p": 3, "q": 1}[next]
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, s *store.DB) {
				id, lease := deferred(t, s)
				if next != "p" {
					require.NoError(t, s.Ledgers.ForgetSenders(t.Context()))
				}
				held, _, err := s.Ledgers.HoldLeases(t.Context(), next, start.Add(-by), ttl, true)
				require.NoError(t, err)
				require.Len(t, held, 1)
				require.Equal(t, by, held[0].ClockBack)
				require.Equal(t, start.Add(-by).Add(5*time.Second), held[0].FrozenUntil.UTC())
				require.Equal(t, start.Add(-by).Add(7*time.Second), held[0].PaidRefusedUntil.UTC())
				due, err := s.Ledgers.NextDue(t.Context(), id)
				require.NoError(t, err)
				require.Equal(t, start.Add(-by).Add(3*time.Second), due.UTC())

				step := dispatch.Step{Owner: next, Number: number, Now: start.Add(-by).Add(3 * time.Second), Campaigns: []dispatch.CampaignStep{{
					CampaignID: id, BotID: lease.BotID, Epoch: held[0].Epoch, ClaimFrom: 1, ClaimTo: 1, SettledSeq: 1, ClaimDue: 5}}}
				_, err = s.Ledgers.Adopt(t.Context(), lease.BotID, held[0].Epoch, start.Add(-by))
				require.NoError(t, err)
				got, err := s.Ledgers.Step(t.Context(), step)
				require.NoError(t, err)
				require.Len(t, got[0].Recipients, 1)

				held, _, err = s.Ledgers.HoldLeases(t.Context(), next, start.Add(-by), ttl, true)
				require.NoError(t, err)
				require.Zero(t, held[0].ClockBack, "the deadlines are moved once")
			})
		})
	}
}

// Clocks of two machines are never the same; a clock that goes on, or was set
// forward, ends no wait early.
func TestClocksThatDifferALittleMoveNothing(t *testing.T) {
	t.Parallel()
	for _, moved := range []time.Duration{-time.Second, 0, 2 * time.Second, time.Hour} {
		t.Run(moved.String(), func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, s *store.DB) {
				id, _ := deferred(t, s)
				held, _, err := s.Ledgers.HoldLeases(t.Context(), "p", start.Add(moved), ttl, true)
				require.NoError(t, err)
				require.Zero(t, held[0].ClockBack)
				require.Equal(t, start.Add(5*time.Second), held[0].FrozenUntil.UTC())
				due, err := s.Ledgers.NextDue(t.Context(), id)
				require.NoError(t, err)
				require.Equal(t, start.Add(3*time.Second), due.UTC())
			})
		})
	}
}

// deferred stores a campaign whose only recipient waits for three seconds, of a bot
// that is frozen for five and was refused Stars for seven. Another bot's recipients
// are untouched by what happens to it.
func deferred(t *testing.T, s *store.DB) (id int64, lease dispatch.Lease) {
	t.Helper()
	id = broadcast(t, s, connect(t, s, 5), 1)
	lease = hold(t, s, "p")
	_, err := s.Ledgers.Adopt(t.Context(), lease.BotID, lease.Epoch, start)
	require.NoError(t, err)
	step := func(number int64, c dispatch.CampaignStep, bots ...dispatch.BotStep) []dispatch.Recipient {
		t.Helper()
		c.CampaignID, c.BotID, c.Epoch = id, lease.BotID, lease.Epoch
		got, err := s.Ledgers.Step(t.Context(), dispatch.Step{
			Owner: "p", Number: number, Now: start, Campaigns: []dispatch.CampaignStep{c}, Bots: bots})
		require.NoError(t, err)
		return got[0].Recipients
	}
	first := step(1, dispatch.CampaignStep{ClaimTo: 1})[0]
	step(2, dispatch.CampaignStep{ClaimFrom: 1, ClaimTo: 1, SettledSeq: 1, Deferrals: []dispatch.Deferral{
		{Recipient: first, DueAt: start.Add(3 * time.Second), Reason: outcome.TooManyRequests}}},
		dispatch.BotStep{BotID: lease.BotID, Epoch: lease.Epoch, FrozenUntil: start.Add(5 * time.Second),
			FrozenReason: outcome.TooManyRequests, PaidRefusedUntil: start.Add(7 * time.Second)})
	return id, lease
}

// A lease that ends an hour from now was given before the database's clock was set
// back: it lasts as long as one that is given now.
func TestDatabaseClockSetBackShortensLeases(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		ahead := func(table string) {
			t.Helper()
			store.ExecForTest(t, s, `UPDATE `+table+` SET owner = 'dead', expires_at = expires_at + 3600000`)
		}
		short := func(table string) {
			t.Helper()
			most := store.CountForTest(t, s, `SELECT MAX(expires_at) FROM `+table+` WHERE owner = 'dead'`)
			least := store.CountForTest(t, s, `SELECT MIN(expires_at) FROM `+table+` WHERE owner = 'dead'`)
			require.Less(t, most, time.Now().Add(2*time.Minute).UnixMilli())
			require.Greater(t, least, time.Now().UnixMilli())
		}
		broadcast(t, s, connect(t, s, 5), 1)
		hold(t, s, "p")
		ahead("senders")
		ahead("leases")
		_, _, err := s.Ledgers.HoldLeases(t.Context(), "q", start, ttl, true)
		require.NoError(t, err)
		short("senders")
		short("leases")

		webhookDue(t, s)
		take := func() int {
			t.Helper()
			taken, err := s.Webhooks.TakeWebhooks(t.Context(), "p", start, ttl, 5)
			require.NoError(t, err)
			return len(taken)
		}
		require.Equal(t, 1, take())
		ahead("webhooks")
		require.Zero(t, take())
		short("webhooks")

		importDue(t, s)
		takeImport := func() int {
			t.Helper()
			taken, err := s.Imports.TakeImports(t.Context(), "p", false, start, ttl, 5)
			require.NoError(t, err)
			return len(taken)
		}
		require.Equal(t, 1, takeImport())
		ahead("imports")
		require.Zero(t, takeImport())
		short("imports")
	})
}

// Retries of webhooks whose wait began in what is now the future are due, and those of
// imports that are further away than any retry.
func TestRetriesThatBeganInTheFutureAreDue(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		webhookDue(t, s)
		importDue(t, s)
		try := func(at time.Time) (webhooks []webhook.Lease, works []imports.Lease) {
			t.Helper()
			webhooks, err := s.Webhooks.TakeWebhooks(t.Context(), "p", at, ttl, 5)
			require.NoError(t, err)
			works, err = s.Imports.TakeImports(t.Context(), "p", false, at, ttl, 5)
			require.NoError(t, err)
			return webhooks, works
		}
		w, i := try(start)
		require.Len(t, w, 1)
		require.Len(t, i, 1)
		next := start.Add(10 * time.Second)
		require.NoError(t, s.Webhooks.PostponeWebhook(t.Context(), w[0], webhook.Failure{
			Attempt: webhook.Attempt{At: start, Error: "down"}, InARow: 1, Next: next}))
		require.NoError(t, s.Imports.ReturnImport(t.Context(), i[0], 1, next))
		for _, early := range []time.Duration{0, 9 * time.Second} {
			w, i = try(start.Add(early))
			require.Empty(t, w)
			require.Empty(t, i)
		}
		w, i = try(start.Add(-time.Hour))
		require.Len(t, w, 1)
		require.Len(t, i, 1)
	})
}

// webhookDue stores a webhook with something to post.
func webhookDue(t *testing.T, s *store.DB) {
	t.Helper()
	store.ExecForTest(t, s, fmt.Sprintf(
		`INSERT INTO activities (webhook_id, id, status, campaign_id, seq, at) VALUES (%d, 1, 'DELIVERED', 1, 1, 1)`,
		hook(t, s, outcome.Delivered)))
}

// importDue stores an import that nobody has begun.
func importDue(t *testing.T, s *store.DB) {
	t.Helper()
	require.NoError(t, s.Imports.CreateImport(t.Context(), imports.Import{
		WorkspaceID: 1, Session: "s", State: imports.Started, CreatedAt: start, ChangedAt: start}, [][]byte{[]byte("[]")}))
}
