package dispatch

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/fault"
	"bellman/internal/outcome"
)

// The run of a campaign that the database does not return any more stops, gives
// back its ready recipients, and is removed once everything is written.
func TestCampaignThatGoesOutNoMore(t *testing.T) {
	t.Parallel()
	d := newStand(t, func(l *Lease) { l.Rate = 1000 })
	gone, stays := d.broadcast(1, 500), d.broadcast(2, 500)
	d.step()
	d.takes = 0
	j := d.take()
	require.Same(t, gone, j.run)
	work := []Work{{CampaignID: 2, LaidSeq: 700, Laid: false, AllowPaid: true, StarsBudget: 4}}
	runs := map[int64]*run{2: stays}
	require.False(t, d.observe(work, runs, 7), "an answer is missing")
	require.True(t, gone.stopped)
	require.NotEmpty(t, gone.deferrals)
	for _, given := range gone.deferrals {
		require.Equal(t, outcome.CampaignStopped, given.Reason)
		require.Equal(t, d.clock, given.DueAt)
	}
	require.False(t, stays.stopped)
	require.Equal(t, 7, d.crowd)
	require.EqualValues(t, 700, stays.laidSeq)
	require.False(t, stays.laid)
	require.True(t, stays.allowPaid)
	require.EqualValues(t, 4, stays.budget)

	d.step()
	require.False(t, d.observe(work, runs, 7), "the answer is still missing")
	d.send(j)
	require.False(t, d.observe(work, runs, 7), "it is not written")
	part := d.collect(d.clock)
	require.False(t, d.observe(work, runs, 7), "it is being written")
	d.deliver(part, make([]Claimed, len(part.campaigns)), d.clock)
	require.True(t, d.observe(work, runs, 7))
	require.False(t, d.observe(work, runs, 7), "it has left")
	require.Equal(t, []*run{stays}, d.runs)
	r, _ := d.find(1)
	require.Nil(t, r)

	work[0].LaidSeq = 600
	d.observe(work, runs, 7)
	require.EqualValues(t, 700, stays.laidSeq, "what was laid out stays laid out")
}

func TestFindReportsStoppedRuns(t *testing.T) {
	t.Parallel()
	d := newStand(t, nil)
	one, two := d.broadcast(1, 1), d.broadcast(2, 1)
	two.stopped = true
	r, stopped := d.find(1)
	require.Same(t, one, r)
	require.False(t, stopped)
	r, stopped = d.find(2)
	require.Same(t, two, r)
	require.True(t, stopped)
}

// A renewal brings the bot's limits; the full pace is the share of them that
// Telegram accepts.
func TestRenewalChangesTheLimits(t *testing.T) {
	t.Parallel()
	d := newStand(t, func(l *Lease) { l.Rate = 10 })
	require.InDelta(t, 10, d.status().Rate, 1e-9)
	l := d.lease
	l.Rate = 0
	d.renew(l, start.Add(time.Minute))
	require.InDelta(t, 30, d.status().Rate, 1e-9, "the installation's")
	require.Equal(t, start.Add(time.Minute), d.validUntil)
	require.True(t, d.woken())
	d.adapt.throttled(start)
	l.Rate = 100
	d.renew(l, start.Add(time.Minute))
	require.InDelta(t, 70, d.status().Rate, 1e-9)
	d.broadcast(1, 100)
	for range 71 {
		d.take()
		d.step()
		d.wire = 0
	}
	require.GreaterOrEqual(t, d.clock.Sub(start), time.Second)

	d.usual, l.Rate = 0, 0
	d.renew(l, start.Add(time.Minute))
	require.Zero(t, d.status().Rate, "no limit")
	d.usual = -1
	d.renew(l, start.Add(time.Minute))
	require.Zero(t, d.status().Rate, "no limit")
}

// The lease says whether Telegram accepts the token, except after a refusal that is
// not in the database yet.
//
// spec: tg-token-refused
func TestRenewalSaysWhetherTheBotIsActive(t *testing.T) {
	t.Parallel()
	d := newStand(t, nil)
	l := d.lease
	asked := d.asked
	d.renew(l, d.validUntil)
	require.Equal(t, asked, d.asked, "nothing has changed")
	l.Active = false
	d.renew(l, d.validUntil)
	require.False(t, d.active)
	require.Greater(t, d.asked, asked)
	l.Active = true
	d.renew(l, d.validUntil)
	require.True(t, d.active)
	d.active, d.report.Pause = false, Pause{Reason: outcome.TokenRefused}
	d.renew(l, d.validUntil)
	require.False(t, d.active, "the lease does not know yet")
}

// The engine learns when the next deferral can be claimed.
func TestNextDeferralThatIsDue(t *testing.T) {
	t.Parallel()
	d := newStand(t, nil)
	require.Zero(t, d.nextDue(start))
	first, second := d.broadcast(1, 9), d.broadcast(2, 9)
	require.Zero(t, d.nextDue(start))
	first.postpone(Deferral{DueAt: start.Add(4 * time.Second)})
	first.postpone(Deferral{DueAt: start.Add(5 * time.Second)})
	second.postpone(Deferral{DueAt: start.Add(3 * time.Second)})
	require.Equal(t, start.Add(3*time.Second), d.nextDue(start))
	require.Equal(t, start.Add(4*time.Second), d.nextDue(start.Add(3*time.Second)), "what is due is the next step's anyway")
	second.stopped = true
	require.Equal(t, start.Add(4*time.Second), d.nextDue(start))
	d.frozen.until = start.Add(time.Minute)
	require.Equal(t, start.Add(time.Minute), d.nextDue(start))
	d.active = false
	require.Zero(t, d.nextDue(start))
}

