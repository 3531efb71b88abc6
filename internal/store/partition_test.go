package store_test

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"bellman/internal/campaign"
	"bellman/internal/dispatch"
	"bellman/internal/event"
	"bellman/internal/outcome"
	"bellman/internal/pgtest"
	"bellman/internal/retention"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
)

// width is how many campaigns have a partition.
const width = 1_000_000

var inPartitions = []string{"recipients", "outcomes", "requests", "clicks", "clicked", "events"}

// Each process that starts makes partitions ahead, and many at once make each one once.
func TestPartitionsAreMadeByManyAtOnce(t *testing.T) {
	t.Parallel()
	address := pgtest.Schema(t)
	s := storetest.Open(t, address)
	for _, table := range inPartitions {
		w := width
		if table == "events" {
			w *= 1000
		}
		require.Equal(t, []string{table + "_0", fmt.Sprint(table, "_", w)}, store.PartitionsForTest(t, s, table))
	}
	store.SkipIDsForTest(t, s, "campaign_id", 5*width+7)
	var all errgroup.Group
	for range 6 {
		all.Go(func() error {
			db, err := store.Open(t.Context(), address)
			if err != nil {
				return err
			}
			return db.Close()
		})
	}
	require.NoError(t, all.Wait())
	require.Equal(t, []string{"recipients_0", "recipients_1000000", "recipients_5000000", "recipients_6000000"},
		store.PartitionsForTest(t, s, "recipients"))
}

// What was given before its partition was made has that of the rest, and nothing fails
// because of it, then or later.
func TestRowsWithoutPartitionHaveThatOfTheRest(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, pgtest.Schema(t))
	store.SkipIDsForTest(t, s, "campaign_id", 9*width+5)
	id := broadcast(t, s, connect(t, s, 5), 20)
	settleAll(t, s, 1, func(int64, int64) (campaign.Status, outcome.Reason, time.Time) { return campaign.Sent, "", start })
	rest := fmt.Sprintf(`SELECT COUNT(*) FROM recipients_rest WHERE campaign_id = %d`, id)
	require.EqualValues(t, 20, store.CountForTest(t, s, rest))
	require.NoError(t, s.Retention.MakePartitions(t.Context()))
	require.EqualValues(t, 20, store.CountForTest(t, s, rest))
	require.Equal(t, []string{"recipients_0", "recipients_1000000", "recipients_10000000"}, store.PartitionsForTest(t, s, "recipients"))
	require.Equal(t, []string{"clicks_0", "clicks_1000000", "clicks_9000000", "clicks_10000000"}, store.PartitionsForTest(t, s, "clicks"))
	c, _, err := s.Campaigns.Find(t.Context(), 1, id)
	require.NoError(t, err)
	got, err := s.Campaigns.Deliveries(t.Context(), c, []campaign.Status{campaign.Sent}, 0, 100)
	require.NoError(t, err)
	require.Len(t, got, 20)
	// They are removed like others.
	forget(t, s, time.Now())
	sweep(t, s, nil)
	require.Zero(t, store.CountForTest(t, s, rest))
}

// A month begins in the next partition, once, however many processes begin it, and not
// when nothing was given in this one.
func TestMonthsBeginInPartitions(t *testing.T) {
	t.Parallel()
	address := pgtest.Schema(t)
	s := storetest.Open(t, address)
	botID := connect(t, s, 5)
	begin := func(month string) {
		t.Helper()
		var all errgroup.Group
		for range 4 {
			all.Go(func() error { return s.Retention.BeginMonth(t.Context(), month) })
		}
		require.NoError(t, all.Wait())
		require.NoError(t, s.Retention.MakePartitions(t.Context()))
	}
	begin("2026-01")
	require.EqualValues(t, 1, broadcast(t, s, botID, 1))
	begin("2026-01")
	require.EqualValues(t, 2, broadcast(t, s, botID, 1))
	begin("2026-02")
	begin("2026-01") // by a process whose clock is behind
	require.EqualValues(t, width+1, broadcast(t, s, botID, 1))
	begin("2026-04")
	begin("2026-05")
	require.EqualValues(t, 2*width+1, broadcast(t, s, botID, 1))
	require.Equal(t, []string{"recipients_0", "recipients_1000000", "recipients_2000000", "recipients_3000000"},
		store.PartitionsForTest(t, s, "recipients"))
}

