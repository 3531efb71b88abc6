package dispatch

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bellman/internal/outcome"
	"bellman/internal/telegram"
)

// Whatever Telegram answers and whenever steps are written, a run knows where each
// recipient stands and claims those that are due. In the end each recipient has one
// outcome and the campaign is finished.
func TestRunAccountsForEverybody(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		d := newStand(t, func(l *Lease) { l.Rate = rapid.SampledFrom([]float64{1, 30, 1000}).Draw(rt, "rate") })
		n := rapid.Int64Range(1, 60).Draw(rt, "n")
		r := d.broadcast(1, n)
		d.barred = map[int64]outcome.Reason{chatOf(1, 2): outcome.ChatRemoved, chatOf(1, 5): outcome.ChatMuted}
		answers := rapid.SampledFrom([]telegram.Result{
			accepted, accepted, lost, refusal(403, "Forbidden"), refusal(500, "Internal Server Error"), refusal(502, "Bad Gateway"),
			tooMany(2 * time.Second), unsent, refusal(400, "Bad Request: CHAT_RESTRICTED"),
		})
		var flying []job
		deferred := map[int64]bool{}
		for range 150 {
			switch rapid.IntRange(0, 3).Draw(rt, "what") {
			case 0:
				for _, c := range d.step().campaigns {
					for _, given := range c.Deferrals {
						deferred[given.Seq] = true
					}
				}
			case 1:
				if j, _ := d.next(); j.run != nil || j.probe {
					flying = append(flying, j)
				}
			case 2:
				if len(flying) > 0 {
					d.answer, d.takes = answers.Draw(rt, "answer"), time.Duration(rapid.IntRange(0, 100).Draw(rt, "ms"))*time.Millisecond
					d.carryOut(flying[0])
					flying = flying[1:]
				}
			case 3:
				d.clock = d.clock.Add(time.Duration(rapid.IntRange(1, 2000).Draw(rt, "pause")) * time.Millisecond)
			}
			requireConsistent(rt, d, r, n, deferred)
		}
		for _, j := range flying {
			d.answer = accepted
			d.carryOut(j)
		}
		drain(rt, d, r)
		seen := map[int64]bool{}
		for _, o := range d.ended[1] {
			require.False(rt, seen[o.Seq], "one outcome each")
			seen[o.Seq] = true
			if reason := d.barred[o.ChatID]; reason != "" {
				require.Equal(rt, Skipped, o.Status)
				require.Equal(rt, reason, o.Reason)
			}
		}
		require.Len(rt, seen, int(n))
		require.True(rt, r.stopped, "it is finished")
	})
}

// requireConsistent compares the run's counts with the facts.
func requireConsistent(t *rapid.T, d *stand, r *run, n int64, deferred map[int64]bool) {
	settled := map[int64]bool{}
	for seq := range deferred {
		settled[seq] = true
	}
	ended := slices.Concat(d.ended[1], r.outcomes)
	for _, o := range ended {
		settled[o.Seq] = true
	}
	waiting := slices.Concat(d.waiting[1], r.deferrals)
	var earliest time.Time
	for _, w := range waiting {
		settled[w.Seq] = true
		if earliest.IsZero() || w.DueAt.Before(earliest) {
			earliest = w.DueAt
		}
	}
	through := int64(0)
	for settled[through+1] {
		through++
	}
	require.Equal(t, through, r.mark.through, "up to where all are settled or put off")
	require.EqualValues(t, len(ended), r.done)
	require.EqualValues(t, len(waiting), r.waiting)
	require.Equal(t, n, r.done+r.waiting+int64(len(r.ready)+r.wire)+r.laidSeq-r.claimedSeq, "everybody is somewhere")
	if len(waiting) > 0 {
		require.Equal(t, earliest, r.nextDue)
		if next := d.nextDue(d.clock); earliest.After(d.clock) {
			require.Equal(t, later(earliest, d.frozen.until), next)
		}
	}
}

// drain sends and steps until the campaign is finished.
func drain(t *rapid.T, d *stand, r *run) {
	d.answer, d.takes = accepted, time.Millisecond
	for range 10_000 {
		if r.stopped {
			return
		}
		part := d.step()
		j, wait := d.next()
		switch {
		case j.run != nil || j.probe:
			d.carryOut(j)
		case wait < time.Hour:
			d.clock = d.clock.Add(wait)
		case part.empty():
			due := d.nextDue(d.clock)
			require.False(t, due.IsZero(), "nothing is left to wait for")
			d.clock = due
		}
	}
	require.Fail(t, "it does not come to an end")
}

// A step finishes a broadcast once every recipient has an outcome and the layout is
// complete; a campaign of triggered messages is never finished so.
func TestOnlyACompleteBroadcastEnds(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(r *run)
		ends   bool
	}{
		"complete":                {func(*run) {}, true},
		"still being laid out":    {func(r *run) { r.laid = false }, false},
		"more laid out than done": {func(r *run) { r.laidSeq++ }, false},
		"triggered":               {func(r *run) { r.triggered = true }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newStand(t, nil)
			r := d.broadcast(1, 1)
			d.step()
			d.deliverOne(accepted)
			c.change(r)
			ends := false
			for range 3 {
				for _, s := range d.step().campaigns {
					require.False(t, s.Finish && ends, "it ends once")
					ends = ends || s.Finish
				}
			}
			require.Equal(t, c.ends, ends)
			require.Equal(t, c.ends, r.stopped)
		})
	}
}

