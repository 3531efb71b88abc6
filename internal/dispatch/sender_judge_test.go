package dispatch

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/outcome"
	"bellman/internal/telegram"
)

// Each answer leads to an outcome or to a deferral of its recipient.
//
// spec: tg-lost tg-not-sent tg-migrate tg-retry-after
func TestWhatAnAnswerMeans(t *testing.T) {
	t.Parallel()
	const took = 50 * time.Millisecond
	type deferral struct {
		after     time.Duration
		reason    outcome.Reason
		detail    string
		migrateTo int64
		attempts  int64
		lost      bool
	}
	for name, c := range map[string]struct {
		answer    telegram.Result
		triggered bool
		// before is what is known of the recipient from earlier attempts.
		before Recipient
		want   Outcome
		waits  *deferral
	}{
		"sent": {answer: accepted, want: Outcome{Status: Sent, TelegramMessageID: 12}},
		"blocked": {
			answer: refusal(403, "Forbidden: bot was blocked by the user"),
			want:   Outcome{Status: Failed, Reason: outcome.BotBlocked, Detail: "Forbidden: bot was blocked by the user"},
		},
		"blocked, triggered": {
			answer: refusal(403, "Forbidden: bot was blocked by the user"), triggered: true,
			want: Outcome{Status: Failed, Reason: outcome.BotBlocked, Detail: "Forbidden: bot was blocked by the user", RemoveChat: true},
		},
		"intercepted": {
			answer: intercepted,
			waits:  &deferral{after: time.Second, reason: outcome.NotTelegram, detail: "a page", attempts: 1},
		},
		"intercepted for the tenth time, alone": {
			answer: intercepted, before: Recipient{Attempts: 9},
			want: Outcome{Status: Failed, Reason: outcome.NotTelegram, Detail: "a page"},
		},
		"sent round in a circle": {
			answer: telegram.Result{Fate: telegram.Answered, Code: 400, Description: "upgraded", MigrateTo: chatOf(1, 1)},
			want:   Outcome{Status: Failed, Reason: outcome.GroupMigrated, Detail: "upgraded"},
		},
		"not found": {
			answer: refusal(400, "Bad Request: chat not found"),
			want:   Outcome{Status: Failed, Reason: outcome.ChatNotFound, Detail: "Bad Request: chat not found"},
		},
		"refused": {
			answer: refusal(400, "Bad Request: CHAT_RESTRICTED"),
			want:   Outcome{Status: Failed, Reason: outcome.NoRights, Detail: "Bad Request: CHAT_RESTRICTED"},
		},
		"content": {
			answer: refusal(400, "Bad Request: can't parse entities"),
			want:   Outcome{Status: Failed, Reason: outcome.ContentRefused, Detail: "Bad Request: can't parse entities"},
		},
		"lost": {answer: lost, want: Outcome{Status: Unknown, Reason: outcome.AnswerLost, Detail: "the line went dead"}},
		"lost at a gateway": {
			answer: refusal(504, "Gateway Timeout"),
			want:   Outcome{Status: Unknown, Reason: outcome.AnswerLost, Detail: "Gateway Timeout"},
		},
		"lost, triggered": {
			answer: lost, triggered: true,
			waits: &deferral{after: lostRetry, reason: outcome.AnswerLost, lost: true},
		},
		"lost again, triggered": {
			answer: lost, triggered: true, before: Recipient{Lost: true},
			want: Outcome{Status: Unknown, Reason: outcome.AnswerLost, Detail: "the line went dead"},
		},
		"server fault": {
			answer: refusal(500, "Internal Server Error"),
			waits:  &deferral{after: time.Second, reason: outcome.TelegramError, detail: "Internal Server Error", attempts: 1},
		},
		"fourth server fault": {
			answer: refusal(500, "Internal Server Error"), before: Recipient{Attempts: 3},
			waits: &deferral{after: 8 * time.Second, reason: outcome.TelegramError, detail: "Internal Server Error", attempts: 4},
		},
		"ninth server fault": {
			answer: refusal(500, "Internal Server Error"), before: Recipient{Attempts: 8},
			waits: &deferral{after: time.Minute, reason: outcome.TelegramError, detail: "Internal Server Error", attempts: 9},
		},
		"tenth server fault": {
			answer: refusal(500, "Internal Server Error"), before: Recipient{Attempts: 9},
			want: Outcome{Status: Failed, Reason: outcome.TelegramError, Detail: "Internal Server Error"},
		},
		"asked to wait": {
			answer: tooMany(7 * time.Second), before: Recipient{Attempts: 9},
			waits: &deferral{after: 7*time.Second + waitRoom, reason: outcome.TooManyRequests, detail: "Too Many Requests", attempts: 9},
		},
		"asked to wait without a time": {
			answer: tooMany(0),
			waits:  &deferral{after: defaultWait + waitRoom, reason: outcome.TooManyRequests, detail: "Too Many Requests"},
		},
		"migrated": {
			answer: telegram.Result{Fate: telegram.Answered, Code: 400, Description: "upgraded", MigrateTo: -77},
			waits:  &deferral{reason: outcome.GroupMigrated, detail: "upgraded", migrateTo: -77},
		},
		"token refused": {
			answer: refusal(401, "Unauthorized"),
			waits:  &deferral{reason: outcome.TokenRefused, detail: "Unauthorized"},
		},
		"unreachable": {
			answer: unsent,
			waits:  &deferral{after: firstRetry, reason: outcome.Unreachable, detail: "nobody answers"},
		},
		"no Stars": {
			answer: refusal(400, "Bad Request: BALANCE_TOO_LOW"),
			waits:  &deferral{after: firstRetry, reason: outcome.BalanceTooLow, detail: "Bad Request: BALANCE_TOO_LOW"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newStand(t, nil)
			var r *run
			if c.triggered {
				r = d.triggered(1, 1)
			} else {
				r = d.broadcast(1, 1)
			}
			d.step()
			to := &r.ready[0]
			to.Attempts, to.Lost = c.before.Attempts, c.before.Lost
			recipient := *to
			d.deliverOne(c.answer)
			now := start.Add(took)
			if c.waits == nil {
				c.want.Recipient, c.want.SettledAt = recipient, now
				require.Equal(t, []Outcome{c.want}, r.outcomes)
				require.Empty(t, r.deferrals)
				require.Equal(t, c.want.Reason.RemovesChat() && !c.want.RemoveChat, len(r.remove) == 1, "the last of a campaign is judged")
				return
			}
			recipient.Attempts, recipient.Lost = c.waits.attempts, c.waits.lost
			require.Equal(t, []Deferral{{
				Recipient: recipient, DueAt: now.Add(c.waits.after), Reason: c.waits.reason, Detail: c.waits.detail, MigrateTo: c.waits.migrateTo,
			}}, r.deferrals)
			require.Empty(t, r.outcomes)
		})
	}
}