// Statements about campaigns and their recipients read the partitions of these alone,
// also by plans that are kept for any parameters.
func TestStatementsReadTheirPartitions(t *testing.T) {
	t.Parallel()
	r := &recorder{}
	w := newTown(t, pgtest.Schema(t), r)
	// They are about contacts, requests or campaigns of long ago.
	searching := []string{"the history of contacts", "what happened to a contact", "requests", "places", "erased", "forgotten"}
	pruned := 0
	for _, c := range calls {
		if slices.ContainsFunc(searching, func(word string) bool { return strings.Contains(c.name, word) }) || c.estimated {
			continue
		}
		for _, a := range r.during(func() { c.run(t, w, 10) }) {
			if !slices.ContainsFunc(inPartitions[:5], func(table string) bool { return strings.Contains(a.query, table) }) || a.row ||
				strings.HasPrefix(strings.TrimSpace(a.query), "INSERT INTO outcomes") {
				continue
			}
			for _, dispatch := range []bool{false, true} {
				read, _, err := w.ReadForTest(t.Context(), a.query, a.args, dispatch)
				if err != nil && strings.Contains(err.Error(), "23505") {
					continue // it was run already
				}
				require.NoError(t, err, a.query)
				for _, table := range read {
					if strings.HasSuffix(table, "_2000000") {
						pruned++
					}
					for _, other := range []string{"_0", "_1000000", "_3000000", "_rest"} {
						if strings.HasSuffix(table, other) && !strings.HasPrefix(table, "events") {
							t.Errorf("%s (as dispatch runs it: %v) reads %s:\n%s", c.name, dispatch, table, a.query)
						}
					}
				}
			}
		}
	}
	require.Greater(t, pruned, 40)
}

// Each statement of dispatch has one plan for any parameters, which finds rows by indexes.
func TestPlansOfDispatch(t *testing.T) {
	t.Parallel()
	r := &recorder{}
	w := newTown(t, pgtest.Schema(t), r)
	planned := 0
	for _, c := range calls {
		if !slices.ContainsFunc([]string{"a step", "steps", "what there is to send", "an adoption"},
			func(begins string) bool { return strings.HasPrefix(c.name, begins) }) {
			continue
		}
		for _, a := range r.during(func() { c.run(t, w, 10) }) {
			_, most, err := w.ReadForTest(t.Context(), a.query, a.args, true)
			if err != nil && strings.Contains(err.Error(), "23505") {
				continue // it was run already
			}
			require.NoError(t, err, a.query)
			planned++
			if most > store.ManyRows {
				t.Errorf("%s reads %d rows:\n%s", c.name, most, a.query)
			}
		}
	}
	require.Greater(t, planned, 60)
	s := storetest.Open(t, pgtest.Schema(t))
	require.Equal(t, "force_generic_plan", store.DispatchSettingForTest(t, s, "plan_cache_mode"))
	require.Equal(t, "off", store.DispatchSettingForTest(t, s, "enable_seqscan"))
	require.Equal(t, "off", store.DispatchSettingForTest(t, s, "enable_hashjoin"))
}

// forget forgets what ended before a time.
func forget(t *testing.T, s *store.DB, before time.Time) {
	t.Helper()
	for more := true; more; {
		var err error
		more, err = s.Retention.Forget(t.Context(), retention.Cutoff{WorkspaceID: 1, Before: before}, before, 3)
		require.NoError(t, err)
	}
}

// sweep removes the rows of what is forgotten.
func sweep(t *testing.T, s *store.DB, spared []retention.Range) {
	t.Helper()
	for more := true; more; {
		var err error
		more, err = s.Retention.SweepRecipients(t.Context(), spared, 7)
		require.NoError(t, err)
	}
}

// The oldest partition is dropped while a broadcast runs, although somebody reads it for
// a while: no step waits for long, and each recipient has one outcome.
func TestPartitionIsDroppedWhileSending(t *testing.T) {
	t.Parallel()
	address := pgtest.Schema(t)
	s := storetest.Open(t, address)
	botID := connect(t, s, 5)
	old := broadcast(t, s, botID, 100)
	settleAll(t, s, 1, func(int64, int64) (campaign.Status, outcome.Reason, time.Time) { return campaign.Sent, "", start })
	store.SkipIDsForTest(t, s, "campaign_id", width)
	require.NoError(t, s.Retention.MakePartitions(t.Context()))
	const people = 3000
	id := broadcast(t, s, botID, people)
	forget(t, s, start.Add(time.Hour*24*365))

	reading, read := context.WithCancel(t.Context())
	held := make(chan struct{})
	var reader sync.WaitGroup
	reader.Go(func() { store.ReadSlowlyForTest(t, reading, address, "recipients", held) })
	<-held

	gone := make(chan []retention.Range)
	go func() {
		soon := []retention.Cutoff{{WorkspaceID: 1, Before: start.Add(time.Hour * 24 * 365)}}
		spared, err := s.Retention.DropRecipients(t.Context(), soon, start)
		if err != nil {
			t.Error(err)
		}
		gone <- spared
	}()
	lease := hold(t, s, "p")
	_, err := s.Ledgers.Adopt(t.Context(), lease.BotID, lease.Epoch, start)
	require.NoError(t, err)
	var longest time.Duration
	c := dispatch.CampaignStep{CampaignID: id, BotID: lease.BotID, Epoch: lease.Epoch}
	var number int64 = 3
	step := func() {
		began := time.Now()
		got, err := s.Ledgers.Step(t.Context(), dispatch.Step{Owner: "p", Number: number, Now: start, Campaigns: []dispatch.CampaignStep{c}})
		longest = max(longest, time.Since(began))
		require.NoError(t, err)
		require.False(t, got[0].Fenced)
		number++
		c.ClaimFrom, c.SettledSeq, c.Outcomes = c.ClaimTo, c.ClaimTo, nil
		for _, r := range got[0].Recipients {
			c.Outcomes = append(c.Outcomes, dispatch.Outcome{Recipient: r, Status: dispatch.Sent, SettledAt: start})
		}
		c.ClaimTo = min(c.ClaimTo+20, people)
	}
	for c.ClaimTo < people || len(c.Outcomes) > 0 || c.ClaimFrom < people {
		if c.ClaimFrom == people/2 {
			read()
		}
		step()
	}
	read()
	reader.Wait()
	spared := <-gone
	require.Empty(t, spared)
	require.Less(t, longest, time.Second)
	t.Logf("the longest step took %v", longest)
	require.Equal(t, []string{"recipients_1000000", "recipients_2000000"}, store.PartitionsForTest(t, s, "recipients"))
	require.Zero(t, store.CountForTest(t, s, fmt.Sprintf(`SELECT COUNT(*) FROM recipients WHERE campaign_id = %d`, old)))
	require.EqualValues(t, people, store.CountForTest(t, s, fmt.Sprintf(`SELECT COUNT(*) FROM outcomes WHERE campaign_id = %d`, id)))
	_, l, err := s.Campaigns.Find(t.Context(), 1, id)
	require.NoError(t, err)
	require.EqualValues(t, people, l.Sent)
	_, l, err = s.Campaigns.Find(t.Context(), 1, old)
	require.NoError(t, err)
	require.EqualValues(t, 100, l.Sent, "sums stay")
}