// Recipients that are ready when the sender winds up are given back at once, and so
// are those that a step brings afterwards. The sender is settled when all answers
// have come and are written.
func TestWindingUpGivesBack(t *testing.T) {
	t.Parallel()
	d := newStand(t, func(l *Lease) { l.Rate = 1000 })
	r := d.broadcast(1, 500)
	d.step()
	j := d.take()
	r.ready = nil
	claim := d.collect(d.clock)
	asked := d.asked
	require.Equal(t, sending, d.retire(retiring))
	require.Equal(t, retiring, d.retire(retiring))
	require.Greater(t, d.asked, asked)
	require.Empty(t, r.deferrals)
	asked = d.asked
	d.deliver(claim, []Claimed{{Recipients: []Recipient{{Seq: 400, ChatID: 400}}}}, d.clock)
	require.Greater(t, d.asked, asked)
	require.Equal(t, []outcome.Reason{outcome.SenderStopped}, reasons(r.deferrals))
	require.Equal(t, d.clock, r.deferrals[0].DueAt)
	require.False(t, d.settled())
	d.step()
	require.False(t, d.settled(), "an answer is missing")
	d.answer = tooMany(time.Second)
	d.send(j)
	require.False(t, d.settled(), "it is not written")
	part := d.collect(d.clock)
	require.False(t, d.settled(), "it is being written")
	d.deliver(part, make([]Claimed, len(part.campaigns)), d.clock)
	require.True(t, d.settled())

	d.report.FrozenUntil = d.clock
	require.False(t, d.settled(), "the bot's report is not written")
	part = d.collect(d.clock)
	require.NotNil(t, part.report)
	require.False(t, d.settled(), "it is being written")
	d.deliver(part, nil, d.clock)
	require.True(t, d.settled())

	require.Equal(t, retiring, d.retire(leaving))
	require.Equal(t, leaving, d.retire(retiring))
	require.Equal(t, leaving, d.state(), "it does not turn back")
}

func TestSenderIsOutdated(t *testing.T) {
	t.Parallel()
	d := newStand(t, func(l *Lease) { l.APIURL, l.SealedToken = "https://a", []byte("t") })
	d.token = "token"
	for name, tt := range map[string]struct {
		server, sealed string
		token          string
		err            error
		want           bool
	}{
		"as it was":            {"https://a", "t", "", errors.New("nobody asks"), false},
		"another server":       {"https://b", "t", "token", nil, true},
		"another token":        {"https://a", "u", "other", nil, true},
		"does not open":        {"https://a", "v", "", errors.New("damaged"), true},
		"does not open yet":    {"https://a", "w", "", fault.New(fault.Unavailable, "later", "later"), false},
		"the same, sealed new": {"https://a", "x", "token", nil, false},
	} {
		l := Lease{APIURL: tt.server, SealedToken: []byte(tt.sealed), TelegramID: 7}
		got := d.outdated(l, func(sealed []byte, number int64) (string, error) {
			require.Equal(t, tt.sealed, string(sealed))
			require.EqualValues(t, 7, number)
			return tt.token, tt.err
		})
		require.Equal(t, tt.want, got, name)
		d.sealed = []byte("t")
	}
	sealed := Lease{APIURL: "https://a", SealedToken: []byte("x")}
	require.False(t, d.outdated(sealed, func([]byte, int64) (string, error) { return "token", nil }))
	require.False(t, d.outdated(sealed, nil), "it is opened once")
}

func TestStatusOfABot(t *testing.T) {
	t.Parallel()
	d := newStand(t, func(l *Lease) { l.Rate = 100 })
	d.broadcast(1, 100)
	d.broadcast(2, 100)
	d.step()
	ready := len(d.runs[0].ready) + len(d.runs[1].ready)
	d.take()
	require.Equal(t, BotStatus{BotID: 5, Rate: 100, Wire: 1, Ready: ready - 1}, d.status())
}

// A bot pays as long as a campaign that may pay has anybody left, be it the very last
// one, and not for one that has stopped.
func TestPaysWhileAnybodyIsLeft(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		left func(r *run)
		pays bool
	}{
		"nobody":              {func(*run) {}, false},
		"one to be claimed":   {func(r *run) { r.laidSeq = r.claimedSeq + 1 }, true},
		"one that is ready":   {func(r *run) { r.ready = make([]Recipient, 1) }, true},
		"one on the wire":     {func(r *run) { r.wire = 1 }, true},
		"one that waits":      {func(r *run) { r.waiting, r.nextDue = 1, start.Add(time.Hour) }, false},
		"one whose time came": {func(r *run) { r.waiting, r.nextDue = 1, start }, true},
		"a stopped campaign":  {func(r *run) { r.wire, r.stopped = 1, true }, false},
		"it may not pay":      {func(r *run) { r.wire, r.allowPaid = 1, false }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newStand(t, func(l *Lease) { l.PaidBroadcast = true })
			r := d.campaign(Work{CampaignID: 1, Kind: "broadcast", AllowPaid: true})
			tt.left(r)
			d.choosePace(d.clock)
			require.Equal(t, tt.pays, d.paid.going)
		})
	}
}

// Claims of a bot without a limit follow the speed at which its messages leave.
func TestClaimsFollowTheSpeed(t *testing.T) {
	t.Parallel()
	d := newStand(t, nil)
	d.usual = 0
	d.renew(d.lease, d.validUntil)
	r := d.broadcast(1, 100_000)
	d.step()
	require.Len(t, r.ready, leastAhead)
	for range 10 {
		d.taken += 1000
		d.clock = d.clock.Add(100 * time.Millisecond)
		d.step()
	}
	require.InDelta(t, leastAhead+10_000*horizon.Seconds(), d.covering(r, horizon), 2)
	require.Greater(t, len(r.ready), 5*leastAhead)
}
