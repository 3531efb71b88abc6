package store_test

import (
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bellman/internal/campaign"
	"bellman/internal/dispatch"
	"bellman/internal/event"
	"bellman/internal/outcome"
	"bellman/internal/pgtest"
	"bellman/internal/retention"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
	"bellman/internal/track"
)

// longAgo is when the years begin that a keeper sees, which end before the present.
var longAgo = time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)

// A keeper is an installation over some years, and what must be in it.
type keeper struct {
	t         *testing.T
	rt        *rapid.T
	s         *store.DB
	service   *retention.Service
	now       time.Time
	botID     int64
	messageID int64
	// months are what the workspaces keep: of recipients, and of events.
	months    map[int64][2]int
	campaigns map[int64]*kept
	events    map[int64]recorded
}

// kept is a campaign as it must be.
type kept struct {
	workspaceID, resendOf int64
	triggered             bool
	// people is how many recipients it has, zero for a draft.
	people int
	// ended is when it ended, zero as long as it goes out.
	ended time.Time
	// forgotten is when it was seen to be forgotten.
	forgotten time.Time
}

type recorded struct {
	workspaceID int64
	at          time.Time
}

// over tells, by counting on the calendar, whether something of a time is kept no longer:
// as many months as are kept must have gone by, to the day and the hour. It knows no
// subtraction of months.
func over(at, now time.Time, months int) bool {
	passed := (now.Year()-at.Year())*12 + int(now.Month()-at.Month())
	clock := func(t time.Time) time.Duration { return t.Sub(t.Truncate(24 * time.Hour)) }
	last := time.Date(at.Year(), at.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
	// A day that is beyond the end of the month in which it began counts as its last.
	day := min(now.Day(), last)
	if at.Day() > day || at.Day() == day && clock(at) >= clock(now) {
		passed--
	}
	return passed >= months
}

func (k *keeper) exec(format string, args ...any) {
	store.ExecForTest(k.t, k.s, fmt.Sprintf(format, args...))
}

// draft makes a draft.
func (k *keeper) draft() int64 {
	workspaceID := rapid.Int64Range(1, 2).Draw(k.rt, "workspace")
	id, err := k.s.Campaigns.Create(k.t.Context(), campaign.Campaign{WorkspaceID: 1, BotID: k.botID, MessageID: k.messageID, Name: "c",
		Kind: campaign.Broadcast, State: campaign.Draft, Audience: campaign.Audience{All: true}, CreatedAt: k.now, UpdatedAt: k.now})
	require.NoError(k.rt, err)
	k.campaigns[id] = &kept{workspaceID: workspaceID}
	// The sums of tests are not judged, of which this has none.
	k.exec(`UPDATE campaigns SET workspace_id = %d, test = TRUE WHERE id = %d`, workspaceID, id)
	return id
}

// send sends a draft, of whatever age, and ends it or not.
func (k *keeper) send(id int64) {
	c := k.campaigns[id]
	c.people, c.triggered = rapid.IntRange(1, 12).Draw(k.rt, "people"), rapid.Bool().Draw(k.rt, "triggered")
	if c.triggered {
		k.exec(`UPDATE campaigns SET kind = 'triggered' WHERE id = %d`, id)
	}
	k.exec(`UPDATE campaigns SET state = 'paused', laid = TRUE WHERE id = %d`, id)
	for seq := 1; seq <= c.people; seq++ {
		k.exec(`INSERT INTO recipients (campaign_id, seq, chat_id, contact_id) VALUES (%d, %d, %d, %d)`, id, seq, seq, 50+seq)
		k.exec(`INSERT INTO outcomes (campaign_id, seq, status, settled_at) VALUES (%d, %d, 'sent', 1)`, id, seq)
		k.exec(`INSERT INTO clicks (campaign_id, id, seq, contact_id, link, clicked_at) VALUES (%d, 'c%d', %d, %d, 0, 1)`, id, seq, seq, 50+seq)
		k.exec(`INSERT INTO clicked (campaign_id, seq, clicked_at) VALUES (%d, %d, 1)`, id, seq)
		k.exec(`INSERT INTO deferred (campaign_id, seq, due_at, attempts, reason, detail) VALUES (%d, %d, 1, 1, '', '')`, id, seq)
		if c.triggered {
			k.exec(`INSERT INTO requests (request_id, campaign_id, seq, contact_id) VALUES ('r%d-%d', %d, %d, %d)`, id, seq, id, seq, 50+seq)
		}
	}
	k.exec(`UPDATE ledgers SET sent = %d WHERE campaign_id = %d`, c.people, id)
}

func (k *keeper) end(id int64) {
	k.campaigns[id].ended = k.now
	k.exec(`UPDATE campaigns SET state = '%s', finished_at = %d WHERE id = %d`,
		rapid.SampledFrom([]campaign.State{campaign.Finished, campaign.Cancelled}).Draw(k.rt, "state"), k.now.UnixMilli(), id)
}

// pick returns a campaign of those for which is is true, zero when there is none.
func (k *keeper) pick(is func(*kept) bool) int64 {
	var ids []int64
	for _, id := range slices.Sorted(maps.Keys(k.campaigns)) {
		if is(k.campaigns[id]) {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return 0
	}
	return rapid.SampledFrom(ids).Draw(k.rt, "campaign")
}

// resend begins to send a campaign that has ended again.
func (k *keeper) resend() {
	parent := k.pick(func(c *kept) bool { return !c.ended.IsZero() })
	if parent == 0 {
		return
	}
	c := k.campaigns[parent]
	id, err := k.s.Campaigns.CreateResend(k.t.Context(), campaign.Campaign{WorkspaceID: c.workspaceID, BotID: k.botID, MessageID: k.messageID,
		Name: "c", Kind: campaign.Broadcast, State: campaign.Launching, Test: true, Of: parent, CreatedAt: k.now, UpdatedAt: k.now})
	if !c.forgotten.IsZero() {
		require.ErrorIs(k.rt, err, campaign.ErrNotKept)
		return
	}
	require.NoError(k.rt, err)
	k.campaigns[id] = &kept{workspaceID: c.workspaceID, resendOf: parent}
}

func (k *keeper) record() {
	workspaceID := rapid.Int64Range(1, 2).Draw(k.rt, "workspace")
	ids, err := k.s.Events.AppendEvents(k.t.Context(), workspaceID, []event.Event{
		{Type: "x", Key: "k", Params: []byte("{}"), OccurredAt: k.now, CreatedAt: k.now}}, k.now)
	require.NoError(k.rt, err)
	k.events[ids[0]] = recorded{workspaceID, k.now}
}

func (k *keeper) setMonths() {
	workspaceID := rapid.Int64Range(1, 2).Draw(k.rt, "workspace")
	months := [2]int{rapid.IntRange(1, 15).Draw(k.rt, "recipients"), rapid.IntRange(1, 15).Draw(k.rt, "events")}
	k.months[workspaceID] = months
	k.exec(`UPDATE workspaces SET keep_recipients = %d, keep_events = %d WHERE id = %d`, months[0], months[1], workspaceID)
}

// turn removes what is not kept, and looks at everything.
func (k *keeper) turn() {
	require.NoError(k.rt, k.service.Turn(k.t.Context()))
	held := map[int64]bool{}
	for _, c := range k.campaigns {
		held[c.resendOf] = held[c.resendOf] || c.ended.IsZero() && c.people == 0
	}
	for id, c := range k.campaigns {
		got, l, err := k.s.Campaigns.Find(k.t.Context(), c.workspaceID, id)
		require.NoError(k.rt, err)
		if c.forgotten.IsZero() && !c.ended.IsZero() && !held[id] && over(c.ended, k.now, k.months[c.workspaceID][0]) {
			c.forgotten = k.now
		}
		require.Equal(k.rt, c.forgotten, got.ForgottenAt, "campaign %d ended at %v, it is %v, %d months are kept",
			id, c.ended, k.now, k.months[c.workspaceID][0])
		require.EqualValues(k.rt, c.people, l.Sent, "counts stay")
		for _, table := range []string{"recipients", "outcomes", "clicks", "clicked", "deferred", "requests"} {
			want := c.people
			if table == "requests" && !c.triggered {
				want = 0
			}
			n := int(store.CountForTest(k.t, k.s, fmt.Sprintf(`SELECT COUNT(*) FROM %s WHERE campaign_id = %d`, table, id)))
			switch {
			case c.forgotten.IsZero():
				require.Equal(k.rt, want, n, "%s of campaign %d", table, id)
			case k.now.Sub(c.forgotten) >= 31*24*time.Hour:
				require.Zero(k.rt, n, "%s of campaign %d, forgotten at %v, it is %v", table, id, c.forgotten, k.now)
			}
		}
	}
	for id, e := range k.events {
		_, err := k.s.Events.Event(k.t.Context(), e.workspaceID, id)
		if !over(e.at, k.now, k.months[e.workspaceID][1]) {
			require.NoError(k.rt, err, "event %d of %v, it is %v", id, e.at, k.now)
			continue
		}
		if over(e.at, k.now.AddDate(0, 0, -32), k.months[e.workspaceID][1]) {
			require.ErrorIs(k.rt, err, event.ErrNotFound, "event %d of %v, it is %v", id, e.at, k.now)
		}
		if err != nil {
			delete(k.events, id)
		}
	}
}

// A lifetime is a test whose cleanups come with the end of one property.
type lifetime struct {
	testing.TB
	rt *rapid.T
}

func (l lifetime) Cleanup(clean func()) { l.rt.Cleanup(clean) }

// Over years in which campaigns of two workspaces are drafted, sent, ended and sent again,
// and the workspaces change their minds, everything is there as long as it is kept, and
// gone soon after.
func TestRetentionKeepsWhatItShould(t *testing.T) {
	t.Parallel()
	for engine, address := range map[string]func(testing.TB) string{
		"sqlite": storetest.SQLite, "postgres": pgtest.Schema,
	} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(rt *rapid.T) {
				life := lifetime{t, rt}
				k := &keeper{t: t, rt: rt, s: storetest.Open(life, address(life)), now: longAgo, months: map[int64][2]int{1: {13, 13}, 2: {13, 13}},
					campaigns: map[int64]*kept{}, events: map[int64]recorded{}}
				k.service = retention.New(k.s.Retention, func() time.Time { return k.now }, slog.New(slog.DiscardHandler))
				k.botID, k.messageID = connect(t, k.s, 5), note(t, k.s)
				k.exec(`INSERT INTO workspaces (id, name, phone_region, identity_match, created_at) VALUES (2, 'two', '', 'first', 1)`)
				unended := func(c *kept) bool { return c.people > 0 && c.ended.IsZero() }
				unsent := func(c *kept) bool { return c.people == 0 && c.ended.IsZero() }
				act := map[string]func(*rapid.T){
					"draft": func(*rapid.T) { k.draft() },
					"send":  func(*rapid.T) { k.send(k.draft()) },
					"send an old one": func(*rapid.T) {
						if id := k.pick(unsent); id != 0 {
							k.send(id)
						}
					},
					"end": func(*rapid.T) {
						if id := k.pick(unended); id != 0 {
							k.end(id)
						}
					},
					"send and end": func(*rapid.T) {
						id := k.draft()
						k.send(id)
						k.end(id)
					},
					"resend": func(*rapid.T) { k.resend() },
					"record": func(*rapid.T) { k.record() },
					"months": func(*rapid.T) { k.setMonths() },
					"wait": func(rt *rapid.T) {
						k.now = k.now.Add(time.Duration(rapid.IntRange(1, 24*70).Draw(rt, "hours")) * time.Hour)
						k.turn()
					},
					"": func(*rapid.T) {},
				}
				rt.Repeat(act)
			})
		})
	}
}