// Muted chats get no broadcasts; chats that are gone or switched off get no
// triggered messages either.
//
// spec: mute-broadcasts-only
func TestBarredChatsGetNothing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		triggered bool
		want      []outcome.Reason
	}{{false, []outcome.Reason{ChatRemoved, ChatInactive, ChatMuted}}, {true, []outcome.Reason{ChatRemoved, ChatInactive}}} {
		d := newStand(t, func(l *Lease) { l.Rate = 100 })
		r := d.broadcast(1, 4)
		r.triggered = c.triggered
		d.barred = map[int64]outcome.Reason{chatOf(1, 1): ChatRemoved, chatOf(1, 2): ChatInactive, chatOf(1, 3): ChatMuted}
		d.step()
		var skipped []outcome.Reason
		for _, o := range r.outcomes {
			require.Equal(t, Skipped, o.Status)
			require.Equal(t, start, o.SettledAt)
			skipped = append(skipped, o.Reason)
		}
		require.Equal(t, c.want, skipped)
		require.Len(t, r.ready, 4-len(skipped))
	}
}

// Recipients that a step claimed are not sent to when their campaign has stopped or
// belongs to another process.
func TestStoppedAndFencedRunsSendNothing(t *testing.T) {
	t.Parallel()
	d := newStand(t, func(l *Lease) { l.Rate = 1000 })
	stopped, fenced := d.broadcast(1, 100), d.broadcast(2, 100)
	d.step()
	require.NotEmpty(t, stopped.ready)
	d.deliverOne(refusal(403, "Forbidden"))
	d.deliverOne(refusal(403, "Forbidden"))
	part := d.collect(d.clock)
	require.Len(t, part.campaigns, 2)
	d.deliver(part, []Claimed{{CampaignID: 1, Stopped: true}, {CampaignID: 2, Fenced: true}}, d.clock)
	require.Empty(t, stopped.ready)
	for _, given := range stopped.deferrals {
		require.Equal(t, outcome.CampaignStopped, given.Reason)
		require.Equal(t, d.clock, given.DueAt)
	}
	require.Equal(t, part.campaigns[0].ClaimFrom, stopped.claimedSeq, "nothing was claimed")
	require.Empty(t, fenced.ready)
	require.True(t, fenced.idle(), "what it knew is the other's to account for")
	d.requireWait(time.Hour)
	part = d.collect(d.clock)
	require.Len(t, part.campaigns, 1)
	require.EqualValues(t, 1, part.campaigns[0].CampaignID)
	require.NotEmpty(t, part.campaigns[0].Deferrals)
	require.Equal(t, part.campaigns[0].ClaimFrom, part.campaigns[0].ClaimTo)
}

// A campaign is left to another process only when nothing that was claimed of it is
// held here, or it would be lost until the lease ends.
func TestWrittenIsNothingHeld(t *testing.T) {
	t.Parallel()
	var r run
	require.True(t, r.written())
	require.True(t, r.idle())
	for name, held := range map[string]func(r *run){
		"ready":     func(r *run) { r.ready = append(r.ready, Recipient{}) },
		"stepping":  func(r *run) { r.stepping = true },
		"outcomes":  func(r *run) { r.outcomes = append(r.outcomes, Outcome{}) },
		"deferrals": func(r *run) { r.deferrals = append(r.deferrals, Deferral{}) },
		"pause":     func(r *run) { r.pause.Reason = outcome.MassGone },
	} {
		var r run
		held(&r)
		require.False(t, r.written(), name)
		require.False(t, r.idle(), name)
	}
	r.wire = 1
	require.True(t, r.written())
	require.False(t, r.idle(), "what flies is not written yet")
}

// What waits in memory for the next step counts for when something is due, beside
// what the database has.
func TestRunIsDueWithItsEarliestDeferral(t *testing.T) {
	t.Parallel()
	at := func(seconds int) time.Time { return start.Add(time.Duration(seconds) * time.Second) }
	for _, c := range []struct {
		stored time.Time
		held   []time.Time
		want   time.Time
	}{
		{at(5), nil, at(5)},
		{time.Time{}, []time.Time{at(7)}, at(7)},
		{at(5), []time.Time{at(3)}, at(3)},
		{at(5), []time.Time{at(7)}, at(5)},
		{at(5), []time.Time{at(7), at(2), at(3)}, at(2)},
	} {
		var r run
		for _, due := range c.held {
			r.deferrals = append(r.deferrals, Deferral{DueAt: due})
		}
		r.take(CampaignStep{ClaimDue: 1}, Claimed{NextDue: c.stored}, start)
		require.Equal(t, c.want, r.nextDue)
	}
}