// Rows wait for the end of their partition once: when it puts that off, since a campaign
// that is as old was sent late, they are removed.
func TestRowsWaitForTheirPartitionOnce(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, pgtest.Schema(t))
	botID := connect(t, s, 5)
	broadcast(t, s, botID, 3)
	settleAll(t, s, 1, func(int64, int64) (campaign.Status, outcome.Reason, time.Time) { return campaign.Sent, "", start })
	forget(t, s, start.Add(time.Hour*24*365))
	late := broadcast(t, s, botID, 3)
	store.ExecForTest(t, s, fmt.Sprintf(`UPDATE campaigns SET state = 'finished', finished_at = %d WHERE id = %d`, start.UnixMilli(), late))
	store.SkipIDsForTest(t, s, "campaign_id", width)
	soon := []retention.Cutoff{{WorkspaceID: 1, Before: start.Add(time.Hour * 24 * 365)}}
	for waited, want := range map[time.Time][]retention.Range{
		start:                               {{Low: math.MinInt64, High: width}},
		start.Add(2 * 365 * 24 * time.Hour): nil,
	} {
		spared, err := s.Retention.DropRecipients(t.Context(), soon, waited)
		require.NoError(t, err)
		require.Equal(t, want, spared, "forgotten before %v", waited)
	}
}

// Events wait for the partition that they share with those of another workspace, but no
// longer than they may, as after a month in which nobody looked.
func TestEventsWaitForTheirPartitionForAWhile(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, pgtest.Schema(t))
	store.ExecForTest(t, s, `INSERT INTO workspaces (id, name, phone_region, identity_match, created_at) VALUES (2, 'two', '', 'first', 1)`)
	require.NoError(t, s.Retention.BeginMonth(t.Context(), "2026-01"))
	for workspaceID := range int64(2) {
		_, err := s.Events.AppendEvents(t.Context(), workspaceID+1, []event.Event{
			{Type: "x", Key: "k", Params: []byte("{}"), OccurredAt: start, CreatedAt: start}}, start)
		require.NoError(t, err)
	}
	require.NoError(t, s.Retention.BeginMonth(t.Context(), "2026-02"))
	cutoffs := func(first, second time.Duration) []retention.Cutoff {
		return []retention.Cutoff{{WorkspaceID: 1, Before: start.Add(first)}, {WorkspaceID: 2, Before: start.Add(second)}}
	}
	past := cutoffs(time.Hour, 0)
	for _, tt := range []struct {
		soon, waited []retention.Cutoff
		after        int64
	}{
		{cutoffs(2*time.Hour, 0), cutoffs(0, 0), math.MinInt64},                   // it will not be dropped soon
		{cutoffs(2*time.Hour, time.Hour), cutoffs(0, -time.Hour), 1000*width - 1}, // it will
		{cutoffs(2*time.Hour, time.Hour), cutoffs(1, -time.Hour), math.MinInt64},  // it will, but they have waited
	} {
		after, err := s.Retention.DropEvents(t.Context(), past, tt.soon, tt.waited)
		require.NoError(t, err)
		require.Equal(t, tt.after, after)
	}
	after, err := s.Retention.DropEvents(t.Context(), cutoffs(time.Hour, time.Hour), past, past)
	require.NoError(t, err)
	require.EqualValues(t, math.MinInt64, after, "what is kept soon is kept now")
	all := cutoffs(time.Hour, time.Hour)
	after, err = s.Retention.DropEvents(t.Context(), all, all, all)
	require.NoError(t, err)
	require.EqualValues(t, 1000*width-1, after, "it is dropped")
	require.NotContains(t, store.PartitionsForTest(t, s, "events"), "events_0")
}
