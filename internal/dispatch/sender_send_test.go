package dispatch

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/outcome"
	"bellman/internal/telegram"
)

// turns sends n messages and returns the campaign of each.
func (d *stand) turns(n int) (campaigns []int64) {
	d.t.Helper()
	for range n {
		d.step()
		campaigns = append(campaigns, d.deliverOne(accepted).run.campaignID)
	}
	return campaigns
}

func TestTriggeredGoFirstAndBroadcastsTakeTurns(t *testing.T) {
	t.Parallel()
	d := newStand(t, nil)
	for id := range int64(3) {
		d.broadcast(id+1, 100)
	}
	require.Equal(t, []int64{1, 2, 3, 1, 2}, d.turns(5))
	d.triggered(4, 3)
	d.step()
	require.Equal(t, []int64{4, 4, 4, 3, 1}, d.turns(5), "the turn stays where it was")
}

// Telegram counts all messages of a bot: beside a campaign that pays, free
// broadcasts wait and triggered messages do not.
//
// spec: tg-paid-rate tg-paid-above-free
func TestPaidPace(t *testing.T) {
	t.Parallel()
	d := newStand(t, func(l *Lease) { l.PaidBroadcast = true })
	d.takes = 0
	d.broadcast(1, 100)
	paying := d.campaign(Work{CampaignID: 2, LaidSeq: 40, AllowPaid: true})
	d.triggered(3, 1)
	d.step()
	require.Equal(t, []int64{3, 2, 2, 2}, d.turns(4))
	var charged int64
	for range 37 {
		j := d.deliverOne(accepted)
		require.True(t, j.paid)
		charged += j.charged
	}
	require.Less(t, d.clock.Sub(start), time.Second)
	require.EqualValues(t, 41-freeRate, charged, "of 41 in a second")
	require.Equal(t, charged, paying.paid)
	var settled int64
	for _, o := range append(d.ended[2], paying.outcomes...) {
		settled += o.Paid
	}
	require.Equal(t, charged, settled)

	last := d.clock
	j := d.take()
	require.EqualValues(t, 1, j.run.campaignID, "the paying one has ended")
	require.False(t, j.paid)
	require.Zero(t, j.charged)
	require.GreaterOrEqual(t, d.clock.Sub(last), time.Second, "the second with more than is free passes first")
	require.InDelta(t, 30, d.status().Rate, 1e-9)
}

// A message that was not sent is not charged for; one that may have been is.
//
// spec: tg-paid-above-free
func TestWhatIsNotSentIsNotCharged(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer  telegram.Result
		charged int64
	}{
		"sent":      {accepted, 1},
		"uncertain": {lost, 1},
		"refused":   {refusal(403, "Forbidden"), 0},
		"wait":      {tooMany(time.Second), 0},
		"fault":     {refusal(500, "Internal Server Error"), 0},
		"unsent":    {unsent, 0},
		"no file":   {telegram.Result{Fate: telegram.NotSent, Err: telegram.ErrFile}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newStand(t, func(l *Lease) { l.PaidBroadcast = true })
			d.takes = 0
			r := d.campaign(Work{CampaignID: 1, LaidSeq: 100, AllowPaid: true})
			for range freeRate {
				d.deliverOne(accepted)
			}
			require.Zero(t, r.paid)
			j := d.deliverOne(c.answer)
			require.EqualValues(t, 1, j.charged)
			require.Equal(t, c.charged, r.paid)
		})
	}
}