// Before goes back whole months, to the month's last day where it is too short.
func TestOverAgreesWithBefore(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		day := func(name string) time.Time {
			return start.Add(time.Duration(rapid.Int64Range(-900*24, 900*24).Draw(rt, name)) * time.Hour)
		}
		at, now, months := day("at"), day("now"), rapid.IntRange(1, 30).Draw(rt, "months")
		require.Equal(rt, over(at, now, months), at.Before(retention.Before(now, months)), "%v at %v, %d months", at, now, months)
	})
}

// Clicks in a campaign that is forgotten count for nobody: who had clicked before is not
// known any more.
func TestClicksInForgottenCampaigns(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		botID := connect(t, s, 5)
		old, fresh := broadcast(t, s, botID, 3), broadcast(t, s, botID, 3)
		settleAll(t, s, 1, func(int64, int64) (campaign.Status, outcome.Reason, time.Time) { return campaign.Sent, "", start })
		require.NoError(t, s.Clicks.RecordClicks(t.Context(), []track.Click{clickOf(old, 1, 1), clickOf(fresh, 1, 2)}))
		store.ExecForTest(t, s, fmt.Sprintf(`UPDATE campaigns SET finished_at = finished_at + 1 WHERE id = %d`, fresh))
		c, _, err := s.Campaigns.Find(t.Context(), 1, old)
		require.NoError(t, err)
		more, err := s.Retention.Forget(t.Context(), retention.Cutoff{WorkspaceID: 1, Before: c.FinishedAt.Add(time.Millisecond)}, start, 10)
		require.NoError(t, err)
		require.False(t, more)
		sweep(t, s, nil)
		require.NoError(t, s.Clicks.RecordClicks(t.Context(), []track.Click{clickOf(old, 1, 3), clickOf(old, 2, 4), clickOf(fresh, 2, 5)}))
		for id, want := range map[int64][2]int64{old: {1, 0}, fresh: {2, 2}} {
			count, marked := store.ClickedForTest(t, s, id)
			require.Equal(t, want, [2]int64{count, marked})
		}
	})
}