// A bot whose token is refused sends nothing more and gives its recipients back;
// the step pauses it with Telegram's words.
//
// spec: tg-token-refused
func TestRefusedTokenStopsTheSender(t *testing.T) {
	t.Parallel()
	d := newStand(t, nil)
	r := d.broadcast(1, 10)
	d.step()
	d.deliverOne(refusal(401, "Unauthorized"))
	require.Empty(t, r.ready)
	for _, reason := range reasons(r.deferrals) {
		require.Equal(t, outcome.TokenRefused, reason)
	}
	d.requireWait(time.Hour)
	part := d.step()
	require.Equal(t, &BotStep{BotID: 5, Epoch: 3, Pause: Pause{outcome.TokenRefused, "Unauthorized"}}, part.report)
	d.clock = d.clock.Add(time.Hour)
	require.Empty(t, d.collect(d.clock).campaigns, "nothing is claimed for it")

	d.renew(d.lease, d.clock.Add(time.Minute))
	require.NotEmpty(t, d.collect(d.clock).campaigns, "until its lease says that its token is good")
}

// While the server cannot be reached nothing is sent. Each failure after a wait
// doubles the next wait, calls that fail together count as one failure, and an
// answer ends the waiting.
//
// spec: tg-not-sent
func TestUnreachableServer(t *testing.T) {
	t.Parallel()
	d := newStand(t, nil)
	r := d.broadcast(1, 500)
	d.takes = 0
	for _, wait := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second} {
		d.step()
		together := []job{d.take(), d.take()}
		d.answer = unsent
		for _, j := range together {
			d.send(j)
		}
		require.Empty(t, r.ready, "what had not left goes back")
		for _, given := range r.deferrals {
			require.Equal(t, outcome.Unreachable, given.Reason)
			require.Equal(t, d.clock.Add(wait), given.DueAt)
		}
		d.requireWait(wait)
		d.step()
		d.clock = d.clock.Add(wait)
	}
	d.step()
	d.deliverOne(refusal(403, "Forbidden: user is deactivated"))
	d.deliverOne(unsent)
	d.requireWait(time.Second)
}

// Two chats that are asked to wait within a second mean the whole bot: everything
// waits, the pace falls, and one message is sent as a probe.
//
// spec: tg-retry-after-scope
func TestBotWideWait(t *testing.T) {
	t.Parallel()
	d := newStand(t, nil)
	r := d.broadcast(1, 500)
	d.step()
	d.deliverOne(tooMany(5 * time.Second))
	require.NotEmpty(t, r.ready, "one chat is one chat")
	require.InDelta(t, 30, d.status().Rate, 1e-9)
	d.deliverOne(tooMany(20 * time.Second))
	until := d.clock.Add(20*time.Second + waitRoom)
	require.Empty(t, r.ready)
	for _, given := range r.deferrals[1:] {
		require.Equal(t, outcome.TooManyRequests, given.Reason)
		require.Equal(t, until, given.DueAt)
	}
	require.InDelta(t, 0.7*30, d.status().Rate, 1e-9)
	require.Equal(t, until, d.status().FrozenUntil)
	d.requireWait(20*time.Second + waitRoom)
	require.Equal(t, &BotStep{BotID: 5, Epoch: 3, FrozenUntil: until, FrozenReason: outcome.TooManyRequests}, d.step().report)
	require.Empty(t, d.collect(d.clock).campaigns, "nothing is claimed meanwhile")

	d.clock = until
	require.Zero(t, d.status().FrozenUntil)
	d.step()
	probe := d.take()
	d.requireWait(time.Hour)
	d.answer = tooMany(3 * time.Second)
	d.send(probe)
	require.InDelta(t, 0.7*30, d.status().Rate, 1e-9, "probes are of the same storm")
	d.requireWait(3*time.Second + waitRoom)

	d.clock = d.clock.Add(3*time.Second + waitRoom)
	d.step()
	d.deliverOne(accepted)
	d.take()
	d.take()
}