// No message leaves that the budget does not cover.
func TestBudgetIsSpentToTheLastMessage(t *testing.T) {
	t.Parallel()
	d := newStand(t, func(l *Lease) { l.PaidBroadcast = true })
	d.takes = 0
	r := d.campaign(Work{CampaignID: 1, LaidSeq: 100, AllowPaid: true, StarsBudget: 2, Paid: 15})
	for range freeRate + 5 {
		d.deliverOne(accepted)
	}
	require.EqualValues(t, 20, r.paid)
	require.False(t, r.stopped)
	d.step()
	d.clock = d.clock.Add(time.Minute)
	asked := d.asked
	j, _ := d.next()
	require.Nil(t, j.run)
	require.Greater(t, d.asked, asked)
	for _, given := range r.deferrals {
		require.Equal(t, outcome.BudgetSpent, given.Reason)
	}
	require.Equal(t, Pause{Reason: outcome.BudgetSpent}, d.step().campaigns[0].Pause)

	free := newStand(t, nil)
	free.campaign(Work{CampaignID: 1, LaidSeq: 100, StarsBudget: 2, Paid: 20})
	free.deliverOne(accepted)
}

// The number of messages on the wire is limited; each that lands makes room.
func TestWireIsBounded(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		rate  float64
		usual float64
		crowd int
		want  int
	}{
		"a bot at the usual limit":          {usual: 30, want: wireCap},
		"a bot with a higher one":           {rate: 300, usual: 30, want: wireCapFast},
		"a bot without any":                 {want: wireCapFast},
		"a bot without any, among others":   {crowd: 4, want: wireCapFast / 4},
		"a bot without any, among hundreds": {crowd: 1000, want: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newStand(t, func(l *Lease) { l.Rate = c.rate })
			d.usual, d.crowd = c.usual, c.crowd
			d.limit(d.lease)
			d.broadcast(1, 1000)
			var out []job
			for range c.want {
				out = append(out, d.take())
			}
			d.step()
			d.clock = d.clock.Add(time.Minute)
			d.requireWait(time.Hour)
			require.Equal(t, c.want, d.status().Wire)
			d.woken()
			d.send(out[0])
			require.True(t, d.woken(), "there is room")
			d.take()
		})
	}
}

// A run has ready what it sends in 60 ms, a time that broadcasts share, and asks
// for more when more than half of it has left.
func TestClaimsCoverTheHorizon(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		rate       float64
		broadcasts int64
		speed      float64
		broadcast  int
		triggered  int
	}{
		"30 a second":             {rate: 30, broadcasts: 1, broadcast: 2, triggered: 2},
		"1000 a second":           {rate: 1000, broadcasts: 1, broadcast: 30, triggered: 61},
		"1000 a second, five":     {rate: 1000, broadcasts: 5, broadcast: 10, triggered: 61},
		"no limit":                {broadcasts: 1, broadcast: 32, triggered: 64},
		"no limit, 5000 a second": {broadcasts: 1, speed: 5000, broadcast: 182, triggered: 364},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newStand(t, func(l *Lease) { l.Rate = c.rate })
			if c.rate == 0 {
				d.usual = 0
				d.limit(d.lease)
			}
			d.speed.perSecond = c.speed
			for id := range c.broadcasts {
				d.broadcast(id+1, 1000)
			}
			d.triggered(9, 1000)
			d.step()
			for _, r := range d.runs {
				want := c.broadcast
				if r.triggered {
					want = c.triggered
				}
				require.Len(t, r.ready, want)
			}
			require.Empty(t, d.step().campaigns, "they have what they need")
			r := d.runs[len(d.runs)-1]
			for 2*len(r.ready) >= c.triggered {
				require.Empty(t, d.step().campaigns, "not yet")
				asked := d.asked
				d.take()
				require.Equal(t, 2*len(r.ready) < c.triggered, d.asked > asked, "asked for when a step would claim")
			}
			require.NotEmpty(t, d.step().campaigns)
			require.Len(t, r.ready, c.triggered)
		})
	}
}

