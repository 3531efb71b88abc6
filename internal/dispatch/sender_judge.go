package dispatch

import (
	"errors"
	"time"

	"bellman/internal/fault"
	"bellman/internal/loop"
	"bellman/internal/outcome"
	"bellman/internal/telegram"
)

const (
	// maxAttempts is how often a message is tried despite server faults before it
	// counts as failed.
	maxAttempts = 10
	// firstRetry and lastRetry bound the wait after a server fault, which doubles
	// each time.
	firstRetry = time.Second
	lastRetry  = time.Minute
	// lostRetry is when a triggered message whose answer was lost is sent once
	// more: a code that arrives twice is better than one that never arrives. What edits
	// or deletes is tried again then, too.
	lostRetry = 10 * time.Second
	// defaultWait is the wait after a 429 that does not name one.
	defaultWait = 5 * time.Second
	// waitRoom is added to the wait that a 429 names: a message that comes a moment
	// too early costs a longer wait.
	waitRoom = 300 * time.Millisecond
)

// judge records what a call's result means for its recipient, its campaign and its
// bot. The lock is held.
func (s *sender) judge(j job, result telegram.Result, v telegram.Verdict, now time.Time) {
	j.during = s.outage.on
	switch {
	case v.Class == telegram.Unreachable:
	case unusable(v):
		if s.outage.failure() {
			s.stall(v.Reason, result, now)
		}
	default:
		s.outage.answered()
		s.backoff = 0
	}
	if waits(v.Class) {
		s.wait(j, result, v, now)
		return
	}
	if d, again := s.again(j, result, v, now); again {
		j.run.postpone(d)
		return
	}
	s.settle(j, result, v, now)
}

// unusable reports whether the answer, if there was one, says nothing of the message.
func unusable(v telegram.Verdict) bool {
	switch v.Class {
	case telegram.Uncertain, telegram.NotTelegram:
		return true
	case telegram.Transient:
		return v.Reason == outcome.TelegramError
	}
	return false
}

// waits reports whether the class is about the bot, so that the recipient only has to
// wait.
func waits(c telegram.Class) bool {
	switch c {
	case telegram.Wait, telegram.Migrated, telegram.BadBot, telegram.Unreachable, telegram.NoBalance:
		return true
	}
	return false
}

// again returns the deferral of a recipient that is to be tried again.
func (s *sender) again(j job, result telegram.Result, v telegram.Verdict, now time.Time) (d Deferral, again bool) {
	d = Deferral{Recipient: j.rec, Reason: v.Reason, Detail: result.Description}
	switch v.Class {
	case telegram.Uncertain:
		d.DueAt, d.Lost, d.Detail = now.Add(lostRetry), true, ""
		if j.run.changes {
			d.Attempts++
			return d, d.Attempts < maxAttempts
		}
		return d, j.run.triggered && !j.rec.Lost
	case telegram.Transient, telegram.NotTelegram:
		if result.Err != nil {
			d.Detail = result.Err.Error()
		}
		d.DueAt = later(s.frozen.until, now.Add(loop.Doubling(firstRetry, int(j.rec.Attempts)+1, lastRetry)))
		if !unusable(v) || s.outage.attempt(v.Class == telegram.Transient) {
			d.Attempts++
		}
		return d, d.Attempts < maxAttempts
	}
	return d, false
}

// settle records the outcome of a recipient.
func (s *sender) settle(j job, result telegram.Result, v telegram.Verdict, now time.Time) {
	r := j.run
	ended := Outcome{Recipient: j.rec, Status: Failed, Reason: v.Reason, Detail: result.Description, SettledAt: now, Paid: j.charged}
	if result.Err != nil {
		ended.Detail = result.Err.Error()
	}
	chat := Removal{j.rec.ChatID, j.rec.Seq}
	var p Pause
	switch v.Class {
	case telegram.Sent:
		s.frozen.clean()
		ended.Status, ended.Detail, ended.TelegramMessageID = Sent, "", result.MessageID
		if r.changes {
			ended.TelegramMessageID = j.rec.Target
		}
		r.guard.result(j.left)
	// spec: status-forbidden
	case telegram.Gone:
		p = r.guard.chatGone(chat, s.taken, result.Description)
	case telegram.NotFound:
		p = r.guard.chatNotFound(chat, s.taken, result.Description)
	case telegram.BadContent:
		p = r.guard.contentFault(j.left, v.Reason, result.Description)
	case telegram.Uncertain:
		ended.Status = Unknown
		// What was on the wire when an outage began says nothing new, and triggered
		// messages, which people wait for, go on one by one.
		if !j.during && !r.triggered {
			p = r.guard.answerLost()
		}
	case telegram.Refused:
		r.guard.result(j.left)
	}
	s.note(r, p)
	r.settle(ended)
}