// A step beside the removal of a large campaign is not held up.
func TestSweepingHoldsNoStepUp(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		const people = 3000
		botID := connect(t, s, 5)
		old := broadcast(t, s, botID, people)
		settleAll(t, s, 1, func(int64, int64) (campaign.Status, outcome.Reason, time.Time) { return campaign.Sent, "", start })
		forget(t, s, start.AddDate(1, 0, 0))
		id := broadcast(t, s, botID, people)
		lease := hold(t, s, "p")
		_, err := s.Ledgers.Adopt(t.Context(), lease.BotID, lease.Epoch, start)
		require.NoError(t, err)
		swept := make(chan error)
		go func() {
			service := retention.New(s.Retention, func() time.Time { return longAgo }, slog.New(slog.DiscardHandler))
			swept <- service.Turn(t.Context())
		}()
		var (
			longest time.Duration
			number  int64 = 3
			c             = dispatch.CampaignStep{CampaignID: id, BotID: lease.BotID, Epoch: lease.Epoch}
		)
		for done := false; !done; number++ {
			select {
			case err := <-swept:
				require.NoError(t, err)
				done = true
			default:
			}
			c.ClaimTo = min(c.ClaimFrom+5, people)
			began := time.Now()
			got, err := s.Ledgers.Step(t.Context(), dispatch.Step{Owner: "p", Number: number, Now: start, Campaigns: []dispatch.CampaignStep{c}})
			longest = max(longest, time.Since(began))
			require.NoError(t, err)
			c.ClaimFrom, c.SettledSeq, c.Outcomes = c.ClaimTo, c.ClaimTo, nil
			for _, r := range got[0].Recipients {
				c.Outcomes = append(c.Outcomes, dispatch.Outcome{Recipient: r, Status: dispatch.Sent, SettledAt: start})
			}
		}
		t.Logf("%d steps, the longest took %v", number, longest)
		require.Less(t, longest, time.Second)
		require.Zero(t, store.CountForTest(t, s, fmt.Sprintf(`SELECT COUNT(*) FROM recipients WHERE campaign_id = %d`, old)))
	})
}