// Nothing leaves and nothing is claimed for a bot that may not send.
func TestWhenNothingLeaves(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(d *stand)
		wait   time.Duration
	}{
		"the lease has ended":     {func(d *stand) { d.validUntil = d.clock }, time.Hour},
		"the token was refused":   {func(d *stand) { d.active = false }, time.Hour},
		"its bot was changed":     {func(d *stand) { d.life = retiring }, time.Hour},
		"the bot has to wait":     {func(d *stand) { d.frozen.until = d.clock.Add(time.Second) }, time.Second},
		"there is nobody to send": {func(d *stand) { d.runs = nil }, time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newStand(t, nil)
			d.broadcast(1, 100)
			d.step()
			c.change(d)
			d.requireWait(c.wait)
			for _, r := range d.runs {
				r.ready = nil
			}
			require.Empty(t, d.collect(d.clock).campaigns)
		})
	}
	d := newStand(t, nil)
	d.broadcast(1, 100)
	d.step()
	d.validUntil = d.clock.Add(1)
	j, _ := d.next()
	require.NotNil(t, j.run, "until the very end of the lease it sends")
}

// Two messages for one chat are a second apart, and the second one waits in the
// database.
//
// spec: tg-chat-rate
func TestSecondMessageForAChatIsPutOff(t *testing.T) {
	t.Parallel()
	d := newStand(t, nil)
	first, second := d.broadcast(1, 1), d.broadcast(2, 1)
	d.step()
	second.ready[0].ChatID = first.ready[0].ChatID
	d.take()
	d.clock = d.clock.Add(time.Second / 2)
	asked := d.asked
	j, wait := d.next()
	require.Nil(t, j.run)
	require.Equal(t, time.Hour, wait)
	require.Greater(t, d.asked, asked)
	require.Len(t, second.deferrals, 1)
	require.Equal(t, outcome.ChatPace, second.deferrals[0].Reason)
	require.Equal(t, d.clock.Add(privateEvery), second.deferrals[0].DueAt, "the first may be on the wire that long")
	require.Empty(t, second.ready)
}

// An error while a message is written is no fault of Telegram's: the message is
// tried as often as after a server fault, nothing is charged, and no probe is made.
func TestMessageThatCannotBeRead(t *testing.T) {
	t.Parallel()
	d := newStand(t, nil)
	r := d.broadcast(1, 1)
	broken := telegram.Result{Fate: telegram.NotSent, Err: errors.Join(telegram.ErrFile, errors.New("the disk is away"))}
	for i := range maxAttempts - 1 {
		d.clock = d.clock.Add(time.Hour)
		d.step()
		d.deliverOne(broken)
		wait := min(time.Second<<i, time.Minute)
		require.Len(t, r.deferrals, 1)
		require.EqualValues(t, i+1, r.deferrals[0].Attempts)
		require.Equal(t, outcome.NotComposed, r.deferrals[0].Reason)
		require.Equal(t, broken.Err.Error(), r.deferrals[0].Detail)
		require.Equal(t, wait, r.deferrals[0].DueAt.Sub(d.clock)+d.takes, "from when it was to leave")
	}
	d.clock = d.clock.Add(time.Hour)
	d.step()
	d.deliverOne(broken)
	require.Len(t, r.outcomes, 1)
	require.Equal(t, Failed, r.outcomes[0].Status)
	require.Equal(t, outcome.NotComposed, r.outcomes[0].Reason)
	require.Equal(t, broken.Err.Error(), r.outcomes[0].Detail)
	require.Equal(t, &guard{}, r.guard, "nothing was learnt of the chat")
}

// The next holder of the lease accounts for answers to a sender that is gone.
func TestGoneSenderTakesNothingIn(t *testing.T) {
	t.Parallel()
	d := newStand(t, nil)
	r := d.broadcast(1, 1)
	d.step()
	j := d.take()
	d.life = gone
	asked := d.asked
	d.send(j)
	require.Empty(t, r.outcomes)
	require.Zero(t, d.wire)
	require.Equal(t, asked, d.asked)
}

// Once the message with which Telegram learns a file has landed, the others of its campaign may leave.
func TestTheMessageThatCarriesAFileWakesTheSender(t *testing.T) {
	t.Parallel()
	d := newStand(t, nil)
	d.broadcast(1, 3)
	for _, learns := range []bool{false, true} {
		j := d.take()
		d.woken()
		j.learns = learns
		d.land(j, d.clock, d.clock, func() {})
		require.Equal(t, learns, d.woken())
	}
}