// stall holds everything back, for a time that doubles until a message gets its
// answer.
func (s *sender) stall(reason outcome.Reason, result telegram.Result, now time.Time) {
	s.backoff++
	s.frozen.until, s.frozen.reason = now.Add(max(loop.Doubling(firstRetry, s.backoff, lastRetry), result.RetryAfter)), reason
	s.report.FrozenUntil, s.report.FrozenReason = s.frozen.until, reason
	s.giveBack(reason)
	s.log.Warn("Telegram gives no usable answer: the bot waits", "again", s.frozen.until, "reason", reason,
		"answer", result.Description, "error", result.Err)
}

// judgeUnwritten records what it means that a message could not be written for a
// recipient: either their values make a message that Telegram would refuse, or
// something that it needs cannot be read. The lock is held.
func (s *sender) judgeUnwritten(j job, err error, now time.Time) {
	r := j.run
	r.paid -= j.charged
	var f *fault.Error
	invalid := errors.As(err, &f) && f.Kind == fault.Invalid
	switch {
	case invalid:
		// This recipient's values are at fault: the next recipient's may be good.
		r.settle(Outcome{Recipient: j.rec, Status: Failed, Reason: outcome.Reason(f.Code), Detail: f.Message, SettledAt: now})
	case j.rec.Attempts+1 < maxAttempts:
		s.log.Warn("a message could not be written", "campaign", r.campaignID, "error", err)
		s.retry(j, outcome.NotComposed, err.Error(), now.Add(loop.Doubling(firstRetry, int(j.rec.Attempts)+1, lastRetry)))
	default:
		r.settle(Outcome{Recipient: j.rec, Status: Failed, Reason: outcome.NotComposed, Detail: err.Error(), SettledAt: now})
	}
}

// wait postpones a recipient for a reason that is not its own. This counts as no
// attempt, but for a group that moves, which has to arrive somewhere.
//
// spec: tg-retry-after
func (s *sender) wait(j job, result telegram.Result, v telegram.Verdict, now time.Time) {
	d := Deferral{Recipient: j.rec, DueAt: now, Reason: v.Reason, Detail: result.Description}
	switch v.Class {
	case telegram.Wait:
		wait := result.RetryAfter
		if wait <= 0 {
			wait = defaultWait
		}
		d.DueAt = now.Add(wait + waitRoom)
		s.chats.hold(j.rec.ChatID, d.DueAt)
		// Messages that were on the wire together, and the probes that follow,
		// belong to one storm of 429s.
		storm := s.frozen.probing
		if s.frozen.tooMany(j.rec.ChatID, d.DueAt, now) {
			s.frozen.reason = v.Reason
			s.report.FrozenUntil, s.report.FrozenReason = s.frozen.until, v.Reason
			s.giveBack(v.Reason)
			if storm {
				break
			}
			s.adapt.throttled(now)
			s.setPace()
			s.log.Warn("Telegram asks the bot to wait", "until", s.frozen.until, "answer", result.Description)
		}
	case telegram.Migrated:
		if j.run.changes {
			// What was sent has stayed behind.
			s.settle(j, result, telegram.Verdict{Class: telegram.Refused, Reason: outcome.TargetNotFound}, now)
			return
		}
		// A supergroup does not move again: this would be a circle.
		d.Attempts++
		if result.MigrateTo == j.rec.ChatID || j.rec.Moved || d.Attempts >= maxAttempts {
			s.settle(j, result, telegram.Verdict{Class: telegram.Refused, Reason: v.Reason}, now)
			return
		}
		d.MigrateTo = result.MigrateTo
	case telegram.BadBot:
		s.active = false
		s.report.Pause = Pause{v.Reason, result.Description}
		s.log.Error("Telegram refuses the bot: connect it again with a new token", "answer", result.Description)
		s.giveBack(v.Reason)
	case telegram.Unreachable:
		if result.Err != nil {
			d.Detail = result.Err.Error()
		}
		// Calls that fail together count as one failure.
		if !s.frozen.until.After(now) {
			s.stall(v.Reason, result, now)
		}
		d.DueAt = s.frozen.until
	case telegram.NoBalance:
		s.paid.refusedUntil = now.Add(paidAgain)
		s.report.PaidRefusedUntil = s.paid.refusedUntil
		s.log.Warn("Telegram takes no Stars: going at the free pace", "until", s.paid.refusedUntil, "answer", result.Description)
		d.DueAt = now.Add(firstRetry)
	}
	j.run.postpone(d)
}

// retry postpones a recipient for another attempt.
func (s *sender) retry(j job, reason outcome.Reason, detail string, at time.Time) {
	d := Deferral{Recipient: j.rec, DueAt: at, Reason: reason, Detail: detail}
	d.Attempts++
	j.run.postpone(d)
}

// note makes the next step pause the campaign when the guard says so; its ready
// recipients are given back.
func (s *sender) note(r *run, p Pause) {
	if p.Reason == "" {
		return
	}
	r.pause = p
	r.stopped = true
	r.giveBack(s.now(), p.Reason)
	s.log.Warn("a campaign is paused: look at what it says of why", "campaign", r.campaignID, "reason", p.Reason, "answer", p.Detail)
}