// Nobody is shown the recipients of a forgotten campaign, although their rows may wait for
// their partition to be dropped.
func TestForgottenCampaignsAreNotShown(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		botID := connect(t, s, 5)
		broadcast(t, s, botID, 3)
		sent := appended(botID, note(t, s), 2)
		require.NoError(t, s.Triggers.Append(t.Context(), sent))
		settleAll(t, s, 1, func(int64, int64) (campaign.Status, outcome.Reason, time.Time) { return campaign.Sent, "", start })
		ids := []string{sent.Messages[0].RequestID}
		contacts := append(store.IDsForTest(t, s, `SELECT contact_id FROM chats`), sent.Messages[0].ContactID)
		shown := func() (requests, places, active int) {
			t.Helper()
			r, err := s.Triggers.Requests(t.Context(), 1, ids)
			require.NoError(t, err)
			p, err := s.Activity.Places(t.Context(), 1, contacts)
			require.NoError(t, err)
			a, err := s.Activity.ActiveCampaigns(t.Context(), 1, window(), 0, 10)
			require.NoError(t, err)
			return len(r), len(p), len(a)
		}
		requests, places, active := shown()
		require.Equal(t, []int{1, 2}, []int{requests, active})
		require.Greater(t, places, 3)
		store.ExecForTest(t, s, `UPDATE campaigns SET forgotten_at = 1`)
		requests, places, active = shown()
		require.Equal(t, []int{0, 0, 0}, []int{requests, places, active})
	})
}

// A process whose clock is years ahead removes nothing.
func TestAClockThatIsAheadRemovesNothing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		botID := connect(t, s, 5)
		id := broadcast(t, s, botID, 3)
		settleAll(t, s, 1, func(int64, int64) (campaign.Status, outcome.Reason, time.Time) { return campaign.Sent, "", start })
		store.ExecForTest(t, s, fmt.Sprintf(`UPDATE campaigns SET finished_at = %d`, time.Now().UnixMilli()))
		for ahead, fails := range map[time.Duration]bool{time.Hour: false, 9 * 365 * 24 * time.Hour: true} {
			err := retention.New(s.Retention, func() time.Time { return time.Now().Add(ahead) }, slog.New(slog.DiscardHandler)).Turn(t.Context())
			require.Equal(t, fails, err != nil)
			if fails {
				require.ErrorContains(t, err, "set the clock that is wrong")
			}
		}
		c, _, err := s.Campaigns.Find(t.Context(), 1, id)
		require.NoError(t, err)
		require.Zero(t, c.ForgottenAt)
		require.Zero(t, store.CountForTest(t, s, fmt.Sprintf(`SELECT COUNT(*) FROM installation WHERE name = 'month' AND value > '%s'`,
			time.Now().AddDate(0, 2, 0).Format("2006-01"))))
	})
}
