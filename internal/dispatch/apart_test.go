package dispatch_test

import (
	"context"
	"log/slog"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"bellman/internal/api/apitest"
	"bellman/internal/bot"
	"bellman/internal/campaign"
	"bellman/internal/dispatch"
	"bellman/internal/outcome"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
	"bellman/internal/telegram"
)

// logged makes the processes of the world log where the test can read it.
func (w *world) logged() *apitest.Logbook {
	log := &apitest.Logbook{}
	w.log = slog.New(slog.NewTextHandler(log, nil))
	return log
}

// poison is a ledger that writes what no database takes for one campaign: an outcome
// twice.
type poison struct {
	dispatch.Store

	campaign atomic.Int64
}

func (p *poison) Step(ctx context.Context, s dispatch.Step) ([]dispatch.Claimed, error) {
	campaigns := slices.Clone(s.Campaigns)
	for i, c := range campaigns {
		if c.CampaignID == p.campaign.Load() && len(c.Outcomes) > 0 {
			campaigns[i].Outcomes = slices.Concat(c.Outcomes[:1], c.Outcomes)
		}
	}
	s.Campaigns = campaigns
	return p.Store.Step(ctx, s)
}

// A campaign of which the database refuses what is to be written pauses; everybody
// of it is accounted for, and all others of its bot and of other bots go on. It
// goes on as well once what was wrong is mended.
func TestOneCampaignNeverStopsAnother(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		w := newWorld(t, s)
		log := w.logged()
		p := &poison{Store: w.ledger}
		w.ledger, w.rate = p, 0
		w.subscribe(people(60)...)
		bad, good := w.launch(), w.launch()
		p.campaign.Store(bad)
		first, more := w.bot, bot.New(s.Bots, profile{78}, w.seal, time.Now, uuid.NewString)
		second, err := more.Connect(t.Context(), 1, "78:secret", "")
		require.NoError(t, err)
		w.bot = second
		w.subscribe(people(60)...)
		others := w.launch()
		defer w.process("p1")()

		for _, id := range []int64{good, others} {
			require.EqualValues(t, 60, w.until(id, campaign.Finished).Counts.Sent)
		}
		r := w.until(bad, campaign.Paused)
		require.Equal(t, outcome.NotWritten, r.StateReason)
		require.NotEmpty(t, r.StateDetail)
		require.Contains(t, log.String(), "it is paused")
		require.NotContains(t, log.String(), "another process")
		require.Eventually(t, func() bool {
			r = w.report(bad)
			return r.Counts.Sending == 0
		}, 10*time.Second, 10*time.Millisecond)
		require.Positive(t, r.Counts.Unknown)

		p.campaign.Store(0)
		w.bot = first
		_, err = w.campaigns.Resume(t.Context(), 1, bad)
		require.NoError(t, err)
		r = w.until(bad, campaign.Finished)
		require.EqualValues(t, 60, r.Counts.Sent+r.Counts.Unknown)
		for chat, n := range w.wire.received() {
			require.LessOrEqual(t, n, 3, chat)
		}
	})
}

// A stop leaves no error in the log. What Telegram has not answered when its time is
// over is unknown for this reason, and the next process need not wait.
func TestStopSaysWhatItDoesNotWaitFor(t *testing.T) {
	t.Parallel()
	for name, held := range map[string]time.Duration{"a bit late": 15 * time.Second, "too late": 50 * time.Second} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(w *world) {
				log := w.logged()
				w.subscribe(people(300)...)
				began := time.Now()
				w.wire.answer = func(chat int64, n int) telegram.Result {
					if chat%10 == 0 && time.Since(began) < 5*time.Second {
						time.Sleep(held)
					}
					return ok(chat, n)
				}
				stop := w.process("p1")
				id := w.launch()
				time.Sleep(3 * time.Second)
				stop()
				r := w.report(id)
				require.Zero(w.t, r.Counts.Sending)
				require.NotContains(w.t, log.String(), "level=ERROR")
				unknown := w.deliveries(id, campaign.Unknown, 100)
				require.Equal(w.t, held > 20*time.Second, len(unknown) > 0)
				for _, d := range unknown {
					require.Equal(w.t, outcome.StopWaited, d.Reason)
				}
				restarted := time.Now()
				defer w.process("p2")()
				r = w.until(id, campaign.Finished)
				require.Less(w.t, time.Since(restarted), 20*time.Second)
				require.EqualValues(w.t, len(unknown), r.Counts.Unknown)
				require.EqualValues(w.t, 300, r.Counts.Sent+r.Counts.Unknown)
				require.NotContains(w.t, log.String(), "an earlier sender left messages")
				time.Sleep(time.Minute) // what hangs of the first process ends
			})
		})
	}
}