// A pace that was lowered recovers with the answers, of which a 429 is none.
func TestPaceRecoversWithAnswers(t *testing.T) {
	t.Parallel()
	d := newStand(t, nil)
	d.adapt.lost = 0.3
	d.setPace()
	d.broadcast(1, 500)
	d.step()
	d.deliverOne(accepted)
	d.clock = d.clock.Add(cleanSpan)
	d.deliverOne(tooMany(time.Second))
	require.InDelta(t, 0.7*30, d.status().Rate, 1e-9)
	d.deliverOne(accepted)
	require.InDelta(t, (0.7+regain)*30, d.status().Rate, 1e-9)
}

// spec: tg-chat-rate
func TestChatWaitsAsLongAsItWasAskedTo(t *testing.T) {
	t.Parallel()
	d := newStand(t, nil)
	first, second := d.broadcast(1, 1), d.broadcast(2, 1)
	d.step()
	second.ready[0].ChatID = first.ready[0].ChatID
	d.deliverOne(tooMany(9 * time.Second))
	until := d.clock.Add(9*time.Second + waitRoom)
	j, _ := d.next()
	require.Nil(t, j.run)
	require.Len(t, second.deferrals, 1)
	require.Equal(t, until, second.deferrals[0].DueAt)
	require.Equal(t, outcome.ChatPace, second.deferrals[0].Reason)
}

// A campaign that the guard pauses gives back its ready recipients at once.
//
// spec: tg-content
func TestPausedCampaignGivesBack(t *testing.T) {
	t.Parallel()
	d := newStand(t, func(l *Lease) { l.Rate = 1000 })
	r := d.broadcast(1, 500)
	d.step()
	for range sameContentFaults {
		require.False(t, r.stopped)
		d.deliverOne(refusal(400, "Bad Request: can't parse entities"))
	}
	require.True(t, r.stopped)
	require.NotEmpty(t, r.deferrals)
	for _, given := range r.deferrals {
		require.Equal(t, outcome.ContentRefused, given.Reason)
		require.Equal(t, d.clock, given.DueAt)
	}
	part := d.step()
	require.Equal(t, Pause{outcome.ContentRefused, "Bad Request: can't parse entities"}, part.campaigns[0].Pause)
	require.Zero(t, d.collect(d.clock).campaigns)
	require.True(t, d.observe(nil, nil, 0), "it leaves")
}

// Chats that the bot does not know are removed once it is certain that the bot is
// the right one.
//
// spec: tg-chat-not-found
func TestUnknownChatsAreRemovedOnceTheBotIsKnownToBeGood(t *testing.T) {
	t.Parallel()
	d := newStand(t, nil)
	d.broadcast(1, 100)
	var removed []Removal
	for i := range 60 {
		d.clock = d.clock.Add(time.Second)
		for _, c := range d.step().campaigns {
			removed = append(removed, c.Removals...)
		}
		if i < 7 {
			require.Empty(t, removed)
		}
		if i == 3 || i == 57 {
			d.deliverOne(refusal(400, "Bad Request: chat not found"))
		} else {
			d.deliverOne(accepted)
		}
	}
	d.step()
	require.Equal(t, []Removal{{chatOf(1, 4), 4}, {chatOf(1, 58), 58}}, removed)
}

// Without Stars the bot continues at the free pace for an hour, which is written to
// the database, and then tries again.
//
// spec: tg-paid-refused
func TestWithoutStars(t *testing.T) {
	t.Parallel()
	d := newStand(t, func(l *Lease) { l.PaidBroadcast = true })
	r := d.campaign(Work{CampaignID: 1, LaidSeq: 5000, AllowPaid: true})
	d.step()
	j := d.take()
	require.True(t, j.paid)
	require.InDelta(t, paidRate, d.status().Rate, 1e-9)
	d.answer = refusal(400, "Bad Request: BALANCE_TOO_LOW")
	d.send(j)
	until := d.clock.Add(time.Hour)
	require.False(t, r.stopped)
	d.requireWait(time.Second)
	require.InDelta(t, 30, d.status().Rate, 1e-9)
	part := d.step()
	require.Equal(t, &BotStep{BotID: 5, Epoch: 3, PaidRefusedUntil: until}, part.report)
	d.renew(d.lease, until.Add(time.Hour))
	require.False(t, d.take().paid, "a lease that does not know of it yet changes nothing")
	d.clock = until
	require.True(t, d.take().paid)
}
