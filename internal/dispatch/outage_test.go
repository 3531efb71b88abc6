package dispatch

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/outcome"
	"bellman/internal/telegram"
)

// During an outage nothing leaves, and no message is risked to find out whether it
// is over.
//
// spec: tg-envelope tg-outage
func TestOutage(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]telegram.Result{
		"a firewall's page": intercepted, "no answer": lost, "Telegram fails": refusal(500, "Internal Server Error"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newStand(t, nil)
			r := d.broadcast(1, 1000)
			d.step()
			for range outageAfter {
				d.deliverOne(answer)
			}
			require.True(t, d.outage.on)
			require.Empty(t, r.ready, "what was claimed is given back")
			reason := telegram.Classify(answer).Reason
			report := d.step().report
			require.Equal(t, &BotStep{BotID: 5, Epoch: 3, FrozenUntil: d.clock.Add(time.Second), FrozenReason: reason}, report)
			d.requireWait(time.Second)
			for wait := time.Second; wait < time.Minute; wait *= 2 {
				d.probeAfter(wait, answer)
				require.Empty(t, d.step().campaigns, "nothing is claimed")
				d.requireWait(min(2*wait, time.Minute))
			}
			probes := d.probes
			d.probeAfter(time.Minute, unsent)
			d.probeAfter(time.Minute, refusal(401, "Unauthorized"))
			require.Equal(t, probes+2, d.probes)
			require.False(t, d.outage.on, "Telegram answered, whatever it said")

			first := d.take()
			d.requireWait(time.Hour)
			d.answer = accepted
			d.send(first)
			second := d.take()
			require.NotEqual(t, first.rec.Seq, second.rec.Seq)
			require.Zero(t, d.backoff)
			for _, o := range append(d.ended[1], r.outcomes...) {
				require.NotEqual(t, Failed, o.Status)
			}
			require.False(t, r.guard.suspecting())
		})
	}
}

// One message or two without an answer are chance; the third in a row is an outage, and
// again after it has ended.
func TestThreeMessagesAreAnOutage(t *testing.T) {
	t.Parallel()
	var o outage
	for range 2 {
		require.False(t, o.failure())
		require.False(t, o.failure())
		require.True(t, o.failure())
		o.end()
	}
	o.failure()
	o.failure()
	o.answered()
	require.False(t, o.failure(), "not in a row")
}

// probeAfter waits and then carries out the probe that is due.
func (d *stand) probeAfter(wait time.Duration, answer telegram.Result) {
	d.t.Helper()
	d.clock = d.clock.Add(wait)
	d.answer, d.takes = answer, 0
	j, _ := d.next()
	require.True(d.t, j.probe)
	next, idle := d.next()
	require.False(d.t, next.probe || next.run != nil, "one is enough")
	require.Equal(d.t, time.Hour, idle)
	d.probe()
}

// No recipient fails because something on the way stops all messages but lets
// probes pass, however long it does.
func TestNobodyFailsForAFirewall(t *testing.T) {
	t.Parallel()
	d := newStand(t, nil)
	r := d.broadcast(1, 20)
	d.wait(r, 12*time.Hour, intercepted)
	require.Empty(t, d.ended[1])
	require.False(t, r.stopped)
	for _, w := range d.waiting[1] {
		require.Less(t, w.Attempts, int64(3))
		require.Equal(t, outcome.NotTelegram, w.Reason)
	}
	d.wait(r, time.Hour, accepted)
	require.Len(t, d.ended[1], 20)
}

// A message that is stopped on the way while others pass fails in the end.
func TestOneMessageThatAFirewallStops(t *testing.T) {
	t.Parallel()
	d := newStand(t, nil)
	r := d.broadcast(1, 400)
	stopped := 0
	for range 2000 {
		if r.stopped {
			break
		}
		j, wait := d.next()
		if j.run == nil {
			d.clock = d.clock.Add(min(max(wait, time.Millisecond), time.Second))
			d.step()
			continue
		}
		if d.answer = accepted; j.rec.Seq == 3 || j.rec.Seq > 380 && j.rec.Seq%2 == 0 {
			d.answer = intercepted
			stopped++
		}
		d.carryOut(j)
	}
	require.Positive(t, stopped)
	for _, o := range d.ended[1] {
		if o.Status != Sent {
			require.Equal(t, outcome.NotTelegram, o.Reason)
		}
	}
}

// Messages that vanish while probes are answered are not lost one by one: the
// campaign pauses, so that a person decides.
func TestMessagesThatVanishPauseTheCampaign(t *testing.T) {
	t.Parallel()
	d := newStand(t, nil)
	r := d.broadcast(1, 1000)
	d.wait(r, time.Hour, lost)
	require.True(t, r.stopped)
	require.Len(t, d.ended[1], lostAnswers)
}

// wait lets time pass, during which all messages get the answer and all probes are
// answered.
func (d *stand) wait(r *run, span time.Duration, answer telegram.Result) {
	d.t.Helper()
	d.takes = 10 * time.Millisecond
	for end := d.clock.Add(span); d.clock.Before(end) && !r.stopped; {
		d.step()
		switch j, pause := d.next(); {
		case j.probe:
			d.answer = accepted
			d.probe()
		case j.run != nil:
			d.answer = answer
			d.send(j)
		default:
			d.clock = d.clock.Add(min(pause, time.Second))
		}
	}
	d.step()
}
